/* The prompt explain_slow_query: the plan of a query, with what the planner had to choose from. */
#include "base/text.h"
#include "tools/completion.h"
#include "tools/mentioned.h"
#include "tools/near_names.h"
#include "tools/prompt.h"
#include "tools/storage.h"

#include <string.h>
#include <strings.h>
#include <talloc.h>

#define EXPLAIN "EXPLAIN "

enum { PLAN_LINES = 2000 };

/* ---- the plan ---- */

struct plan {
    struct str text;
    size_t cut; /* lines that did not fit */
};

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    (void)statement;
    struct plan *plan = arg;
    plan->cut += !str_printf(&plan->text, "%s\n", PQgetvalue(row, 0, 0));
    return true;
}

static void on_reset(void *arg)
{
    struct plan *plan = arg;
    str_reset(&plan->text);
    plan->cut = 0;
}

/* The client's user wrote the query: what is wrong with it is wrong with his argument. */
static bool blame_query(struct mcp_call *call, const char *query, struct error *error) may_yield
{
    const struct tools_env *env = mcp_call_host(call);
    if (error->class != ERROR_REFUSED && error->class != ERROR_STATEMENT)
        return false;
    near_names_add(call, env, query, mcp_call_deadline(call), error);
    error->class = ERROR_ARGUMENT;
    error->message = talloc_asprintf(error, "the query cannot be explained: %s", error->message);
    if (error->position > 0) {
        text_line_column(query, error->position, &error->line, &error->column);
        error_detail(error, "%s%sat line %d, column %d of the query",
            error->detail ? error->detail : "", error->detail ? "\n" : "", error->line,
            error->column);
    }
    return false;
}

/* The query must stand by itself, so that nothing in it becomes an option of EXPLAIN. */
static bool explain(struct tools_prompt *p, const char *query, struct plan *plan,
    struct error **ret_err) may_yield
{
    const struct guard_policy *policy = guard_policy_get(p->env->guard);
    size_t len = strlen(query);
    if (!guard_examine(p->ctx, policy->max_query_bytes, query, len, ret_err))
        return blame_query(p->call, query, *ret_err);
    const char *sql = talloc_asprintf(p->ctx, EXPLAIN "%s", query);
    const struct guard_query explained = {.sql = sql, .len = strlen(sql), .max_rows = PLAN_LINES};
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = plan};
    str_init(&plan->text, p->ctx, tools_prompt_share(p, 2));
    mcp_call_progress(p->call, "asking for the plan");
    if (guard_read(p->ctx, p->env->guard, &explained, &rows, mcp_call_deadline(p->call), ret_err))
        return true;
    if ((*ret_err)->position > (int)strlen(EXPLAIN))
        (*ret_err)->position -= (int)strlen(EXPLAIN);
    return blame_query(p->call, query, *ret_err);
}

/* ---- the tables ---- */

static bool put_tables(struct tools_prompt *p, const char *text, struct error **ret_err) may_yield
{
    struct catalog_view view = p->view;
    struct tools_storage *storage;
    view.relation_count = tools_mentioned(p->ctx, &p->seen, text, view.relations);
    view.detail = CATALOG_COLUMNS;
    if (view.relation_count == 0)
        return true;
    if (!tools_storage_load(p->ctx, p->env->pool, view.relations, view.relation_count,
            mcp_call_deadline(p->call), &storage, ret_err))
        return false;
    str_puts(&p->out, "\nThe tables that it names:\n\n");
    tools_prompt_put_schema(p, &view, tools_prompt_share(p, 4));
    tools_prompt_put_storage(p, &view, storage, tools_prompt_share(p, 4));
    return true;
}

/* ---- the message ---- */

static bool compose(struct tools_prompt *p, struct error **ret_err)
{
    const char *query = mcp_call_string(p->call, "query");
    struct plan plan = {.cut = 0};
    if (!explain(p, query, &plan, ret_err))
        return false;
    str_printf(&p->out,
        "Find out why this query on %s is slow, and what would make it faster:\n\n```sql\n%s\n```\n\n"
        "Its plan, from EXPLAIN: estimates, since the query was not run.\n\n```\n%s```\n",
        tools_prompt_subject(p), query, str_get(&plan.text));
    if (plan.cut > 0)
        str_printf(&p->out, "(%zu more lines did not fit)\n", plan.cut);
    if (!put_tables(p, talloc_asprintf(p->ctx, "%s\n%s", query, str_get(&plan.text)), ret_err))
        return false;
    str_puts(&p->out,
        "\n1. Name the steps of the plan that cost most, and why they do: rows that are read and "
        "thrown away, an index that is missing or not used, an estimate that is off, sorting or "
        "hashing of much data.\n"
        "2. Say what would help, the best first: another form of the query, which must return the "
        "same rows; an index, as CREATE INDEX CONCURRENTLY, with what it costs each write; fresh "
        "statistics. Here you can only read: give the statements to me.\n"
        "3. Try another form of the query with EXPLAIN through execute_sql_query and compare. "
        "EXPLAIN (ANALYZE, BUFFERS) runs it: only when it is sure to end soon.\n"
        "4. Say what you could not see from here.\n");
    return true;
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return tools_prompt_run(call, compose, ret_err);
}

static const struct mcp_param params[] = {
    {.name = "query", .description = "the SELECT that is slow, without EXPLAIN", .required = true},
    {0},
};

const struct mcp_prompt tools_explain_slow_query = {
    .name = "explain_slow_query",
    .title = "Explain a slow query",
    .description = "Finds out why a query is slow, from its plan and the indexes of its tables. "
                   "The query is not run.",
    .params = params,
    .run = run,
    .complete = tools_complete_prompt,
};
