/* `pgparley serve`: wires the modules together and runs until the client is gone. */
#ifndef PGPARLEY_APP_SERVE_H
#define PGPARLEY_APP_SERVE_H

struct config;

/* Serves on standard input and output; `config` outlives the call. Returns the exit code. */
int app_serve(const struct config *config);

#endif
