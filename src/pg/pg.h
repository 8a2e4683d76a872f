/*
 * Reading from PostgreSQL: a pool of connections to one database, and one function that reads.
 *
 * Every read is one pipeline, one round trip: BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY ·
 * the statements · ROLLBACK. Never COMMIT, so nothing a statement does outlives it. Statements
 * go by the extended protocol, one per message, unnamed. Connections are opened when the first
 * read needs them; their sessions are pinned (see conn.c) and thrown away when they are not as
 * they should be.
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
};

/*
 * Gets the rows of a read as they arrive. `statement` is the index into the statements. The
 * PGresult is libpq's and valid during the call: only its read accessors are used, with row 0.
 * Callbacks must not yield. reset() is called when a lost connection makes the read start again.
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
 * is cancelled in the server in the background and the call returns at once.
 */
must_use bool pg_read(const void *ctx, struct pg_pool *pool, const struct pg_statement *statements,
    size_t count, const struct pg_rows *rows, int64_t deadline, struct error **ret_err) may_yield;

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
