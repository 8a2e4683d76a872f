/*
 * One try of a read on one connection: what is sent, and what becomes of the answers.
 *
 *   BEGIN … READ ONLY · [settings] · statement … · Sync · rest
 *
 * in one round trip; and if the statements are known to be tidy (pg.h)
 *
 *   statement … · Sync                                         after an error: DEALLOCATE ALL
 *
 * because what they run in, a transaction of their own, is by the session's defaults what BEGIN
 * makes it, and has nothing to roll back; and when the statement is inspected (see inspect.c) in
 * two:
 *
 *   BEGIN … READ ONLY · [settings] · trees on · Parse · Sync
 *   trees off · Execute · Sync · rest                          if the judge agrees, else only: rest
 *
 * where the rest is ROLLBACK · unlock · DEALLOCATE ALL · Sync: a transaction's end leaves advisory
 * locks and prepared statements. An error makes the server skip to the next Sync, so the rest runs
 * in any case, and the connection comes back as it was. All of it meets the same session behind a
 * transaction pooler, which lets go of a session only at a Sync outside of a transaction.
 */
#include "pg/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum {
    TIMER_GRACE_MS = 250, /* the server's own timeout speaks first, in its own words */
    REST_MS = 2000,       /* for the rest, after the last row */
    RECENT_MS = 10000,    /* a server that worked so recently is worth waiting for */
};

static int64_t elapsed_ms(const struct pg_reading *r)
{
    return rt_now() - r->started;
}

/* ---- errors: the first one counts ---- */

static struct error *wait_error(const struct pg_reading *r, int rc)
{
    if (rc == -ECANCELED)
        return error_create(r->ctx, ERROR_CANCELED, "canceled");
    if (rc == -EMSGSIZE && r->conn->analysis)
        return pg_inspect_too_complex(r->ctx);
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
        error_detail(error, "it ran for %" PRId64 " ms", elapsed_ms(r));
        error_hint(error, PG_TIMEOUT_HINT);
        error->retryable = false;
        memcpy(error->sqlstate, "57014", 6);
        return error;
    }
    struct error *error =
        error_hint(error_create(r->ctx, ERROR_UNAVAILABLE,
                       "the connection to PostgreSQL at %s was lost", r->pool->target),
            "try again; if it happens again, look at the server's log");
    memcpy(error->sqlstate, "08006", 6);
    return error;
}

/* A wait did not end well, so the statement is given up. Returns false. */
static bool give_up(struct pg_reading *r, int rc)
{
    r->unusable = rc != -ECANCELED && rc != -ETIMEDOUT;
    if (!r->error && !r->complete) {
        r->error = wait_error(r, rc);
        r->lost = rc == -ECONNRESET;
    }
    return false;
}

static void fail(struct pg_reading *r, const PGresult *result)
{
    r->unusable |= r->complete; /* the session could not be cleaned */
    if (r->error || r->complete)
        return;
    /* Our clock started before the server's, which may be a little faster. */
    int64_t timeout_ms = r->pool->options.statement_timeout_ms;
    bool timed_out = elapsed_ms(r) >= timeout_ms - timeout_ms / 50;
    r->error = pg_error_from_result(r->ctx, result, timed_out);
    r->lost = r->unusable = pg_error_is_passing(r->error);
}

/* ---- sending ---- */

