/* Writing messages: one encoding for both eras, chosen by the revision of the request. */
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

static void write_fault(struct str *frame, const struct mcp_address *to,
    const struct mcp_fault *fault)
{
    begin_message(frame, to->peer, to->peer->server->options.max_result_bytes, to->id);
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

/* MCP 2026-07-28, Streamable HTTP: protocol errors have a status of their own. The handshake era
 * tells only what could not be read; all else is an answer like any other. */
static int status_of(const struct mcp_fault *fault, enum mcp_version version)
{
    switch (fault->code) {
    case MCP_PARSE_ERROR:
    case MCP_INVALID_REQUEST:
    case MCP_HEADER_MISMATCH:
    case MCP_UNSUPPORTED_VERSION:
        return 400;
    case MCP_MISSING_CAPABILITY:
        return version >= MCP_2026_07_28 ? 400 : 200;
    case MCP_METHOD_NOT_FOUND:
        return version >= MCP_2026_07_28 ? 404 : 200;
    case MCP_INVALID_PARAMS:
        return fault->envelope ? 400 : 200;
    case MCP_INTERNAL_ERROR:
    case MCP_LEGACY_RESOURCE_NOT_FOUND:
        break;
    }
    return 200;
}

static void send_frame(struct mcp_peer *peer, struct mcp_sink *sink, struct str *frame, int status)
{
    size_t len = frame->len;
    char *bytes = str_take(frame, NULL);
    if (peer->closed || !sink)
        talloc_free(bytes);
    else
        sink->send(sink, bytes, len, status);
}

/* An answer that would make the batch too long becomes an error; for those there is room. */
static void add_to_batch(const struct mcp_address *to, struct str *frame)
{
    struct mcp_batch *batch = to->batch;
    if (batch->out.len + frame->len > to->peer->server->options.max_result_bytes) {
        str_done(frame);
        struct mcp_fault *fault = mcp_fault_create(batch, MCP_INTERNAL_ERROR,
            "the answers of the batch are together larger than a message may be; send this "
            "request by itself");
        write_fault(frame, to, fault);
    }
    str_puts(&batch->out, batch->out.len ? "," : "[");
    str_append(&batch->out, frame->data, frame->len);
    str_done(frame);
    mcp_batch_settle(batch);
}

static void emit(const struct mcp_address *to, struct str *frame, int status)
{
    if (to->batch)
        add_to_batch(to, frame);
    else
        send_frame(to->peer, to->sink, frame, status);
}

void mcp_batch_settle(struct mcp_batch *batch)
{
    if (--batch->pending > 0)
        return;
    if (batch->out.len > 0) {
        str_putc(&batch->out, ']');
        send_frame(batch->peer, batch->sink, &batch->out, 200);
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

void mcp_write_caching(struct json_writer *w, enum mcp_version version, int64_t ttl_ms,
    const char *scope)
{
    if (version < MCP_2026_07_28)
        return;
    jw_member_int(w, "ttlMs", ttl_ms);
    jw_member_string(w, "cacheScope", scope);
}

void mcp_result_begin(struct str *frame, const void *ctx, const struct mcp_address *to,
    const char *type)
{
    begin_message(frame, ctx, to->peer->server->options.max_result_bytes, to->id);
    str_puts(frame, ",\"result\":{");
    if (to->version >= MCP_2026_07_28) {
        struct json_writer w;
        jw_init(&w, frame);
        jw_member_string(&w, "resultType", type);
        str_puts(frame, ",\"_meta\":{\"" MCP_META_SERVER_INFO "\":");
        w.comma = false;
        mcp_write_server_info(&w, to->peer->server);
        str_puts(frame, "},");
    }
}

void mcp_result_end(struct str *frame, const struct mcp_address *to)
{
    if (frame->data[frame->len - 1] == ',') /* no members after the modern ones */
        str_truncate(frame, frame->len - 1);
    str_puts(frame, "}}");
    emit(to, frame, 200);
}

void mcp_reply_members(const struct mcp_address *to, const char *members)
{
    struct str frame;
    mcp_result_begin(&frame, to->peer, to, "complete");
    str_puts(&frame, members);
    mcp_result_end(&frame, to);
}

void mcp_reply_fault(const struct mcp_address *to, const struct mcp_fault *fault)
{
    struct str frame;
    write_fault(&frame, to, fault);
    emit(to, &frame, status_of(fault, to->version));
}

void mcp_message_begin(struct str *frame, const void *ctx, const struct mcp_peer *peer,
    const char *id, const char *method)
{
    begin_message(frame, ctx, peer->server->options.max_result_bytes, id);
    str_printf(frame, ",\"method\":\"%s\",\"params\":{", method);
}

void mcp_message_end(struct str *frame, struct mcp_peer *peer, struct mcp_sink *sink)
{
    str_puts(frame, "}}");
    if (frame->full)
        str_done(frame); /* half a message is none */
    else
        send_frame(peer, sink, frame, 0);
}
