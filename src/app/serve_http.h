/* Serving over HTTP: where to listen, who may come in, what changes with the configuration. */
#ifndef PGPARLEY_APP_SERVE_HTTP_H
#define PGPARLEY_APP_SERVE_HTTP_H

#include "app/generation.h"
#include "mcp/server.h"

struct app_http;

/*
 * Listens on `text` (app/address.h), or on the sockets that systemd has opened, and says so.
 * `*generation` is the one in force, now and later.
 */
must_use bool app_http_start(const void *ctx, struct mcp_server *server,
    struct app_generation *const *generation, const char *text, struct app_http **ret,
    struct error **ret_err);

/* Takes over what `config` says of HTTP; on an error nothing changes. */
must_use bool app_http_renew(const void *ctx, struct app_http *http, const struct config *config,
    struct error **ret_err);

/* Lets calls in flight end, for mcp.drain_timeout at most; at once when it is called again. */
void app_http_stop(struct app_http *http, void (*ended)(void *arg), void *arg);

/* Whether everything in `config` that HTTP needs can be used; for `check`. */
must_use bool app_http_check(const void *ctx, const struct config *config, struct error **ret_err);

#endif
