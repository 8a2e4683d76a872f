/* Reads: when one fails because of the connection, it is tried again. */
#include "pg/internal.h"

#include "base/log.h"

#include <string.h>
#include <uv.h>

enum {
    BACKOFF_MS = 50,
    BACKOFF_MAX_MS = 500,
    CONFLICT_RETRIES = 3,
    RERUNS = 1, /* of a statement that was running when its backend died: it may be why, or
                   somebody may have wanted it to end */
};

/* With other transactions, or with a prepared statement that somebody left in a pooler's session:
 * the try has removed it. */
static bool is_conflict(const struct error *error)
{
    return strcmp(error->sqlstate, "40001") == 0 || strcmp(error->sqlstate, "40P01") == 0 ||
           strcmp(error->sqlstate, "42P05") == 0;
}

/* A statement that was kept prepared has other columns now, or somebody has deallocated it. */
static bool is_outdated(const struct pg_reading *r, const struct error *error)
{
    return r->keep && !r->parsed &&
           (strcmp(error->sqlstate, "0A000") == 0 || strcmp(error->sqlstate, "26000") == 0);
}

bool pg_reading_run(struct pg_reading *r, int64_t deadline, struct error **ret_err)
{
    int64_t give_up = 0; /* set by the first loss */
    int64_t backoff_ms = BACKOFF_MS;
    int lost_running = 0;
    for (int conflicts = 0;;) {
        struct error *error = NULL;
        if (pg_reading_try(r, deadline, &error))
            return true;
        *ret_err = error;
        bool conflict =
            (is_conflict(error) || is_outdated(r, error)) && ++conflicts <= CONFLICT_RETRIES;
        lost_running += r->lost && r->running;
        if ((!r->lost && !conflict) || lost_running > RERUNS)
            return false;
        if (give_up == 0) {
            give_up = rt_deadline(r->pool->options.connection_timeout_ms);
            if (deadline < give_up)
                give_up = deadline;
        }
        log_debug("trying again: %s", error->message);
        /* The clock's last digits differ between processes that lost the same server. */
        int64_t jitter_ms = (int64_t)(uv_hrtime() / 1000 % (uint64_t)backoff_ms);
        int64_t pause_ms = backoff_ms / 2 + jitter_ms;
        if (rt_now() + pause_ms >= give_up)
            return false;
        int rc = rt_sleep(pause_ms);
        if (rc != 0)
            return error_raise(ret_err, error_create(r->ctx, ERROR_CANCELED, "canceled"));
        backoff_ms = backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : backoff_ms * 2;
        if (r->rows->reset)
            r->rows->reset(r->rows->arg);
    }
}

bool pg_read(const void *ctx, struct pg_pool *pool, const struct pg_statement *statements,
    size_t count, const struct pg_rows *rows, int64_t deadline, struct error **ret_err)
{
    struct pg_reading r = {.ctx = ctx,
        .pool = pool,
        .statements = statements,
        .count = count,
        .rows = rows};
    return pg_orphans_allow(ctx, pool, ret_err) && pg_reading_run(&r, deadline, ret_err);
}

bool pg_read_inspected(const void *ctx, struct pg_pool *pool, const struct pg_statement *statement,
    const struct pg_inspection *inspection, const struct pg_rows *rows, int64_t deadline,
    struct error **ret_err)
{
    struct pg_reading r = {.ctx = ctx,
        .pool = pool,
        .statements = statement,
        .count = 1,
        .rows = rows,
        .inspection = inspection};
    enum pg_log log;
    return pg_orphans_allow(ctx, pool, ret_err) && pg_log_get(ctx, pool, deadline, &log, ret_err) &&
           pg_reading_run(&r, deadline, ret_err);
}
