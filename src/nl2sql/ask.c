/* The question loop; see ask.h. One function for each station of the picture there. */
#include "nl2sql/asking.h"

#include "base/text.h"

#include <math.h>
#include <string.h>
#include <talloc.h>

struct nl2sql_asker {
    struct guard *guard;
    struct catalog_cache *cache;
    struct llm *llm;
    struct nl2sql_asker_options options;
    struct nl2sql_memory *memory;
};

struct nl2sql_asker *nl2sql_asker_create(const void *ctx, struct guard *guard,
    struct catalog_cache *cache, struct llm *llm, const struct nl2sql_asker_options *options)
{
    struct nl2sql_asker *asker = talloc(ctx, struct nl2sql_asker);
    *asker = (struct nl2sql_asker){guard, cache, llm, *options,
        nl2sql_memory_create(asker, options->cache_entries)};
    return asker;
}

const char *nl2sql_asker_host(const struct nl2sql_asker *asker)
{
    return llm_host(asker->llm);
}

const char *nl2sql_asker_model(const struct nl2sql_asker *asker)
{
    return llm_model(asker->llm);
}

/* ---- one question ---- */

/* What the model was last told; decides what it means when it does not change its mind. */
enum complaint { NOTHING, MISTAKE, COST, PRODUCT, ROWS };

struct asking {
    const void *ctx;
    struct nl2sql_asker *asker;
    const struct nl2sql_request *request;
    struct nl2sql_reply reply;
    struct nl2sql_context context;
    struct nl2sql_conversation conversation;
    struct nl2sql_list tried; /* SQL that the model was told something about */
    enum complaint complaint;
    struct error *mistake;         /* the last one */
    struct nl2sql_answer answer;   /* under consideration */
    struct nl2sql_details details; /* of its query */
    struct nl2sql_witness witness; /* of the rows that were read last … */
    const char *rows_of;           /* … by this query; NULL when it failed */
    const char *finding;           /* about rows that are there already, for people */
    struct nl2sql_answer accepted; /* whose rows they are; no SQL = none */
    struct nl2sql_details accepted_details;
    struct nl2sql_evidence evidence;
    bool remembered;
};

enum outcome { ENDED, FAILED, AGAIN };

static void progress(const struct asking *a, const char *status)
{
    if (a->request->progress)
        a->request->progress(a->request->arg, status);
}

static bool was_tried(const struct asking *a, const char *sql)
{
    for (size_t i = 0; i < a->tried.count; i++) {
        if (strcmp(a->tried.items[i], sql) == 0)
            return true;
    }
    return false;
}

/* ---- the model ---- */

static void begin(struct asking *a) may_yield
{
    const struct nl2sql_request *request = a->request;
    progress(a, "reading the schema");
    nl2sql_context_build(a->ctx, request->subject, request->question,
        a->asker->options.context_tokens, &a->context);
    a->evidence.context = &a->context;
    nl2sql_conversation_begin(a->ctx, &a->conversation, a->context.text, request);
}

static bool ask_model(struct asking *a, struct llm_answer *ret, struct error **ret_err) may_yield
{
    if (a->conversation.message_count == 0)
        begin(a);
    progress(a, "asking the model");
    return nl2sql_conversation_ask(a->ctx, &a->conversation, a->asker->llm, a->request->deadline,
        ret, ret_err);
}

/* ---- telling it what is wrong ---- */

static struct error *with_query(struct error *error, const char *sql)
{
    if (sql)
        error_detail(error, "%s%sthe query was: %s", error->detail ? error->detail : "",
            error->detail ? "\n" : "", text_excerpt(error, sql, TEXT_QUOTED_BYTES));
    return error;
}

static enum outcome give_up(struct asking *a, struct error **ret_err)
{
    struct error *error = a->mistake;
    error->message =
        talloc_asprintf(error, "the model found no query that can run, in %zu round%s: %s",
            a->conversation.rounds, a->conversation.rounds == 1 ? "" : "s", error->message);
    error->class = ERROR_STATEMENT; /* whatever the last query was stopped by */
    error->retryable = false;
    if (!error->hint)
        error_hint(error, "ask in other words, or write the SQL yourself");
    error_raise(ret_err, with_query(error, a->answer.sql));
    return FAILED;
}

static enum outcome complain(struct asking *a, enum complaint complaint, const char *text)
{
    a->complaint = complaint;
    if (a->answer.sql)
        nl2sql_list_add(a->ctx, &a->tried, a->answer.sql);
    nl2sql_conversation_tell(a->ctx, &a->conversation, text);
    return AGAIN;
}

static bool may_ask_again(const struct asking *a)
{
    return a->conversation.rounds < (size_t)a->asker->options.max_rounds;
}

