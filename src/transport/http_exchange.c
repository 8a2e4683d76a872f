/*
 * One request at the endpoint and what goes back for it.
 *
 *   WAITING ──a message before the answer, or stream_after_ms──▶ STREAMING ──answer──▶ ANSWERED
 *      └───────────────────────── answer ───────────────────────────────────────────────┘
 *
 * An exchange ends when its request is over and nothing in mcp/ answers through it any more,
 * whichever comes last. When the client hangs up first, a modern request is cancelled; one of
 * a session goes on, and its answer is dropped (MCP, Transports: a disconnect is no cancellation
 * up to 2025-11-25, and one since 2026-07-28).
 */
#include "base/log.h"
#include "base/str.h"
#include "transport/http_internal.h"

#include <talloc.h>
#include <utlist.h>

enum {
    BACKLOG_BYTES = 256 << 10, /* of a stream, above which its call waits */
    UNSENT_BYTES = 64 << 20,   /* of all answers, above which calls wait for their clients */
};

static void let_memory(struct transport_exchange *x)
{
    x->transport->held -= x->held;
    x->held = 0;
}

static void settle(struct transport_exchange *x)
{
    struct transport_http *t = x->transport;
    if (x->receiving || x->request || x->sink.active > 0)
        return;
    rt_timer_disarm(&x->timer);
    let_memory(x);
    DL_DELETE(t->exchanges, x);
    if (x->peer)
        mcp_peer_close(x->peer);
    if (x->session && x->fresh) {
        mcp_peer_close(x->session->peer);
        talloc_free(x->session);
    } else if (x->session) {
        transport_session_let(x->session);
    }
    talloc_free(x);
    transport_check_end(t);
}

/* ---- what goes out ---- */

static void on_timer(struct rt_timer *timer);

/* So many bytes of it are left to be taken by the client. */
static void end(struct transport_exchange *x, size_t unsent)
{
    x->state = TRANSPORT_ANSWERED;
    rt_timer_disarm(&x->timer);
    x->unsent = unsent;
    x->transport->unsent += unsent;
}

static void begin_stream(struct transport_exchange *x)
{
    struct transport_headers headers = transport_headers(x->transport, x->request);
    transport_header(&headers, "Content-Type", "text/event-stream");
    transport_header(&headers, "Cache-Control", "no-cache, no-transform");
    transport_header(&headers, "X-Accel-Buffering", "no");
    if (x->names_session)
        transport_header(&headers, "Mcp-Session-Id", x->session->id);
    x->state = TRANSPORT_STREAMING;
    http_stream_begin(x->request, 200, headers.list);
}

static void send_bytes(struct transport_exchange *x, char *bytes, size_t len)
{
    rt_timer_arm(&x->timer, rt_deadline(x->transport->options->keepalive_ms), on_timer);
    http_stream_send(x->request, bytes, len);
}

static void send_event(struct transport_exchange *x, const char *frame, size_t len)
{
    static const char before[] = "event: message\ndata: ", after[] = "\n\n";
    struct str event;
    str_init(&event, NULL, len + sizeof before + sizeof after);
    str_puts(&event, before);
    str_append(&event, frame, len);
    str_puts(&event, after);
    len = event.len;
    send_bytes(x, str_take(&event, NULL), len);
}

static void on_timer(struct rt_timer *timer)
{
    static const char comment[] = ": keep-alive\n\n";
    struct transport_exchange *x = rt_owner(timer, struct transport_exchange, timer);
    if (x->state == TRANSPORT_WAITING)
        begin_stream(x);
    if (http_stream_backlog(x->request) == 0)
        send_bytes(x, talloc_strdup(NULL, comment), sizeof comment - 1);
    else
        rt_timer_arm(timer, rt_deadline(x->transport->options->keepalive_ms), on_timer);
}

static void end_stream(struct transport_exchange *x)
{
    end(x, http_stream_backlog(x->request));
    http_stream_end(x->request);
}

/* Takes over `frame`. */
static void answer(struct transport_exchange *x, char *frame, size_t len, int status)
{
    log_debug("%s %s from %s: %d after %lld ms", http_request_method(x->request),
        http_request_path(x->request), http_request_peer(x->request), status,
        (long long)(rt_now() - x->began));
    if (frame && (x->state == TRANSPORT_STREAMING || (!x->takes_json && status == 200))) {
        if (x->state == TRANSPORT_WAITING)
            begin_stream(x);
        send_event(x, frame, len);
        talloc_free(frame);
        end_stream(x);
        return;
    }
    struct transport_headers headers = transport_headers(x->transport, x->request);
    if (frame)
        transport_header(&headers, "Content-Type", "application/json");
    if (x->names_session)
        transport_header(&headers, "Mcp-Session-Id", x->session->id);
    end(x, len);
    http_answer(x->request, (unsigned)status, headers.list, frame, len);
}

/* ---- the sink ---- */

static struct transport_exchange *exchange_of(struct mcp_sink *sink)
{
    return rt_owner(sink, struct transport_exchange, sink);
}

