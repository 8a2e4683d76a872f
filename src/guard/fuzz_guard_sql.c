/*
 * libFuzzer: generated SQL against the real parser. What PostgreSQL's grammar accepts and is a pure
 * query must pass the layers that need no database, and what is not pure must be refused.
 */
#include "guard/fuzz_sql.h"
#include "guard/guard.h"

#include <pg_query.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { MAX_BYTES = 32768 };

static const struct fuzz_words words = {
    .relations = (const char *const[]){"x", "public.x", "\"X y\"", "pg_catalog.pg_class", NULL},
    .columns = (const char *const[]){"a", "b", "\"B\"", "*", NULL},
    .functions = (const char *const[]){"f(#)", "count(*)", "now()", "sum(#) OVER (ORDER BY #)",
        "s.f(#, n => #)", "f(DISTINCT # ORDER BY #) FILTER (WHERE #)",
        "current_setting('server_version')", "percentile_cont(#) WITHIN GROUP (ORDER BY #)",
        "coalesce(#, #)", "extract(year FROM #)", "xmlelement(name a, #)", "position(# IN #)",
        "f(VARIADIC #)", "unnest(#) WITH ORDINALITY", "substring(# FROM # FOR #)", NULL},
    .operators = (const char *const[]){"+", "||", "=", "AND", "OPERATOR(pg_catalog.<)", "->>",
        "LIKE", "IS DISTINCT FROM", "AT TIME ZONE", "SIMILAR TO", NULL},
    .types = (const char *const[]){"int", "text[]", "numeric(3,1)", "interval hour to minute",
        "s.t", "\"T\"", "double precision", NULL},
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    rt_init();
    void *ctx = talloc_new(NULL);
    struct str sql;
    struct error *error = NULL;
    str_init(&sql, ctx, MAX_BYTES);
    bool pure = fuzz_sql_write(data, len, &words, &sql);
    const char *text = str_get(&sql);
    if (!sql.full) {
        PgQueryParseResult parsed = pg_query_parse(text);
        bool ok = guard_examine(ctx, MAX_BYTES, text, strlen(text), &error);
        bool too_deep = error && strstr(error->message, "nested too deeply");
        if (ok != (pure && !parsed.error) && !too_deep)
            abort();
        pg_query_free_parse_result(parsed);
    }
    talloc_free(ctx);
    return 0;
}
