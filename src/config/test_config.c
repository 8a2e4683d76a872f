/* Unit tests of config/. */
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

static void *ctx;
static char *directory; /* of the tests' files */

static int set_up(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    unsetenv("DATABASE_URL");
    unsetenv("PGPARLEY_TEST");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(ctx);
    return 0;
}

static struct config *parse(const char *yaml)
{
    struct config *config;
    struct error *error = NULL;
    if (!config_parse(ctx, "c.yaml", yaml, strlen(yaml), &config, &error))
        fail_msg("%s", error_text(ctx, error));
    return config;
}

static void assert_refused(const char *yaml, size_t len, const char *expected)
{
    struct config *config = NULL;
    struct error *error = NULL;
    assert_false(config_parse(ctx, "c.yaml", yaml, len, &config, &error));
    assert_null(config);
    assert_int_equal(error->class, ERROR_CONFIG);
    assert_string_equal(error_text(ctx, error), expected);
}

static const char *write_file(const char *name, const char *text, mode_t mode)
{
    char *path = talloc_asprintf(ctx, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

static struct config *load(const char *file, const char *url)
{
    struct config *config;
    struct error *error = NULL;
    if (!config_load(ctx, file, url, &config, &error))
        fail_msg("%s", error_text(ctx, error));
    return config;
}

static const char *load_failure(const char *file, const char *url)
{
    struct config *config = NULL;
    struct error *error = NULL;
    assert_false(config_load(ctx, file, url, &config, &error));
    return error_text(ctx, error);
}

static const char *origin(const struct config *config, const char *section, const char *name)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0)
            return config_setting_get(config, key)->origin;
    }
    fail_msg("no key %s.%s", section, name);
    return NULL;
}

static const char tutorial[] = "database:\n"
                               "  host: \"your-postgres-host.example.com\"\n"
                               "  port: 5432\n"
                               "  database: \"production_db\"\n"
                               "  username: \"mcp_service_account\"\n"
                               "  # Use environment variable: os.environ.get('DB_PASSWORD')\n"
                               "  password: \"${DB_PASSWORD}\"\n"
                               "  pool_size: 10\n"
                               "  max_overflow: 20\n"
                               "  pool_timeout: 30\n"
                               "  connection_timeout: 5000 # milliseconds\n"
                               "\n"
                               "holysheep:\n"
                               "  base_url: \"https://api.holysheep.ai/v1\"\n"
                               "  api_key: \"${HOLYSHEEP_API_KEY}\"\n"
                               "  model: \"gpt-4.1\"\n"
                               "  temperature: 0.1\n"
                               "  max_tokens: 1000\n"
                               "\n"
                               "mcp:\n"
                               "  host: \"0.0.0.0\"\n"
                               "  port: 8765\n"
                               "  debug: false\n"
                               "\n"
                               "security:\n"
                               "  max_rows_returned: 1000\n"
                               "  allowed_schemas: [\"public\", \"analytics\"]\n"
                               "  blocked_tables: [\"users\", \"passwords\", \"api_keys\"]\n";

