/*
 * Loading: flat scans of pg_catalog in one pipeline, put together here by OID.
 *
 * No statement looks anything up table by table; joins are few and hashable, so that 10,000
 * tables load in about a second. Each statement stands above the function that takes its rows.
 * Built-in objects have OIDs below 16384. Works on PostgreSQL 12 to 18.
 */
#include "catalog/catalog.h"

#include "base/text.h"
#include "catalog/loading.h"

/* Bytes of a comment or an expression; LIMIT keeps the rest in the server. */
enum { TEXT_MAX = 4000 };

#define LIMIT "4001"

struct by_oid {
    Oid oid;
    struct catalog_relation *relation;
};

struct loading {
    const void *ctx;
    struct catalog *catalog;
    struct by_oid *index;     /* of the relations, made when they are all there */
    struct catalog_room room; /* for strings */
};

/* A comment or an expression, cut and marked when it is too long. */
static const char *keep_cut(struct loading *l, const char *text)
{
    size_t len = strlen(text);
    if (len <= TEXT_MAX)
        return keep(&l->room, text);
    int cut = (int)text_utf8_cut(text, len, TEXT_MAX);
    return talloc_asprintf(l->catalog, "%.*s…", cut, text);
}

/* ---- what the rest refers to ---- */

static const char server_sql[] =
    "SELECT pg_catalog.current_database(),"
    " pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1)," CATALOG_PLAIN_PLANS;

static void take_server(struct loading *l, const PGresult *row)
{
    l->catalog->database = keep(&l->room, value(row, 0));
    l->catalog->server_version = keep(&l->room, value(row, 1));
}

static const char keywords_sql[] =
    "SELECT word FROM pg_catalog.pg_get_keywords()"
    " WHERE catcode IN ('R', 'T') ORDER BY word COLLATE pg_catalog.\"C\"";

static void take_keyword(struct loading *l, const PGresult *row)
{
    struct catalog *c = l->catalog;
    GROW(c, c->keywords, c->keyword_count);
    c->keywords[c->keyword_count++] = keep(&l->room, value(row, 0));
}

static const char schemas_sql[] =
    "SELECT n.oid, n.nspname, pg_catalog.\"left\"(d.description, " LIMIT ")"
    " FROM pg_catalog.pg_namespace AS n"
    " LEFT JOIN pg_catalog.pg_description AS d ON d.objoid = n.oid"
    " AND d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
    " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
    " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') ORDER BY n.nspname";

static void take_schema(struct loading *l, const PGresult *row)
{
    struct catalog *c = l->catalog;
    GROW(c, c->schemas, c->schema_count);
    c->schemas[c->schema_count++] = (struct catalog_schema){
        .oid = oid(row, 0),
        .name = keep(&l->room, value(row, 1)),
        .comment = PQgetisnull(row, 0, 2) ? NULL : keep_cut(l, value(row, 2)),
    };
}

static const char enums_sql[] =
    "SELECT t.oid, n.nspname, t.typname, e.enumlabel FROM pg_catalog.pg_enum AS e"
    " JOIN pg_catalog.pg_type AS t ON t.oid = e.enumtypid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace ORDER BY t.oid, e.enumsortorder";

static void take_enum_value(struct loading *l, const PGresult *row)
{
    struct catalog *c = l->catalog;
    Oid type = oid(row, 0);
    if (c->enum_count == 0 || c->enums[c->enum_count - 1].oid != type) {
        GROW(c, c->enums, c->enum_count);
        c->enums[c->enum_count++] = (struct catalog_enum){.oid = type,
            .schema = keep(&l->room, value(row, 1)),
            .name = keep(&l->room, value(row, 2))};
    }
    struct catalog_enum *e = &c->enums[c->enum_count - 1];
    GROW(c, e->values, e->value_count);
    e->values[e->value_count++] = keep(&l->room, value(row, 3));
}