static void on_send(struct mcp_sink *sink, char *frame, size_t len, int status)
{
    struct transport_exchange *x = exchange_of(sink);
    if (!x->request || x->state == TRANSPORT_ANSWERED) {
        talloc_free(frame);
    } else if (status == 0) {
        if (x->takes_events && !x->fresh) {
            if (x->state == TRANSPORT_WAITING)
                begin_stream(x);
            send_event(x, frame, len);
        }
        talloc_free(frame);
    } else if (x->receiving) {
        x->answer = talloc_steal(x, frame);
        x->answer_len = len;
        x->answer_status = status;
    } else {
        answer(x, frame, len, status);
    }
}

static bool stalled(const struct transport_exchange *x)
{
    return x->state == TRANSPORT_STREAMING && http_stream_backlog(x->request) > BACKLOG_BYTES;
}

static bool on_congested(const struct mcp_sink *sink)
{
    const struct transport_exchange *x = (const struct transport_exchange *)(const void *)sink;
    return !x->request || stalled(x);
}

/* An answer that its client is slow to take keeps no place among the running calls, unless such
 * answers have come to a lot of memory. */
static int on_drain(struct mcp_sink *sink, int64_t deadline)
{
    struct transport_exchange *x = exchange_of(sink);
    int rc = 0;
    while (rc == 0 && x->request &&
           (stalled(x) || (x->unsent > 0 && x->transport->unsent > UNSENT_BYTES)))
        rc = rt_event_wait(&x->transport->relieved, deadline);
    return rc;
}

/* A call that was cancelled by another message ends without an answer. */
static void conclude(struct transport_exchange *x)
{
    if (x->state == TRANSPORT_STREAMING)
        end_stream(x);
    else
        answer(x, NULL, 0, 202);
}

static void on_idle(struct mcp_sink *sink)
{
    struct transport_exchange *x = exchange_of(sink);
    if (x->request && x->state != TRANSPORT_ANSWERED && !x->receiving)
        conclude(x);
    settle(x);
}

void transport_exchange_drained(struct transport_exchange *exchange)
{
    rt_event_broadcast(&exchange->transport->relieved);
}

/* ---- the end ---- */

void transport_exchange_ended(struct transport_exchange *exchange)
{
    rt_timer_disarm(&exchange->timer);
    exchange->transport->unsent -= exchange->unsent;
    exchange->request = NULL;
    rt_event_broadcast(&exchange->transport->relieved);
    if (exchange->session && exchange->session->stream == exchange) {
        mcp_peer_set_stream(exchange->session->peer, NULL);
        exchange->session->stream = NULL;
    }
    settle(exchange);
}

static void cancel(struct transport_exchange *x)
{
    struct mcp_peer *peer = x->peer;
    x->peer = NULL;
    if (peer)
        mcp_peer_close(peer);
}

void transport_exchange_gone(struct transport_exchange *exchange)
{
    struct http_request *request = exchange->request;
    log_debug("%s %s from %s: gone after %lld ms", http_request_method(request),
        http_request_path(request), http_request_peer(request),
        (long long)(rt_now() - exchange->began));
    end(exchange, 0);
    exchange->sink.mute = true;
    cancel(exchange);
    http_request_release(request);
}

void transport_exchange_abandon(struct transport_exchange *exchange,
    struct transport_refusal refusal, const char *why)
{
    bool open = exchange->request && exchange->state != TRANSPORT_ANSWERED;
    if (open && exchange->state == TRANSPORT_STREAMING) {
        end_stream(exchange);
    } else if (open) {
        end(exchange, 0);
        transport_refuse(exchange->transport, exchange->request, refusal, "%s", why);
    }
    cancel(exchange);
}

void transport_exchange_abandon_all(struct transport_http *transport, bool unknown_only,
    struct transport_refusal refusal, const char *why)
{
    struct transport_exchange *exchange, *next;
    DL_FOREACH_SAFE(transport->exchanges, exchange, next)
        if (!unknown_only || !transport_is_principal(transport->options, exchange->principal))
            transport_exchange_abandon(exchange, refusal, why);
}

/* ---- the beginning ---- */

/* A header that comes twice may be read as the one or the other: it counts as none. */
static const char *header_of(const struct mcp_headers *headers, const char *name)
{
    const struct http_request *request =
        ((const struct transport_mcp_headers *)(const void *)headers)->request;
    return http_request_header_count(request, name) == 1 ? http_request_header(request, name)
                                                         : NULL;
}

struct transport_exchange *transport_exchange_create(struct transport_http *transport,
    struct http_request *request, const char *principal)
{
    struct transport_exchange *x = talloc_zero(transport, struct transport_exchange);
    x->sink = (struct mcp_sink){.send = on_send,
        .drain = on_drain,
        .congested = on_congested,
        .idle = on_idle};
    x->headers = (struct transport_mcp_headers){{header_of}, request};
    x->transport = transport;
    x->request = request;
    x->principal = talloc_strdup(x, principal);
    const char *accept = http_request_header(request, "Accept");
    x->takes_json = transport_accepts(accept, "application/json");
    x->takes_events = transport_accepts(accept, "text/event-stream");
    x->sink.mute = !x->takes_events;
    x->began = rt_now();
    DL_APPEND(transport->exchanges, x);
    http_request_set_user(request, x);
    return x;
}

