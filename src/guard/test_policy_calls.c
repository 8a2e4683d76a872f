/* Unit tests of the policy: functions, types, and what they call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "guard/test_facts.h"

/* ---- functions ---- */

static void built_in_functions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char volatility;
        size_t arguments;
        enum guard_rule rule;
    } cases[] = {
        {"md5", 'i', 1, GUARD_RULE_NONE},
        {"now", 's', 0, GUARD_RULE_NONE},
        {"random", 'v', 2, GUARD_RULE_NONE},
        {"uuidv7", 'v', 0, GUARD_RULE_NONE},
        {"pg_sleep", 'v', 1, GUARD_RULE_FUNCTION},
        {"of_a_later_version", 'v', 0, GUARD_RULE_FUNCTION},
        {"of_a_later_version", 's', 0, GUARD_RULE_NONE},
        {"table_to_xml_and_xmlschema", 's', 4, GUARD_RULE_FUNCTION},
        {"txid_current", 's', 0, GUARD_RULE_FUNCTION},
        {"txid_current_snapshot", 's', 0, GUARD_RULE_NONE},
        {"ts_rewrite", 'v', 2, GUARD_RULE_FUNCTION},
        {"ts_rewrite", 'i', 3, GUARD_RULE_NONE},
        {"pg_stat_get_live_tuples", 's', 1, GUARD_RULE_FUNCTION},
        {"pg_statistics_obj_is_visible", 's', 1, GUARD_RULE_NONE},
        {"domain_in", 's', 3, GUARD_RULE_FUNCTION},
        {"fmgr_c_validator", 's', 1, GUARD_RULE_FUNCTION},
        {"current_setting", 's', 1, GUARD_RULE_NONE},
        {"setseed", 'v', 1, GUARD_RULE_FUNCTION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (ask_function(fact_built_in(cases[i].name, cases[i].volatility, cases[i].arguments)) !=
            cases[i].rule)
            fail_msg("%s/%zu", cases[i].name, cases[i].arguments);
    }
    ask_function(fact_built_in("table_to_xml", 's', 4));
    assert_says(client_text(), "function table_to_xml(…) is not available here");
    assert_says(client_text(), "it reads a table that its argument names");
    assert_says(client_text(), "name the tables in the query itself");
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "pg_sleep,*.*,pg_catalog.pg_*");
    assert_int_equal(ask_function(fact_built_in("pg_sleep", 'v', 1)), GUARD_RULE_FUNCTION);
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "pg_catalog.pg_sleep");
    assert_int_equal(ask_function(fact_built_in("pg_sleep", 'v', 1)), GUARD_RULE_NONE);
}

static enum guard_rule extension_rule(const char *extension, const char *name, char volatility,
    const char *language)
{
    struct catalog_fact_function *new = fact_function(name, volatility, language);
    new->extension = extension;
    return ask_function(*new);
}

static void functions_of_extensions(void **state)
{
    (void)state;
    assert_int_equal(extension_rule("pg_trgm", "similarity", 'i', "c"), GUARD_RULE_NONE);
    assert_int_equal(extension_rule("pg_trgm", "set_limit", 'v', "c"), GUARD_RULE_FUNCTION);
    assert_int_equal(extension_rule("pgcrypto", "gen_salt", 'v', "c"), GUARD_RULE_NONE);
    assert_int_equal(extension_rule("tablefunc", "normal_rand", 'v', "c"), GUARD_RULE_NONE);
    assert_int_equal(extension_rule("tablefunc", "crosstab", 's', "c"), GUARD_RULE_FUNCTION);
    assert_int_equal(extension_rule("postgis", "st_area", 'i', "c"), GUARD_RULE_NONE);
    assert_int_equal(extension_rule("postgis", "st_estimatedextent", 's', "c"),
        GUARD_RULE_FUNCTION);
    assert_int_equal(extension_rule("postgis", "find_srid", 's', "plpgsql"), GUARD_RULE_FUNCTION);
    assert_int_equal(extension_rule("postgis", "postgis_full_version", 'i', "plpgsql"),
        GUARD_RULE_NONE);
    assert_int_equal(extension_rule("isn", "isn_weak", 'i', "c"), GUARD_RULE_NONE);
    assert_int_equal(extension_rule("dblink", "dblink", 'v', "c"), GUARD_RULE_FUNCTION);
    assert_int_equal(extension_rule("xml2", "xpath_table", 's', "c"), GUARD_RULE_FUNCTION);
    assert_says(operator_text(), "function public.xpath_table of extension xml2");
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "public.*");
    assert_int_equal(extension_rule("dblink", "dblink", 'v', "c"), GUARD_RULE_FUNCTION);
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "dblink");
    assert_int_equal(extension_rule("dblink", "dblink", 'v', "c"), GUARD_RULE_NONE);
}

