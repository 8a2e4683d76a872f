/* Hints for names that do not exist: what was probably meant, from the catalog. */
#ifndef PGPARLEY_TOOLS_NEAR_NAMES_H
#define PGPARLEY_TOOLS_NEAR_NAMES_H

#include "mcp/call.h"
#include "rt/rt.h"

/* Gives an "undefined table" or "undefined column" error a hint if PostgreSQL had none. `query` is
 * the text that error->position counts in. One more round trip, for these errors only; a failure
 * of that leaves the error as it is. */
void near_names_add(struct mcp_call *call, const char *query, struct error *error) may_yield;

#endif
