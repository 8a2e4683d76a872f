/* The prompt explore_database: what is in here? */
#include "tools/completion.h"
#include "tools/prompt.h"

static bool compose(struct tools_prompt *p, struct error **ret_err)
{
    (void)ret_err;
    str_printf(&p->out, "Get to know %s and explain it to me. It shows this of itself:\n\n",
        tools_prompt_subject(p));
    tools_prompt_put_schema(p, &p->view, tools_prompt_share(p, 1));
    str_puts(&p->out,
        "\n1. Say in two or three sentences what this data is about.\n"
        "2. Group the tables by subject. Of the important ones say what a row stands for and how "
        "they are joined.\n"
        "3. Where names and comments leave it open, look with execute_sql_query: counts, ranges of "
        "dates, the most frequent values, never whole tables.\n"
        "4. Point out what may mislead: empty tables, columns that are almost always NULL, several "
        "spellings of one thing.\n"
        "5. Close with five questions that this data can answer, each with SQL that you have "
        "tried.\n");
    return true;
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return tools_prompt_run(call, compose, ret_err);
}

const struct mcp_prompt tools_explore_database = {
    .name = "explore_database",
    .title = "Explore the database",
    .description = "Explains what the database holds, from its schema and a few small queries.",
    .params = tools_prompt_schema_params,
    .run = run,
    .complete = tools_complete_prompt,
};
