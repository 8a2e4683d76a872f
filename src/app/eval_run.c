/* One question of `pgparley eval`, by the loop and by one shot; see eval.h. */
#include "app/eval_internal.h"

#include "catalog/render.h"

#include <string.h>
#include <talloc.h>

enum { ROWS_MAX = 100000, RESULT_MAX_BYTES = 16 << 20, SCHEMA_MAX_BYTES = 4 << 20 };

static const char one_shot_prompt[] =
    "You are a PostgreSQL expert. Write one SQL query that answers the question.\n"
    "Rules: only SELECT; use proper joins; use LIMIT where the result could be large; give the SQL "
    "alone, without explanation.\n"
    "The schema of the database:\n";

static struct rows *make_rows(const void *ctx)
{
    const struct rows_limits limits = {ROWS_MAX, RESULT_MAX_BYTES, RESULT_MAX_BYTES};
    return rows_create(ctx, &limits, false);
}

static int64_t deadline_of(const struct eval *e)
{
    return rt_deadline(e->config->mcp.call_timeout_ms);
}

bool app_eval_run(const void *ctx, const struct eval *e, const char *sql, struct rows **ret,
    struct error **ret_err)
{
    struct rows *rows = make_rows(ctx);
    const struct pg_rows sink = rows_sink(rows);
    const struct guard_query query = {sql, strlen(sql), ROWS_MAX};
    if (!guard_read(ctx, e->env.guard, &query, &sink, deadline_of(e), ret_err))
        return false;
    *ret = rows;
    return true;
}

static void render_schema(struct eval *e, const struct visible_catalog *seen)
{
    struct catalog_view view = {.catalog = seen->catalog,
        .filter = seen->filter,
        .detail = CATALOG_FULL};
    struct str text;
    view.relations = talloc_array(e->ctx, const struct catalog_relation *,
        (unsigned)seen->catalog->relation_count);
    for (size_t i = 0; i < seen->catalog->relation_count; i++) {
        if (catalog_shows(&seen->filter, &seen->catalog->relations[i]))
            view.relations[view.relation_count++] = &seen->catalog->relations[i];
    }
    str_init(&text, e->ctx, SCHEMA_MAX_BYTES);
    catalog_render_json(&view, &text);
    e->schema = talloc_asprintf(e->ctx, "%s{%s}", one_shot_prompt, str_get(&text));
}

bool app_eval_prepare(struct eval *e, struct error **ret_err)
{
    struct visible_catalog seen;
    if (!visible_get(e->ctx, e->env.visible, deadline_of(e), &seen, ret_err))
        return false;
    render_schema(e, &seen);
    for (struct eval_score *score = &e->ours;; score = &e->shot) {
        score->seconds = talloc_array(e->ctx, double, (unsigned)e->gold_count);
        score->own_ms = talloc_array(e->ctx, double, (unsigned)e->gold_count);
        if (score == &e->shot)
            return true;
    }
}

/* ---- scoring ---- */

static void add_tokens(int64_t *sum, int64_t tokens)
{
    *sum += tokens > 0 ? tokens : 0;
}

static enum eval_outcome score(struct eval_score *score, enum eval_outcome outcome,
    double elapsed_ms, double others_ms)
{
    score->seconds[score->count] = elapsed_ms / 1000;
    score->own_ms[score->count] = elapsed_ms - others_ms;
    score->count++;
    score->right += outcome == EVAL_RIGHT;
    score->valid += outcome == EVAL_RIGHT || outcome == EVAL_WRONG;
    score->open += outcome == EVAL_OPEN;
    return outcome;
}

static enum eval_outcome judge(const struct eval_gold *gold, const char *expected,
    const struct rows *rows)
{
    return app_eval_same(expected, rows_table(rows), gold->ordered) ? EVAL_RIGHT : EVAL_WRONG;
}

static double since(uint64_t started)
{
    return (double)(uv_hrtime() - started) / 1e6;
}

/* The service did its part; what it said was of no use. */
static bool was_answered(const struct error *error)
{
    return error->class == ERROR_STATEMENT || error->class == ERROR_LIMIT || error->sqlstate[0];
}

enum eval_outcome app_eval_ask(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct error **ret_err)
{
    struct rows *rows = make_rows(ctx);
    const struct tools_question question = {
        .text = gold->question,
        .execute = true,
        .rows = rows,
        .max_rows = ROWS_MAX,
        .deadline = deadline_of(e),
    };
    struct nl2sql_reply reply = {.rounds = 0};
    uint64_t started = uv_hrtime();
    bool ok = tools_question_ask(ctx, &e->env, &question, &reply, ret_err);
    double elapsed_ms = since(started);
    if (!ok && !was_answered(*ret_err))
        return EVAL_BROKEN;
    enum eval_outcome outcome = !ok                                ? EVAL_FAILED
                                : reply.verdict != NL2SQL_ANSWERED ? EVAL_OPEN
                                                                   : judge(gold, expected, rows);
    e->ours.rounds += reply.rounds;
    add_tokens(&e->ours.prompt_tokens, reply.prompt_tokens);
    add_tokens(&e->ours.completion_tokens, reply.completion_tokens);
    return score(&e->ours, outcome, elapsed_ms, reply.model_ms + reply.execution_ms);
}

enum eval_outcome app_eval_one_shot(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct error **ret_err)
{
    const struct llm_message messages[] = {{LLM_SYSTEM, e->schema}, {LLM_USER, gold->question}};
    struct llm_answer answer;
    struct rows *rows;
    struct error *ignored = NULL;
    uint64_t started = uv_hrtime();
    if (!llm_chat(ctx, e->model, messages, 2, NULL, deadline_of(e), &answer, ret_err))
        return EVAL_BROKEN;
    double model_ms = since(started);
    const char *sql = nl2sql_sql_in(ctx, answer.text);
    uint64_t run_at = uv_hrtime();
    bool ran = sql && app_eval_run(ctx, e, sql, &rows, &ignored);
    double others_ms = model_ms + since(run_at);
    e->shot.rounds++;
    add_tokens(&e->shot.prompt_tokens, answer.prompt_tokens);
    add_tokens(&e->shot.completion_tokens, answer.completion_tokens);
    return score(&e->shot, ran ? judge(gold, expected, rows) : EVAL_FAILED, since(started),
        others_ms);
}
