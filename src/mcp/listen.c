/*
 * Who hears of changes: streams of subscriptions/listen (MCP 2026-07-28, Subscriptions), and
 * subscriptions to resources of the handshake era.
 */
#include "mcp/internal.h"

#include <string.h>
#include <talloc.h>
#include <utlist.h>

struct mcp_listen {
    struct mcp_address to; /* its id is the key in peer->listens */
    bool changes[MCP_RESOURCES_CHANGED + 1];
    const char **uris;
    size_t uri_count;
    UT_hash_handle hh;
};

struct mcp_subscription {
    char *uri; /* the key in peer->subscriptions */
    UT_hash_handle hh;
};

static const struct {
    const char *filter, *method;
} changes[] = {
    [MCP_TOOLS_CHANGED] = {"toolsListChanged", "notifications/tools/list_changed"},
    [MCP_PROMPTS_CHANGED] = {"promptsListChanged", "notifications/prompts/list_changed"},
    [MCP_RESOURCES_CHANGED] = {"resourcesListChanged", "notifications/resources/list_changed"},
};

/* ---- watching: only while somebody wants to hear of it ---- */

static void watch(struct mcp_server *server, size_t more, size_t less)
{
    bool before = server->watchers > 0;
    server->watchers += more;
    server->watchers -= less;
    bool now = server->watchers > 0;
    const struct mcp_offer *offer = &server->offer;
    if (before != now && offer->resources && offer->resources->watch)
        offer->resources->watch(offer->host, server, now);
}

static bool watches(const struct mcp_listen *listen)
{
    return listen->changes[MCP_RESOURCES_CHANGED] || listen->uri_count > 0;
}

static struct mcp_fault *too_many(const struct mcp_request *request, size_t more)
{
    const struct mcp_peer *peer = request->to.peer;
    size_t max = peer->server->options.max_subscriptions;
    return peer->subscribed + more <= max
               ? NULL
               : mcp_fault_create(request->root, MCP_INTERNAL_ERROR,
                     "Too many subscriptions: the limit is %zu (mcp.max_subscriptions)", max);
}

/* ---- subscriptions/listen ---- */

static void begin_tagged(struct str *frame, const struct mcp_listen *listen, const char *method)
{
    mcp_message_begin(frame, listen, listen->to.peer, NULL, method);
    str_printf(frame, "\"_meta\":{\"" MCP_META_SUBSCRIPTION "\":%s}", listen->to.id);
}

static void acknowledge(const struct mcp_listen *listen)
{
    struct str frame;
    begin_tagged(&frame, listen, "notifications/subscriptions/acknowledged");
    str_puts(&frame, ",\"notifications\":{");
    struct json_writer w;
    jw_init(&w, &frame);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (listen->changes[i])
            jw_member_bool(&w, changes[i].filter, true);
    }
    if (listen->uri_count > 0) {
        jw_key(&w, "resourceSubscriptions");
        jw_begin_array(&w);
        for (size_t i = 0; i < listen->uri_count; i++)
            jw_string(&w, listen->uris[i]);
        jw_end_array(&w);
    }
    str_putc(&frame, '}');
    mcp_message_end(&frame, listen->to.peer, listen->to.sink);
}

static void end(struct mcp_listen *listen)
{
    struct mcp_address to = listen->to;
    HASH_DEL(to.peer->listens, listen);
    to.peer->subscribed -= 1 + listen->uri_count;
    watch(to.peer->server, 0, watches(listen));
    talloc_free(listen);
    mcp_peer_settle(to.peer, to.sink);
}

/* The server's own end of a stream: the empty result. */
static void conclude(struct mcp_listen *listen)
{
    struct str frame;
    mcp_result_begin(&frame, listen, &listen->to, "complete");
    /* One more member of _meta, which is the last that has been written. */
    str_truncate(&frame, frame.len - strlen("},"));
    str_printf(&frame, ",\"" MCP_META_SUBSCRIPTION "\":%s},", listen->to.id);
    mcp_result_end(&frame, &listen->to);
    end(listen);
}

