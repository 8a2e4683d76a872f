/* The parts of an answer: blocks of content, messages of a prompt (MCP, Content). */
#include "mcp/internal.h"

#include <string.h>

struct json_writer mcp_content_next(struct mcp_call *call)
{
    if (call->content_count++ > 0)
        str_putc(&call->content, ',');
    struct json_writer w;
    jw_init(&w, &call->content);
    return w;
}

void mcp_content_text_block(struct json_writer *w, const char *text)
{
    jw_begin_object(w);
    jw_member_string(w, "type", "text");
    jw_member_string(w, "text", text);
    jw_end_object(w);
}

/* A block stands by itself in a tool's answer, and in a message in a prompt. */
static struct json_writer begin_block(struct mcp_call *call)
{
    struct json_writer w = mcp_content_next(call);
    if (call->operation == &mcp_prompts_get) {
        jw_begin_object(&w);
        jw_member_string(&w, "role", call->assistant ? "assistant" : "user");
        jw_key(&w, "content");
    }
    return w;
}

static void end_block(const struct mcp_call *call, struct json_writer *w)
{
    if (call->operation == &mcp_prompts_get)
        jw_end_object(w);
}

void mcp_speak_as_assistant(struct mcp_call *call, bool assistant)
{
    call->assistant = assistant;
}

void mcp_add_text(struct mcp_call *call, const char *text)
{
    struct json_writer w = begin_block(call);
    mcp_content_text_block(&w, text);
    end_block(call, &w);
}

static void add_media(struct mcp_call *call, const char *type, const char *mime_type,
    const char *data)
{
    struct json_writer w = begin_block(call);
    jw_begin_object(&w);
    jw_member_string(&w, "type", type);
    jw_member_string(&w, "data", data);
    jw_member_string(&w, "mimeType", mime_type);
    jw_end_object(&w);
    end_block(call, &w);
}

void mcp_add_image(struct mcp_call *call, const char *mime_type, const char *data)
{
    add_media(call, "image", mime_type, data);
}

/* Audio exists since 2025-03-26; an older client hears of it in words. */
void mcp_add_audio(struct mcp_call *call, const char *mime_type, const char *data)
{
    if (call->to.version < MCP_2025_03_26)
        mcp_add_text(call, "(audio, which this protocol version cannot carry)");
    else
        add_media(call, "audio", mime_type, data);
}

void mcp_add_embedded(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *text)
{
    struct json_writer w = begin_block(call);
    jw_begin_object(&w);
    jw_member_string(&w, "type", "resource");
    jw_key(&w, "resource");
    jw_begin_object(&w);
    jw_member_string(&w, "uri", uri);
    jw_member_string(&w, "mimeType", mime_type);
    jw_member_string(&w, "text", text);
    jw_end_object(&w);
    jw_end_object(&w);
    end_block(call, &w);
}
