/*
 * Layer 3a: the relations and types that the query names, each with its place in the text.
 *
 * A name that a CTE in scope has means the CTE; another one is looked up as PostgreSQL does, in
 * its schema or along the search path. What the policy hides is refused here in both modes, before
 * PostgreSQL says anything about it: its own errors would tell what columns a hidden table has.
 */
#include "guard/internal.h"

#include <stdint.h>
#include <string.h>
#include <talloc.h>

struct check {
    const void *ctx;
    const struct guard_policy *policy;
    const struct catalog_facts *facts;
    const char *sql;
    struct guard_names *names;
};

/* The CTEs that a part of the query sees: the first `count` of a WITH, and those around it. */
struct scope {
    const json_t *ctes;
    size_t count;
    const struct scope *outer;
};

static bool is_cte(const struct scope *scope, const char *name)
{
    for (; scope; scope = scope->outer) {
        for (size_t i = 0; i < scope->count; i++) {
            const json_t *cte = json_object_get(json_array_get(scope->ctes, i), "CommonTableExpr");
            const char *known = json_string_value(json_object_get(cte, "ctename"));
            if (known && strcmp(known, name) == 0)
                return true;
        }
    }
    return false;
}

static bool is_known(const struct guard_names *names, const struct catalog_fact_relation *relation)
{
    for (size_t i = 0; i < names->count; i++) {
        if (names->relations[i] == relation)
            return true;
    }
    return false;
}

static void add(struct check *check, const struct catalog_fact_relation *relation)
{
    struct guard_names *names = check->names;
    names->relations = talloc_realloc(check->ctx, names->relations,
        const struct catalog_fact_relation *, (unsigned)names->count + 1);
    names->relations[names->count++] = relation;
}

static void add_place(struct check *check, const json_t *node, struct guard_place place)
{
    struct guard_names *names = check->names;
    size_t at = names->place_count++;
    names->places = talloc_realloc(check->ctx, names->places, struct guard_place, (unsigned)at + 1);
    place.start = (size_t)json_integer_value(json_object_get(node, "location"));
    for (; at > 0 && names->places[at - 1].start > place.start; at--)
        names->places[at] = names->places[at - 1];
    names->places[at] = place;
}

static struct error *check_name(struct check *check, const json_t *range)
{
    const char *schema = json_string_value(json_object_get(range, "schemaname"));
    const char *name = json_string_value(json_object_get(range, "relname"));
    const struct catalog_fact_relation *relation =
        catalog_facts_find_relation(check->facts, schema, name);
    const char *written = schema ? talloc_asprintf(check->ctx, "%s.%s", schema, name)
                                 : talloc_strdup(check->ctx, name);
    struct guard_finding finding = {0};
    if (!relation) {
        if (!check->names->unknown)
            check->names->unknown = written;
        finding.rule = guard_policy_name(check->policy, schema, name);
    } else if (!is_known(check->names, relation)) {
        guard_policy_relation(check->policy, check->facts, relation, &finding);
    }
    finding.name = written;
    if (finding.rule != GUARD_RULE_NONE)
        return guard_refusal(check->ctx, check->policy, check->facts, &finding);
    if (!relation)
        return NULL;
    if (!is_known(check->names, relation))
        add(check, relation);
    const struct guard_place place = {
        .parts = 1 + (json_object_get(range, "schemaname") != NULL) +
                 (json_object_get(range, "catalogname") != NULL),
        .aliased = json_object_get(range, "alias") != NULL,
        .relation = relation,
    };
    if (guard_shown_concerns(relation))
        add_place(check, range, place);
    return NULL;
}

static struct error *check_range(struct check *check, const json_t *range,
    const struct scope *scope)
{
    const char *database = json_string_value(json_object_get(range, "catalogname"));
    const char *schema = json_string_value(json_object_get(range, "schemaname"));
    const char *name = json_string_value(json_object_get(range, "relname"));
    struct error *error = NULL;
    if (!name || (!schema && is_cte(scope, name)))
        return NULL;
    if (database && strcmp(database, check->facts->database) != 0)
        error = error_hint(error_create(check->ctx, ERROR_REFUSED,
                               "database \"%s\" is not available here", database),
            "write schema.table; this is the database \"%s\"", check->facts->database);
    else
        error = check_name(check, range);
    int position =
        guard_position(check->sql, json_integer_value(json_object_get(range, "location")));
    if (error)
        error->position = position;
    else if (check->names->unknown && check->names->position == 0)
        check->names->position = position;
    return error;
}

