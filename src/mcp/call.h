/*
 * What a running tool, prompt or resource sees of the request that it serves.
 *
 * The call is the talloc context of everything the handler makes; it is freed when the answer has
 * been handed to the transport. Arguments have been checked against the handler's table.
 */
#ifndef PGPARLEY_MCP_CALL_H
#define PGPARLEY_MCP_CALL_H

#include "base/str.h"
#include "mcp/tool.h"

struct mcp_call;
struct mcp_server;

/* The argument's text, or NULL when it was not given. Borrowed for the life of the call. */
const char *mcp_call_string(const struct mcp_call *call, const char *name);
size_t mcp_call_string_length(const struct mcp_call *call, const char *name);
int64_t mcp_call_integer(const struct mcp_call *call, const char *name, int64_t fallback);
bool mcp_call_boolean(const struct mcp_call *call, const char *name, bool fallback);

/* The host of the offer (mcp/server.h) that the request began with. */
void *mcp_call_host(const struct mcp_call *call);
struct mcp_server *mcp_call_server(const struct mcp_call *call);

/* Who asks, as the transport authenticated them; NULL when it did not. */
const char *mcp_call_principal(const struct mcp_call *call);

/* When the whole call must be over (rt_now() milliseconds); the time in which the client's user
 * was asked something does not count. */
int64_t mcp_call_deadline(const struct mcp_call *call);

/* Says what the call is doing. A client that asked for progress hears it now (at most ten times a
 * second) and, with the elapsed time, every second. `status` must outlive the call. */
void mcp_call_progress(struct mcp_call *call, const char *status);

/* Progress of a work whose size is known, in steps that grow; the elapsed time is told no more. */
void mcp_call_progress_of(struct mcp_call *call, double progress, double total,
    const char *message);

/* A log message for the client, if it wants to hear of this level (RFC 5424's). */
enum mcp_log_level {
    MCP_LOG_DEBUG,
    MCP_LOG_INFO,
    MCP_LOG_NOTICE,
    MCP_LOG_WARNING,
    MCP_LOG_ERROR,
    MCP_LOG_CRITICAL,
    MCP_LOG_ALERT,
    MCP_LOG_EMERGENCY,
};
void mcp_call_log(struct mcp_call *call, enum mcp_log_level level, const char *logger,
    const char *text);

/* ---- the answer of a tool ---- */

/* Text for the model, and the JSON object of the tool's output schema. The latter is NULL when the
 * client's revision has no structured content: then do not make it. */
struct str *mcp_call_text(struct mcp_call *call);
struct str *mcp_call_structured(struct mcp_call *call);

/* ---- content: further blocks of a tool's answer, or the messages of a prompt ---- */

void mcp_add_text(struct mcp_call *call, const char *text);
/* `data` is base64. */
void mcp_add_image(struct mcp_call *call, const char *mime_type, const char *data);
void mcp_add_audio(struct mcp_call *call, const char *mime_type, const char *data);
void mcp_add_embedded(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *text);
/* Who says the messages added from here on, in a prompt; the user does at first. */
void mcp_speak_as_assistant(struct mcp_call *call, bool assistant);

#endif
