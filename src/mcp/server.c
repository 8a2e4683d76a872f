/* Dispatch: frames to methods, the same handlers for both eras; see server.h. */
#include "mcp/internal.h"

#include "base/log.h"

#include <nettle/sha2.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>
#include <utlist.h>

/* ---- methods ---- */

static void write_ability(struct json_writer *w, const char *key, bool list_changed, bool subscribe)
{
    jw_key(w, key);
    jw_begin_object(w);
    if (list_changed)
        jw_member_bool(w, "listChanged", true);
    if (subscribe)
        jw_member_bool(w, "subscribe", true);
    jw_end_object(w);
}

/* Members that describe the server: initialize spells them in the body, discover in _meta. */
static void write_capabilities(struct json_writer *w, const struct mcp_server *server)
{
    const struct mcp_offer *offer = &server->offer;
    jw_key(w, "capabilities");
    jw_begin_object(w);
    write_ability(w, "tools", true, false);
    if (offer->prompts)
        write_ability(w, "prompts", true, false);
    if (offer->resources)
        write_ability(w, "resources", offer->resources->subscribe, offer->resources->subscribe);
    if (offer->prompts || offer->resources)
        write_ability(w, "completions", false, false);
    write_ability(w, "logging", false, false);
    jw_end_object(w);
    jw_member_string(w, "instructions", server->options.instructions);
}

/* The handshake never negotiates a modern revision; an unknown one gets the latest of the
 * handshake era (MCP 2025-11-25, Lifecycle, Version Negotiation). */
static void on_initialize(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->to.peer;
    const json_t *params = request->message.params;
    const char *asked = mcp_json_string(json_object_get(params, "protocolVersion"));
    if (!asked || request->to.batch) {
        mcp_reply_fault(&request->to,
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
    peer->abilities = mcp_abilities_read(json_object_get(params, "capabilities"), version);
    struct str members;
    str_init(&members, request->root, peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &members);
    jw_member_string(&w, "protocolVersion", mcp_version_text(version));
    write_capabilities(&w, peer->server);
    jw_key(&w, "serverInfo");
    mcp_write_server_info(&w, peer->server);
    mcp_reply_members(&request->to, str_get(&members));
}

static void on_discover(const struct mcp_request *request)
{
    struct str members;
    str_init(&members, request->root, request->to.peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &members);
    jw_key(&w, "supportedVersions");
    jw_begin_array(&w);
    jw_string(&w, mcp_version_text(MCP_2026_07_28));
    jw_end_array(&w);
    write_capabilities(&w, request->to.peer->server);
    mcp_write_caching(&w, request->to.version, LIST_TTL_MS, "public");
    mcp_reply_members(&request->to, str_get(&members));
}

static void on_ping(const struct mcp_request *request)
{
    mcp_reply_members(&request->to, "");
}

static void on_set_level(const struct mcp_request *request)
{
    int level =
        mcp_log_level_parse(mcp_json_string(json_object_get(request->message.params, "level")));
    if (level < 0) {
        mcp_reply_fault(&request->to, mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                                          "Invalid params: \"level\" must be a log level"));
        return;
    }
    request->to.peer->log_level = level;
    mcp_reply_members(&request->to, "");
}

static void on_cancelled(const struct mcp_request *request)
{
    const json_t *id = json_object_get(request->message.params, "requestId");
    if (!json_is_string(id) && !json_is_integer(id))
        return;
    const char *text = mcp_json_text(request->root, id);
    mcp_call_withdraw(request->to.peer, text);
    mcp_listen_withdraw(request->to.peer, text);
}

enum era { LEGACY = 1, MODERN = 2, BOTH = LEGACY | MODERN };
enum part { ALWAYS, PROMPTS, RESOURCES, SUBSCRIPTIONS, EITHER };

static const struct method {
    const char *name;
    enum mcp_kind kind;
    enum era eras;
    enum part part; /* of the offer, without which the method does not exist */
    void (*handle)(const struct mcp_request *request);
    const struct mcp_operation *operation; /* in the place of `handle` */
} methods[] = {
    {"tools/call", MCP_REQUEST, BOTH, ALWAYS, NULL, &mcp_tools_call},
    {"tools/list", MCP_REQUEST, BOTH, ALWAYS, mcp_tools_list, NULL},
    {"initialize", MCP_REQUEST, LEGACY, ALWAYS, on_initialize, NULL},
    {"server/discover", MCP_REQUEST, MODERN, ALWAYS, on_discover, NULL},
    {"ping", MCP_REQUEST, LEGACY, ALWAYS, on_ping, NULL},
    {"logging/setLevel", MCP_REQUEST, LEGACY, ALWAYS, on_set_level, NULL},
    {"prompts/list", MCP_REQUEST, BOTH, PROMPTS, mcp_prompts_list, NULL},
    {"prompts/get", MCP_REQUEST, BOTH, PROMPTS, NULL, &mcp_prompts_get},
    {"resources/list", MCP_REQUEST, BOTH, RESOURCES, NULL, &mcp_resources_list},
    {"resources/templates/list", MCP_REQUEST, BOTH, RESOURCES, mcp_templates_list, NULL},
    {"resources/read", MCP_REQUEST, BOTH, RESOURCES, NULL, &mcp_resources_read},
    {"resources/subscribe", MCP_REQUEST, LEGACY, SUBSCRIPTIONS, mcp_subscribe, NULL},
    {"resources/unsubscribe", MCP_REQUEST, LEGACY, SUBSCRIPTIONS, mcp_unsubscribe, NULL},
    {"completion/complete", MCP_REQUEST, BOTH, EITHER, NULL, &mcp_completion_complete},
    {"subscriptions/listen", MCP_REQUEST, MODERN, ALWAYS, mcp_listen_accept, NULL},
    {"notifications/cancelled", MCP_NOTIFICATION, BOTH, ALWAYS, on_cancelled, NULL},
};

static bool is_offered(const struct mcp_offer *offer, enum part part)
{
    switch (part) {
    case ALWAYS:
        return true;
    case PROMPTS:
        return offer->prompts;
    case RESOURCES:
        return offer->resources;
    case SUBSCRIPTIONS:
        return offer->resources && offer->resources->subscribe;
    case EITHER:
        return offer->prompts || offer->resources;
    }
    return false;
}

static const struct method *find_method(const struct mcp_request *request)
{
    enum era era = request->to.version >= MCP_2026_07_28 ? MODERN : LEGACY;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct method *method = &methods[i];
        if (method->kind == request->message.kind && (method->eras & era) &&
            strcmp(method->name, request->message.method) == 0)
            return is_offered(&request->to.peer->server->offer, method->part) ? method : NULL;
    }
    return NULL;
}

