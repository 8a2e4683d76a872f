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

/* The special forms of the grammar; what they mean does not matter here. */
static const char *const words[] = {
    "value\tboolean\ttrue",
    "value\tboolean\tNOT `\tboolean",
    "value\tboolean\t(` AND `)\tboolean\tboolean",
    "value\tboolean\t` SIMILAR TO `\ttext\ttext",
    "value\tboolean\t(`, `) OVERLAPS (`, `)\tdate\tdate\tdate\tdate",
    "value\tboolean\t` IS NFC NORMALIZED\ttext",
    "value\tboolean\t` IS DOCUMENT\txml",
    "value\tboolean\t` LIKE ALL (`)\ttext\ttext[]",
    "value\tboolean\t` OPERATOR(pg_catalog.<) `\tint\tint",
    "value\tboolean\tROW(`, `) < ROW(`, `)\tint\ttext\tint\ttext",
    "value\ttext\t'a'",
    "value\ttext\t$$x$$",
    "value\ttext\tU&'\\0061'",
    "value\ttext\tE'\\n'",
    "value\ttext\t'\";--/*'",
    "value\ttext\tNULL",
    "value\ttext\tcurrent_setting('server_version')",
    "value\ttext\tcurrent_user",
    "value\ttext\t(` || `)\ttext\ttext",
    "value\ttext\t(` COLLATE \"C\")\ttext",
    "value\ttext\tsubstring(` FROM ` FOR `)\ttext\tint\tint",
    "value\ttext\toverlay(` PLACING ` FROM `)\ttext\ttext\tint",
    "value\ttext\ttrim(BOTH ` FROM `)\ttext\ttext",
    "value\ttext\t(`)['k']\ttext[]",
    "value\ttext\t(`).f\trow",
    "value\ttext\ts.f(`, n => `)\tint\ttext",
    "value\ttext\tf(VARIADIC `)\ttext[]",
    "aggregate\ttext\tstring_agg(DISTINCT `, ',' ORDER BY ` USING <) FILTER (WHERE `)\ttext\ttext"
    "\tboolean",
    "value\tint\t1",
    "value\tint\t-1",
    "value\tint\tCAST(` AS int)\tnumeric",
    "value\tint\tposition(` IN `)\ttext\ttext",
    "aggregate\tint\tcount(*)",
    "aggregate\tint\tgrouping(`)\tint",
    "window\tint\tsum(`) OVER (PARTITION BY ` ORDER BY ` ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    "\tint\ttext\tdate",
    "set\tint\tgenerate_series(1, `)\tint",
    "value\tnumeric\t2.5",
    "value\tnumeric\textract(year FROM `)\tdate",
    "aggregate\tnumeric\tpercentile_cont(`) WITHIN GROUP (ORDER BY `)\tnumeric\tnumeric",
    "value\tdate\tdate '2024-01-01'",
    "value\tdate\t(` AT TIME ZONE `)\tdate\ttext",
    "value\tinterval hour to minute\tinterval '1' hour",
    "value\txml\txmlelement(name a, xmlattributes(` AS b), `)\ttext\txml",
    "value\ttext[]\t'{1,2}'",
    "value\ttext[]\tARRAY[`, `]\ttext\ttext",
    "value\ttext[]\t(`)[1:2]\ttext[]",
    "set\ttext\tunnest(`)\ttext[]",
    "set\ttext\tROWS FROM (json_to_recordset(`) AS (a s.t))\ttext",
    "set\ttext\tXMLTABLE('/a' PASSING ` COLUMNS a text PATH '.')\txml",
    "value\tbit(3)\tB'101'",
    "value\trow\tROW(`, `)\ttext\tint",
    "value\t\"T\"\tNULL",
    "from\trow\tx\ta\tint\tb\ttext\t\"B\"\tdate",
    "from\trow\tpublic.x\ta\tint\tb\ttext\tfrom_\tnumeric",
    "from\trow\t\"X y\"\t\"select\"\txml\tc\ttext[]\td\tboolean",
    "from\trow\tpg_catalog.pg_class\toid\tint\trelname\ttext\trelacl\ttext[]",
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static struct fuzz_words *create_words(void)
{
    struct fuzz_words *created = fuzz_words_create(NULL);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fuzz_words_add(created, words[i]);
    return created;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static struct fuzz_words *vocabulary;
    rt_init();
    if (!vocabulary)
        vocabulary = create_words();
    void *ctx = talloc_new(NULL);
    struct str sql;
    struct error *error = NULL;
    str_init(&sql, ctx, MAX_BYTES);
    bool pure = fuzz_sql_write(data, len, vocabulary, &sql);
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
