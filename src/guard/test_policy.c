/* Unit tests of the policy, on facts made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/error.h"
#include "guard/policy.h"

/* ---- facts: what is added later has the higher OID ---- */

enum { MOST = 6000, FIRST_RELATION = 20000, FIRST_FUNCTION = 40000, FIRST_TYPE = 50000 };

static void *ctx;
static struct catalog_facts facts;
static struct guard_policy policy;
static struct guard_finding finding;

static struct catalog_fact_relation *relation(const char *schema, const char *name, char kind)
{
    struct catalog_fact_relation *new = &facts.relations[facts.relation_count];
    *new = (struct catalog_fact_relation){.oid = FIRST_RELATION + (Oid)facts.relation_count++,
        .schema = schema,
        .name = name,
        .kind = kind};
    if (kind == 'v' || kind == 'm')
        new->query = talloc_zero(ctx, struct catalog_uses);
    return new;
}

static void add_relative(const struct catalog_fact_relation ***list, size_t *count,
    const struct catalog_fact_relation *relative)
{
    *list = talloc_realloc(ctx, *list, const struct catalog_fact_relation *, (unsigned)*count + 1);
    (*list)[(*count)++] = relative;
}

static void inherit(struct catalog_fact_relation *child, struct catalog_fact_relation *parent)
{
    add_relative(&child->parents, &child->parent_count, parent);
    add_relative(&parent->children, &parent->child_count, child);
}

static void columns(struct catalog_fact_relation *of, const char *first, const char *second)
{
    struct catalog_fact_column *items = talloc_array(ctx, struct catalog_fact_column, 2);
    items[0] = (struct catalog_fact_column){1, first, 23};
    items[1] = (struct catalog_fact_column){3, second, 25}; /* 2 was dropped */
    of->columns = items;
    of->column_count = 2;
}

static struct catalog_fact_function *function(const char *name, char volatility,
    const char *language)
{
    struct catalog_fact_function *new = &facts.functions[facts.function_count];
    *new = (struct catalog_fact_function){.oid = FIRST_FUNCTION + (Oid)facts.function_count++,
        .schema = "public",
        .name = name,
        .language = language,
        .volatility = volatility,
        .kind = 'f'};
    return new;
}

static struct catalog_fact_function built_in(const char *name, char volatility, size_t arguments)
{
    return (struct catalog_fact_function){.oid = 2000,
        .schema = "pg_catalog",
        .name = name,
        .language = "internal",
        .volatility = volatility,
        .argument_count = arguments};
}

static struct catalog_fact_type *type(const char *name, char kind)
{
    struct catalog_fact_type *new = &facts.types[facts.type_count];
    *new = (struct catalog_fact_type){.oid = FIRST_TYPE + (Oid)facts.type_count++,
        .schema = "public",
        .name = name,
        .kind = kind};
    return new;
}

static struct catalog_oids one(Oid oid)
{
    Oid *items = talloc(ctx, Oid);
    *items = oid;
    return (struct catalog_oids){items, 1};
}

/* Adds to `uses` that it reads column `number` of the relation; -1 = the row as a whole. */
static void read_column(const struct catalog_uses *uses, const struct catalog_fact_relation *of,
    int number)
{
    struct catalog_uses *query = (struct catalog_uses *)(uintptr_t)uses;
    query->relations = talloc_realloc(ctx, query->relations, struct catalog_used_relation,
        (unsigned)query->relation_count + 1);
    int *numbers = talloc(ctx, int);
    *numbers = number;
    query->relations[query->relation_count++] = (struct catalog_used_relation){.oid = of->oid,
        .whole = number<0, .columns = numbers, .column_count = number> 0};
}

static void list(struct guard_patterns *to, enum guard_pattern_form form, const char *text)
{
    struct guard_pattern *items = talloc_zero_array(ctx, struct guard_pattern, 8);
    char *copy = talloc_strdup(ctx, text);
    size_t count = 0;
    for (char *save, *item = strtok_r(copy, ",", &save); item; item = strtok_r(NULL, ",", &save))
        assert_true(guard_pattern_parse(ctx, item, form, &items[count++]));
    *to = (struct guard_patterns){items, count, true};
}