/* ---- receiving ---- */

static void handle(struct mcp_request *request, const struct method *method)
{
    if (method->operation)
        mcp_call_accept(request, method->operation);
    else
        method->handle(request);
}

/* The fault that a request deserves before its method is looked at. */
static struct mcp_fault *check(struct mcp_request *request, const struct method **ret_method)
{
    if (request->to.batch && request->to.version >= MCP_2026_07_28)
        return mcp_fault_create(request->root, MCP_INVALID_REQUEST,
            "Invalid Request: revision 2026-07-28 has no batches");
    struct mcp_fault *fault = mcp_headers_check(request);
    if (fault)
        return fault;
    *ret_method = find_method(request);
    return *ret_method ? NULL
                       : mcp_fault_create(request->root, MCP_METHOD_NOT_FOUND,
                             "Method not found: %.100s", request->message.method);
}

/* True when there is or will be an answer. `fault`: what is wrong with the message as such. */
static bool dispatch(struct mcp_request *request, struct mcp_fault *fault)
{
    struct mcp_peer *peer = request->to.peer;
    struct mcp_message *message = &request->message;
    bool ok = !fault;
    request->to.id = message->id;
    request->to.version = peer->legacy != MCP_NONE ? peer->legacy : MCP_2025_11_25;
    if (ok && message->kind == MCP_RESPONSE) {
        mcp_input_answered(peer, request->root->value);
        return false;
    }
    ok = ok &&
         mcp_envelope_read(request->root, message, request->headers, &request->envelope, &fault);
    if (request->envelope.version != MCP_NONE)
        request->to.version = request->envelope.version;
    bool notification = !message->id && message->method;
    log_debug("received %.100s%s%.100s", message->method ? message->method : "no request",
        message->id ? ", id " : "", message->id ? message->id : "");
    const struct method *method = NULL;
    if (ok && notification)
        method = find_method(request);
    else if (ok)
        fault = check(request, &method);
    if (method)
        handle(request, method);
    else if (!notification)
        mcp_reply_fault(&request->to, fault);
    return !notification;
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
static bool receive_batch(struct mcp_peer *peer, struct mcp_sink *sink, struct mcp_json *root)
{
    size_t size = json_array_size(root->value);
    if (peer->legacy != MCP_2025_03_26 || size == 0 || size > BATCH_MAX) {
        const char *why = peer->legacy != MCP_2025_03_26
                              ? "batches exist in protocol version 2025-03-26 only"
                          : size == 0 ? "a batch must not be empty"
                                      : "a batch has at most 1,000 messages";
        struct mcp_address to = {.peer = peer, .sink = sink};
        mcp_reply_fault(&to,
            mcp_fault_create(root, MCP_INVALID_REQUEST, "Invalid Request: %s", why));
        return true;
    }
    struct mcp_batch *batch = talloc_zero(peer, struct mcp_batch);
    batch->peer = peer;
    batch->sink = sink;
    batch->pending = 1;
    str_init(&batch->out, batch, peer->server->options.max_result_bytes + BATCH_MAX * FAULT_MAX);
    bool answered = false;
    size_t i;
    json_t *value;
    json_array_foreach(root->value, i, value) {
        struct mcp_request request = {
            .to = {.peer = peer, .sink = sink, .batch = is_answered(value) ? batch : NULL},
            .root = mcp_json_own(root, json_incref(value))};
        batch->pending += request.to.batch != NULL;
        struct mcp_fault *fault = NULL;
        bool ok = mcp_message_read(request.root, value, &request.message, &fault);
        answered |= dispatch(&request, ok ? NULL : fault);
    }
    mcp_batch_settle(batch);
    return answered;
}

/* ---- frames ---- */

struct mcp_frame {
    struct mcp_json *root;      /* NULL when it does not parse */
    struct mcp_message message; /* when it is one message, and well-formed */
    struct mcp_fault *fault;    /* why it is not */
    char *id;
};

struct mcp_frame *mcp_frame_read(const void *ctx, const char *bytes, size_t len)
{
    struct mcp_frame *frame = talloc_zero(ctx, struct mcp_frame);
    if (!mcp_parse(frame, bytes, len, &frame->root, &frame->id, &frame->fault))
        frame->root = NULL;
    else if (!json_is_array(frame->root->value) &&
             mcp_message_read(frame, frame->root->value, &frame->message, &frame->fault))
        frame->fault = NULL;
    return frame;
}

/* As jansson and malloc have it: "[{},{}…" comes to 80 times its length. A string's text counts
 * beside that of the frame, and what stands within a string counts as if it did not. */
size_t mcp_frame_cost(const char *bytes, size_t len)
{
    enum { OBJECT = 240, ARRAY = 140, MEMBER = 90 };
    size_t cost = 2 * len;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        cost += c == '{' ? OBJECT : c == '[' ? ARRAY : c == ',' || c == ':' ? MEMBER : 0;
    }
    return cost;
}

