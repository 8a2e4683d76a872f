/* What the files of pg/ share. */
#ifndef PGPARLEY_PG_INTERNAL_H
#define PGPARLEY_PG_INTERNAL_H

#include "pg/pg.h"

#include <uthash.h>

/* ---- conn.c: one connection ---- */

struct pg_conn {
    struct pg_pool *pool;
    PGconn *pq; /* in pipeline mode, non-blocking */
    struct rt_poll *poll;
    size_t row_bytes;            /* received since the last complete result, about */
    bool swollen;                /* libpq's buffer has grown with a large row, and never shrinks */
    struct pg_conn *prev, *next; /* in pool->idle */
};

/* Connects within `deadline`, pins the session and checks that it is as it was asked for. */
must_use bool pg_conn_open(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct pg_conn **ret, struct error **ret_err) may_yield;
void pg_conn_close(struct pg_conn *conn);

/* True while the session has the settings that safety rests on; costs no round trip. */
bool pg_conn_pinned(const struct pg_conn *conn);
/* For a connection at rest: false when the server has closed it or said something meanwhile, as
 * when it shuts down. Never blocks. */
bool pg_conn_quiet(const struct pg_conn *conn);

/* The next result, NULL at the end of a statement's results. Returns 0, -ETIMEDOUT, -ECANCELED,
 * -ECONNRESET when the connection is lost, or -EMSGSIZE when a row passes 64 MiB. */
int pg_conn_result(struct pg_conn *conn, int64_t deadline, PGresult **ret) may_yield;

/* Asks the server to cancel what runs. -EAGAIN when too many such requests are under way. */
int pg_conn_cancel(struct pg_conn *conn, int64_t deadline) may_yield;

/* Sends "SELECT set_config(…, true), …": the pinned settings for one transaction. */
bool pg_conn_send_settings(struct pg_conn *conn);

/* ---- error.c ---- */

#define PG_TIMEOUT_HINT                                                                         \
    "read less, filter on indexed columns, or look at its EXPLAIN; database.statement_timeout " \
    "sets the limit"

struct error *pg_error_from_result(const void *ctx, const PGresult *result);
struct error *pg_error_from_connect(const void *ctx, const struct pg_pool *pool, PGconn *pq);
/* The server can be expected to be back soon: shutting down, starting up, in recovery. */
bool pg_error_is_passing(const struct error *error);

/* ---- pool.c ---- */

struct pg_waiter {
    struct rt_fiber *fiber;
    struct pg_conn *conn; /* handed over by who returned it */
    struct error *error;  /* or why nobody will get one */
    const void *ctx;      /* of the error */
    bool woken;
    struct pg_waiter *prev, *next;
};

struct pg_type_name {
    struct pg_type type; /* the key */
    char *name;
    UT_hash_handle hh;
};

struct pg_pool {
    struct pg_options options;
    char *target;              /* where it connects to, for messages */
    struct pg_conn *idle;      /* the last returned first */
    struct pg_waiter *waiting; /* first come, first served */
    size_t total;              /* idle, in use, connecting, draining */
    size_t connecting;
    size_t draining;
    struct rt_event drained;
    int64_t last_good; /* when a connection last worked; 0 = never */
    struct pg_type_name *types;
};

must_use bool pg_pool_acquire(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct pg_conn **ret, struct error **ret_err) may_yield;
/* Returns a connection at rest; it is closed if it is broken, not pinned or too many. */
void pg_pool_release(struct pg_conn *conn);
/* Returns a connection that is in the middle of something: cancelled, emptied and released, or
 * closed, by a fiber of its own. `syncs` = sync points still to come. */
void pg_pool_abandon(struct pg_conn *conn, int syncs);
void pg_pool_discard(struct pg_conn *conn);

#endif
