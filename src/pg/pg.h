/*
 * Reading from PostgreSQL: a pool of connections to one database, and one function that reads.
 *
 * Every read is one pipeline, one round trip: BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY ·
 * the statements · ROLLBACK. Never COMMIT, so nothing a statement does outlives it. Statements
 * go by the extended protocol, one per message. Connections are opened when the first read needs
 * them; their sessions are pinned (see conn.c) and thrown away when they are not as they should
 * be. A read can be inspected: PostgreSQL then first tells how it understands the statement.
 */
#ifndef PGPARLEY_PG_PG_H
#define PGPARLEY_PG_PG_H

#include "base/error.h"
#include "rt/rt.h"

#include <libpq-fe.h>
#include <stddef.h>

struct pg_options {
    const char *url; /* connection string or NULL; its fields win over those below */
    /* libpq keywords; NULL is libpq's default, which knows PG* variables and files. */
    const char *host, *port, *dbname, *user, *password, *sslmode, *sslrootcert, *service;
    const char *application_name;
    const char *search_path; /* as SET takes it */
    int pool_size;           /* connections kept */
    int max_overflow;        /* further ones, closed when returned */
    int64_t pool_timeout_ms;
    int64_t connection_timeout_ms;
    int64_t statement_timeout_ms;
    int64_t lock_timeout_ms;
    bool transaction_pooler; /* PgBouncer in transaction mode: no startup options */
    int max_orphans;         /* statements deaf to their cancellation, see pg_read() */
};

struct pg_pool;

/* Copies the options. Opens nothing; fails only on a connection string that is none. */
must_use bool pg_pool_create(const void *ctx, const struct pg_options *options,
    struct pg_pool **ret, struct error **ret_err);

/* Waits until statements that were given up have been cancelled in the server, or the deadline,
 * then closes what is idle. No reads may be running. */
void pg_pool_close(struct pg_pool *pool, int64_t deadline) may_yield;

struct pg_statement {
    const char *sql;
    int param_count; /* text parameters; their types are inferred */
    const char *const *params;
    bool tidy;     /* known to leave nothing behind: no lock, no setting, no prepared statement; a
                      read of such statements alone needs neither BEGIN nor ROLLBACK */
    bool repeated; /* and has come before: worth keeping prepared, when it is the only one */
};

/*
 * Gets the rows of a read as they arrive. `statement` is the index into the statements. The
 * PGresult is libpq's and valid during the call: only its read accessors are used, with row 0.
 * Callbacks must not yield; columns and reset may be NULL. reset() is called when a lost connection
 * makes the read start again.
 */
struct pg_rows {
    void (*columns)(void *arg, size_t statement, const PGresult *result);
    bool (*row)(void *arg, size_t statement, const PGresult *result); /* false: enough */
    void (*reset)(void *arg);
    void *arg;
};

/*
 * Runs the statements and hands their rows on. Retried by itself when the connection is lost or
 * the server says that trying again helps: for at most connection_timeout after the loss, within
 * `deadline`. When the rows are enough, the time is up or the fiber is cancelled, the statement
 * is cancelled in the server in the background and the call returns at once. While max_orphans
 * statements run on in the server although they were cancelled, reads fail at once.
 */
must_use bool pg_read(const void *ctx, struct pg_pool *pool, const struct pg_statement *statements,
    size_t count, const struct pg_rows *rows, int64_t deadline, struct error **ret_err) may_yield;

/* ---- reads that are inspected (inspect.c) ---- */

/*
 * What PostgreSQL made of a statement is shown before anything of it runs: the analysed query
 * tree, names resolved to OIDs, and the rewritten ones, views expanded (text of pg_node_tree).
 */
struct pg_inspection {
    const char *sql; /* analysed in the place of the statement, never run; NULL: the statement,
                        which then runs just as it was analysed */
    /* `trees` are two: the query as it was written, and the list of what it was rewritten to.
     * False: the statement does not run, and *ret_err is the caller's answer. Called again when
     * the read starts again; must not yield. The trees are borrowed during the call. */
    bool (*judge)(void *arg, const char *const trees[2], struct error **ret_err);
    void *arg;
};

/* pg_read() of one statement, in two round trips. The locks that the analysis takes hold to the
 * end: what runs is what was judged. */
must_use bool pg_read_inspected(const void *ctx, struct pg_pool *pool,
    const struct pg_statement *statement, const struct pg_inspection *inspection,
    const struct pg_rows *rows, int64_t deadline, struct error **ret_err) may_yield;

/* Whether an inspection leaves trees, with the constants of queries, in the server's own log. */
enum pg_log {
    PG_LOG_NOISY,
    PG_LOG_QUIET,    /* no: the role's or the server's log_min_messages keeps them out */
    PG_LOG_SETTABLE, /* no: the role may set that, and pg_read_inspected() does */
};

/* Asks the server once per pool. */
must_use bool pg_log_get(const void *ctx, struct pg_pool *pool, int64_t deadline, enum pg_log *ret,
    struct error **ret_err) may_yield;

/* ---- types (type.c) ---- */

struct pg_type {
    Oid oid;
    int typmod; /* length, precision and scale as PostgreSQL packs them; -1 = none */
};

/* SQL names of types, exact as in numeric(12,2); asks the server for those that it does not know,
 * once per pool. The names are borrowed from the pool. */
must_use bool pg_type_names(const void *ctx, struct pg_pool *pool, const struct pg_type *types,
    size_t count, const char **ret_names, int64_t deadline, struct error **ret_err) may_yield;

#endif
