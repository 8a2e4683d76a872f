/* Configuration to pool and policy, and the loop of a command; see wiring.h. */
#include "app/wiring.h"

#include "config/keys.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

/* ---- the policy ---- */

/* How an entry of each form is written. */
static const char *const form_hints[] = {
    [GUARD_PATTERN_SCHEMA] = "write the name of a schema",
    [GUARD_PATTERN_OBJECT] = "write name or schema.name",
    [GUARD_PATTERN_COLUMN] = "write table.column or schema.table.column",
};

static bool read_patterns(const void *ctx, const struct config *config, const char *key,
    const struct config_list *list, enum guard_pattern_form form, struct guard_patterns *ret,
    struct error **ret_err)
{
    struct guard_pattern *items =
        talloc_zero_array(ctx, struct guard_pattern, (unsigned)list->count + 1);
    for (size_t i = 0; i < list->count; i++) {
        if (guard_pattern_parse(ctx, list->items[i], form, &items[i]))
            continue;
        struct error *error = error_create(ctx, ERROR_CONFIG, "%s: \"%s\" is not a name",
            config_key_place(ctx, config, key), list->items[i]);
        return error_raise(ret_err,
            error_hint(error,
                "%s as in SQL: Users means users, '\"Users\"' means just that; * stands for any "
                "text",
                form_hints[form]));
    }
    *ret = (struct guard_patterns){items, list->count, list->given};
    return true;
}

/* Which of the `choices` of a key `text` is; the order is that of the enum. */
static unsigned choice(const char *text, const char *first, const char *second)
{
    return strcmp(text, first) == 0 ? 0 : strcmp(text, second) == 0 ? 1 : 2;
}

static bool read_policy(const void *ctx, const struct config *config, struct guard_policy *ret,
    struct error **ret_err)
{
    const struct config_security *security = &config->security;
    struct guard_policy policy = {
        .max_query_bytes = (size_t)security->max_query_bytes,
        .catalog_access =
            (enum guard_catalog_access)choice(security->catalog_access, "safe", "none"),
        .analysis = (enum guard_analysis)choice(security->analysis, "auto", "server"),
    };
    const struct {
        const char *key;
        const struct config_list *list;
        enum guard_pattern_form form;
        struct guard_patterns *patterns;
    } lists[] = {
        {"security.allowed_schemas", &security->allowed_schemas, GUARD_PATTERN_SCHEMA,
            &policy.allowed_schemas},
        {"security.allowed_tables", &security->allowed_tables, GUARD_PATTERN_OBJECT,
            &policy.allowed_tables},
        {"security.allowed_views", &security->allowed_views, GUARD_PATTERN_OBJECT,
            &policy.allowed_views},
        {"security.allowed_functions", &security->allowed_functions, GUARD_PATTERN_OBJECT,
            &policy.allowed_functions},
        {"security.blocked_tables", &security->blocked_tables, GUARD_PATTERN_OBJECT,
            &policy.blocked_tables},
        {"security.blocked_columns", &security->blocked_columns, GUARD_PATTERN_COLUMN,
            &policy.blocked_columns},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!read_patterns(ctx, config, lists[i].key, lists[i].list, lists[i].form,
                lists[i].patterns, ret_err))
            return false;
    }
    *ret = policy;
    return true;
}

/* ---- the search path ---- */

/* The one name that an fnmatch() pattern stands for; NULL when it is a real pattern. */
static char *only_name(const void *ctx, const char *pattern)
{
    char *name = talloc_strdup(ctx, pattern), *end = name;
    for (const char *p = pattern; *p; p++) {
        if (*p == '*')
            return NULL;
        p += *p == '\\' && p[1];
        *end++ = *p;
    }
    *end = '\0';
    return name;
}

static char *append_quoted(char *path, const char *name)
{
    path = talloc_strdup_append(path, "\"");
    for (const char *p = name; *p; p++)
        path = talloc_asprintf_append(path, *p == '"' ? "\"\"" : "%c", *p);
    return talloc_strdup_append(path, "\", ");
}

