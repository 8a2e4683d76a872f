/* A question put to the model about what the policy shows: for the tool, and for commands. */
#ifndef PGPARLEY_TOOLS_QUESTION_H
#define PGPARLEY_TOOLS_QUESTION_H

#include "nl2sql/ask.h"
#include "tools/rows.h"
#include "tools/tools.h"

struct tools_question {
    const char *text;
    const char *database; /* that it is meant for; NULL: this one */
    const struct nl2sql_exchange *exchange;
    bool execute;
    struct rows *rows; /* get the result */
    size_t max_rows;
    int64_t deadline;
    void (*progress)(void *arg, const char *status); /* may be NULL */
    void *arg;
};

/* As nl2sql_ask(); env->asker is not NULL. */
must_use bool tools_question_ask(const void *ctx, const struct tools_env *env,
    const struct tools_question *question, struct nl2sql_reply *ret,
    struct error **ret_err) may_yield;

/* "high", "medium", "low". */
const char *tools_confidence_name(enum nl2sql_confidence confidence);

#endif
