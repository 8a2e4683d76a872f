/*
 * The model's answer, in whatever form it came; see asking.h.
 *
 * Asked for is a JSON object. Also taken are one with prose or a fence around it, a fenced block
 * of SQL, and SQL between sentences: what PostgreSQL's grammar takes for one query.
 */
#include "nl2sql/asking.h"

#include "base/text.h"
#include "guard/guard.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum {
    SENTENCE_BYTES = 600, /* of what people are shown */
    OPTION_BYTES = 120,
    LIST_MAX = 8,
    TRIES = 12,                  /* beginnings of SQL in prose: each is parsed, */
    PARSED_MAX_BYTES = 64 << 10, /* unless it is longer */
};

void nl2sql_list_add(const void *ctx, struct nl2sql_list *list, const char *item)
{
    list->items = talloc_realloc(ctx, list->items, const char *, (unsigned)list->count + 1);
    list->items[list->count++] = item;
}

/* ---- what people will read ---- */

const char *nl2sql_line(const void *ctx, const char *text, size_t max)
{
    if (!text || !text[strspn(text, " \t\r\n")])
        return NULL;
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text), keep = text_utf8_cut(text, len, max);
    char *copy = talloc_strndup(ctx, text, keep), *out = copy;
    for (size_t i = 0, n; i < keep; i += n) {
        bool plain;
        n = text_step(text + i, keep - i, &plain);
        memcpy(out, plain ? text + i : " ", plain ? n : 1);
        out += plain ? n : 1;
    }
    *out = '\0';
    return keep < len ? talloc_strdup_append(copy, "…") : copy;
}

/* A word alone asks for nothing, though PostgreSQL takes SELECT for a query without columns. */
static bool is_word(const char *text, size_t len)
{
    while (len > 0 && isalpha((unsigned char)text[len - 1]))
        len--;
    return len == 0;
}

static const char *query(const void *ctx, const char *text, size_t len)
{
    while (len > 0 && (isspace((unsigned char)text[len - 1]) || text[len - 1] == ';'))
        len--;
    while (len > 0 && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    return is_word(text, len) ? NULL : talloc_strndup(ctx, text, len);
}

/* ---- JSON, which may be as deep as it likes: on the main stack ---- */

struct reading {
    const void *ctx;
    const char *text;
    size_t len;
    struct nl2sql_answer *answer;
    bool ok;
};

static const char *member(const struct reading *r, const json_t *object, const char *key,
    size_t max)
{
    return nl2sql_line(r->ctx, json_string_value(json_object_get(object, key)), max);
}

static bool has(const struct nl2sql_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0)
            return true;
    }
    return false;
}

static struct nl2sql_list members(const struct reading *r, const json_t *object, const char *key,
    size_t max)
{
    struct nl2sql_list list = {0};
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(object, key), i, item) {
        const char *text = nl2sql_line(r->ctx, json_string_value(item), max);
        if (text && list.count < LIST_MAX && !has(&list, text))
            nl2sql_list_add(r->ctx, &list, text);
    }
    return list;
}

/* The verdict as it is said, or as what is there lets it be. */
static bool decide(struct nl2sql_answer *a, const char *said)
{
    bool cannot = said && strcasecmp(said, "cannot") == 0;
    bool clarify = said && strcasecmp(said, "clarify") == 0 && a->question;
    if (a->sql && !cannot && !clarify) {
        a->verdict = NL2SQL_ANSWERED;
        return true;
    }
    a->sql = NULL;
    a->verdict = a->question && !cannot ? NL2SQL_CLARIFY : NL2SQL_CANNOT;
    return cannot || a->question || a->reason;
}

static void read_object(void *arg)
{
    struct reading *r = arg;
    json_t *object = json_loadb(r->text, r->len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object)) {
        const char *sql = json_string_value(json_object_get(object, "sql"));
        struct nl2sql_answer answer = {
            .sql = sql ? query(r->ctx, sql, strlen(sql)) : NULL,
            .reading = member(r, object, "reading", SENTENCE_BYTES),
            .assumptions = members(r, object, "assumptions", SENTENCE_BYTES),
            .question = member(r, object, "question", SENTENCE_BYTES),
            .options = members(r, object, "options", OPTION_BYTES),
            .reason = member(r, object, "reason", SENTENCE_BYTES),
        };
        r->ok = decide(&answer, json_string_value(json_object_get(object, "verdict")));
        if (r->ok)
            *r->answer = answer;
    }
    json_decref(object);
}