static void the_tutorial_file_loads_as_it_stands(void **state)
{
    (void)state;
    setenv("DB_PASSWORD", "p: [w", 1);
    setenv("HOLYSHEEP_API_KEY", "sk-1", 1);
    struct config *config = parse(tutorial);
    assert_string_equal(config->database.host, "your-postgres-host.example.com");
    assert_int_equal(config->database.port, 5432);
    assert_string_equal(config->database.database, "production_db");
    assert_string_equal(config->database.username, "mcp_service_account");
    assert_string_equal(config->database.password, "p: [w");
    assert_int_equal(config->database.pool_size, 10);
    assert_int_equal(config->database.max_overflow, 20);
    assert_int_equal(config->database.pool_timeout_s, 30);
    assert_int_equal(config->database.connection_timeout_ms, 5000);
    assert_string_equal(config->llm.base_url, "https://api.holysheep.ai/v1");
    assert_string_equal(config->llm.api_key, "sk-1");
    assert_string_equal(config->llm.model, "gpt-4.1");
    assert_true(config->llm.temperature > 0.09 && config->llm.temperature < 0.11);
    assert_string_equal(config->mcp.host, "0.0.0.0");
    assert_false(config->mcp.debug);
    assert_int_equal(config->security.allowed_schemas.count, 2);
    assert_string_equal(config->security.blocked_tables.items[2], "api_keys");
    assert_null(config->security.blocked_tables.items[3]);
    assert_string_equal(origin(config, "llm", "model"), "c.yaml:16");

    unsetenv("DB_PASSWORD");
    assert_refused(tutorial, strlen(tutorial),
        "c.yaml:7: database.password: the environment variable \"DB_PASSWORD\" is not set\n"
        "HINT: set DB_PASSWORD, or write ${DB_PASSWORD:-default} to give it a default");
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "# nothing\n", "---\n", "database:\nmcp: ~\n",
        "database:\n  port:\n  pool_size: \"\"\n  application_name: null\n"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct config *config = parse(empty[i]);
        assert_null(config->database.url);
        assert_null(config->database.host);
        assert_int_equal(config->database.port, 0);
        assert_int_equal(config->database.pool_size, 5);
        assert_int_equal(config->database.statement_timeout_ms, 30000);
        assert_false(config->database.transaction_pooler);
        assert_string_equal(config->database.application_name, "pgparley");
        assert_int_equal(config->mcp.max_message_bytes, 4 * 1024 * 1024);
        assert_int_equal(config->security.max_query_bytes, 32768);
        assert_false(config->security.allowed_schemas.given);
        assert_false(config->security.allowed_functions.given);
        assert_string_equal(config->security.catalog_access, "safe");
        assert_string_equal(config->security.analysis, "auto");
        assert_false(config->security.enforce_least_privilege);
    }
}

static void every_type_is_read(void **state)
{
    (void)state;
    struct config *config = parse("database:\n"
                                  "  sslmode: Verify-Full\n"
                                  "  pooler: transaction\n"
                                  "  port: '6432'\n"
                                  "  database: 2024\n"
                                  "  search_path:\n    - sales\n    - public\n"
                                  "mcp: {debug: TRUE}\n"
                                  "llm:\n  temperature: 2\n"
                                  "security:\n  allowed_schemas: []\n"
                                  "  catalog_access: none\n  analysis: Local\n"
                                  "  blocked_columns: [customers.email]\n"
                                  "  require_least_privilege: enforce\n");
    assert_string_equal(config->database.sslmode, "verify-full");
    assert_true(config->database.transaction_pooler);
    assert_int_equal(config->database.port, 6432);
    assert_string_equal(config->database.database, "2024");
    assert_int_equal(config->database.search_path.count, 2);
    assert_string_equal(config->database.search_path.items[0], "sales");
    assert_true(config->mcp.debug);
    assert_true(config->llm.temperature == 2);
    assert_true(config->security.allowed_schemas.given);
    assert_int_equal(config->security.allowed_schemas.count, 0);
    assert_string_equal(config->security.catalog_access, "none");
    assert_string_equal(config->security.analysis, "local");
    assert_string_equal(config->security.blocked_columns.items[0], "customers.email");
    assert_true(config->security.enforce_least_privilege);
}

