/*
 * The encoder of query results: rows as they arrive, into the answer's two forms, within budgets.
 *
 * Structured: {"success":true,"columns":[{"name","type"}],"rows":[[…]],"row_count","truncated",…}.
 * Text: a tab-separated table for the model. A row that would pass the byte budget is left out
 * whole; every budget that bit is reported, with the way to go on.
 */
#ifndef PGPARLEY_TOOLS_ROWS_H
#define PGPARLEY_TOOLS_ROWS_H

#include "mcp/call.h"
#include "pg/pg.h"

struct rows_limits {
    size_t max_rows;
    size_t max_bytes; /* of each form */
    size_t max_cell_bytes;
};

/* A talloc object under the call. */
struct rows;
struct rows *rows_create(struct mcp_call *call, const struct rows_limits *limits);

/* The callbacks for pg_read(). */
struct pg_rows rows_sink(struct rows *rows);

/* Writes the answer into the call; asks for the names of types not known yet. */
must_use bool rows_finish(struct rows *rows, struct pg_pool *pool, double elapsed_ms,
    struct error **ret_err) may_yield;

#endif
