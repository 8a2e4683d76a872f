/*
 * Statements that went on in the server although they were cancelled.
 *
 * libxml2, the planner on hundreds of CTEs and a few others do not look whether they should stop.
 * Their connections are closed and forgotten by the pool; here the backends are remembered, so
 * that callers who send one after the other do not fill the server with them. A fiber looks which
 * of them still live: the youngest one's age after it was given up, but 1 s at least and 10 s at
 * most, since the last time.
 */
#include "pg/internal.h"

#include "pg/value.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <talloc.h>
#include <utlist.h>

enum {
    PAUSE_MIN_MS = 1000,
    PAUSE_MAX_MS = 10000,
};

struct pg_orphan {
    int pid;
    int64_t since;
    bool asked, alive;
    struct pg_orphan *prev, *next; /* in pool->orphans, the oldest first */
};

static char *pids(const void *ctx, const struct pg_pool *pool)
{
    char *text = talloc_strdup(ctx, "");
    const struct pg_orphan *orphan;
    DL_FOREACH(pool->orphans, orphan)
        text = talloc_asprintf_append(text, "%s%d", *text ? ", " : "", orphan->pid);
    return text;
}

bool pg_orphans_allow(const void *ctx, const struct pg_pool *pool, struct error **ret_err)
{
    if (pool->orphan_count == 0 || pool->orphan_count < (size_t)pool->options.max_orphans)
        return true;
    struct error *error = error_create(ctx, ERROR_LIMIT,
        "%zu statements that ignored their cancellation still run in PostgreSQL",
        pool->orphan_count);
    error_hint(error,
        "try again when they have ended; a DBA can try pg_terminate_backend() on the processes %s; "
        "database.max_orphans sets the limit",
        pids(error, pool));
    error->retryable = true;
    return error_raise(ret_err, error);
}

/* ---- which of them still live ---- */

static bool mark_alive(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct pg_pool *pool = arg;
    int pid = (int)strtol(pg_value_text(result, 0), NULL, 10);
    struct pg_orphan *orphan;
    DL_FOREACH(pool->orphans, orphan)
        orphan->alive |= orphan->pid == pid;
    return true;
}

/* Dead as well: all of a server that cannot be reached, or does not let us look. */
static void bury(struct pg_pool *pool)
{
    struct pg_orphan *orphan, *next;
    DL_FOREACH_SAFE(pool->orphans, orphan, next) {
        if (!orphan->asked || orphan->alive)
            continue;
        DL_DELETE(pool->orphans, orphan);
        talloc_free(orphan);
        pool->orphan_count--;
    }
}

static void look(struct pg_pool *pool)
{
    void *ctx = talloc_new(NULL);
    char *processes = talloc_strdup(ctx, "{"), *ages = talloc_strdup(ctx, "{");
    struct pg_orphan *orphan;
    DL_FOREACH(pool->orphans, orphan) {
        const char *comma = orphan->prev->next ? "," : "";
        processes = talloc_asprintf_append(processes, "%s%d", comma, orphan->pid);
        ages = talloc_asprintf_append(ages, "%s%" PRId64, comma, rt_now() - orphan->since);
        orphan->asked = true;
        orphan->alive = false;
    }
    /* A process that is younger than the orphan's end only has its number. */
    const char *params[] = {talloc_strdup_append(processes, "}"), talloc_strdup_append(ages, "}")};
    const struct pg_statement statement = {
        .sql = "SELECT o.pid FROM unnest($1::int4[], $2::int8[]) AS o(pid, age)"
               " JOIN pg_catalog.pg_stat_activity AS a ON a.pid = o.pid"
               " WHERE a.backend_start < clock_timestamp() - o.age * interval '1 ms'",
        .param_count = 2,
        .params = params};
    const struct pg_rows rows = {.row = mark_alive, .arg = pool};
    struct pg_reading r = {.ctx = ctx,
        .pool = pool,
        .statements = &statement,
        .count = 1,
        .rows = &rows};
    struct error *error = NULL;
    if (pg_reading_run(&r, rt_deadline(PAUSE_MAX_MS), &error) ||
        error->class == ERROR_UNAVAILABLE || error->class == ERROR_STATEMENT)
        bury(pool);
    talloc_free(ctx);
}

/* Until it is time to look; what is orphaned meanwhile makes it sooner. */
static int rest(struct pg_pool *pool)
{
    int rc;
    do {
        int64_t ms = rt_now() - pool->orphans->prev->since;
        ms = ms < PAUSE_MIN_MS ? PAUSE_MIN_MS : ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms;
        rc = rt_event_wait(&pool->orphaned, rt_deadline(ms));
    } while (rc == 0);
    return rc;
}

static void watch(void *arg)
{
    struct pg_pool *pool = arg;
    while (pool->orphans && rest(pool) == -ETIMEDOUT)
        look(pool);
    pool->watcher = NULL;
    rt_event_broadcast(&pool->drained);
}

void pg_orphans_add(struct pg_pool *pool, int pid)
{
    if (pool->closing)
        return;
    struct pg_orphan *orphan = talloc_zero(pool, struct pg_orphan);
    orphan->pid = pid;
    orphan->since = rt_now();
    DL_APPEND(pool->orphans, orphan);
    pool->orphan_count++;
    log_warning("a statement ignores its cancellation: process %d of PostgreSQL at %s", pid,
        pool->target);
    if (!pool->watcher)
        pool->watcher = rt_fiber_start(watch, pool);
    else
        rt_event_broadcast(&pool->orphaned);
}
