/* `pgparley demo`: a sample database, a real conversation about it, and how to connect to it. */
#ifndef PGPARLEY_APP_DEMO_H
#define PGPARLEY_APP_DEMO_H

#include <stdbool.h>

struct app_demo_options {
    bool clean;            /* stop the database and remove everything instead */
    const char *directory; /* NULL = the user's own, see demo_cluster.c */
};

/* Runs the demo; blocking code, without the event loop. Returns the exit code. */
int app_demo(const struct app_demo_options *options);

#endif
