/* How sure an answer is, from what is known of its making; see asking.h. */
#include "nl2sql/asking.h"

#include <talloc.h>

enum { WELL_COVERED = 60, BARELY_COVERED = 30 }; /* percent of the question's words */

struct judgement {
    const void *ctx;
    struct nl2sql_list reasons;
    int doubts; /* two of them make it low */
};

static void say(struct judgement *j, int doubts, const char *reason)
{
    nl2sql_list_add(j->ctx, &j->reasons, reason);
    j->doubts += doubts;
}

static void judge_context(struct judgement *j, const struct nl2sql_context *context)
{
    int covered = (int)(context->coverage * 100);
    if (context->whole)
        say(j, 0, "the model saw the whole schema");
    else
        say(j, 0,
            talloc_asprintf(j->ctx, "the model saw %zu of %zu tables", context->relation_count,
                context->relation_count + context->omitted));
    if (covered < WELL_COVERED)
        say(j, covered < BARELY_COVERED && !context->whole ? 2 : 1,
            talloc_asprintf(j->ctx, "the schema speaks of only %d %% of the question's words",
                covered));
}

static void judge_making(struct judgement *j, const struct nl2sql_evidence *e)
{
    for (size_t i = 0; i < e->repaired.count; i++)
        say(j, i == 0,
            talloc_asprintf(j->ctx, "the model corrected its query: %s", e->repaired.items[i]));
    if (e->answer->loose)
        say(j, 1, "the model did not answer in the form that was asked for");
    if (e->answer->assumptions.count > 0)
        say(j, e->answer->assumptions.count > 2, "it rests on the assumptions that are listed");
}

static void judge_result(struct judgement *j, const struct nl2sql_evidence *e)
{
    if (!e->details->plan.known)
        say(j, 0, "its plan cannot be seen here");
    if (e->details->product)
        say(j, 2, talloc_asprintf(j->ctx, "it joins every row of %s", e->details->product));
    if (e->finding)
        say(j, 2, e->finding);
    else if (e->has_rows && e->details->literal_count > 0)
        say(j, 0, "the values that it looks for occur in the data");
    if (e->settled)
        say(j, 0, "a value was replaced by one that occurs in the data");
}

void nl2sql_judge(const void *ctx, const struct nl2sql_evidence *evidence,
    struct nl2sql_reply *reply)
{
    struct judgement j = {.ctx = ctx};
    if (evidence->context)
        judge_context(&j, evidence->context);
    else
        say(&j, 0, "the same question was answered before");
    judge_making(&j, evidence);
    judge_result(&j, evidence);
    reply->confidence = j.doubts == 0 ? NL2SQL_HIGH : j.doubts == 1 ? NL2SQL_MEDIUM : NL2SQL_LOW;
    reply->reasons = j.reasons;
}
