/* Unit tests of the local resolver, on facts made by hand: what could call something untrusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/log.h"
#include "guard/local.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TAKES(...) \
    .arguments = (const Oid[]){__VA_ARGS__}, .argument_count = COUNT(((const Oid[]){__VA_ARGS__}))
#define OIDS(...)                                           \
    {                                                       \
        (Oid[]){__VA_ARGS__}, COUNT(((Oid[]){__VA_ARGS__})) \
    }
#define BUILT_IN .schema = "pg_catalog", .language = "internal", .volatility = 'i', .kind = 'f'
#define SOMEBODYS .schema = "public", .language = "sql", .volatility = 's', .kind = 'f'

/* ---- the database: sorted by OID ---- */

enum {
    BOOL = 16,
    INT8 = 20,
    INT4 = 23,
    TEXT = 25,
    JSON = 114,
    VARCHAR = 1043,
    REGCLASS = 2205,
    ANYARRAY = 2277,
    INTERNAL = 2281,
    ANYELEMENT = 2283,
    CUSTOMERS_ROW = 50001,
    USERS_ROW,
    MOOD,
    MOOD_ARRAY,
    PROBED, /* a domain whose check calls a function */
    PROBED_ARRAY,
    PAIR,
    CODE, /* a harmless domain */
    MOODLET,
    LEAK = 40000,
    CHECK,
    CAST_MOOD,
    CAST_PAIR,
    SAME_TEXT,
    SAME_MOODLET,
    MOODLET_OF_INT,
};

static struct catalog_fact_function functions[] = {
    {.oid = 378,
        .name = "array_append",
        BUILT_IN,
        TAKES(ANYARRAY, ANYELEMENT),
        .returns = ANYARRAY},
    {.oid = 870, .name = "lower", BUILT_IN, TAKES(TEXT), .returns = TEXT},
    {.oid = 872, .name = "initcap", BUILT_IN, TAKES(TEXT), .returns = TEXT},
    {.oid = 1285,
        .name = "quote_literal",
        .schema = "pg_catalog",
        .language = "sql",
        .volatility = 's',
        .kind = 'f',
        TAKES(ANYELEMENT),
        .returns = TEXT},
    {.oid = 2128, .name = "max", BUILT_IN, TAKES(TEXT), .returns = TEXT},
    {.oid = 2325, .name = "pg_relation_size", BUILT_IN, TAKES(REGCLASS), .returns = INT8},
    {.oid = 2624, .name = "pg_read_file", BUILT_IN, TAKES(TEXT), .returns = TEXT},
    {.oid = 2803, .name = "count", BUILT_IN, .returns = INT8},
    {.oid = 3314, .name = "system", BUILT_IN, TAKES(INTERNAL)},
    {.oid = 3960,
        .name = "json_populate_record",
        BUILT_IN,
        TAKES(ANYELEMENT, JSON, BOOL),
        .default_count = 1,
        .returns = ANYELEMENT},
    {.oid = LEAK,
        .name = "leak",
        SOMEBODYS,
        TAKES(INT4, TEXT),
        .default_count = 1,
        .returns = TEXT},
    {.oid = CHECK, .name = "check_it", SOMEBODYS, TAKES(TEXT), .returns = BOOL},
    {.oid = CAST_MOOD, .name = "mood_to_int", SOMEBODYS, TAKES(MOOD), .returns = INT4},
    {.oid = CAST_PAIR, .name = "pair_to_text", SOMEBODYS, TAKES(PAIR), .returns = TEXT},
    {.oid = SAME_TEXT, .name = "same_text", SOMEBODYS, TAKES(TEXT, TEXT), .returns = BOOL},
    {.oid = SAME_MOODLET, .name = "same", SOMEBODYS, TAKES(MOODLET, MOODLET), .returns = BOOL},
    {.oid = MOODLET_OF_INT, .name = "moodlet_of", SOMEBODYS, TAKES(INT4), .returns = MOODLET},
    {.oid = 40010, .name = "initcap", SOMEBODYS, TAKES(VARCHAR), .returns = TEXT},
    {.oid = 40011, .name = "latest_login", SOMEBODYS, TAKES(CUSTOMERS_ROW), .returns = TEXT},
    {.oid = 40012, .name = "id", SOMEBODYS, TAKES(CUSTOMERS_ROW), .returns = TEXT},
    {.oid = 40013, .name = "lower", SOMEBODYS, TAKES(MOODLET), .returns = TEXT},
    {.oid = 40014, .name = "system_rows", SOMEBODYS, TAKES(INTERNAL)},
    {.oid = 40015,
        .name = "salary",
        .schema = "private",
        .language = "sql",
        .volatility = 's',
        .kind = 'f',
        TAKES(INT4)},
    {.oid = 40016, .name = "report", SOMEBODYS, .returns = 2249},
};

