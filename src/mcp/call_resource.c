/* resources/list and resources/read (MCP, Server Features, Resources). */
#include "mcp/internal.h"

#include <string.h>
#include <talloc.h>

/* ---- list ---- */

static struct mcp_fault *find_cursor(struct mcp_call *call, const struct mcp_request *request)
{
    call->resources = call->offer.resources;
    const json_t *cursor = json_object_get(request->message.params, "cursor");
    return !cursor || json_is_null(cursor) ? NULL
                                           : mcp_string_param(request, "cursor", &call->name);
}

static bool run_list(struct mcp_call *call, struct error **ret_err)
{
    return call->resources->list(call, call->name, ret_err);
}

void mcp_add_resource(struct mcp_call *call, const struct mcp_resource *resource)
{
    struct json_writer w = mcp_content_next(call);
    jw_begin_object(&w);
    jw_member_string(&w, "uri", resource->uri);
    jw_member_string(&w, "name", resource->name);
    if (call->to.version >= MCP_2025_06_18)
        jw_member_string(&w, "title", resource->title);
    jw_member_string(&w, "description", resource->description);
    jw_member_string(&w, "mimeType", resource->mime_type);
    if (resource->size >= 0)
        jw_member_int(&w, "size", resource->size);
    jw_end_object(&w);
}

void mcp_set_next_cursor(struct mcp_call *call, const char *cursor)
{
    call->next_cursor = talloc_strdup(call, cursor);
}

static void write_array(struct mcp_call *call, struct str *frame, const char *key)
{
    struct json_writer w;
    jw_init(&w, frame);
    jw_key(&w, key);
    jw_begin_array(&w);
    str_append(frame, str_get(&call->content), call->content.len);
    jw_end_array(&w);
    jw_member_string(&w, "nextCursor", call->next_cursor);
    mcp_write_caching(&w, call->to.version, call->resources->ttl_ms, "private");
}

static void write_list(struct mcp_call *call, struct str *frame)
{
    write_array(call, frame, "resources");
}

const struct mcp_operation mcp_resources_list = {find_cursor, run_list, write_list, NULL};

/* ---- read ---- */

static struct mcp_fault *find_uri(struct mcp_call *call, const struct mcp_request *request)
{
    call->resources = call->offer.resources;
    return mcp_string_param(request, "uri", &call->name);
}

static void add_contents(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *key, const char *value)
{
    struct json_writer w = mcp_content_next(call);
    jw_begin_object(&w);
    jw_member_string(&w, "uri", uri);
    jw_member_string(&w, "mimeType", mime_type);
    jw_member_string(&w, key, value);
    jw_end_object(&w);
}

void mcp_add_contents(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *text)
{
    add_contents(call, uri, mime_type, "text", text);
}

void mcp_add_contents_blob(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *base64)
{
    add_contents(call, uri, mime_type, "blob", base64);
}

/* SEP-2164: what is not there is an error that names the URI, never an empty list. */
static bool run_read(struct mcp_call *call, struct error **ret_err)
{
    if (!call->resources->read(call, call->name, ret_err))
        return false;
    if (call->content_count > 0 || mcp_asking(call))
        return true;
    call->fault = mcp_fault_create(call,
        call->to.version >= MCP_2026_07_28 ? MCP_INVALID_PARAMS : MCP_LEGACY_RESOURCE_NOT_FOUND,
        "Resource not found; see resources/list");
    struct str data;
    str_init(&data, call->fault, strlen(call->name) * 6 + 16);
    struct json_writer w;
    jw_init(&w, &data);
    jw_begin_object(&w);
    jw_member_string(&w, "uri", call->name);
    jw_end_object(&w);
    call->fault->data = str_take(&data, call->fault);
    return true;
}

static void write_contents(struct mcp_call *call, struct str *frame)
{
    write_array(call, frame, "contents");
}

const struct mcp_operation mcp_resources_read = {find_uri, run_read, write_contents, NULL};
