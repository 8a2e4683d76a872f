/*
 * No guard: every text runs as it is, in the read-only, rolled back transaction.
 *
 * Stands in for guard.c in a program that only tests build, to show what PostgreSQL and the role
 * stop by themselves, and that no call changes what the next one sees. Never installed.
 */
#include "guard/guard.h"

#include <talloc.h>

struct guard {
    const struct guard_policy *policy;
    struct pg_pool *pool;
};

struct guard *guard_create(const void *ctx, const struct guard_policy *policy, struct pg_pool *pool,
    struct catalog_cache *cache)
{
    (void)cache;
    struct guard *guard = talloc(ctx, struct guard);
    *guard = (struct guard){policy, pool};
    return guard;
}

const struct guard_policy *guard_policy_get(const struct guard *guard)
{
    return guard->policy;
}

/* The role is what is looked at here, whatever it may do. */
void guard_gate_set(struct guard *guard, const struct guard_gate *gate)
{
    (void)guard, (void)gate;
}

bool guard_gate_pass(const void *ctx, const struct guard *guard, int64_t deadline,
    struct error **ret_err)
{
    (void)ctx, (void)guard, (void)deadline, (void)ret_err;
    return true;
}

bool guard_mode_get(const void *ctx, struct guard *guard, int64_t deadline, struct guard_mode *ret,
    struct error **ret_err)
{
    (void)ctx, (void)guard, (void)deadline, (void)ret_err;
    *ret = (struct guard_mode){false, "this program has no guard"};
    return true;
}

bool guard_examine(const void *ctx, size_t max_query_bytes, const char *sql, size_t len,
    struct error **ret_err)
{
    (void)ctx, (void)max_query_bytes, (void)sql, (void)len, (void)ret_err;
    return true;
}

bool guard_read(const void *ctx, struct guard *guard, const struct guard_query *query,
    const struct pg_rows *rows, int64_t deadline, struct error **ret_err)
{
    const struct pg_statement statement = {.sql = talloc_strndup(ctx, query->sql, query->len)};
    return pg_read(ctx, guard->pool, &statement, 1, rows, deadline, ret_err);
}