static const char *string_at(const json_t *list, size_t i)
{
    const json_t *node = json_object_get(json_array_get(list, i), "String");
    return json_string_value(json_object_get(node, "sval"));
}

/* information_schema.tables.table_name */
static void check_reference(struct check *check, const json_t *reference)
{
    const json_t *fields = json_object_get(reference, "fields");
    size_t count = json_array_size(fields);
    const char *schema = count > 2 ? string_at(fields, count - 3) : NULL;
    const char *name = count > 2 ? string_at(fields, count - 2) : NULL;
    const struct catalog_fact_relation *relation =
        schema && name ? catalog_facts_find_relation(check->facts, schema, name) : NULL;
    if (relation && guard_shown_concerns(relation))
        add_place(check, reference,
            (struct guard_place){.parts = (int)count - 2, .reference = true, .relation = relation});
}

/* Already its analysis makes PostgreSQL turn a literal into a value of the type, which may call
 * the functions of the type's checks: too late for a look at what the query uses. `names` is the
 * list of a TypeName, or of a function, which is a cast when it is called as a type. */
static struct error *check_type(struct check *check, const json_t *names, const json_t *place)
{
    size_t count = json_array_size(names);
    const char *schema = count > 1 ? string_at(names, count - 2) : NULL;
    const char *name = string_at(names, count - 1);
    const struct catalog_fact_type *type =
        name ? catalog_facts_find_type(check->facts, schema, name) : NULL;
    struct guard_finding finding = {0};
    if (!type || guard_policy_type(check->policy, check->facts, type, &finding))
        return NULL;
    struct error *error = guard_refusal(check->ctx, check->policy, check->facts, &finding);
    error->position = guard_position(check->sql, json_integer_value(place));
    return error;
}

static struct error *check_value(struct check *check, const json_t *value,
    const struct scope *scope);

/* A WITH: each of its queries sees those before it, or with RECURSIVE all of them. */
static struct error *check_ctes(struct check *check, const json_t *with, const struct scope *outer)
{
    const json_t *ctes = json_object_get(with, "ctes");
    bool recursive = json_is_true(json_object_get(with, "recursive"));
    struct error *error = NULL;
    for (size_t i = 0; !error && i < json_array_size(ctes); i++) {
        struct scope scope = {ctes, recursive ? json_array_size(ctes) : i, outer};
        error = check_value(check, json_array_get(ctes, i), &scope);
    }
    return error;
}

static struct error *check_object(struct check *check, const json_t *object,
    const struct scope *outer)
{
    const json_t *with = json_object_get(object, "withClause");
    const json_t *ctes = json_object_get(with, "ctes");
    struct scope own = {ctes, json_array_size(ctes), outer};
    const struct scope *scope = with ? &own : outer;
    struct error *error = with ? check_ctes(check, with, outer) : NULL;
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *i = json_object_iter(members); i && !error; i = json_object_iter_next(members, i)) {
        const char *key = json_object_iter_key(i);
        const json_t *value = json_object_iter_value(i);
        if (strcmp(key, "RangeVar") == 0)
            error = check_range(check, value, scope);
        else if (strcmp(key, "TypeName") == 0 || strcmp(key, "typeName") == 0)
            error = check_type(check, json_object_get(value, "names"),
                json_object_get(value, "location"));
        else if (strcmp(key, "FuncCall") == 0)
            error = check_type(check, json_object_get(value, "funcname"),
                json_object_get(value, "location"));
        else if (strcmp(key, "ColumnRef") == 0)
            check_reference(check, value);
        if (!error && value != with)
            error = check_value(check, value, scope);
    }
    return error;
}

static struct error *check_value(struct check *check, const json_t *value,
    const struct scope *scope)
{
    if (json_is_object(value))
        return check_object(check, value, scope);
    struct error *error = NULL;
    for (size_t i = 0; !error && i < json_array_size(value); i++)
        error = check_value(check, json_array_get(value, i), scope);
    return error;
}

bool guard_names_check(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const json_t *query, const char *sql,
    struct guard_names *ret, struct error **ret_err)
{
    struct check check = {ctx, policy, facts, sql, ret};
    struct error *error = check_value(&check, query, NULL);
    return !error || error_raise(ret_err, error);
}

bool guard_names_explain(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_names *names,
    const struct guard_plan *plan, struct error **ret_err)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *instead = guard_policy_plan(policy, facts, names->relations[i], plan);
        if (instead)
            return error_raise(ret_err,
                error_hint(error_create(ctx, ERROR_REFUSED, "\"%s\" cannot be explained here",
                               names->relations[i]->name),
                    "%s", instead));
    }
    return true;
}
