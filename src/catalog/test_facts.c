/* Unit tests of the facts: lookups, on facts made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "catalog/facts.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct catalog_fact_relation relations[] = {
    {.oid = 1259, .schema = "pg_catalog", .name = "pg_class", .kind = 'r'},
    {.oid = 16390, .schema = "sales", .name = "orders", .kind = 'v'},
    {.oid = 16400, .schema = "public", .name = "orders", .kind = 'r'},
    {.oid = 4000000000, .schema = "public", .name = "Orders", .kind = 'r'},
};
static struct catalog_fact_function functions[] = {
    {.oid = 870, .schema = "pg_catalog", .name = "lower"},
    {.oid = 871, .schema = "pg_catalog", .name = "upper"},
    {.oid = 3580, .schema = "pg_catalog", .name = "lower"},
    {.oid = 16500, .schema = "public", .name = "lower"},
    {.oid = 16501, .schema = "public", .name = "lower_all"},
};
static struct catalog_fact_operator operators[] = {
    {.oid = 16600, .schema = "public", .name = "==="},
};
static const char *path[] = {"pg_catalog", "public"};

static struct catalog_facts *facts;

static int set_up(void **state)
{
    (void)state;
    facts = talloc_zero(NULL, struct catalog_facts);
    facts->search_path = path;
    facts->search_path_count = COUNT(path);
    facts->relations = relations;
    facts->relation_count = COUNT(relations);
    facts->functions = functions;
    facts->function_count = COUNT(functions);
    facts->operators = operators;
    facts->operator_count = COUNT(operators);
    catalog_facts_make_index(facts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return talloc_free(facts);
}

static void finds_by_oid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(relations); i++)
        assert_ptr_equal(catalog_facts_relation(facts, relations[i].oid), &relations[i]);
    assert_null(catalog_facts_relation(facts, 0));
    assert_null(catalog_facts_relation(facts, 16391));
    assert_null(catalog_facts_relation(facts, UINT32_MAX));
    assert_ptr_equal(catalog_facts_function(facts, 3580), &functions[2]);
    assert_ptr_equal(catalog_facts_operator(facts, 16600), &operators[0]);
    assert_null(catalog_facts_operator(facts, 96));
    assert_null(catalog_facts_type(facts, 25));
}

static void finds_by_name_in_a_schema_or_on_the_path(void **state)
{
    (void)state;
    assert_ptr_equal(catalog_facts_find_relation(facts, "sales", "orders"), &relations[1]);
    assert_ptr_equal(catalog_facts_find_relation(facts, NULL, "orders"), &relations[2]);
    assert_ptr_equal(catalog_facts_find_relation(facts, NULL, "Orders"), &relations[3]);
    assert_ptr_equal(catalog_facts_find_relation(facts, NULL, "pg_class"), &relations[0]);
    assert_null(catalog_facts_find_relation(facts, "public", "pg_class"));
    assert_null(catalog_facts_find_relation(facts, NULL, "order"));
    assert_null(catalog_facts_find_relation(facts, NULL, "zebra"));
    assert_null(catalog_facts_find_type(facts, NULL, "orders"));
    assert_true(catalog_facts_on_path(facts, "public"));
    assert_false(catalog_facts_on_path(facts, "sales"));
}

static void finds_every_overload(void **state)
{
    (void)state;
    const struct catalog_fact_function *const *found;
    assert_int_equal(catalog_facts_functions_named(facts, "lower", &found), 3);
    assert_ptr_equal(found[0], &functions[0]);
    assert_ptr_equal(found[1], &functions[2]);
    assert_ptr_equal(found[2], &functions[3]);
    assert_int_equal(catalog_facts_functions_named(facts, "lower_all", &found), 1);
    assert_int_equal(catalog_facts_functions_named(facts, "low", &found), 0);
    assert_int_equal(catalog_facts_functions_named(facts, "", &found), 0);

    const struct catalog_fact_operator *const *same;
    assert_int_equal(catalog_facts_operators_named(facts, "===", &same), 1);
    assert_ptr_equal(same[0], &operators[0]);
    assert_int_equal(catalog_facts_operators_named(facts, "==", &same), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_oid),
        cmocka_unit_test(finds_by_name_in_a_schema_or_on_the_path),
        cmocka_unit_test(finds_every_overload),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
