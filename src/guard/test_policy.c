/* Unit tests of the policy: patterns, relations, views and columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "guard/test_facts.h"

static const struct guard_plan shown = {.verbose = false};

/* ---- patterns ---- */

static void patterns_are_read_as_sql(void **state)
{
    (void)state;
    struct guard_pattern p;
    assert_true(guard_pattern_parse(test_ctx, " Public.Users ", GUARD_PATTERN_OBJECT, &p));
    assert_string_equal(p.schema, "public");
    assert_string_equal(p.name, "users");
    assert_null(p.column);
    assert_true(guard_pattern_parse(test_ctx, "\"We\"\"ird*.x\"", GUARD_PATTERN_OBJECT, &p));
    assert_null(p.schema);
    struct guard_patterns patterns = {&p, 1, true};
    assert_true(guard_patterns_match(&patterns, "any", "We\"ird*.x"));
    assert_false(guard_patterns_match(&patterns, "any", "We\"ird_y.x"));
    assert_true(guard_pattern_parse(test_ctx, "hr.*_2024.ssn", GUARD_PATTERN_COLUMN, &p));
    assert_string_equal(p.schema, "hr");
    assert_string_equal(p.column, "ssn");
    assert_true(guard_patterns_match(&patterns, "hr", "pay_2024"));
    assert_false(guard_patterns_match(&patterns, "hr", "pay_2024b"));
    assert_true(guard_pattern_parse(test_ctx, "t.c", GUARD_PATTERN_COLUMN, &p));
    assert_null(p.schema);
    assert_true(guard_pattern_parse(test_ctx, "größe", GUARD_PATTERN_SCHEMA, &p));
    assert_string_equal(p.name, "größe");

    static const char *const none[] = {"", " ", ".", "a.", ".a", "a b", "\"a", "\"\"", "a.b.c",
        "1a", "a;b", "a..b", "[a]", "a?", "a\\"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (guard_pattern_parse(test_ctx, none[i], GUARD_PATTERN_OBJECT, &p))
            fail_msg("a name: %s", none[i]);
    }
    assert_false(guard_pattern_parse(test_ctx, "a.b", GUARD_PATTERN_SCHEMA, &p));
    assert_false(guard_pattern_parse(test_ctx, "a", GUARD_PATTERN_COLUMN, &p));
    assert_false(guard_pattern_parse(test_ctx, "a.b.c.d", GUARD_PATTERN_COLUMN, &p));
}

/* ---- relations ---- */

