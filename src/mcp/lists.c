/* The lists that are the same for every client: tools, prompts, resource templates. */
#include "mcp/internal.h"

#include <talloc.h>

static void write_tools(struct json_writer *w, const struct mcp_offer *offer,
    enum mcp_version version)
{
    struct mcp_tool_fields fields = {.annotations = version >= MCP_2025_03_26,
        .titles = version >= MCP_2025_06_18,
        .headers = version >= MCP_2026_07_28};
    for (const struct mcp_tool *const *tool = offer->tools; *tool; tool++)
        mcp_tool_write(w, *tool, fields);
}

static void write_prompt(struct json_writer *w, const struct mcp_prompt *prompt, bool titles)
{
    jw_begin_object(w);
    jw_member_string(w, "name", prompt->name);
    jw_member_string(w, "title", titles ? prompt->title : NULL);
    jw_member_string(w, "description", prompt->description);
    jw_key(w, "arguments");
    jw_begin_array(w);
    for (const struct mcp_param *param = prompt->params; param->name; param++) {
        jw_begin_object(w);
        jw_member_string(w, "name", param->name);
        jw_member_string(w, "description", param->description);
        jw_member_bool(w, "required", param->required);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
}

static void write_prompts(struct json_writer *w, const struct mcp_offer *offer,
    enum mcp_version version)
{
    for (const struct mcp_prompt *const *prompt = offer->prompts; *prompt; prompt++)
        write_prompt(w, *prompt, version >= MCP_2025_06_18);
}

static void write_templates(struct json_writer *w, const struct mcp_offer *offer,
    enum mcp_version version)
{
    const struct mcp_resource_template *t = offer->resources->templates;
    for (; t && t->uri_template; t++) {
        jw_begin_object(w);
        jw_member_string(w, "uriTemplate", t->uri_template);
        jw_member_string(w, "name", t->name);
        jw_member_string(w, "title", version >= MCP_2025_06_18 ? t->title : NULL);
        jw_member_string(w, "description", t->description);
        jw_member_string(w, "mimeType", t->mime_type);
        jw_end_object(w);
    }
}

static const struct {
    const char *key;
    void (*write)(struct json_writer *w, const struct mcp_offer *offer, enum mcp_version version);
} lists[] = {
    [MCP_LIST_TOOLS] = {"tools", write_tools},
    [MCP_LIST_PROMPTS] = {"prompts", write_prompts},
    [MCP_LIST_TEMPLATES] = {"resourceTemplates", write_templates},
};

static const char *members(struct mcp_server *server, enum mcp_list list, enum mcp_version version)
{
    char **kept = &server->lists[list][version];
    if (*kept)
        return *kept;
    struct str out;
    str_init(&out, server, server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &out);
    jw_key(&w, lists[list].key);
    jw_begin_array(&w);
    lists[list].write(&w, &server->offer, version);
    jw_end_array(&w);
    mcp_write_caching(&w, version, LIST_TTL_MS, "public");
    return *kept = str_take(&out, server);
}

static void reply(const struct mcp_request *request, enum mcp_list list)
{
    const json_t *cursor = json_object_get(request->message.params, "cursor");
    if (cursor && !json_is_null(cursor)) {
        mcp_reply_fault(&request->to, mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                                          "Invalid params: unknown cursor; the list has one page"));
        return;
    }
    mcp_reply_members(&request->to, members(request->to.peer->server, list, request->to.version));
}

void mcp_tools_list(const struct mcp_request *request)
{
    reply(request, MCP_LIST_TOOLS);
}

void mcp_prompts_list(const struct mcp_request *request)
{
    reply(request, MCP_LIST_PROMPTS);
}

void mcp_templates_list(const struct mcp_request *request)
{
    reply(request, MCP_LIST_TEMPLATES);
}

void mcp_lists_forget(struct mcp_server *server)
{
    for (int list = 0; list < MCP_LISTS; list++) {
        for (int version = 0; version <= MCP_2026_07_28; version++)
            TALLOC_FREE(server->lists[list][version]);
    }
}
