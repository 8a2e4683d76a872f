/*
 * Answers of unknown length: a queue of pieces that MHD's content reader empties. With nothing to
 * read the connection is suspended, and resumed by the next piece.
 */
#include "http/internal.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>
#include <utlist.h>

/* MHD's buffer for clients of HTTP/1.0, who know no chunks. */
enum { BLOCK_BYTES = 4 << 10 };

struct piece {
    struct piece *prev, *next;
    char *bytes;
    size_t len, sent;
};

struct stream {
    struct piece *pieces;
    size_t queued; /* bytes of the pieces */
    size_t in_mhd; /* bytes read, and not yet written to the socket */
    bool above_low;
    bool ended;
};

static size_t fill(struct stream *stream, char *buffer, size_t room)
{
    size_t filled = 0;
    while (stream->pieces && filled < room) {
        struct piece *piece = stream->pieces;
        size_t left = piece->len - piece->sent;
        size_t len = left < room - filled ? left : room - filled;
        memcpy(buffer + filled, piece->bytes + piece->sent, len);
        piece->sent += len;
        filled += len;
        if (piece->sent == piece->len) {
            DL_DELETE(stream->pieces, piece);
            talloc_free(piece);
        }
    }
    stream->queued -= filled;
    return filled;
}

/* MHD asks for more: all that it was given is with the kernel. */
static ssize_t read_stream(void *cls, uint64_t position, char *buffer, size_t room)
{
    (void)position;
    struct http_request *request = cls;
    struct stream *stream = request->stream;
    const struct http_handler *handler = request->server->handler;
    if (request->told_gone)
        /* The socket is shut down. After an error MHD would not clean up as long as there is an
         * older connection. */
        return MHD_CONTENT_READER_END_OF_STREAM;
    http_connection_progress(request->connection);
    stream->in_mhd = 0;
    if (stream->above_low && stream->queued <= HTTP_BACKLOG_LOW) {
        stream->above_low = false;
        if (handler->drained && !request->finished)
            handler->drained(request->server->host, request);
    }
    stream->in_mhd = fill(stream, buffer, room);
    if (stream->in_mhd > 0)
        return (ssize_t)stream->in_mhd;
    if (stream->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    http_request_suspend(request);
    return 0;
}

void http_stream_begin(struct http_request *request, unsigned status, const char *const *headers)
{
    if (request->told_gone)
        return;
    assert(!request->answered);
    request->stream = talloc_zero(request, struct stream);
    http_request_respond(request, status, headers,
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, request,
            NULL));
}

void http_stream_send(struct http_request *request, char *bytes, size_t len)
{
    struct stream *stream = request->stream;
    if (request->told_gone || len == 0) {
        talloc_free(bytes);
        return;
    }
    assert(stream && !stream->ended);
    struct piece *piece = talloc_zero(stream, struct piece);
    piece->bytes = talloc_steal(piece, bytes);
    piece->len = len;
    DL_APPEND(stream->pieces, piece);
    stream->queued += len;
    stream->above_low |= http_stream_backlog(request) > HTTP_BACKLOG_LOW;
    http_request_resume(request);
}

void http_stream_end(struct http_request *request)
{
    if (!request->told_gone) {
        request->stream->ended = true;
        http_request_resume(request);
    }
    http_request_finish(request);
}

size_t http_stream_backlog(const struct http_request *request)
{
    return request->stream ? request->stream->queued + request->stream->in_mhd : 0;
}
