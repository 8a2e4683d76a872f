/*
 * pg_read(): one pipeline, one round trip, and what to do when it breaks.
 *
 *   BEGIN … READ ONLY · [settings] · statement … · Sync · ROLLBACK · unlock · Sync
 *
 * An error in a statement makes the server skip to the first Sync; what is behind it runs in any
 * case, so that the connection comes back at rest in the same round trip. Advisory locks are the
 * one thing that a ROLLBACK leaves.
 */
#include "pg/internal.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    TIMER_GRACE_MS = 250, /* the server's own timeout speaks first, in its own words */
    REST_MS = 2000,       /* for the ROLLBACK after the last row */
    BACKOFF_MS = 50,
    BACKOFF_MAX_MS = 500,
    RECENT_MS = 10000, /* a server that worked so recently is worth waiting for */
    CONFLICT_RETRIES = 3,
    SWOLLEN_BYTES = 1 << 20,
    RERUNS = 1, /* of a statement that was running when its backend died: it may be why, or
                   somebody may have wanted it to end */
};

struct reading {
    const void *ctx;
    struct pg_pool *pool;
    struct pg_conn *conn;
    const struct pg_statement *statements;
    size_t count;
    const struct pg_rows *rows;
    int64_t deadline; /* of the statements on this connection */
    int syncs;        /* sync points still to come */
    bool lost;        /* the connection, or the server is going away: try again */
    bool unusable;    /* the connection is to be closed */
    bool running;     /* BEGIN succeeded on this connection */
    int lost_running; /* how often that connection was lost */
};

