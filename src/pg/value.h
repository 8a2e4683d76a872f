/*
 * PostgreSQL's text form of a value as JSON, without losing its meaning.
 *
 * boolean, integers up to 2^53, finite floats → JSON; objects and arrays of json and jsonb →
 * embedded as they are; NULL → null; everything else (numeric, larger integers, NaN, dates, arrays,
 * bytea as \x…, JSON strings and JSON null) → a string with exactly the server's text.
 */
#ifndef PGPARLEY_PG_VALUE_H
#define PGPARLEY_PG_VALUE_H

#include "base/json_writer.h"

#include <libpq-fe.h>

/* A field of the first row; "" for NULL, and for a column that the server left out. */
const char *pg_value_text(const PGresult *result, int column);

/* `text` NULL is SQL NULL. Text beyond `max` bytes is cut between characters and becomes a string
 * that ends in "…(+N bytes)"; then returns false. */
bool pg_value_write(struct json_writer *w, Oid type, const char *text, size_t len, size_t max);

#endif
