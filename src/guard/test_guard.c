/* Unit tests of the guard: what it refuses, with which words, and what it lets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/str.h"
#include "guard/guard.h"

static const struct guard_policy policy = {.max_query_bytes = 32768,
    .allowed_schemas = (const char *const[]){"public", "analytics", NULL},
    .blocked_tables = (const struct guard_name[]){{NULL, "users"}, {"private", "keys"}},
    .blocked_count = 2};

static void *ctx;
static struct guard_verdict verdict;
static struct error *error;

static bool check(const char *sql)
{
    error = NULL;
    return guard_check(ctx, &policy, sql, strlen(sql), &verdict, &error);
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
        "BEGIN", "COMMIT", "CALL f()", "PREPARE p AS SELECT 1", "LISTEN x", "SHOW all",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "SELECT (SELECT x FROM (SELECT 1 AS x FOR SHARE) s)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (check(bad[i]))
            fail_msg("passed: %s", bad[i]);
        if (!strstr(error->message, "Only SELECT queries are allowed"))
            fail_msg("%s: %s", bad[i], error->message);
    }
}

static void names_are_checked(void **state)
{
    (void)state;
    assert_false(check("SELECT * FROM users"));
    assert_int_equal(error->position, 15);
    assert_false(check("SELECT * FROM public.\"users\""));
    assert_false(check("SELECT 1 WHERE EXISTS (SELECT FROM Users)"));
    assert_false(check("WITH users AS (SELECT * FROM users) SELECT * FROM users"));
    assert_false(check("SELECT * FROM hidden.t"));
    assert_non_null(strstr(error->message, "\"hidden\""));
    assert_false(check("WITH a AS (SELECT * FROM users), users AS (SELECT 1) SELECT * FROM a"));
    assert_false(check("WITH users AS (SELECT 1) SELECT * FROM public.users"));
    assert_false(check("SELECT * FROM (WITH users AS (SELECT 1) SELECT 1) s, users"));
    assert_true(check("WITH users AS (SELECT 1) SELECT * FROM (SELECT * FROM users) s"));
    assert_true(check("WITH RECURSIVE a AS (SELECT * FROM users), users AS (SELECT 1) TABLE a"));
    assert_true(check("SELECT * FROM \"Users\""));
    assert_false(guard_policy_shows(&policy, "private", "t"));
    assert_false(guard_policy_shows(&policy, "public", "users"));
    assert_true(guard_policy_shows(&policy, "public", "keys"));
    const struct guard_policy none = {.allowed_schemas = (const char *const[]){NULL}};
    assert_false(guard_policy_shows_schema(&none, "public"));
    const struct guard_policy all = {0};
    assert_true(guard_policy_shows_schema(&all, "public"));
}

static void the_slice_is_what_was_parsed(void **state)
{
    (void)state;
    assert_true(check("SELECT 'é;' ; -- rest"));
    assert_string_equal(verdict.statement, "SELECT 'é;' ");
    assert_true(check(";; SELECT 2"));
    assert_int_equal(verdict.offset + strlen(verdict.statement), strlen(";; SELECT 2"));
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
    assert_false(guard_check(ctx, &policy, "SELECT 1\0;", 10, &verdict, &error));
    assert_false(check(repeated("(", 32000, "1")));
    assert_false(check(repeated("1+", 15000, "1")));
    assert_false(check(repeated("/", 2000, "SELECT 1")));
    assert_non_null(strstr(error->message, "operator characters"));
    assert_false(check(repeated(" ", 33000, "SELECT 1")));
    assert_int_equal(error->class, ERROR_LIMIT);
    assert_true(check("SELECT 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_pass),
        cmocka_unit_test(everything_else_is_refused_in_the_promised_words),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(the_slice_is_what_was_parsed),
        cmocka_unit_test(hostile_text_is_survived),
    };
    return cmocka_run_group_tests_name("guard", tests, set_up, tear_down);
}
