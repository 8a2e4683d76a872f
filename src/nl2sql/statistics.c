/*
 * What PostgreSQL's statistics tell of the data: common values, ranges, shares of NULL.
 *
 * One round trip and no scan of a table. The view pg_stats shows only what the role may read, and
 * nothing of tables with row-level security that binds it. Values are cut by the server already.
 */
#include "nl2sql/internal.h"
#include "pg/value.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    BYTES_MAX = 16 << 20, /* of all values together; what comes later is left out */
    FEW_VALUES = 50,      /* so many different ones at most are common enough to be told */
};

#define VALUE_MAX "41" /* characters, one more than is shown */
#define VALUES_MAX "100"
#define ROWS_MAX "60000"
#define FEW "50"       /* FEW_VALUES */
#define SAMPLE "30000" /* rows that ANALYZE looks at by default; of more, some values go unseen */

/* A value that has one in it becomes two, which does no harm. */
#define SEPARATOR '\x1f'
#define VALUES(array)                                                                \
    " pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.\"left\"(v, " VALUE_MAX ")" \
    " FROM pg_catalog.unnest(" array "::pg_catalog.text::pg_catalog.text[]) AS v"    \
    " WHERE v IS NOT NULL LIMIT " VALUES_MAX "), E'\\x1f')"

/* Of an inheriting table the statistics with its children come last. Bounds of a histogram leave
 * the common values out, so a range has to look at both. */
#define COMMON_VALUES VALUES("s.most_common_vals")
#define SAMPLES VALUES("s.histogram_bounds")
#define ENDS                                                                           \
    " (SELECT pg_catalog.concat_ws(E'\\x1f', v[1], v[pg_catalog.cardinality(v)]) FROM" \
    " (SELECT s.histogram_bounds::pg_catalog.text::pg_catalog.text[] AS v OFFSET 0) AS bounds)"

/* What runs once is not worth compiling, nor starting workers. */
static const char plain_plans_sql[] =
    "SELECT pg_catalog.set_config('jit', 'off', true),"
    " pg_catalog.set_config('max_parallel_workers_per_gather', '0', true)";

static const char statistics_sql[] =
    "SELECT s.schemaname, s.tablename, s.attname, s.null_frac,"
    " CASE WHEN s.n_distinct >= 0 THEN s.n_distinct"
    "  WHEN c.reltuples > 0 THEN -s.n_distinct * c.reltuples ELSE -1 END,"
    " t.typcategory, c.reltuples BETWEEN 0 AND " SAMPLE ","
    " CASE WHEN t.typcategory IN ('S', 'D') OR s.n_distinct BETWEEN 0 AND " FEW
    " THEN" COMMON_VALUES " END,"
    " CASE t.typcategory WHEN 'S' THEN" SAMPLES " WHEN 'D' THEN" ENDS " END"
    " FROM pg_catalog.pg_stats AS s"
    " JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname"
    " JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename"
    "  AND c.oid >= 16384 AND NOT c.relispartition"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname"
    " JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
    " WHERE t.typcategory IN ('S', 'E', 'N', 'D', 'B')"
    " ORDER BY s.schemaname, s.tablename, s.attname, s.inherited LIMIT " ROWS_MAX;

enum { SCHEMA, TABLE, COLUMN, NULL_SHARE, DISTINCT, CATEGORY, ALL_SEEN, COMMON, OTHERS };

struct nl2sql_statistics {
    const struct catalog *catalog;
    struct nl2sql_column_statistics ***columns; /* by relation, NULL or by column, NULL or … */
};

struct loading {
    const void *ctx;
    const struct catalog *catalog;
    struct nl2sql_statistics *statistics;
    size_t bytes;
};

/* ---- rows ---- */

static int compare_relation(const void *key, const void *element)
{
    const char *const *names = key;
    const struct catalog_relation *relation = element;
    int order = strcmp(names[0], relation->schema->name);
    return order ? order : strcmp(names[1], relation->name);
}

