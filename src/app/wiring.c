/* Configuration to pool and policy; see wiring.h. */
#include "app/wiring.h"

#include "catalog/catalog.h"

#include <talloc.h>

/* ---- names, read as SQL reads them ---- */

static struct error *no_name(const void *ctx, const char *key, const char *entry, const char *form)
{
    struct error *error = error_create(ctx, ERROR_CONFIG, "%s: \"%s\" is not a name", key, entry);
    return error_hint(error,
        "write %s as in SQL, without wildcards: Users means users, '\"Users\"' means just that",
        form);
}

/* `*ret` is NULL for a list that was not given. */
static bool schema_names(const void *ctx, const char *key, const struct config_list *list,
    const char *const **ret, struct error **ret_err)
{
    const char **names = talloc_zero_array(ctx, const char *, (unsigned)list->count + 1);
    for (size_t i = 0; i < list->count; i++) {
        const char *schema;
        if (!catalog_parse_name(ctx, list->items[i], &schema, &names[i]) || schema)
            return error_raise(ret_err, no_name(ctx, key, list->items[i], "a schema"));
    }
    *ret = list->given ? names : NULL;
    return true;
}

static bool table_names(const void *ctx, const char *key, const struct config_list *list,
    struct guard_policy *policy, struct error **ret_err)
{
    struct guard_name *names = talloc_zero_array(ctx, struct guard_name, (unsigned)list->count + 1);
    for (size_t i = 0; i < list->count; i++) {
        if (!catalog_parse_name(ctx, list->items[i], &names[i].schema, &names[i].name))
            return error_raise(ret_err, no_name(ctx, key, list->items[i], "table or schema.table"));
    }
    policy->blocked_tables = names;
    policy->blocked_count = list->count;
    return true;
}

/* ---- the pool ---- */

static const char *quoted_list(const void *ctx, const char *const *names)
{
    char *text = talloc_strdup(ctx, "");
    for (; *names; names++) {
        text = talloc_asprintf_append(text, "\"");
        for (const char *p = *names; *p; p++)
            text = talloc_asprintf_append(text, *p == '"' ? "\"\"" : "%c", *p);
        text = talloc_asprintf_append(text, "\", ");
    }
    return text;
}

/* pg_catalog first, so that nobody's function hides a built-in one; pg_temp last. */
static const char *search_path(const void *ctx, const char *const *schemas)
{
    return talloc_asprintf(ctx, "pg_catalog, %spg_temp",
        schemas ? quoted_list(ctx, schemas) : "\"$user\", public, ");
}

static struct pg_options pool_options(const void *ctx, const struct config *config,
    const char *const *schemas)
{
    const struct config_database *db = &config->database;
    return (struct pg_options){
        .url = db->url,
        .host = db->host,
        .port = db->port ? talloc_asprintf(ctx, "%d", db->port) : NULL,
        .dbname = db->database,
        .user = db->username,
        .password = db->password,
        .sslmode = db->sslmode,
        .sslrootcert = db->sslrootcert,
        .service = db->service,
        .application_name = db->application_name,
        .search_path = search_path(ctx, schemas),
        .pool_size = db->pool_size,
        .max_overflow = db->max_overflow,
        .pool_timeout_ms = db->pool_timeout_s * INT64_C(1000),
        .connection_timeout_ms = db->connection_timeout_ms,
        .statement_timeout_ms = db->statement_timeout_ms,
        .lock_timeout_ms = db->lock_timeout_ms,
        .transaction_pooler = db->transaction_pooler,
    };
}

bool app_wire(const void *ctx, const struct config *config, struct tools_env *ret,
    struct error **ret_err)
{
    const struct config_security *security = &config->security;
    const struct config_list *path_list = &config->database.search_path;
    const char *const *path = NULL;
    struct tools_env env = {
        .policy = {.max_query_bytes = (size_t)security->max_query_bytes},
        .max_rows = security->max_rows_returned,
        .max_result_bytes = (size_t)security->max_result_bytes,
        .max_cell_bytes = (size_t)security->max_cell_bytes,
    };
    if (!schema_names(ctx, "security.allowed_schemas", &security->allowed_schemas,
            &env.policy.allowed_schemas, ret_err) ||
        !schema_names(ctx, "database.search_path", path_list, &path, ret_err) ||
        !table_names(ctx, "security.blocked_tables", &security->blocked_tables, &env.policy,
            ret_err))
        return false;
    struct pg_options options = pool_options(ctx, config, path ? path : env.policy.allowed_schemas);
    if (!pg_pool_create(ctx, &options, &env.pool, ret_err))
        return false;
    *ret = env;
    return true;
}
