/* What the files of the HTTP transport share. */
#ifndef PGPARLEY_TRANSPORT_HTTP_INTERNAL_H
#define PGPARLEY_TRANSPORT_HTTP_INTERNAL_H

#include "mcp/protocol.h"
#include "rt/rt.h"
#include "transport/http.h"

#include <uthash.h>

struct transport_probe {
    struct transport_waiter *waiters; /* requests that wait for the probe that runs */
    bool running, ready;
    char *text;
    int64_t valid_until;
};

struct transport_http {
    struct mcp_server *mcp;
    struct http_server *server;
    struct transport_http_options *options; /* our own copy */
    struct transport_session *sessions;     /* by id */
    struct transport_session *idle;         /* those at rest, the longest first */
    struct transport_exchange *exchanges;
    struct transport_bucket *buckets; /* by principal or address, the least recently used first */
    struct transport_probe probe;
    size_t requests;          /* begun and not ended */
    size_t held;              /* memory of messages that come in or are served */
    size_t unsent;            /* bytes of answers that clients have not taken yet */
    struct rt_event relieved; /* fewer than before, or of a stream's backlog */
    struct rt_timer session_timer, end_timer;
    int64_t drain_until; /* once it is stopping */
    int64_t warned_at;
    size_t unwarned; /* refusals since then */
    enum { TRANSPORT_SERVING, TRANSPORT_DRAINING, TRANSPORT_CANCELLING, TRANSPORT_ENDED } state;
    void (*ended)(void *arg);
    void *arg;
};

/* Called when a request or an exchange is over. */
void transport_check_end(struct transport_http *transport);

/* ---- http_access.c: who may come in ---- */

/* A checked copy; NULL on error. */
struct transport_http_options *transport_options_copy(const void *ctx,
    const struct transport_http_options *options, struct error **ret_err);

bool transport_host_allowed(const struct transport_http_options *options, const char *host);
bool transport_origin_allowed(const struct transport_http_options *options, const char *origin);

/* The principal of a header "Authorization: Bearer …"; NULL when the secret is nobody's. Takes as
 * long whatever the secret is. */
const char *transport_token_principal(const struct transport_http_options *options,
    const char *authorization);
bool transport_is_principal(const struct transport_http_options *options, const char *principal);

/* ---- http_rate.c: how often ---- */

/* Under which name a request is counted. */
struct transport_owner {
    char text[128];
};
struct transport_owner transport_owner_of(const struct http_request *request,
    const char *principal);

/* 0, or in how many milliseconds the next request would pass. */
int64_t transport_rate_take(struct transport_http *transport, const char *owner);
/* At the end: the table's own memory goes, too. */
void transport_rate_forget(struct transport_http *transport);

/* ---- http_reply.c: headers and refusals ---- */

/* What the header Accept allows; without it (NULL), everything. */
bool transport_accepts(const char *accept, const char *type);

struct transport_headers {
    const char *list[24]; /* name, value, …, NULL */
    size_t count;
};
/* Starts with those that let a page of an allowed origin read the answer. */
struct transport_headers transport_headers(const struct transport_http *transport,
    const struct http_request *request);
void transport_header(struct transport_headers *headers, const char *name, const char *value);

/* A code of its own that clients of the handshake era know. */
enum { TRANSPORT_SESSION_NOT_FOUND = -32001 };

