/*
 * `pgparley serve`: wires configuration, pool, tools and transport together.
 *
 * Nothing is connected, opened or written here: a client may start the server only to ask who it
 * is, and stop it again.
 */
#include "app/serve.h"

#include "app/admission.h"
#include "app/wiring.h"
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
    struct tools_env *env; /* a talloc object: requests hold references */
    struct transport_stdio *transport;
    uv_signal_t signals[2];
};

static struct server server;

/* ---- the end ---- */

static void close_pool(void *arg)
{
    (void)arg;
    pg_pool_close(server.env->pool, rt_deadline(CANCEL_MS));
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
        .max_subscriptions = 1000,
        .call_timeout_ms = config->mcp.call_timeout_ms,
        .input_timeout_ms = 600000,
    };
    struct mcp_offer offer = {.tools = tools, .resources = &tools_resources, .host = env};
    return mcp_server_create(ctx, &options, &offer);
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
    server.env = talloc_zero(ctx, struct tools_env);
    if (!app_wire(server.env, config, server.env, &error)) {
        log_error("%s", error_text(ctx, error));
        talloc_free(ctx);
        return 2;
    }
    app_admission_install(ctx, server.env, config->security.enforce_least_privilege);
    if (isatty(STDIN_FILENO))
        log_write(LOG_LEVEL_WARNING, "waiting for MCP messages on standard input; "
                                     "an MCP client starts this program, see pgparley --help");
    watch_signals();
    server.transport = transport_stdio_start(ctx, create_server(ctx, config, server.env),
        (size_t)config->mcp.max_message_bytes, on_ended);
    int code = rt_run();
    if (rt_offloaded() > 0)
        _exit(code); /* a thread that waits for a silent host would hold up a regular exit */
    talloc_free(ctx);
    return code;
}
