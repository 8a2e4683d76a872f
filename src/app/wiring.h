/* From the configuration to what the tools work with; `serve` uses it, `check` tries it. */
#ifndef PGPARLEY_APP_WIRING_H
#define PGPARLEY_APP_WIRING_H

#include "config/config.h"
#include "tools/tools.h"

/* Makes the pool (nothing is connected yet) and the policy. Fails with an error of the
 * configuration: a connection string that is none, an entry of a list that is no name. */
must_use bool app_wire(const void *ctx, const struct config *config, struct tools_env *ret,
    struct error **ret_err);

/* For commands that end by themselves: runs `work(arg)` on a fiber, closes the pool, and returns
 * what `work` returned. After rt_init(). */
int app_run_once(const struct tools_env *env, int (*work)(void *arg), void *arg);

#endif