static struct catalog_fact_operator operators[] = {
    {60000, "public", "===", TEXT, TEXT, SAME_TEXT},
    {60001, "public", "#?", 0, INT4, LEAK},
    {60002, "public", "=", MOODLET, MOODLET, SAME_MOODLET},
};

static struct catalog_fact_cast casts[] = {
    {MOOD, INT4, CAST_MOOD, 'a'},
    {PAIR, TEXT, CAST_PAIR, 'e'},
};

static struct catalog_fact_type types[] = {
    {.oid = CUSTOMERS_ROW,
        .schema = "public",
        .name = "customers",
        .kind = 'c',
        .relation = 20000,
        .attributes = OIDS(MOOD, PROBED)},
    {.oid = USERS_ROW, .schema = "public", .name = "users", .kind = 'c', .relation = 20002},
    {.oid = MOOD, .schema = "public", .name = "mood", .kind = 'e'},
    {.oid = MOOD_ARRAY, .schema = "public", .name = "_mood", .kind = 'b', .element = MOOD},
    {.oid = PROBED,
        .schema = "public",
        .name = "probed",
        .kind = 'd',
        .base = TEXT,
        .functions = OIDS(CHECK)},
    {.oid = PROBED_ARRAY, .schema = "public", .name = "_probed", .kind = 'b', .element = PROBED},
    {.oid = PAIR, .schema = "public", .name = "pair", .kind = 'c'},
    {.oid = CODE, .schema = "public", .name = "code", .kind = 'd', .base = TEXT},
    {.oid = MOODLET, .schema = "public", .name = "moodlet", .kind = 'e'},
};

static struct catalog_fact_column customer_columns[] = {{1, "id", INT4}, {2, "name", TEXT},
    {3, "feeling", MOOD}, {4, "contact", PROBED}};
static struct catalog_fact_column order_columns[] = {{1, "id", INT4}, {2, "customer_id", INT4},
    {3, "sku", CODE}, {4, "tags", PROBED_ARRAY}};

static struct catalog_fact_relation relations[] = {
    {.oid = 1259, .schema = "pg_catalog", .name = "pg_class", .kind = 'r'},
    {.oid = 20000,
        .schema = "public",
        .name = "customers",
        .kind = 'r',
        .row_type = CUSTOMERS_ROW,
        .columns = customer_columns,
        .column_count = COUNT(customer_columns)},
    {.oid = 20001,
        .schema = "public",
        .name = "orders",
        .kind = 'r',
        .columns = order_columns,
        .column_count = COUNT(order_columns)},
    {.oid = 20002, .schema = "public", .name = "users", .kind = 'r', .row_type = USERS_ROW},
};

/* ---- asking ---- */

static void *ctx;
static struct catalog_facts *facts;
static struct guard_policy policy;
static struct error *error;

static struct guard_patterns list(enum guard_pattern_form form, const char *text)
{
    struct guard_pattern *item = talloc(ctx, struct guard_pattern);
    assert_true(guard_pattern_parse(ctx, text, form, item));
    return (struct guard_patterns){item, 1, true};
}