static const struct catalog_enum *find_enum(const struct catalog *c, Oid type)
{
    size_t low = 0, high = c->enum_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->enums[middle].oid == type)
            return &c->enums[middle];
        if (c->enums[middle].oid < type)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- relations ---- */

#define LISTED                                                                           \
    "c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition" \
    " AND c.relpersistence <> 't'"
/* NULL for a table that was never analysed, which before PostgreSQL 14 has 0 rows on 0 pages. */
#define ROWS                                                                       \
    "CASE WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0 AND"         \
    " pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 140000)" \
    " THEN NULL ELSE c.reltuples::pg_catalog.int8 END"

static const char relations_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relnatts, " ROWS ","
    " pg_catalog.has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class AS c"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE " LISTED
    " AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') ORDER BY n.nspname, c.relname";

static enum catalog_kind kind_of(char relkind)
{
    switch (relkind) {
    case 'v':
        return CATALOG_VIEW;
    case 'm':
        return CATALOG_MATERIALIZED_VIEW;
    case 'f':
        return CATALOG_FOREIGN_TABLE;
    case 'p':
        return CATALOG_PARTITIONED_TABLE;
    default:
        return CATALOG_TABLE;
    }
}

static int64_t row_estimate(const PGresult *row, int field)
{
    return PQgetisnull(row, 0, field) ? -1 : strtoll(value(row, field), NULL, 10);
}

static void take_relation(struct loading *l, const PGresult *row)
{
    struct catalog *c = l->catalog;
    const struct catalog_schema *schema = catalog_find_schema(c, value(row, 1));
    if (!schema)
        return; /* a system schema, or no USAGE */
    enum catalog_kind kind = kind_of(value(row, 3)[0]);
    bool stores = kind != CATALOG_VIEW && kind != CATALOG_PARTITIONED_TABLE;
    size_t columns_max = strtoul(value(row, 4), NULL, 10);
    GROW(c, c->relations, c->relation_count);
    c->relations[c->relation_count++] = (struct catalog_relation){
        .oid = oid(row, 0),
        .schema = schema,
        .name = keep(&l->room, value(row, 2)),
        .kind = kind,
        .estimated_rows = stores ? row_estimate(row, 5) : -1,
        .whole = is_true(row, 6),
        .columns = talloc_zero_array(c, struct catalog_column, (unsigned)columns_max),
        .column_count = columns_max, /* with holes, until close_holes() */
    };
}

static int compare_oids(const void *a, const void *b)
{
    Oid left = ((const struct by_oid *)a)->oid, right = ((const struct by_oid *)b)->oid;
    return (left > right) - (left < right);
}

static void index_relations(struct loading *l)
{
    struct catalog *c = l->catalog;
    l->index = talloc_array(c, struct by_oid, (unsigned)c->relation_count);
    for (size_t i = 0; i < c->relation_count; i++)
        l->index[i] = (struct by_oid){c->relations[i].oid, &c->relations[i]};
    qsort(l->index, c->relation_count, sizeof *l->index, compare_oids);
}

static struct catalog_relation *find_relation(const struct loading *l, Oid wanted)
{
    const struct by_oid key = {.oid = wanted};
    const struct by_oid *found =
        bsearch(&key, l->index, l->catalog->relation_count, sizeof key, compare_oids);
    return found ? found->relation : NULL;
}

static const char partitions_sql[] =
    "WITH RECURSIVE tree AS (SELECT c.oid AS root, c.oid FROM pg_catalog.pg_class AS c"
    " WHERE c.relkind = 'p' AND NOT c.relispartition UNION ALL SELECT t.root, i.inhrelid"
    " FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid)"
    " SELECT t.root, pg_catalog.count(*), pg_catalog.sum(" ROWS ")"
    " FROM tree AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.oid"
    " WHERE c.relkind <> 'p' GROUP BY t.root";

static void take_partitions(struct loading *l, const PGresult *row)
{
    struct catalog_relation *relation = find_relation(l, oid(row, 0));
    if (relation) {
        relation->partition_count = strtoul(value(row, 1), NULL, 10);
        relation->estimated_rows = row_estimate(row, 2);
    }
}

