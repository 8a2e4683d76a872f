/*
 * stdio transport; see stdio.h.
 *
 *   OPEN ──end of input──▶ FINISHING ──calls done, or 55 ms──▶ CLOSING ──flushed, or 30 ms──▶ ended
 *     └────────────── signal, client stopped reading for good ────┘
 */
#include "transport/stdio.h"

#include "base/log.h"
#include "mcp/message.h"
#include "rt/rt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 << 10,
    OUTPUT_HIGH_BYTES = 1 << 20, /* unread output above this pauses reading and calls */
    OUTPUT_LOW_BYTES = 256 << 10,
    FINISH_MS = 55,
    FLUSH_MS = 30,
};

enum state { OPEN, FINISHING, CLOSING, ENDED };

struct transport_stdio {
    struct mcp_sink sink;
    struct mcp_server *server;
    struct mcp_peer *peer;
    enum state state;
    void (*ended)(void);
    struct rt_timer timer;

    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
        uv_tty_t tty;
    } in, out;
    bool in_is_file, out_is_file;
    bool stopped; /* by a signal */
    bool paused, reading_file;
    uv_poll_t hangup; /* on a duplicate of stdin: sees the client go while reading is paused */
    uv_fs_t read_request;
    char chunk[CHUNK_BYTES];

    size_t max_message_bytes;
    struct str line; /* the part of a line that came with earlier chunks */
    bool skipping;   /* the line passed the cap */
    struct mcp_id_scanner id_scanner;

    size_t unsent; /* bytes handed to libuv and not yet written */
    struct rt_event drained;
};

static int real_stdout = STDOUT_FILENO;

