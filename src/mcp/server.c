/* Dispatch: frames to methods, the same handlers for both eras; see server.h. */
#include "mcp/internal.h"

#include "base/log.h"

#include <string.h>
#include <talloc.h>

enum { LIST_TTL_MS = 300000 };

/* ---- methods ---- */

/* Members that describe the server: initialize spells them in the body, discover in _meta. */
static void write_capabilities(struct json_writer *w, const struct mcp_server *server)
{
    jw_key(w, "capabilities");
    jw_begin_object(w);
    jw_key(w, "tools");
    jw_begin_object(w);
    jw_end_object(w);
    jw_end_object(w);
    jw_member_string(w, "instructions", server->options.instructions);
}

/* The handshake never negotiates a modern revision; an unknown one gets the latest of the
 * handshake era (MCP 2025-11-25, Lifecycle, Version Negotiation). */
static void on_initialize(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->peer;
    const char *asked =
        mcp_json_string(json_object_get(request->message.params, "protocolVersion"));
    if (!asked || request->batch) {
        mcp_reply_fault(peer, request->batch, request->message.id,
            asked ? mcp_fault_create(request->root, MCP_INVALID_REQUEST,
                        "Invalid Request: initialize cannot be part of a batch")
                  : mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                        "Invalid params: \"protocolVersion\" must be a string"));
        return;
    }
    enum mcp_version version = mcp_version_parse(asked);
    if (version == MCP_NONE || version >= MCP_2026_07_28)
        version = MCP_2025_11_25;
    peer->legacy = version;
    struct str members;
    str_init(&members, request->root, peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &members);
    jw_member_string(&w, "protocolVersion", mcp_version_text(version));
    write_capabilities(&w, peer->server);
    jw_key(&w, "serverInfo");
    mcp_write_server_info(&w, peer->server);
    mcp_reply_members(request, str_get(&members));
}

static void on_discover(const struct mcp_request *request)
{
    struct str members;
    str_init(&members, request->root, request->peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &members);
    jw_key(&w, "supportedVersions");
    jw_begin_array(&w);
    jw_string(&w, mcp_version_text(MCP_2026_07_28));
    jw_end_array(&w);
    write_capabilities(&w, request->peer->server);
    jw_member_int(&w, "ttlMs", LIST_TTL_MS);
    jw_member_string(&w, "cacheScope", "public");
    mcp_reply_members(request, str_get(&members));
}

static void on_ping(const struct mcp_request *request)
{
    mcp_reply_members(request, "");
}

static const char *tools_list(struct mcp_server *server, enum mcp_version version)
{
    if (server->tools_list[version])
        return server->tools_list[version];
    struct str members;
    str_init(&members, server, server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &members);
    jw_key(&w, "tools");
    jw_begin_array(&w);
    struct mcp_tool_fields fields = {.annotations = version >= MCP_2025_03_26,
        .titles = version >= MCP_2025_06_18};
    for (const struct mcp_tool *const *tool = server->tools; *tool; tool++)
        mcp_tool_write(&w, *tool, fields);
    jw_end_array(&w);
    if (version >= MCP_2026_07_28) {
        jw_member_int(&w, "ttlMs", LIST_TTL_MS);
        jw_member_string(&w, "cacheScope", "public");
    }
    server->tools_list[version] = str_take(&members, server);
    return server->tools_list[version];
}

static void on_tools_list(const struct mcp_request *request)
{
    const json_t *cursor = json_object_get(request->message.params, "cursor");
    if (cursor && !json_is_null(cursor)) {
        mcp_reply_fault(request->peer, request->batch, request->message.id,
            mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                "Invalid params: unknown cursor; the list has one page"));
        return;
    }
    mcp_reply_members(request, tools_list(request->peer->server, request->version));
}

static void on_cancelled(const struct mcp_request *request)
{
    const json_t *id = json_object_get(request->message.params, "requestId");
    if (json_is_string(id) || json_is_integer(id))
        mcp_call_withdraw(request->peer, mcp_json_text(request->root, id));
}

enum era { LEGACY = 1, MODERN = 2 };

static const struct method {
    const char *name;
    enum mcp_kind kind;
    unsigned eras;
    void (*handle)(const struct mcp_request *request);
} methods[] = {
    {"initialize", MCP_REQUEST, LEGACY, on_initialize},
    {"server/discover", MCP_REQUEST, MODERN, on_discover},
    {"ping", MCP_REQUEST, LEGACY, on_ping},
    {"tools/list", MCP_REQUEST, LEGACY | MODERN, on_tools_list},
    {"tools/call", MCP_REQUEST, LEGACY | MODERN, mcp_call_accept},
    {"notifications/cancelled", MCP_NOTIFICATION, LEGACY | MODERN, on_cancelled},
};

static const struct method *find_method(const struct mcp_request *request)
{
    unsigned era = request->version >= MCP_2026_07_28 ? MODERN : LEGACY;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct method *method = &methods[i];
        if (method->kind == request->message.kind && (method->eras & era) &&
            strcmp(method->name, request->message.method) == 0)
            return method;
    }
    return NULL;
}