static void names_decide(void **state)
{
    (void)state;
    assert_int_equal(ask_relation(fact_relation("public", "customers", 'r')), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(fact_relation("public", "users", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(fact_relation("analytics", "users", 'v')), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(fact_relation("public", "audit_log", 'p')), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(fact_relation("public", "Users", 'r')), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(fact_relation("public", "keys", 'r')), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(fact_relation("private", "salaries", 'r')), GUARD_RULE_SCHEMA);
    policy.allowed_schemas.given = false;
    assert_int_equal(ask_relation(fact_relation("private", "salaries", 'r')), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(fact_relation("private", "keys", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(fact_relation("pg_toast", "pg_toast_1", 'r')), GUARD_RULE_SCHEMA);
    assert_int_equal(ask_relation(fact_relation("pg_temp_7", "t", 'r')), GUARD_RULE_SCHEMA);
    fact_list(&policy.allowed_schemas, GUARD_PATTERN_SCHEMA, "");
    assert_int_equal(ask_relation(fact_relation("public", "t", 'r')), GUARD_RULE_SCHEMA);
}

static void names_decide_without_facts(void **state)
{
    (void)state;
    assert_int_equal(guard_policy_name(&policy, NULL, "users"), GUARD_RULE_BLOCKED);
    assert_int_equal(guard_policy_name(&policy, NULL, "keys"), GUARD_RULE_BLOCKED);
    assert_int_equal(guard_policy_name(&policy, "public", "keys"), GUARD_RULE_NONE);
    assert_int_equal(guard_policy_name(&policy, "private", "x"), GUARD_RULE_SCHEMA);
    assert_int_equal(guard_policy_name(&policy, "pg_toast", "x"), GUARD_RULE_SCHEMA);
    assert_int_equal(guard_policy_name(&policy, "pg_catalog", "users"), GUARD_RULE_NONE);
    fact_list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "public.c*");
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "private.v");
    assert_int_equal(guard_policy_name(&policy, NULL, "x"), GUARD_RULE_UNLISTED);
    assert_int_equal(guard_policy_name(&policy, NULL, "customers"), GUARD_RULE_NONE);
    assert_int_equal(guard_policy_name(&policy, "private", "v"), GUARD_RULE_NONE);
    finding = (struct guard_finding){.rule = GUARD_RULE_UNLISTED, .name = "x"};
    const char *absent = client_text();
    finding = (struct guard_finding){.rule = GUARD_RULE_BLOCKED};
    finding.relation = fact_relation("public", "x", 'r');
    assert_string_equal(client_text(), absent);
}

static void catalogs_are_opened_by_list(void **state)
{
    (void)state;
    struct catalog_fact_relation *class = fact_relation("pg_catalog", "pg_class", 'r');
    struct catalog_fact_relation *columns_view =
        fact_relation("information_schema", "columns", 'v');
    struct catalog_fact_relation *proc = fact_relation("pg_catalog", "pg_proc", 'r');
    struct catalog_fact_relation *authid = fact_relation("pg_catalog", "pg_authid", 'r');
    struct catalog_fact_relation *mapping =
        fact_relation("information_schema", "user_mapping_options", 'v');
    assert_int_equal(ask_relation(class), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(columns_view), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(proc), GUARD_RULE_CATALOG);
    assert_says(operator_text(), "security.catalog_access: all opens");
    assert_int_equal(ask_relation(authid), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_ALL;
    assert_int_equal(ask_relation(proc), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(authid), GUARD_RULE_CATALOG);
    assert_says(operator_text(), "that nothing opens");
    assert_int_equal(ask_relation(mapping), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_NONE;
    assert_int_equal(ask_relation(class), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_SAFE;
    fact_list(&policy.blocked_tables, GUARD_PATTERN_OBJECT, "columns,pg_catalog.*");
    assert_int_equal(ask_relation(columns_view), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(class), GUARD_RULE_BLOCKED);
}

static void a_list_of_tables_is_closed(void **state)
{
    (void)state;
    struct catalog_fact_relation *customers = fact_relation("public", "customers", 'r');
    struct catalog_fact_relation *orders = fact_relation("public", "orders", 'r');
    struct catalog_fact_relation *sequence = fact_relation("public", "customers_id_seq", 'S');
    struct catalog_fact_relation *view = fact_relation("public", "v", 'v');
    sequence->owner_table = customers->oid;
    fact_read(view->query, orders, 1);
    fact_list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "customers,v,users");
    assert_int_equal(ask_relation(customers), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(sequence), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(orders), GUARD_RULE_UNLISTED);
    assert_int_equal(ask_relation(fact_relation("public", "users", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(view), GUARD_RULE_UNLISTED);
    assert_ptr_equal(finding.behind, orders);
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v");
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    fact_list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "");
    assert_int_equal(ask_relation(customers), GUARD_RULE_UNLISTED);
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
}

static void foreign_tables_must_be_meant(void **state)
{
    (void)state;
    struct catalog_fact_relation *foreign = fact_relation("public", "remote", 'f');
    struct catalog_fact_relation *parent = fact_relation("public", "orders", 'p');
    struct catalog_fact_relation *partition = fact_relation("parts", "orders_far", 'f');
    struct catalog_fact_relation *statements = fact_relation("public", "pg_stat_statements", 'v');
    struct catalog_fact_relation *srid = fact_relation("public", "spatial_ref_sys", 'r');
    partition->is_partition = statements->is_extension = srid->is_extension = true;
    fact_inherit(partition, parent);
    assert_int_equal(ask_relation(foreign), GUARD_RULE_FOREIGN);
    assert_int_equal(ask_relation(parent), GUARD_RULE_FOREIGN);
    assert_ptr_equal(finding.behind, partition);
    assert_int_equal(ask_relation(statements), GUARD_RULE_EXTENSION);
    assert_int_equal(ask_relation(srid), GUARD_RULE_NONE);
    fact_list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "*");
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "*");
    assert_int_equal(ask_relation(foreign), GUARD_RULE_FOREIGN);
    assert_int_equal(ask_relation(statements), GUARD_RULE_EXTENSION);
    fact_list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "*,remote,parts.orders_far");
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "pg_stat_statements");
    assert_int_equal(ask_relation(foreign), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(parent), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(statements), GUARD_RULE_NONE);
}

static void children_and_parents_are_read_too(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = fact_relation("public", "users", 'r');
    struct catalog_fact_relation *archive = fact_relation("public", "users_archive", 'r');
    struct catalog_fact_relation *older = fact_relation("public", "users_older", 'r');
    struct catalog_fact_relation *other = fact_relation("public", "persons", 'r');
    struct catalog_fact_relation *people = fact_relation("public", "people", 'r');
    struct catalog_fact_relation *secret = fact_relation("private", "people_secret", 'r');
    fact_inherit(archive, users);
    fact_inherit(older, archive);
    fact_inherit(older, other);
    fact_inherit(secret, people);
    assert_int_equal(ask_relation(older), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.relation, older);
    assert_ptr_equal(finding.behind, users);
    assert_int_equal(ask_relation(other), GUARD_RULE_BLOCKED); /* its child is one of users, too */
    assert_silent(client_text(), "users\"");
    assert_says(client_text(), "\"persons\" does not exist or is not shown here");
    assert_int_equal(ask_relation(people), GUARD_RULE_SCHEMA);
    struct catalog_uses uses = {.foreign = NULL};
    struct catalog_used_relation *used = fact_read(&uses, people, 1);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_SCHEMA);
    used->alone = true;
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);

    struct catalog_fact_relation *events = fact_relation("analytics", "events", 'p');
    struct catalog_fact_relation *part = fact_relation("parts", "events_1", 'r');
    struct catalog_fact_relation *temporary = fact_relation("pg_temp_3", "mine", 'r');
    part->is_partition = true;
    fact_inherit(part, events);
    fact_inherit(temporary, events);
    assert_int_equal(ask_relation(events), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(part), GUARD_RULE_SCHEMA);
    struct catalog_uses constant = {.regclasses = fact_oid(part->oid)};
    assert_int_equal(ask_uses(&constant), GUARD_RULE_NONE);
    part->name = "audit_1";
    assert_int_equal(ask_uses(&constant), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(events), GUARD_RULE_BLOCKED);
}