bool transport_exchange_take(struct transport_exchange *exchange, const char *bytes, size_t len)
{
    static const struct transport_refusal busy = {503, MCP_INTERNAL_ERROR, "Retry-After", "1"};
    static const struct transport_refusal large = {413, MCP_INVALID_REQUEST, NULL, NULL};
    struct transport_http *t = exchange->transport;
    size_t cost = mcp_frame_cost(bytes, len), max = t->options->max_inflight_bytes;
    if (t->held + cost <= max) {
        exchange->held += cost;
        t->held += cost;
        return true;
    }
    bool alone = exchange->held + cost > max;
    let_memory(exchange);
    if (alone)
        transport_exchange_abandon(exchange, large,
            "The message takes more memory than all of them may (mcp.max_inflight_bytes).");
    else
        transport_exchange_abandon(exchange, busy,
            "The messages in flight take all the memory that they may (mcp.max_inflight_bytes); "
            "try again in 1 s.");
    return false;
}

static struct mcp_peer *no_peer(struct transport_exchange *x, unsigned status, int code,
    const char *why)
{
    transport_exchange_abandon(x, (struct transport_refusal){status, code, NULL, NULL}, why);
    return NULL;
}

static struct mcp_peer *peer_of_new_session(struct transport_exchange *x)
{
    struct transport_owner owner = transport_owner_of(x->request, x->principal);
    if (!transport_session_make_room(x->transport, owner.text))
        return no_peer(x, 503, MCP_INTERNAL_ERROR,
            "All sessions are in use (mcp.max_sessions); try again when one has ended.");
    x->session = transport_session_create(x->transport, x->principal, owner.text);
    x->fresh = true;
    return x->session->peer;
}

static struct mcp_peer *peer_of_session(struct transport_exchange *x)
{
    const char *version = header_of(&x->headers.base, "MCP-Protocol-Version");
    if (version && mcp_version_parse(version) == MCP_NONE)
        return no_peer(x, 400, MCP_INVALID_REQUEST,
            "MCP-Protocol-Version names a revision that this server does not speak; it speaks "
            "2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26 and 2024-11-05.");
    const char *id = header_of(&x->headers.base, "Mcp-Session-Id");
    if (!id)
        return no_peer(x, 400, MCP_INVALID_REQUEST,
            "Mcp-Session-Id is missing: send initialize first and its answer's Mcp-Session-Id with "
            "every request, or use revision 2026-07-28, which needs no session.");
    struct transport_session *session = transport_session_find(x->transport, id, x->principal);
    if (!session)
        return no_peer(x, 404, TRANSPORT_SESSION_NOT_FOUND,
            "Session not found: it has ended; send initialize without Mcp-Session-Id.");
    x->session = session;
    transport_session_hold(session);
    return session->peer;
}

/* Who the message is for; NULL when the request has been refused. */
static struct mcp_peer *find_peer(struct transport_exchange *x, const struct mcp_frame *frame)
{
    enum mcp_frame_kind kind = mcp_frame_kind(frame, &x->headers.base);
    if (kind == MCP_FRAME_INITIALIZE)
        return peer_of_new_session(x);
    if (kind == MCP_FRAME_LEGACY)
        return peer_of_session(x);
    x->peer = mcp_peer_create(x->transport, x->transport->mcp, x->principal);
    return x->peer;
}

void transport_exchange_receive(struct transport_exchange *exchange)
{
    const char *body;
    size_t len;
    http_request_body(exchange->request, &body, &len);
    struct mcp_frame *frame = mcp_frame_read(exchange, body, len);
    http_request_forget_body(exchange->request);
    struct mcp_peer *peer = find_peer(exchange, frame);
    if (!peer)
        return;
    exchange->receiving = true;
    bool more = mcp_peer_receive(peer, &exchange->sink, frame, &exchange->headers.base);
    exchange->receiving = false;
    talloc_free(frame);
    if (exchange->fresh && mcp_peer_version(peer)) {
        exchange->fresh = false;
        exchange->names_session = true;
        transport_session_hold(exchange->session);
        transport_session_publish(exchange->session);
    }
    if (exchange->answer)
        answer(exchange, talloc_steal(NULL, exchange->answer), exchange->answer_len,
            exchange->answer_status);
    else if (!more || exchange->sink.active == 0)
        conclude(exchange);
    else if (exchange->takes_events && exchange->state == TRANSPORT_WAITING)
        rt_timer_arm(&exchange->timer, rt_deadline(exchange->transport->options->stream_after_ms),
            on_timer);
}

void transport_exchange_stream(struct transport_exchange *exchange,
    struct transport_session *session)
{
    exchange->session = session;
    exchange->takes_events = true;
    transport_session_hold(session);
    session->stream = exchange;
    begin_stream(exchange);
    on_timer(&exchange->timer); /* the first comment: a proxy may wait for a byte of the body */
    mcp_peer_set_stream(session->peer, &exchange->sink);
}
