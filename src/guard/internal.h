/* The guard's layers, each its own file; called in this order by guard.c, on the main stack. */
#ifndef PGPARLEY_GUARD_INTERNAL_H
#define PGPARLEY_GUARD_INTERNAL_H

#include "guard/guard.h"

#include <jansson.h>

/* text.c: size, UTF-8, NUL, and what PostgreSQL's lexer cannot be given. */
must_use bool guard_text(const void *ctx, const struct guard_policy *policy, const char *sql,
    size_t len, struct error **ret_err);

/* parse.c: the parse tree as libpg_query's JSON, owned by the caller (json_decref). */
must_use bool guard_parse(const void *ctx, const char *sql, json_t **ret, struct error **ret_err);

/* structure.c: exactly one statement, a pure query at every level. */
struct guard_statement {
    const json_t *query; /* the SelectStmt */
    size_t start, len;   /* the bytes that were parsed */
    bool explain;
};
must_use bool guard_structure(const void *ctx, const json_t *tree, const char *sql,
    struct guard_statement *ret, struct error **ret_err);

/* names.c: the names in the query against the operator's lists. */
must_use bool guard_names(const void *ctx, const struct guard_policy *policy, const json_t *query,
    const char *sql, struct error **ret_err);

/* Calls `visit` for every member of every object below `tree`, parents first, until it returns
 * false; then returns false, too. */
bool guard_walk(const json_t *tree, bool (*visit)(const char *key, const json_t *value, void *arg),
    void *arg);

/* 1-based character for a byte offset; 0 for a negative one (unknown). */
int guard_position(const char *sql, json_int_t byte_offset);

#endif
