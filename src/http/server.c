/*
 * MHD's daemons in the loop; see internal.h.
 *
 * A daemon's epoll descriptor is watched by libuv; when it is ready MHD_run() handles what
 * happened, and once more as long as MHD has something to do without any event, at the latest in
 * the next turn, so that it does not starve others. Resuming a connection makes the descriptor
 * ready.
 */
#include "http/internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <talloc.h>
#include <unistd.h>
#include <utlist.h>

enum {
    RUNS_PER_TURN = 3,
    /* MHD keeps in this memory the head, 64 bytes for each header, and the answer's head. */
    MEMORY_BEYOND_HEAD_BYTES = 6 << 10,
    OTHER_DESCRIPTORS = 128,
};

static void free_data(uv_handle_t *handle)
{
    talloc_free(handle->data);
}

/* ---- engines ---- */

static void engine_run(struct engine *engine)
{
    for (int i = 0; i < RUNS_PER_TURN; i++) {
        MHD_UNSIGNED_LONG_LONG wait = 0;
        engine->pending = false; /* a callback may resume another request */
        MHD_run(engine->mhd);
        engine->pending |= MHD_get_timeout(engine->mhd, &wait) == MHD_YES && wait == 0;
        if (!engine->pending)
            return;
    }
    http_server_wake(engine->server);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    engine_run(poll->data);
}

bool http_mhd_is_strict(void)
{
    static bool known, strict;
    if (!known)
        strict = strtol(MHD_get_version(), NULL, 10) >= 1;
    known = true;
    return strict;
}

static struct MHD_Daemon *start_daemon(struct http_server *server,
    const struct http_options *options, const char *certificate, const char *key)
{
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem strict[] = {{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL}, plain[0]};
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0,
            (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        plain[0],
    };
    unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME;
    return MHD_start_daemon(flags | (certificate ? MHD_USE_TLS : 0), 0, NULL, NULL,
        http_request_on_access, server, MHD_OPTION_URI_LOG_CALLBACK, http_request_on_target, server,
        MHD_OPTION_NOTIFY_COMPLETED, http_request_on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, http_connection_notify, server,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->max_header_bytes + MEMORY_BEYOND_HEAD_BYTES,
        /* Our own cap is applied before. */
        MHD_OPTION_CONNECTION_LIMIT, 1U << 30, MHD_OPTION_ARRAY, certificate ? tls : plain,
        MHD_OPTION_ARRAY, http_mhd_is_strict() ? strict : plain, MHD_OPTION_END);
}

static struct engine *engine_create(const void *ctx, struct http_server *server,
    const struct http_options *options, struct error **ret_err)
{
    struct engine *engine = talloc_zero(NULL, struct engine);
    char *certificate = NULL, *key = NULL;
    if (options->certificate_file && !http_tls_load(ctx, options, &certificate, &key, ret_err)) {
        talloc_free(engine);
        return NULL;
    }
    engine->server = server;
    engine->options = *options;
    engine->tls = certificate != NULL;
    engine->mhd = start_daemon(server, options, certificate, key);
    if (key)
        explicit_bzero(key, strlen(key));
    talloc_free(key);
    talloc_free(certificate);
    if (!engine->mhd) {
        talloc_free(engine);
        error_raise(ret_err, error_create(ctx, ERROR_INTERNAL, "libmicrohttpd does not start"));
        return NULL;
    }
    int fd = MHD_get_daemon_info(engine->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    uv_poll_init(rt_loop(), &engine->poll, fd);
    engine->poll.data = engine;
    uv_poll_start(&engine->poll, UV_READABLE, on_ready);
    return engine;
}

static void engine_stop(struct engine *engine)
{
    uv_poll_stop(&engine->poll);
    MHD_stop_daemon(engine->mhd);
    uv_close((uv_handle_t *)&engine->poll, free_data);
}

/* ---- turns ---- */

static void end_requests(struct http_server *server)
{
    while (server->over) {
        struct http_request *request = server->over;
        LL_DELETE2(server->over, request, next_over);
        http_request_end(request);
    }
}

static void stop_unused_engines(struct http_server *server)
{
    struct engine *engine, *next;
    LL_FOREACH_SAFE(server->engines, engine, next) {
        if (engine == server->engines || engine->connections > 0)
            continue;
        LL_DELETE(server->engines, engine);
        engine_stop(engine);
    }
}

static void on_idle_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    uv_close((uv_handle_t *)&server->hangup_poll, free_data);
}

