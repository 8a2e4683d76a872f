/* tools/call (MCP, Server Features, Tools). */
#include "mcp/internal.h"

#include "base/text.h"

#include <string.h>
#include <talloc.h>

struct str *mcp_call_text(struct mcp_call *call)
{
    return &call->text;
}

struct str *mcp_call_structured(struct mcp_call *call)
{
    bool wanted = call->tool->output_schema && call->to.version >= MCP_2025_06_18;
    return wanted ? &call->structured : NULL;
}

static struct mcp_fault *find(struct mcp_call *call, const struct mcp_request *request)
{
    struct mcp_fault *fault = mcp_string_param(request, "name", &call->name);
    if (fault)
        return fault;
    for (const struct mcp_tool *const *tool = call->offer.tools; *tool; tool++) {
        if (strcmp((*tool)->name, call->name) == 0) {
            call->tool = *tool;
            return mcp_headers_check_params(request, *tool, call->arguments);
        }
    }
    struct text_nearest nearest = text_nearest_to(call->name);
    for (const struct mcp_tool *const *tool = call->offer.tools; *tool; tool++)
        text_nearest_offer(&nearest, (*tool)->name);
    return mcp_unknown(request, "tool", call->name, nearest.best);
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    const struct mcp_tool *tool = call->tool;
    if (!tool->input_schema && !mcp_arguments_check(call, tool->params, call->arguments, ret_err))
        return false;
    return tool->run(call, ret_err);
}

/* The text comes first; a tool that has neither text nor blocks gives an empty list. */
static void write_content(struct mcp_call *call, struct str *frame, const char *text)
{
    struct json_writer w;
    jw_init(&w, frame);
    jw_key(&w, "content");
    jw_begin_array(&w);
    if (*text)
        mcp_content_text_block(&w, text);
    str_puts(frame, *text && call->content_count > 0 ? "," : "");
    str_append(frame, str_get(&call->content), call->content.len);
    jw_end_array(&w);
}

static void write_result(struct mcp_call *call, struct str *frame)
{
    write_content(call, frame, str_get(&call->text));
    if (call->structured.len > 0) {
        str_puts(frame, ",\"structuredContent\":");
        str_append(frame, call->structured.data, call->structured.len);
    }
    str_puts(frame, ",\"isError\":false");
}

static void write_error_object(struct json_writer *w, const struct error *error)
{
    jw_begin_object(w);
    jw_member_bool(w, "success", false);
    jw_key(w, "error");
    jw_begin_object(w);
    jw_member_string(w, "message", error->message);
    jw_member_string(w, "sqlstate", error->sqlstate[0] ? error->sqlstate : NULL);
    jw_member_string(w, "detail", error->detail);
    jw_member_string(w, "hint", error->hint);
    if (error->line > 0) {
        jw_member_int(w, "line", error->line);
        jw_member_int(w, "column", error->column);
    }
    jw_member_bool(w, "retryable", error->retryable);
    jw_end_object(w);
    jw_end_object(w);
}

static void write_error(struct mcp_call *call, struct str *frame, const struct error *error)
{
    str_reset(&call->content);
    call->content_count = 0;
    write_content(call, frame, talloc_asprintf(call, "ERROR: %s", error_text(call, error)));
    if (mcp_call_structured(call)) {
        struct json_writer w;
        jw_init(&w, frame);
        str_puts(frame, ",\"structuredContent\":");
        write_error_object(&w, error);
    }
    str_puts(frame, ",\"isError\":true");
}

const struct mcp_operation mcp_tools_call = {find, run, write_result, write_error};
