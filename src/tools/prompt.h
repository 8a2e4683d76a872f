/* What the prompts share: the ground they stand on, and how they are written. */
#ifndef PGPARLEY_TOOLS_PROMPT_H
#define PGPARLEY_TOOLS_PROMPT_H

#include "catalog/render.h"
#include "mcp/call.h"
#include "mcp/prompt.h"
#include "rt/rt.h"
#include "tools/storage.h"
#include "tools/tools.h"

struct tools_prompt {
    struct mcp_call *call;
    void *ctx; /* freed when the prompt is written */
    const struct tools_env *env;
    struct visible_catalog seen;
    struct catalog_view view; /* of the argument "schema", of everything when it is not given */
    const char *schema;       /* as given, or NULL */
    struct str out;           /* the one message */
};

/* Looks at the catalog, lets `compose` write the message, and adds it to the call. */
must_use bool tools_prompt_run(struct mcp_call *call,
    bool (*compose)(struct tools_prompt *p, struct error **ret_err),
    struct error **ret_err) may_yield;

/* What the prompt is about: `database "shop"`, or a schema of it. */
const char *tools_prompt_subject(const struct tools_prompt *p);

/* The view in a fence that says that it is data, in at most `max` bytes. */
void tools_prompt_put_schema(struct tools_prompt *p, const struct catalog_view *view, size_t max);

/* The sizes and indexes of its relations, in at most `max` bytes. */
void tools_prompt_put_storage(struct tools_prompt *p, const struct catalog_view *view,
    const struct tools_storage *storage, size_t max);

/* Most bytes of one part of a message: `parts` of them fill what a result may have. */
size_t tools_prompt_share(const struct tools_prompt *p, size_t parts);

extern const struct mcp_param tools_prompt_schema_params[]; /* "schema", and nothing else */

extern const struct mcp_prompt tools_explore_database, tools_answer_question,
    tools_explain_slow_query, tools_review_schema;

#endif
