/*
 * The semantic layer: what an operator knows of a database that its schema does not say.
 *
 *     terms:    [{term: active customer, means: "bought within a year", tables: [sales.customers]}]
 *     metrics:  [{name: net revenue, sql: "sum(net - refund)", table: sales.orders}]
 *     joins:    [{from: sales.orders.cust_no, to: crm.customer.number}]
 *     filters:  [{table: crm.customer, where: "deleted = 0", why: "rows are never removed"}]
 *     examples: [{question: "How many …?", sql: "SELECT …"}]
 *
 * Names are written as in SQL or exactly as they are, tables with their schema. Plain data in one
 * talloc object; nothing here yields. That a name exists is checked against a catalog, later.
 */
#ifndef PGPARLEY_NL2SQL_SEMANTICS_H
#define PGPARLEY_NL2SQL_SEMANTICS_H

#include "base/error.h"

#include <stddef.h>

struct nl2sql_list {
    const char **items;
    size_t count;
};

struct nl2sql_term {
    const char *term, *means;
    struct nl2sql_list tables, columns;
    size_t line; /* of the file, as below */
};

struct nl2sql_metric {
    const char *name, *sql, *table;
    size_t line;
};

struct nl2sql_join {
    const char *from, *to; /* columns */
    size_t line;
};

struct nl2sql_default_filter {
    const char *table, *where, *why; /* `why` may be NULL */
    size_t line;
};

struct nl2sql_example {
    const char *question, *sql;
    size_t line;
};

struct nl2sql_semantics {
    const char *file; /* for messages */
    struct nl2sql_term *terms;
    size_t term_count;
    struct nl2sql_metric *metrics;
    size_t metric_count;
    struct nl2sql_join *joins;
    size_t join_count;
    struct nl2sql_default_filter *filters;
    size_t filter_count;
    struct nl2sql_example *examples;
    size_t example_count;
};

/* Reads a file of at most 1 MiB. Errors begin with FILE:LINE. */
must_use bool nl2sql_semantics_load(const void *ctx, const char *path,
    struct nl2sql_semantics **ret, struct error **ret_err);
/* The same of bytes that are at hand. */
must_use bool nl2sql_semantics_parse(const void *ctx, const char *file, const char *bytes,
    size_t len, struct nl2sql_semantics **ret, struct error **ret_err);

#endif