static int set_up(void **state)
{
    (void)state;
    ctx = talloc_new(NULL);
    facts = (struct catalog_facts){
        .relations = talloc_zero_array(ctx, struct catalog_fact_relation, MOST),
        .functions = talloc_zero_array(ctx, struct catalog_fact_function, MOST),
        .types = talloc_zero_array(ctx, struct catalog_fact_type, MOST),
    };
    policy = (struct guard_policy){.max_query_bytes = 32768};
    list(&policy.allowed_schemas, GUARD_PATTERN_SCHEMA, "public,analytics");
    list(&policy.blocked_tables, GUARD_PATTERN_OBJECT, "users,audit_*,private.keys");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(ctx);
    return 0;
}

/* ---- questions ---- */

static enum guard_rule rule(const struct catalog_fact_relation *of)
{
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_relation(&policy, &facts, of, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

static enum guard_rule uses_rule(const struct catalog_uses *uses)
{
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_uses(&policy, &facts, uses, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

static enum guard_rule function_rule(struct catalog_fact_function of)
{
    static struct catalog_fact_function kept; /* the finding refers to it */
    kept = of;
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_function(&policy, &kept, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

static const char *said(void)
{
    return error_text(ctx, guard_finding_error(ctx, &policy, &facts, &finding));
}

static const char *told(void)
{
    return guard_finding_text(ctx, &finding);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" has no \"%s\"", text, part);
}

static void assert_silent(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" has \"%s\"", text, part);
}

/* ---- patterns ---- */

static void patterns_are_read_as_sql(void **state)
{
    (void)state;
    struct guard_pattern p;
    assert_true(guard_pattern_parse(ctx, " Public.Users ", GUARD_PATTERN_OBJECT, &p));
    assert_string_equal(p.schema, "public");
    assert_string_equal(p.name, "users");
    assert_null(p.column);
    assert_true(guard_pattern_parse(ctx, "\"We\"\"ird*.x\"", GUARD_PATTERN_OBJECT, &p));
    assert_null(p.schema);
    struct guard_patterns patterns = {&p, 1, true};
    assert_true(guard_patterns_match(&patterns, "any", "We\"ird*.x"));
    assert_false(guard_patterns_match(&patterns, "any", "We\"ird_y.x"));
    assert_true(guard_pattern_parse(ctx, "hr.*_2024.ssn", GUARD_PATTERN_COLUMN, &p));
    assert_string_equal(p.schema, "hr");
    assert_string_equal(p.column, "ssn");
    assert_true(guard_patterns_match(&patterns, "hr", "pay_2024"));
    assert_false(guard_patterns_match(&patterns, "hr", "pay_2024b"));
    assert_true(guard_pattern_parse(ctx, "t.c", GUARD_PATTERN_COLUMN, &p));
    assert_null(p.schema);
    assert_true(guard_pattern_parse(ctx, "größe", GUARD_PATTERN_SCHEMA, &p));
    assert_string_equal(p.name, "größe");

    static const char *const none[] = {"", " ", ".", "a.", ".a", "a b", "\"a", "\"\"", "a.b.c",
        "1a", "a;b", "a..b", "[a]", "a?", "a\\"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (guard_pattern_parse(ctx, none[i], GUARD_PATTERN_OBJECT, &p))
            fail_msg("a name: %s", none[i]);
    }
    assert_false(guard_pattern_parse(ctx, "a.b", GUARD_PATTERN_SCHEMA, &p));
    assert_false(guard_pattern_parse(ctx, "a", GUARD_PATTERN_COLUMN, &p));
    assert_false(guard_pattern_parse(ctx, "a.b.c.d", GUARD_PATTERN_COLUMN, &p));
}

/* ---- relations ---- */

static void names_decide(void **state)
{
    (void)state;
    assert_int_equal(rule(relation("public", "customers", 'r')), GUARD_RULE_NONE);
    assert_int_equal(rule(relation("public", "users", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(relation("analytics", "users", 'v')), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(relation("public", "audit_log", 'p')), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(relation("public", "Users", 'r')), GUARD_RULE_NONE);
    assert_int_equal(rule(relation("public", "keys", 'r')), GUARD_RULE_NONE);
    assert_int_equal(rule(relation("private", "salaries", 'r')), GUARD_RULE_SCHEMA);
    policy.allowed_schemas.given = false;
    assert_int_equal(rule(relation("private", "salaries", 'r')), GUARD_RULE_NONE);
    assert_int_equal(rule(relation("private", "keys", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(relation("pg_toast", "pg_toast_1", 'r')), GUARD_RULE_SCHEMA);
    assert_int_equal(rule(relation("pg_temp_7", "t", 'r')), GUARD_RULE_SCHEMA);
    list(&policy.allowed_schemas, GUARD_PATTERN_SCHEMA, "");
    assert_int_equal(rule(relation("public", "t", 'r')), GUARD_RULE_SCHEMA);
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
    list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "public.c*");
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "private.v");
    assert_int_equal(guard_policy_name(&policy, NULL, "x"), GUARD_RULE_UNLISTED);
    assert_int_equal(guard_policy_name(&policy, NULL, "customers"), GUARD_RULE_NONE);
    assert_int_equal(guard_policy_name(&policy, "private", "v"), GUARD_RULE_NONE);
    finding = (struct guard_finding){.rule = GUARD_RULE_UNLISTED, .name = "x"};
    const char *absent = said();
    finding = (struct guard_finding){.rule = GUARD_RULE_BLOCKED};
    finding.relation = relation("public", "x", 'r');
    assert_string_equal(said(), absent);
}

static void catalogs_are_opened_by_list(void **state)
{
    (void)state;
    struct catalog_fact_relation *class = relation("pg_catalog", "pg_class", 'r');
    struct catalog_fact_relation *columns_view = relation("information_schema", "columns", 'v');
    struct catalog_fact_relation *proc = relation("pg_catalog", "pg_proc", 'r');
    struct catalog_fact_relation *authid = relation("pg_catalog", "pg_authid", 'r');
    struct catalog_fact_relation *mapping =
        relation("information_schema", "user_mapping_options", 'v');
    assert_int_equal(rule(class), GUARD_RULE_NONE);
    assert_int_equal(rule(columns_view), GUARD_RULE_NONE);
    assert_int_equal(rule(proc), GUARD_RULE_CATALOG);
    assert_says(told(), "security.catalog_access: all opens");
    assert_int_equal(rule(authid), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_ALL;
    assert_int_equal(rule(proc), GUARD_RULE_NONE);
    assert_int_equal(rule(authid), GUARD_RULE_CATALOG);
    assert_says(told(), "that nothing opens");
    assert_int_equal(rule(mapping), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_NONE;
    assert_int_equal(rule(class), GUARD_RULE_CATALOG);
    policy.catalog_access = GUARD_CATALOG_SAFE;
    list(&policy.blocked_tables, GUARD_PATTERN_OBJECT, "columns,pg_catalog.*");
    assert_int_equal(rule(columns_view), GUARD_RULE_NONE);
    assert_int_equal(rule(class), GUARD_RULE_BLOCKED);
}

static void a_list_of_tables_is_closed(void **state)
{
    (void)state;
    struct catalog_fact_relation *customers = relation("public", "customers", 'r');
    struct catalog_fact_relation *orders = relation("public", "orders", 'r');
    struct catalog_fact_relation *sequence = relation("public", "customers_id_seq", 'S');
    struct catalog_fact_relation *view = relation("public", "v", 'v');
    sequence->owner_table = customers->oid;
    read_column(view->query, orders, 1);
    list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "customers,v,users");
    assert_int_equal(rule(customers), GUARD_RULE_NONE);
    assert_int_equal(rule(sequence), GUARD_RULE_NONE);
    assert_int_equal(rule(orders), GUARD_RULE_UNLISTED);
    assert_int_equal(rule(relation("public", "users", 'r')), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(view), GUARD_RULE_UNLISTED);
    assert_ptr_equal(finding.behind, orders);
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v");
    assert_int_equal(rule(view), GUARD_RULE_NONE);
    list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "");
    assert_int_equal(rule(customers), GUARD_RULE_UNLISTED);
    assert_int_equal(rule(view), GUARD_RULE_NONE);
}

static void foreign_tables_must_be_meant(void **state)
{
    (void)state;
    struct catalog_fact_relation *foreign = relation("public", "remote", 'f');
    struct catalog_fact_relation *parent = relation("public", "orders", 'p');
    struct catalog_fact_relation *partition = relation("parts", "orders_far", 'f');
    struct catalog_fact_relation *statements = relation("public", "pg_stat_statements", 'v');
    struct catalog_fact_relation *srid = relation("public", "spatial_ref_sys", 'r');
    partition->is_partition = statements->is_extension = srid->is_extension = true;
    inherit(partition, parent);
    assert_int_equal(rule(foreign), GUARD_RULE_FOREIGN);
    assert_int_equal(rule(parent), GUARD_RULE_FOREIGN);
    assert_ptr_equal(finding.behind, partition);
    assert_int_equal(rule(statements), GUARD_RULE_EXTENSION);
    assert_int_equal(rule(srid), GUARD_RULE_NONE);
    list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "*");
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "*");
    assert_int_equal(rule(foreign), GUARD_RULE_FOREIGN);
    assert_int_equal(rule(statements), GUARD_RULE_EXTENSION);
    list(&policy.allowed_tables, GUARD_PATTERN_OBJECT, "*,remote,parts.orders_far");
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "pg_stat_statements");
    assert_int_equal(rule(foreign), GUARD_RULE_NONE);
    assert_int_equal(rule(parent), GUARD_RULE_NONE);
    assert_int_equal(rule(statements), GUARD_RULE_NONE);
}

static void children_and_parents_are_read_too(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = relation("public", "users", 'r');
    struct catalog_fact_relation *archive = relation("public", "users_archive", 'r');
    struct catalog_fact_relation *older = relation("public", "users_older", 'r');
    struct catalog_fact_relation *other = relation("public", "persons", 'r');
    struct catalog_fact_relation *people = relation("public", "people", 'r');
    struct catalog_fact_relation *secret = relation("private", "people_secret", 'r');
    inherit(archive, users);
    inherit(older, archive);
    inherit(older, other);
    inherit(secret, people);
    assert_int_equal(rule(older), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.relation, older);
    assert_ptr_equal(finding.behind, users);
    assert_int_equal(rule(other), GUARD_RULE_BLOCKED); /* its child is one of users, too */
    assert_silent(said(), "users\"");
    assert_says(said(), "\"persons\" is not available here");
    assert_int_equal(rule(people), GUARD_RULE_SCHEMA);
    struct catalog_uses uses = {.foreign = NULL};
    read_column(&uses, people, 1);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_SCHEMA);
    uses.relations[0].alone = true;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);

    struct catalog_fact_relation *events = relation("analytics", "events", 'p');
    struct catalog_fact_relation *part = relation("parts", "events_1", 'r');
    struct catalog_fact_relation *temporary = relation("pg_temp_3", "mine", 'r');
    part->is_partition = true;
    inherit(part, events);
    inherit(temporary, events);
    assert_int_equal(rule(events), GUARD_RULE_NONE);
    assert_int_equal(rule(part), GUARD_RULE_SCHEMA);
    struct catalog_uses constant = {.regclasses = one(part->oid)};
    assert_int_equal(uses_rule(&constant), GUARD_RULE_NONE);
    part->name = "audit_1";
    assert_int_equal(uses_rule(&constant), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(events), GUARD_RULE_BLOCKED);
}

static void sequences_go_with_their_table(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = relation("public", "users", 'r');
    struct catalog_fact_relation *sequence = relation("public", "users_id_seq", 'S');
    assert_int_equal(rule(sequence), GUARD_RULE_NONE);
    sequence->owner_table = users->oid;
    assert_int_equal(rule(sequence), GUARD_RULE_BLOCKED);
    assert_string_equal(told(),
        "sequence public.users_id_seq belongs to public.users (in security.blocked_tables)");
    sequence->owner_table = 9;
    assert_int_equal(rule(sequence), GUARD_RULE_UNKNOWN);
}

/* ---- views ---- */

static void views_are_looked_into(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = relation("public", "users", 'r');
    struct catalog_fact_relation *view = relation("public", "v_users", 'v');
    struct catalog_fact_relation *nested = relation("public", "mv_nested", 'm');
    struct catalog_fact_relation *elsewhere = relation("private", "v_public", 'v');
    read_column(view->query, users, 1);
    read_column(nested->query, view, 1);
    read_column(elsewhere->query, users, 1);
    assert_int_equal(rule(nested), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.relation, nested);
    assert_ptr_equal(finding.behind, users);
    assert_silent(said(), "users");
    assert_says(said(), "\"mv_nested\" is not available here");
    assert_says(said(), "it reads what this server does not show");
    assert_string_equal(told(),
        "materialized view public.mv_nested reads public.users (in security.blocked_tables); "
        "security.allowed_views would allow it");
    assert_int_equal(rule(elsewhere), GUARD_RULE_SCHEMA);
    assert_false(guard_policy_trusts(&policy, &facts, view));

    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v_*");
    assert_int_equal(rule(view), GUARD_RULE_NONE);
    assert_int_equal(rule(nested), GUARD_RULE_NONE);
    assert_int_equal(rule(elsewhere), GUARD_RULE_SCHEMA);
    assert_int_equal(rule(users), GUARD_RULE_BLOCKED);
    assert_true(guard_policy_trusts(&policy, &facts, view));
    assert_false(guard_policy_trusts(&policy, &facts, users));
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "private.v_public,users");
    assert_int_equal(rule(elsewhere), GUARD_RULE_NONE);
    assert_int_equal(rule(view), GUARD_RULE_BLOCKED);
    assert_int_equal(rule(users), GUARD_RULE_BLOCKED);
}