static void sequences_go_with_their_table(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = fact_relation("public", "users", 'r');
    struct catalog_fact_relation *sequence = fact_relation("public", "users_id_seq", 'S');
    assert_int_equal(ask_relation(sequence), GUARD_RULE_NONE);
    sequence->owner_table = users->oid;
    assert_int_equal(ask_relation(sequence), GUARD_RULE_BLOCKED);
    assert_string_equal(operator_text(),
        "sequence public.users_id_seq belongs to public.users (in security.blocked_tables)");
    sequence->owner_table = 9;
    assert_int_equal(ask_relation(sequence), GUARD_RULE_UNKNOWN);
}

/* ---- views ---- */

static void views_are_looked_into(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = fact_relation("public", "users", 'r');
    struct catalog_fact_relation *view = fact_relation("public", "v_users", 'v');
    struct catalog_fact_relation *nested = fact_relation("public", "mv_nested", 'm');
    struct catalog_fact_relation *elsewhere = fact_relation("private", "v_public", 'v');
    fact_read(view->query, users, 1);
    fact_read(nested->query, view, 1);
    fact_read(elsewhere->query, users, 1);
    assert_int_equal(ask_relation(nested), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.relation, nested);
    assert_ptr_equal(finding.behind, users);
    assert_silent(client_text(), "users");
    assert_says(client_text(), "\"mv_nested\" does not exist or is not shown here");
    assert_string_equal(operator_text(),
        "materialized view public.mv_nested reads public.users (in security.blocked_tables); "
        "security.allowed_views would allow it");
    assert_int_equal(ask_relation(elsewhere), GUARD_RULE_SCHEMA);
    assert_null(guard_policy_plan(&policy, &facts, view, &shown));

    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v_*");
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(nested), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(elsewhere), GUARD_RULE_SCHEMA);
    assert_int_equal(ask_relation(users), GUARD_RULE_BLOCKED);
    assert_non_null(guard_policy_plan(&policy, &facts, view, &shown));
    assert_null(guard_policy_plan(&policy, &facts, users, &shown));
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "private.v_public,users");
    assert_int_equal(ask_relation(elsewhere), GUARD_RULE_NONE);
    assert_int_equal(ask_relation(view), GUARD_RULE_BLOCKED);
    assert_int_equal(ask_relation(users), GUARD_RULE_BLOCKED);
}

