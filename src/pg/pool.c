/*
 * The pool of connections to one database.
 *
 *   (none) ──open──▶ in use ──release──▶ idle ──acquire──▶ in use
 *                      │  └── broken, not pinned, more than pool_size ──▶ closed
 *                      └── abandon ──▶ draining ──emptied──▶ idle
 *                                         └── after 2 s ──▶ closed; its backend is an orphan
 *
 * `total` counts all but the closed. Who finds the pool exhausted waits in a line; a connection
 * that is returned goes to the first of the line, never to who comes later. When PostgreSQL
 * cannot be reached at all, everybody in the line hears the same error at once instead of each
 * waiting for it in turn.
 */
#include "pg/internal.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>
#include <utlist.h>

enum {
    DRAIN_MS = 2000,
    CANCEL_AGAIN_MS = 250, /* one that comes between two statements is lost */
    CANCEL_LATER_MS = 20,  /* when too many are under way */
};

static int free_conninfo(PQconninfoOption **options)
{
    PQconninfoFree(*options);
    return 0;
}

/* The parts of the target that a person recognises; what is left to libpq is shown as such. */
static char *describe(const void *ctx, const struct pg_options *o, const PQconninfoOption *url)
{
    const char *host = o->host, *port = o->port, *dbname = o->dbname;
    for (const PQconninfoOption *p = url; p && p->keyword; p++) {
        if (p->val && strcmp(p->keyword, "host") == 0)
            host = p->val;
        else if (p->val && strcmp(p->keyword, "port") == 0)
            port = p->val;
        else if (p->val && strcmp(p->keyword, "dbname") == 0)
            dbname = p->val;
    }
    char *text = talloc_asprintf(ctx, "%s%s%s", host ? host : "the default host", port ? ":" : "",
        port ? port : "");
    return dbname ? talloc_asprintf_append(text, ", database \"%s\"", dbname) : text;
}

/* An unescaped @ or / in a password moves parts of it into the host or the port, and a connection
 * string in the wrong place is taken for the name of a database. None of these may be shown. */
static bool is_misplaced(const char *keyword, const char *text)
{
    if (!text)
        return false;
    if (strcmp(keyword, "host") == 0)
        return strchr(text + (text[0] == '@'), '@') != NULL; /* a leading one: abstract socket */
    if (strcmp(keyword, "port") == 0)
        return text[strspn(text, "0123456789,")] != '\0';
    return strcmp(keyword, "dbname") == 0 && strstr(text, "://");
}

static bool has_misplaced(const struct pg_options *o, const PQconninfoOption *url)
{
    bool found = is_misplaced("host", o->host) || is_misplaced("dbname", o->dbname);
    for (const PQconninfoOption *p = url; p && p->keyword; p++)
        found |= is_misplaced(p->keyword, p->val);
    return found;
}

static const char *copy(const void *ctx, const char *text)
{
    return text ? talloc_strdup(ctx, text) : NULL;
}

static int forget_types(struct pg_pool *pool)
{
    HASH_CLEAR(hh, pool->types);
    return 0;
}

bool pg_pool_create(const void *ctx, const struct pg_options *options, struct pg_pool **ret,
    struct error **ret_err)
{
    PQconninfoOption *url = NULL;
    if (options->url) {
        char *why = NULL;
        url = PQconninfoParse(options->url, &why);
        PQfreemem(why); /* libpq quotes the string, and with it the password */
    }
    if ((options->url && !url) || has_misplaced(options, url)) {
        free_conninfo(&url);
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_CONFIG, "the connection string is not valid"),
                "write postgresql://user:password@host:port/database and percent-encode special "
                "characters in the password (@ is %%40), or \"host=… dbname=… user=…\"; a "
                "connection string belongs into database.url"));
    }
    struct pg_pool *pool = talloc_zero(ctx, struct pg_pool);
    talloc_set_destructor(pool, forget_types);
    struct pg_options *o = &pool->options;
    *o = *options;
    const char **texts[] = {&o->url, &o->host, &o->port, &o->dbname, &o->user, &o->password,
        &o->sslmode, &o->sslrootcert, &o->service, &o->application_name, &o->search_path};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = copy(pool, *texts[i]);
    pool->target = describe(pool, o, url);
    free_conninfo(&url);
    *ret = pool;
    return true;
}