static void views_call_only_harmless_functions(void **state)
{
    (void)state;
    struct catalog_fact_relation *view = relation("public", "v_calls", 'v');
    struct catalog_fact_relation *outer = relation("public", "v_outer", 'v');
    struct catalog_uses *query = talloc_zero(ctx, struct catalog_uses);
    struct catalog_fact_operator equals = {.oid = 60000,
        .schema = "public",
        .name = "===",
        .function = FIRST_FUNCTION};
    view->query = query;
    read_column(outer->query, view, 1);
    assert_int_equal(rule(outer), GUARD_RULE_NONE);
    function("get_email", 's', "sql");
    query->functions = one(FIRST_FUNCTION);
    assert_int_equal(rule(outer), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.relation, outer);
    assert_ptr_equal(finding.behind, view);
    assert_silent(said(), "get_email");
    assert_says(told(), "security.allowed_functions: [public.get_email] or security.allowed_views");
    query->functions = (struct catalog_oids){NULL, 0};
    query->operators = one(equals.oid);
    assert_int_equal(rule(view), GUARD_RULE_UNKNOWN);
    facts.operators = &equals;
    facts.operator_count = 1;
    assert_int_equal(rule(view), GUARD_RULE_UNTRUSTED);
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "get_*");
    assert_int_equal(rule(view), GUARD_RULE_NONE);
    query->foreign = "UPDATE";
    assert_int_equal(rule(outer), GUARD_RULE_IMPURE);
    view->query = NULL;
    assert_int_equal(rule(outer), GUARD_RULE_UNKNOWN);
}

