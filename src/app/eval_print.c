/* The figures of `pgparley eval`, side by side; see eval.h. */
#include "app/eval_internal.h"
#include "app/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>
#include <unistd.h>

enum { PERCENTILE_LEAST = 20 };

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

/* Of a few values the 95th percentile is but the highest. */
static bool is_few(const struct eval *e)
{
    size_t count = e->ours.count < e->shot.count ? e->ours.count : e->shot.count;
    return count < PERCENTILE_LEAST;
}

static char *spread(const void *ctx, const struct eval_score *score, const double *values,
    int digits, size_t percent)
{
    return talloc_asprintf(ctx, "%.*f, %.*f", digits, percentile(ctx, values, score->count, 50),
        digits, percentile(ctx, values, score->count, percent));
}

enum { FIGURES = 8, FIRST_SPREAD = 6 };

static const char *const names[FIGURES] = {
    "right rows",
    "SQL that runs",
    "asked back, or cannot",
    "rounds, mean",
    "prompt tokens, mean",
    "answer tokens, mean",
    "seconds, p50",
    "own ms, p50",
};

static void measure(const void *ctx, const struct eval_score *s, size_t percent,
    const char *ret[FIGURES])
{
    const char *const figures[FIGURES] = {
        share(ctx, s, s->right),
        share(ctx, s, s->valid),
        share(ctx, s, s->open),
        mean(ctx, s, (double)s->rounds),
        mean(ctx, s, (double)s->prompt_tokens),
        mean(ctx, s, (double)s->completion_tokens),
        spread(ctx, s, s->seconds, 2, percent),
        spread(ctx, s, s->own_ms, 1, percent),
    };
    for (size_t i = 0; i < FIGURES; i++)
        ret[i] = figures[i];
}

void app_eval_print_misses(const struct eval *e)
{
    if (e->miss_count > 0)
        app_print_heading(stderr, "Not right");
    for (size_t i = 0; i < e->miss_count; i++) {
        fputs("  ", stderr);
        app_print_cell(stderr, e->misses[i], 0);
        fputc('\n', stderr);
    }
}

void app_eval_print(const struct eval *e)
{
    void *ctx = talloc_new(NULL);
    const char *ours[FIGURES], *shot[FIGURES];
    char *table = talloc_strdup(ctx, "\tpgparley\tone shot\n");
    bool few = is_few(e);
    measure(ctx, &e->ours, few ? 100 : 95, ours);
    measure(ctx, &e->shot, few ? 100 : 95, shot);
    const char *percentile_name = few ? " and max" : " and p95";
    for (size_t i = 0; i < FIGURES; i++)
        table = talloc_asprintf_append(table, "%s%s\t%s\t%s\n", names[i],
            i < FIRST_SPREAD ? "" : percentile_name, ours[i], shot[i]);
    if (isatty(STDOUT_FILENO))
        app_print_table(stdout, table);
    else
        fputs(table, stdout);
    talloc_free(ctx);
}
