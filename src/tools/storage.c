/* Sizes and indexes; see storage.h. */
#include "tools/storage.h"

#include "pg/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- loading: $1 is an array of OIDs, the first field of a row the place in it ---- */

#define ASKED "pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS asked (oid, place)"
#define BYTES_OF_PAGES "pg_catalog.current_setting('block_size')::pg_catalog.int8"

static const char sizes_sql[] =
    "WITH RECURSIVE tree AS (SELECT asked.place, asked.oid FROM " ASKED
    " UNION ALL SELECT t.place, i.inhrelid FROM tree AS t"
    " JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid"
    " JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relispartition)"
    " SELECT t.place, (pg_catalog.sum(c.relpages::pg_catalog.int8 + COALESCE(o.relpages, 0)) *"
    " " BYTES_OF_PAGES ")::pg_catalog.int8 FROM tree AS t"
    " JOIN pg_catalog.pg_class AS c ON c.oid = t.oid"
    " LEFT JOIN pg_catalog.pg_class AS o ON o.oid = c.reltoastrelid GROUP BY t.place";

/* Of the definition only what comes after the names, which pg_get_indexdef() quotes as %I does. */
static const char indexes_sql[] =
    "SELECT asked.place, x.relname, pg_catalog.\"left\"(pg_catalog.substr("
    "pg_catalog.pg_get_indexdef(i.indexrelid), 1 + pg_catalog.length(pg_catalog.format("
    "'CREATE %sINDEX %I ON %s%I.%I USING ', CASE WHEN i.indisunique THEN 'UNIQUE ' END, x.relname,"
    " CASE WHEN x.relkind = 'I' THEN 'ONLY ' END, n.nspname, c.relname))), 1000),"
    " i.indkey::pg_catalog.text, i.indnkeyatts, i.indisunique, i.indisvalid,"
    " i.indpred IS NOT NULL, x.relpages::pg_catalog.int8 * " BYTES_OF_PAGES " FROM " ASKED
    " JOIN pg_catalog.pg_index AS i ON i.indrelid = asked.oid"
    " JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid"
    " JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
    " ORDER BY asked.place, i.indisprimary DESC, x.relname";

struct loading {
    const void *ctx;
    size_t count;
    struct tools_storage *tables;
};

static void start(void *arg)
{
    struct loading *l = arg;
    talloc_free(l->tables);
    l->tables = talloc_zero_array(l->ctx, struct tools_storage, (unsigned)l->count);
}

/* "1 3 0" */
static void take_columns(const void *ctx, struct tools_index *index, const char *numbers)
{
    int *columns = talloc_array(ctx, int, (unsigned)strlen(numbers) + 1);
    for (char *end; *numbers; numbers = end + strspn(end, " "))
        columns[index->column_count++] = (int)strtol(numbers, &end, 10);
    index->columns = columns;
}

static void take_index(const void *ctx, struct tools_storage *table, const PGresult *row)
{
    table->indexes =
        talloc_realloc(ctx, table->indexes, struct tools_index, (unsigned)table->index_count + 1);
    struct tools_index *index = &table->indexes[table->index_count++];
    *index = (struct tools_index){
        .name = talloc_strdup(ctx, pg_value_text(row, 1)),
        .definition = talloc_strdup(ctx, pg_value_text(row, 2)),
        .key_count = strtoul(pg_value_text(row, 4), NULL, 10),
        .unique = pg_value_text(row, 5)[0] == 't',
        .valid = pg_value_text(row, 6)[0] == 't',
        .partial = pg_value_text(row, 7)[0] == 't',
        .bytes = strtoll(pg_value_text(row, 8), NULL, 10),
    };
    take_columns(ctx, index, pg_value_text(row, 3));
}

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    struct loading *l = arg;
    struct tools_storage *table = &l->tables[strtoul(pg_value_text(row, 0), NULL, 10) - 1];
    if (statement == 0)
        table->bytes = strtoll(pg_value_text(row, 1), NULL, 10);
    else
        take_index(l->tables, table, row);
    return true;
}