enum mcp_frame_kind mcp_frame_kind(const struct mcp_frame *frame, const struct mcp_headers *headers)
{
    const struct mcp_message *message = &frame->message;
    if (frame->fault)
        return MCP_FRAME_BROKEN;
    if (json_is_array(frame->root->value) || message->kind == MCP_RESPONSE)
        return MCP_FRAME_LEGACY;
    if (mcp_message_claims_modern(message) || mcp_headers_modern(headers))
        return MCP_FRAME_MODERN;
    bool initialize = message->kind == MCP_REQUEST && strcmp(message->method, "initialize") == 0;
    return initialize ? MCP_FRAME_INITIALIZE : MCP_FRAME_LEGACY;
}

bool mcp_peer_receive(struct mcp_peer *peer, struct mcp_sink *sink, const struct mcp_frame *frame,
    const struct mcp_headers *headers)
{
    bool answered = true;
    mcp_peer_hold(peer);
    if (!frame->root) {
        struct mcp_address to = {.peer = peer, .sink = sink, .id = frame->id};
        mcp_reply_fault(&to, frame->fault);
    } else if (json_is_array(frame->root->value)) {
        answered = receive_batch(peer, sink, frame->root);
    } else {
        struct mcp_request request = {.to = {.peer = peer, .sink = sink},
            .root = frame->root,
            .message = frame->message,
            .headers = headers};
        answered = dispatch(&request, frame->fault);
    }
    mcp_peer_release(peer);
    return answered;
}