static void functions_of_users(void **state)
{
    (void)state;
    struct catalog_fact_function *mine = fact_function("add_tax", 'i', "sql");
    struct catalog_fact_function *copy = fact_function("read", 'i', "internal");
    copy->internal = "pg_read_file";
    assert_int_equal(ask_function(*mine), GUARD_RULE_UNTRUSTED);
    assert_int_equal(ask_function(*copy), GUARD_RULE_UNTRUSTED);
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "public.add_*");
    assert_int_equal(ask_function(*mine), GUARD_RULE_NONE);
    policy.explains = true;
    assert_int_equal(ask_function(*mine), GUARD_RULE_UNTRUSTED);
    assert_string_equal(operator_text(),
        "function public.add_tax (EXPLAIN would show what it reads)");
    mine->language = "plpgsql";
    assert_int_equal(ask_function(*mine), GUARD_RULE_NONE);
    policy.explains = false;
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "analytics.add_tax");
    assert_int_equal(ask_function(*mine), GUARD_RULE_UNTRUSTED);

    struct catalog_uses uses = {.functions = fact_oid(mine->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNTRUSTED);
    assert_null(finding.relation);
    assert_says(client_text(), "function add_tax() is not available here");
    struct catalog_fact_cast cast = {.source = fact_type("mood", 'e')->oid,
        .target = 23,
        .function = mine->oid};
    facts.casts = &cast;
    facts.cast_count = 1;
    assert_says(client_text(), "leave out the cast from \"mood\" that calls it");
    uses.functions = fact_oid(77777);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNKNOWN);
    assert_int_equal(finding.oid, 77777);
}

/* ---- types ---- */

static void types_call_functions(void **state)
{
    (void)state;
    struct catalog_fact_function *valid = fact_function("pg_input_is_valid", 's', "internal");
    valid->oid = 100;
    struct catalog_fact_function *probe = fact_function("probe", 'v', "plpgsql");
    struct catalog_fact_type *domain = fact_type("probed", 'd');
    struct catalog_fact_type *array = fact_type("_probed", 'b');
    struct catalog_fact_type *composite = fact_type("pair", 'c');
    struct catalog_fact_type *plain = fact_type("mood", 'e');
    domain->functions = fact_oid(probe->oid);
    array->element = domain->oid;
    composite->attributes = fact_oid(array->oid);
    struct catalog_uses uses = {.types = fact_oid(plain->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    uses.types = fact_oid(composite->oid);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.type, composite);
    assert_says(client_text(), "\"pair\" is not available here");
    assert_silent(client_text(), "probe");
    uses.types = fact_oid(25);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    uses.types = fact_oid(77777);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNKNOWN);

    uses = (struct catalog_uses){.functions = fact_oid(valid->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_FUNCTION);
    assert_ptr_equal(finding.function, valid);
    valid->name = "jsonb_populate_record_valid";
    assert_int_equal(ask_uses(&uses), GUARD_RULE_FUNCTION);
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "probe");
    domain->functions = fact_oid(valid->oid); /* a CHECK that asks the same question */
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
}

