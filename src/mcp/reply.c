/* Writing answers: one encoding for both eras, chosen by the revision of the request. */
#include "mcp/internal.h"

#include <string.h>
#include <talloc.h>

static void begin_message(struct str *frame, const void *ctx, size_t max, const char *id)
{
    str_init(frame, ctx, max);
    str_puts(frame, "{\"jsonrpc\":\"2.0\"");
    if (id)
        str_printf(frame, ",\"id\":%s", id);
}

static void write_fault(struct str *frame, const struct mcp_peer *peer, const char *id,
    const struct mcp_fault *fault)
{
    begin_message(frame, peer, peer->server->options.max_result_bytes, id);
    struct json_writer w;
    jw_init(&w, frame);
    str_puts(frame, ",\"error\":");
    jw_begin_object(&w);
    jw_member_int(&w, "code", fault->code);
    jw_member_string(&w, "message", fault->message);
    if (fault->data) {
        jw_key(&w, "data");
        jw_raw(&w, fault->data, strlen(fault->data));
    }
    jw_end_object(&w);
    str_putc(frame, '}');
}

static void send_frame(struct mcp_peer *peer, struct str *frame)
{
    size_t len = frame->len;
    char *bytes = str_take(frame, NULL);
    if (peer->closed)
        talloc_free(bytes);
    else
        peer->sink->send(peer->sink, bytes, len);
}

/* An answer that would make the batch too long becomes an error; for those there is room. */
static void add_to_batch(struct mcp_batch *batch, const char *id, struct str *frame)
{
    const struct mcp_peer *peer = batch->peer;
    if (batch->out.len + frame->len > peer->server->options.max_result_bytes) {
        str_done(frame);
        struct mcp_fault *fault = mcp_fault_create(batch, MCP_INTERNAL_ERROR,
            "the answers of the batch are together larger than a message may be; send this "
            "request by itself");
        write_fault(frame, peer, id, fault);
    }
    str_puts(&batch->out, batch->out.len ? "," : "[");
    str_append(&batch->out, frame->data, frame->len);
    str_done(frame);
    mcp_batch_settle(batch);
}

static void emit(struct mcp_peer *peer, struct mcp_batch *batch, const char *id, struct str *frame)
{
    if (batch)
        add_to_batch(batch, id, frame);
    else
        send_frame(peer, frame);
}

void mcp_batch_settle(struct mcp_batch *batch)
{
    if (--batch->pending > 0)
        return;
    if (batch->out.len > 0) {
        str_putc(&batch->out, ']');
        send_frame(batch->peer, &batch->out);
    }
    talloc_free(batch);
}

void mcp_write_server_info(struct json_writer *w, const struct mcp_server *server)
{
    jw_begin_object(w);
    jw_member_string(w, "name", server->options.name);
    jw_member_string(w, "title", server->options.title);
    jw_member_string(w, "version", server->options.version);
    jw_end_object(w);
}

void mcp_result_begin(struct str *frame, const void *ctx, const struct mcp_peer *peer,
    const char *id, enum mcp_version version)
{
    begin_message(frame, ctx, peer->server->options.max_result_bytes, id);
    str_puts(frame, ",\"result\":{");
    if (version >= MCP_2026_07_28) {
        struct json_writer w;
        jw_init(&w, frame);
        str_puts(frame, "\"resultType\":\"complete\",\"_meta\":{\"" MCP_META_SERVER_INFO "\":");
        mcp_write_server_info(&w, peer->server);
        str_puts(frame, "},");
    }
}

void mcp_result_end(struct str *frame, struct mcp_peer *peer, struct mcp_batch *batch,
    const char *id)
{
    if (frame->data[frame->len - 1] == ',') /* no members after the modern ones */
        str_truncate(frame, frame->len - 1);
    str_puts(frame, "}}");
    emit(peer, batch, id, frame);
}

void mcp_reply_members(const struct mcp_request *request, const char *members)
{
    struct str frame;
    mcp_result_begin(&frame, request->peer, request->peer, request->message.id, request->version);
    str_puts(&frame, members);
    mcp_result_end(&frame, request->peer, request->batch, request->message.id);
}

void mcp_reply_fault(struct mcp_peer *peer, struct mcp_batch *batch, const char *id,
    const struct mcp_fault *fault)
{
    struct str frame;
    write_fault(&frame, peer, id, fault);
    emit(peer, batch, id, &frame);
}

void mcp_send_progress(struct mcp_peer *peer, enum mcp_version version, const char *token,
    double progress, const char *message)
{
    struct str frame;
    begin_message(&frame, peer, peer->server->options.max_result_bytes, NULL);
    str_printf(&frame,
        ",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":%s,\"progress\":%.3f",
        token, progress);
    if (message && version >= MCP_2025_03_26) {
        struct json_writer w;
        jw_init(&w, &frame);
        str_puts(&frame, ",\"message\":");
        jw_string(&w, message);
    }
    str_puts(&frame, "}}");
    send_frame(peer, &frame);
}
