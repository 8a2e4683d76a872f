/* What the files of mcp/ share; transports and tools use server.h and call.h. */
#ifndef PGPARLEY_MCP_INTERNAL_H
#define PGPARLEY_MCP_INTERNAL_H

#include "mcp/call.h"
#include "mcp/message.h"
#include "mcp/server.h"
#include "rt/rt.h"

#include <uthash.h>

struct mcp_server {
    struct mcp_server_options options;
    const struct mcp_tool *const *tools;
    void *host;
    size_t running;
    struct mcp_call *waiting;             /* for a free place, in the order of arrival */
    char *tools_list[MCP_2026_07_28 + 1]; /* result members, made once: byte-stable */
};

struct mcp_peer {
    struct mcp_server *server;
    struct mcp_sink *sink;
    enum mcp_version legacy; /* negotiated by initialize; MCP_NONE before */
    struct mcp_call *calls;  /* by id: not yet answered, can be cancelled */
    size_t active;           /* calls not yet ended, answered or not */
    bool closed;
};

enum {
    BATCH_MAX = 1000, /* messages in one */
    FAULT_MAX = 8192, /* bytes of an error about one of them, its id included */
};

/* The answers of one JSON-RPC batch (MCP 2025-03-26 only), sent when the last one is there. */
struct mcp_batch {
    struct mcp_peer *peer;
    struct str out;
    size_t pending; /* answers still to come, plus one while the batch is being read */
};

/* One request on its way to an answer. */
struct mcp_request {
    struct mcp_peer *peer;
    struct mcp_batch *batch; /* NULL outside of batches */
    struct mcp_json *root;   /* owns what `message` borrows */
    struct mcp_message message;
    enum mcp_version version; /* the revision that the answer is written for */
    char *progress_token;
};

/* ---- reply.c: writing answers ---- */

/* Starts a result for `id`: everything up to the members of the result object. */
void mcp_result_begin(struct str *frame, const void *ctx, const struct mcp_peer *peer,
    const char *id, enum mcp_version version);
/* Ends it and sends it (or adds it to the batch). */
void mcp_result_end(struct str *frame, struct mcp_peer *peer, struct mcp_batch *batch,
    const char *id);
/* A result made of finished members, e.g. `"tools":[…]`. */
void mcp_reply_members(const struct mcp_request *request, const char *members);
/* `id` may be NULL when it could not be read: the member is left out. */
void mcp_reply_fault(struct mcp_peer *peer, struct mcp_batch *batch, const char *id,
    const struct mcp_fault *fault);
/* One answer fewer to come; sends the batch with the last one. */
void mcp_batch_settle(struct mcp_batch *batch);
void mcp_send_progress(struct mcp_peer *peer, enum mcp_version version, const char *token,
    double progress, const char *message);
/* The members of an initialize or server/discover result that tell who this is. */
void mcp_write_server_info(struct json_writer *w, const struct mcp_server *server);

/* ---- call.c: the life of tools/call ---- */

void mcp_call_accept(const struct mcp_request *request);
void mcp_call_withdraw(struct mcp_peer *peer, const char *id);
void mcp_call_withdraw_all(struct mcp_peer *peer);

#endif
