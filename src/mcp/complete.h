/* Completion of arguments of prompts and resource templates (MCP, Utilities, Completion). */
#ifndef PGPARLEY_MCP_COMPLETE_H
#define PGPARLEY_MCP_COMPLETE_H

#include "base/error.h"

#include <stddef.h>

struct mcp_call;

/* Adds what `argument` may be, best first, given what was typed so far, `value`. Runs on a fiber.
 * For a template `reference` is its uri template, for a prompt its name. */
typedef bool mcp_complete_fn(struct mcp_call *call, const char *reference, const char *argument,
    const char *value, struct error **ret_err);

/* Adds a value; the first 100 are sent, and how many there are in all. */
void mcp_add_completion(struct mcp_call *call, const char *value);

/* An argument that has been filled in before, or NULL (since 2025-06-18). */
const char *mcp_completed_argument(const struct mcp_call *call, const char *name);

#endif
