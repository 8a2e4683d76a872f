/*
 * One request and its answer, between MHD and the user.
 *
 *   request line ──▶ head read ──begin()──▶ body ──complete()──▶ waiting ──▶ writing ──▶ over
 *                                                               (suspended)
 *
 * A request has two owners: MHD, as long as `connection` is set, and the user, until `finished`.
 * It ends when both have let it go.
 */
#include "http/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum {
    BLOCK_BYTES = 32 << 10,        /* of a large answer */
    LARGE_ANSWER_BYTES = 64 << 10, /* sent block by block, so that one sees the client take it */
    DISCARD_FACTOR = 8,            /* so many bodies of the largest size are read to no purpose */
    BODY_ROOM_BYTES = 16 << 10,
};

static const char *const plain_text[] = {"Content-Type", "text/plain; charset=utf-8", NULL};

/* ---- the end ---- */

void http_request_end(struct http_request *request)
{
    struct http_server *server = request->server;
    if (request->begun) {
        server->requests--;
        if (server->handler->ended)
            server->handler->ended(server->host, request);
    }
    if (request->response)
        MHD_destroy_response(request->response);
    talloc_free(request);
}

void http_request_finish(struct http_request *request)
{
    assert(!request->finished);
    request->finished = true;
    if (request->connection)
        return; /* MHD's part is not */
    request->next_over = request->server->over;
    request->server->over = request;
    http_server_wake(request->server);
}

static void tell_gone(struct http_request *request)
{
    if (!request->begun || request->finished || request->told_gone)
        return;
    request->told_gone = true;
    request->server->handler->gone(request->server->host, request);
}

void http_request_hang_up(struct http_request *request)
{
    /* While the body comes in, MHD sees better than we do what is left of it. */
    if (request->finished || !(request->complete || request->answered))
        return;
    http_connection_cut(request->connection);
    http_request_resume(request);
    tell_gone(request);
}

void http_request_on_completed(void *server, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code)
{
    (void)server;
    (void)mhd;
    (void)code;
    struct http_request *request = *context;
    if (!request)
        return;
    *context = NULL;
    struct connection *connection = request->connection;
    connection->request = NULL;
    http_connection_phase(connection, PHASE_IDLE);
    if (connection->server->stopping)
        http_connection_cut(connection);
    request->connection = NULL;
    request->suspended = false;
    if (!request->begun || request->finished)
        http_request_end(request);
    else
        tell_gone(request);
}

/* ---- waiting ---- */

void http_request_suspend(struct http_request *request)
{
    request->suspended = true;
    http_connection_phase(request->connection, PHASE_WAITING);
    MHD_suspend_connection(request->connection->mhd);
    if (request->connection->hung_up)
        http_request_hang_up(request);
}

void http_request_resume(struct http_request *request)
{
    if (!request->suspended)
        return;
    request->suspended = false;
    http_connection_phase(request->connection, PHASE_WRITING);
    MHD_resume_connection(request->connection->mhd);
    request->connection->engine->pending = true;
    http_server_wake(request->server);
}

/* ---- the answer ---- */

void http_request_respond(struct http_request *request, unsigned status, const char *const *headers,
    struct MHD_Response *response)
{
    for (size_t i = 0; headers && headers[i]; i += 2)
        MHD_add_response_header(response, headers[i], headers[i + 1]);
    request->status = status;
    request->response = response;
    request->answered = true;
    http_request_resume(request);
}

static enum MHD_Result queue(struct http_request *request)
{
    struct connection *connection = request->connection;
    struct MHD_Response *response = request->response;
    request->response = NULL;
    if (request->must_close || request->server->stopping)
        MHD_add_response_header(response, "Connection", "close");
    http_connection_phase(connection, PHASE_WRITING);
    enum MHD_Result result = MHD_queue_response(connection->mhd, request->status, response);
    MHD_destroy_response(response); /* the queue has a reference of its own */
    return result;
}