static bool is_object(const void *ctx, const char *text, size_t len, struct nl2sql_answer *answer)
{
    struct reading reading = {ctx, text, len, answer, false};
    rt_run_on_main(read_object, &reading);
    return reading.ok;
}

/* ---- what stands between ``` and ``` ---- */

/* The content of the next block; false after the last. `*rest` moves on behind it. */
static bool next_block(const char **rest, const char **ret, size_t *ret_len)
{
    const char *fence = strstr(*rest, "```");
    if (!fence)
        return false;
    const char *begin = fence + 3;
    begin += strcspn(begin, " \t\n"); /* the name of a language */
    const char *end = strstr(begin, "```");
    *ret = begin;
    *ret_len = end ? (size_t)(end - begin) : strlen(begin);
    *rest = end ? end + 3 : begin + *ret_len;
    return true;
}

/* ---- SQL between sentences ---- */

static bool begins_query(const char *p)
{
    static const char *const words[] = {"select", "with", "values"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);
        if (strncasecmp(p, words[i], len) == 0 && !isalnum((unsigned char)p[len]) && p[len] != '_')
            return true;
    }
    return false;
}

static const char *parsed(const void *ctx, const char *text, size_t len)
{
    struct error *ignored = NULL;
    const char *sql = len <= PARSED_MAX_BYTES ? query(ctx, text, len) : NULL;
    return sql && guard_examine(ctx, PARSED_MAX_BYTES, sql, strlen(sql), &ignored) ? sql : NULL;
}

/* Up to a semicolon; without one, to an empty line, before which a word of prose cannot pass for an
 * alias; else to the end of the text or of the line. */
static const char *query_at(const void *ctx, const char *p)
{
    const char *semicolon = strchr(p, ';'), *gap = strstr(p, "\n\n");
    size_t all = strlen(p);
    const size_t ends[] = {semicolon ? (size_t)(semicolon - p)
                           : gap     ? (size_t)(gap - p)
                                     : all,
        gap ? (size_t)(gap - p) : all, all, strcspn(p, "\n")};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const char *sql = parsed(ctx, p, ends[i]);
        if (sql)
            return sql;
    }
    return NULL;
}

static const char *query_in_prose(const void *ctx, const char *text)
{
    int tries = 0;
    for (const char *p = text; *p && tries < TRIES; p++) {
        bool at_word = p == text || (!isalnum((unsigned char)p[-1]) && p[-1] != '_');
        if (!at_word || !begins_query(p))
            continue;
        tries++;
        const char *sql = query_at(ctx, p);
        if (sql)
            return sql;
    }
    return NULL;
}

const char *nl2sql_sql_in(const void *ctx, const char *text)
{
    const char *rest = text, *block;
    const char *first = NULL;
    size_t len;
    while (next_block(&rest, &block, &len)) {
        const char *sql = query(ctx, block, len);
        if (sql && begins_query(sql))
            return sql;
        first = first ? first : sql;
    }
    const char *sql = query_in_prose(ctx, text);
    return sql ? sql : first;
}

/* ---- all of it ---- */

static struct error *no_answer(const void *ctx, const char *text, bool cut)
{
    if (cut)
        return error_hint(error_create(ctx, ERROR_STATEMENT, "the answer was cut before its end"),
            "be brief; llm.max_tokens says how long an answer may be, with what a model thinks "
            "before it");
    bool empty = !text[strspn(text, " \t\r\n")];
    return error_hint(
        error_create(ctx, ERROR_STATEMENT,
            empty ? "the answer is empty" : "the answer is neither the JSON object nor a query"),
        "answer with the one JSON object that was described, and nothing else");
}

bool nl2sql_answer_read(const void *ctx, const char *text, bool cut, struct nl2sql_answer *ret,
    struct error **ret_err)
{
    struct nl2sql_answer answer = {0};
    if (is_object(ctx, text, strlen(text), &answer)) {
        *ret = answer;
        return true;
    }
    answer.loose = true;
    const char *rest = text, *block;
    size_t len;
    bool found = false;
    while (!found && next_block(&rest, &block, &len))
        found = is_object(ctx, block, len, &answer);
    const char *first = strchr(text, '{'), *last = strrchr(text, '}');
    if (!found && first && last > first)
        found = is_object(ctx, first, (size_t)(last + 1 - first), &answer);
    if (!found && !cut) { /* the beginning of a query is often one, too */
        answer.sql = nl2sql_sql_in(ctx, text);
        found = answer.sql != NULL;
    }
    if (!found)
        return error_raise(ret_err, no_answer(ctx, text, cut));
    answer.loose = true;
    *ret = answer;
    return true;
}
