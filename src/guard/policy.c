/*
 * Layer 4, by name: tables and schemas that the query names, against the operator's lists.
 *
 * A blocked name is refused wherever it stands, also where it would be a CTE of that name. What
 * is read without being named (through a view, a function, inheritance) is not seen here.
 */
#include "guard/internal.h"

#include <string.h>
#include <talloc.h>

static bool is_listed(const char *const *list, const char *name)
{
    for (; list && *list; list++) {
        if (strcmp(*list, name) == 0)
            return true;
    }
    return false;
}

/* Entries are "table", which means it in every schema, or "schema.table". */
static bool is_blocked(const struct guard_policy *policy, const char *schema, const char *table)
{
    for (const char *const *entry = policy->blocked_tables; entry && *entry; entry++) {
        const char *dot = strchr(*entry, '.');
        bool schema_fits = !dot || !schema ||
                           (strlen(schema) == (size_t)(dot - *entry) &&
                               strncmp(*entry, schema, strlen(schema)) == 0);
        if (schema_fits && strcmp(dot ? dot + 1 : *entry, table) == 0)
            return true;
    }
    return false;
}

bool guard_policy_shows_schema(const struct guard_policy *policy, const char *schema)
{
    bool limited = policy->allowed_schemas && policy->allowed_schemas[0];
    return !limited || is_listed(policy->allowed_schemas, schema);
}

bool guard_policy_shows(const struct guard_policy *policy, const char *schema, const char *table)
{
    return guard_policy_shows_schema(policy, schema) && !is_blocked(policy, schema, table);
}

struct names {
    const void *ctx;
    const struct guard_policy *policy;
    const char *sql;
    struct error *error;
};

static bool is_system(const char *schema)
{
    return strcmp(schema, "pg_catalog") == 0 || strcmp(schema, "information_schema") == 0;
}

static bool visit(const char *key, const json_t *value, void *arg)
{
    struct names *names = arg;
    if (strcmp(key, "RangeVar") != 0)
        return true;
    const char *schema = json_string_value(json_object_get(value, "schemaname"));
    const char *table = json_string_value(json_object_get(value, "relname"));
    if (schema && !is_system(schema) && !guard_policy_shows_schema(names->policy, schema))
        names->error = error_hint(
            error_create(names->ctx, ERROR_REFUSED, "schema \"%s\" is not available here", schema),
            "get_database_schema lists what is; security.allowed_schemas decides it");
    else if (table && is_blocked(names->policy, schema, table))
        names->error = error_hint(
            error_create(names->ctx, ERROR_REFUSED, "table \"%s\" is not available here", table),
            "get_database_schema lists what is; security.blocked_tables decides it");
    if (names->error)
        names->error->position =
            guard_position(names->sql, json_integer_value(json_object_get(value, "location")));
    return names->error == NULL;
}

bool guard_names(const void *ctx, const struct guard_policy *policy, const json_t *query,
    const char *sql, struct error **ret_err)
{
    struct names names = {.ctx = ctx, .policy = policy, .sql = sql};
    if (!guard_walk(query, visit, &names))
        return error_raise(ret_err, names.error);
    return true;
}