static void references_are_replaced_after_parsing(void **state)
{
    (void)state;
    setenv("PGPARLEY_TEST", "x\"\nmcp: {debug: true}", 1);
    setenv("PGPARLEY_EMPTY", "", 1);
    struct config *config = parse("database:\n"
                                  "  host: ${PGPARLEY_TEST}\n"
                                  "  port: \"${PGPARLEY_NONE:-5433}\"\n"
                                  "  database: a${PGPARLEY_EMPTY:-b}c${PGPARLEY_EMPTY}\n"
                                  "  username: '$${HOME} $$ $5 {x}'\n"
                                  "  password: \"${PGPARLEY_NONE:-}\"\n"
                                  "security:\n"
                                  "  blocked_tables: [\"${PGPARLEY_NONE:-a, b}\", c]\n");
    assert_string_equal(config->database.host, "x\"\nmcp: {debug: true}");
    assert_false(config->mcp.debug);
    assert_int_equal(config->database.port, 5433);
    assert_string_equal(config->database.database, "abc");
    assert_string_equal(config->database.username, "${HOME} $$ $5 {x}");
    assert_null(config->database.password);
    assert_int_equal(config->security.blocked_tables.count, 2);
    assert_string_equal(config->security.blocked_tables.items[0], "a, b");
}