/* What another query of the model can mend. */
static bool is_mendable(const struct error *error)
{
    return error->class == ERROR_STATEMENT || error->class == ERROR_REFUSED ||
           error->class == ERROR_ARGUMENT || error->class == ERROR_LIMIT;
}

static enum outcome fall_back(struct asking *a, struct error **ret_err) may_yield;

/* What the model is told of `error`. PostgreSQL quotes values when they stop a query that runs;
 * the errors of SQLSTATE class 42 come before and speak of names and types only. */
static const char *words_of(const struct asking *a, const struct error *error)
{
    bool quotes = *error->sqlstate && strncmp(error->sqlstate, "42", 2) != 0;
    if (!quotes || a->asker->options.data_samples)
        return error_text(a->ctx, error);
    return talloc_asprintf(a->ctx,
        "the query failed with SQLSTATE %s; the message is withheld, it may quote data",
        error->sqlstate);
}

/* `error` is the answer when it is not the model's mistake. */
static enum outcome mistake(struct asking *a, struct error *error, struct error **ret_err) may_yield
{
    if (!is_mendable(error)) {
        error_raise(ret_err, error);
        return FAILED;
    }
    if (a->remembered) { /* the database is not what it was: think again */
        a->remembered = false;
        nl2sql_memory_drop(a->asker->memory, a->request);
        return AGAIN;
    }
    if (a->request->explain && a->answer.sql)
        a->request->explain(a->request->arg, a->answer.sql, error);
    bool repeated = a->mistake && strcmp(a->mistake->message, error->message) == 0;
    a->mistake = error;
    if (a->accepted.sql) /* it was to mend a query that ran; that one stands */
        return fall_back(a, ret_err);
    if (repeated || !may_ask_again(a))
        return give_up(a, ret_err);
    nl2sql_list_add(a->ctx, &a->evidence.repaired, talloc_strdup(a->ctx, error->message));
    return complain(a, MISTAKE,
        talloc_asprintf(a->ctx, "That does not work. ERROR: %s", words_of(a, error)));
}

/* ---- the query ---- */

static enum outcome refuse_cost(const struct asking *a, const char *figures, struct error **ret_err)
{
    struct error *error = error_create(a->ctx, ERROR_LIMIT,
        "the query that answers this would cost too much: %s", figures);
    error_hint(error, "ask for less, as a shorter time or fewer groups; the operator can raise "
                      "llm.max_plan_cost and llm.max_plan_rows");
    error_raise(ret_err, with_query(error, a->answer.sql));
    return FAILED;
}

static bool execute(struct asking *a, const char *sql, struct error **ret_err) may_yield
{
    const struct nl2sql_request *request = a->request;
    const struct guard_query query = {.sql = sql,
        .len = strlen(sql),
        .max_rows = request->max_rows};
    progress(a, "running the query");
    if (a->reply.executed)
        request->rows.reset(request->rows.arg);
    a->witness = (struct nl2sql_witness){.rows = &request->rows};
    const struct pg_rows sink = nl2sql_witness_sink(&a->witness);
    uint64_t started = uv_hrtime();
    a->reply.executed = true;
    bool ok = guard_read(a->ctx, a->asker->guard, &query, &sink, request->deadline, ret_err);
    a->rows_of = ok ? sql : NULL;
    a->reply.execution_ms = round((double)(uv_hrtime() - started) / 1e4) / 100;
    return ok;
}

static enum outcome settle(struct asking *a) may_yield
{
    a->reply.verdict = NL2SQL_ANSWERED;
    a->reply.sql = a->answer.sql;
    a->reply.reading = a->answer.reading;
    a->reply.assumptions = a->answer.assumptions;
    a->reply.plan = a->details.plan;
    a->evidence.answer = &a->answer;
    a->evidence.details = &a->details;
    a->evidence.finding = a->finding;
    a->evidence.has_rows = a->reply.executed && a->witness.row_count > 0;
    nl2sql_judge(a->ctx, &a->evidence, &a->reply);
    if (!a->finding && !a->details.product)
        nl2sql_memory_put(a->asker->memory, a->request, catalog_cache_version(a->asker->cache),
            &a->answer);
    return ENDED;
}

/* The query that ran before is the answer; its rows may have to be read once more. */
static enum outcome fall_back(struct asking *a, struct error **ret_err)
{
    a->answer = a->accepted;
    a->details = a->accepted_details;
    if (a->rows_of != a->answer.sql && !execute(a, a->answer.sql, ret_err))
        return FAILED;
    return settle(a);
}

