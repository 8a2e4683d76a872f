/* What the files of pg/ share. */
#ifndef PGPARLEY_PG_INTERNAL_H
#define PGPARLEY_PG_INTERNAL_H

#include "pg/pg.h"

#include <uthash.h>

/* ---- conn.c: one connection ---- */

/* libpq's buffer grows with what it receives and never shrinks: beyond this, it is given up. */
enum { PG_SWOLLEN_BYTES = 1 << 20 };

enum { PG_KEPT_MAX = 32 };

struct pg_conn {
    struct pg_pool *pool;
    PGconn *pq; /* in pipeline mode, non-blocking */
    struct rt_poll *poll;
    int backend_pid;              /* of the session in the server, also behind a pooler */
    struct pg_analysis *analysis; /* gets the query trees from notices; NULL = nobody does */
    size_t row_reads, row_bytes;  /* since the last complete result; about so many bytes */
    bool changed;                 /* by a statement that was no query, such as LOAD: not reused */
    bool swollen;                 /* libpq's buffer has grown beyond PG_SWOLLEN_BYTES */
    char *kept[PG_KEPT_MAX];      /* texts of prepared statements; their places are their names */
    size_t kept_count;
    struct pg_conn *prev, *next; /* in pool->idle */
};

/* ---- kept.c: statements that stay prepared ---- */

bool pg_kept_allowed(const char *sql);
bool pg_kept_has_room(const struct pg_conn *conn, const char *sql);
/* Sends `sql` by its name; if it was not prepared yet, that first: then one more result comes. */
bool pg_kept_send(struct pg_conn *conn, const char *sql, bool *ret_parsed);
/* Sends DEALLOCATE ALL: nothing is kept any more. */
bool pg_kept_send_end(struct pg_conn *conn);

/* ---- conn.c ---- */

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

/* Sends "SELECT set_config(…, true), …, pg_backend_pid()": the pinned settings for one
 * transaction. The row goes to pg_conn_settings_rows. */
bool pg_conn_send_settings(struct pg_conn *conn);
struct pg_rows pg_conn_settings_rows(struct pg_conn *conn);

/* ---- inspect.c: the analysis of a statement ---- */

struct pg_analysis {
    bool silence; /* the session's log_min_messages is to keep the trees out of the log */
    char log_min_messages[16]; /* as it was before */
    const char **trees;
    size_t count;
    size_t bytes; /* also of those that were too much to keep */
};

/* Sends three statements: to prepare the way back, to have the trees printed (its row goes to
 * pg_inspect_on_rows), and the Parse of `sql`. Notices go to `analysis` from here on. */
bool pg_inspect_send_analysis(struct pg_conn *conn, struct pg_analysis *analysis, const char *sql);
struct pg_rows pg_inspect_on_rows(struct pg_analysis *analysis);
/* Everything as it was before; notices go nowhere again. */
bool pg_inspect_send_off(struct pg_conn *conn);
/* Executes what was analysed. */
bool pg_inspect_send_analysed(struct pg_conn *conn, const struct pg_statement *statement);

/* A notice receiver of libpq; `arg` is the pg_conn. */
void pg_inspect_notice(void *arg, const PGresult *notice);
bool pg_inspect_judge(const void *ctx, const struct pg_analysis *analysis,
    const struct pg_inspection *inspection, struct error **ret_err);
struct error *pg_inspect_too_complex(const void *ctx);

/* ---- pipeline.c, read.c ---- */

struct pg_reading {
    const void *ctx;
    struct pg_pool *pool;
    const struct pg_statement *statements;
    size_t count;
    const struct pg_rows *rows;
    const struct pg_inspection *inspection; /* of the only statement; NULL = none */

    /* Of one try. */
    struct pg_conn *conn;
    int64_t started, deadline;
    struct error *error; /* the first one */
    int syncs;           /* sync points still to come */
    bool ending;         /* ROLLBACK and what follows it have been sent */
    bool tidy;           /* nothing needs to follow the statements */
    bool keep, parsed;   /* the statement stays prepared; it was prepared only now */
    bool complete;       /* the caller's answer is; errors no longer matter */
    bool lost;           /* the connection, or the server is going away: try again */
    bool unusable;       /* the connection is to be closed */
    bool running;        /* as far as can be known */
};

must_use bool pg_reading_try(struct pg_reading *r, int64_t deadline,
    struct error **ret_err) may_yield;
/* As often as it makes sense. */
must_use bool pg_reading_run(struct pg_reading *r, int64_t deadline,
    struct error **ret_err) may_yield;

/* ---- error.c ---- */

#define PG_TIMEOUT_HINT                                                                         \
    "read less, filter on indexed columns, or look at its EXPLAIN; database.statement_timeout " \
    "sets the limit"

/* `timed_out`: the statement ran for as long as statement_timeout lets it, so that this is why it
 * was cancelled, and not somebody. */
struct error *pg_error_from_result(const void *ctx, const PGresult *result, bool timed_out);
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
    bool log_known;
    enum pg_log log;
    struct pg_orphan *orphans;
    size_t orphan_count;
    struct rt_event orphaned;
    struct rt_fiber *watcher; /* of the orphans; NULL while there are none */
    bool closing;
};

must_use bool pg_pool_acquire(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct pg_conn **ret, struct error **ret_err) may_yield;
/* Returns a connection at rest; it is closed if it is broken, not pinned or too many. */
void pg_pool_release(struct pg_conn *conn);
/* Returns a connection that is in the middle of something: cancelled, emptied and released, or
 * closed, by a fiber of its own. `syncs` = sync points still to come; `ending`: with the last of
 * them the session is as it was, else what it keeps prepared is uncertain. */
void pg_pool_abandon(struct pg_conn *conn, int syncs, bool ending);
void pg_pool_discard(struct pg_conn *conn);

/* ---- orphans.c: statements that ignore their cancellation ---- */

must_use bool pg_orphans_allow(const void *ctx, const struct pg_pool *pool, struct error **ret_err);
/* The session may still run its statement, although its connection is being closed. */
void pg_orphans_add(struct pg_pool *pool, int pid);

#endif