static void each_mistake_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *error;
    } cases[] = {
        {"databse:\n", "c.yaml:1: unknown section \"databse\"\nHINT: did you mean \"database\"?"},
        {"holyship:\n",
            "c.yaml:1: unknown section \"holyship\"\nHINT: did you mean \"holysheep\"?"},
        {"pool_size: 3\n", "c.yaml:1: unknown section \"pool_size\"\n"
                           "HINT: \"pool_size\" is a key of section \"database\""},
        {"x:\n", "c.yaml:1: unknown section \"x\"\n"
                 "HINT: the sections are database, llm, mcp and security"},
        {"database:\n  host: a\n  pool_sise: 3\n",
            "c.yaml:3: unknown key \"pool_sise\" in section \"database\"\n"
            "HINT: did you mean \"pool_size\"?"},
        {"mcp:\n  max_rows_returned: 3\n",
            "c.yaml:2: unknown key \"max_rows_returned\" in section \"mcp\"\n"
            "HINT: \"max_rows_returned\" is a key of section \"security\""},
        {"mcp:\n  colour: 3\n", "c.yaml:2: unknown key \"colour\" in section \"mcp\"\n"
                                "HINT: \"pgparley help config\" lists the keys"},
        {"mcp:\n  port: 1\n  port: 2\n", "c.yaml:3: mcp.port is given twice, first at c.yaml:2"},
        {"mcp:\n  port:\n  port: 2\n", "c.yaml:3: mcp.port is given twice, first at c.yaml:2"},
        {"llm:\nmcp:\nholysheep:\n",
            "c.yaml:3: section \"llm\" (or \"holysheep\") is given twice, first at line 1"},
        {"mcp:\n  port: abc\n", "c.yaml:2: mcp.port: expected integer, 1 to 65535, found \"abc\""},
        {"mcp:\n  port: 80x\n", "c.yaml:2: mcp.port: expected integer, 1 to 65535, found \"80x\""},
        {"mcp:\n  port: 0\n",
            "c.yaml:2: mcp.port: 0 is out of range; expected integer, 1 to 65535"},
        {"database:\n  pool_timeout: 99999999999999999999\n",
            "c.yaml:2: database.pool_timeout: 99999999999999999999 is out of range; expected "
            "integer, 1 to 3600 seconds"},
        {"llm:\n  temperature: nan\n",
            "c.yaml:2: llm.temperature: expected number, 0 to 2, found \"nan\""},
        {"mcp:\n  debug: yes\n", "c.yaml:2: mcp.debug: expected false or true, found \"yes\""},
        {"database:\n  sslmode: verify_full\n",
            "c.yaml:2: database.sslmode: expected disable, allow, prefer, require, verify-ca or "
            "verify-full, found \"verify_full\"\nHINT: did you mean \"verify-full\"?"},
        {"database:\n  url: mysql://u:secret@h/d\n",
            "c.yaml:2: database.url: this is not a connection string\n"
            "HINT: write postgresql://USER@HOST/DATABASE or host=HOST dbname=DATABASE"},
        {"database:\n  host: [a]\n", "c.yaml:2: database.host: expected string, found a list"},
        {"database:\n  password: {x: y}\n",
            "c.yaml:2: database.password: expected string, found a mapping\n"
            "HINT: a value that begins with { needs quotes"},
        {"security:\n  blocked_tables: users\n",
            "c.yaml:2: security.blocked_tables: expected list of strings, found a single value\n"
            "HINT: write [\"a\", \"b\"], or [] for an empty list"},
        {"security:\n  blocked_tables:\n  # - users\n",
            "c.yaml:2: security.blocked_tables: expected list of strings, found nothing\n"
            "HINT: write [\"a\", \"b\"], or [] for an empty list"},
        {"security:\n  blocked_tables:\n  - users\n  -\n",
            "c.yaml:4: security.blocked_tables: the list has an empty item"},
        {"security:\n  blocked_tables: [[users]]\n",
            "c.yaml:2: security.blocked_tables: expected a string, found a list or a mapping"},
        {"database: postgres://h/d\n",
            "c.yaml:1: section \"database\" must hold \"key: value\" lines"},
        {"- a\n", "c.yaml:1: expected sections with keys\n"
                  "HINT: a file looks like \"database:\" and, on the next line, "
                  "\"  host: localhost\""},
        {"? [a]\n: b\n", "c.yaml:1: expected a name, found a list or a mapping"},
        {"mcp: &a\n  port: 1\n",
            "c.yaml:1: anchors and aliases are not supported here\n"
            "HINT: write the value out, and put quotes around one that begins with & or *"},
        {"mcp:\n  host: *a\n",
            "c.yaml:2: anchors and aliases are not supported here\n"
            "HINT: write the value out, and put quotes around one that begins with & or *"},
        {"database:\n  password: !secret\n", "c.yaml:2: tags are not supported here\n"
                                             "HINT: put quotes around a value that begins with !"},
        {"mcp:\n---\nllm:\n", "c.yaml:2: only one YAML document is allowed in a file"},
        {"mcp:\n  port: 1\n host: x\n",
            "c.yaml:3: invalid YAML at column 2: did not find expected key"},
        {"mcp:\n\tport: 1\n", "c.yaml:2: invalid YAML at column 1: found character that cannot "
                              "start any token"},
        {"mcp:\n  host: \"a\x01\"\n", "c.yaml:2: invalid YAML: control characters are not allowed"},
        {"mcp:\n  host: \"a\xff\"\n", "c.yaml:2: the file is not valid UTF-8"},
        {"mcp:\n  host: \"a\\0b\"\n", "c.yaml:2: mcp.host: the value contains a NUL character"},
        {"mcp:\n  host: ${PGPARLEY_TEST\n", "c.yaml:2: mcp.host: \"${\" has no closing \"}\"\n"
                                            "HINT: $${ stands for a plain ${"},
        {"mcp:\n  host: \"${A:-${B}}\"\n", "c.yaml:2: mcp.host: \"${\" stands inside another ${…}\n"
                                           "HINT: $${ stands for a plain ${"},
        {"mcp:\n  host: \"${}\"\n",
            "c.yaml:2: mcp.host: \"${}\" names no environment variable\n"
            "HINT: write ${NAME} or ${NAME:-default}; $${ stands for a plain ${"},
        {"mcp:\n  host: \"${A-b}\"\n",
            "c.yaml:2: mcp.host: \"${A-b}\" names no environment variable\n"
            "HINT: write ${NAME} or ${NAME:-default}; $${ stands for a plain ${"},
        {"security:\n  blocked_tables:\n  - a\n  - ${PGPARLEY_TEST}\n",
            "c.yaml:4: security.blocked_tables: the environment variable \"PGPARLEY_TEST\" is not "
            "set\nHINT: set PGPARLEY_TEST, or write ${PGPARLEY_TEST:-default} to give it a "
            "default"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].yaml, strlen(cases[i].yaml), cases[i].error);
    assert_refused("a:\n\0\n", 5, "c.yaml:2: invalid YAML: control characters are not allowed");
}

