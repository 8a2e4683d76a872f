/* The policy held against the facts; see exposure.h. */
#include "app/exposure.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

bool app_exposure_concerns(const struct catalog_fact_relation *relation)
{
    return relation->oid >= CATALOG_FIRST_USER_OID && strchr("rpvmf", relation->kind) &&
           strncmp(relation->schema, "pg_", 3) != 0;
}

/* ---- relations ---- */

static int compare_hidden(const void *left, const void *right)
{
    const struct app_hidden *a = left, *b = right;
    if (a->by_itself != b->by_itself)
        return a->by_itself - b->by_itself;
    int order = strcmp(a->relation->schema, b->relation->schema);
    return order ? order : strcmp(a->relation->name, b->relation->name);
}

static void look_at_relations(struct app_exposure *e, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct app_audit *audit)
{
    e->hidden = talloc_array(e, struct app_hidden, (unsigned)facts->relation_count);
    for (size_t i = 0; i < facts->relation_count; i++) {
        const struct catalog_fact_relation *relation = &facts->relations[i];
        if (!app_exposure_concerns(relation) || relation->is_partition)
            continue;
        struct guard_finding finding = {0};
        enum guard_rule by_name = guard_policy_name(policy, relation->schema, relation->name);
        if (guard_policy_relation(policy, facts, relation, &finding)) {
            bool is_readable = catalog_oids_has(&audit->readable, relation->oid);
            *(is_readable ? &e->shown : &e->unreadable) += 1;
        } else if (by_name != GUARD_RULE_SCHEMA) {
            const char *reason = guard_finding_text(e, &finding);
            e->hidden[e->hidden_count++] =
                (struct app_hidden){relation, reason, by_name != GUARD_RULE_NONE};
        }
    }
    qsort(e->hidden, e->hidden_count, sizeof *e->hidden, compare_hidden);
}

/* ---- functions ---- */

static int compare_functions(const void *left, const void *right)
{
    const struct catalog_fact_function *const *a = left, *const *b = right;
    int order = strcmp((*a)->schema, (*b)->schema);
    return order ? order : strcmp((*a)->name, (*b)->name);
}

static void look_at_functions(struct app_exposure *e, const struct guard_policy *policy,
    const struct catalog_facts *facts)
{
    for (size_t i = 0; i < facts->function_count; i++) {
        const struct catalog_fact_function *function = &facts->functions[i];
        struct guard_finding finding = {0};
        if (function->oid < CATALOG_FIRST_USER_OID || function->extension ||
            strncmp(function->schema, "pg_", 3) == 0 ||
            guard_policy_function(policy, function, &finding))
            continue;
        e->refused = talloc_realloc(e, e->refused, const struct catalog_fact_function *,
            (unsigned)e->refused_count + 1);
        e->refused[e->refused_count++] = function;
    }
    if (e->refused_count > 0)
        qsort(e->refused, e->refused_count, sizeof(struct catalog_fact_function *),
            compare_functions);
}

/* ---- entries of lists ---- */

struct search {
    const void *ctx; /* of what is found */
    const struct catalog_facts *facts;
    const struct app_audit *audit;
    const struct guard_patterns *entry; /* one */
    struct text_nearest nearest;
    bool found;
};

static void find_schema(struct search *s)
{
    for (size_t i = 0; i < s->audit->schema_count; i++) {
        s->found |= guard_patterns_match(s->entry, NULL, s->audit->schemas[i]);
        text_nearest_offer(&s->nearest, s->audit->schemas[i]);
    }
}

static void find_relation(struct search *s)
{
    for (size_t i = 0; i < s->facts->relation_count; i++) {
        const struct catalog_fact_relation *relation = &s->facts->relations[i];
        if (!app_exposure_concerns(relation) && !s->entry->items->schema)
            continue;
        s->found |= guard_patterns_match(s->entry, relation->schema, relation->name);
        text_nearest_offer(&s->nearest, relation->name);
    }
}

/* A built-in function is only meant by an entry that names its schema. */
static void find_function(struct search *s)
{
    const char *built_in = NULL;
    for (size_t i = 0; i < s->facts->function_count; i++) {
        const struct catalog_fact_function *function = &s->facts->functions[i];
        bool fits = guard_patterns_match(s->entry, function->schema, function->name);
        if (function->oid >= CATALOG_FIRST_USER_OID || s->entry->items->schema)
            s->found |= fits;
        else if (fits)
            built_in = function->name;
        if (function->oid >= CATALOG_FIRST_USER_OID)
            text_nearest_offer(&s->nearest, function->name);
    }
    if (built_in)
        s->nearest.best = talloc_asprintf(s->ctx, "pg_catalog.%s", built_in);
}

static void find_column(struct search *s)
{
    const struct guard_policy only = {.blocked_columns = *s->entry};
    for (size_t i = 0; i < s->facts->relation_count; i++) {
        const struct catalog_fact_relation *relation = &s->facts->relations[i];
        for (size_t k = 0; k < relation->column_count; k++) {
            const char *column = relation->columns[k].name;
            s->found |= !guard_policy_column(&only, s->facts, relation, column);
            text_nearest_offer(&s->nearest, column);
        }
    }
}

static void look_at_list(struct app_exposure *e, const struct search *where, const char *key,
    const struct config_list *list, const struct guard_patterns *patterns,
    void (*find)(struct search *s))
{
    for (size_t i = 0; i < patterns->count; i++) {
        const char *last_part = strrchr(list->items[i], '.');
        struct search s = *where;
        const struct guard_patterns entry = {&patterns->items[i], 1, true};
        s.entry = &entry;
        s.nearest = text_nearest_to(last_part ? last_part + 1 : list->items[i]);
        find(&s);
        if (s.found)
            continue;
        e->unmatched =
            talloc_realloc(e, e->unmatched, struct app_unmatched, (unsigned)e->unmatched_count + 1);
        e->unmatched[e->unmatched_count++] =
            (struct app_unmatched){key, list->items[i], s.nearest.best};
    }
}

static void look_at_lists(struct app_exposure *e, const struct guard_policy *policy,
    const struct config_security *security, const struct catalog_facts *facts,
    const struct app_audit *audit)
{
    const struct search where = {.ctx = e, .facts = facts, .audit = audit};
    look_at_list(e, &where, "allowed_schemas", &security->allowed_schemas, &policy->allowed_schemas,
        find_schema);
    look_at_list(e, &where, "allowed_tables", &security->allowed_tables, &policy->allowed_tables,
        find_relation);
    look_at_list(e, &where, "allowed_views", &security->allowed_views, &policy->allowed_views,
        find_relation);
    look_at_list(e, &where, "allowed_functions", &security->allowed_functions,
        &policy->allowed_functions, find_function);
    look_at_list(e, &where, "blocked_tables", &security->blocked_tables, &policy->blocked_tables,
        find_relation);
    look_at_list(e, &where, "blocked_columns", &security->blocked_columns, &policy->blocked_columns,
        find_column);
}

bool app_exposure_get(const void *ctx, const struct tools_env *env,
    const struct config_security *security, const struct app_audit *audit, int64_t deadline,
    struct app_exposure **ret, struct error **ret_err)
{
    const struct catalog_facts *facts;
    if (!catalog_cache_facts(ctx, env->cache, deadline, &facts, ret_err))
        return false;
    const struct guard_policy *policy = guard_policy_get(env->guard);
    struct app_exposure *e = talloc_zero(ctx, struct app_exposure);
    look_at_relations(e, policy, facts, audit);
    look_at_functions(e, policy, facts);
    look_at_lists(e, policy, security, facts, audit);
    *ret = e;
    return true;
}
