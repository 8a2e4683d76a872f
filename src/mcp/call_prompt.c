/* prompts/get (MCP, Server Features, Prompts). */
#include "mcp/internal.h"

#include "base/text.h"

#include <string.h>

static struct mcp_fault *find(struct mcp_call *call, const struct mcp_request *request)
{
    struct mcp_fault *fault = mcp_string_param(request, "name", &call->name);
    if (fault)
        return fault;
    for (const struct mcp_prompt *const *prompt = call->offer.prompts; *prompt; prompt++) {
        if (strcmp((*prompt)->name, call->name) == 0) {
            call->prompt = *prompt;
            return NULL;
        }
    }
    struct text_nearest nearest = text_nearest_to(call->name);
    for (const struct mcp_prompt *const *prompt = call->offer.prompts; *prompt; prompt++)
        text_nearest_offer(&nearest, (*prompt)->name);
    return mcp_unknown(request, "prompt", call->name, nearest.best);
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return mcp_arguments_check(call, call->prompt->params, call->arguments, ret_err) &&
           call->prompt->run(call, ret_err);
}

static void write_result(struct mcp_call *call, struct str *frame)
{
    struct json_writer w;
    jw_init(&w, frame);
    jw_member_string(&w, "description", call->prompt->description);
    jw_key(&w, "messages");
    jw_begin_array(&w);
    str_append(frame, str_get(&call->content), call->content.len);
    jw_end_array(&w);
}

const struct mcp_operation mcp_prompts_get = {find, run, write_result, NULL};
