/*
 * An MCP server for any transport: messages in, messages out.
 *
 * A server has an offer; a peer is one party that talks to it (the process at the other end of
 * the pipe, an HTTP session, one HTTP request) with its handshake and its requests in flight.
 * Both eras are served at once: what a message is, is decided message by message (MCP
 * 2026-07-28, Versioning; for the handshake era the revisions 2024-11-05 to 2025-11-25).
 */
#ifndef PGPARLEY_MCP_SERVER_H
#define PGPARLEY_MCP_SERVER_H

#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

#include <stddef.h>

struct mcp_server_options {
    const char *name, *title, *version;
    const char *instructions; /* for the model, may be NULL */
    size_t max_requests;      /* in flight per peer, running and waiting */
    size_t max_concurrent_calls;
    size_t max_subscriptions; /* per peer: listen streams, and resources subscribed to */
    size_t max_result_bytes;  /* of one message sent */
    int64_t call_timeout_ms;
    int64_t input_timeout_ms; /* for an answer of the client's user */
    const char *state_key;    /* signs what clients keep for us; NULL = random, for this process */
};

struct mcp_offer {
    const struct mcp_tool *const *tools;     /* NULL-terminated, as the prompts */
    const struct mcp_prompt *const *prompts; /* may be NULL */
    const struct mcp_resources *resources;   /* may be NULL */
    void *host; /* for the handlers: a talloc object or NULL; every request holds a reference */
};

struct mcp_server;
struct mcp_peer;

/* Where messages go. Embedded in the transport's own struct. */
struct mcp_sink {
    /* Takes over `frame`, a talloc object: one JSON text without line breaks. Must not block.
     * `status` is the HTTP status of an answer (MCP, Streamable HTTP), 0 for other messages. */
    void (*send)(struct mcp_sink *sink, char *frame, size_t len, int status);
    /* Waits until the client has taken enough of what was sent; on a fiber. */
    int (*drain)(struct mcp_sink *sink, int64_t deadline);
    /* True while more than enough is waiting for the client; progress is not told then. */
    bool (*congested)(const struct mcp_sink *sink);
    /* The last request that answers through this sink has ended; may be NULL. Runs in the loop's
     * turn of that end. */
    void (*idle)(struct mcp_sink *sink);
    bool mute;     /* the transport's: takes answers only, so nobody can be asked through it */
    size_t active; /* the server's own: requests in flight */
};

/* The strings in `options`, and what `offer` points to, must outlive the server or the next
 * mcp_server_renew(). */
struct mcp_server *mcp_server_create(const void *ctx, const struct mcp_server_options *options,
    const struct mcp_offer *offer);

/* From now on; requests in flight keep what they began with. */
void mcp_server_renew(struct mcp_server *server, const struct mcp_server_options *options,
    const struct mcp_offer *offer);

/* Tells those who asked to hear of it. */
enum mcp_change { MCP_TOOLS_CHANGED, MCP_PROMPTS_CHANGED, MCP_RESOURCES_CHANGED };
void mcp_server_changed(struct mcp_server *server, enum mcp_change change);
void mcp_server_resource_updated(struct mcp_server *server, const char *uri);

/* Calls `visit` with each resource that somebody watches, some of them more than once. */
void mcp_server_watched(const struct mcp_server *server, void (*visit)(void *arg, const char *uri),
    void *arg);

/* Ends the streams that only wait for changes; what runs goes on. */
void mcp_server_end_streams(struct mcp_server *server);

/* `principal` is who was authenticated, NULL when nobody was. */
struct mcp_peer *mcp_peer_create(const void *ctx, struct mcp_server *server, const char *principal);

/* Where goes what answers no request; NULL = nowhere, as it is at first. */
void mcp_peer_set_stream(struct mcp_peer *peer, struct mcp_sink *stream);

/* The headers of an HTTP request. Embedded in the transport's own struct. */
struct mcp_headers {
    const char *(*get)(const struct mcp_headers *headers, const char *name); /* NULL = absent */
};

/* One frame, parsed (or found wanting): a transport may ask whom it is for. */
struct mcp_frame;
struct mcp_frame *mcp_frame_read(const void *ctx, const char *bytes, size_t len);
/* How much memory a frame of these bytes takes up to its answer, at most and about; that of its
 * parts may be added. */
size_t mcp_frame_cost(const char *bytes, size_t len);
enum mcp_frame_kind {
    MCP_FRAME_BROKEN, /* will be refused, by whatever peer */
    MCP_FRAME_MODERN, /* needs no session */
    MCP_FRAME_INITIALIZE,
    MCP_FRAME_LEGACY,
};
/* `headers` may be NULL. */
enum mcp_frame_kind mcp_frame_kind(const struct mcp_frame *frame,
    const struct mcp_headers *headers);

/* Answers go to `sink`, at once or later; false when there is none to come. Never yields. With
 * `headers`, those of Streamable HTTP are checked. The frame may be freed afterwards. */
bool mcp_peer_receive(struct mcp_peer *peer, struct mcp_sink *sink, const struct mcp_frame *frame,
    const struct mcp_headers *headers);

/* A frame that passed the transport's cap and was skipped; `id` is JSON text or NULL. */
void mcp_peer_refuse_frame(struct mcp_peer *peer, struct mcp_sink *sink, const char *id,
    size_t cap);

/* The revision that initialize agreed on, as text; NULL before. */
const char *mcp_peer_version(const struct mcp_peer *peer);
size_t mcp_peer_in_flight(const struct mcp_peer *peer);

/* Cancels every request; nothing is sent any more. The peer is freed when the last one has ended,
 * at once if there is none; the sinks' idle() tells. */
void mcp_peer_close(struct mcp_peer *peer);

#endif
