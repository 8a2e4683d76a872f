/* Names from the shown catalog for what a user has typed so far. */
#ifndef PGPARLEY_TOOLS_COMPLETION_H
#define PGPARLEY_TOOLS_COMPLETION_H

#include "mcp/complete.h"

/* The variables of the templates in uri.h. */
mcp_complete_fn tools_complete_uri;

/* The arguments of prompts: "schema", and in "query" the name that the SQL ends with. */
mcp_complete_fn tools_complete_prompt;

#endif
