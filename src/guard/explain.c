/*
 * Where the query below an EXPLAIN begins.
 *
 * PostgreSQL analyses a query only when it stands alone, and the parse tree does not say where the
 * one below EXPLAIN begins. It is found by skipping what may stand before it, and then proved:
 * parsed alone, it must give the same tree.
 */
#include "guard/internal.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char *skip_comment(const char *p)
{
    size_t depth = 0;
    do {
        if (strncmp(p, "/*", 2) == 0) {
            depth++;
            p += 2;
        } else if (strncmp(p, "*/", 2) == 0) {
            depth--;
            p += 2;
        } else if (*p) {
            p++;
        }
    } while (depth > 0 && *p);
    return p;
}

const char *guard_skip_blank(const char *p)
{
    for (;;) {
        if (isspace((unsigned char)*p))
            p++;
        else if (strncmp(p, "--", 2) == 0)
            p += strcspn(p, "\r\n");
        else if (strncmp(p, "/*", 2) == 0)
            p = skip_comment(p);
        else
            return p;
    }
}

static size_t word_length(const char *p)
{
    size_t len = 0;
    while (isalnum((unsigned char)p[len]) || p[len] == '_')
        len++;
    return len;
}

static bool is_word(const char *p, const char *word)
{
    return word_length(p) == strlen(word) && strncasecmp(p, word, strlen(word)) == 0;
}

static bool begins_query(const char *p)
{
    return *p == '(' || is_word(p, "select") || is_word(p, "with") || is_word(p, "values") ||
           is_word(p, "table");
}

/* Past a list of options in parentheses; their values may be quoted. */
static const char *skip_options(const char *p)
{
    while (*p && *p != ')') {
        if (*p == '\'' || *p == '"') {
            const char *end = strchr(p + 1, *p);
            p = end ? end + 1 : p + strlen(p);
        } else {
            p = guard_skip_blank(p + 1);
        }
    }
    return *p ? p + 1 : p;
}

static const char *find_query(const char *sql)
{
    const char *p = guard_skip_blank(sql);
    p = guard_skip_blank(p + word_length(p)); /* EXPLAIN */
    if (*p == '(' && !begins_query(guard_skip_blank(p + 1)))
        return guard_skip_blank(skip_options(p));
    while (is_word(p, "analyze") || is_word(p, "analyse") || is_word(p, "verbose"))
        p = guard_skip_blank(p + word_length(p));
    return p;
}

static bool same_object(const json_t *a, const json_t *b);

static bool is_place(const char *key)
{
    size_t len = strlen(key), end = strlen("location");
    return len >= end && strcmp(key + len - end, "location") == 0;
}

/* Equal but for where things stand. */
static bool same_value(const json_t *a, const json_t *b)
{
    if (json_is_object(a) && json_is_object(b))
        return same_object(a, b);
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    bool same = json_array_size(a) == json_array_size(b);
    for (size_t i = 0; same && i < json_array_size(a); i++)
        same = same_value(json_array_get(a, i), json_array_get(b, i));
    return same;
}

/* A place that is 0 is left out, as is every member with its default. */
static size_t count_members(const json_t *object)
{
    size_t count = 0;
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *i = json_object_iter(members); i; i = json_object_iter_next(members, i))
        count += !is_place(json_object_iter_key(i));
    return count;
}

static bool same_object(const json_t *a, const json_t *b)
{
    bool same = count_members(a) == count_members(b);
    json_t *members = (json_t *)(uintptr_t)a;
    for (void *i = json_object_iter(members); i && same; i = json_object_iter_next(members, i)) {
        const char *key = json_object_iter_key(i);
        const json_t *other = json_object_get(b, key);
        same = is_place(key) || (other && same_value(json_object_iter_value(i), other));
    }
    return same;
}

static bool is_same_query(const void *ctx, const char *sql, const json_t *query)
{
    json_t *tree = NULL;
    struct error *ignored = NULL;
    struct guard_statement alone;
    bool same = guard_parse(ctx, sql, &tree, &ignored) &&
                guard_structure(ctx, tree, sql, &alone, &ignored) && alone.kind == GUARD_QUERY &&
                same_value(alone.query, query);
    json_decref(tree);
    return same;
}

bool guard_explain(const void *ctx, const char *sql, struct guard_statement *statement,
    struct error **ret_err)
{
    const char *query = find_query(sql + statement->start);
    statement->query_start = (size_t)(query - sql);
    return is_same_query(ctx, query, statement->query) ||
           error_raise(ret_err,
               error_hint(error_create(ctx, ERROR_REFUSED,
                              "the query below EXPLAIN could not be told from its options"),
                   "write EXPLAIN (ANALYZE) SELECT …, with no comments before SELECT"));
}
