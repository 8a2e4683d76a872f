/* Unit tests of tokens, keys that sign, and the files they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "config/keys.h"

#define ALICE "0123456789abcdef"
#define BOB "fedcba9876543210"

static void *ctx;
static char *directory; /* of the files c.yaml and tokens */

static int set_up(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    directory = talloc_strdup(ctx, "/tmp/pgparley-test-XXXXXX");
    setenv("ALICE_TOKEN", ALICE, 1);
    return mkdtemp(directory) ? 0 : -1;
}

static const char *path_of(const char *name)
{
    return talloc_asprintf(ctx, "%s/%s", directory, name);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path_of("c.yaml"));
    unlink(path_of("tokens"));
    int failed = rmdir(directory);
    talloc_free(ctx);
    return failed;
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static struct config *load(const char *yaml)
{
    struct config *config;
    struct error *error = NULL;
    if (!config_load(ctx, write_file("c.yaml", yaml), NULL, &config, &error))
        fail_msg("%s", error_text(ctx, error));
    return config;
}

/* What the error says after the path of the configuration. */
static const char *failure(const char *yaml)
{
    struct config *config;
    struct error *error = NULL;
    const char *path = write_file("c.yaml", yaml);
    assert_false(config_load(ctx, path, NULL, &config, &error));
    const char *text = error_text(ctx, error);
    assert_memory_equal(text, path, strlen(path));
    assert_null(strstr(text, "hush"));
    return text + strlen(path);
}

static void assert_token(const struct config *config, size_t i, const char *name, const char *value)
{
    assert_true(i < config->mcp.tokens.count);
    assert_string_equal(config->mcp.tokens.items[i].name, name);
    assert_string_equal(config->mcp.tokens.items[i].value, value);
    assert_null(config->mcp.tokens.items[config->mcp.tokens.count].name);
}

static void tokens_have_names(void **state)
{
    (void)state;
    assert_int_equal(load("mcp:\n  port: 1\n")->mcp.tokens.count, 0);
    write_file("tokens",
        "# who may come in\n\n  bob:" BOB "  \r\nalice:next-" ALICE "==\n#carol:" BOB "\n");
    struct config *config =
        load("mcp:\n  tokens:\n    alice: ${ALICE_TOKEN}\n  tokens_file: tokens\n");
    assert_int_equal(config->mcp.tokens.count, 3);
    assert_token(config, 0, "alice", ALICE);
    assert_token(config, 1, "bob", BOB);
    assert_token(config, 2, "alice", "next-" ALICE "==");
    for (size_t i = 0; i < config_key_count; i++) {
        if (config_keys[i].type == CONFIG_SECRETS)
            assert_string_equal(config_key_value_text(ctx, config, &config_keys[i]), "alice");
    }
    assert_int_equal(config->warnings.count, 0);
    assert_int_equal(chmod(path_of("tokens"), 0644), 0);
    assert_int_equal(load("mcp: {tokens_file: tokens}")->warnings.count, 1);
}

static void what_is_no_token_is_refused_without_being_shown(void **state)
{
    (void)state;
    static const struct {
        const char *tokens, *expected;
    } cases[] = {
        {"{alice: hush}", ":1: mcp.tokens: the secret has 4 characters; at least 16 are needed\n"
                          "DETAIL: it is the token of \"alice\"\n"
                          "HINT: \"openssl rand -hex 32\" makes a good one"},
        {"{alice: 'hush hush hush hush'}",
            ":1: mcp.tokens: the token of \"alice\" has characters that no header can carry\n"
            "HINT: \"openssl rand -hex 32\" makes a good one"},
        {"{'al:ice': " ALICE "}", ":1: mcp.tokens: the name of a token is not usable\n"
                                  "HINT: write at most 64 visible ASCII characters, and no colon"},
        {"{alice: " ALICE ", bob: " ALICE "}",
            ":1: mcp.tokens: \"alice\" and \"bob\" have the same token"},
        {"{alice: " ALICE ", alice: " BOB "}", ":1: mcp.tokens: \"alice\" is given twice"},
        {"{alice: [" ALICE "]}", ":1: mcp.tokens: expected the secret of \"alice\""},
        {"[" ALICE "]",
            ":1: mcp.tokens: expected names, each with a secret of at least 16 characters, "
            "found a list\n"
            "HINT: write a line \"name: ${VARIABLE}\" for each"},
        {"", ":1: mcp.tokens: expected names, each with a secret of at least 16 characters, "
             "found nothing\n"
             "HINT: write a line \"name: ${VARIABLE}\" for each"},
        {"{}", ":1: mcp.tokens names nobody"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *text = failure(talloc_asprintf(ctx, "mcp: {tokens: %s}", cases[i].tokens));
        assert_string_equal(text, cases[i].expected);
    }
}

static void a_file_of_tokens_is_read_line_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *file, *expected;
    } cases[] = {
        {"alice:" ALICE "\nhush\n", "tokens:2: the line has no colon\n"},
        {"\n\nalice:hush\n", "tokens:3: the secret has 4 characters"},
        {"# nobody\n\n", "tokens\" names nobody"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file("tokens", cases[i].file);
        const char *text = failure("mcp:\n  tokens_file: tokens\n");
        assert_memory_equal(text, ":2: mcp.tokens_file: ", 21);
        assert_non_null(strstr(text, cases[i].expected));
    }
}

static void a_key_that_signs_is_long(void **state)
{
    (void)state;
    assert_non_null(strstr(failure("mcp: {state_key: hush}"), "at least 32 are needed"));
    write_file("tokens", "hush\n");
    assert_non_null(strstr(failure("mcp: {state_key_file: tokens}"), "at least 32 are needed"));
    write_file("tokens", ALICE BOB "\n");
    assert_string_equal(load("mcp: {state_key_file: tokens}")->mcp.state_key, ALICE BOB);
}

static void paths_start_at_the_configuration(void **state)
{
    (void)state;
    struct config *config =
        load("mcp: {tls_certificate: tls/c.pem, tls_key: /k.pem, socket_mode: 0660}");
    assert_string_equal(config->mcp.tls_certificate, path_of("tls/c.pem"));
    assert_string_equal(config->mcp.tls_key, "/k.pem");
    assert_int_equal(config->mcp.socket_mode, 0660);
    assert_non_null(strstr(failure("mcp: {socket_mode: 0690}"), "expected octal mode"));
    assert_non_null(strstr(failure("mcp: {socket_mode: 7777}"), "expected octal mode"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tokens_have_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_token_is_refused_without_being_shown, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_tokens_is_read_line_by_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_signs_is_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_start_at_the_configuration, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