bool tools_storage_load(const void *ctx, struct pg_pool *pool,
    const struct catalog_relation *const *relations, size_t count, int64_t deadline,
    struct tools_storage **ret, struct error **ret_err)
{
    char *oids = talloc_strdup(ctx, "{");
    for (size_t i = 0; i < count; i++)
        oids = talloc_asprintf_append_buffer(oids, "%s%u", i > 0 ? "," : "", relations[i]->oid);
    const char *param = talloc_strdup_append_buffer(oids, "}");
    const struct pg_statement statements[] = {
        {.sql = sizes_sql, .param_count = 1, .params = &param},
        {.sql = indexes_sql, .param_count = 1, .params = &param},
    };
    struct loading l = {.ctx = ctx, .count = count};
    start(&l);
    const struct pg_rows rows = {.row = on_row, .reset = start, .arg = &l};
    if (!pg_read(ctx, pool, statements, 2, &rows, deadline, ret_err))
        return false;
    *ret = l.tables;
    return true;
}

/* ---- what it means ---- */

static bool shows_number(const struct catalog_filter *filter,
    const struct catalog_relation *relation, int number)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (column->number == number)
            return catalog_shows_column(filter, relation, column);
    }
    return false;
}

bool tools_index_shown(const struct catalog_filter *filter, const struct catalog_relation *relation,
    const struct tools_index *index)
{
    if (catalog_shows_whole(filter, relation))
        return true;
    bool shown = !index->partial;
    for (size_t i = 0; shown && i < index->column_count; i++)
        shown = shows_number(filter, relation, index->columns[i]);
    return shown;
}

static bool begins_with(const struct tools_index *index, const struct catalog_key *key)
{
    size_t found = 0;
    if (!index->valid || index->partial || index->key_count < key->column_count)
        return false;
    for (size_t i = 0; i < key->column_count; i++) {
        for (size_t k = 0; k < key->column_count; k++)
            found += index->columns[i] == key->columns[k]->number;
    }
    return found == key->column_count;
}

bool tools_storage_serves(const struct tools_storage *storage, const struct catalog_key *key)
{
    for (size_t i = 0; i < storage->index_count; i++) {
        if (begins_with(&storage->indexes[i], key))
            return true;
    }
    return false;
}

/* ---- as text ---- */

/* ", 120 MB" */
static void put_bytes(struct str *out, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    if (bytes <= 0)
        return;
    for (bytes = (bytes + 1023) / 1024; bytes >= 10240 && unit < 3; unit++)
        bytes = (bytes + 512) / 1024;
    str_printf(out, ", %" PRId64 " %s", bytes, units[unit]);
}

static void put_index(struct str *out, const struct catalog *catalog,
    const struct tools_index *index)
{
    str_puts(out, "  index ");
    catalog_put_name(out, catalog, index->name);
    str_printf(out, " %s%s%s", index->unique ? "unique " : "", index->definition,
        index->valid ? "" : ", not valid");
    put_bytes(out, index->bytes);
    str_putc(out, '\n');
}

/* Nothing when there is nothing to say, as of a view. */
static void put_table(struct str *out, const struct catalog_view *view,
    const struct catalog_relation *relation, const struct tools_storage *storage)
{
    size_t len = out->len;
    str_puts(out, catalog_qualified_name(out->ctx, view->catalog, relation));
    put_bytes(out, storage->bytes);
    str_putc(out, '\n');
    bool tells = storage->bytes > 0;
    for (size_t i = 0; i < storage->index_count; i++) {
        const struct tools_index *index = &storage->indexes[i];
        if (!tools_index_shown(&view->filter, relation, index))
            continue;
        put_index(out, view->catalog, index);
        tells = true;
    }
    if (!tells && !out->full)
        str_truncate(out, len);
}

size_t tools_storage_list(struct str *out, const struct catalog_view *view,
    const struct tools_storage *storage)
{
    for (size_t i = 0; i < view->relation_count; i++) {
        size_t len = out->len;
        put_table(out, view, view->relations[i], &storage[i]);
        if (out->full) {
            str_truncate(out, len);
            return i;
        }
    }
    return view->relation_count;
}
