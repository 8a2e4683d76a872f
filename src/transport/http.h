/*
 * MCP over Streamable HTTP (MCP 2025-03-26 to 2026-07-28, Transports): one endpoint, both eras.
 *
 * A modern request stands for itself: it is answered with JSON, or with an event stream when there
 * is something to tell before the answer, and a client that hangs up cancels it. The handshake era
 * has sessions, found by a random id: hanging up cancels nothing there, and a GET opens the stream
 * for what answers no request. Who may come in (host, origin, token, rate) is decided before
 * a body is read.
 *
 * Beside the endpoint there are /healthz (the process lives) and /readyz (calls can be served).
 */
#ifndef PGPARLEY_TRANSPORT_HTTP_H
#define PGPARLEY_TRANSPORT_HTTP_H

#include "http/http.h"
#include "mcp/server.h"

/* Who may come in, with which secret (at most 512 bytes). */
struct transport_token {
    const char *principal; /* the name under which requests are counted and sessions are held */
    const char *secret;
};

/* All of it is copied. */
struct transport_http_options {
    struct http_options http;
    const char *path;                     /* of the endpoint: "/mcp" */
    const struct transport_token *tokens; /* ended by principal == NULL; NULL or none: nobody is
                                           * asked for one */
    /* "name" (with any port), "name:port" or "*", NULL-terminated; NULL = none. Loopback names and
     * addresses are always allowed, and over a Unix socket all are. The name or address that the
     * server is bound to belongs here, too. */
    const char *const *allowed_hosts;
    /* "https://app.example.com" or "*", NULL-terminated; NULL = none. Loopback origins are always
     * allowed. */
    const char *const *allowed_origins;
    /* Requests of one principal, or address (IPv6: /64) where nobody is asked; 0 = no limit. */
    size_t rate_per_minute, rate_burst;
    /* When they are all taken, a new one takes the place of the one that has been idle for longest:
     * of its own principal (or address) if that holds a quarter of them, else of anybody. */
    size_t max_sessions;
    size_t max_inflight_bytes; /* memory of messages that come in or are served, in all; 503 */
    int64_t session_idle_ms;   /* without a request or a stream */
    int64_t stream_after_ms;   /* a call that is not answered by then gets a stream */
    int64_t keepalive_ms;      /* a comment on a quiet stream */
    int64_t drain_ms;          /* at the end, for calls in flight */
    /* For /readyz: whether calls can be served; in any case a text for the operator under `ctx`.
     * On a fiber; NULL = always. */
    bool (*ready)(void *arg, const void *ctx, const char **ret_text);
    void *arg;
};

struct transport_http;

/* Nothing is listened to yet. NULL on error. */
struct transport_http *transport_http_create(const void *ctx, struct mcp_server *server,
    const struct transport_http_options *options, struct error **ret_err);

/* For http_server_listen() and its kin. */
struct http_server *transport_http_server(struct transport_http *transport);

/* New limits, lists, tokens and certificate, from now on. Nothing in flight is dropped, but what
 * belongs to a principal that is gone ends. On error nothing changes. */
must_use bool transport_http_renew(struct transport_http *transport,
    const struct transport_http_options *options, struct error **ret_err);

/* Stops accepting, ends the streams that only wait, lets calls end for drain_ms and cancels the
 * rest; then `ended` runs once, on the main stack. A second call cancels at once. */
void transport_http_stop(struct transport_http *transport, void (*ended)(void *arg), void *arg);

#endif
