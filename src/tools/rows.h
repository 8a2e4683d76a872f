/*
 * The encoder of query results: rows as they arrive, into the answer's two forms, within budgets.
 *
 * Structured: members "columns":[{"name","type"}],"rows":[[…]],"row_count","truncated",… of an
 * object. Text: a tab-separated table for the model. A row that would pass the byte budget is left
 * out whole; every budget that bit is reported, with the way to go on.
 */
#ifndef PGPARLEY_TOOLS_ROWS_H
#define PGPARLEY_TOOLS_ROWS_H

#include "base/json_writer.h"
#include "pg/pg.h"

struct rows_limits {
    size_t max_rows;
    size_t max_bytes; /* of each form */
    size_t max_cell_bytes;
};

/* A talloc object. Without `structured` only the text is made. */
struct rows;
struct rows *rows_create(const void *ctx, const struct rows_limits *limits, bool structured);

/* The callbacks for pg_read(). */
struct pg_rows rows_sink(struct rows *rows);

/* The table: a line of names, a line for each row, tabs between the cells. */
const char *rows_table(const struct rows *rows);
size_t rows_count(const struct rows *rows);

/* The table, and how many rows it has. */
void rows_put_text(const struct rows *rows, struct str *out);
/* The latter alone, and what was cut. */
void rows_put_remarks(const struct rows *rows, struct str *out);

/* Asks for the names of types not known yet. */
must_use bool rows_put_members(struct rows *rows, struct pg_pool *pool, double elapsed_ms,
    int64_t deadline, struct json_writer *w, struct error **ret_err) may_yield;

#endif