/* What was asked for and exists here. */
static struct mcp_fault *read_filter(struct mcp_listen *listen, const struct mcp_request *request)
{
    const struct mcp_offer *offer = &listen->to.peer->server->offer;
    const json_t *filter = json_object_get(request->message.params, "notifications");
    const json_t *uris = json_object_get(filter, "resourceSubscriptions");
    if (!json_is_object(filter) || (uris && !json_is_array(uris)))
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"notifications\" must be an object, and its "
            "\"resourceSubscriptions\" an array");
    const bool has[] = {[MCP_TOOLS_CHANGED] = true,
        [MCP_PROMPTS_CHANGED] = offer->prompts,
        [MCP_RESOURCES_CHANGED] = offer->resources && offer->resources->subscribe};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        listen->changes[i] = has[i] && json_is_true(json_object_get(filter, changes[i].filter));
    size_t count = has[MCP_RESOURCES_CHANGED] ? json_array_size(uris) : 0;
    struct mcp_fault *fault = too_many(request, 1 + count);
    if (fault)
        return fault;
    listen->uris = talloc_array(listen, const char *, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *uri = mcp_json_string(json_array_get(uris, i));
        if (!uri)
            return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                "Invalid params: \"resourceSubscriptions\" must be strings");
        listen->uris[listen->uri_count++] = talloc_strdup(listen->uris, uri);
    }
    return NULL;
}

void mcp_listen_accept(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->to.peer;
    struct mcp_listen *listen = talloc_zero(peer, struct mcp_listen), *same;
    listen->to = request->to;
    listen->to.id = talloc_strdup(listen, request->to.id);
    struct mcp_fault *fault = read_filter(listen, request);
    HASH_FIND_STR(peer->listens, request->to.id, same);
    if (same)
        fault = mcp_fault_create(request->root, MCP_INVALID_REQUEST,
            "Invalid Request: a request with this id is still in flight");
    if (fault) {
        mcp_reply_fault(&request->to, fault);
        talloc_free(listen);
        return;
    }
    HASH_ADD_KEYPTR(hh, peer->listens, listen->to.id, strlen(listen->to.id), listen);
    peer->subscribed += 1 + listen->uri_count;
    peer->active++;
    request->to.sink->active++;
    watch(peer->server, watches(listen), 0);
    acknowledge(listen);
}

void mcp_listen_withdraw(struct mcp_peer *peer, const char *id)
{
    struct mcp_listen *listen;
    HASH_FIND_STR(peer->listens, id, listen);
    if (listen)
        end(listen);
}

void mcp_listen_withdraw_all(struct mcp_peer *peer)
{
    struct mcp_listen *listen, *next;
    HASH_ITER(hh, peer->listens, listen, next)
        end(listen);
    struct mcp_subscription *subscription, *after;
    HASH_ITER(hh, peer->subscriptions, subscription, after) {
        HASH_DEL(peer->subscriptions, subscription);
        watch(peer->server, 0, 1);
        talloc_free(subscription);
    }
}

/* ---- resources/subscribe and unsubscribe ---- */

void mcp_subscribe(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->to.peer;
    const char *uri;
    struct mcp_subscription *subscription = NULL;
    struct mcp_fault *fault = mcp_string_param(request, "uri", &uri);
    if (!fault)
        HASH_FIND_STR(peer->subscriptions, uri, subscription);
    if (!fault && !subscription)
        fault = too_many(request, 1);
    if (fault) {
        mcp_reply_fault(&request->to, fault);
        return;
    }
    if (!subscription) {
        subscription = talloc_zero(peer, struct mcp_subscription);
        subscription->uri = talloc_strdup(subscription, uri);
        HASH_ADD_KEYPTR(hh, peer->subscriptions, subscription->uri, strlen(uri), subscription);
        peer->subscribed++;
        watch(peer->server, 1, 0);
    }
    mcp_reply_members(&request->to, "");
}