/* ---- the line ---- */

static void wake(struct pg_pool *pool, struct pg_waiter *waiter)
{
    DL_DELETE(pool->waiting, waiter);
    waiter->woken = true;
    rt_wake(waiter->fiber, 0);
}

/* A place became free: it goes, counted as it is, to the first in the line, who may connect. */
static void free_place(struct pg_pool *pool)
{
    if (pool->waiting)
        wake(pool, pool->waiting);
    else
        pool->total--;
}

static void fail_everybody(struct pg_pool *pool, const struct error *error)
{
    while (pool->waiting) {
        struct pg_waiter *waiter = pool->waiting;
        waiter->error = error_copy(waiter->ctx, error);
        wake(pool, waiter);
    }
}

static struct error *exhausted(const void *ctx, const struct pg_pool *pool)
{
    const struct pg_options *o = &pool->options;
    return error_hint(error_create(ctx, ERROR_TIMEOUT,
                          "all %d connections were in use for %" PRId64 " ms",
                          o->pool_size + o->max_overflow, o->pool_timeout_ms),
        "try again later, or raise database.pool_size, max_overflow or pool_timeout");
}

/* Waits in the line. True with `*ret` set, or NULL in it when the caller now has a place. */
static bool stand_in_line(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct pg_conn **ret, struct error **ret_err)
{
    struct pg_waiter self = {.fiber = rt_fiber_self(), .ctx = ctx};
    DL_APPEND(pool->waiting, &self);
    int rc = rt_park(deadline);
    if (!self.woken)
        DL_DELETE(pool->waiting, &self);
    if (rc == 0 && self.error)
        return error_raise(ret_err, self.error);
    if (rc == 0) {
        *ret = self.conn;
        return true;
    }
    if (self.conn)
        pg_pool_release(self.conn);
    else if (self.woken && !self.error)
        free_place(pool);
    return error_raise(ret_err,
        rc == -ECANCELED ? error_create(ctx, ERROR_CANCELED, "canceled") : exhausted(ctx, pool));
}

/* ---- acquire and release ---- */

static struct pg_conn *take_idle(struct pg_pool *pool)
{
    while (pool->idle) {
        struct pg_conn *conn = pool->idle;
        DL_DELETE(pool->idle, conn);
        if (pg_conn_quiet(conn))
            return conn;
        pg_conn_close(conn);
        pool->total--;
    }
    return NULL;
}

/* Fills the place that the caller has. */
static bool connect_new(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct pg_conn **ret, struct error **ret_err)
{
    int64_t limit = rt_deadline(pool->options.connection_timeout_ms);
    pool->connecting++;
    bool ok = pg_conn_open(ctx, pool, limit < deadline ? limit : deadline, ret, ret_err);
    bool nobody_has_one = pool->total == pool->connecting--;
    log_debug("%s %s: %zu of them", ok ? "connected to" : "cannot connect to", pool->target,
        pool->total);
    if (ok)
        return true;
    if (nobody_has_one && (*ret_err)->class != ERROR_CANCELED)
        fail_everybody(pool, *ret_err);
    free_place(pool);
    return false;
}

bool pg_pool_acquire(const void *ctx, struct pg_pool *pool, int64_t deadline, struct pg_conn **ret,
    struct error **ret_err)
{
    size_t most = (size_t)pool->options.pool_size + (size_t)pool->options.max_overflow;
    int64_t limit = rt_deadline(pool->options.pool_timeout_ms);
    if (deadline < limit)
        limit = deadline;
    struct pg_conn *conn = take_idle(pool);
    if (!conn && pool->total < most)
        pool->total++;
    else if (!conn && !stand_in_line(ctx, pool, limit, &conn, ret_err))
        return false;
    if (!conn)
        return connect_new(ctx, pool, deadline, ret, ret_err);
    *ret = conn;
    return true;
}

void pg_pool_discard(struct pg_conn *conn)
{
    struct pg_pool *pool = conn->pool;
    pg_conn_close(conn);
    free_place(pool);
}

