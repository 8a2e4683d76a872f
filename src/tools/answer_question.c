/* The prompt answer_question: a question in plain words, and what it takes to answer it. */
#include "tools/completion.h"
#include "tools/prompt.h"
#include "tools/subject.h"

enum { TOKEN_BYTES = 4 }; /* at most, on average */

static bool compose(struct tools_prompt *p, struct error **ret_err) may_yield
{
    const char *question = mcp_call_string(p->call, "question");
    struct nl2sql_subject subject;
    if (!tools_subject_get(p->ctx, p->env, mcp_call_deadline(p->call), &subject, ret_err))
        return false;
    struct nl2sql_context context;
    nl2sql_context_build(p->ctx, &subject, question, tools_prompt_share(p, 1) / TOKEN_BYTES,
        &context);
    str_printf(&p->out, "Answer this question from %s:\n\n%s\n\n%s", tools_prompt_subject(p),
        question, context.text);
    str_printf(&p->out,
        "\nHow to work here:\n"
        "- execute_sql_query runs one read-only statement a call and returns at most %d rows: "
        "aggregate in SQL, do not count rows yourself.\n"
        "- Use exactly the names above, with their quotes. get_database_schema with \"table\" has "
        "defaults, comments and what references a table; with \"search\" it finds tables.\n"
        "- Compare enums with the values that are listed. What else a text column may hold, look "
        "up before you filter on it.\n"
        "- Write ranges of time half open: >= start AND < end.\n"
        "- A join to the many side repeats rows: aggregate before it, or count distinct keys.\n"
        "- NOT IN finds nothing when there is a NULL in the list: use NOT EXISTS.\n"
        "- When a statement fails, its error says what to change. Check a surprising result with "
        "a second query.\n\n"
        "Give the answer first, then the SQL that it comes from, then what you assumed. If the "
        "data cannot answer the question, say so.\n",
        p->env->max_rows);
    return true;
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return tools_prompt_run(call, compose, ret_err);
}

static const struct mcp_param params[] = {
    {.name = "question", .description = "in plain words", .required = true},
    {0},
};

const struct mcp_prompt tools_answer_question = {
    .name = "answer_question",
    .title = "Answer a question",
    .description = "Answers a question from the data, with the SQL that the answer comes from.",
    .params = params,
    .run = run,
    .complete = tools_complete_prompt,
};