static bool send_one(struct pg_reading *r, const char *sql)
{
    return PQsendQueryParams(r->conn->pq, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static bool send_statement(struct pg_reading *r, const struct pg_statement *s)
{
    return PQsendQueryParams(r->conn->pq, s->sql, s->param_count, NULL, s->params, NULL, NULL, 0) ==
           1;
}

static bool send_sync(struct pg_reading *r)
{
    r->syncs++;
    return PQpipelineSync(r->conn->pq) == 1;
}

static bool send_begin(struct pg_reading *r)
{
    return send_one(r, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") &&
           (!r->pool->options.transaction_pooler || pg_conn_send_settings(r->conn));
}

static bool send_rest(struct pg_reading *r)
{
    r->ending = true;
    return send_one(r, "ROLLBACK") && send_one(r, "SELECT pg_catalog.pg_advisory_unlock_all()") &&
           pg_kept_send_end(r->conn) && send_sync(r);
}

static bool send_tidy(struct pg_reading *r)
{
    bool ok = true;
    r->running = true;
    if (r->keep)
        ok = pg_kept_send(r->conn, r->statements->sql, &r->parsed);
    for (size_t i = 0; ok && !r->keep && i < r->count; i++)
        ok = send_statement(r, &r->statements[i]);
    return ok && send_sync(r);
}

static bool send_plain(struct pg_reading *r)
{
    bool ok = send_begin(r);
    for (size_t i = 0; ok && i < r->count; i++)
        ok = send_statement(r, &r->statements[i]);
    return ok && send_sync(r) && send_rest(r);
}

static bool send_judged(struct pg_reading *r)
{
    return pg_inspect_send_off(r->conn) &&
           (r->inspection->sql ? send_statement(r, r->statements)
                               : pg_inspect_send_analysed(r->conn, r->statements)) &&
           send_sync(r) && send_rest(r);
}

/* ---- taking: true when it went to its end, if with an error; false when nothing more is to be
 * read, because the rows are enough or the wait did not end well ---- */

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

static bool take(struct pg_reading *r, const struct pg_rows *rows, size_t statement,
    const PGresult *result, bool *described)
{
    ExecStatusType status = PQresultStatus(result);
    if (!is_expected(result, rows))
        return give_up(r, -EPROTO);
    if (status == PGRES_FATAL_ERROR) {
        fail(r, result);
        return !r->unusable; /* else a farewell: nothing will follow */
    }
    if (rows && status == PGRES_COMMAND_OK)
        r->conn->changed = true;
    if (!rows || (status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE))
        return true;
    if (PQresultMemorySize(result) > PG_SWOLLEN_BYTES)
        r->conn->swollen = true;
    if (!*described && rows->columns)
        rows->columns(rows->arg, statement, result);
    *described = true;
    return status == PGRES_TUPLES_OK || rows->row(rows->arg, statement, result);
}

/* All results of one statement; `rows` is NULL for a command of ours. */
static bool take_statement(struct pg_reading *r, const struct pg_rows *rows, size_t statement)
{
    bool described = false;
    if (rows && !PQsetSingleRowMode(r->conn->pq))
        return give_up(r, -EPROTO);
    for (;;) {
        PGresult *result;
        int rc = pg_conn_result(r->conn, r->deadline, &result);
        if (rc != 0)
            return give_up(r, rc);
        if (!result)
            return true;
        bool go_on = take(r, rows, statement, result, &described);
        PQclear(result);
        if (!go_on)
            return false;
    }
}

static bool take_sync(struct pg_reading *r)
{
    PGresult *result;
    int rc = pg_conn_result(r->conn, r->deadline, &result);
    if (rc != 0)
        return give_up(r, rc);
    bool sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    /* A timeout that strikes while the last row is sent is told of only here. */
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        fail(r, result);
    PQclear(result);
    if (!sync)
        return give_up(r, -EPROTO);
    r->syncs--;
    return true;
}

static bool take_begin(struct pg_reading *r)
{
    if (!take_statement(r, NULL, 0))
        return false;
    r->running = !r->error;
    struct pg_rows settings = pg_conn_settings_rows(r->conn);
    return !r->pool->options.transaction_pooler || take_statement(r, &settings, 0);
}

/* The answer is complete, whatever becomes of the connection. */
static void take_rest(struct pg_reading *r)
{
    r->complete = true;
    r->deadline = rt_deadline(REST_MS);
    if (take_statement(r, NULL, 0) && take_statement(r, NULL, 0) && take_statement(r, NULL, 0))
        take_sync(r);
}

/* An error may mean that what was to be kept is not there, or not any more. */
static void take_end_of_tidy(struct pg_reading *r)
{
    if (!take_sync(r) || !r->error || !r->keep)
        return;
    r->complete = true;
    r->deadline = rt_deadline(REST_MS);
    if (!pg_kept_send_end(r->conn) || !send_sync(r))
        give_up(r, -ECONNRESET);
    else if (take_statement(r, NULL, 0))
        take_sync(r);
}

/* ---- the three ways ---- */

/* Whether the statements are tidy, in a session whose defaults are pinned; and whether to keep the
 * only one prepared, as one that comes again. What is not tidy ends with DEALLOCATE ALL, which also
 * makes room when too many are kept. */
static void choose(struct pg_reading *r)
{
    const struct pg_statement *first = r->statements;
    r->tidy = !r->pool->options.transaction_pooler;
    for (size_t i = 0; i < r->count; i++)
        r->tidy &= r->statements[i].tidy;
    r->keep = r->tidy && r->count == 1 && first->repeated && first->param_count == 0 &&
              pg_kept_allowed(first->sql);
    if (r->keep && !pg_kept_has_room(r->conn, first->sql))
        r->tidy = r->keep = false;
}

static void read_plain(struct pg_reading *r)
{
    choose(r);
    if (!(r->tidy ? send_tidy(r) : send_plain(r))) {
        give_up(r, -ECONNRESET);
        return;
    }
    bool go_on = r->tidy ? !r->parsed || take_statement(r, NULL, 0) : take_begin(r);
    for (size_t i = 0; go_on && i < r->count; i++)
        go_on = take_statement(r, r->rows, i);
    if (go_on && r->tidy)
        take_end_of_tidy(r);
    else if (go_on && take_sync(r))
        take_rest(r);
}

static bool take_analysis(struct pg_reading *r)
{
    struct pg_rows on = pg_inspect_on_rows(r->conn->analysis);
    bool prepared = take_begin(r) && take_statement(r, NULL, 0);
    bool settable = !r->error;
    if (!prepared || !take_statement(r, &on, 0))
        return false;
    if (settable && r->error)
        r->pool->log_known = false; /* what the role may set has changed */
    return take_statement(r, NULL, 0) && take_sync(r);
}

static void read_inspected(struct pg_reading *r)
{
    const char *sql = r->inspection->sql ? r->inspection->sql : r->statements->sql;
    struct pg_analysis *analysis = talloc_zero(r->ctx, struct pg_analysis);
    analysis->silence = r->pool->log == PG_LOG_SETTABLE;
    if (!send_begin(r) || !pg_inspect_send_analysis(r->conn, analysis, sql) || !send_sync(r)) {
        give_up(r, -ECONNRESET);
    } else if (take_analysis(r)) {
        bool agreed = !r->error && pg_inspect_judge(r->ctx, analysis, r->inspection, &r->error);
        if (!(agreed ? send_judged(r) : send_rest(r)))
            give_up(r, -ECONNRESET);
        else if (!agreed ||
                 (take_statement(r, NULL, 0) && take_statement(r, r->rows, 0) && take_sync(r)))
            take_rest(r);
    }
    r->conn->analysis = NULL;
    talloc_free(analysis);
}

/* ---- the try ---- */

static void leave(struct pg_reading *r)
{
    if (!r->ending && !r->tidy && !r->unusable)
        r->unusable = !send_rest(r);
    if (r->unusable || PQstatus(r->conn->pq) != CONNECTION_OK)
        pg_pool_discard(r->conn);
    else if (r->syncs == 0)
        pg_pool_release(r->conn);
    else
        pg_pool_abandon(r->conn, r->syncs, r->ending);
}

bool pg_reading_try(struct pg_reading *r, int64_t deadline, struct error **ret_err)
{
    r->error = NULL;
    r->syncs = 0;
    r->ending = r->complete = r->lost = r->unusable = r->running = false;
    r->tidy = r->keep = r->parsed = false;
    if (!pg_pool_acquire(r->ctx, r->pool, deadline, &r->conn, ret_err)) {
        bool recent = r->pool->last_good > 0 && rt_now() - r->pool->last_good < RECENT_MS;
        r->lost = (*ret_err)->class == ERROR_UNAVAILABLE && (*ret_err)->retryable &&
                  (recent || pg_error_is_passing(*ret_err));
        return false;
    }
    r->started = rt_now();
    r->deadline = rt_deadline(r->pool->options.statement_timeout_ms + TIMER_GRACE_MS);
    if (deadline < r->deadline)
        r->deadline = deadline;
    if (r->inspection)
        read_inspected(r);
    else
        read_plain(r);
    leave(r);
    return !r->error || error_raise(ret_err, r->error);
}
