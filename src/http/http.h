/*
 * An HTTP/1.1 server, plain or TLS, in the loop of rt/; knows nothing of MCP.
 *
 * A request is read in two steps. begin() sees the method, the target and the headers and may
 * answer at once; otherwise the body is collected and complete() sees it. The answer may come in
 * either call or any time later, also from a fiber. All callbacks run on the main stack; the loop
 * calls them, or http_server_close(), and no other function here.
 *
 * What is malformed, ambiguous, too large or too slow is refused here, with one sentence of plain
 * text, and its connection is closed; the handler hears only of what is well-formed: exactly one
 * Host, at most one Content-Length and not together with Transfer-Encoding, no control bytes, a
 * target that begins with '/' (or "*" of OPTIONS), HTTP/1.0 or 1.1.
 */
#ifndef PGPARLEY_HTTP_HTTP_H
#define PGPARLEY_HTTP_HTTP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every timeout is in milliseconds; 0 or less means none. */
struct http_options {
    size_t max_header_bytes;   /* request line and headers; 431. A connection takes this + 6 KiB */
    size_t max_body_bytes;     /* 413 */
    int64_t header_timeout_ms; /* from the connection or the request line to the end of the headers,
                                  TLS handshake included; 408 */
    int64_t body_timeout_ms;   /* from there to the end of the body; 408 */
    int64_t idle_timeout_ms;   /* of a kept-alive connection, up to its next request line */
    int64_t
        write_timeout_ms;   /* nothing was taken by the client while there was something to send */
    size_t max_connections; /* beyond, and beyond the next, a new one gets 503 and is closed at */
    size_t max_connections_per_address;        /* once; an IPv6 address is its /64; 0 = no limit */
    const char *certificate_file;              /* PEM, the chain; NULL = plain */
    const char *key_file;                      /* PEM, not encrypted */
    const char *certificate_place, *key_place; /* where the two were named; errors about them begin
                                                  so. NULL = nowhere */
};

struct http_server;
struct http_request; /* valid from begin() to ended() */

struct http_handler {
    /* The headers are there. After an answer in here the body is read and thrown away (or, when it
     * is far too large or the client waits for "100 Continue", the connection is closed). */
    void (*begin)(void *host, struct http_request *request);
    /* A piece of the body, whose end has not come: whether to keep it; false throws away what came
     * before, too. May answer. NULL = keep everything. */
    bool (*body)(void *host, struct http_request *request, const char *bytes, size_t len);
    /* The body is there, if only an empty one. Not called when it is answered already. */
    void (*complete)(void *host, struct http_request *request);
    /* Nobody waits for the answer any more, which was not yet given, or not to its end: the client
     * closed or half-closed the connection, or did not send the body as announced or in time. At
     * once, and at most once. What is sent from now on is dropped. */
    void (*gone)(void *host, struct http_request *request);
    /* Of a stream whose backlog was above HTTP_BACKLOG_LOW: it is not any more. May be NULL. */
    void (*drained)(void *host, struct http_request *request);
    /* The last call for each begun request; its memory goes now. Comes only after http_answer(),
     * http_stream_end() or http_request_release(). May be NULL. */
    void (*ended)(void *host, struct http_request *request);
};

enum { HTTP_BACKLOG_LOW = 64 << 10 };

/* ---- server ---- */

/* NULL when a certificate or key is unusable; `ctx` owns the error, but not the server, which goes
 * with http_server_close(). Raises the soft limit of descriptors to what max_connections needs, or
 * lowers these to what the hard one leaves. */
struct http_server *http_server_create(const void *ctx, const struct http_options *options,
    const struct http_handler *handler, void *host, struct error **ret_err);

/* Errors of the following belong to the server.
 *
 * A numeric address or a name (all its addresses; resolving blocks), "*" for all; port 0 = any. */
bool http_server_listen(struct http_server *server, const char *host, int port,
    struct error **ret_err);
/* A socket file nobody listens on any more is replaced. It is removed when listening ends. */
bool http_server_listen_unix(struct http_server *server, const char *path, unsigned mode,
    struct error **ret_err);
/* A listening socket, from systemd say; it is taken over. */
bool http_server_adopt(struct http_server *server, int fd, struct error **ret_err);
int http_server_port(const struct http_server *server); /* of the first TCP listener, 0 = none */

/* New limits and a newly read certificate, for new connections; present ones go on as they are.
 * On an error nothing changes. */
bool http_server_reconfigure(struct http_server *server, const struct http_options *options,
    struct error **ret_err);

/* Closes the listeners and idle connections; the others after their present answer. */
void http_server_stop_accepting(struct http_server *server);

size_t http_server_requests(const struct http_server *server); /* begun and not ended */
size_t http_server_connections(const struct http_server *server);

/* Closes everything at once. Unanswered requests hear gone(), and stay valid until released. */
void http_server_close(struct http_server *server);

/* ---- requests ---- */

const char *http_request_method(const struct http_request *request);
const char *http_request_path(const struct http_request *request);  /* as sent, without the query */
const char *http_request_query(const struct http_request *request); /* after '?'; NULL = none */
/* Without surrounding whitespace; the first of several; NULL when there is none. */
const char *http_request_header(const struct http_request *request, const char *name);
size_t http_request_header_count(const struct http_request *request, const char *name);
const char *http_request_peer(const struct http_request *request); /* numeric address, or "unix" */
bool http_request_is_tls(const struct http_request *request);
/* Followed by a NUL that is not counted. Valid until ended(). */
void http_request_body(const struct http_request *request, const char **ret_body, size_t *ret_len);
void http_request_forget_body(struct http_request *request); /* frees it before its time */

void *http_request_user(const struct http_request *request);
void http_request_set_user(struct http_request *request, void *user);

/* After gone() instead of an answer. */
void http_request_release(struct http_request *request);

/* ---- answers: one of both, once; `headers` are names and values in turn, ended by NULL ---- */

/* A complete answer. Takes over `body` (talloc; NULL = none). */
void http_answer(struct http_request *request, unsigned status, const char *const *headers,
    char *body, size_t len);

/* An answer of unknown length. The headers go out at once, each piece in the next turn. */
void http_stream_begin(struct http_request *request, unsigned status, const char *const *headers);
void http_stream_send(struct http_request *request, char *bytes, size_t len); /* takes over */
void http_stream_end(struct http_request *request);
size_t http_stream_backlog(const struct http_request *request); /* bytes the kernel has not taken */

#endif
