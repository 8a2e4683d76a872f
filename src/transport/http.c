/*
 * The endpoint: who is let in, which file answers, and the end; see http.h.
 *
 *   SERVING ──stop──▶ DRAINING ──drain_ms or a second stop──▶ CANCELLING ──▶ ENDED
 *                         └──────── nothing is in flight any more ──────────┘
 */
#include "transport/http.h"

#include "base/log.h"
#include "transport/http_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <utlist.h>

enum {
    FLUSH_MS = 250,       /* for the last answers, after cancelling */
    TELL_EVERY_MS = 5000, /* of the calls that are waited for */
};

/* ---- letting in: each of these is true when it has answered with a refusal ---- */

static bool refuse_host(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal refusal = {403, MCP_INVALID_REQUEST, NULL, NULL};
    const char *host = http_request_header(request, "Host");
    if (!host || strcmp(http_request_peer(request), "unix") == 0 ||
        transport_host_allowed(t->options, host))
        return false;
    transport_refuse(t, request, refusal,
        "Host \"%s\" is not one of this server's names; mcp.allowed_hosts lists further ones.",
        host);
    return true;
}

static bool refuse_origin(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal refusal = {403, MCP_INVALID_REQUEST, NULL, NULL};
    const char *origin = http_request_header(request, "Origin");
    if (!origin || (http_request_header_count(request, "Origin") == 1 &&
                       transport_origin_allowed(t->options, origin)))
        return false;
    transport_refuse(t, request, refusal,
        "Pages of origin \"%s\" may not use this server; mcp.allowed_origins lists those that may.",
        origin);
    return true;
}

static bool is_modern_version(const char *version)
{
    return version && strcmp(version, mcp_version_text(MCP_2026_07_28)) >= 0;
}

static bool refuse_method(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal modern = {405, MCP_INVALID_REQUEST, "Allow", "POST"};
    static const struct transport_refusal other = {405, MCP_INVALID_REQUEST, "Allow",
        "GET, POST, DELETE, OPTIONS"};
    const char *method = http_request_method(request);
    if (strcmp(method, "POST") == 0)
        return false;
    if (strcmp(method, "GET") != 0 && strcmp(method, "DELETE") != 0) {
        transport_refuse(t, request, other, "%s means nothing here; requests are sent with POST.",
            method);
        return true;
    }
    if (!is_modern_version(http_request_header(request, "MCP-Protocol-Version")))
        return false;
    transport_refuse(t, request, modern, "Revision 2026-07-28 has only POST.");
    return true;
}

static bool refuse_stranger(struct transport_http *t, struct http_request *request,
    const char **ret_principal)
{
    static const struct transport_refusal missing = {401, MCP_INVALID_REQUEST, "WWW-Authenticate",
        "Bearer realm=\"pgparley\""};
    static const struct transport_refusal wrong = {401, MCP_INVALID_REQUEST, "WWW-Authenticate",
        "Bearer realm=\"pgparley\", error=\"invalid_token\""};
    *ret_principal = NULL;
    if (transport_is_principal(t->options, NULL))
        return false;
    const char *authorization = http_request_header(request, "Authorization");
    if (http_request_header_count(request, "Authorization") == 1)
        *ret_principal = transport_token_principal(t->options, authorization);
    if (*ret_principal)
        return false;
    if (authorization)
        transport_refuse(t, request, wrong, "The bearer token is not one of mcp.tokens.");
    else
        transport_refuse(t, request, missing,
            "A token is needed: send Authorization: Bearer with one of mcp.tokens.");
    return true;
}

static bool refuse_haste(struct transport_http *t, struct http_request *request,
    const char *principal)
{
    struct transport_owner owner = transport_owner_of(request, principal);
    int64_t wait_ms = transport_rate_take(t, owner.text);
    if (wait_ms == 0)
        return false;
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%lld", (long long)(wait_ms + 999) / 1000);
    struct transport_refusal refusal = {429, MCP_INVALID_REQUEST, "Retry-After", seconds};
    transport_refuse(t, request, refusal,
        "More than %zu requests a minute (mcp.rate_limit); try again in %s s.",
        t->options->rate_per_minute, seconds);
    return true;
}

static bool refuse_end(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal refusal = {503, MCP_INTERNAL_ERROR, "Retry-After", "1"};
    if (t->state == TRANSPORT_SERVING)
        return false;
    transport_refuse(t, request, refusal, "The server is stopping.");
    return true;
}

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t len = sizeof json - 1;
    return type && strncasecmp(type, json, len) == 0 &&
           (type[len] == '\0' || strchr("; \t", type[len]));
}

