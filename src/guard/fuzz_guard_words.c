/* A database's vocabulary; see fuzz_guard_words.h. */
#include "guard/fuzz_guard_words.h"

#include <stdio.h>
#include <stdlib.h>

/* The usual types first, with constants; then the special forms of the grammar. */
static const char *const special[] = {
    "value\tboolean\ttrue",
    "value\ttext\t'a'",
    "value\ttext\t'users'",
    "value\ttext\t'SELECT email FROM users'",
    "value\ttext\t'/tmp/guard_pwned'",
    "value\tinteger\t1",
    "value\tinteger\t3",
    "value\tbigint\t2::bigint",
    "value\tnumeric\t2.5",
    "value\tdate\tDATE '2024-02-01'",
    "value\ttimestamp with time zone\tTIMESTAMPTZ '2024-02-01 12:00:00+00'",
    "value\tjsonb\t'{\"a\": [1, {\"id\": 2, \"email\": \"x\"}]}'::jsonb",
    "value\ttext[]\tARRAY['a', 'users']",
    "value\tcustomers\tNULL::customers",
    "value\tregclass\t'customers'::regclass",
    "value\tregclass\t'orders'::regclass",
    "value\tregclass\t'products'::regclass",
    "value\tregclass\t'users'::regclass",
    "value\tinteger[]\tARRAY[1, 2]",
    "value\txml\t'<a>1</a>'::xml",
    "value\toid\t'customers'::regclass::oid",
    "value\toid\t25::oid",
    "value\toid\t'orders'::regclass::oid",
    "value\toid\t'users'::regclass::oid",
    "value\tjson\t'[{\"a\": 1}]'::json",
    "value\tinterval\tINTERVAL '1 day'",
    "value\ttimestamp without time zone\tTIMESTAMP '2024-02-01 12:00:00'",
    "value\trecord\tROW(1, 'a')",
    "value\tusers\tNULL::users",
    "value\tbytea\t'\\x61'::bytea",
    "value\tdouble precision\t1.5::float8",
    "value\treal\t1.5::real",
    "value\tsmallint\t1::smallint",
    "value\tname\t'users'::name",
    "value\tcstring\t'(1)'",
    "value\tmood\t'ok'::mood",
    "value\tsecret_ref\tROW(1)::secret_ref",
    "value\tprice_range\tprice_range(1, 2)",
    "value\tint4range\t'[1,5)'::int4range",
    "value\ttsvector\t'fat cat'::tsvector",
    "value\ttsquery\t'cat'::tsquery",
    "value\thstore\t'a=>1'::hstore",
    "value\tuuid\t'00000000-0000-4000-8000-000000000001'::uuid",
    "value\tinet\t'10.0.0.1'::inet",
    "value\tpoint\t'(1,2)'::point",
    "value\tprobed_text\tCAST(` AS probed_text)\ttext",
    "value\tprobed_text[]\tCAST(` AS probed_text[])\ttext[]",
    "value\tpercentage\tCAST(` AS percentage)\tnumeric",
    "value\ttext\t(CAST(ROW(`) AS secret_ref))::text\tinteger",
    "value\ttext\tcurrent_setting('server_version')",
    "value\ttext\tcurrent_setting('app.jwt_secret')",
    "value\ttext\tcurrent_setting(`)\ttext",
    "value\ttext\t(` COLLATE \"C\")\ttext",
    "value\ttext\tsubstring(` SIMILAR ` ESCAPE '#')\ttext\ttext",
    "value\ttext\ttrim(BOTH ` FROM `)\ttext\ttext",
    "value\ttext\toverlay(` PLACING ` FROM `)\ttext\ttext\tinteger",
    "value\ttext\tCOLLATION FOR (`)\ttext",
    "value\ttext\tcurrent_user",
    "value\tboolean\t(` LIKE ` ESCAPE '#')\ttext\ttext",
    "value\tboolean\t(`, `) OVERLAPS (`, `)\tdate\tdate\tdate\tdate",
    "value\tboolean\t` IS DOCUMENT\txml",
    "value\tboolean\t` IS NFC NORMALIZED\ttext",
    "value\tboolean\tROW(`, `) < ROW(`, `)\tinteger\ttext\tinteger\ttext",
    "value\tboolean\t(` = ANY (`))\ttext\ttext[]",
    "value\tnumeric\textract(epoch FROM `)\ttimestamp with time zone",
    "value\ttimestamp without time zone\t` AT TIME ZONE 'UTC'\ttimestamp with time zone",
    "value\txml\txmlelement(name a, xmlattributes(` AS b), `)\ttext\txml",
    "value\txml\txmlforest(` AS a, ` AS b)\ttext\tcustomers",
    "value\tjsonb\t(`)['a']\tjsonb",
    "value\tcustomers\tjsonb_populate_record(NULL::customers, `)\tjsonb",
    "value\tusers\tjsonb_populate_record(NULL::users, `)\tjsonb",
    "value\tusers[]\tNULL::users[]",
    "value\ttext\tformat('%s %s', `, `)\ttext\tcustomers",
    "value\ttext\tconcat_ws(',', VARIADIC `)\ttext[]",
    "aggregate\tbigint\tcount(*)",
    "aggregate\tbigint\tcount(DISTINCT `)\ttext",
    "aggregate\tinteger\tgrouping(`)\tinteger",
    "aggregate\ttext\tstring_agg(`, ',' ORDER BY `)\ttext\tinteger",
    "aggregate\ttext\tmode() WITHIN GROUP (ORDER BY `)\ttext",
    "aggregate\tnumeric\tsum(`) FILTER (WHERE `)\tnumeric\tboolean",
    "aggregate\tdouble precision\tpercentile_cont(0.5) WITHIN GROUP (ORDER BY `)\tdouble precision",
    "window\tnumeric\tsum(`) OVER (PARTITION BY ` ORDER BY `)\tnumeric\ttext\tinteger",
    "window\ttext\tmax(`) OVER (ORDER BY ` ROWS UNBOUNDED PRECEDING)\ttext\tinteger",
    "window\tbigint\tcount(*) OVER (ORDER BY ` RANGE 1 PRECEDING)\tinteger",
    "set\tinteger\tgenerate_series(1, 3)",
    "set\ttext\tunnest(`)\ttext[]",
    "set\tprobed_text\tROWS FROM (jsonb_to_record(`) AS (a probed_text))\tjsonb",
    "set\tusers\tROWS FROM (jsonb_to_record(`) AS (a users))\tjsonb",
    "set\ttext\tXMLTABLE('/a' PASSING ` COLUMNS a text PATH '.', b probed_text PATH '.')\txml",
    "set\ttext\tquery_to_xml(`, true, true, '')\ttext",
};

