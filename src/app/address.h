/* Where `serve --http` listens, and who can come in there. */
#ifndef PGPARLEY_APP_ADDRESS_H
#define PGPARLEY_APP_ADDRESS_H

#include "config/config.h"

struct app_address {
    const char *socket; /* path of a unix socket; NULL: host and port */
    const char *host;
    int port; /* 0 = any */
};

/* Whether the word behind --http is its argument: only then it is taken for one. */
bool app_address_is_meant(const char *word);

/* `text` is ADDR:PORT, ADDR, :PORT, PORT or unix:PATH; what it leaves out, or all when it is
 * empty, comes from the configuration, which may be freed then. Under `ctx`. */
must_use bool app_address_read(const void *ctx, const char *text, const struct config_mcp *mcp,
    struct app_address *ret, struct error **ret_err);

/* That of a listening socket; false when it is no stream socket of a kind that we serve. */
must_use bool app_address_of(const void *ctx, int fd, struct app_address *ret);

/* Nobody else than programs on this machine gets there. */
bool app_address_is_local(const struct app_address *address);

/* "http://127.0.0.1:8765/mcp", "unix:/run/pgparley.sock" */
char *app_address_text(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp);

/* Fails when everybody in the network could come in and nobody said that this is meant. */
must_use bool app_address_admit(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp, struct error **ret_err);

/* A sentence about what the operator should think over, or NULL. */
char *app_address_risk(const void *ctx, const struct app_address *address,
    const struct config_mcp *mcp);

#endif