void mcp_unsubscribe(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->to.peer;
    const char *uri;
    struct mcp_fault *fault = mcp_string_param(request, "uri", &uri);
    if (fault) {
        mcp_reply_fault(&request->to, fault);
        return;
    }
    struct mcp_subscription *subscription;
    HASH_FIND_STR(peer->subscriptions, uri, subscription);
    if (subscription) {
        HASH_DEL(peer->subscriptions, subscription);
        talloc_free(subscription);
        peer->subscribed--;
        watch(peer->server, 0, 1);
    }
    mcp_reply_members(&request->to, "");
}

/* ---- telling ---- */

static void tell_stream(struct mcp_peer *peer, const char *method, const char *uri)
{
    if (peer->legacy == MCP_NONE || !peer->stream)
        return;
    struct str frame;
    mcp_message_begin(&frame, peer, peer, NULL, method);
    struct json_writer w;
    jw_init(&w, &frame);
    jw_member_string(&w, "uri", uri);
    mcp_message_end(&frame, peer, peer->stream);
}

static void tell_listen(const struct mcp_listen *listen, const char *method, const char *uri)
{
    struct str frame;
    begin_tagged(&frame, listen, method);
    if (uri) {
        str_puts(&frame, ",\"uri\":");
        struct json_writer w;
        jw_init(&w, &frame);
        jw_string(&w, uri);
    }
    mcp_message_end(&frame, listen->to.peer, listen->to.sink);
}

void mcp_server_changed(struct mcp_server *server, enum mcp_change change)
{
    struct mcp_peer *peer, *next_peer;
    DL_FOREACH_SAFE(server->peers, peer, next_peer) {
        mcp_peer_hold(peer);
        tell_stream(peer, changes[change].method, NULL);
        struct mcp_listen *listen, *next;
        HASH_ITER(hh, peer->listens, listen, next) {
            if (listen->changes[change])
                tell_listen(listen, changes[change].method, NULL);
        }
        mcp_peer_release(peer);
    }
}

static bool listens_to(const struct mcp_listen *listen, const char *uri)
{
    for (size_t i = 0; i < listen->uri_count; i++) {
        if (strcmp(listen->uris[i], uri) == 0)
            return true;
    }
    return false;
}

void mcp_server_resource_updated(struct mcp_server *server, const char *uri)
{
    static const char method[] = "notifications/resources/updated";
    struct mcp_peer *peer, *next_peer;
    DL_FOREACH_SAFE(server->peers, peer, next_peer) {
        mcp_peer_hold(peer);
        struct mcp_subscription *subscription;
        HASH_FIND_STR(peer->subscriptions, uri, subscription);
        if (subscription)
            tell_stream(peer, method, uri);
        struct mcp_listen *listen, *next;
        HASH_ITER(hh, peer->listens, listen, next) {
            if (listens_to(listen, uri))
                tell_listen(listen, method, uri);
        }
        mcp_peer_release(peer);
    }
}

void mcp_server_watched(const struct mcp_server *server, void (*visit)(void *arg, const char *uri),
    void *arg)
{
    struct mcp_peer *peer;
    DL_FOREACH(server->peers, peer) {
        struct mcp_subscription *subscription, *after;
        HASH_ITER(hh, peer->subscriptions, subscription, after)
            visit(arg, subscription->uri);
        struct mcp_listen *listen, *next;
        HASH_ITER(hh, peer->listens, listen, next) {
            for (size_t i = 0; i < listen->uri_count; i++)
                visit(arg, listen->uris[i]);
        }
    }
}

void mcp_server_end_streams(struct mcp_server *server)
{
    struct mcp_peer *peer, *next_peer;
    DL_FOREACH_SAFE(server->peers, peer, next_peer) {
        mcp_peer_hold(peer);
        struct mcp_listen *listen, *next;
        HASH_ITER(hh, peer->listens, listen, next)
            conclude(listen);
        mcp_peer_release(peer);
    }
}
