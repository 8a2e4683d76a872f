/* The tools that pgparley offers, and what they share. */
#ifndef PGPARLEY_TOOLS_TOOLS_H
#define PGPARLEY_TOOLS_TOOLS_H

#include "guard/guard.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"
#include "nl2sql/ask.h"
#include "pg/pg.h"
#include "tools/visible.h"

/* What mcp_call_host() returns to a tool. */
struct tools_env {
    struct pg_pool *pool;
    struct catalog_cache *cache;
    struct guard *guard;
    struct visible *visible;
    struct nl2sql_knowledge *knowledge; /* for questions */
    struct nl2sql_asker *asker;         /* NULL when there is no model to ask */
    int max_rows;                       /* security.max_rows_returned */
    size_t max_result_bytes;
    size_t max_cell_bytes;
    struct tools_watch *watch; /* while somebody listens for changes, else NULL */
};

extern const struct mcp_tool tools_execute_sql_query;
extern const struct mcp_tool tools_get_database_schema;
extern const struct mcp_tool tools_natural_language_to_sql; /* where env.asker is given */

extern const struct mcp_resources tools_resources;
extern const struct mcp_prompt *const tools_prompts[]; /* NULL-terminated */

#endif
