/*
 * An MCP server for any transport: messages in, messages out.
 *
 * A server has the tools; a peer is one party that talks to it (the process at the other end of
 * the pipe, an HTTP session or one HTTP request) with its handshake and its calls in flight.
 * Both eras are served at once: what a message is, is decided message by message (MCP
 * 2026-07-28, Versioning; for the handshake era the revisions 2024-11-05 to 2025-11-25).
 */
#ifndef PGPARLEY_MCP_SERVER_H
#define PGPARLEY_MCP_SERVER_H

#include "mcp/tool.h"

#include <stddef.h>

struct mcp_server_options {
    const char *name, *title, *version;
    const char *instructions; /* for the model, may be NULL */
    size_t max_requests;      /* in flight per peer, running and waiting */
    size_t max_concurrent_calls;
    size_t max_result_bytes; /* of one message sent */
    int64_t call_timeout_ms;
};

struct mcp_server;
struct mcp_peer;

/* Where a peer's messages go. Embedded in the transport's own struct. */
struct mcp_sink {
    /* Takes over `frame`, a talloc object: one JSON text without line breaks. Must not block. */
    void (*send)(struct mcp_sink *sink, char *frame, size_t len);
    /* Waits until the client has taken enough of what was sent; on a fiber. */
    int (*drain)(struct mcp_sink *sink, int64_t deadline);
    /* True while more than enough is waiting for the client; progress is not told then. */
    bool (*congested)(const struct mcp_sink *sink);
    /* The last call in flight has ended; may be NULL. Runs in the loop's turn of that end. */
    void (*idle)(struct mcp_sink *sink);
};

/* `tools` is NULL-terminated and, like the strings in `options`, must outlive the server. */
struct mcp_server *mcp_server_create(const void *ctx, const struct mcp_server_options *options,
    const struct mcp_tool *const *tools, void *host);

struct mcp_peer *mcp_peer_create(const void *ctx, struct mcp_server *server, struct mcp_sink *sink);

/* One frame; answers go to the sink, at once or later. Never yields. */
void mcp_peer_receive(struct mcp_peer *peer, const char *bytes, size_t len);

/* A frame that passed the transport's cap and was skipped; `id` is JSON text or NULL. */
void mcp_peer_refuse_frame(struct mcp_peer *peer, const char *id, size_t cap);

size_t mcp_peer_in_flight(const struct mcp_peer *peer);

/* Cancels every call; nothing is sent any more. The sink's idle() still tells when all ended. */
void mcp_peer_close(struct mcp_peer *peer);

#endif