void pg_pool_release(struct pg_conn *conn)
{
    struct pg_pool *pool = conn->pool;
    /* Who takes it from the pool looks whether it is quiet. */
    bool sound = pg_conn_pinned(conn) && !conn->swollen && !conn->changed &&
                 PQtransactionStatus(conn->pq) == PQTRANS_IDLE &&
                 (!pool->waiting || pg_conn_quiet(conn));
    if (sound)
        pool->last_good = rt_now();
    if (sound && pool->waiting) {
        struct pg_waiter *first = pool->waiting;
        first->conn = conn;
        wake(pool, first);
    } else if (sound && pool->total <= (size_t)pool->options.pool_size) {
        DL_PREPEND(pool->idle, conn);
    } else {
        pg_pool_discard(conn);
    }
}

/* ---- giving up on a statement ---- */

struct drain {
    struct pg_conn *conn;
    int syncs;
    bool ended; /* a statement's results; two ends in a row are the end of everything */
    bool last;  /* what remains is the last group */
};

/* An error in the last group means that the session could not be cleaned: the cancellation may
 * have come that late. */
static int empty(struct drain *drain, int64_t deadline)
{
    while (drain->syncs > 0) {
        PGresult *result;
        int rc = pg_conn_result(drain->conn, deadline, &result);
        if (rc != 0)
            return rc;
        ExecStatusType status = PQresultStatus(result);
        bool copying = status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
                       status == PGRES_COPY_BOTH; /* libpq would give it for ever */
        bool unclean = result && status == PGRES_FATAL_ERROR && drain->syncs == 1 && drain->last;
        bool over = !result && drain->ended;
        drain->ended = !result;
        drain->syncs -= status == PGRES_PIPELINE_SYNC;
        PQclear(result);
        if (over || copying || unclean)
            return -EPROTO;
    }
    return 0;
}

/* The cancellation of a tidy read may have made the server skip what was to be kept prepared. */
static int forget_kept(struct drain *drain, int64_t deadline)
{
    if (drain->last || drain->conn->kept_count == 0)
        return 0;
    if (!pg_kept_send_end(drain->conn) || !PQpipelineSync(drain->conn->pq))
        return -ECONNRESET;
    *drain = (struct drain){.conn = drain->conn, .syncs = 1, .last = true};
    return empty(drain, deadline);
}

static void drain_run(void *arg)
{
    struct drain *drain = arg;
    struct pg_pool *pool = drain->conn->pool;
    int64_t deadline = rt_deadline(DRAIN_MS);
    bool asked = false;
    int rc = -ETIMEDOUT;
    while (rc == -ETIMEDOUT && rt_now() < deadline) {
        bool sent = pg_conn_cancel(drain->conn, deadline) == 0;
        asked |= sent;
        int64_t again = rt_deadline(sent ? CANCEL_AGAIN_MS : CANCEL_LATER_MS);
        rc = empty(drain, again < deadline ? again : deadline);
    }
    if (rc == 0)
        rc = forget_kept(drain, deadline);
    if (asked && rc == -ETIMEDOUT && drain->conn->backend_pid != 0)
        pg_orphans_add(pool, drain->conn->backend_pid);
    if (rc == 0)
        pg_pool_release(drain->conn);
    else
        pg_pool_discard(drain->conn);
    pool->draining--;
    talloc_free(drain);
    rt_event_broadcast(&pool->drained);
}

void pg_pool_abandon(struct pg_conn *conn, int syncs, bool ending)
{
    struct drain *drain = talloc(conn->pool, struct drain);
    *drain = (struct drain){.conn = conn, .syncs = syncs, .last = ending};
    conn->pool->draining++;
    rt_fiber_start(drain_run, drain);
}

void pg_pool_close(struct pg_pool *pool, int64_t deadline)
{
    pool->closing = true;
    if (pool->watcher)
        rt_fiber_cancel(pool->watcher);
    while ((pool->draining > 0 || pool->watcher) && rt_event_wait(&pool->drained, deadline) == 0)
        ;
    struct pg_conn *conn;
    while ((conn = pool->idle) != NULL) {
        DL_DELETE(pool->idle, conn);
        pg_conn_close(conn);
        pool->total--;
    }
}
