/*
 * Layer 3, by name: tables and schemas that the query names, against the operator's lists.
 *
 * A name that a CTE in scope has means the CTE. What is read without being named (through a view,
 * a function, inheritance) is not seen here.
 */
#include "guard/internal.h"

#include <stdint.h>
#include <string.h>

static bool is_listed(const char *const *list, const char *name)
{
    for (; list && *list; list++) {
        if (strcmp(*list, name) == 0)
            return true;
    }
    return false;
}

/* Without a schema the table could be in any. */
static bool is_blocked(const struct guard_policy *policy, const char *schema, const char *table)
{
    for (size_t i = 0; i < policy->blocked_count; i++) {
        const struct guard_name *blocked = &policy->blocked_tables[i];
        bool schema_fits = !blocked->schema || !schema || strcmp(blocked->schema, schema) == 0;
        if (schema_fits && strcmp(blocked->name, table) == 0)
            return true;
    }
    return false;
}

bool guard_policy_shows_schema(const struct guard_policy *policy, const char *schema)
{
    return !policy->allowed_schemas || is_listed(policy->allowed_schemas, schema);
}

bool guard_policy_shows(const struct guard_policy *policy, const char *schema, const char *table)
{
    return guard_policy_shows_schema(policy, schema) && !is_blocked(policy, schema, table);
}

struct check {
    const void *ctx;
    const struct guard_policy *policy;
    const char *sql;
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

static bool is_system(const char *schema)
{
    return strcmp(schema, "pg_catalog") == 0 || strcmp(schema, "information_schema") == 0;
}

static struct error *check_range(const struct check *check, const json_t *range,
    const struct scope *scope)
{
    const char *schema = json_string_value(json_object_get(range, "schemaname"));
    const char *table = json_string_value(json_object_get(range, "relname"));
    struct error *error = NULL;
    if (schema && !is_system(schema) && !guard_policy_shows_schema(check->policy, schema))
        error = error_hint(
            error_create(check->ctx, ERROR_REFUSED, "schema \"%s\" is not available here", schema),
            "get_database_schema lists what is; security.allowed_schemas decides it");
    else if (table && is_blocked(check->policy, schema, table) && (schema || !is_cte(scope, table)))
        error = error_hint(
            error_create(check->ctx, ERROR_REFUSED, "table \"%s\" is not available here", table),
            "get_database_schema lists what is; security.blocked_tables decides it");
    if (error)
        error->position =
            guard_position(check->sql, json_integer_value(json_object_get(range, "location")));
    return error;
}

static struct error *check_value(const struct check *check, const json_t *value,
    const struct scope *scope);

/* A WITH: each of its queries sees those before it, or with RECURSIVE all of them. */
static struct error *check_ctes(const struct check *check, const json_t *with,
    const struct scope *outer)
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

static struct error *check_object(const struct check *check, const json_t *object,
    const struct scope *outer)
{
    const json_t *with = json_object_get(object, "withClause");
    const json_t *ctes = json_object_get(with, "ctes");
    struct scope own = {ctes, json_array_size(ctes), outer};
    const struct scope *scope = with ? &own : outer;
    struct error *error = with ? check_ctes(check, with, outer) : NULL;
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *i = json_object_iter(members); i && !error; i = json_object_iter_next(members, i)) {
        const json_t *value = json_object_iter_value(i);
        if (strcmp(json_object_iter_key(i), "RangeVar") == 0)
            error = check_range(check, value, scope);
        if (!error && value != with)
            error = check_value(check, value, scope);
    }
    return error;
}

static struct error *check_value(const struct check *check, const json_t *value,
    const struct scope *scope)
{
    if (json_is_object(value))
        return check_object(check, value, scope);
    struct error *error = NULL;
    for (size_t i = 0; !error && i < json_array_size(value); i++)
        error = check_value(check, json_array_get(value, i), scope);
    return error;
}

bool guard_names(const void *ctx, const struct guard_policy *policy, const json_t *query,
    const char *sql, struct error **ret_err)
{
    const struct check check = {ctx, policy, sql};
    struct error *error = check_value(&check, query, NULL);
    return !error || error_raise(ret_err, error);
}