static void views_may_nest_deeply_and_in_cycles(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    struct catalog_fact_relation *first = relation("public", "v", 'v'), *last = first;
    for (int i = 0; i < DEPTH; i++) {
        struct catalog_fact_relation *next = relation("public", "v", 'v');
        read_column(last->query, next, 1);
        last = next;
    }
    read_column(last->query, first, 1);
    assert_int_equal(rule(first), GUARD_RULE_NONE);
    assert_false(guard_policy_trusts(&policy, &facts, first));
    struct catalog_fact_relation *users = relation("public", "users", 'r');
    read_column(last->query, users, 1);
    assert_int_equal(rule(first), GUARD_RULE_BLOCKED);
    assert_ptr_equal(finding.behind, users);
    struct catalog_fact_relation *a = relation("public", "a", 'r');
    struct catalog_fact_relation *b = relation("public", "b", 'r');
    inherit(a, b);
    inherit(b, a);
    assert_int_equal(rule(a), GUARD_RULE_NONE);
}

/* ---- columns ---- */

static void columns_are_blocked(void **state)
{
    (void)state;
    struct catalog_fact_relation *customers = relation("public", "customers", 'r');
    struct catalog_fact_relation *child = relation("public", "customers_old", 'r');
    struct catalog_fact_relation *view = relation("public", "v", 'v');
    columns(customers, "Full Name", "ssn");
    columns(child, "Full Name", "ssn");
    columns(view, "x", "y");
    inherit(child, customers);
    list(&policy.blocked_columns, GUARD_PATTERN_COLUMN, "customers.ssn,analytics.*.*");
    assert_true(guard_policy_column(&policy, &facts, customers, "Full Name"));
    assert_false(guard_policy_column(&policy, &facts, customers, "ssn"));
    assert_false(guard_policy_column(&policy, &facts, child, "ssn"));
    assert_int_equal(rule(customers), GUARD_RULE_NONE);

    struct catalog_uses uses = {.foreign = NULL};
    read_column(&uses, customers, 1);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    read_column(&uses, child, 3);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_COLUMN);
    uses.relation_count = 1;
    *uses.relations[0].columns = 3;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_COLUMN);
    assert_says(said(), "column \"ssn\" of \"customers\" is not available here");
    assert_says(said(), "name the columns you need: \"Full Name\"");
    assert_string_equal(told(), "table public.customers, column ssn (in security.blocked_columns)");
    *uses.relations[0].columns = 2;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNKNOWN);
    uses.relations[0].column_count = 0;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    uses.relations[0].whole = true;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_COLUMN);

    read_column(view->query, customers, 1);
    assert_int_equal(rule(view), GUARD_RULE_NONE);
    read_column(view->query, customers, 3);
    assert_int_equal(rule(view), GUARD_RULE_COLUMN);
    assert_silent(said(), "ssn");
    list(&policy.allowed_views, GUARD_PATTERN_OBJECT, "v");
    assert_int_equal(rule(view), GUARD_RULE_NONE);
    assert_true(guard_policy_result(&policy, &facts, customers, 1, &finding));
    assert_true(guard_policy_result(&policy, &facts, customers, 0, &finding));
    assert_false(guard_policy_result(&policy, &facts, customers, 3, &finding));
    customers->name = "users";
    assert_false(guard_policy_result(&policy, &facts, customers, 1, &finding));
}

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
        if (function_rule(built_in(cases[i].name, cases[i].volatility, cases[i].arguments)) !=
            cases[i].rule)
            fail_msg("%s/%zu", cases[i].name, cases[i].arguments);
    }
    function_rule(built_in("table_to_xml", 's', 4));
    assert_says(said(), "function table_to_xml(…) is not available here");
    assert_says(said(), "it reads a table that its argument names");
    assert_says(said(), "name the tables in the query itself");
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "pg_sleep,*.*,pg_catalog.pg_*");
    assert_int_equal(function_rule(built_in("pg_sleep", 'v', 1)), GUARD_RULE_FUNCTION);
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "pg_catalog.pg_sleep");
    assert_int_equal(function_rule(built_in("pg_sleep", 'v', 1)), GUARD_RULE_NONE);
}