static struct nl2sql_column_statistics *place_of(struct loading *l, const PGresult *row)
{
    const struct catalog *catalog = l->catalog;
    const char *names[2] = {pg_value_text(row, SCHEMA), pg_value_text(row, TABLE)};
    const struct catalog_relation *relation = bsearch(names, catalog->relations,
        catalog->relation_count, sizeof *catalog->relations, compare_relation);
    struct nl2sql_statistics *s = l->statistics;
    for (size_t i = 0; relation && i < relation->column_count; i++) {
        if (strcmp(relation->columns[i].name, pg_value_text(row, COLUMN)) != 0)
            continue;
        struct nl2sql_column_statistics ***columns = &s->columns[relation - catalog->relations];
        if (!*columns)
            *columns = talloc_zero_array(s, struct nl2sql_column_statistics *,
                (unsigned)relation->column_count);
        if (!(*columns)[i])
            (*columns)[i] = talloc_zero(s, struct nl2sql_column_statistics);
        return (*columns)[i];
    }
    return NULL;
}

static void add_values(struct loading *l, struct nl2sql_column_statistics *column, const char *list)
{
    size_t count = *list != '\0';
    for (const char *p = list; *p; p++)
        count += *p == SEPARATOR;
    column->values = talloc_realloc(l->statistics, column->values, const char *,
        (unsigned)(column->value_count + count));
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(list, "\x1f");
        column->values[column->value_count++] = talloc_strndup(l->statistics, list, len);
        list += len + (list[len] != '\0');
    }
}

/* ISO dates and times sort as text, but for those before Christ and infinity. */
static void widen_range(struct nl2sql_column_statistics *column)
{
    for (size_t i = 0; i < column->value_count; i++) {
        const char *value = column->values[i];
        if (value[0] < '0' || value[0] > '9' || strstr(value, "BC"))
            continue;
        if (!column->low || strcmp(value, column->low) < 0)
            column->low = value;
        if (!column->high || strcmp(value, column->high) > 0)
            column->high = value;
    }
}

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    struct loading *l = arg;
    if (statement == 0)
        return true;
    struct nl2sql_column_statistics *column = place_of(l, row);
    const char *common = pg_value_text(row, COMMON), *others = pg_value_text(row, OTHERS);
    if (!column)
        return true;
    *column = (struct nl2sql_column_statistics){
        .null_share = strtod(pg_value_text(row, NULL_SHARE), NULL),
        .distinct = strtod(pg_value_text(row, DISTINCT), NULL),
    };
    bool few = column->distinct >= 0 && column->distinct <= FEW_VALUES;
    bool text = pg_value_text(row, CATEGORY)[0] == 'S',
         time = pg_value_text(row, CATEGORY)[0] == 'D';
    if (few || text || time)
        add_values(l, column, common);
    column->common_count = few ? column->value_count : 0;
    if (text || time)
        add_values(l, column, others);
    if (time)
        widen_range(column);
    column->complete = column->value_count > 0 && pg_value_text(row, ALL_SEEN)[0] == 't' &&
                       (double)column->value_count >= column->distinct;
    l->bytes += strlen(common) + strlen(others);
    return l->bytes < BYTES_MAX;
}

/* ---- loading ---- */

static void start(struct loading *l)
{
    l->statistics = talloc_zero(l->ctx, struct nl2sql_statistics);
    l->statistics->catalog = l->catalog;
    l->statistics->columns = talloc_zero_array(l->statistics, struct nl2sql_column_statistics **,
        (unsigned)l->catalog->relation_count);
    l->bytes = 0;
}

static void on_reset(void *arg)
{
    struct loading *l = arg;
    talloc_free(l->statistics);
    start(l);
}

bool nl2sql_statistics_load(const void *ctx, struct pg_pool *pool, const struct catalog *catalog,
    int64_t deadline, struct nl2sql_statistics **ret, struct error **ret_err)
{
    struct loading l = {.ctx = ctx, .catalog = catalog};
    start(&l);
    const struct pg_statement statements[] = {{.sql = plain_plans_sql, .tidy = true},
        {.sql = statistics_sql, .tidy = true}};
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = &l};
    struct error *error = NULL;
    if (pg_read(ctx, pool, statements, 2, &rows, deadline, &error)) {
        *ret = l.statistics;
        return true;
    }
    talloc_free(l.statistics);
    if (error->class != ERROR_STATEMENT)
        return error_raise(ret_err, error);
    talloc_free(error); /* the view is closed to this role: do without */
    *ret = NULL;
    return true;
}

const struct nl2sql_column_statistics *nl2sql_statistics_of(
    const struct nl2sql_statistics *statistics, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    if (!statistics)
        return NULL;
    struct nl2sql_column_statistics **columns =
        statistics->columns[relation - statistics->catalog->relations];
    return columns ? columns[column - relation->columns] : NULL;
}
