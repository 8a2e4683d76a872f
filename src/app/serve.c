/*
 * `pgparley serve`: wires configuration, pool, tools and transport together.
 *
 * Nothing is connected, opened or written here: a client may start the server only to ask who it
 * is, and stop it again.
 */
#include "app/serve.h"

#include "base/log.h"
#include "config/config.h"
#include "mcp/server.h"
#include "pgparley_version.h"
#include "rt/rt.h"
#include "tools/tools.h"
#include "transport/stdio.h"

#include <signal.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum {
    CANCEL_MS = 25, /* at the end, for cancel requests on their way to PostgreSQL */
    MESSAGE_MARGIN_BYTES = 16 << 20,
};

static const char instructions[] =
    "Read-only access to a PostgreSQL database. Call get_database_schema before writing SQL; use "
    "exactly the names it gives.";

struct server {
    struct tools_env env;
    struct transport_stdio *transport;
    uv_signal_t signals[2];
};

static struct server server;

/* ---- the end ---- */

static void close_pool(void *arg)
{
    (void)arg;
    pg_pool_close(server.env.pool, rt_deadline(CANCEL_MS));
    rt_stop(0);
}

static void on_ended(void)
{
    rt_fiber_start(close_pool, NULL);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    (void)handle;
    (void)signal;
    transport_stdio_stop(server.transport);
}

/* ---- wiring ---- */

static const char *quoted_list(const void *ctx, const struct config_list *list)
{
    char *text = talloc_strdup(ctx, "");
    for (size_t i = 0; i < list->count; i++) {
        text = talloc_asprintf_append(text, "\"");
        for (const char *p = list->items[i]; *p; p++)
            text = talloc_asprintf_append(text, *p == '"' ? "\"\"" : "%c", *p);
        text = talloc_asprintf_append(text, "\", ");
    }
    return text;
}

/* pg_catalog first, so that nobody's function hides a built-in one; pg_temp last. */
static const char *search_path(const void *ctx, const struct config *config)
{
    const struct config_list *path = config->database.search_path.given
                                         ? &config->database.search_path
                                         : &config->security.allowed_schemas;
    return talloc_asprintf(ctx, "pg_catalog, %spg_temp",
        path->given ? quoted_list(ctx, path) : "\"$user\", public, ");
}

static struct pg_options pool_options(const void *ctx, const struct config *config)
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
        .search_path = search_path(ctx, config),
        .pool_size = db->pool_size,
        .max_overflow = db->max_overflow,
        .pool_timeout_ms = db->pool_timeout_s * INT64_C(1000),
        .connection_timeout_ms = db->connection_timeout_ms,
        .statement_timeout_ms = db->statement_timeout_ms,
        .lock_timeout_ms = db->lock_timeout_ms,
        .transaction_pooler = db->transaction_pooler,
    };
}

static bool create_env(const void *ctx, const struct config *config, struct tools_env *env,
    struct error **ret_err)
{
    const struct config_security *security = &config->security;
    *env = (struct tools_env){
        .policy = {.max_query_bytes = (size_t)security->max_query_bytes,
            .allowed_schemas = security->allowed_schemas.items,
            .blocked_tables = security->blocked_tables.items},
        .max_rows = security->max_rows_returned,
        .max_result_bytes = (size_t)security->max_result_bytes,
        .max_cell_bytes = (size_t)security->max_cell_bytes,
    };
    struct pg_options options = pool_options(ctx, config);
    return pg_pool_create(ctx, &options, &env->pool, ret_err);
}

static struct mcp_server *create_server(const void *ctx, const struct config *config,
    struct tools_env *env)
{
    static const struct mcp_tool *const tools[] = {&tools_get_database_schema,
        &tools_execute_sql_query, NULL};
    struct mcp_server_options options = {
        .name = "pgparley",
        .title = "PostgreSQL",
        .version = PGPARLEY_VERSION,
        .instructions = instructions,
        .max_requests = (size_t)config->mcp.max_requests,
        .max_concurrent_calls = (size_t)config->mcp.max_concurrent_calls,
        .max_result_bytes = (size_t)config->security.max_result_bytes * 8 + MESSAGE_MARGIN_BYTES,
        .call_timeout_ms = config->mcp.call_timeout_ms,
    };
    return mcp_server_create(ctx, &options, tools, env);
}

static void watch_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(rt_loop(), &server.signals[i]);
        uv_signal_start(&server.signals[i], on_signal, numbers[i]);
    }
    signal(SIGPIPE, SIG_IGN);
}

int app_serve(const struct config *config)
{
    transport_stdio_claim();
    rt_init();
    void *ctx = talloc_new(NULL);
    struct error *error = NULL;
    if (!create_env(ctx, config, &server.env, &error)) {
        log_error("%s", error_text(ctx, error));
        talloc_free(ctx);
        return 2;
    }
    if (isatty(STDIN_FILENO))
        log_write(LOG_LEVEL_WARNING, "waiting for MCP messages on standard input; "
                                     "an MCP client starts this program, see pgparley --help");
    watch_signals();
    server.transport = transport_stdio_start(ctx, create_server(ctx, config, &server.env),
        (size_t)config->mcp.max_message_bytes, on_ended);
    int code = rt_run();
    if (rt_offloaded() > 0)
        _exit(code); /* a thread that waits for a silent host would hold up a regular exit */
    talloc_free(ctx);
    return code;
}