static int set_up(void **state)
{
    (void)state;
    static const char *path[] = {"pg_catalog", "public"};
    ctx = talloc_new(NULL);
    facts = talloc(ctx, struct catalog_facts);
    *facts = (struct catalog_facts){
        .encoding = "UTF8",
        .search_path = path,
        .search_path_count = COUNT(path),
        .relations = relations,
        .relation_count = COUNT(relations),
        .functions = functions,
        .function_count = COUNT(functions),
        .operators = operators,
        .operator_count = COUNT(operators),
        .casts = casts,
        .cast_count = COUNT(casts),
        .types = types,
        .type_count = COUNT(types),
    };
    catalog_facts_make_index(facts);
    policy = (struct guard_policy){.max_query_bytes = 32768,
        .blocked_tables = list(GUARD_PATTERN_OBJECT, "users")};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(ctx);
    return 0;
}

/* Every relation that is not blocked counts as the query's, if its name occurs in it. */
static bool check(const char *sql)
{
    const struct catalog_fact_relation *used[COUNT(relations)];
    size_t count = 0;
    for (size_t i = 0; i + 1 < COUNT(relations); i++) {
        if (strstr(sql, relations[i].name))
            used[count++] = &relations[i];
    }
    json_t *tree;
    if (!guard_parse(ctx, sql, &tree, &error))
        fail_msg("%s: %s", sql, error->message);
    const json_t *statement =
        json_object_get(json_array_get(json_object_get(tree, "stmts"), 0), "stmt");
    const json_t *query = json_object_get(statement, "SelectStmt");
    bool ok = guard_local(ctx, &policy, facts, query, sql, used, count, &error);
    json_decref(tree);
    return ok;
}

#define ALL_PASS(...) all_pass((const char *const[]){__VA_ARGS__, NULL})
#define NONE_PASSES(...) none_passes((const char *const[]){__VA_ARGS__, NULL})

static void all_pass(const char *const *queries)
{
    for (; *queries; queries++) {
        if (!check(*queries))
            fail_msg("%s: %s", *queries, error_text(ctx, error));
    }
}

static void none_passes(const char *const *queries)
{
    for (; *queries; queries++) {
        if (check(*queries))
            fail_msg("%s: passed", *queries);
        assert_int_equal(error->class, ERROR_REFUSED);
    }
}

/* ---- tests ---- */

static void functions_by_name(void **state)
{
    (void)state;
    ALL_PASS("SELECT lower(name), count(*), max(name) FROM customers",
        "SELECT pg_catalog.initcap(name) FROM customers", "SELECT leak()", "SELECT leak(1, '', 3)",
        "SELECT salary(1)", "SELECT lower(id) FROM orders", "SELECT nothing_of_the_kind(1)",
        "SELECT count(*) FROM customers TABLESAMPLE system (1)");
    NONE_PASSES("SELECT leak(1)", "SELECT leak(1, 'x')", "SELECT public.leak(1)", "SELECT LEAK(1)",
        "SELECT leak(b => 'x', a => 1)", "SELECT leak(VARIADIC ARRAY[1])",
        "SELECT private.salary(1)", "SELECT pg_read_file('x')",
        "SELECT initcap(name) FROM customers", "SELECT lower('x')",
        "SELECT lower('x' COLLATE \"C\")", "SELECT pg_temp.f()",
        "SELECT * FROM ROWS FROM (leak(1), lower(name)) AS t",
        "SELECT count(*) FILTER (WHERE leak(1) = '') OVER (ORDER BY 1) FROM orders",
        "SELECT 1 FROM customers TABLESAMPLE system_rows (1)",
        "SELECT max(name) WITHIN GROUP (ORDER BY leak(1)) FROM customers");
}

static void attribute_notation(void **state)
{
    (void)state;
    ALL_PASS("SELECT c.id FROM customers c", "SELECT customers.id FROM customers",
        "SELECT public.customers.id FROM public.customers", "SELECT o.sku FROM orders o",
        "SELECT x.total FROM (SELECT 1 AS total) x", "SELECT t.users FROM (SELECT 1 AS users) t");
    NONE_PASSES("SELECT c.latest_login FROM customers c",
        "SELECT (c).latest_login FROM customers c", "SELECT g.leak FROM generate_series(1, 3) g",
        "SELECT (1).leak", "SELECT x.id FROM (SELECT 1 AS id) x",
        "SELECT c.id FROM customers AS c (a, b)",
        "WITH customers AS (SELECT 1) SELECT customers.id FROM customers",
        "SELECT customers.id FROM customers, report()", "SELECT ('x'::text).probed",
        "SELECT (SELECT c FROM customers c).latest_login",
        "SELECT (c.*).latest_login FROM customers c");
}

