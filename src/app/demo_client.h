/*
 * A minimal MCP client over stdio: protocol 2026-07-28, one request at a time.
 *
 * Stateless as the revision is: every request carries version and capabilities in `_meta`, and
 * there is no handshake. Every wait has a deadline, so that no server can hang the demo.
 */
#ifndef PGPARLEY_APP_DEMO_CLIENT_H
#define PGPARLEY_APP_DEMO_CLIENT_H

#include "base/error.h"

#include <jansson.h>

struct demo_client;

/* Starts the server argv[0]. The client belongs to `ctx`; freeing it ends the server. */
must_use struct demo_client *demo_client_start(const void *ctx, char *const argv[],
    struct error **ret_err);

/*
 * Sends a request and waits up to 30 s for its answer. Takes the reference to `params` (an object,
 * or NULL). Returns the result, which belongs to the client until the next call, and the time it
 * took. Anything but a result is an error: no answer, not JSON, a JSON-RPC error.
 */
must_use const json_t *demo_client_call(struct demo_client *client, const char *method,
    json_t *params, double *ret_ms, struct error **ret_err);

/* Closes the server's input and waits until it has ended well. */
must_use bool demo_client_stop(struct demo_client *client, struct error **ret_err);

#endif