static void domains_have_an_input_function(void **state)
{
    (void)state;
    struct catalog_fact_type *email = fact_type("email", 'd'); /* AS citext */
    struct catalog_fact_function *input = fact_function("domain_in", 's', "internal");
    input->oid = 2597;
    email->functions = fact_oid(input->oid);
    struct catalog_uses uses = {.types = fact_oid(email->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    uses = (struct catalog_uses){.functions = fact_oid(input->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_FUNCTION);
}

static void row_types_go_with_their_table(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = fact_relation("public", "users", 'r');
    struct catalog_fact_type *row = fact_type("users", 'c');
    struct catalog_fact_type *holder = fact_type("holder", 'c');
    row->relation = users->oid;
    holder->attributes = fact_oid(row->oid);
    struct catalog_uses uses = {.types = fact_oid(row->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_BLOCKED);
    assert_says(client_text(), "relation \"users\" does not exist or is not shown here");
    uses.types = fact_oid(holder->oid);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_BLOCKED);
    assert_silent(client_text(), "users");
    uses = (struct catalog_uses){.regclasses = fact_oid(users->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_BLOCKED);
    uses.regclasses = fact_oid(77777); /* an index */
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
}

static void ranges_bring_constructors(void **state)
{
    (void)state;
    struct catalog_fact_type *range = fact_type("price_range", 'r');
    struct catalog_fact_function *make = fact_function("price_range", 'i', "internal");
    struct catalog_fact_function *canonical = fact_function("canonical", 'i', "plpgsql");
    make->internal = "range_constructor2";
    make->returns = range->oid;
    range->base = 1700;
    struct catalog_uses uses = {.functions = fact_oid(make->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    range->functions = fact_oid(canonical->oid);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.type, range);
}

static void json_calls_casts(void **state)
{
    (void)state;
    struct catalog_fact_function *to_json = fact_function("to_json", 's', "internal");
    to_json->oid = 3176;
    struct catalog_fact_function *evil = fact_function("evil", 's', "sql");
    struct catalog_fact_cast cast = {.source = FIRST_TYPE, .target = 23, .function = evil->oid};
    facts.casts = &cast;
    facts.cast_count = 1;
    struct catalog_uses uses = {.functions = fact_oid(to_json->oid)};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    cast.target = 114;
    assert_int_equal(ask_uses(&uses), GUARD_RULE_FUNCTION);
    assert_says(client_text(), "function to_json() is not available here");
    assert_silent(client_text(), "evil");
}

static void catalogs_are_closed_to_functions(void **state)
{
    (void)state;
    struct catalog_fact_relation *view = fact_relation("public", "v", 'v');
    struct catalog_uses uses = {.names_objects = true};
    view->query = &uses;
    assert_int_equal(ask_function(fact_built_in("pg_get_viewdef", 's', 1)), GUARD_RULE_NONE);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    policy.catalog_access = GUARD_CATALOG_NONE;
    assert_int_equal(ask_function(fact_built_in("pg_get_viewdef", 's', 1)), GUARD_RULE_FUNCTION);
    assert_says(client_text(), "it tells of the system catalogs");
    assert_int_equal(ask_function(fact_built_in("to_regclass", 's', 1)), GUARD_RULE_FUNCTION);
    assert_int_equal(ask_function(fact_built_in("pg_typeof", 's', 1)), GUARD_RULE_NONE);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_CATALOG);
    assert_says(client_text(), "names of objects are not available here");
    assert_says(operator_text(), "security.catalog_access");
    assert_int_equal(ask_relation(view), GUARD_RULE_CATALOG);
    assert_says(client_text(), "\"v\" does not exist or is not shown here");
}

static void what_is_not_pure_is_refused(void **state)
{
    (void)state;
    struct catalog_uses uses = {.foreign = "FOR UPDATE"};
    assert_int_equal(ask_uses(&uses), GUARD_RULE_IMPURE);
    assert_says(client_text(), "Only SELECT queries are allowed");
    struct catalog_fact_relation lost = {.oid = 77777};
    uses.foreign = NULL;
    fact_read(&uses, &lost, 1);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNKNOWN);
    assert_true(guard_finding_error(test_ctx, &policy, &facts, &finding)->retryable);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fact_set_up, fact_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(built_in_functions),
        TEST(functions_of_extensions),
        TEST(functions_of_users),
        TEST(types_call_functions),
        TEST(domains_have_an_input_function),
        TEST(row_types_go_with_their_table),
        TEST(ranges_bring_constructors),
        TEST(json_calls_casts),
        TEST(catalogs_are_closed_to_functions),
        TEST(what_is_not_pure_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