static enum guard_rule extension_rule(const char *extension, const char *name, char volatility,
    const char *language)
{
    struct catalog_fact_function *new = function(name, volatility, language);
    new->extension = extension;
    return function_rule(*new);
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
    assert_says(told(), "function public.xpath_table of extension xml2");
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "public.*");
    assert_int_equal(extension_rule("dblink", "dblink", 'v', "c"), GUARD_RULE_FUNCTION);
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "dblink");
    assert_int_equal(extension_rule("dblink", "dblink", 'v', "c"), GUARD_RULE_NONE);
}

static void functions_of_users(void **state)
{
    (void)state;
    struct catalog_fact_function *mine = function("add_tax", 'i', "sql");
    struct catalog_fact_function *copy = function("read", 'i', "internal");
    copy->internal = "pg_read_file";
    assert_int_equal(function_rule(*mine), GUARD_RULE_UNTRUSTED);
    assert_int_equal(function_rule(*copy), GUARD_RULE_UNTRUSTED);
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "public.add_*");
    assert_int_equal(function_rule(*mine), GUARD_RULE_NONE);
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "analytics.add_tax");
    assert_int_equal(function_rule(*mine), GUARD_RULE_UNTRUSTED);

    struct catalog_uses uses = {.functions = one(mine->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNTRUSTED);
    assert_null(finding.relation);
    assert_says(said(), "function add_tax() is not available here");
    struct catalog_fact_cast cast = {.source = type("mood", 'e')->oid,
        .target = 23,
        .function = mine->oid};
    facts.casts = &cast;
    facts.cast_count = 1;
    assert_says(said(), "leave out the cast from \"mood\" that calls it");
    uses.functions = one(77777);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNKNOWN);
    assert_int_equal(finding.oid, 77777);
}

