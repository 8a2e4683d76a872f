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
    const struct guard_query query = {.sql = sql, .len = strlen(sql), .max_rows = ROWS_MAX};
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

static void score(struct eval_score *score, struct eval_result *result, double others_ms)
{
    score->seconds[score->count] = result->seconds;
    score->own_ms[score->count] = result->seconds * 1000 - others_ms;
    score->count++;
    score->right += result->outcome == EVAL_RIGHT;
    score->valid += result->outcome == EVAL_RIGHT || result->outcome == EVAL_WRONG;
    score->open += result->outcome == EVAL_OPEN;
}

static void judge(const void *ctx, const struct eval_gold *gold, const char *expected,
    const struct rows *rows, struct eval_result *result)
{
    result->reason = app_eval_difference(ctx, expected, rows_table(rows), gold->ordered);
    result->outcome = result->reason ? EVAL_WRONG : EVAL_RIGHT;
}

static void fail(struct eval_result *result, const char *reason)
{
    result->outcome = EVAL_FAILED;
    result->reason = reason;
}

static bool is_broken(struct eval_result *result, const struct error *error)
{
    result->outcome = EVAL_BROKEN;
    result->reason = error->message;
    return false;
}

/* The model has a question, or no answer. */
static void leave_open(const void *ctx, const struct nl2sql_reply *reply,
    struct eval_result *result)
{
    bool asks = reply->verdict == NL2SQL_CLARIFY;
    result->outcome = EVAL_OPEN;
    result->reason = talloc_asprintf(ctx, "%s: %s", asks ? "it asks" : "it cannot",
        asks ? reply->question : reply->reason);
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

bool app_eval_ask(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct eval_result *ret, struct error **ret_err)
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
    ret->seconds = since(started) / 1000;
    if (!ok && !was_answered(*ret_err))
        return is_broken(ret, *ret_err);
    if (!ok)
        fail(ret, (*ret_err)->message);
    else if (reply.verdict == NL2SQL_ANSWERED)
        judge(ctx, gold, expected, rows, ret);
    else
        leave_open(ctx, &reply, ret);
    e->ours.rounds += reply.rounds;
    add_tokens(&e->ours.prompt_tokens, reply.prompt_tokens);
    add_tokens(&e->ours.completion_tokens, reply.completion_tokens);
    score(&e->ours, ret, reply.model_ms + reply.execution_ms);
    return true;
}

bool app_eval_one_shot(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct eval_result *ret, struct error **ret_err)
{
    const struct llm_message messages[] = {{LLM_SYSTEM, e->schema}, {LLM_USER, gold->question}};
    struct llm_answer answer;
    struct rows *rows;
    struct error *error = NULL;
    uint64_t started = uv_hrtime();
    if (!llm_chat(ctx, e->model, messages, 2, NULL, deadline_of(e), &answer, ret_err))
        return is_broken(ret, *ret_err);
    double model_ms = since(started);
    const char *sql = nl2sql_sql_in(ctx, answer.text);
    uint64_t run_at = uv_hrtime();
    bool ran = sql && app_eval_run(ctx, e, sql, &rows, &error);
    double others_ms = model_ms + since(run_at);
    ret->seconds = since(started) / 1000;
    if (ran)
        judge(ctx, gold, expected, rows, ret);
    else
        fail(ret, error ? error->message : "there is no SQL in the answer");
    e->shot.rounds++;
    add_tokens(&e->shot.prompt_tokens, answer.prompt_tokens);
    add_tokens(&e->shot.completion_tokens, answer.completion_tokens);
    score(&e->shot, ret, others_ms);
    return true;
}