void transport_stdio_claim(void)
{
    /* A closed standard descriptor must not become somebody's socket. */
    for (int fd = open("/dev/null", O_RDWR); fd >= 0 && fd <= STDERR_FILENO;)
        fd = dup(fd);
    real_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* ---- the end ---- */

static void end(struct transport_stdio *t)
{
    t->state = ENDED;
    rt_timer_disarm(&t->timer);
    t->ended();
}

static void on_flush_late(struct rt_timer *timer)
{
    end(rt_owner(timer, struct transport_stdio, timer));
}

static void close_now(struct transport_stdio *t)
{
    if (t->state >= CLOSING)
        return;
    t->state = CLOSING;
    size_t left = mcp_peer_in_flight(t->peer);
    if (left > 0 && !t->stopped)
        log_warning("the client has gone before %zu call%s ended (requests that are read from a "
                    "file are all answered)",
            left, left == 1 ? "" : "s");
    mcp_peer_close(t->peer);
    rt_event_broadcast(&t->drained);
    bool patient = t->in_is_file && !t->stopped; /* its reader may take all the time it wants */
    rt_timer_arm(&t->timer,
        t->unsent == 0 ? rt_now()
        : patient      ? RT_FOREVER
                       : rt_deadline(FLUSH_MS),
        on_flush_late);
}

static void on_finish_late(struct rt_timer *timer)
{
    close_now(rt_owner(timer, struct transport_stdio, timer));
}

static void finish(struct transport_stdio *t)
{
    if (t->state != OPEN)
        return;
    /* Streams wait for what nobody will hear of. While OPEN the last one's end closes nothing. */
    mcp_server_end_streams(t->server);
    t->state = FINISHING;
    if (mcp_peer_in_flight(t->peer) == 0)
        close_now(t);
    else if (!t->in_is_file)
        rt_timer_arm(&t->timer, rt_deadline(FINISH_MS), on_finish_late);
}

static void on_idle(struct mcp_sink *sink)
{
    struct transport_stdio *t = (struct transport_stdio *)(void *)sink;
    if (t->state == FINISHING)
        close_now(t);
}

void transport_stdio_stop(struct transport_stdio *transport)
{
    transport->stopped = true;
    if (transport->state == CLOSING)
        rt_timer_arm(&transport->timer, rt_deadline(FLUSH_MS), on_flush_late);
    close_now(transport);
}

/* ---- output ---- */

struct write {
    uv_write_t request;
    struct transport_stdio *transport;
    char *frame;
    size_t bytes;
};

static void set_reading(struct transport_stdio *t, bool on);

static void written(struct transport_stdio *t, size_t bytes, int status)
{
    t->unsent -= bytes;
    if (status < 0 && status != UV_ECANCELED)
        close_now(t); /* the client is gone */
    if (t->unsent <= OUTPUT_LOW_BYTES) {
        rt_event_broadcast(&t->drained);
        set_reading(t, true);
    }
    if (t->state == CLOSING && t->unsent == 0)
        end(t);
}

static void on_written(uv_write_t *request, int status)
{
    struct write *write = request->data;
    struct transport_stdio *t = write->transport;
    size_t bytes = write->bytes;
    talloc_free(write);
    written(t, bytes, status);
}

static void write_file(struct transport_stdio *t, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(real_stdout, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            log_error("cannot write to standard output: %s", strerror(errno));
            close_now(t);
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void on_send(struct mcp_sink *sink, char *frame, size_t len, int status)
{
    (void)status;
    struct transport_stdio *t = (struct transport_stdio *)(void *)sink;
    if (t->state >= CLOSING) {
        talloc_free(frame);
        return;
    }
    if (t->out_is_file) {
        frame[len] = '\n'; /* in the place of the final NUL */
        write_file(t, frame, len + 1);
        talloc_free(frame);
        return;
    }
    struct write *write = talloc_zero(t, struct write);
    write->transport = t;
    write->frame = talloc_steal(write, frame);
    write->bytes = len + 1;
    write->request.data = write;
    frame[len] = '\n';
    uv_buf_t buffer = uv_buf_init(frame, (unsigned)(len + 1));
    t->unsent += write->bytes;
    int rc = uv_write(&write->request, &t->out.stream, &buffer, 1, on_written);
    if (rc < 0) {
        talloc_free(write);
        written(t, len + 1, rc);
        return;
    }
    if (t->unsent > OUTPUT_HIGH_BYTES)
        set_reading(t, false);
}

static bool on_congested(const struct mcp_sink *sink)
{
    return ((const struct transport_stdio *)(const void *)sink)->unsent > OUTPUT_HIGH_BYTES;
}

static int on_drain(struct mcp_sink *sink, int64_t deadline)
{
    struct transport_stdio *t = (struct transport_stdio *)(void *)sink;
    int rc = 0;
    while (rc == 0 && t->state < CLOSING && t->unsent > OUTPUT_HIGH_BYTES)
        rc = rt_event_wait(&t->drained, deadline);
    return rc;
}

/* ---- input ---- */

static void take_line(struct transport_stdio *t, const char *line, size_t len)
{
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
        len--;
    if (len == 0)
        return;
    struct mcp_frame *frame = mcp_frame_read(t, line, len);
    mcp_peer_receive(t->peer, &t->sink, frame, NULL);
    talloc_free(frame);
}

static void end_line(struct transport_stdio *t, const char *rest, size_t len)
{
    if (!t->skipping && t->line.len == 0 && len <= t->max_message_bytes) {
        take_line(t, rest, len); /* the usual case: the whole line is in the chunk */
        return;
    }
    if (!t->skipping && !str_append(&t->line, rest, len)) {
        mcp_id_scan(&t->id_scanner, t->line.data, t->line.len);
        t->skipping = true;
    }
    if (t->skipping) {
        mcp_id_scan(&t->id_scanner, rest, len);
        mcp_peer_refuse_frame(t->peer, &t->sink, mcp_id_scanned(&t->id_scanner),
            t->max_message_bytes);
        t->skipping = false;
        t->id_scanner = (struct mcp_id_scanner){0};
    } else {
        take_line(t, t->line.data, t->line.len);
    }
    str_done(&t->line);
}

static void keep_part(struct transport_stdio *t, const char *part, size_t len)
{
    if (!t->skipping && !str_append(&t->line, part, len)) {
        mcp_id_scan(&t->id_scanner, str_get(&t->line), t->line.len);
        str_done(&t->line);
        t->skipping = true;
    }
    if (t->skipping)
        mcp_id_scan(&t->id_scanner, part, len);
}

static void take_bytes(struct transport_stdio *t, const char *bytes, size_t len)
{
    while (len > 0 && t->state == OPEN) {
        const char *line_end = memchr(bytes, '\n', len);
        if (!line_end) {
            keep_part(t, bytes, len);
            return;
        }
        size_t line_len = (size_t)(line_end - bytes);
        end_line(t, bytes, line_len);
        bytes += line_len + 1;
        len -= line_len + 1;
    }
}

static void take_end(struct transport_stdio *t)
{
    if (t->state == OPEN && (t->line.len > 0 || t->skipping))
        end_line(t, "", 0);
    finish(t);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct transport_stdio *t = handle->data;
    *buffer = uv_buf_init(t->chunk, sizeof t->chunk);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct transport_stdio *t = stream->data;
    if (n > 0)
        take_bytes(t, buffer->base, (size_t)n);
    if (n >= 0)
        return;
    uv_read_stop(stream);
    if (n != UV_EOF)
        log_debug("reading standard input: %s", uv_strerror((int)n));
    take_end(t);
}

static void read_file_on(struct transport_stdio *t);

static void on_file_read(uv_fs_t *request)
{
    struct transport_stdio *t = request->data;
    ssize_t n = request->result;
    uv_fs_req_cleanup(request);
    t->reading_file = false;
    if (n > 0) {
        take_bytes(t, t->chunk, (size_t)n);
        read_file_on(t);
        return;
    }
    if (n < 0)
        log_error("cannot read standard input: %s", uv_strerror((int)n));
    take_end(t);
}

static void read_file_on(struct transport_stdio *t)
{
    if (t->reading_file || t->paused || t->state != OPEN)
        return;
    t->reading_file = true;
    t->read_request.data = t;
    uv_buf_t buffer = uv_buf_init(t->chunk, sizeof t->chunk);
    uv_fs_read(rt_loop(), &t->read_request, STDIN_FILENO, &buffer, 1, -1, on_file_read);
}

/* The client hung up while it did not read either: the end, unless it reads on at once. */
static void on_hangup(uv_poll_t *handle, int status, int events)
{
    struct transport_stdio *t = handle->data;
    uv_poll_stop(handle);
    if (t->state == OPEN && t->paused && (status < 0 || (events & UV_DISCONNECT)))
        rt_timer_arm(&t->timer, rt_deadline(FINISH_MS), on_finish_late);
}

static void set_reading(struct transport_stdio *t, bool on)
{
    if (t->paused != on)
        return;
    t->paused = !on;
    if (t->in_is_file) {
        read_file_on(t);
    } else if (t->state == OPEN && on) {
        uv_poll_stop(&t->hangup);
        rt_timer_disarm(&t->timer);
        uv_read_start(&t->in.stream, on_alloc, on_read);
    } else if (t->state == OPEN) {
        uv_read_stop(&t->in.stream);
        uv_poll_start(&t->hangup, UV_DISCONNECT, on_hangup);
    }
}

/* ---- start ---- */

/* Opens `fd` as the stream that it is; false for a file or a device without readiness. */
static bool open_stream(int fd, uv_handle_t *handle)
{
    uv_handle_type type = uv_guess_handle(fd);
    if (type == UV_NAMED_PIPE) {
        uv_pipe_init(rt_loop(), (uv_pipe_t *)handle, 0);
        return uv_pipe_open((uv_pipe_t *)handle, fd) == 0;
    }
    if (type == UV_TCP) {
        uv_tcp_init(rt_loop(), (uv_tcp_t *)handle);
        return uv_tcp_open((uv_tcp_t *)handle, fd) == 0;
    }
    return type == UV_TTY && uv_tty_init(rt_loop(), (uv_tty_t *)handle, fd, 0) == 0;
}

struct transport_stdio *transport_stdio_start(const void *ctx, struct mcp_server *server,
    size_t max_message_bytes, void (*ended)(void))
{
    struct transport_stdio *t = talloc_zero(ctx, struct transport_stdio);
    t->sink = (struct mcp_sink){.send = on_send,
        .drain = on_drain,
        .congested = on_congested,
        .idle = on_idle};
    t->server = server;
    t->peer = mcp_peer_create(t, server, NULL);
    mcp_peer_set_stream(t->peer, &t->sink);
    t->ended = ended;
    t->max_message_bytes = max_message_bytes;
    str_init(&t->line, t, max_message_bytes);
    t->in_is_file = !open_stream(STDIN_FILENO, &t->in.handle);
    t->out_is_file = !open_stream(real_stdout, &t->out.handle);
    t->in.handle.data = t;
    t->hangup.data = t;
    if (!t->in_is_file)
        uv_poll_init(rt_loop(), &t->hangup, fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    t->paused = true;
    set_reading(t, true);
    return t;
}