/* ---- columns: at the place of their number, with holes for those that are not shown ---- */

static const char columns_sql[] =
    "SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " a.attnotnull, a.attidentity,"
    " CASE t.typtype WHEN 'e' THEN t.oid WHEN 'd' THEN t.typbasetype ELSE t.typelem END"
    " FROM pg_catalog.pg_attribute AS a"
    " JOIN (SELECT c.oid, pg_catalog.has_table_privilege(c.oid, 'SELECT') AS whole"
    "       FROM pg_catalog.pg_class AS c WHERE " LISTED " OFFSET 0) AS c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped"
    " AND (c.whole OR pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'))";

static struct catalog_column *place_of(struct catalog_relation *relation, const char *number)
{
    size_t n = strtoul(number, NULL, 10);
    return relation && n >= 1 && n <= relation->column_count ? &relation->columns[n - 1] : NULL;
}

static void take_column(struct loading *l, const PGresult *row)
{
    struct catalog_column *column = place_of(find_relation(l, oid(row, 0)), value(row, 1));
    if (!column)
        return;
    char identity = value(row, 5)[0];
    *column = (struct catalog_column){
        .number = (int)strtol(value(row, 1), NULL, 10),
        .name = keep(&l->room, value(row, 2)),
        .type = keep(&l->room, value(row, 3)),
        .not_null = is_true(row, 4),
        .identity = identity == 'a'   ? "always"
                    : identity == 'd' ? "by default"
                                      : NULL,
        .enumeration = find_enum(l->catalog, oid(row, 6)),
    };
}

static const char expressions_sql[] =
    "SELECT d.adrelid, d.adnum, a.attgenerated <> '',"
    " pg_catalog.\"left\"(pg_catalog.pg_get_expr(d.adbin, d.adrelid), " LIMIT ")"
    " FROM pg_catalog.pg_attrdef AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
    " WHERE " LISTED;

static void take_expression(struct loading *l, const PGresult *row)
{
    struct catalog_column *column = place_of(find_relation(l, oid(row, 0)), value(row, 1));
    if (!column || !column->name)
        return;
    const char *expression = keep_cut(l, value(row, 3));
    if (is_true(row, 2))
        column->generated = expression;
    else
        column->default_to = expression;
}

static const char comments_sql[] =
    "SELECT objoid, objsubid, pg_catalog.\"left\"(description, " LIMIT ")"
    " FROM pg_catalog.pg_description"
    " WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid >= 16384";

static void take_comment(struct loading *l, const PGresult *row)
{
    struct catalog_relation *relation = find_relation(l, oid(row, 0));
    struct catalog_column *column = place_of(relation, value(row, 1));
    if (column && column->name)
        column->comment = keep_cut(l, value(row, 2));
    else if (relation && strcmp(value(row, 1), "0") == 0)
        relation->comment = keep_cut(l, value(row, 2));
}

static void close_holes(struct loading *l)
{
    for (size_t i = 0; i < l->catalog->relation_count; i++) {
        struct catalog_relation *relation = &l->catalog->relations[i];
        size_t kept = 0;
        for (size_t k = 0; k < relation->column_count; k++) {
            if (relation->columns[k].name)
                relation->columns[kept++] = relation->columns[k];
        }
        relation->column_count = kept;
    }
}

/* ---- keys ---- */

/* A foreign key to a partitioned table has children for its partitions, which are not shown. */
static const char keys_sql[] =
    "SELECT i.indrelid, CASE WHEN i.indisprimary THEN 'p'::pg_catalog.\"char\" ELSE 'u' END,"
    " ''::pg_catalog.name, (i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1],"
    " 0::pg_catalog.oid, '{}'::pg_catalog.int2[]"
    " FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid"
    " WHERE " LISTED " AND i.indisunique AND i.indisvalid AND i.indpred IS NULL"
    " AND i.indexprs IS NULL"
    " UNION SELECT k.conrelid, k.contype, k.conname, k.conkey, k.confrelid, k.confkey"
    " FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid"
    " WHERE " LISTED " AND k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2, 4, 3";

