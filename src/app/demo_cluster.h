/*
 * The private PostgreSQL cluster of `pgparley demo`, kept between runs.
 *
 * It lives in one directory: data/ (PGDATA), run/ (its unix socket), server.log, pgparley.yaml and
 * pgparley-demo.txt, which marks the directory as ours to fill and to empty. The server has no
 * network address; its socket lets in the owner of the cluster and the user who runs the demo, by
 * their identity at the socket (peer). When that user is root, for whom PostgreSQL refuses to run,
 * the owner is `postgres` or `nobody`.
 */
#ifndef PGPARLEY_APP_DEMO_CLUSTER_H
#define PGPARLEY_APP_DEMO_CLUSTER_H

#include "base/error.h"

#define DEMO_DATABASE "skerry"
#define DEMO_ROLE "assistant" /* may read everything and write nothing */

struct demo_cluster {
    const char *directory; /* absolute */
    const char *socket;    /* directory of the unix socket */
    const char *config;    /* the pgparley.yaml that serves it */
};

/*
 * Makes the cluster and loads the sample database, or takes what an earlier run left if that is
 * whole and of this version; starts the server, which lives on. `directory` may be NULL. Prints
 * its progress. Blocks for seconds the first time. The cluster belongs to `ctx`.
 */
must_use const struct demo_cluster *demo_cluster_prepare(const void *ctx, const char *directory,
    struct error **ret_err);

/* Stops the server and removes all that demo_cluster_prepare made. */
must_use bool demo_cluster_remove(const void *ctx, const char *directory, struct error **ret_err);

#endif