/*
 * Polymorphic types, and those that others are cast to by themselves, are taken for one of these.
 * `any` stands for what a polymorphic argument gets in one of several variants.
 */
#define TYPES                                                                                  \
    "WITH types AS (SELECT oid, CASE"                                                          \
    " WHEN typname IN ('anyelement', 'anynonarray', 'anycompatible', 'anycompatiblenonarray'," \
    "  'any') THEN 'any'"                                                                      \
    " WHEN typname IN ('anyarray', 'anycompatiblearray') THEN 'any[]'"                         \
    " WHEN typname = 'anyenum' THEN 'mood'"                                                    \
    " WHEN typname IN ('anyrange', 'anycompatiblerange') THEN 'int4range'"                     \
    " WHEN typname IN ('record', 'cstring', 'void') THEN typname"                              \
    " WHEN typname IN ('varchar', 'bpchar', 'citext') THEN 'text'"                             \
    " WHEN typtype = 'd' AND typname NOT LIKE 'probed%' THEN format_type(typbasetype, NULL)"   \
    " WHEN typtype <> 'p' THEN format_type(oid, NULL) END AS name FROM pg_type),"              \
    " variants AS (SELECT unnest(ARRAY['text', 'integer', 'customers']) AS variant) "

static const char functions[] = TYPES
    "SELECT concat_ws(E'\\t', kind, replace(result.name, 'any', variant),"
    " called || '(' || array_to_string(array_fill('`'::text, ARRAY[arg_count - listed])"
    " || CASE WHEN listed = 1 THEN ARRAY['VARIADIC `'] ELSE '{}' END, ', ') || ')'"
    " || CASE kind WHEN 'window' THEN ' OVER (ORDER BY `)' ELSE '' END, args,"
    " CASE kind WHEN 'window' THEN 'integer' END)"
    " FROM (SELECT p.oid, prorettype, provolatile, pronargs AS arg_count,"
    "  (provariadic <> 0 AND provariadic <> '\"any\"'::regtype)::int AS listed,"
    "  CASE WHEN proretset THEN 'set' WHEN prokind = 'a' THEN 'aggregate'"
    "  WHEN prokind = 'w' THEN 'window' ELSE 'value' END AS kind,"
    "  CASE WHEN pg_function_is_visible(p.oid) THEN '' ELSE quote_ident(nspname) || '.' END"
    "  || quote_ident(proname) AS called"
    "  FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
    "  LEFT JOIN pg_aggregate ON aggfnoid = p.oid"
    "  WHERE prokind <> 'p' AND pronargs < 7 AND coalesce(aggkind, 'n') = 'n') p"
    " JOIN types result ON result.oid = prorettype CROSS JOIN variants CROSS JOIN LATERAL"
    " (SELECT string_agg(replace(coalesce(t.name, '-'), 'any', variant), E'\\t' ORDER BY i) AS args,"
    "  coalesce(bool_or(t.name LIKE 'any%'), false) AS polymorphic,"
    "  coalesce(bool_or(t.name IS NULL), false) AS closed"
    "  FROM pg_proc, unnest(proargtypes) WITH ORDINALITY a (type, i)"
    "  JOIN types t ON t.oid = a.type WHERE pg_proc.oid = p.oid) a"
    " CROSS JOIN generate_series(1, CASE provolatile WHEN 'i' THEN 6 WHEN 's' THEN 2 ELSE 1 END)"
    " WHERE result.name IS NOT NULL AND NOT closed AND (polymorphic OR variant = 'text')"
    " ORDER BY 1";

