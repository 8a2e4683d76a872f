/*
 * A tool: one const struct, whose parameter table both prints the JSON Schema and checks the
 * arguments, and the function that runs it, on a fiber of its own.
 *
 *     static const struct mcp_param params[] = {
 *         {"query", MCP_STRING, "the SQL", .required = true},
 *         {"max_rows", MCP_INTEGER, "at most so many rows", .min = 1, .max = 1000},
 *         {0}};
 *     const struct mcp_tool tool_execute = {.name = "execute", .params = params, .run = run, …};
 */
#ifndef PGPARLEY_MCP_TOOL_H
#define PGPARLEY_MCP_TOOL_H

#include "base/error.h"
#include "base/json_writer.h"

#include <jansson.h>
#include <stdint.h>

struct mcp_call;

enum mcp_type { MCP_STRING, MCP_INTEGER, MCP_BOOLEAN };

struct mcp_param {
    const char *name; /* NULL ends a table */
    enum mcp_type type;
    const char *description;
    bool required;
    int64_t min, max;          /* integers; no limit when both are 0 */
    const char *const *values; /* strings: the allowed ones, NULL-terminated; NULL = any */
    const char *header; /* clients mirror it as Mcp-Param-… (SEP-2243); NULL = they do not */
};

struct mcp_tool {
    const char *name;
    const char *title;
    const char *description;
    const struct mcp_param *params; /* never NULL; an empty table for none */
    /* JSON text in the place of the table's schema; arguments are then not checked. */
    const char *input_schema;
    /* JSON text of an object schema. A tool that has one gives structured content, with
     * {"success":false,"error":{…}} for errors, so the schema may require only "success". */
    const char *output_schema;
    struct {
        bool read_only, destructive, idempotent, open_world;
    } hints;
    /* Fills the call's text and structured content (mcp/call.h). What it returns as an error
     * becomes a result with isError; a deadline or the client's cancellation reaches it as
     * -ECANCELED from its waits. */
    bool (*run)(struct mcp_call *call, struct error **ret_err);
};

/* Writes the tool as it stands in tools/list; `titles` and `annotations` as the revision has. */
struct mcp_tool_fields {
    bool annotations; /* since 2025-03-26 */
    bool titles;      /* since 2025-06-18, and output schemas */
    bool headers;     /* since 2026-07-28 */
};
void mcp_tool_write(struct json_writer *w, const struct mcp_tool *tool,
    struct mcp_tool_fields fields);

/* Checks `arguments` (an object, or NULL for none) against the table. The message names the
 * argument, and the nearest known name for an unknown one. */
must_use bool mcp_arguments_check(const void *ctx, const struct mcp_param *params,
    const json_t *arguments, struct error **ret_err);

#endif
