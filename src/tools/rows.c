/* Query results as an answer; see rows.h. */
#include "tools/rows.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "pg/value.h"

#include <string.h>
#include <talloc.h>

enum { CELL_MIN_BYTES = 64 };

struct rows {
    struct rows_limits limits;
    size_t column_count;
    char **names;
    struct pg_type *types;
    size_t cell_bytes; /* so small that one row fits the budget */
    struct str text, json;
    struct json_writer writer;
    bool structured;
    size_t count;
    size_t cut_cells;
    const char *truncated_by; /* NULL: these are all rows */
};

static void start(struct rows *r)
{
    str_reset(&r->text);
    str_reset(&r->json);
    jw_init(&r->writer, &r->json);
    r->count = 0;
    r->cut_cells = 0;
    r->truncated_by = NULL;
}

struct rows *rows_create(const void *ctx, const struct rows_limits *limits, bool structured)
{
    struct rows *r = talloc_zero(ctx, struct rows);
    r->limits = *limits;
    r->structured = structured;
    /* Room for a row more than the budget: it is written first and measured then. */
    str_init(&r->text, r, limits->max_bytes * 2 + (1 << 20));
    str_init(&r->json, r, limits->max_bytes * 2 + (1 << 20));
    start(r);
    return r;
}

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct rows *r = arg;
    r->column_count = (size_t)PQnfields(result);
    r->names = talloc_realloc(r, r->names, char *, (unsigned)r->column_count);
    r->types = talloc_realloc(r, r->types, struct pg_type, (unsigned)r->column_count);
    for (size_t i = 0; i < r->column_count; i++) {
        r->names[i] = talloc_strdup(r, PQfname(result, (int)i));
        r->types[i] = (struct pg_type){PQftype(result, (int)i), PQfmod(result, (int)i)};
        if (i > 0)
            str_putc(&r->text, '\t');
        str_puts(&r->text, r->names[i]);
    }
    str_putc(&r->text, '\n');
    size_t share = r->limits.max_bytes / 2 / (r->column_count ? r->column_count : 1);
    if (share < CELL_MIN_BYTES)
        share = CELL_MIN_BYTES;
    r->cell_bytes = share < r->limits.max_cell_bytes ? share : r->limits.max_cell_bytes;
}

/* One line per row: line breaks and tabs are escaped, NULL is not '', '' is not nothing. */
static void write_text_cell(struct str *out, const char *text, size_t len, size_t max)
{
    if (!text || len == 0) {
        str_puts(out, text ? "\"\"" : "NULL");
        return;
    }
    if (strcmp(text, "NULL") == 0) {
        str_puts(out, "\"NULL\"");
        return;
    }
    size_t keep = text_utf8_cut(text, len, max);
    for (size_t i = 0, done = 0;; i++) {
        const char *escape = i == keep         ? ""
                             : text[i] == '\n' ? "\\n"
                             : text[i] == '\r' ? "\\r"
                             : text[i] == '\t' ? "\\t"
                             : text[i] == '\\' ? "\\\\"
                                               : NULL;
        if (!escape)
            continue;
        str_append(out, text + done, i - done);
        str_puts(out, escape);
        done = i + 1;
        if (i == keep)
            break;
    }
    if (keep < len)
        str_printf(out, "…(+%zu bytes)", len - keep);
}

static void write_row(struct rows *r, const PGresult *result)
{
    if (r->structured)
        jw_begin_array(&r->writer);
    for (size_t i = 0; i < r->column_count; i++) {
        const char *value = PQgetisnull(result, 0, (int)i) ? NULL : PQgetvalue(result, 0, (int)i);
        size_t len = value ? (size_t)PQgetlength(result, 0, (int)i) : 0;
        if (i > 0)
            str_putc(&r->text, '\t');
        write_text_cell(&r->text, value, len, r->cell_bytes);
        r->cut_cells += len > r->cell_bytes;
        if (r->structured)
            pg_value_write(&r->writer, r->types[i].oid, value, len, r->cell_bytes);
    }
    if (r->structured)
        jw_end_array(&r->writer);
    str_putc(&r->text, '\n');
}

