/* What the files of `pgparley eval` share. */
#ifndef PGPARLEY_APP_EVAL_INTERNAL_H
#define PGPARLEY_APP_EVAL_INTERNAL_H

#include "app/eval.h"
#include "config/config.h"
#include "llm/llm.h"
#include "tools/question.h"

struct eval_gold {
    const char *id, *question, *sql;
    bool ordered;
};

enum eval_outcome {
    EVAL_RIGHT,
    EVAL_WRONG,
    EVAL_FAILED, /* no query that runs */
    EVAL_OPEN,   /* the model asked back, or said that the data cannot tell */
    EVAL_BROKEN, /* the model could not be had */
};
struct eval_result {
    enum eval_outcome outcome;
    const char *reason; /* NULL when it is right */
    double seconds;
};

/* What is known of one way to answer. */
struct eval_score {
    size_t count, right, valid, open;
    size_t rounds;
    int64_t prompt_tokens, completion_tokens;
    double *seconds; /* of each question */
    double *own_ms;  /* the same without the model and the query */
};

struct eval {
    void *ctx;
    const struct app_eval_options *options;
    const struct config *config;
    struct tools_env env;
    struct llm *model;
    struct eval_gold *golds;
    size_t gold_count;
    const char *schema; /* all that is shown, as JSON */
    struct eval_score ours, shot;
    size_t broken;       /* questions without a model, in a row */
    const char **misses; /* of each answer that was not right: id, whose, why */
    size_t miss_count;
};

/* eval_run.c */
must_use bool app_eval_prepare(struct eval *e, struct error **ret_err) may_yield;
must_use bool app_eval_run(const void *ctx, const struct eval *e, const char *sql,
    struct rows **ret, struct error **ret_err) may_yield;
/* Both fail when the model cannot be had; that is the result then. */
must_use bool app_eval_ask(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct eval_result *ret, struct error **ret_err) may_yield;
must_use bool app_eval_one_shot(const void *ctx, struct eval *e, const struct eval_gold *gold,
    const char *expected, struct eval_result *ret, struct error **ret_err) may_yield;

/* eval_print.c */
void app_eval_print_misses(const struct eval *e); /* on standard error */
void app_eval_print(const struct eval *e);

#endif
