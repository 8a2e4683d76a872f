/*
 * One reading of the configuration, at work: pool, guard, caches, admission.
 *
 * SIGHUP makes a new one. Requests hold a talloc reference to the one they began with
 * (mcp_offer.host), which is given up with app_generation_leave(): the last to let go of it has
 * its pool closed and it freed, on a fiber of its own.
 */
#ifndef PGPARLEY_APP_GENERATION_H
#define PGPARLEY_APP_GENERATION_H

#include "config/config.h"
#include "rt/rt.h"
#include "tools/tools.h"

struct app_generation {
    struct tools_env env; /* at the same address: the host of the tools */
    const struct config *config;
};

/* Reads and wires, connects to nothing. `file` and `url` as in config_load(); errors are under
 * `ctx`, the generation is not. Warnings of the configuration go to the log. */
must_use bool app_generation_create(const void *ctx, const char *file, const char *url,
    struct app_generation **ret, struct error **ret_err);

void app_generation_leave(struct app_generation *generation);

/* At the process's end: waits until all that were left are closed, for about `ms`. */
void app_generations_close(int64_t ms) may_yield;

#endif