/* The schemas that are named; and public when a wildcard lets it in. */
static char *append_schemas(const void *ctx, char *path, const struct guard_patterns *schemas)
{
    bool has_public = false, lets_public = false;
    for (size_t i = 0; i < schemas->count; i++) {
        const char *pattern = schemas->items[i].name;
        char *name = only_name(ctx, pattern);
        if (name)
            path = append_quoted(path, name);
        has_public |= name && strcmp(name, "public") == 0;
        lets_public |= fnmatch(pattern, "public", 0) == 0;
    }
    return lets_public && !has_public ? append_quoted(path, "public") : path;
}

/* pg_temp last; pg_catalog, which is not in it, comes first of all. */
static bool search_path(const void *ctx, const struct config *config,
    const struct guard_policy *policy, const char **ret, struct error **ret_err)
{
    const struct config_list *list = &config->database.search_path;
    char *path = talloc_strdup(ctx, "");
    struct guard_patterns named;
    if (!read_patterns(ctx, config, "database.search_path", list, GUARD_PATTERN_SCHEMA, &named,
            ret_err))
        return false;
    const struct guard_patterns *schemas = named.given ? &named : &policy->allowed_schemas;
    path = schemas->given ? append_schemas(ctx, path, schemas)
                          : talloc_strdup_append(path, "\"$user\", public, ");
    *ret = talloc_strdup_append(path, "pg_temp");
    return true;
}

/* ---- the pool ---- */

static struct pg_options pool_options(const void *ctx, const struct config *config,
    const char *search_path)
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
        .search_path = search_path,
        .pool_size = db->pool_size,
        .max_overflow = db->max_overflow,
        .pool_timeout_ms = db->pool_timeout_s * INT64_C(1000),
        .connection_timeout_ms = db->connection_timeout_ms,
        .statement_timeout_ms = db->statement_timeout_ms,
        .lock_timeout_ms = db->lock_timeout_ms,
        .max_orphans = db->max_orphans,
        .transaction_pooler = db->transaction_pooler,
    };
}

bool app_wire(const void *ctx, const struct config *config, struct tools_env *ret,
    struct error **ret_err)
{
    const struct config_security *security = &config->security;
    struct guard_policy *policy = talloc(ctx, struct guard_policy);
    const char *path;
    struct nl2sql_semantics *semantics = NULL;
    if (!read_policy(policy, config, policy, ret_err) ||
        !search_path(policy, config, policy, &path, ret_err) ||
        (config->llm.semantics &&
            !nl2sql_semantics_load(ctx, config->llm.semantics, &semantics, ret_err)))
        return false;
    struct pg_options options = pool_options(policy, config, path);
    struct tools_env env = {
        .max_rows = security->max_rows_returned,
        .max_result_bytes = (size_t)security->max_result_bytes,
        .max_cell_bytes = (size_t)security->max_cell_bytes,
    };
    if (!pg_pool_create(ctx, &options, &env.pool, ret_err))
        return false;
    env.cache = catalog_cache_create(ctx, env.pool);
    env.guard = guard_create(ctx, policy, env.pool, env.cache);
    env.visible = visible_create(ctx, env.guard, env.cache);
    env.knowledge = nl2sql_knowledge_create(ctx, env.pool, semantics, config->llm.data_samples);
    *ret = env;
    return true;
}

/* ---- commands that end by themselves ---- */

enum { CLOSE_MS = 25 };

struct once {
    struct pg_pool *pool;
    int (*work)(void *arg);
    void *arg;
};

static void run_once(void *arg)
{
    struct once *once = arg;
    int code = once->work(once->arg);
    pg_pool_close(once->pool, rt_deadline(CLOSE_MS));
    rt_stop(code);
}

int app_run_once(const struct tools_env *env, int (*work)(void *arg), void *arg)
{
    struct once once = {env->pool, work, arg};
    rt_fiber_start(run_once, &once);
    int code = rt_run();
    if (rt_offloaded() > 0) { /* a thread that waits for a silent host would hold up exit() */
        fflush(stdout);
        _exit(code);
    }
    return code;
}
