/* Unit tests of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "app/address.h"
#include "app/options.h"

enum { WORDS_MAX = 8 };

/* Parses `line`, words separated by one blank into `*ret`; returns the text of the error, or NULL.
 */
static char *parse(void *ctx, const char *line, struct app_options *ret)
{
    char *argv[WORDS_MAX + 1] = {"pgparley"};
    int argc = 1;
    char *rest = talloc_strdup(ctx, line);
    for (char *word; *line && (word = strsep(&rest, " "));) {
        assert_in_range(argc, 1, WORDS_MAX - 1);
        argv[argc++] = word;
    }
    struct error *error = NULL;
    return app_options_parse(ctx, argc, argv, ret, &error) ? NULL : error_text(ctx, error);
}

static void the_command_is_named_or_serve(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum app_command_id command;
        const char *operand, *config;
    } cases[] = {
        {"", APP_SERVE, NULL, NULL},
        {"--stdio", APP_SERVE, NULL, NULL},
        {"postgres://h/d", APP_SERVE, "postgres://h/d", NULL},
        {"--config c.yaml dbname=d", APP_SERVE, "dbname=d", "c.yaml"},
        {"serve --config=c.yaml -- dbname=d", APP_SERVE, "dbname=d", "c.yaml"},
        {"--config c.yaml check", APP_CHECK, NULL, "c.yaml"},
        {"check postgresql://h/d", APP_CHECK, "postgresql://h/d", NULL},
        {"check --offline --config c.yaml", APP_CHECK, NULL, "c.yaml"},
        {"ask --dry-run --config c.yaml how?", APP_ASK, "how?", "c.yaml"},
        {"eval --limit 3 gold.jsonl", APP_EVAL, "gold.jsonl", NULL},
        {"grants --role reader --harden dbname=d", APP_GRANTS, "dbname=d", NULL},
        {"demo", APP_DEMO, NULL, NULL},
        {"help", APP_HELP, NULL, NULL},
        {"help config", APP_HELP, "config", NULL},
        {"--help", APP_HELP, NULL, NULL},
        {"check -h", APP_HELP, "check", NULL},
        {"help --help", APP_HELP, NULL, NULL},
        {"-V", APP_VERSION, NULL, NULL},
        {"demo --version", APP_VERSION, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct app_options options;
        const char *failure = parse(ctx, cases[i].line, &options);
        if (failure)
            fail_msg("%s: %s", cases[i].line, failure);
        assert_int_equal(options.command, cases[i].command);
        if (cases[i].operand)
            assert_string_equal(options.operand, cases[i].operand);
        else
            assert_null(options.operand);
        if (cases[i].config)
            assert_string_equal(options.config, cases[i].config);
        else
            assert_null(options.config);
        talloc_free(ctx);
    }
}

static void the_variable_names_the_file_unless_the_option_does(void **state)
{
    (void)state;
    void *ctx = talloc_new(NULL);
    struct app_options options;
    setenv("PGPARLEY_CONFIG", "env.yaml", 1);
    assert_null(parse(ctx, "", &options));
    assert_string_equal(options.config, "env.yaml");
    assert_null(parse(ctx, "--config c.yaml", &options));
    assert_string_equal(options.config, "c.yaml");
    unsetenv("PGPARLEY_CONFIG");
    talloc_free(ctx);
}

/* What is no address is the operand: a connection string may follow --http. */
static void http_has_an_argument_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *line, *http, *operand;
    } cases[] = {
        {"--http", "", NULL},
        {"serve --http --config c.yaml", "", NULL},
        {"--http 127.0.0.1:8765", "127.0.0.1:8765", NULL},
        {"--http=[::1]:0 dbname=d", "[::1]:0", "dbname=d"},
        {"--http postgresql://h/d", "", "postgresql://h/d"},
        {"--http host=10.0.0.1", "", "host=10.0.0.1"},
        {"--http 8765 host=h", "8765", "host=h"},
        {"--http unix:/run/s", "unix:/run/s", NULL},
        {"--http localhost", "localhost", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct app_options options;
        const char *failure = parse(ctx, cases[i].line, &options);
        if (failure)
            fail_msg("%s: %s", cases[i].line, failure);
        assert_int_equal(options.command, APP_SERVE);
        assert_string_equal(options.http, cases[i].http);
        if (cases[i].operand)
            assert_string_equal(options.operand, cases[i].operand);
        else
            assert_null(options.operand);
        talloc_free(ctx);
    }
}