static bool on_row(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct rows *r = arg;
    if (r->truncated_by)
        return true;
    if (r->count == r->limits.max_rows) {
        r->truncated_by = "rows";
        return false;
    }
    size_t text_before = r->text.len, json_before = r->json.len, cut_before = r->cut_cells;
    write_row(r, result);
    bool fits = !r->text.full && !r->json.full && r->text.len <= r->limits.max_bytes &&
                r->json.len <= r->limits.max_bytes;
    if (fits) {
        r->count++;
        return true;
    }
    str_truncate(&r->text, text_before);
    str_truncate(&r->json, json_before);
    r->cut_cells = cut_before;
    r->truncated_by = "bytes";
    return false;
}

static void on_reset(void *arg)
{
    start(arg);
}

struct pg_rows rows_sink(struct rows *rows)
{
    return (struct pg_rows){.columns = on_columns, .row = on_row, .reset = on_reset, .arg = rows};
}

/* ---- the answer ---- */

static const char *advice(const struct rows *r)
{
    if (!r->truncated_by)
        return NULL;
    return strcmp(r->truncated_by, "rows") == 0
               ? "there are more rows: aggregate or filter in SQL, or page with ORDER BY and "
                 "LIMIT/OFFSET"
               : "the size limit was reached: select fewer or shorter columns, aggregate, or page "
                 "with ORDER BY and LIMIT/OFFSET";
}

const char *rows_table(const struct rows *r)
{
    return str_get(&r->text);
}

size_t rows_count(const struct rows *r)
{
    return r->count;
}

void rows_put_remarks(const struct rows *r, struct str *out)
{
    str_printf(out, "(%zu row%s%s)", r->count, r->count == 1 ? "" : "s",
        r->truncated_by ? ", truncated" : "");
    if (r->cut_cells > 0)
        str_printf(out, "\nNOTE: %zu long value%s cut; use substring() to read on", r->cut_cells,
            r->cut_cells == 1 ? " was" : "s were");
    if (r->truncated_by)
        str_printf(out, "\nNOTE: %s", advice(r));
}

static void write_members(const struct rows *r, const char *const *types, double elapsed_ms,
    struct json_writer *w)
{
    jw_key(w, "columns");
    jw_begin_array(w);
    for (size_t i = 0; i < r->column_count; i++) {
        jw_begin_object(w);
        jw_member_string(w, "name", r->names[i]);
        jw_member_string(w, "type", types[i]);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_key(w, "rows");
    jw_begin_array(w);
    str_append(w->out, str_get(&r->json), r->json.len);
    jw_end_array(w);
    jw_member_int(w, "row_count", (int64_t)r->count);
    jw_member_bool(w, "truncated", r->truncated_by != NULL);
    jw_member_string(w, "truncated_by", r->truncated_by);
    if (r->cut_cells > 0)
        jw_member_int(w, "cut_cells", (int64_t)r->cut_cells);
    jw_member_string(w, "hint", advice(r));
    jw_key(w, "execution_time_ms");
    jw_double(w, elapsed_ms);
}

bool rows_put_members(struct rows *rows, struct pg_pool *pool, double elapsed_ms, int64_t deadline,
    struct json_writer *w, struct error **ret_err)
{
    const char **types = talloc_zero_array(rows, const char *, (unsigned)rows->column_count);
    if (!pg_type_names(rows, pool, rows->types, rows->column_count, types, deadline, ret_err))
        return false;
    write_members(rows, types, elapsed_ms, w);
    return true;
}

void rows_put_text(const struct rows *rows, struct str *out)
{
    str_append(out, str_get(&rows->text), rows->text.len);
    rows_put_remarks(rows, out);
}