/* Answers with a JSON-RPC error that names no id; the message says what to do. */
struct transport_refusal {
    unsigned status;
    int code;
    const char *name, *value; /* a header of its own, or NULL */
};
void transport_refuse(struct transport_http *transport, struct http_request *request,
    struct transport_refusal refusal, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The answer to a browser's question whether it may send a request (CORS). */
void transport_answer_preflight(struct transport_http *transport, struct http_request *request);

/* ---- http_session.c: sessions of the handshake era ---- */

struct transport_session {
    char id[33];
    struct transport_http *transport;
    struct mcp_peer *peer;
    char *principal; /* who alone may use it; NULL: nobody was asked */
    char *owner;     /* who it is counted for */
    size_t open;     /* requests and streams */
    struct transport_exchange *stream;
    int64_t idle_since;
    struct transport_session *prev, *next; /* in transport->idle, while none is open */
    UT_hash_handle hh;                     /* in transport->sessions, once initialize succeeded */
};

/* False when there is no place for one more. */
must_use bool transport_session_make_room(struct transport_http *transport, const char *owner);
/* Not to be found yet. */
struct transport_session *transport_session_create(struct transport_http *transport,
    const char *principal, const char *owner);
void transport_session_publish(struct transport_session *session);
struct transport_session *transport_session_find(struct transport_http *transport, const char *id,
    const char *principal);
void transport_session_hold(struct transport_session *session);
void transport_session_let(struct transport_session *session);
/* Cancels what runs and ends its streams. */
void transport_session_end(struct transport_session *session);
void transport_session_end_streams(struct transport_http *transport);
/* Of everybody, or of those who may not come in any more. */
void transport_session_end_all(struct transport_http *transport, bool unknown_only);

/* ---- http_exchange.c: one request at the endpoint and its answer ---- */

struct transport_mcp_headers {
    struct mcp_headers base;
    struct http_request *request;
};

struct transport_exchange {
    struct mcp_sink sink; /* the first member */
    struct transport_mcp_headers headers;
    struct transport_http *transport;
    struct http_request *request;      /* NULL when it is over or its client has gone */
    struct transport_session *session; /* NULL in the modern era */
    struct mcp_peer *peer;             /* of this request alone; NULL with a session */
    char *principal;                   /* NULL: nobody was asked */
    bool takes_json, takes_events;     /* what the client accepts */
    bool receiving;                    /* in mcp_peer_receive() */
    bool fresh;                        /* its session is not published yet */
    bool names_session;                /* in its answer */
    enum { TRANSPORT_WAITING, TRANSPORT_STREAMING, TRANSPORT_ANSWERED } state;
    char *answer; /* that came while receiving */
    size_t answer_len;
    int answer_status;
    size_t held, unsent; /* its part of transport->held and transport->unsent */
    int64_t began;
    struct rt_timer timer;
    struct transport_exchange *prev, *next; /* in transport->exchanges */
};

/* Takes the request over. */
struct transport_exchange *transport_exchange_create(struct transport_http *transport,
    struct http_request *request, const char *principal);
/* A piece of the body of a POST: false when it has been refused, for want of memory. */
bool transport_exchange_take(struct transport_exchange *exchange, const char *bytes, size_t len);
/* All of it is there. */
void transport_exchange_receive(struct transport_exchange *exchange);
/* The stream of a GET. */
void transport_exchange_stream(struct transport_exchange *exchange,
    struct transport_session *session);
void transport_exchange_gone(struct transport_exchange *exchange);
void transport_exchange_drained(struct transport_exchange *exchange);
void transport_exchange_ended(struct transport_exchange *exchange);
/* Its peer will send nothing more: ends the stream, or answers with the refusal. */
void transport_exchange_abandon(struct transport_exchange *exchange,
    struct transport_refusal refusal, const char *why);
void transport_exchange_abandon_all(struct transport_http *transport, bool unknown_only,
    struct transport_refusal refusal, const char *why);

/* ---- http_stream.c: what GET and DELETE do ---- */

void transport_get(struct transport_http *transport, struct http_request *request,
    const char *principal);
void transport_delete(struct transport_http *transport, struct http_request *request,
    const char *principal);

/* ---- http_probe.c: /healthz and /readyz ---- */

void transport_answer_health(struct http_request *request);
/* `trusted`: may read why the server is not ready. */
void transport_answer_ready(struct transport_http *transport, struct http_request *request,
    bool trusted);
void transport_probe_gone(struct transport_http *transport, struct http_request *request);

#endif