/* ---- receiving ---- */

static void dispatch(struct mcp_request *request)
{
    struct mcp_peer *peer = request->peer;
    struct mcp_message *message = &request->message;
    struct mcp_fault *fault = NULL;
    struct mcp_envelope envelope = {0};
    bool ok = mcp_message_read(request->root, request->root->value, message, &fault);
    if (ok && message->kind == MCP_RESPONSE)
        return; /* this server asks nothing of its clients */
    ok = ok && mcp_envelope_read(request->root, message, &envelope, &fault);
    request->version = envelope.version != MCP_NONE ? envelope.version
                       : peer->legacy != MCP_NONE   ? peer->legacy
                                                    : MCP_2025_11_25;
    request->progress_token = envelope.progress_token;
    bool notification = !message->id && message->method;
    const struct method *method = ok ? find_method(request) : NULL;
    log_debug("received %.100s%s%.100s", message->method ? message->method : "no request",
        message->id ? ", id " : "", message->id ? message->id : "");
    if (method) {
        method->handle(request);
    } else if (!notification) {
        if (ok)
            fault = mcp_fault_create(request->root, MCP_METHOD_NOT_FOUND,
                "Method not found: %.100s", message->method);
        mcp_reply_fault(peer, request->batch, message->id, fault);
    }
}

/* Notifications and responses are not answered; all else is, be it with an error. */
static bool is_answered(const json_t *value)
{
    const json_t *method = json_object_get(value, "method");
    if (!method)
        return !json_object_get(value, "result") && !json_object_get(value, "error");
    return json_object_get(value, "id") || !mcp_json_string(method);
}

/* Only MCP 2025-03-26 has batches: earlier ones do not mention them, later ones forbid them. */
static void receive_batch(struct mcp_peer *peer, struct mcp_json *root)
{
    size_t size = json_array_size(root->value);
    if (peer->legacy != MCP_2025_03_26 || size == 0 || size > BATCH_MAX) {
        const char *why = peer->legacy != MCP_2025_03_26
                              ? "batches exist in protocol version 2025-03-26 only"
                          : size == 0 ? "a batch must not be empty"
                                      : "a batch has at most 1,000 messages";
        mcp_reply_fault(peer, NULL, NULL,
            mcp_fault_create(root, MCP_INVALID_REQUEST, "Invalid Request: %s", why));
        return;
    }
    struct mcp_batch *batch = talloc_zero(peer, struct mcp_batch);
    batch->peer = peer;
    batch->pending = 1;
    str_init(&batch->out, batch, peer->server->options.max_result_bytes + BATCH_MAX * FAULT_MAX);
    size_t i;
    json_t *value;
    json_array_foreach(root->value, i, value) {
        struct mcp_request request = {.peer = peer,
            .root = mcp_json_own(root, json_incref(value)),
            .batch = is_answered(value) ? batch : NULL};
        batch->pending += request.batch != NULL;
        dispatch(&request);
    }
    mcp_batch_settle(batch);
}

void mcp_peer_receive(struct mcp_peer *peer, const char *bytes, size_t len)
{
    void *ctx = talloc_new(peer);
    struct mcp_json *root = NULL;
    struct mcp_fault *fault = NULL;
    char *id = NULL;
    if (!mcp_parse(ctx, bytes, len, &root, &id, &fault)) {
        mcp_reply_fault(peer, NULL, id, fault);
    } else if (json_is_array(root->value)) {
        receive_batch(peer, root);
    } else {
        struct mcp_request request = {.peer = peer, .root = root};
        dispatch(&request);
    }
    talloc_free(ctx);
}

void mcp_peer_refuse_frame(struct mcp_peer *peer, const char *id, size_t cap)
{
    struct mcp_fault *fault = mcp_fault_create(peer, MCP_INVALID_REQUEST,
        "Invalid Request: the message is longer than %zu bytes (mcp.max_message_bytes)", cap);
    mcp_reply_fault(peer, NULL, id, fault);
    talloc_free(fault);
}

/* ---- life ---- */

struct mcp_server *mcp_server_create(const void *ctx, const struct mcp_server_options *options,
    const struct mcp_tool *const *tools, void *host)
{
    struct mcp_server *server = talloc_zero(ctx, struct mcp_server);
    server->options = *options;
    server->tools = tools;
    server->host = host;
    return server;
}

struct mcp_peer *mcp_peer_create(const void *ctx, struct mcp_server *server, struct mcp_sink *sink)
{
    struct mcp_peer *peer = talloc_zero(ctx, struct mcp_peer);
    peer->server = server;
    peer->sink = sink;
    return peer;
}

size_t mcp_peer_in_flight(const struct mcp_peer *peer)
{
    return peer->active;
}

void mcp_peer_close(struct mcp_peer *peer)
{
    peer->closed = true;
    mcp_call_withdraw_all(peer);
}