/* ---- types ---- */

static void types_call_functions(void **state)
{
    (void)state;
    struct catalog_fact_function *probe = function("probe", 'v', "plpgsql");
    struct catalog_fact_type *domain = type("probed", 'd');
    struct catalog_fact_type *array = type("_probed", 'b');
    struct catalog_fact_type *composite = type("pair", 'c');
    struct catalog_fact_type *plain = type("mood", 'e');
    domain->functions = one(probe->oid);
    array->element = domain->oid;
    composite->attributes = one(array->oid);
    struct catalog_uses uses = {.types = one(plain->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    uses.types = one(composite->oid);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.type, composite);
    assert_says(said(), "\"pair\" is not available here");
    assert_silent(said(), "probe");
    uses.types = one(25);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    uses.types = one(77777);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNKNOWN);

    struct catalog_fact_function valid = built_in("pg_input_is_valid", 's', 2);
    valid.oid = 100;
    struct catalog_fact_function *all = facts.functions;
    facts.functions = talloc_array(ctx, struct catalog_fact_function, 2);
    facts.functions[0] = valid;
    facts.functions[1] = *all;
    facts.function_count = 2;
    uses = (struct catalog_uses){.functions = one(valid.oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_FUNCTION);
    assert_string_equal(finding.function->name, "pg_input_is_valid");
    list(&policy.allowed_functions, GUARD_PATTERN_OBJECT, "probe");
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
}

static void row_types_go_with_their_table(void **state)
{
    (void)state;
    struct catalog_fact_relation *users = relation("public", "users", 'r');
    struct catalog_fact_type *row = type("users", 'c');
    struct catalog_fact_type *holder = type("holder", 'c');
    row->relation = users->oid;
    holder->attributes = one(row->oid);
    struct catalog_uses uses = {.types = one(row->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_BLOCKED);
    assert_says(said(), "table \"users\" is not available here");
    uses.types = one(holder->oid);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_BLOCKED);
    assert_silent(said(), "users");
    uses = (struct catalog_uses){.regclasses = one(users->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_BLOCKED);
    uses.regclasses = one(77777); /* an index */
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
}

static void ranges_bring_constructors(void **state)
{
    (void)state;
    struct catalog_fact_type *range = type("price_range", 'r');
    struct catalog_fact_function *make = function("price_range", 'i', "internal");
    struct catalog_fact_function *canonical = function("canonical", 'i', "plpgsql");
    make->internal = "range_constructor2";
    make->returns = range->oid;
    range->base = 1700;
    struct catalog_uses uses = {.functions = one(make->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    range->functions = one(canonical->oid);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNTRUSTED);
    assert_ptr_equal(finding.type, range);
}

static void json_calls_casts(void **state)
{
    (void)state;
    struct catalog_fact_function *to_json = function("to_json", 's', "internal");
    to_json->oid = 3176;
    struct catalog_fact_function *evil = function("evil", 's', "sql");
    struct catalog_fact_cast cast = {.source = FIRST_TYPE, .target = 23, .function = evil->oid};
    facts.casts = &cast;
    facts.cast_count = 1;
    struct catalog_uses uses = {.functions = one(to_json->oid)};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_NONE);
    cast.target = 114;
    assert_int_equal(uses_rule(&uses), GUARD_RULE_FUNCTION);
    assert_says(said(), "function to_json() is not available here");
    assert_silent(said(), "evil");
}

static void what_is_not_pure_is_refused(void **state)
{
    (void)state;
    struct catalog_uses uses = {.foreign = "FOR UPDATE"};
    assert_int_equal(uses_rule(&uses), GUARD_RULE_IMPURE);
    assert_says(said(), "Only SELECT queries are allowed");
    struct catalog_fact_relation lost = {.oid = 77777};
    uses.foreign = NULL;
    read_column(&uses, &lost, 1);
    assert_int_equal(uses_rule(&uses), GUARD_RULE_UNKNOWN);
    assert_true(guard_finding_error(ctx, &policy, &facts, &finding)->retryable);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(built_in_functions),
        TEST(functions_of_extensions),
        TEST(functions_of_users),
        TEST(types_call_functions),
        TEST(row_types_go_with_their_table),
        TEST(ranges_bring_constructors),
        TEST(json_calls_casts),
        TEST(what_is_not_pure_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
