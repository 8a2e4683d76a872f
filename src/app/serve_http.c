/* HTTP, from the configuration to the transport; see serve_http.h. */
#include "app/serve_http.h"

#include "app/address.h"
#include "app/systemd.h"
#include "base/log.h"
#include "config/keys.h"
#include "transport/http.h"

#include <string.h>
#include <talloc.h>

enum { READY_MS = 2000 };

struct app_http {
    struct transport_http *transport;
    struct app_generation *const *generation;
    struct app_address *addresses; /* listened to */
    size_t address_count;
};

/* ---- /readyz ---- */

static bool take_row(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    (void)result;
    *(bool *)arg = true;
    return true;
}

/* The database is asked with the pool that the next call would use. */
static bool is_ready(void *arg, const void *ctx, const char **ret_text) may_yield
{
    struct app_http *http = arg;
    struct app_generation *generation = talloc_reference(ctx, *http->generation);
    bool answered = false;
    struct error *error;
    bool ok = pg_read(ctx, generation->env.pool, &(struct pg_statement){.sql = "SELECT 1"}, 1,
        &(struct pg_rows){.row = take_row, .arg = &answered}, rt_deadline(READY_MS), &error);
    if (ok && answered)
        *ret_text = "the database answers";
    else
        *ret_text = ok ? "the database does not answer" : error_text(ctx, error);
    return ok && answered;
}

/* ---- what the configuration says ---- */

static struct http_options http_options(const void *ctx, const struct config *config)
{
    const struct config_mcp *mcp = &config->mcp;
    return (struct http_options){
        .max_header_bytes = (size_t)mcp->max_header_bytes,
        .max_body_bytes = (size_t)mcp->max_body_bytes,
        .header_timeout_ms = mcp->header_timeout_ms,
        .body_timeout_ms = mcp->body_timeout_ms,
        .idle_timeout_ms = mcp->idle_timeout_ms,
        .write_timeout_ms = mcp->write_timeout_ms,
        .max_connections = (size_t)mcp->max_connections,
        .max_connections_per_address = (size_t)mcp->max_connections_per_address,
        .certificate_file = mcp->tls_certificate,
        .key_file = mcp->tls_key,
        .certificate_place = config_key_place(ctx, config, "mcp.tls_certificate"),
        .key_place = config_key_place(ctx, config, "mcp.tls_key"),
    };
}

static const struct transport_token *tokens(const void *ctx, const struct config_secrets *secrets)
{
    struct transport_token *list =
        talloc_zero_array(ctx, struct transport_token, (unsigned)secrets->count + 1);
    for (size_t i = 0; i < secrets->count; i++)
        list[i] = (struct transport_token){secrets->items[i].name, secrets->items[i].value};
    return list;
}

/* Where clients need a token, a page that got at us by rebinding a name has none to show; so any
 * name will do unless some are given. */
static const char *const *allowed_hosts(const struct app_http *http, const void *ctx,
    const struct config_mcp *mcp)
{
    const struct config_list *given = &mcp->allowed_hosts;
    const char **hosts =
        talloc_zero_array(ctx, const char *, (unsigned)(given->count + http->address_count) + 2);
    size_t n = 0;
    for (size_t i = 0; i < given->count; i++)
        hosts[n++] = given->items[i];
    for (size_t i = 0; i < http->address_count; i++) {
        const char *host = http->addresses[i].host;
        if (host && strcmp(host, "*") != 0) /* there it would stand for any name */
            hosts[n++] = host;
    }
    if (!given->given && mcp->tokens.count > 0)
        hosts[n++] = "*";
    return hosts;
}

static struct transport_http_options transport_options(struct app_http *http, const void *ctx,
    const struct config *config)
{
    const struct config_mcp *mcp = &config->mcp;
    return (struct transport_http_options){
        .http = http_options(ctx, config),
        .path = mcp->path,
        .tokens = tokens(ctx, &mcp->tokens),
        .allowed_hosts = allowed_hosts(http, ctx, mcp),
        .allowed_origins = mcp->allowed_origins.items,
        .rate_per_minute = (size_t)mcp->rate_limit,
        .rate_burst = (size_t)mcp->rate_burst,
        .max_sessions = (size_t)mcp->max_sessions,
        .max_inflight_bytes = (size_t)mcp->max_inflight_bytes,
        .session_idle_ms = mcp->session_timeout_ms,
        .stream_after_ms = mcp->stream_after_ms,
        .keepalive_ms = mcp->keepalive_ms,
        .drain_ms = mcp->drain_timeout_ms,
        .ready = is_ready,
        .arg = http,
    };
}

static bool check_keys(const void *ctx, const struct config *config, struct error **ret_err)
{
    const struct config_mcp *mcp = &config->mcp;
    struct error *error = NULL;
    if (*mcp->path != '/' || strpbrk(mcp->path, "?# ") || strcmp(mcp->path, "/healthz") == 0 ||
        strcmp(mcp->path, "/readyz") == 0)
        error = error_hint(error_create(ctx, ERROR_CONFIG, "%s: \"%s\" cannot be the endpoint",
                               config_key_place(ctx, config, "mcp.path"), mcp->path),
            "write a path that begins with a slash, as in /mcp, and has no ? or #; /healthz and "
            "/readyz are taken");
    else if (!mcp->tls_certificate != !mcp->tls_key)
        error = error_hint(
            error_create(ctx, ERROR_CONFIG, "%s: mcp.tls_%s is missing",
                config_key_place(ctx, config, mcp->tls_key ? "mcp.tls_key" : "mcp.tls_certificate"),
                mcp->tls_key ? "certificate" : "key"),
            "TLS needs both mcp.tls_certificate and mcp.tls_key");
    return !error || error_raise(ret_err, error);
}

