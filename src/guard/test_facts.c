#include "guard/test_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/error.h"

enum { MOST = 6000 };

void *test_ctx;
struct catalog_facts facts;
struct guard_policy policy;
struct guard_finding finding;

struct catalog_fact_relation *fact_relation(const char *schema, const char *name, char kind)
{
    struct catalog_fact_relation *new = &facts.relations[facts.relation_count];
    *new = (struct catalog_fact_relation){.oid = FIRST_RELATION + (Oid)facts.relation_count++,
        .schema = schema,
        .name = name,
        .kind = kind};
    if (kind == 'v' || kind == 'm')
        new->query = talloc_zero(test_ctx, struct catalog_uses);
    return new;
}

static void add_relative(const struct catalog_fact_relation ***list, size_t *count,
    const struct catalog_fact_relation *relative)
{
    *list =
        talloc_realloc(test_ctx, *list, const struct catalog_fact_relation *, (unsigned)*count + 1);
    (*list)[(*count)++] = relative;
}

void fact_inherit(struct catalog_fact_relation *child, struct catalog_fact_relation *parent)
{
    add_relative(&child->parents, &child->parent_count, parent);
    add_relative(&parent->children, &parent->child_count, child);
}

void fact_columns(struct catalog_fact_relation *of, const char *first, const char *second)
{
    struct catalog_fact_column *items = talloc_array(test_ctx, struct catalog_fact_column, 2);
    items[0] = (struct catalog_fact_column){1, first, 23};
    items[1] = (struct catalog_fact_column){3, second, 25}; /* 2 was dropped */
    of->columns = items;
    of->column_count = 2;
}

struct catalog_fact_function *fact_function(const char *name, char volatility, const char *language)
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

struct catalog_fact_function fact_built_in(const char *name, char volatility, size_t arguments)
{
    return (struct catalog_fact_function){.oid = 2000,
        .schema = "pg_catalog",
        .name = name,
        .language = "internal",
        .volatility = volatility,
        .argument_count = arguments};
}

struct catalog_fact_type *fact_type(const char *name, char kind)
{
    struct catalog_fact_type *new = &facts.types[facts.type_count];
    *new = (struct catalog_fact_type){.oid = FIRST_TYPE + (Oid)facts.type_count++,
        .schema = "public",
        .name = name,
        .kind = kind};
    return new;
}

struct catalog_oids fact_oid(Oid oid)
{
    Oid *items = talloc(test_ctx, Oid);
    *items = oid;
    return (struct catalog_oids){items, 1};
}

struct catalog_used_relation *fact_read(const struct catalog_uses *uses,
    const struct catalog_fact_relation *of, int number)
{
    struct catalog_uses *query = (struct catalog_uses *)(uintptr_t)uses;
    query->relations = talloc_realloc(test_ctx, query->relations, struct catalog_used_relation,
        (unsigned)query->relation_count + 1);
    int *numbers = talloc(test_ctx, int);
    *numbers = number;
    struct catalog_used_relation *used = &query->relations[query->relation_count++];
    *used = (struct catalog_used_relation){.oid = of->oid,
        .whole = number<0, .columns = numbers, .column_count = number> 0};
    return used;
}

void fact_list(struct guard_patterns *to, enum guard_pattern_form form, const char *text)
{
    struct guard_pattern *items = talloc_zero_array(test_ctx, struct guard_pattern, 8);
    char *copy = talloc_strdup(test_ctx, text);
    size_t count = 0;
    for (char *save, *item = strtok_r(copy, ",", &save); item; item = strtok_r(NULL, ",", &save))
        assert_true(guard_pattern_parse(test_ctx, item, form, &items[count++]));
    *to = (struct guard_patterns){items, count, true};
}

int fact_set_up(void **state)
{
    (void)state;
    test_ctx = talloc_new(NULL);
    facts = (struct catalog_facts){
        .relations = talloc_zero_array(test_ctx, struct catalog_fact_relation, MOST),
        .functions = talloc_zero_array(test_ctx, struct catalog_fact_function, MOST),
        .types = talloc_zero_array(test_ctx, struct catalog_fact_type, MOST),
    };
    policy = (struct guard_policy){.max_query_bytes = 32768};
    fact_list(&policy.allowed_schemas, GUARD_PATTERN_SCHEMA, "public,analytics");
    fact_list(&policy.blocked_tables, GUARD_PATTERN_OBJECT, "users,audit_*,private.keys");
    return 0;
}

int fact_tear_down(void **state)
{
    (void)state;
    talloc_free(test_ctx);
    return 0;
}

/* ---- questions ---- */

enum guard_rule ask_relation(const struct catalog_fact_relation *of)
{
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_relation(&policy, &facts, of, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

enum guard_rule ask_uses(const struct catalog_uses *uses)
{
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_uses(&policy, &facts, uses, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

enum guard_rule ask_function(struct catalog_fact_function of)
{
    static struct catalog_fact_function kept; /* the finding refers to it */
    kept = of;
    finding = (struct guard_finding){.rule = GUARD_RULE_NONE};
    bool fine = guard_policy_function(&policy, &kept, &finding);
    assert_int_equal(fine, finding.rule == GUARD_RULE_NONE);
    return finding.rule;
}

const char *client_text(void)
{
    return error_text(test_ctx, guard_finding_error(test_ctx, &policy, &facts, &finding));
}

const char *operator_text(void)
{
    return guard_finding_text(test_ctx, &finding);
}

void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" has no \"%s\"", text, part);
}

void assert_silent(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" has \"%s\"", text, part);
}