static enum outcome run(struct asking *a, struct error **ret_err) may_yield
{
    struct error *error = NULL;
    if (!execute(a, a->answer.sql, &error))
        return mistake(a, is_mendable(error) ? error : with_query(error, a->answer.sql), ret_err);
    struct nl2sql_finding finding;
    nl2sql_findings(a->ctx, a->asker->guard, a->request->subject, &a->witness, &a->details,
        a->asker->options.data_samples, a->request->deadline, &finding);
    a->evidence.settled = a->finding && !finding.text;
    a->accepted.sql = NULL; /* these rows are newer */
    bool told = a->complaint == ROWS;
    a->finding = finding.short_text;
    if (!finding.text || told || !may_ask_again(a) || a->remembered)
        return settle(a);
    a->accepted = a->answer;
    a->accepted_details = a->details;
    return complain(a, ROWS,
        talloc_asprintf(a->ctx,
            "%sIf that is a mistake in the query, correct it; else give the same query again.",
            finding.text));
}

static enum outcome consider(struct asking *a, struct error **ret_err) may_yield
{
    struct error *error = NULL;
    bool repeated = was_tried(a, a->answer.sql);
    if (repeated && a->accepted.sql)
        return fall_back(a, ret_err);
    if (repeated && a->complaint == MISTAKE)
        return give_up(a, ret_err);
    progress(a, "checking the query");
    if (!nl2sql_plan_get(a->ctx, a->asker->guard, a->request->subject, a->answer.sql,
            a->request->deadline, &a->details, &error))
        return mistake(a, error, ret_err);
    const char *figures = nl2sql_plan_excess(a->ctx, &a->details.plan, &a->asker->options);
    if (figures) {
        if (a->accepted.sql)
            return fall_back(a, ret_err);
        if (a->complaint == COST || repeated || a->remembered || !may_ask_again(a))
            return refuse_cost(a, figures, ret_err);
        return complain(a, COST,
            talloc_asprintf(a->ctx,
                "The query would cost too much: %s. Read less: filter earlier, join on keys, "
                "aggregate before joining.",
                figures));
    }
    if (a->details.product && a->complaint != PRODUCT && !a->remembered && may_ask_again(a))
        return complain(a, PRODUCT,
            talloc_asprintf(a->ctx,
                "The query joins every row of %s: a join condition is missing. If that is wanted, "
                "give the same query again.",
                a->details.product));
    return a->request->execute ? run(a, ret_err) : settle(a);
}

/* ---- a round ---- */

static enum outcome say(struct asking *a, enum nl2sql_verdict verdict)
{
    a->reply.verdict = verdict;
    a->reply.sql = NULL;
    a->reply.reading = a->answer.reading;
    a->reply.question = a->answer.question;
    a->reply.options = a->answer.options;
    a->reply.reason = a->answer.reason ? a->answer.reason : "the model gave no reason";
    return ENDED;
}

static enum outcome play_round(struct asking *a, struct error **ret_err) may_yield
{
    struct llm_answer said;
    struct error *error = NULL;
    if (!a->remembered) {
        if (!ask_model(a, &said, ret_err))
            return FAILED;
        a->answer.sql = NULL;
        if (said.refused) {
            a->answer = (struct nl2sql_answer){.reason = "the model declined to answer"};
            return say(a, NL2SQL_CANNOT);
        }
        if (!nl2sql_answer_read(a->ctx, said.text, said.cut, &a->answer, &error))
            return mistake(a, error, ret_err);
    }
    return a->answer.sql ? consider(a, ret_err) : say(a, a->answer.verdict);
}

bool nl2sql_ask(const void *ctx, struct nl2sql_asker *asker, const struct nl2sql_request *request,
    struct nl2sql_reply *ret, struct error **ret_err)
{
    if (strlen(request->question) > NL2SQL_QUESTION_MAX_BYTES)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_ARGUMENT, "the question is longer than %d bytes",
                           NL2SQL_QUESTION_MAX_BYTES),
                "ask in fewer words"));
    if (!request->question[strspn(request->question, " \t\r\n?.!")])
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_ARGUMENT, "the question is empty"),
                "say in plain language what you want to know"));
    struct asking *a = talloc_zero(ctx, struct asking);
    a->ctx = a;
    a->asker = asker;
    a->request = request;
    a->remembered = nl2sql_memory_get(a, asker->memory, request,
        catalog_cache_version(asker->cache), &a->answer);
    a->reply.remembered = a->remembered;
    enum outcome outcome = AGAIN;
    while (outcome == AGAIN) {
        outcome = play_round(a, ret_err);
        a->reply.remembered = a->remembered;
    }
    a->reply.rounds = a->conversation.rounds;
    a->reply.prompt_tokens = a->conversation.prompt_tokens;
    a->reply.completion_tokens = a->conversation.completion_tokens;
    a->reply.model_ms = a->conversation.model_ms;
    *ret = a->reply;
    return outcome == ENDED;
}
