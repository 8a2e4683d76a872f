/*
 * Who is who inside http/.
 *
 *   server ──▶ listeners          sockets that accept
 *         ├──▶ engines            an MHD daemon each, the newest takes new connections
 *         └──▶ connections ──▶ present request
 *
 * libmicrohttpd parses and writes, on sockets that we accept and hand to it. What it does not do is
 * done around it: caps, deadlines, disconnects of suspended connections, strictness. Its options
 * are fixed when a daemon starts; so new options are a new daemon, and the old one is stopped when
 * its last connection ends.
 */
#ifndef PGPARLEY_HTTP_INTERNAL_H
#define PGPARLEY_HTTP_INTERNAL_H

#include "http/http.h"
#include "rt/rt.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <uthash.h>

struct address;
struct connection;
struct field;
struct listener;

/* ---- server.c ---- */

struct engine {
    struct http_server *server;
    struct engine *next; /* older */
    struct http_options options;
    bool tls;
    struct MHD_Daemon *mhd;
    uv_poll_t poll; /* on the daemon's epoll descriptor */
    bool pending;   /* it has something to do without any event */
    size_t connections;
};

struct http_server {
    const struct http_handler *handler;
    void *host;
    struct engine *engines;     /* newest first */
    struct listener *listeners; /* none when no longer accepting */
    int port;                   /* of the first TCP listener */
    bool stopping, closed;
    struct connection *connections;
    size_t connection_count;
    struct address *addresses; /* hash of who is connected */
    int hangups;               /* epoll descriptor: sees clients go whom MHD does not look at */
    uv_poll_t hangup_poll;
    uv_idle_t idle; /* active when there is something to do in the next turn */
    struct rt_timer accept_again;
    struct http_request *over; /* to be ended in the next turn */
    size_t requests;
};

/* Whether this is libmicrohttpd 1.0 or later, which is strict and was asked to be. */
bool http_mhd_is_strict(void);

/* Does what waits to be done outside of MHD's and the user's functions, in the next turn. */
void http_server_wake(struct http_server *server);

/* ---- listen.c ---- */

struct listener {
    struct http_server *server;
    struct listener *next;
    uv_poll_t poll;
    int fd;
    char *unix_path; /* NULL for TCP */
    uint64_t inode;  /* of the socket file */
};

void http_listeners_close(struct http_server *server);

/* ---- connection.c ---- */

enum phase {
    PHASE_HEADERS, /* the connection is new, or a request line was read */
    PHASE_BODY,
    PHASE_WAITING, /* for the user */
    PHASE_WRITING,
    PHASE_IDLE, /* up to the next request line */
};

struct connection {
    struct http_server *server;
    struct connection *prev, *next;
    struct engine *engine;
    struct MHD_Connection *mhd;
    int fd;
    bool hung_up; /* the client closed, or half-closed */
    bool cut;     /* shut down by us */
    enum phase phase;
    int64_t deadline; /* of the phase; the timer may ring before and is set again then */
    struct rt_timer timer;
    struct http_request *request;
    struct address *address; /* NULL for unix sockets */
    char peer[48];
};

void http_connection_open(struct http_server *server, int fd, const struct sockaddr *peer,
    socklen_t length);
void http_connection_phase(struct connection *connection, enum phase phase);
/* The same phase from now on once more. */
void http_connection_progress(struct connection *connection);
/* Ends the connection; MHD notices by itself. */
void http_connection_cut(struct connection *connection);
/* Cuts the connection when it is between requests. */
void http_connection_cut_idle(struct connection *connection);

/* Callbacks of MHD. */
void http_connection_notify(void *cls, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode code);
struct connection *http_connection_of(struct MHD_Connection *mhd);

/* Looks who has gone. */
void http_connection_hangups(struct http_server *server);

/* ---- request.c ---- */

struct http_request {
    struct http_server *server;
    struct connection *connection; /* NULL once the exchange is over for MHD */
    struct http_request *next_over;
    void *user;
    char *path; /* the whole target until the head is read */
    const char *query, *method, *version;
    struct field *fields;
    unsigned field_count;
    char *peer;
    bool is_tls;

    bool head_read;
    bool begun;     /* the user knows of it */
    bool complete;  /* the user was given the body */
    bool finished;  /* the user has done his part: answered, ended the stream, or released */
    bool told_gone; /* to the user */
    bool suspended; /* in MHD */
    bool must_close;

    bool has_body;
    uint64_t body_announced; /* 0 when chunked */
    uint64_t body_seen;      /* with what was thrown away */
    char *body;
    size_t body_len;

    unsigned status;
    struct MHD_Response *response; /* not yet given to MHD */
    bool answered;                 /* there is or was a response */
    char *answer;                  /* the body of a complete one */
    size_t answer_len;
    struct stream *stream;
};

/* Gives the request its answer, at any time. */
void http_request_respond(struct http_request *request, unsigned status, const char *const *headers,
    struct MHD_Response *response);

/* Callbacks of MHD. */
void *http_request_on_target(void *server, const char *target, struct MHD_Connection *mhd);
enum MHD_Result http_request_on_access(void *server, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len, void **context);
void http_request_on_completed(void *server, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code);

/* The client has gone: the user hears of it if the answer is still his to give. */
void http_request_hang_up(struct http_request *request);
/* The user's part is done. He may be deep in his own functions, so ended() waits for the turn. */
void http_request_finish(struct http_request *request);
/* Says so to the user and frees. */
void http_request_end(struct http_request *request);
/* Takes MHD's attention from a request, and gives it back. */
void http_request_suspend(struct http_request *request);
void http_request_resume(struct http_request *request);

/* Sends a whole answer past MHD, as far as the socket takes it; `status` with its phrase. */
void http_refuse_raw(int fd, const char *status, const char *text);

/* ---- stream.c ---- */

struct stream;

/* ---- strict.c ---- */

/* A header field, in a copy of the request's head. */
struct field {
    const char *name, *value;
    size_t name_len;
};

/* Why a request is refused; status 0 when it is not. */
struct refusal {
    unsigned status;
    const char *text;
};

/* Reads the head once more, strictly, and fills `request`'s fields. `method` and `version` are the
 * pointers that MHD gives. */
struct refusal http_strict_read(struct http_request *request, const char *method,
    const char *version, size_t head_size);

/* ---- tls.c ---- */

/* Reads and checks both files; NUL-terminated PEM texts under `ctx`. */
bool http_tls_load(const void *ctx, const struct http_options *options, char **ret_certificate,
    char **ret_key, struct error **ret_err);

#endif
