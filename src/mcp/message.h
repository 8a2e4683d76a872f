/*
 * Bytes to JSON-RPC messages, and the envelope that decides which era a message belongs to.
 *
 * Ids survive verbatim: they are kept as the JSON text that goes back. Nothing here yields.
 */
#ifndef PGPARLEY_MCP_MESSAGE_H
#define PGPARLEY_MCP_MESSAGE_H

#include "base/error.h"
#include "mcp/protocol.h"

#include <jansson.h>
#include <stddef.h>

/* What a protocol error says; allocated under the context given to the function that failed. */
struct mcp_fault {
    enum mcp_code code;
    bool envelope; /* about the message as such, not about what it asks for */
    char *message;
    char *data; /* JSON text or NULL */
};

struct mcp_fault *mcp_fault_create(const void *ctx, enum mcp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));

/* A JSON value as a talloc object that owns one reference. */
struct mcp_json {
    json_t *value;
};
struct mcp_json *mcp_json_own(const void *ctx, json_t *value);

/* Parses one frame. On failure `*ret_id` is the id's JSON text if it could be read, else NULL.
 * Refuses duplicate keys, nesting beyond 2,048 and integers beyond 64 bits. */
must_use bool mcp_parse(const void *ctx, const char *bytes, size_t len, struct mcp_json **ret,
    char **ret_id, struct mcp_fault **ret_fault);

enum mcp_kind { MCP_REQUEST, MCP_NOTIFICATION, MCP_RESPONSE };

struct mcp_message {
    enum mcp_kind kind;
    char *id; /* JSON text; NULL unless a request */
    const char *method;
    json_t *params; /* borrowed; NULL when absent */
    json_t *meta;   /* params._meta, borrowed; NULL when absent */
};

/* Checks the JSON-RPC shape of one object (not of a batch). Borrows from `root`. On failure
 * `ret->id` is set if the id was readable. */
must_use bool mcp_message_read(const void *ctx, json_t *root, struct mcp_message *ret,
    struct mcp_fault **ret_fault);

/* The per-request envelope of MCP 2026-07-28, or the absence of one. */
struct mcp_envelope {
    enum mcp_version version;   /* MCP_NONE: no claim, a message of the handshake era */
    const json_t *capabilities; /* of the client, borrowed; NULL without a claim */
    int log_level;              /* enum mcp_log_level, -1 = none; without a claim as well */
    char *progress_token;       /* JSON text or NULL, both eras */
};
struct mcp_headers;
/* `headers` may be NULL; those of Streamable HTTP can make the claim, and must agree with it. */
must_use bool mcp_envelope_read(const void *ctx, const struct mcp_message *message,
    const struct mcp_headers *headers, struct mcp_envelope *ret, struct mcp_fault **ret_fault);

/* Whether the message claims to be of the modern era. */
bool mcp_message_claims_modern(const struct mcp_message *message);

/* `value` as JSON text under `ctx`. */
char *mcp_json_text(const void *ctx, const json_t *value);

/* A string value without NUL bytes, or NULL. */
const char *mcp_json_string(const json_t *value);

/*
 * Finds the top-level "id" of a frame that is too long to keep: feed it the bytes as they pass.
 */
struct mcp_id_scanner {
    size_t depth;
    size_t len;
    int found;
    bool object, in_string, escaped, expect_key, key_is_id;
    enum { MCP_SCAN_SKIP, MCP_SCAN_KEY, MCP_SCAN_ID } capture;
    char text[256];
    char id[256];
};
void mcp_id_scan(struct mcp_id_scanner *scanner, const char *bytes, size_t len);
/* The id's JSON text, or NULL when there was none, more than one, or one that is no id. */
const char *mcp_id_scanned(const struct mcp_id_scanner *scanner);

#endif
