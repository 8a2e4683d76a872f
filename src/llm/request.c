/* Bodies of requests, and how a service teaches what it does not accept in them. */
#include "llm/internal.h"

#include "base/json_writer.h"

#include <string.h>

static void write_messages(const struct llm_request *request, struct json_writer *w)
{
    static const char *const roles[] = {
        [LLM_SYSTEM] = "system",
        [LLM_USER] = "user",
        [LLM_ASSISTANT] = "assistant",
    };
    jw_key(w, "messages");
    jw_begin_array(w);
    for (size_t i = 0; i < request->count; i++) {
        jw_begin_object(w);
        jw_member_string(w, "role", roles[request->messages[i].role]);
        jw_member_string(w, "content", request->messages[i].text);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_format(const char *schema, bool enforced, struct json_writer *w)
{
    jw_key(w, "response_format");
    jw_begin_object(w);
    jw_member_string(w, "type", enforced ? "json_schema" : "json_object");
    if (enforced) {
        jw_key(w, "json_schema");
        jw_begin_object(w);
        jw_member_string(w, "name", "answer");
        jw_member_bool(w, "strict", true);
        jw_key(w, "schema");
        jw_raw(w, schema, strlen(schema));
        jw_end_object(w);
    }
    jw_end_object(w);
}

void llm_request_write(const struct llm_request *request, const struct llm_shape *shape,
    struct str *out)
{
    const struct llm_options *options = request->options;
    struct json_writer w;
    jw_init(&w, out);
    jw_begin_object(&w);
    jw_member_string(&w, "model", options->model);
    write_messages(request, &w);
    if (options->temperature >= 0 && !shape->without_temperature) {
        jw_key(&w, "temperature");
        jw_double(&w, options->temperature);
    }
    if (options->max_tokens > 0 && shape->limit != LLM_NO_MAX_TOKENS)
        jw_member_int(&w, shape->limit == LLM_MAX_TOKENS ? "max_tokens" : "max_completion_tokens",
            options->max_tokens);
    if (request->schema && shape->format != LLM_FREE_TEXT)
        write_format(request->schema, shape->format == LLM_JSON_SCHEMA, &w);
    jw_end_object(&w);
}

bool llm_shape_learn(const struct llm_request *request, const struct llm_shape *sent,
    const char *complaint, struct llm_shape *ret)
{
    struct llm_shape shape = *sent;
    shape.lessons++;
    bool limited = request->options->max_tokens > 0 && sent->limit != LLM_NO_MAX_TOKENS;
    bool formatted = request->schema && sent->format != LLM_FREE_TEXT;
    /* A prompt that is too long is told in terms of max_tokens, but not cured by leaving it out. */
    if (llm_complains_of_length(complaint))
        return false;
    if (limited &&
        (strcasestr(complaint, "max_tokens") || strcasestr(complaint, "max_completion_tokens")))
        shape.limit++;
    else if (formatted &&
             (strcasestr(complaint, "response_format") || strcasestr(complaint, "json_") ||
                 strcasestr(complaint, "schema") || strcasestr(complaint, "grammar")))
        shape.format++;
    else if (request->options->temperature >= 0 && !sent->without_temperature &&
             strcasestr(complaint, "temperature"))
        shape.without_temperature = true;
    else
        return false;
    *ret = shape;
    return true;
}
