/* Hints for names that do not exist: what was probably meant, from the catalog. */
#ifndef PGPARLEY_TOOLS_NEAR_NAMES_H
#define PGPARLEY_TOOLS_NEAR_NAMES_H

#include "mcp/call.h"
#include "rt/rt.h"

/* Gives an "undefined table" or "undefined column" error a hint if PostgreSQL had none, and an
 * "undefined function" one a better hint if there is one; only names that the policy shows. `query`
 * is the text that error->position counts in. When the catalog cannot be read the error stays as it
 * is. */
void near_names_add(struct mcp_call *call, const char *query, struct error *error) may_yield;

#endif
