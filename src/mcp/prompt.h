/*
 * A prompt: a text that the client's user picks, filled in with the database at hand
 * (MCP, Server Features, Prompts). One const struct and the function that writes the messages, on
 * a fiber of its own.
 */
#ifndef PGPARLEY_MCP_PROMPT_H
#define PGPARLEY_MCP_PROMPT_H

#include "mcp/complete.h"
#include "mcp/tool.h"

struct mcp_prompt {
    const char *name;
    const char *title;
    const char *description;
    const struct mcp_param *params; /* strings all of them; never NULL */
    /* Adds the messages (mcp/call.h, content). An error becomes a JSON-RPC error: "Invalid params"
     * for the class ERROR_ARGUMENT, else "Internal error". */
    bool (*run)(struct mcp_call *call, struct error **ret_err);
    mcp_complete_fn *complete; /* values for its arguments; may be NULL */
};

#endif
