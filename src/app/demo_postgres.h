/* PostgreSQL's own programs: found, run, and the server started and stopped. */
#ifndef PGPARLEY_APP_DEMO_POSTGRES_H
#define PGPARLEY_APP_DEMO_POSTGRES_H

#include "base/error.h"

#include <sys/types.h>

/* Where one server's things are; the strings belong to whoever fills it in. */
struct demo_postgres {
    char *programs; /* directory of initdb and postgres */
    char *data;     /* PGDATA, without symbolic links */
    char *socket;   /* directory of the unix socket */
    char *log;      /* what the programs print */
};

/* The port is part of the socket's name only. */
#define DEMO_PORT "5432"

/*
 * The directory of initdb and postgres under `ctx`: what pg_config says, else the highest version
 * of the distribution's packages, else PATH; NULL when PostgreSQL's server is not installed.
 */
char *demo_postgres_find(const void *ctx);

/* Makes a cluster in `data`, which must not exist; its only role is the superuser postgres. */
must_use bool demo_postgres_init(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err);

/* The server that runs on `data`, 0 when there is none. */
pid_t demo_postgres_pid(const struct demo_postgres *postgres);

/* Starts the server unless it runs, and waits until it answers. */
must_use bool demo_postgres_start(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err);

/* Stops the server at once, without saving anything; true when none runs afterwards. */
must_use bool demo_postgres_stop(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err);

#endif
