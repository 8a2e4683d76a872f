/*
 * Layer 1: the text, before any lexer sees it.
 *
 * PostgreSQL's lexer takes quadratic time on a long run of operator characters and cannot be
 * interrupted meanwhile, not even by termination; hence the limit on runs.
 */
#include "guard/internal.h"

#include "base/text.h"

#include <string.h>
#include <talloc.h>

enum { OPERATOR_RUN_MAX = 1024 };

static bool is_operator(char c)
{
    return c != '\0' && strchr("~!@#^&|`?+-*/%<>=", c) != NULL;
}

static size_t longest_operator_run(const char *sql, size_t len)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < len; i++) {
        run = is_operator(sql[i]) ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest;
}

bool guard_text(const void *ctx, size_t max_bytes, const char *sql, size_t len,
    struct error **ret_err)
{
    if (len > max_bytes)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_LIMIT,
                           "the query has %zu bytes, more than the %zu allowed", len, max_bytes),
                "shorten it (long IN lists can often become a join or a range); "
                "security.max_query_bytes sets the limit"));
    if (memchr(sql, '\0', len))
        return error_raise(ret_err,
            error_create(ctx, ERROR_REFUSED, "the query contains a NUL character"));
    size_t bad = text_utf8_check(sql, len);
    if (bad < len)
        return error_raise(ret_err,
            error_create(ctx, ERROR_REFUSED, "the query is not valid UTF-8 at byte %zu", bad + 1));
    if (longest_operator_run(sql, len) > OPERATOR_RUN_MAX)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_REFUSED,
                           "the query has a run of more than %d operator characters",
                           OPERATOR_RUN_MAX),
                "put spaces or line breaks between them, or drop the decoration in comments"));
    return true;
}