static void operators_by_name(void **state)
{
    (void)state;
    ALL_PASS("SELECT 1 = 2, id = 3, name = 'x' FROM customers", "SELECT 1 #? 2",
        "SELECT 1 OPERATOR(pg_catalog.===) 2", "SELECT name IN ('a', 'b') FROM customers",
        "SELECT 1 FROM customers JOIN orders USING (id)", "SELECT feeling = 'ok' FROM customers");
    NONE_PASSES("SELECT name === 'x' FROM customers", "SELECT 1 OPERATOR(public.===) 2",
        "SELECT 'x' === ANY (ARRAY['x'])", "SELECT 'x' === ALL (SELECT name FROM customers)",
        "SELECT #? 1", "SELECT 1 FROM customers ORDER BY name USING ===", "SELECT '1' = '2'",
        "SELECT ('a', 1) = ('b', 2) AND 'c' = 'd'", "SELECT 'x' IN ('a', 'b')",
        "SELECT 'ok'::moodlet = 'ok'", "SELECT 'x' OPERATOR(pg_temp.=) 'y'");
}

static void types_and_casts(void **state)
{
    (void)state;
    ALL_PASS("SELECT 'x'::code, 'ok'::mood, id::text FROM customers",
        "SELECT feeling::text, count(*) FROM customers GROUP BY feeling ORDER BY feeling",
        "SELECT id::int, name FROM customers", "SELECT name || 'x' FROM customers",
        "SELECT feeling FROM customers LIMIT 3", "SELECT (ARRAY[1, 2])[1], feeling FROM customers");
    NONE_PASSES("SELECT 'x'::probed", "SELECT CAST('x' AS probed[])", "SELECT probed('x')",
        "SELECT NULL::users", "SELECT * FROM f() AS t (a probed)",
        "SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS v probed PATH '.')",
        "SELECT feeling::int FROM customers", "SELECT CAST(feeling AS int4[]) FROM customers",
        "SELECT feeling::_int4 FROM customers", "SELECT 'ok'::mood::int",
        "SELECT (ARRAY[1, 2])[feeling] FROM customers",
        "SELECT 1 LIMIT (SELECT feeling FROM customers)",
        "SELECT ROW(feeling)::pair FROM customers",
        "SELECT x::text FROM (SELECT NULL::pair AS x) t", "SELECT 'a' || ROW(3)::pair",
        "SELECT quote_literal(ROW(3)::pair)");
}

static void values_that_literals_become(void **state)
{
    (void)state;
    ALL_PASS("SELECT contact = 'x', coalesce(contact, 'y') FROM customers",
        "SELECT max(contact) FROM customers WHERE contact IN ('a', 'b')", "SELECT id FROM orders");
    NONE_PASSES("SELECT tags = '{x}' FROM orders",
        "SELECT array_append(ARRAY[contact], 'x') FROM customers",
        "SELECT ARRAY(SELECT contact FROM customers) = '{x}'",
        "SELECT json_populate_record(c, '{}') FROM customers c", "SELECT * FROM orders");
}

static void names_of_relations_as_text(void **state)
{
    (void)state;
    ALL_PASS(
        "SELECT 'customers'::regclass, 'public.orders'::regclass, '1259'::regclass, '-'::regclass",
        "SELECT pg_relation_size('orders')", "SELECT 'users', 'users'::text",
        "SELECT 'no_such_table'::regclass");
    NONE_PASSES("SELECT 'users'::regclass", "SELECT CAST('PUBLIC.\"users\"' AS regclass)",
        "SELECT '20002'::regclass", "SELECT regclass('users')", "SELECT pg_relation_size('users')",
        "SELECT 'db.public.users'::regclass");
    policy.catalog_access = GUARD_CATALOG_NONE;
    ALL_PASS("SELECT 'customers'::regclass", "SELECT pg_relation_size('orders'::regclass)");
    NONE_PASSES("SELECT 20002::regclass", "SELECT ('u' || 'sers')::regclass",
        "SELECT 'users'::regtype", "SELECT (20002).regclass", "SELECT regtype(20002)",
        "SELECT pg_relation_size(20002)", "SELECT * FROM json_to_record('{}') AS t(a regclass)",
        "SELECT ARRAY[20002]::_regclass");
}

