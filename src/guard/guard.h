/*
 * The guard: SQL text in, verdict out. What it refuses never reaches PostgreSQL.
 *
 * Layers, each of which must hold alone for what it covers: the text (text.c), the parser in its
 * cage (parse.c), the structure of the tree (structure.c), the names against the policy
 * (policy.c). The read-only, always rolled back transaction of pg/ stands behind them.
 */
#ifndef PGPARLEY_GUARD_GUARD_H
#define PGPARLEY_GUARD_GUARD_H

#include "base/error.h"
#include "rt/rt.h"

#include <stddef.h>

struct guard_name {
    const char *schema; /* NULL = in every schema */
    const char *name;
};

struct guard_policy {
    size_t max_query_bytes;
    const char *const *allowed_schemas; /* NULL-terminated; NULL = every schema, empty = none */
    const struct guard_name *blocked_tables;
    size_t blocked_count;
};

/* Whether the policy lets a client know of a table. The schema tools ask it, too. */
bool guard_policy_shows_schema(const struct guard_policy *policy, const char *schema);
bool guard_policy_shows(const struct guard_policy *policy, const char *schema, const char *table);

struct guard_verdict {
    const char *statement; /* exactly what was parsed, without what stands around it */
    size_t offset;         /* characters of the caller's text before it */
    bool explain;          /* an EXPLAIN: its rows cannot be wrapped in a subquery */
};

/* Allows one read-only query, or says in `*ret_err` which rule refuses it, where, and what to do
 * instead. Runs the parser on the main stack; nothing is executed. */
must_use bool guard_check(const void *ctx, const struct guard_policy *policy, const char *sql,
    size_t len, struct guard_verdict *ret, struct error **ret_err);

#endif