static bool is_listen(const char *method)
{
    return method && strcmp(method, "subscriptions/listen") == 0;
}

static bool refuse_body(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal type = {415, MCP_INVALID_REQUEST, NULL, NULL};
    static const struct transport_refusal form = {406, MCP_INVALID_REQUEST, NULL, NULL};
    static const struct transport_refusal length = {413, MCP_INVALID_REQUEST, NULL, NULL};
    const char *accept = http_request_header(request, "Accept");
    const char *announced = http_request_header(request, "Content-Length");
    bool json = transport_accepts(accept, "application/json");
    bool events = transport_accepts(accept, "text/event-stream");
    if (!is_json(http_request_header(request, "Content-Type")))
        transport_refuse(t, request, type,
            "A message is JSON: send Content-Type: application/json.");
    else if (!events && (!json || is_listen(http_request_header(request, "Mcp-Method"))))
        transport_refuse(t, request, form,
            "Answers are JSON or an event stream, those of subscriptions/listen always a stream: "
            "send Accept: application/json, text/event-stream.");
    else if (announced && strtoull(announced, NULL, 10) > t->options->http.max_body_bytes)
        transport_refuse(t, request, length,
            "The message has more than %zu bytes "
            "(mcp.max_body_bytes).",
            t->options->http.max_body_bytes);
    else
        return false;
    return true;
}

/* ---- requests ---- */

static void route(struct transport_http *t, struct http_request *request)
{
    static const struct transport_refusal nowhere = {404, MCP_INVALID_REQUEST, NULL, NULL};
    const char *method = http_request_method(request), *principal;
    if (refuse_host(t, request) || refuse_origin(t, request))
        return;
    if (strcmp(http_request_path(request), t->options->path) != 0) {
        transport_refuse(t, request, nowhere, "There is nothing here; the endpoint is %s.",
            t->options->path);
        return;
    }
    if (strcmp(method, "OPTIONS") == 0) {
        transport_answer_preflight(t, request);
        return;
    }
    if (refuse_method(t, request) || refuse_stranger(t, request, &principal) ||
        refuse_haste(t, request, principal) || refuse_end(t, request))
        return;
    if (strcmp(method, "GET") == 0)
        transport_get(t, request, principal);
    else if (strcmp(method, "DELETE") == 0)
        transport_delete(t, request, principal);
    else if (!refuse_body(t, request))
        transport_exchange_create(t, request, principal);
}

/* Whether whoever asks could use the endpoint. */
static bool is_trusted(const struct transport_http *t, const struct http_request *request)
{
    const char *host = http_request_header(request, "Host");
    const char *origin = http_request_header(request, "Origin");
    const char *authorization = http_request_header(request, "Authorization");
    return host && transport_host_allowed(t->options, host) &&
           (!origin || transport_origin_allowed(t->options, origin)) &&
           (transport_is_principal(t->options, NULL) ||
               (authorization && transport_token_principal(t->options, authorization)));
}

static void on_begin(void *host, struct http_request *request)
{
    struct transport_http *t = host;
    t->requests++;
    const char *path = http_request_path(request);
    if (strcmp(path, "/healthz") == 0)
        transport_answer_health(request);
    else if (strcmp(path, "/readyz") == 0)
        transport_answer_ready(t, request, is_trusted(t, request));
    else
        route(t, request);
}

static bool on_body(void *host, struct http_request *request, const char *bytes, size_t len)
{
    (void)host;
    struct transport_exchange *exchange = http_request_user(request);
    return exchange && transport_exchange_take(exchange, bytes, len); /* a probe needs no body */
}

static void on_complete(void *host, struct http_request *request)
{
    (void)host;
    struct transport_exchange *exchange = http_request_user(request);
    if (exchange) /* else a probe, which has no body to wait for */
        transport_exchange_receive(exchange);
}

static void on_gone(void *host, struct http_request *request)
{
    struct transport_exchange *exchange = http_request_user(request);
    if (exchange)
        transport_exchange_gone(exchange);
    else
        transport_probe_gone(host, request);
}

static void on_drained(void *host, struct http_request *request)
{
    (void)host;
    transport_exchange_drained(http_request_user(request));
}

static void on_ended(void *host, struct http_request *request)
{
    struct transport_http *t = host;
    struct transport_exchange *exchange = http_request_user(request);
    t->requests--;
    if (exchange)
        transport_exchange_ended(exchange);
    transport_check_end(t);
}

/* ---- life ---- */

