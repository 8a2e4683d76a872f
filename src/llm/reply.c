/*
 * Replies: answers and complaints, in the many forms that services give them.
 *
 * jansson recurses as deep as what it reads, so a body is read and its tree freed on the main
 * stack; what leaves here are strings.
 */
#include "llm/internal.h"

#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { SHOWN_MAX_BYTES = 400 };

/* A function that looks at the tree of a body; `root` is NULL when it is not JSON. */
struct reading {
    const void *ctx;
    const struct str *body;
    void (*look)(struct reading *reading, const json_t *root);
    const char *problem;
    struct llm_answer answer;
    bool complains;
    struct llm_complaint complaint;
    const char *secret;
};

static void parse_and_look(void *arg)
{
    struct reading *reading = arg;
    json_error_t error;
    json_t *root = json_loadb(str_get(reading->body), reading->body->len, 0, &error);
    if (!root)
        reading->problem = talloc_asprintf(reading->ctx, "line %d: %s", error.line, error.text);
    reading->look(reading, root);
    json_decref(root);
}

/* ---- answers ---- */

/* Text, nothing, or a list of parts of which some are text. */
static char *content_text(const void *ctx, const json_t *content)
{
    const char *whole = json_string_value(content);
    char *text = talloc_strdup(ctx, whole ? whole : "");
    for (size_t i = 0; i < json_array_size(content); i++) {
        const char *part = json_string_value(json_object_get(json_array_get(content, i), "text"));
        if (part)
            text = talloc_strdup_append_buffer(text, part);
    }
    return text;
}

/* Some servers leave a reasoning model's thoughts in its answer, and the first tag out. The last
 * pair is gpt-oss's, whose thoughts and answer are messages. */
static const char *after_thoughts(const char *text)
{
    static const struct {
        const char *open, *closed;
    } tags[] = {{"<think>", "</think>"}, {"[THINK]", "[/THINK]"},
        {"<|channel|>analysis", "<|channel|>final<|message|>"}};
    const char *begin = text + strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        const char *end = strstr(text, tags[i].closed);
        if (end)
            return end + strlen(tags[i].closed);
        if (strncmp(begin, tags[i].open, strlen(tags[i].open)) == 0)
            return text + strlen(text);
    }
    return text;
}

static int64_t count_of(const json_t *usage, const char *name)
{
    const json_t *count = json_object_get(usage, name);
    return json_is_integer(count) && json_integer_value(count) >= 0 ? json_integer_value(count)
                                                                    : -1;
}

/* What stands in place of an answer; OpenRouter gives both with status 200, the second when it
 * went wrong on the way. */
static const json_t *error_in(const json_t *root)
{
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *error = json_object_get(choice ? choice : root, "error");
    return json_is_null(error) ? NULL : error;
}

static bool is_text(const json_t *value, const char *text)
{
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static void look_for_answer(struct reading *r, const json_t *root)
{
    if (r->problem)
        return;
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *message = json_object_get(choice, "message");
    r->complains = error_in(root) != NULL;
    if (r->complains)
        return;
    if (!json_is_object(message)) {
        r->problem = choice ? "its first choice has no message" : "it has no choices";
        return;
    }
    const json_t *refusal = json_object_get(message, "refusal");
    const json_t *reason = json_object_get(choice, "finish_reason");
    const json_t *usage = json_object_get(root, "usage");
    const char *text = after_thoughts(content_text(r->ctx, json_object_get(message, "content")));
    r->answer.refused = is_text(reason, "content_filter");
    if (json_string_length(refusal) > 0) {
        r->answer.refused = true;
        text = talloc_strdup(r->ctx, json_string_value(refusal));
    }
    r->answer.text = text;
    r->answer.cut = is_text(reason, "length");
    r->answer.prompt_tokens = count_of(usage, "prompt_tokens");
    r->answer.completion_tokens = count_of(usage, "completion_tokens");
}

bool llm_reply_read(const void *ctx, const struct str *body, struct llm_answer *ret,
    bool *ret_complains, const char **ret_problem)
{
    struct reading reading = {.ctx = ctx, .body = body, .look = look_for_answer};
    rt_run_on_main(parse_and_look, &reading);
    *ret_complains = reading.complains;
    *ret_problem = reading.problem;
    if (reading.problem || reading.complains)
        return false;
    *ret = reading.answer;
    return true;
}

/* ---- complaints ---- */

void llm_text_mask(char *text, const char *secret)
{
    for (char *at = text; secret && *secret && (at = strstr(at, secret)); at += strlen(secret))
        memset(at, '*', strlen(secret));
}

char *llm_text_clean(const void *ctx, const char *text, const char *secret)
{
    char *clean = talloc_strdup(ctx, text);
    llm_text_mask(clean, secret);
    size_t len = 0;
    const char *end = clean + strlen(clean);
    for (const char *p = clean; p < end;) {
        bool plain;
        size_t n = text_step(p, (size_t)(end - p), &plain);
        bool kept = plain && *p != ' ';
        if (kept)
            memmove(clean + len, p, n);
        else if (len > 0 && clean[len - 1] != ' ')
            clean[len++] = ' ';
        len += kept ? n : 0;
        p += n;
    }
    len = text_utf8_cut(clean, len, SHOWN_MAX_BYTES);
    while (len > 0 && strchr(" .", clean[len - 1]))
        len--;
    clean[len] = '\0';
    return clean;
}

bool llm_complains_of_length(const char *match)
{
    static const char *const words[] = {"context length", "context_length", "context size",
        "context_size"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasestr(match, words[i]))
            return true;
    }
    return false;
}

static const char *string_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* {"detail": [{"loc": ["body", "temperature"], "msg": "…"}]}, as FastAPI writes it. */
static const char *detail_text(const void *ctx, const json_t *detail)
{
    if (json_is_string(detail))
        return json_string_value(detail);
    const json_t *first = json_array_get(detail, 0), *loc = json_object_get(first, "loc");
    size_t depth = json_array_size(loc);
    const char *field = depth > 0 ? json_string_value(json_array_get(loc, depth - 1)) : NULL;
    const char *text = string_of(first, "msg");
    return field ? talloc_asprintf(ctx, "%s: %s", field, text) : text;
}

static void look_for_complaint(struct reading *r, const json_t *root)
{
    const char *body = str_get(r->body);
    if (json_is_array(root))
        root = json_array_get(root, 0);
    const json_t *error = error_in(root);
    const json_t *told = json_is_object(error) ? error : root;
    const json_t *code = json_object_get(told, "code");
    const char *text =
        json_is_string(error) ? json_string_value(error) : string_of(told, "message");
    if (!*text)
        text = detail_text(r->ctx, json_object_get(told, "detail"));
    if (!root && body[strspn(body, " \t\r\n")] != '<') /* a page for browsers tells nothing */
        text = body;
    r->complaint.text = llm_text_clean(r->ctx, text, r->secret);
    r->complaint.match = talloc_asprintf(r->ctx, "%s %s %s %s", r->complaint.text,
        string_of(told, "param"), string_of(told, "code"), string_of(told, "type"));
    if (json_is_integer(code) && json_integer_value(code) >= 400 && json_integer_value(code) < 600)
        r->complaint.status = (long)json_integer_value(code);
}

struct llm_complaint llm_complaint_read(const void *ctx, const struct str *body, const char *secret)
{
    struct reading reading = {.ctx = ctx,
        .body = body,
        .look = look_for_complaint,
        .secret = secret};
    rt_run_on_main(parse_and_look, &reading);
    return reading.complaint;
}
