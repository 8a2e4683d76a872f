/* `pgparley eval`: how well a model answers questions whose answers are known. */
#ifndef PGPARLEY_APP_EVAL_H
#define PGPARLEY_APP_EVAL_H

#include <stdbool.h>

struct app_eval_options {
    const char *file;  /* of the configuration, or NULL */
    const char *gold;  /* JSON lines: question, sql, ordered */
    const char *limit; /* a number, or NULL */
};

/* Prints the comparison on standard output. Returns the exit code: 1 when the model or the database
 * cannot be had, 2 when a file cannot be used. */
int app_eval(const struct app_eval_options *options);

/* Whether two tables (tools/rows.h) have the same rows, in the same order if that matters; names of
 * columns do not. 1.50 is 1.5. (eval_compare.c) */
bool app_eval_same(const char *a, const char *b, bool ordered);

#endif