static const struct catalog_column *find_number(const struct catalog_relation *relation, long n)
{
    for (size_t i = relation->column_count; i-- > 0;) {
        if (relation->columns[i].number == n)
            return &relation->columns[i];
    }
    return NULL;
}

/* The columns for an array of numbers, "{2,1}"; NULL when one of them is not there. */
static const struct catalog_column **find_numbers(struct loading *l,
    const struct catalog_relation *relation, const char *array, size_t *count)
{
    *count = 1;
    for (const char *p = array; *p; p++)
        *count += *p == ',';
    const struct catalog_column **columns =
        talloc_array(l->catalog, const struct catalog_column *, (unsigned)*count);
    const char *p = array + 1;
    for (size_t i = 0; i < *count; i++) {
        char *end;
        columns[i] = find_number(relation, strtol(p, &end, 10));
        if (!columns[i]) {
            talloc_free(columns);
            return NULL;
        }
        p = end + 1;
    }
    return columns;
}

static void take_key(struct loading *l, const PGresult *row)
{
    struct catalog_relation *relation = find_relation(l, oid(row, 0));
    if (!relation)
        return;
    char kind = value(row, 1)[0];
    struct catalog_key key = {
        .kind = kind == 'p'   ? CATALOG_PRIMARY
                : kind == 'u' ? CATALOG_UNIQUE
                              : CATALOG_FOREIGN,
    };
    key.columns = find_numbers(l, relation, value(row, 3), &key.column_count);
    if (!key.columns)
        return;
    if (key.kind == CATALOG_FOREIGN) {
        size_t target_count = 0;
        key.name = keep(&l->room, value(row, 2));
        key.target = find_relation(l, oid(row, 4));
        if (key.target)
            key.target_columns = find_numbers(l, key.target, value(row, 5), &target_count);
        if (!key.target_columns || target_count != key.column_count)
            return;
    }
    GROW(l->catalog, relation->keys, relation->key_count);
    relation->keys[relation->key_count++] = key;
}

/* ---- all together ---- */

static const struct part {
    const char *sql;
    void (*row)(struct loading *l, const PGresult *row);
    void (*begin)(struct loading *l); /* before the first row, also when there is none */
} parts[] = {
    {server_sql, take_server, NULL},
    {keywords_sql, take_keyword, NULL},
    {schemas_sql, take_schema, NULL},
    {enums_sql, take_enum_value, NULL},
    {relations_sql, take_relation, NULL},
    {partitions_sql, take_partitions, index_relations},
    {columns_sql, take_column, NULL},
    {expressions_sql, take_expression, NULL},
    {comments_sql, take_comment, NULL},
    {keys_sql, take_key, close_holes},
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    (void)result;
    if (parts[statement].begin)
        parts[statement].begin(arg);
}

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    parts[statement].row(arg, row);
    return true;
}

static void start(struct loading *l, const void *ctx)
{
    struct catalog *catalog = talloc_zero(ctx, struct catalog);
    *l = (struct loading){.ctx = ctx, .catalog = catalog, .room = {.ctx = catalog}};
}

static void on_reset(void *arg)
{
    struct loading *l = arg;
    talloc_free(l->catalog);
    start(l, l->ctx);
}

bool catalog_load(const void *ctx, struct pg_pool *pool, int64_t deadline, struct catalog **ret,
    struct error **ret_err)
{
    struct pg_statement statements[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++)
        statements[i] = (struct pg_statement){.sql = parts[i].sql};
    struct loading l;
    start(&l, ctx);
    const struct pg_rows rows = {.columns = on_columns,
        .row = on_row,
        .reset = on_reset,
        .arg = &l};
    if (!pg_read(ctx, pool, statements, PART_COUNT, &rows, deadline, ret_err)) {
        talloc_free(l.catalog);
        return false;
    }
    talloc_free(l.index);
    *ret = l.catalog;
    return true;
}