static void views_call_only_harmless_functions(void **state)
{
    (void)state;
    struct catalog_fact_relation *view = fact_relation("public", "v_calls", 'v');
    struct catalog_fact_relation *outer = fact_relation("public", "v_outer", 'v');
    struct catalog_uses *query = talloc_zero(test_ctx, struct catalog_uses);
    struct catalog_fact_operator equals = {.oid = 60000,
        .schema = "public",
        .name = "===",
        .function = FIRST_FUNCTION};
    view->query = query;
    fact_read(outer->query, view, 1);
    assert_int_equal(ask_relation(outer), GUARD_RULE_NONE);
    fact_function("get_email", 's', "sql");
    query->functions = fact_oid(FIRST_FUNCTION);
    assert_int_equal(ask_relation(outer), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.relation, outer);
    assert_ptr_equal(finding.behind, view);
    assert_silent(client_text(), "get_email");
    assert_says(operator_text(),
        "security.allowed_functions: [public.get_email] or security.allowed_views");
    query->functions = (struct catalog_oids){NULL, 0};
    query->operators = fact_oid(equals.oid);
    assert_int_equal(ask_relation(view), GUARD_RULE_UNKNOWN);
    facts.operators = &equals;
    facts.operator_count = 1;
    assert_int_equal(ask_relation(view), GUARD_RULE_UNTRUSTED);
    fact_list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "get_*");
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    query->foreign = "UPDATE";
    assert_int_equal(ask_relation(outer), GUARD_RULE_IMPURE);
    view->query = NULL;
    assert_int_equal(ask_relation(outer), GUARD_RULE_UNKNOWN);
}

static void views_may_nest_deeply_and_in_cycles(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    struct catalog_fact_relation *first = fact_relation("public", "v", 'v'), *last = first;
    for (int i = 0; i < DEPTH; i++) {
        struct catalog_fact_relation *next = fact_relation("public", "v", 'v');
        fact_read(last->query, next, 1);
        last = next;
    }
    fact_read(last->query, first, 1);
    assert_int_equal(ask_relation(first), GUARD_RULE_NONE);
    assert_null(guard_policy_plan(&policy, &facts, first, &shown));
    struct catalog_fact_relation *users = fact_relation("public", "users", 'r');
    fact_read(last->query, users, 1);
    assert_int_equal(ask_relation(first), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.behind, users);
    struct catalog_fact_relation *a = fact_relation("public", "a", 'r');
    struct catalog_fact_relation *b = fact_relation("public", "b", 'r');
    fact_inherit(a, b);
    fact_inherit(b, a);
    assert_int_equal(ask_relation(a), GUARD_RULE_NONE);
}