static void addresses_are_read_in_all_their_forms(void **state)
{
    (void)state;
    const struct config_mcp mcp = {.host = "h", .port = 7, .path = "/mcp"};
    const struct config_mcp on_socket = {.host = "h", .port = 7, .socket = "/s", .path = "/mcp"};
    static const struct {
        const char *text, *expected;
        bool is_local;
    } cases[] = {
        {"", "http://h:7/mcp", false},
        {":8", "http://h:8/mcp", false},
        {"8", "http://h:8/mcp", false},
        {"localhost", "http://localhost:7/mcp", true},
        {"127.1.2.3:0", "http://127.1.2.3:0/mcp", true},
        {"127.evil.example:1", "http://127.evil.example:1/mcp", false},
        {"[::1]:8", "http://[::1]:8/mcp", true},
        {"::1", "http://[::1]:7/mcp", true},
        {"[2001:db8::1]", "http://[2001:db8::1]:7/mcp", false},
        {"0.0.0.0:8", "http://0.0.0.0:8/mcp", false},
        {"unix:/s", "unix:/s", true},
    };
    void *ctx = talloc_new(NULL);
    struct app_address address;
    struct error *error;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(app_address_read(ctx, cases[i].text, &mcp, &address, &error));
        assert_string_equal(app_address_text(ctx, &address, &mcp), cases[i].expected);
        assert_int_equal(app_address_is_local(&address), cases[i].is_local);
    }
    assert_true(app_address_read(ctx, "", &on_socket, &address, &error));
    assert_string_equal(address.socket, "/s");
    assert_true(app_address_read(ctx, ":1", &on_socket, &address, &error));
    assert_null(address.socket);
    static const char *const wrong[] = {"h:x", "h:", "h:65536", "h/x:1", "[::1:8", "a b:1",
        "unix:", "unix:s", "h:99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(app_address_read(ctx, wrong[i], &mcp, &address, &error));
    talloc_free(ctx);
}

static void a_mistake_says_what_to_write_instead(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"chekc", "unknown command \"chekc\"\nHINT: did you mean \"pgparley check\"?"},
        {"mydb", "unknown command \"mydb\"\n"
                 "HINT: a connection string begins with postgresql:// or has the form "
                 "host=… dbname=…; \"pgparley --help\" lists the commands"},
        {"--confg c", "unknown option \"--confg\"\nHINT: did you mean \"--config\"?"},
        {"-x", "unknown option \"-x\"\nHINT: \"pgparley --help\" lists the options"},
        {"--config", "option \"--config\" needs an argument: FILE"},
        {"--config=", "option \"--config\" needs an argument: FILE"},
        {"--stdio=1", "option \"--stdio\" takes no argument"},
        {"demo --stdio", "option \"--stdio\" does not belong to \"pgparley demo\"\n"
                         "HINT: usage: pgparley demo [--directory DIR] [--clean]"},
        {"demo dbname=d", "unexpected argument \"dbname=d\"\n"
                          "HINT: usage: pgparley demo [--directory DIR] [--clean]"},
        {"check a=b c=d",
            "unexpected argument \"c=d\"\n"
            "HINT: usage: pgparley check [--offline] [--config FILE] [CONNECTION-STRING]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *ctx = talloc_new(NULL);
        struct app_options options;
        const char *failure = parse(ctx, cases[i].line, &options);
        assert_non_null(failure);
        assert_string_equal(failure, cases[i].error);
        talloc_free(ctx);
    }
}

/* The table is indexed by id. */
static void commands_stand_in_the_order_of_their_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < app_command_count; i++)
        assert_int_equal(app_commands[i].id, i);
}

int main(void)
{
    unsetenv("PGPARLEY_CONFIG");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_is_named_or_serve),
        cmocka_unit_test(the_variable_names_the_file_unless_the_option_does),
        cmocka_unit_test(http_has_an_argument_or_none),
        cmocka_unit_test(addresses_are_read_in_all_their_forms),
        cmocka_unit_test(a_mistake_says_what_to_write_instead),
        cmocka_unit_test(commands_stand_in_the_order_of_their_ids),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