/* A function of one row is also written like a column. */
static const char attributes[] =
    "SELECT concat_ws(E'\\t', 'value', format_type(prorettype, NULL), '(`).' || quote_ident(proname),"
    " format_type(proargtypes[0], NULL)) FROM pg_proc JOIN pg_type t ON t.oid = proargtypes[0]"
    " WHERE pronargs = 1 AND typtype = 'c' AND NOT proretset ORDER BY 1";

static const char operators[] = TYPES
    "SELECT concat_ws(E'\\t', 'value', replace(result.name, 'any', variant),"
    " CASE WHEN oprleft = 0 THEN '(' ELSE '(` ' END"
    " || CASE WHEN pg_operator_is_visible(o.oid) THEN oprname"
    "   ELSE format('OPERATOR(%I.%s)', nspname, oprname) END || ' `)',"
    " replace(l.name, 'any', variant), replace(r.name, 'any', variant))"
    " FROM pg_operator o JOIN pg_namespace n ON n.oid = oprnamespace"
    " JOIN types result ON result.oid = oprresult JOIN types r ON r.oid = oprright"
    " LEFT JOIN types l ON l.oid = oprleft CROSS JOIN variants"
    " WHERE result.name IS NOT NULL AND r.name IS NOT NULL AND (l.name IS NOT NULL OR oprleft = 0)"
    " AND (l.name LIKE 'any%' OR r.name LIKE 'any%' OR variant = 'text') ORDER BY 1";

static const char casts[] =
    TYPES "SELECT concat_ws(E'\\t', 'value', t.name, 'CAST(` AS ' || t.name || ')', s.name)"
          " FROM pg_cast JOIN types s ON s.oid = castsource JOIN types t ON t.oid = casttarget"
          " WHERE s.name <> t.name ORDER BY 1";

/* By both their names; more often those that a query may read. */
static const char relations[] = TYPES
    "SELECT concat_ws(E'\\t', 'from', format_type(reltype, NULL), named,"
    " (SELECT string_agg(quote_ident(attname) || E'\\t' || t.name, E'\\t' ORDER BY attnum)"
    "  FROM pg_attribute JOIN types t ON t.oid = atttypid"
    "  WHERE attrelid = c.oid AND NOT attisdropped AND (attnum > 0 OR attname = 'ctid')"
    "  AND t.name IS NOT NULL))"
    " FROM pg_class c CROSS JOIN LATERAL unnest(ARRAY[c.oid::regclass::text,"
    " format('%I.%I', relnamespace::regnamespace::text, relname)]) AS named"
    " CROSS JOIN generate_series(1, CASE WHEN relnamespace::regnamespace::text"
    "  IN ('public', 'analytics') AND has_any_column_privilege('guard_reader', c.oid, 'SELECT')"
    "  AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')"
    "  THEN 30 ELSE 1 END)"
    " WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND reltype <> 0 ORDER BY 1";

static void add_rows(struct fuzz_words *words, PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s", PQerrorMessage(conn));
        exit(2);
    }
    for (int i = 0; i < PQntuples(result); i++)
        fuzz_words_add(words, PQgetvalue(result, i, 0));
    PQclear(result);
}

struct fuzz_words *fuzz_guard_words(const void *ctx, PGconn *conn)
{
    struct fuzz_words *words = fuzz_words_create(ctx);
    PQclear(PQexec(conn, "SET search_path = pg_catalog, public, analytics"));
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        fuzz_words_add(words, special[i]);
    add_rows(words, conn, functions);
    add_rows(words, conn, attributes);
    add_rows(words, conn, operators);
    add_rows(words, conn, casts);
    add_rows(words, conn, relations);
    return words;
}
