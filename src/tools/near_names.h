/* Hints for names that do not exist: what was probably meant, from the catalog. */
#ifndef PGPARLEY_TOOLS_NEAR_NAMES_H
#define PGPARLEY_TOOLS_NEAR_NAMES_H

#include "base/error.h"
#include "rt/rt.h"

struct tools_env;

/* Gives an "undefined table" or "undefined column" error a hint if PostgreSQL had none, and an
 * "undefined function" one a better hint if there is one; only names that the policy shows. `query`
 * is the text that error->position counts in. When the catalog cannot be read the error stays as it
 * is. */
void near_names_add(const void *ctx, const struct tools_env *env, const char *query,
    int64_t deadline, struct error *error) may_yield;

/* Adds line and column to an error, and what stands there in the query. */
void near_names_show_place(struct error *error, const char *query);

#endif
