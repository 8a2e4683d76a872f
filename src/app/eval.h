/* `pgparley eval`: how well a model answers questions whose answers are known. */
#ifndef PGPARLEY_APP_EVAL_H
#define PGPARLEY_APP_EVAL_H

#include <stdbool.h>

struct app_eval_options {
    const char *file;  /* of the configuration, or NULL */
    const char *gold;  /* JSON lines: question, sql, ordered */
    const char *limit; /* a number, or NULL */
};

/* Prints the comparison on standard output; on standard error a line for each question as it is
 * answered, and in the end why those failed that did. Returns the exit code: 1 when the model or
 * the database cannot be had, 2 when a file cannot be used. */
int app_eval(const struct app_eval_options *options);

/* How a table (tools/rows.h) differs from what is expected, under `ctx`; NULL when it has the same
 * rows, in the same order if that matters. Names of columns do not, and 1.50 is 1.5.
 * (eval_compare.c) */
char *app_eval_difference(const void *ctx, const char *expected, const char *found, bool ordered);

#endif