/* ---- columns ---- */

static void columns_are_blocked(void **state)
{
    (void)state;
    struct catalog_fact_relation *customers = fact_relation("public", "customers", 'r');
    struct catalog_fact_relation *child = fact_relation("public", "customers_old", 'r');
    struct catalog_fact_relation *view = fact_relation("public", "v", 'v');
    fact_columns(customers, "Full Name", "ssn");
    fact_columns(child, "Full Name", "ssn");
    fact_columns(view, "x", "y");
    fact_inherit(child, customers);
    fact_list(&policy.blocked_columns, GUARD_PATTERN_COLUMN, "customers.ssn,analytics.*.*");
    assert_true(guard_policy_column(&policy, &facts, customers, "Full Name"));
    assert_false(guard_policy_column(&policy, &facts, customers, "ssn"));
    assert_false(guard_policy_column(&policy, &facts, child, "ssn"));
    assert_int_equal(ask_relation(customers), GUARD_RULE_NONE);

    struct catalog_uses uses = {.foreign = NULL};
    fact_read(&uses, customers, 1);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    fact_read(&uses, child, 3);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_COLUMN);
    uses = (struct catalog_uses){.foreign = NULL};
    struct catalog_used_relation *used = fact_read(&uses, customers, 3);
    assert_int_equal(ask_uses(&uses), GUARD_RULE_COLUMN);
    assert_says(client_text(), "not all columns of \"customers\" are shown here");
    assert_says(client_text(), "name the columns you need: \"Full Name\"");
    assert_string_equal(operator_text(),
        "table public.customers, column ssn (in security.blocked_columns)");
    *used->columns = 2;
    assert_int_equal(ask_uses(&uses), GUARD_RULE_UNKNOWN);

    const struct guard_plan verbose = {.verbose = true};
    fact_read(view->query, customers, 1);
    assert_null(guard_policy_plan(&policy, &facts, view, &shown));
    assert_non_null(guard_policy_plan(&policy, &facts, view, &verbose));
    assert_non_null(guard_policy_plan(&policy, &facts, child, &verbose));
    const struct guard_plan secured = {.row_security = true};
    assert_null(guard_policy_plan(&policy, &facts, view, &secured));
    customers->has_row_security = true;
    assert_non_null(guard_policy_plan(&policy, &facts, view, &secured));
    used->column_count = 0;
    assert_int_equal(ask_uses(&uses), GUARD_RULE_NONE);
    used->whole = true;
    assert_int_equal(ask_uses(&uses), GUARD_RULE_COLUMN);

    fact_read(view->query, customers, 1);
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    fact_read(view->query, customers, 3);
    assert_int_equal(ask_relation(view), GUARD_RULE_COLUMN);
    assert_silent(client_text(), "ssn");
    fact_list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v");
    assert_int_equal(ask_relation(view), GUARD_RULE_NONE);
    assert_true(guard_policy_result(&policy, &facts, customers, 1, &finding));
    assert_true(guard_policy_result(&policy, &facts, customers, 0, &finding));
    assert_false(guard_policy_result(&policy, &facts, customers, 3, &finding));
    customers->name = "users";
    assert_false(guard_policy_result(&policy, &facts, customers, 1, &finding));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fact_set_up, fact_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(patterns_are_read_as_sql),
        TEST(names_decide),
        TEST(names_decide_without_facts),
        TEST(catalogs_are_opened_by_list),
        TEST(a_list_of_tables_is_closed),
        TEST(foreign_tables_must_be_meant),
        TEST(children_and_parents_are_read_too),
        TEST(sequences_go_with_their_table),
        TEST(views_are_looked_into),
        TEST(views_call_only_harmless_functions),
        TEST(views_may_nest_deeply_and_in_cycles),
        TEST(columns_are_blocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
