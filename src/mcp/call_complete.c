/* completion/complete (MCP, Server Features, Completion). */
#include "mcp/internal.h"

#include <string.h>
#include <talloc.h>

enum { VALUES_MAX = 100 };

static const json_t *member(const struct mcp_call *call, const char *object, const char *key)
{
    return json_object_get(json_object_get(call->params, object), key);
}

static struct mcp_fault *find_prompt(struct mcp_call *call, const struct mcp_request *request)
{
    for (const struct mcp_prompt *const *prompt = call->offer.prompts; prompt && *prompt;
         prompt++) {
        if (strcmp((*prompt)->name, call->name) == 0) {
            call->complete = (*prompt)->complete;
            return NULL;
        }
    }
    return mcp_unknown(request, "prompt", call->name, NULL);
}

static struct mcp_fault *find_template(struct mcp_call *call, const struct mcp_request *request)
{
    const struct mcp_resources *resources = call->offer.resources;
    for (const struct mcp_resource_template *t = resources ? resources->templates : NULL;
         t && t->uri_template; t++) {
        if (strcmp(t->uri_template, call->name) == 0) {
            call->complete = resources->complete;
            return NULL;
        }
    }
    return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
        "Unknown resource template: %.100s; see resources/templates/list", call->name);
}

static struct mcp_fault *find(struct mcp_call *call, const struct mcp_request *request)
{
    const char *type = mcp_json_string(member(call, "ref", "type"));
    bool prompt = type && strcmp(type, "ref/prompt") == 0;
    bool template = type && strcmp(type, "ref/resource") == 0;
    call->name = mcp_json_string(member(call, "ref", prompt ? "name" : "uri"));
    if ((!prompt && !template) || !call->name)
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"ref\" must be {\"type\":\"ref/prompt\",\"name\":…} or "
            "{\"type\":\"ref/resource\",\"uri\":…}");
    if (!mcp_json_string(member(call, "argument", "name")) ||
        !mcp_json_string(member(call, "argument", "value")))
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"argument\" must have the strings \"name\" and \"value\"");
    return prompt ? find_prompt(call, request) : find_template(call, request);
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return !call->complete ||
           call->complete(call, call->name, mcp_json_string(member(call, "argument", "name")),
               mcp_json_string(member(call, "argument", "value")), ret_err);
}

void mcp_add_completion(struct mcp_call *call, const char *value)
{
    if (call->content_count >= VALUES_MAX) {
        call->content_count++;
        return;
    }
    struct json_writer w = mcp_content_next(call);
    jw_string(&w, value);
}

const char *mcp_completed_argument(const struct mcp_call *call, const char *name)
{
    return mcp_json_string(json_object_get(member(call, "context", "arguments"), name));
}

static void write_result(struct mcp_call *call, struct str *frame)
{
    struct json_writer w;
    jw_init(&w, frame);
    jw_key(&w, "completion");
    jw_begin_object(&w);
    jw_key(&w, "values");
    jw_begin_array(&w);
    str_append(frame, str_get(&call->content), call->content.len);
    jw_end_array(&w);
    jw_member_int(&w, "total", (int64_t)call->content_count);
    jw_member_bool(&w, "hasMore", call->content_count > VALUES_MAX);
    jw_end_object(&w);
}

const struct mcp_operation mcp_completion_complete = {find, run, write_result, NULL};