static void size_and_depth_are_bounded(void **state)
{
    (void)state;
    enum { LEN = 200000 };
    char *deep = talloc_array(ctx, char, LEN + 1);
    memset(deep, '[', LEN);
    deep[LEN] = '\0';
    struct config *config;
    struct error *error = NULL;
    assert_false(config_parse(ctx, "c.yaml", deep, LEN, &config, &error));
    assert_non_null(strstr(error->message, "c.yaml:1: "));

    memset(deep, 'a', LEN);
    char *yaml = talloc_asprintf(ctx, "mcp:\n  host: %s\n", deep);
    assert_refused(yaml, strlen(yaml), "c.yaml:2: mcp.host: the value is longer than 65536 bytes");

    char *comment = talloc_array(ctx, char, 1024 * 1024 + 2);
    memset(comment, '#', 1024 * 1024 + 1);
    comment[1024 * 1024 + 1] = '\0';
    const char *file = write_file("large.yaml", comment, 0600);
    assert_string_equal(load_failure(file, NULL),
        talloc_asprintf(ctx, "%s: the file is larger than 1048576 bytes", file));
    assert_string_equal(load_failure("/nowhere/c.yaml", NULL),
        "/nowhere/c.yaml: cannot read the file: No such file or directory");
    assert_string_equal(load_failure("/", NULL), "/: cannot read the file: Is a directory");
}

static void a_connection_string_replaces_the_place_of_the_file(void **state)
{
    (void)state;
    const char *file = write_file("place.yaml",
        "database:\n  host: h\n  port: 1\n  password: ${NONE:-p}\n  pool_size: 7\n", 0600);
    struct config *config = load(file, "postgresql://other/db");
    assert_string_equal(config->database.url, "postgresql://other/db");
    assert_string_equal(origin(config, "database", "url"), "command line");
    assert_null(config->database.host);
    assert_null(config->database.password);
    assert_int_equal(config->database.port, 0);
    assert_int_equal(config->database.pool_size, 7);

    setenv("DATABASE_URL", "postgres://env/db", 1);
    config = load(file, NULL);
    assert_null(config->database.url);
    assert_string_equal(config->database.host, "h");
    config = load(NULL, "dbname=x");
    assert_string_equal(config->database.url, "dbname=x");
    config = load(NULL, NULL);
    assert_string_equal(config->database.url, "postgres://env/db");
    assert_string_equal(origin(config, "database", "url"), "DATABASE_URL");
    config = load(write_file("password.yaml", "database:\n  password: p\n", 0600), NULL);
    assert_string_equal(config->database.url, "postgres://env/db");
    assert_string_equal(config->database.password, "p");

    setenv("DATABASE_URL", "mysql://u:secret@env/db", 1);
    assert_string_equal(load_failure(NULL, NULL),
        "DATABASE_URL: database.url: this is not a connection string\n"
        "HINT: write postgresql://USER@HOST/DATABASE or host=HOST dbname=DATABASE");
    config = load(file, NULL);
    assert_string_equal(config->database.host, "h");
    assert_non_null(strstr(load_failure(NULL, "localhost"), "command line: database.url: "));
}

