/*
 * `pgparley serve`: wires configuration, tools and transport together, and again when SIGHUP asks
 * for it.
 *
 * Nothing is connected, and over stdio nothing opened or written: a client may start the server
 * only to ask who it is, and stop it again.
 */
#include "app/serve.h"

#include "app/generation.h"
#include "app/serve_http.h"
#include "app/systemd.h"
#include "base/log.h"
#include "config/keys.h"
#include "mcp/server.h"
#include "pgparley_version.h"
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
    const struct app_serve_options *options;
    struct app_generation *generation; /* in force; requests keep the one they began with */
    struct mcp_server *mcp;
    struct transport_stdio *stdio; /* one of these two */
    struct app_http *http;
    bool is_ending;
    uv_signal_t signals[3];
};

static struct server server;

/* ---- the end ---- */

static void close_pools(void *arg)
{
    (void)arg;
    app_generation_leave(server.generation);
    app_generations_close(CANCEL_MS);
    rt_stop(0);
}

static void on_ended(void)
{
    server.is_ending = true;
    rt_fiber_start(close_pools, NULL);
}

static void on_http_ended(void *arg)
{
    (void)arg;
    on_ended();
}

static void on_stop(uv_signal_t *handle, int signal)
{
    (void)handle;
    (void)signal;
    server.is_ending = true;
    app_systemd_notify("STOPPING=1");
    if (server.http)
        app_http_stop(server.http, on_http_ended, NULL);
    else
        transport_stdio_stop(server.stdio);
}

/* ---- what is offered ---- */

static struct mcp_server_options mcp_options(const struct config *config)
{
    return (struct mcp_server_options){
        .name = "pgparley",
        .title = "PostgreSQL",
        .version = PGPARLEY_VERSION,
        .instructions = instructions,
        .max_requests = (size_t)config->mcp.max_requests,
        .max_concurrent_calls = (size_t)config->mcp.max_concurrent_calls,
        .max_subscriptions = (size_t)config->mcp.max_subscriptions,
        .max_result_bytes = (size_t)config->security.max_result_bytes * 8 + MESSAGE_MARGIN_BYTES,
        .call_timeout_ms = config->mcp.call_timeout_ms,
        .input_timeout_ms = config->mcp.input_timeout_ms,
        .state_key = config->mcp.state_key,
    };
}

static struct mcp_offer offer(struct app_generation *generation)
{
    static const struct mcp_tool *const tools[] = {&tools_natural_language_to_sql,
        &tools_get_database_schema, &tools_execute_sql_query, NULL};
    return (struct mcp_offer){.tools = generation->env.asker ? tools : tools + 1,
        .prompts = tools_prompts,
        .resources = &tools_resources,
        .host = generation};
}

static void set_log_level(const struct config *config)
{
    log_set_level(config->mcp.debug      ? LOG_LEVEL_DEBUG
                  : server.options->http ? LOG_LEVEL_INFO
                                         : LOG_LEVEL_WARNING);
}

/* ---- reloading ---- */

static bool is_changed(const struct config *old, const struct config *new, size_t key)
{
    const char *a = old->settings[key].text, *b = new->settings[key].text;
    return a && b ? strcmp(a, b) != 0 : a != b;
}

/* What the model is shown depends on these. */
static bool shows_else(const struct config *old, const struct config *new)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const char *section = config_keys[i].section;
        if ((strcmp(section, "database") == 0 || strcmp(section, "security") == 0) &&
            is_changed(old, new, i))
            return true;
    }
    return false;
}

/* Sockets are opened, and standard input is read, only once. */
static void warn_about_fixed(const struct config *old, const struct config *new)
{
    static const char *const of_http[] = {"host", "port", "socket", "socket_mode", NULL};
    static const char *const of_stdio[] = {"max_message_bytes", NULL};
    for (const char *const *name = server.http ? of_http : of_stdio; *name; name++) {
        for (size_t i = 0; i < config_key_count; i++) {
            if (strcmp(config_keys[i].section, "mcp") == 0 &&
                strcmp(config_keys[i].name, *name) == 0 && is_changed(old, new, i))
                log_warning("mcp.%s has changed, which takes a restart to have effect", *name);
        }
    }
}

/* Whether the file has a key of the section; of any, if it is NULL. */
static bool says_something(const struct config *config, const char *section)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const char *origin = config->settings[i].origin;
        if (config->file && origin && strncmp(origin, config->file, strlen(config->file)) == 0 &&
            (!section || strcmp(section, config_keys[i].section) == 0))
            return true;
    }
    return false;
}