static void blocked_columns(void **state)
{
    (void)state;
    policy.blocked_columns = list(GUARD_PATTERN_COLUMN, "customers.name");
    ALL_PASS("SELECT id, c.id FROM customers c", "SELECT * FROM pg_class WHERE true",
        "SELECT o.sku FROM orders o JOIN customers c ON o.id = c.id",
        "SELECT x.* FROM (SELECT id FROM customers) x", "SELECT count(*) FROM customers",
        "WITH x AS (SELECT id FROM customers) SELECT x, x.* FROM x");
    NONE_PASSES("SELECT name FROM customers", "SELECT c.name FROM customers c",
        "SELECT (c).name FROM customers c", "SELECT name(c) FROM customers c",
        "SELECT * FROM customers", "TABLE customers", "SELECT c.* FROM customers c",
        "SELECT c FROM customers c", "SELECT c::text FROM customers c",
        "SELECT c.lower FROM customers c", "SELECT x FROM customers AS c (y, x)",
        "SELECT x FROM (customers JOIN orders ON true) AS j (y, x)",
        "SELECT j FROM (customers JOIN orders ON true) AS j",
        "SELECT 1 FROM customers NATURAL JOIN orders",
        "SELECT 1 FROM customers JOIN orders USING (name)",
        "WITH customers AS (SELECT * FROM public.customers) SELECT id FROM customers");
    assert_string_equal(error->message, "all columns are not available here at once");
}

/* Which PostgreSQL would read as others: longer, or in small letters. */
static void names_in_other_encodings(void **state)
{
    (void)state;
    ALL_PASS("SELECT größe(1) AS größe, 'ü' FROM customers c");
    facts->encoding = "LATIN1";
    ALL_PASS("SELECT name AS größe, 'ü' FROM customers c");
    NONE_PASSES("SELECT größe(1)", "SELECT größe FROM customers c", "SELECT 1 FROM customers ä",
        "SELECT c.größe FROM customers c", "SELECT NULL::größe",
        "SELECT (c).größe FROM customers c",
        "SELECT 1 FROM customers c JOIN customers d USING (größe)");
}

static void errors_say_where_and_what_to_do(void **state)
{
    (void)state;
    assert_false(check("SELECT 'ä', initcap(name) FROM customers"));
    assert_string_equal(error->message, "function initcap(…) is not available here");
    assert_int_equal(error->position, 13);
    assert_non_null(strstr(error->hint, "security.analysis: server"));
    assert_false(check("SELECT (c).latest_login FROM customers c"));
    assert_string_equal(error->message,
        "latest_login could be a function that is not available here");
    assert_int_equal(error->position, 9);
    assert_false(check("SELECT leak(1)"));
    assert_null(strstr(error->hint, "security.analysis"));
}

static void allowed_functions_open_what_calls_them(void **state)
{
    (void)state;
    policy.allowed_functions = list(GUARD_PATTERN_OBJECT, "*");
    ALL_PASS("SELECT leak(1), 'x'::probed, ROW(1)::pair::text, 'x' === 'y', initcap('x')",
        "SELECT c.latest_login, c.feeling::int FROM customers c");
    policy.allowed_functions = list(GUARD_PATTERN_OBJECT, "report");
    NONE_PASSES("SELECT m::int FROM report() AS r");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(functions_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(attribute_notation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(operators_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(types_and_casts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_that_literals_become, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_relations_as_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocked_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_in_other_encodings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_say_where_and_what_to_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(allowed_functions_open_what_calls_them, set_up, tear_down),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
