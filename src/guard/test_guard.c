/* Unit tests of the guard: what it refuses, with which words, and what it lets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/str.h"
#include "guard/internal.h"

enum { MAX_QUERY_BYTES = 32768 };

static void *ctx;
static struct error *error;

static bool check(const char *sql)
{
    error = NULL;
    return guard_examine(ctx, MAX_QUERY_BYTES, sql, strlen(sql), &error);
}

static int set_up(void **state)
{
    (void)state;
    rt_init();
    ctx = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(ctx);
    return 0;
}

static void queries_pass(void **state)
{
    (void)state;
    static const char *const good[] = {"SELECT 1", "  select 1;;; ", "VALUES (1), (2)",
        "TABLE orders", "WITH x AS (SELECT 1) SELECT * FROM x", "/* a */ SELECT 1 -- b",
        "SELECT 'DROP TABLE users; DELETE'", "EXPLAIN ANALYZE SELECT * FROM analytics.t",
        "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1 LIMIT 3", "SELECT * FROM pg_catalog.pg_class",
        "SELECT \"insertStmt\" FROM t AS \"intoClause\"", "SELECT '\\' AS backslash",
        "SELECT U&'d\\0061t\\+000061'"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!check(good[i]))
            fail_msg("%s: %s", good[i], error->message);
    }
}

static void everything_else_is_refused_in_the_promised_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"DROP TABLE t", "DELETE FROM t", "UPDATE t SET a = 1",
        "INSERT INTO t VALUES (1)", "'; DROP TABLE users; --", "SELECT 1; DROP TABLE t",
        "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "SELECT 1 INTO t",
        "SELECT * FROM t FOR UPDATE", "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
        "EXPLAIN DELETE FROM t", "COPY t TO '/tmp/x'", "SET search_path = x", "DO $$BEGIN END$$",
        "BEGIN", "COMMIT", "CALL f()", "PREPARE p AS SELECT 1", "LISTEN x", "EXPLAIN EXECUTE p",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "SELECT (SELECT x FROM (SELECT 1 AS x FOR SHARE) s)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (check(bad[i]))
            fail_msg("passed: %s", bad[i]);
        if (!strstr(error->message, "Only SELECT queries are allowed"))
            fail_msg("%s: %s", bad[i], error->message);
    }
}

static void settings_are_told_from_a_list(void **state)
{
    (void)state;
    static const char *const open[] = {"SHOW server_version", "show TIME ZONE",
        "SHOW transaction isolation level", "SELECT current_setting('Server_Version', true)",
        "SELECT pg_catalog.current_setting('TimeZone')"};
    static const char *const closed[] = {"SHOW all", "SHOW data_directory", "SHOW app.secret",
        "SELECT current_setting('app.secret')", "SELECT current_setting('serv' || 'er_version')",
        "SELECT current_setting(x) FROM t", "SELECT \"current_setting\"(NULL)",
        "SELECT current_setting()", "EXPLAIN SHOW server_version",
        "SELECT current_setting(setting_name => 'app.secret')",
        "SELECT ('app.secret'::text).current_setting", "SELECT x.current_setting FROM t AS x",
        "SELECT (ARRAY['app.secret'])[1].current_setting"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (!check(open[i]))
            fail_msg("%s: %s", open[i], error->message);
    }
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        if (check(closed[i]))
            fail_msg("passed: %s", closed[i]);
    }
}

static void the_query_below_explain_is_found(void **state)
{
    (void)state;
    static const char *const good[] = {"EXPLAIN SELECT 1", "explain/*(*/(select 1)",
        "EXPLAIN (ANALYZE, FORMAT 'json') (SELECT 1) UNION SELECT 2",
        "EXPLAIN -- a (\n ( /* ) */ COSTS off, FORMAT \"text\") VALUES (1)",
        "EXPLAIN ANALYZE VERBOSE WITH x AS (SELECT ')') TABLE x", "EXPLAIN ((SELECT 1))",
        "/* é */ ; EXPLAIN analyse SELECT 1;",
        "EXPLAIN (BUFFERS/* /* ' */ */) /**/ SELECT \"a)\" FROM t"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!check(good[i]))
            fail_msg("%s: %s", good[i], error->message);
    }
}

static const char sql[] = "SELECT 1";

static bool is_known(struct guard_verdicts *verdicts, size_t number, uint64_t version)
{
    char *text = talloc_asprintf(ctx, "%s -- %zu", sql, number);
    return guard_verdicts_find(verdicts, text, strlen(text), version) != NULL;
}

static void verdicts_are_kept_while_they_hold(void **state)
{
    (void)state;
    struct guard_verdicts *verdicts = guard_verdicts_create(ctx);
    const struct guard_verdict verdict = {.version = 1};
    for (size_t i = 0; i < 5000; i++) {
        char *text = talloc_asprintf(ctx, "%s -- %zu", sql, i);
        guard_verdicts_put(verdicts, text, strlen(text), &verdict);
        assert_true(i < 100 || is_known(verdicts, 50, 1)); /* used, so never the oldest */
    }
    assert_true(is_known(verdicts, 4999, 1));
    assert_false(is_known(verdicts, 4, 1));
    assert_false(is_known(verdicts, 4999, 2));
    assert_false(is_known(verdicts, 4999, 1));
    talloc_free(verdicts);
}

static const char *repeated(const char *piece, size_t times, const char *end)
{
    struct str s;
    str_init(&s, ctx, 1 << 20);
    if (piece[0] == '1')
        str_puts(&s, "SELECT ");
    for (size_t i = 0; i < times; i++)
        str_puts(&s, piece);
    str_puts(&s, end);
    return str_get(&s);
}

static void hostile_text_is_survived(void **state)
{
    (void)state;
    assert_false(check(""));
    assert_false(check("-- nothing"));
    assert_false(check("SELECT \xff"));
    assert_false(guard_examine(ctx, MAX_QUERY_BYTES, "SELECT 1\0;", 10, &error));
    assert_false(check(repeated("(", 32000, "1")));
    assert_false(check(repeated("1+", 15000, "1")));
    assert_false(check(repeated("/", 2000, "SELECT 1")));
    assert_non_null(strstr(error->message, "operator characters"));
    assert_false(check(repeated(" ", 33000, "SELECT 1")));
    assert_int_equal(error->class, ERROR_LIMIT);
    assert_false(check(repeated("(SELECT 1) UNION ", 2000, "SELECT 1")));
    struct str with;
    str_init(&with, ctx, 1 << 20);
    for (int i = 0; i < 300; i++)
        str_printf(&with, "%s c%d AS (SELECT 1)", i ? "," : "WITH", i);
    str_puts(&with, " SELECT 1");
    assert_false(check(str_get(&with)));
    assert_int_equal(error->class, ERROR_LIMIT);
    assert_true(check("SELECT 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_pass),
        cmocka_unit_test(everything_else_is_refused_in_the_promised_words),
        cmocka_unit_test(settings_are_told_from_a_list),
        cmocka_unit_test(the_query_below_explain_is_found),
        cmocka_unit_test(verdicts_are_kept_while_they_hold),
        cmocka_unit_test(hostile_text_is_survived),
    };
    return cmocka_run_group_tests_name("guard", tests, set_up, tear_down);
}
