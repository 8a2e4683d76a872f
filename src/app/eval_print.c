/* The figures of `pgparley eval`, side by side; see eval.h. */
#include "app/eval_internal.h"
#include "app/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double percentile(const void *ctx, const double *values, size_t count, size_t percent)
{
    double *sorted = talloc_memdup(ctx, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, compare);
    size_t at = (count * percent + 99) / 100;
    return sorted[at > 0 ? at - 1 : 0];
}

static char *share(const void *ctx, const struct eval_score *score, size_t part)
{
    return talloc_asprintf(ctx, "%.1f %% (%zu of %zu)", 100.0 * (double)part / (double)score->count,
        part, score->count);
}

static char *mean(const void *ctx, const struct eval_score *score, double sum)
{
    return talloc_asprintf(ctx, "%.1f", sum / (double)score->count);
}

static char *spread(const void *ctx, const struct eval_score *score, const double *values,
    int digits)
{
    return talloc_asprintf(ctx, "%.*f, %.*f", digits, percentile(ctx, values, score->count, 50),
        digits, percentile(ctx, values, score->count, 95));
}

enum { FIGURES = 8 };

static const char *const names[FIGURES] = {
    "right rows",
    "SQL that runs",
    "asked back, or cannot",
    "rounds, mean",
    "prompt tokens, mean",
    "answer tokens, mean",
    "seconds, p50 and p95",
    "own ms, p50 and p95",
};

static void measure(const void *ctx, const struct eval_score *s, const char *ret[FIGURES])
{
    const char *const figures[FIGURES] = {
        share(ctx, s, s->right),
        share(ctx, s, s->valid),
        share(ctx, s, s->open),
        mean(ctx, s, (double)s->rounds),
        mean(ctx, s, (double)s->prompt_tokens),
        mean(ctx, s, (double)s->completion_tokens),
        spread(ctx, s, s->seconds, 2),
        spread(ctx, s, s->own_ms, 1),
    };
    for (size_t i = 0; i < FIGURES; i++)
        ret[i] = figures[i];
}

void app_eval_print(const struct eval *e)
{
    void *ctx = talloc_new(NULL);
    const char *ours[FIGURES], *shot[FIGURES];
    char *table = talloc_strdup(ctx, "\tpgparley\tone shot\n");
    measure(ctx, &e->ours, ours);
    measure(ctx, &e->shot, shot);
    for (size_t i = 0; i < FIGURES; i++)
        table = talloc_asprintf_append(table, "%s\t%s\t%s\n", names[i], ours[i], shot[i]);
    if (isatty(STDOUT_FILENO))
        app_print_table(stdout, table);
    else
        fputs(table, stdout);
    talloc_free(ctx);
}
