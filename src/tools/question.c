/* A question to the model, with what belongs to this database; see question.h. */
#include "tools/question.h"

#include "base/text.h"
#include "tools/near_names.h"

#include <string.h>
#include <talloc.h>

enum { SHOWN_BYTES = 60 }; /* of an argument, in a message */

struct asked {
    const void *ctx;
    const struct tools_env *env;
    const struct tools_question *question;
};

static void on_progress(void *arg, const char *status)
{
    const struct tools_question *question = ((struct asked *)arg)->question;
    if (question->progress)
        question->progress(question->arg, status);
}

static void on_error(void *arg, const char *sql, struct error *error) may_yield
{
    const struct asked *asked = arg;
    near_names_add(asked->ctx, asked->env, sql, asked->question->deadline, error);
    near_names_show_place(error, sql);
}

static bool is_here(const void *ctx, const char *wanted, const char *database,
    struct error **ret_err)
{
    if (!wanted || !*wanted || strcmp(wanted, database) == 0)
        return true;
    return error_raise(ret_err,
        error_hint(error_create(ctx, ERROR_ARGUMENT, "there is no database \"%s\" here",
                       text_excerpt(ctx, wanted, SHOWN_BYTES)),
            "this server reads \"%s\"; leave the argument out", database));
}

bool tools_question_ask(const void *ctx, const struct tools_env *env,
    const struct tools_question *question, struct nl2sql_reply *ret, struct error **ret_err)
{
    struct visible_catalog seen;
    struct nl2sql_subject subject;
    int64_t deadline = question->deadline;
    struct asked asked = {ctx, env, question};
    on_progress(&asked, "reading the schema");
    if (!guard_gate_pass(ctx, env->guard, deadline, ret_err) ||
        !visible_get(ctx, env->visible, deadline, &seen, ret_err) ||
        !is_here(ctx, question->database, seen.catalog->database, ret_err) ||
        !nl2sql_knowledge_get(ctx, env->knowledge, seen.catalog, &seen.filter, deadline, &subject,
            ret_err))
        return false;
    const struct nl2sql_request request = {
        .question = question->text,
        .exchange = question->exchange,
        .execute = question->execute,
        .max_rows = question->max_rows,
        .subject = &subject,
        .rows = rows_sink(question->rows),
        .deadline = deadline,
        .progress = on_progress,
        .explain = on_error,
        .arg = &asked,
    };
    return nl2sql_ask(ctx, env->asker, &request, ret, ret_err);
}

const char *tools_confidence_name(enum nl2sql_confidence confidence)
{
    static const char *const names[] =
        {[NL2SQL_LOW] = "low", [NL2SQL_MEDIUM] = "medium", [NL2SQL_HIGH] = "high"};
    return names[confidence];
}