/* Whether all that are listened to may be, and what is to be said about them. */
static bool admit(const struct app_http *http, const void *ctx, const struct config_mcp *mcp,
    struct error **ret_err)
{
    for (size_t i = 0; i < http->address_count; i++) {
        if (!app_address_admit(ctx, &http->addresses[i], mcp, ret_err))
            return false;
    }
    return true;
}

static void warn(const struct app_http *http, const void *ctx, const struct config_mcp *mcp)
{
    for (size_t i = 0; i < http->address_count; i++) {
        const char *risk = app_address_risk(ctx, &http->addresses[i], mcp);
        if (risk)
            log_warning("%s", risk);
    }
}

/* ---- listening ---- */

static bool read_sockets(struct app_http *http, const void *ctx, int first, size_t count,
    struct error **ret_err)
{
    http->addresses = talloc_zero_array(http, struct app_address, (unsigned)count);
    for (; http->address_count < count; http->address_count++) {
        int fd = first + (int)http->address_count;
        if (!app_address_of(http, fd, &http->addresses[http->address_count]))
            return error_raise(ret_err,
                error_hint(error_create(ctx, ERROR_CONFIG,
                               "descriptor %d from systemd is no socket to listen on", fd),
                    "the socket unit must say ListenStream= with Accept=no"));
    }
    return true;
}

static bool listen_to(struct app_http *http, const struct config_mcp *mcp, struct error **ret_err)
{
    struct http_server *server = transport_http_server(http->transport);
    struct app_address *address = http->addresses;
    if (address->socket)
        return http_server_listen_unix(server, address->socket, (unsigned)mcp->socket_mode,
            ret_err);
    if (!http_server_listen(server, address->host, address->port, ret_err))
        return false;
    address->port = http_server_port(server);
    return true;
}

static bool start(struct app_http *http, const void *ctx, struct mcp_server *server,
    const struct config *config, const char *text, struct error **ret_err)
{
    const struct config_mcp *mcp = &config->mcp;
    int first;
    size_t count = app_systemd_sockets(&first);
    if (count > 0) {
        if (!read_sockets(http, ctx, first, count, ret_err))
            return false;
    } else {
        http->addresses = talloc_zero(http, struct app_address);
        http->address_count = 1;
        if (!app_address_read(http->addresses, text, mcp, http->addresses, ret_err))
            return false;
    }
    if (!check_keys(ctx, config, ret_err) || !admit(http, ctx, mcp, ret_err))
        return false;
    struct transport_http_options options = transport_options(http, ctx, config);
    http->transport = transport_http_create(http, server, &options, ret_err);
    if (!http->transport)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!http_server_adopt(transport_http_server(http->transport), first + (int)i, ret_err))
            return false;
    }
    return count > 0 || listen_to(http, mcp, ret_err);
}

static void announce(const struct app_http *http, const void *ctx, const struct config_mcp *mcp)
{
    char *state = talloc_strdup(ctx, "READY=1\nSTATUS=listening on");
    for (size_t i = 0; i < http->address_count; i++) {
        const char *text = app_address_text(ctx, &http->addresses[i], mcp);
        log_info("listening on %s", text);
        state = talloc_asprintf_append(state, " %s", text);
    }
    warn(http, ctx, mcp);
    app_systemd_notify(state);
}

bool app_http_start(const void *ctx, struct mcp_server *server,
    struct app_generation *const *generation, const char *text, struct app_http **ret,
    struct error **ret_err)
{
    const struct config *config = (*generation)->config;
    struct app_http *http = talloc_zero(ctx, struct app_http);
    http->generation = generation;
    void *scratch = talloc_new(http);
    struct error *error;
    bool ok = start(http, scratch, server, config, text, &error);
    if (ok)
        announce(http, scratch, &config->mcp);
    else
        error_raise(ret_err, talloc_steal(ctx, error));
    talloc_free(scratch);
    if (ok)
        *ret = http;
    return ok;
}

bool app_http_renew(const void *ctx, struct app_http *http, const struct config *config,
    struct error **ret_err)
{
    const struct config_mcp *mcp = &config->mcp;
    void *scratch = talloc_new(ctx);
    struct transport_http_options options = transport_options(http, scratch, config);
    struct error *error = NULL;
    bool ok = check_keys(scratch, config, &error) && admit(http, scratch, mcp, &error) &&
              transport_http_renew(http->transport, &options, &error);
    if (ok)
        warn(http, scratch, mcp);
    else
        error_raise(ret_err, talloc_steal(ctx, error));
    talloc_free(scratch);
    return ok;
}

void app_http_stop(struct app_http *http, void (*ended)(void *arg), void *arg)
{
    transport_http_stop(http->transport, ended, arg);
}

/* ---- check ---- */

static const struct http_handler nobody;

bool app_http_check(const void *ctx, const struct config *config, struct error **ret_err)
{
    if (!check_keys(ctx, config, ret_err))
        return false;
    struct http_options options = http_options(ctx, config);
    struct http_server *server = http_server_create(ctx, &options, &nobody, NULL, ret_err);
    if (server)
        http_server_close(server);
    return server != NULL;
}