/* Whether the file could be only half of what is meant: one that is just being written, or was when
 * the disk was full, would let people in. */
static bool check_whole(const void *ctx, const struct config *old, const struct config *new,
    struct error **ret_err)
{
    static const char *const sections[] = {"database", "security", NULL};
    const char *lost = NULL;
    for (const char *const *section = sections; *section; section++) {
        if (says_something(old, *section) && !says_something(new, *section))
            lost = talloc_asprintf(ctx, "has lost its section \"%s\"", *section);
    }
    if (old->ends_a_line && !new->ends_a_line)
        lost = "breaks off within its last line";
    if (says_something(old, NULL) && !says_something(new, NULL))
        lost = "has become empty";
    return !lost ||
           error_raise(ret_err,
               error_hint(error_create(ctx, ERROR_CONFIG, "%s %s", new->file, lost),
                   "write it whole, then send SIGHUP; if it is meant to be like this, restart"));
}

static bool take_over(const void *ctx, struct app_generation *next, struct error **ret_err)
{
    if (!check_whole(ctx, server.generation->config, next->config, ret_err))
        return false;
    if (server.http && !app_http_renew(ctx, server.http, next->config, ret_err))
        return false;
    struct app_generation *old = server.generation;
    struct mcp_server_options options = mcp_options(next->config);
    struct mcp_offer offered = offer(next);
    set_log_level(next->config);
    warn_about_fixed(old->config, next->config);
    mcp_server_renew(server.mcp, &options, &offered);
    visible_tell(next->env.visible, server.mcp);
    server.generation = next;
    if (!old->env.asker != !next->env.asker)
        mcp_server_changed(server.mcp, MCP_TOOLS_CHANGED);
    if (shows_else(old->config, next->config))
        mcp_server_changed(server.mcp, MCP_RESOURCES_CHANGED);
    app_generation_leave(old);
    return true;
}

/* All or nothing: a mistake in the file leaves everything as it is. */
static void on_reload(uv_signal_t *handle, int signal)
{
    (void)handle;
    (void)signal;
    if (server.is_ending)
        return;
    app_systemd_notify_reload();
    void *ctx = talloc_new(NULL);
    struct app_generation *next = NULL;
    struct error *error;
    bool ok = app_generation_create(ctx, server.options->file, server.options->url, &next, &error);
    if (ok && !take_over(ctx, next, &error)) {
        app_generation_leave(next);
        ok = false;
    }
    if (ok)
        log_info("the configuration was read anew");
    else
        log_error("the configuration stays as it was: %s", error_text(ctx, error));
    talloc_free(ctx);
    app_systemd_notify("READY=1");
}

/* ---- start ---- */

static void watch_signals(void)
{
    static const struct {
        int number;
        uv_signal_cb heard;
    } watched[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        uv_signal_init(rt_loop(), &server.signals[i]);
        uv_signal_start(&server.signals[i], watched[i].heard, watched[i].number);
    }
    signal(SIGPIPE, SIG_IGN);
}

static bool start(void *ctx, struct error **ret_err)
{
    if (!app_generation_create(ctx, server.options->file, server.options->url, &server.generation,
            ret_err))
        return false;
    const struct config *config = server.generation->config;
    struct mcp_server_options options = mcp_options(config);
    struct mcp_offer offered = offer(server.generation);
    server.mcp = mcp_server_create(ctx, &options, &offered);
    visible_tell(server.generation->env.visible, server.mcp);
    set_log_level(config);
    if (server.options->http)
        return app_http_start(ctx, server.mcp, &server.generation, server.options->http,
            &server.http, ret_err);
    if (isatty(STDIN_FILENO))
        log_warning("waiting for MCP messages on standard input; an MCP client starts this "
                    "program, see pgparley --help");
    server.stdio =
        transport_stdio_start(ctx, server.mcp, (size_t)config->mcp.max_message_bytes, on_ended);
    return true;
}

int app_serve(const struct app_serve_options *options)
{
    server.options = options;
    transport_stdio_claim();
    rt_init();
    watch_signals();
    void *ctx = talloc_new(NULL);
    struct error *error;
    int code = 2;
    if (start(ctx, &error))
        code = rt_run();
    else
        log_error("%s", error_text(ctx, error));
    if (rt_offloaded() > 0)
        _exit(code); /* a thread that waits for a silent host would hold up a regular exit */
    talloc_free(ctx);
    return code;
}