static void secrets_come_from_files(void **state)
{
    (void)state;
    write_file("db.secret", "pass word\r\n", 0600);
    const char *file = write_file("secret.yaml",
        "database:\n  password_file: db.secret\nllm:\n  api_key_file: ${DIR:-.}/key\n", 0600);
    assert_string_equal(load_failure(file, NULL),
        talloc_asprintf(ctx,
            "%s:4: llm.api_key_file: cannot read the file: No such file or directory\n"
            "DETAIL: the file is \"%s/./key\"",
            file, directory));
    write_file("key", "\n", 0600);
    assert_non_null(strstr(load_failure(file, NULL), "/./key\" is empty"));
    write_file("key", "k", 0644);
    struct config *config = load(file, NULL);
    assert_string_equal(config->database.password, "pass word");
    assert_string_equal(config->llm.api_key, "k");
    assert_int_equal(config->warnings.count, 1);
    assert_non_null(strstr(config->warnings.items[0], "key holds a secret and can be read"));

    file = write_file("both.yaml", "database:\n  password: p\n  password_file: db.secret\n", 0600);
    assert_string_equal(load_failure(file, NULL),
        talloc_asprintf(ctx,
            "%s:3: database.password_file: the secret is given as a value and as a file; keep one "
            "of them",
            file));
}

static void careless_permissions_are_warned_about(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        mode_t mode;
        size_t warnings;
    } cases[] = {
        {"database:\n  password: p\n", 0600, 0},
        {"database:\n  password: p\n", 0640, 0},
        {"database:\n  password: p\n", 0644, 1},
        {"database:\n  password: p\n", 0666, 2},
        {"database:\n  password: ${NONE:-p}\n", 0644, 0},
        {"database:\n  url: postgres://u@h/d\n", 0644, 0},
        {"database:\n  url: postgres://u:p@h/d\n", 0644, 1},
        {"database:\n  host: h\n", 0664, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config *config = load(write_file("mode.yaml", cases[i].yaml, cases[i].mode), NULL);
        assert_int_equal(config->warnings.count, cases[i].warnings);
    }
}

static void a_shown_connection_string_has_no_password(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"postgres://u@h:5432/d", "postgres://u@h:5432/d"},
        {"postgres:///d?sslmode=require", "postgres:///d?sslmode=require"},
        {"postgres://u:p@h/d", "postgres://u:***@h/d"},
        {"postgres://u:p/@:x@h/d", "postgres://u:***@h/d"},
        {"postgres://u:p@h/d?password=q&x=y", "postgres://u:***@h/d?password=***"},
        {"postgres://h/d?%70assword=q", "postgres://h/d?***"},
        {"host=h Password = 'a b' user=u", "host=h password=***"},
        {"dbname=passwords user=u sslpassword=x", "dbname=passwords user=u sslpassword=***"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(config_url_text(ctx, cases[i].url), cases[i].shown);
}

static void values_are_shown_without_secrets(void **state)
{
    (void)state;
    struct config *config =
        parse("database:\n  password: hush\n  url: postgres://u:hush@h/d\n  search_path: [a, b]\n");
    bool all_known = true;
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        const char *text = config_key_value_text(ctx, config, key);
        assert_true(!text || !strstr(text, "hush"));
        if (strcmp(key->name, "password") == 0)
            assert_string_equal(text, "(set)");
        if (strcmp(key->name, "search_path") == 0)
            assert_string_equal(text, "a, b");
        if (strcmp(key->name, "pool_size") == 0)
            assert_string_equal(text, "5");
        all_known &= key->doc && config_key_type_text(ctx, key);
    }
    assert_true(all_known);
}

static int make_directory(void **state)
{
    (void)state;
    directory = talloc_strdup(NULL, "/tmp/pgparley-test-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"large.yaml", "place.yaml", "password.yaml", "db.secret",
        "secret.yaml", "key", "both.yaml", "mode.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = talloc_asprintf(directory, "%s/%s", directory, names[i]);
        unlink(path);
    }
    int failed = rmdir(directory);
    talloc_free(directory);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_tutorial_file_loads_as_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_given_has_its_default, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_type_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(references_are_replaced_after_parsing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_mistake_is_named_with_its_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(size_and_depth_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_string_replaces_the_place_of_the_file, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(secrets_come_from_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(careless_permissions_are_warned_about, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shown_connection_string_has_no_password, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(values_are_shown_without_secrets, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("config", tests, make_directory, remove_directory);
}
