/*
 * The guard: SQL text in, rows of what is allowed out. What it refuses never runs.
 *
 * Layers, each of which must hold alone for what it covers: the text (text.c), the parser in its
 * cage (parse.c), the structure of the tree (structure.c), the relations that it names (names.c),
 * everything that it uses: as PostgreSQL itself resolves it (uses, judged by policy.c), or by name
 * where that cannot be had (local.c); the columns of the result (guard.c). The read-only, always
 * rolled back transaction of pg/ stands behind them.
 */
#ifndef PGPARLEY_GUARD_GUARD_H
#define PGPARLEY_GUARD_GUARD_H

#include "catalog/cache.h"
#include "guard/policy.h"

/* The guard of one database. */
struct guard;

/* Borrows all three; nothing is connected. */
struct guard *guard_create(const void *ctx, const struct guard_policy *policy, struct pg_pool *pool,
    struct catalog_cache *cache);

struct guard_query {
    const char *sql;
    size_t len;
    size_t max_rows; /* the statement may give one more, so that the caller sees that it was cut */
    bool unshown;    /* the rows do not reach the client: a plan may have columns it must not see */
};

/*
 * Runs one read-only query if the policy allows it, as pg_read() does. A refusal says which rule,
 * where, and what to do instead; for the operator, the log names the objects and the key that
 * would allow it. Positions in errors count in the caller's text.
 */
must_use bool guard_read(const void *ctx, struct guard *guard, const struct guard_query *query,
    const struct pg_rows *rows, int64_t deadline, struct error **ret_err) may_yield;

/* Asked before anything that a client wants is read; false, with *ret_err, refuses it. */
struct guard_gate {
    bool (*pass)(void *arg, const void *ctx, int64_t deadline, struct error **ret_err);
    void *arg;
};
/* guard_read() asks it when the query as such may run; who reads by other means asks it himself.
 * Without a gate everything passes. */
void guard_gate_set(struct guard *guard, const struct guard_gate *gate);
must_use bool guard_gate_pass(const void *ctx, const struct guard *guard, int64_t deadline,
    struct error **ret_err) may_yield;

/* How names are resolved: by the server or locally, and why. */
struct guard_mode {
    bool exact;         /* by the server */
    const char *reason; /* a sentence for the operator */
};
must_use bool guard_mode_get(const void *ctx, struct guard *guard, int64_t deadline,
    struct guard_mode *ret, struct error **ret_err) may_yield;

const struct guard_policy *guard_policy_get(const struct guard *guard);

/* The layers that need no database: text, grammar, structure. */
must_use bool guard_examine(const void *ctx, size_t max_query_bytes, const char *sql, size_t len,
    struct error **ret_err);

#endif