void mcp_peer_refuse_frame(struct mcp_peer *peer, struct mcp_sink *sink, const char *id, size_t cap)
{
    struct mcp_fault *fault = mcp_fault_create(peer, MCP_INVALID_REQUEST,
        "Invalid Request: the message is longer than %zu bytes (mcp.max_message_bytes)", cap);
    struct mcp_address to = {.peer = peer, .sink = sink, .id = id};
    mcp_reply_fault(&to, fault);
    talloc_free(fault);
}

/* ---- life ---- */

static void set_state_key(struct mcp_server *server)
{
    const char *key = server->options.state_key;
    if (!key) {
        while (getrandom(server->state_key, STATE_KEY_BYTES, 0) != STATE_KEY_BYTES)
            continue; /* interrupted by a signal */
        return;
    }
    struct sha256_ctx sha;
    sha256_init(&sha);
    sha256_update(&sha, strlen(key), (const uint8_t *)key);
    sha256_digest(&sha, STATE_KEY_BYTES, server->state_key);
}

struct mcp_server *mcp_server_create(const void *ctx, const struct mcp_server_options *options,
    const struct mcp_offer *offer)
{
    struct mcp_server *server = talloc_zero(ctx, struct mcp_server);
    server->options = *options;
    server->offer = *offer;
    set_state_key(server);
    return server;
}

void mcp_server_renew(struct mcp_server *server, const struct mcp_server_options *options,
    const struct mcp_offer *offer)
{
    const struct mcp_resources *old = server->offer.resources;
    if (server->watchers > 0 && old && old->watch)
        old->watch(server->offer.host, server, false);
    server->options = *options;
    server->offer = *offer;
    if (options->state_key)
        set_state_key(server);
    mcp_lists_forget(server);
    if (server->watchers > 0 && offer->resources && offer->resources->watch)
        offer->resources->watch(offer->host, server, true);
}

struct mcp_peer *mcp_peer_create(const void *ctx, struct mcp_server *server, const char *principal)
{
    struct mcp_peer *peer = talloc_zero(ctx, struct mcp_peer);
    peer->server = server;
    peer->principal = principal ? talloc_strdup(peer, principal) : NULL;
    peer->log_level = -1;
    DL_APPEND(server->peers, peer);
    return peer;
}

void mcp_peer_set_stream(struct mcp_peer *peer, struct mcp_sink *stream)
{
    peer->stream = stream;
}

const char *mcp_peer_version(const struct mcp_peer *peer)
{
    return peer->legacy != MCP_NONE ? mcp_version_text(peer->legacy) : NULL;
}

size_t mcp_peer_in_flight(const struct mcp_peer *peer)
{
    return peer->active;
}

void mcp_peer_hold(struct mcp_peer *peer)
{
    peer->holds++;
}

void mcp_peer_release(struct mcp_peer *peer)
{
    if (--peer->holds == 0 && peer->closed && peer->active == 0)
        talloc_free(peer);
}

void mcp_peer_settle(struct mcp_peer *peer, struct mcp_sink *sink)
{
    mcp_peer_hold(peer);
    peer->active--;
    if (--sink->active == 0 && sink->idle)
        sink->idle(sink);
    mcp_peer_release(peer);
}

void mcp_peer_close(struct mcp_peer *peer)
{
    if (peer->closed)
        return;
    mcp_peer_hold(peer);
    peer->closed = true;
    DL_DELETE(peer->server->peers, peer);
    mcp_call_withdraw_all(peer);
    mcp_listen_withdraw_all(peer);
    mcp_peer_release(peer);
}
