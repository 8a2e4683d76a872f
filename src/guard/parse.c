/*
 * Layer 2a: PostgreSQL's own grammar, in a cage.
 *
 * libpg_query writes the tree with a recursion that checks no stack: at most 350 bytes a level,
 * and a level costs at least two bytes of SQL, so 64 KiB of SQL need at most 11 MiB. It runs on
 * the main stack, which has 16. The JSON parser's own limit (2,048 levels) bounds the depth of
 * everything that walks the tree afterwards.
 */
#include "base/text.h"
#include "guard/internal.h"

#include <pg_query.h>
#include <string.h>

/* What a text that was meant as a query begins with. */
static bool looks_like_a_query(const char *sql)
{
    static const char *const starts[] = {"select", "with", "values", "table", "explain", "(", "--",
        "/*"};
    sql += strspn(sql, " \t\r\n");
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncasecmp(sql, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

static struct error *syntax_error(const void *ctx, const char *sql, const PgQueryError *said)
{
    bool query = looks_like_a_query(sql);
    struct error *error = error_create(ctx, ERROR_REFUSED, "Only SELECT queries are allowed");
    char *message = text_excerpt(error, said->message, TEXT_QUOTED_BYTES);
    if (query)
        error->message = message;
    else
        error_detail(error, "the text is no SQL statement: %s", message);
    memcpy(error->sqlstate, "42601", 6);
    error->position = said->cursorpos;
    if (strstr(said->message, "stack depth"))
        return error_hint(error, "the query is nested too deeply; write it flatter");
    return error_hint(error, "write one SELECT statement (PostgreSQL %s grammar)", PG_MAJORVERSION);
}

const char *guard_grammar_version(void)
{
    return PG_MAJORVERSION;
}

bool guard_parse(const void *ctx, const char *sql, json_t **ret, struct error **ret_err)
{
    PgQueryParseResult result = pg_query_parse(sql);
    struct error *error = NULL;
    if (result.error) {
        error = syntax_error(ctx, sql, result.error);
    } else {
        *ret = json_loads(result.parse_tree, 0, NULL);
        if (!*ret)
            error = error_hint(error_create(ctx, ERROR_REFUSED, "the query is nested too deeply"),
                "write it flatter: long chains of operators or UNIONs can often become IN, VALUES "
                "or a join");
    }
    pg_query_free_parse_result(result);
    return !error || error_raise(ret_err, error);
}