struct transport_http *transport_http_create(const void *ctx, struct mcp_server *server,
    const struct transport_http_options *options, struct error **ret_err)
{
    static const struct http_handler handler = {.begin = on_begin,
        .body = on_body,
        .complete = on_complete,
        .gone = on_gone,
        .drained = on_drained,
        .ended = on_ended};
    struct transport_http_options *copy = transport_options_copy(ctx, options, ret_err);
    if (!copy)
        return NULL;
    struct transport_http *t = talloc_zero(ctx, struct transport_http);
    t->mcp = server;
    t->options = talloc_steal(t, copy);
    t->server = http_server_create(ctx, &copy->http, &handler, t, ret_err);
    if (!t->server) {
        talloc_free(t);
        return NULL;
    }
    return t;
}

struct http_server *transport_http_server(struct transport_http *transport)
{
    return transport->server;
}

bool transport_http_renew(struct transport_http *transport,
    const struct transport_http_options *options, struct error **ret_err)
{
    static const struct transport_refusal refusal = {401, MCP_INVALID_REQUEST, "WWW-Authenticate",
        "Bearer realm=\"pgparley\", error=\"invalid_token\""};
    struct transport_http_options *copy = transport_options_copy(transport, options, ret_err);
    if (!copy)
        return false;
    if (!http_server_reconfigure(transport->server, &copy->http, ret_err)) {
        talloc_free(copy);
        return false;
    }
    talloc_free(transport->options);
    transport->options = copy;
    transport_session_end_all(transport, true);
    transport_exchange_abandon_all(transport, true, refusal, "The token is not valid any more.");
    return true;
}

/* ---- the end ---- */

static void on_end(struct rt_timer *timer)
{
    struct transport_http *t = rt_owner(timer, struct transport_http, end_timer);
    t->state = TRANSPORT_ENDED;
    transport_session_end_all(t, false);
    transport_rate_forget(t);
    http_server_close(t->server);
    t->ended(t->arg);
}

void transport_check_end(struct transport_http *transport)
{
    bool ending =
        transport->state == TRANSPORT_DRAINING || transport->state == TRANSPORT_CANCELLING;
    if (ending && transport->requests == 0 && !transport->exchanges)
        rt_timer_arm(&transport->end_timer, rt_now(), on_end);
}

static size_t count_calls(const struct transport_http *t)
{
    size_t count = 0;
    const struct transport_exchange *exchange;
    DL_FOREACH(t->exchanges, exchange)
        count += exchange->sink.active;
    return count;
}

/* `why` the calls that are left have no time any more. */
static void cancel_all(struct transport_http *t, const char *why)
{
    static const struct transport_refusal refusal = {503, MCP_INTERNAL_ERROR, NULL, NULL};
    size_t calls = count_calls(t);
    t->state = TRANSPORT_CANCELLING;
    if (calls > 0)
        log_warning("stopping: %zu call%s canceled, %s", calls, calls == 1 ? " is" : "s are", why);
    rt_timer_arm(&t->end_timer, rt_deadline(FLUSH_MS), on_end);
    transport_exchange_abandon_all(t, false, refusal, "The server is stopping.");
    transport_session_end_all(t, false);
    transport_check_end(t);
}

static void on_drain(struct rt_timer *timer);

static void wait_for_calls(struct transport_http *t)
{
    size_t calls = count_calls(t);
    int64_t left_ms = t->drain_until - rt_now();
    if (calls > 0)
        log_info("stopping: %zu call%s left, for at most %.1f s; a second signal cancels", calls,
            calls == 1 ? " is" : "s are", (double)left_ms / 1000);
    rt_timer_arm(&t->end_timer, rt_deadline(left_ms < TELL_EVERY_MS ? left_ms : TELL_EVERY_MS),
        on_drain);
}

static void on_drain(struct rt_timer *timer)
{
    struct transport_http *t = rt_owner(timer, struct transport_http, end_timer);
    if (rt_now() < t->drain_until)
        wait_for_calls(t);
    else
        cancel_all(t, "mcp.drain_timeout is over");
}

void transport_http_stop(struct transport_http *transport, void (*ended)(void *arg), void *arg)
{
    if (transport->state == TRANSPORT_DRAINING)
        cancel_all(transport, "as a second signal asks for");
    if (transport->state != TRANSPORT_SERVING)
        return;
    transport->state = TRANSPORT_DRAINING;
    transport->ended = ended;
    transport->arg = arg;
    transport->drain_until = rt_deadline(transport->options->drain_ms);
    http_server_stop_accepting(transport->server);
    mcp_server_end_streams(transport->mcp);
    transport_session_end_streams(transport);
    wait_for_calls(transport);
    transport_check_end(transport);
}