static void refuse(struct http_request *request, struct refusal refusal, bool must_close)
{
    tell_gone(request);
    request->must_close |= must_close;
    request->answer = talloc_asprintf(request, "%s\n", refusal.text);
    request->answer_len = strlen(request->answer);
    http_request_respond(request, refusal.status, plain_text,
        MHD_create_response_from_buffer(request->answer_len, request->answer,
            MHD_RESPMEM_PERSISTENT));
}

void http_refuse_raw(int fd, const char *status, const char *text)
{
    char answer[512];
    int len = snprintf(answer, sizeof answer,
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
        status, plain_text[1], strlen(text) + 1, text);
    assert(len > 0 && (size_t)len < sizeof answer);
    (void)!send(fd, answer, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t read_answer(void *cls, uint64_t position, char *buffer, size_t room)
{
    struct http_request *request = cls;
    http_connection_progress(request->connection);
    size_t left = request->answer_len - (size_t)position;
    size_t len = left < room ? left : room;
    memcpy(buffer, request->answer + position, len);
    return (ssize_t)len;
}

void http_answer(struct http_request *request, unsigned status, const char *const *headers,
    char *body, size_t len)
{
    if (request->told_gone) {
        talloc_free(body);
        http_request_finish(request);
        return;
    }
    assert(!request->answered);
    request->answer = talloc_steal(request, body);
    request->answer_len = len;
    struct MHD_Response *response =
        len > LARGE_ANSWER_BYTES
            ? MHD_create_response_from_callback(len, BLOCK_BYTES, read_answer, request, NULL)
            : MHD_create_response_from_buffer(len, body, MHD_RESPMEM_PERSISTENT);
    http_request_respond(request, status, headers, response);
    http_request_finish(request);
}

void http_request_release(struct http_request *request)
{
    if (request->connection && !request->told_gone) {
        http_connection_cut(request->connection);
        http_request_resume(request);
    }
    http_request_finish(request);
}

/* ---- the head ---- */

void *http_request_on_target(void *server, const char *target, struct MHD_Connection *mhd)
{
    struct connection *connection = http_connection_of(mhd);
    struct http_request *request = talloc_pooled_object(NULL, struct http_request, 12, 2048);
    *request = (struct http_request){.server = server, .connection = connection};
    request->path = talloc_strdup(request, target ? target : "");
    connection->request = request;
    http_connection_phase(connection, PHASE_HEADERS);
    return request;
}

static struct refusal read_head(struct http_request *request, const char *method,
    const char *version)
{
    struct connection *connection = request->connection;
    const struct http_options *options = &connection->engine->options;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info->header_size > options->max_header_bytes)
        return (struct refusal){431, "The request line and headers are too large."};
    struct refusal refusal = http_strict_read(request, method, version, info->header_size);
    if (refusal.status != 0)
        return refusal;

    char *query = strchr(request->path, '?');
    if (query) {
        *query = '\0';
        request->query = query + 1;
    }
    request->is_tls = connection->engine->tls;
    request->peer = talloc_strdup(request, connection->peer);
    const char *length = http_request_header(request, "Content-Length");
    request->body_announced = length ? strtoull(length, NULL, 10) : 0;
    bool chunked = http_request_header(request, "Transfer-Encoding") != NULL;
    /* MHD lets a bare LF pass in the framing of chunks: nothing behind them is taken for a request.
     */
    request->must_close = chunked;
    request->has_body = request->body_announced > 0 || chunked;
    return refusal;
}

/* Whether an early answer waits until the body is read: a client that is still sending when its
 * connection is closed would not see it. */
static bool can_discard_body(const struct http_request *request)
{
    size_t max = request->connection->engine->options.max_body_bytes;
    return request->body_announced / DISCARD_FACTOR <= max &&
           !http_request_header(request, "Expect");
}

static enum MHD_Result take_head(struct http_request *request, const char *method,
    const char *version)
{
    struct http_server *server = request->server;
    struct connection *connection = request->connection;
    request->head_read = true;
    struct refusal refusal = read_head(request, method, version);
    if (refusal.status != 0) {
        refuse(request, refusal, true);
        return queue(request);
    }
    http_connection_phase(connection, PHASE_BODY);
    if (request->body_announced > connection->engine->options.max_body_bytes) {
        refuse(request, (struct refusal){413, "The request's body is too large."}, false);
    } else {
        request->begun = true;
        server->requests++;
        server->handler->begin(server->host, request);
    }
    if (request->finished && !request->answered)
        return MHD_NO;
    /* What is queued now closes the connection, even where there is no body. */
    bool now = request->response && request->has_body && !can_discard_body(request);
    return now ? queue(request) : MHD_YES;
}

/* ---- the body ---- */

static void append_body(struct http_request *request, const char *data, size_t len)
{
    size_t room = talloc_get_size(request->body);
    size_t needed = request->body_len + len + 1;
    if (needed > room) {
        room = room ? 2 * room : BODY_ROOM_BYTES;
        if (request->body_announced > 0 && request->body_announced < room)
            room = (size_t)request->body_announced + 1;
        request->body = talloc_realloc_size(request, request->body, room < needed ? needed : room);
    }
    memcpy(request->body + request->body_len, data, len);
    request->body_len += len;
    request->body[request->body_len] = '\0';
}

static enum MHD_Result take_body(struct http_request *request, const char *data, size_t len)
{
    const struct http_handler *handler = request->server->handler;
    size_t max = request->connection->engine->options.max_body_bytes;
    request->body_seen += len;
    bool open = !request->answered && !request->finished;
    if (open && request->body_seen <= max &&
        (!handler->body || handler->body(request->server->host, request, data, len))) {
        append_body(request, data, len);
        return MHD_YES;
    }
    http_request_forget_body(request);
    if (open && request->body_seen > max)
        refuse(request, (struct refusal){413, "The request's body is too large."}, true);
    if (request->body_seen / DISCARD_FACTOR <= max)
        return MHD_YES;
    if (!request->is_tls)
        http_refuse_raw(request->connection->fd, "413 Content Too Large",
            "The request's body is much too large.");
    return MHD_NO;
}

static enum MHD_Result take_end(struct http_request *request)
{
    struct http_server *server = request->server;
    if (!request->answered && !request->complete && !request->finished) {
        request->complete = true;
        server->handler->complete(server->host, request);
    }
    if (request->response)
        return queue(request);
    if (request->finished || request->told_gone)
        return MHD_NO;
    http_request_suspend(request);
    return MHD_YES;
}

enum MHD_Result http_request_on_access(void *server, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len, void **context)
{
    (void)server;
    (void)mhd;
    (void)url;
    struct http_request *request = *context;
    if (!request->head_read)
        return take_head(request, method, version);
    if (*data_len == 0)
        return take_end(request);
    size_t len = *data_len;
    *data_len = 0;
    return take_body(request, data, len);
}

/* ---- questions ---- */

const char *http_request_method(const struct http_request *request)
{
    return request->method;
}

const char *http_request_path(const struct http_request *request)
{
    return request->path;
}

const char *http_request_query(const struct http_request *request)
{
    return request->query;
}

static bool has_name(const struct field *field, const char *name, size_t len)
{
    return field->name_len == len && strcasecmp(field->name, name) == 0;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < request->field_count; i++)
        if (has_name(&request->fields[i], name, len))
            return request->fields[i].value;
    return NULL;
}

size_t http_request_header_count(const struct http_request *request, const char *name)
{
    size_t len = strlen(name), count = 0;
    for (size_t i = 0; i < request->field_count; i++)
        count += has_name(&request->fields[i], name, len);
    return count;
}

const char *http_request_peer(const struct http_request *request)
{
    return request->peer;
}

bool http_request_is_tls(const struct http_request *request)
{
    return request->is_tls;
}

void http_request_body(const struct http_request *request, const char **ret_body, size_t *ret_len)
{
    *ret_body = request->body ? request->body : "";
    *ret_len = request->body_len;
}

void http_request_forget_body(struct http_request *request)
{
    TALLOC_FREE(request->body);
    request->body_len = 0;
}

void *http_request_user(const struct http_request *request)
{
    return request->user;
}

void http_request_set_user(struct http_request *request, void *user)
{
    request->user = user;
}