static void server_free(struct http_server *server)
{
    uv_poll_stop(&server->hangup_poll);
    close(server->hangups);
    uv_close((uv_handle_t *)&server->idle, on_idle_closed);
}

static void on_turn(uv_idle_t *idle)
{
    struct http_server *server = idle->data;
    uv_idle_stop(idle);
    end_requests(server);
    if (server->closed) {
        if (server->requests == 0)
            server_free(server);
        return;
    }
    stop_unused_engines(server);
    struct engine *engine;
    LL_FOREACH(server->engines, engine)
        if (engine->pending)
            engine_run(engine);
}

void http_server_wake(struct http_server *server)
{
    uv_idle_start(&server->idle, on_turn);
}

static void on_hangups(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    http_connection_hangups(poll->data);
}

/* ---- public ---- */

/* Where the limit of descriptors cannot be raised enough, connections do not take those that others
 * need, for PostgreSQL say. */
static void fit_descriptors(struct http_options *options)
{
    struct rlimit limit;
    size_t max = options->max_connections;
    rlim_t wanted = max + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted)
        return;
    if (limit.rlim_cur > OTHER_DESCRIPTORS)
        options->max_connections = limit.rlim_cur - OTHER_DESCRIPTORS;
    log_warning("the limit of open files is %llu, too low for %zu connections",
        (unsigned long long)limit.rlim_cur, max);
}

struct http_server *http_server_create(const void *ctx, const struct http_options *options,
    const struct http_handler *handler, void *host, struct error **ret_err)
{
    struct http_server *server = talloc_zero(NULL, struct http_server);
    server->handler = handler;
    server->host = host;
    server->engines = engine_create(ctx, server, options, ret_err);
    if (!server->engines) {
        talloc_free(server);
        return NULL;
    }
    fit_descriptors(&server->engines->options);
    uv_idle_init(rt_loop(), &server->idle);
    server->idle.data = server;
    server->hangups = epoll_create1(EPOLL_CLOEXEC);
    uv_poll_init(rt_loop(), &server->hangup_poll, server->hangups);
    server->hangup_poll.data = server;
    uv_poll_start(&server->hangup_poll, UV_READABLE, on_hangups);
    return server;
}

bool http_server_reconfigure(struct http_server *server, const struct http_options *options,
    struct error **ret_err)
{
    struct engine *engine = engine_create(server, server, options, ret_err);
    if (!engine)
        return false;
    fit_descriptors(&engine->options);
    LL_PREPEND(server->engines, engine);
    http_server_wake(server);
    return true;
}

void http_server_stop_accepting(struct http_server *server)
{
    server->stopping = true;
    http_listeners_close(server);
    struct connection *connection;
    DL_FOREACH(server->connections, connection)
        http_connection_cut_idle(connection);
}

void http_server_close(struct http_server *server)
{
    server->stopping = true;
    http_listeners_close(server);
    struct connection *connection;
    DL_FOREACH(server->connections, connection)
        if (connection->request)
            http_request_resume(connection->request); /* MHD stops with none suspended */
    struct engine *engine, *next;
    LL_FOREACH_SAFE(server->engines, engine, next)
        engine_stop(engine);
    server->engines = NULL;
    server->closed = true;
    end_requests(server);
    http_server_wake(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

size_t http_server_requests(const struct http_server *server)
{
    return server->requests;
}

size_t http_server_connections(const struct http_server *server)
{
    return server->connection_count;
}