static bool send_one(PGconn *pq, const char *sql)
{
    return PQsendQueryParams(pq, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static bool send_all(struct reading *r)
{
    PGconn *pq = r->conn->pq;
    bool ok = send_one(pq, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (r->pool->options.transaction_pooler)
        ok = ok && pg_conn_send_settings(r->conn);
    for (size_t i = 0; ok && i < r->count; i++) {
        const struct pg_statement *s = &r->statements[i];
        ok = PQsendQueryParams(pq, s->sql, s->param_count, NULL, s->params, NULL, NULL, 0) == 1;
    }
    ok = ok && PQpipelineSync(pq) && send_one(pq, "ROLLBACK") &&
         send_one(pq, "SELECT pg_catalog.pg_advisory_unlock_all()") && PQpipelineSync(pq);
    r->syncs = 2;
    return ok;
}

/* The error of a wait that did not end well; the statement is being given up. */
static struct error *wait_error(struct reading *r, int rc)
{
    r->unusable = rc != -ECANCELED && rc != -ETIMEDOUT;
    if (rc == -ECANCELED)
        return error_create(r->ctx, ERROR_CANCELED, "canceled");
    if (rc == -EMSGSIZE)
        return error_hint(error_create(r->ctx, ERROR_LIMIT, "a row is larger than 64 MiB"),
            "select less of its values, with substring() or left(), or their length()");
    if (rc == -EPROTO)
        return error_hint(error_create(r->ctx, ERROR_UNAVAILABLE,
                              "PostgreSQL at %s answered out of order", r->pool->target),
            "what stands between here and the server may not speak its whole protocol");
    if (rc == -ETIMEDOUT) {
        struct error *error =
            error_create(r->ctx, ERROR_TIMEOUT, "canceling statement due to statement timeout");
        error_detail(error, "it ran for %" PRId64 " ms", r->pool->options.statement_timeout_ms);
        error_hint(error, PG_TIMEOUT_HINT);
        memcpy(error->sqlstate, "57014", 6);
        return error;
    }
    r->lost = true;
    struct error *error =
        error_hint(error_create(r->ctx, ERROR_UNAVAILABLE,
                       "the connection to PostgreSQL at %s was lost", r->pool->target),
            "try again; if it happens again, look at the server's log");
    memcpy(error->sqlstate, "08006", 6);
    return error;
}

static bool next_result(struct reading *r, PGresult **ret, struct error **ret_err)
{
    int rc = pg_conn_result(r->conn, r->deadline, ret);
    return rc == 0 || error_raise(ret_err, wait_error(r, rc));
}

enum outcome { DONE, ENOUGH, FAILED, BROKEN };

/* A read has rows or is a command of ours; COPY and whatever else is no answer to it. */
static bool is_expected(const PGresult *result, bool rows)
{
    switch ((int)PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
        return !rows || PQntuples(result) == 0; /* in single-row mode, the end */
    case PGRES_SINGLE_TUPLE:
        return rows;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_ABORTED:
        return true;
    default:
        return false;
    }
}

/* Hands one result on. FAILED: the server reports an error and the pipeline goes on to the sync. */
static enum outcome take(struct reading *r, size_t statement, bool rows, PGresult *result,
    bool *described, struct error **ret_err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE) {
        if (status != PGRES_FATAL_ERROR || *ret_err)
            return DONE; /* a command without rows, or skipped after an error */
        *ret_err = pg_error_from_result(r->ctx, result);
        r->lost = r->unusable = pg_error_is_passing(*ret_err);
        return FAILED;
    }
    if (!rows)
        return DONE;
    if (PQresultMemorySize(result) > SWOLLEN_BYTES)
        r->conn->swollen = true;
    if (!*described && r->rows->columns)
        r->rows->columns(r->rows->arg, statement, result);
    *described = true;
    if (status == PGRES_SINGLE_TUPLE && !r->rows->row(r->rows->arg, statement, result))
        return ENOUGH;
    return DONE;
}

/* All results of one statement of ours, or of one of the frame around them (`rows` false). */
static enum outcome take_statement(struct reading *r, size_t statement, bool rows,
    struct error **ret_err)
{
    bool described = false;
    enum outcome outcome = DONE;
    if (rows && !PQsetSingleRowMode(r->conn->pq)) {
        *ret_err = wait_error(r, -EPROTO);
        return BROKEN;
    }
    for (;;) {
        PGresult *result;
        struct error *broken = NULL;
        if (!next_result(r, &result, &broken)) {
            if (outcome != FAILED)
                *ret_err = broken; /* else the server's own last words are better */
            return BROKEN;
        }
        if (!result)
            return outcome;
        if (!is_expected(result, rows)) {
            PQclear(result);
            *ret_err = wait_error(r, -EPROTO);
            return BROKEN;
        }
        enum outcome one = take(r, statement, rows, result, &described, ret_err);
        PQclear(result);
        if (one == ENOUGH)
            return ENOUGH;
        if (one == FAILED && r->unusable)
            return BROKEN; /* a farewell: nothing will follow */
        if (one == FAILED)
            outcome = FAILED;
    }
}

static enum outcome take_sync(struct reading *r, struct error **ret_err)
{
    PGresult *result;
    if (!next_result(r, &result, ret_err))
        return BROKEN;
    bool sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (!sync) {
        *ret_err = wait_error(r, -EPROTO);
        return BROKEN;
    }
    r->syncs--;
    return DONE;
}

/* Everything that the pipeline answers, in its order. */
static enum outcome take_all(struct reading *r, struct error **ret_err)
{
    size_t before = r->pool->options.transaction_pooler ? 2 : 1;
    enum outcome worst = DONE;
    for (size_t i = 0; i < before + r->count; i++) {
        bool ours = i >= before;
        enum outcome one = take_statement(r, ours ? i - before : 0, ours, ret_err);
        if (one == ENOUGH || one == BROKEN)
            return one;
        if (one == FAILED)
            worst = FAILED;
        else if (i == 0)
            r->running = true;
    }
    if (take_sync(r, ret_err) == BROKEN)
        return BROKEN;
    r->deadline = rt_deadline(REST_MS);
    struct error *ignored = NULL; /* the answer is whole, whatever becomes of the connection */
    if (take_statement(r, 0, false, &ignored) != BROKEN &&
        take_statement(r, 0, false, &ignored) != BROKEN)
        take_sync(r, &ignored);
    return worst;
}

/* One try on one connection. */
static bool attempt(struct reading *r, int64_t deadline, struct error **ret_err)
{
    const struct pg_options *options = &r->pool->options;
    r->lost = r->running = r->unusable = false;
    if (!pg_pool_acquire(r->ctx, r->pool, deadline, &r->conn, ret_err)) {
        bool recent = r->pool->last_good > 0 && rt_now() - r->pool->last_good < RECENT_MS;
        r->lost = (*ret_err)->class == ERROR_UNAVAILABLE && (*ret_err)->retryable &&
                  (recent || pg_error_is_passing(*ret_err));
        return false;
    }
    r->deadline = rt_deadline(options->statement_timeout_ms + TIMER_GRACE_MS);
    if (deadline < r->deadline)
        r->deadline = deadline;
    if (!send_all(r)) {
        *ret_err = wait_error(r, -ECONNRESET);
        pg_pool_discard(r->conn);
        return false;
    }
    enum outcome outcome = take_all(r, ret_err);
    r->lost_running += r->lost && r->running;
    if (r->syncs == 0)
        pg_pool_release(r->conn);
    else if (r->unusable || PQstatus(r->conn->pq) != CONNECTION_OK)
        pg_pool_discard(r->conn);
    else
        pg_pool_abandon(r->conn, r->syncs);
    return outcome == DONE || outcome == ENOUGH;
}

static bool is_conflict(const struct error *error)
{
    return strcmp(error->sqlstate, "40001") == 0 || strcmp(error->sqlstate, "40P01") == 0;
}

bool pg_read(const void *ctx, struct pg_pool *pool, const struct pg_statement *statements,
    size_t count, const struct pg_rows *rows, int64_t deadline, struct error **ret_err)
{
    struct reading r = {.ctx = ctx,
        .pool = pool,
        .statements = statements,
        .count = count,
        .rows = rows};
    int64_t give_up = 0; /* set by the first loss */
    int64_t backoff_ms = BACKOFF_MS;
    for (int conflicts = 0;;) {
        struct error *error = NULL;
        if (attempt(&r, deadline, &error))
            return true;
        *ret_err = error;
        bool conflict = is_conflict(error) && ++conflicts <= CONFLICT_RETRIES;
        if ((!r.lost && !conflict) || r.lost_running > RERUNS)
            return false;
        if (give_up == 0) {
            give_up = rt_deadline(pool->options.connection_timeout_ms);
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
            return error_raise(ret_err, error_create(ctx, ERROR_CANCELED, "canceled"));
        backoff_ms = backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : backoff_ms * 2;
        if (rows->reset)
            rows->reset(rows->arg);
    }
}
