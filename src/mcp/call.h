/*
 * What a running tool sees of the request that it serves.
 *
 * The call is the talloc context of everything the tool makes; it is freed when the answer has
 * been handed to the transport. Arguments have been checked against the tool's table.
 */
#ifndef PGPARLEY_MCP_CALL_H
#define PGPARLEY_MCP_CALL_H

#include "base/str.h"
#include "mcp/tool.h"

struct mcp_call;

/* The argument's text, or NULL when it was not given. Borrowed for the life of the call. */
const char *mcp_call_string(const struct mcp_call *call, const char *name);
size_t mcp_call_string_length(const struct mcp_call *call, const char *name);
int64_t mcp_call_integer(const struct mcp_call *call, const char *name, int64_t fallback);

/* What the application gave to mcp_server_create(). */
void *mcp_call_host(const struct mcp_call *call);

/* When the whole call must be over (rt_now() milliseconds). */
int64_t mcp_call_deadline(const struct mcp_call *call);

/* Says what the call is doing. A client that asked for progress hears it now (at most ten times a
 * second) and, with the elapsed time, every second. `status` must outlive the call. */
void mcp_call_progress(struct mcp_call *call, const char *status);

/* The answer: text for the model, and the JSON object of the tool's output schema. The latter is
 * NULL when the client's revision has no structured content: then do not make it. */
struct str *mcp_call_text(struct mcp_call *call);
struct str *mcp_call_structured(struct mcp_call *call);

#endif
