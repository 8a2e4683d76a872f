/* `pgparley serve`: wires the modules together and runs until the client is gone. */
#ifndef PGPARLEY_APP_SERVE_H
#define PGPARLEY_APP_SERVE_H

struct app_serve_options {
    const char *file; /* of the configuration, or NULL */
    const char *url;  /* connection string, or NULL */
    const char *http; /* where to listen, "" as configured; NULL: standard input and output */
};

/* Serves; returns the exit code. SIGHUP reads the configuration anew. */
int app_serve(const struct app_serve_options *options);

#endif
