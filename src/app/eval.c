/*
 * `pgparley eval`: questions with known answers, put to the question loop and to one shot; see
 * eval.h.
 *
 * One shot is what most servers do: the whole schema as JSON in the prompt, and what comes back is
 * run. The guard stands before both.
 */
#include "app/eval.h"

#include "app/eval_internal.h"
#include "app/model.h"
#include "app/print.h"
#include "app/wiring.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { EXIT_FAILED = 1, EXIT_CONFIG = 2, FAILURES_MAX = 3, SHOWN_BYTES = 60 };

/* ---- the file ---- */

static const char line_hint[] = "each line is a JSON object with \"question\" and \"sql\"";

static bool add_question(struct eval *e, const char *line, size_t number, struct error **ret_err)
{
    json_error_t problem;
    json_t *root = json_loads(line, 0, &problem);
    const char *question = json_string_value(json_object_get(root, "question"));
    const char *sql = json_string_value(json_object_get(root, "sql"));
    const char *id = json_string_value(json_object_get(root, "id"));
    bool ok = question && sql;
    if (ok) {
        e->golds = talloc_realloc(e->ctx, e->golds, struct eval_gold, (unsigned)e->gold_count + 1);
        e->golds[e->gold_count++] = (struct eval_gold){
            .id = id ? talloc_strdup(e->ctx, id) : talloc_asprintf(e->ctx, "line %zu", number),
            .question = talloc_strdup(e->ctx, question),
            .sql = talloc_strdup(e->ctx, sql),
            .ordered = json_is_true(json_object_get(root, "ordered")),
        };
    }
    json_decref(root);
    return ok ||
           error_raise(ret_err,
               error_hint(error_create(e->ctx, ERROR_CONFIG, "%s:%zu: %s", e->options->gold, number,
                              root ? "\"question\" or \"sql\" is missing" : problem.text),
                   "%s", line_hint));
}

static bool read_file(struct eval *e, size_t limit, struct error **ret_err)
{
    FILE *file = fopen(e->options->gold, "re");
    char *line = NULL;
    size_t size = 0, number = 0;
    bool ok = true;
    if (!file)
        return error_raise(ret_err,
            error_create(e->ctx, ERROR_CONFIG, "%s: cannot read the file: %s", e->options->gold,
                strerror(errno)));
    while (ok && e->gold_count < limit && getline(&line, &size, file) >= 0) {
        number++;
        if (line[strspn(line, " \t\r\n")])
            ok = add_question(e, line, number, ret_err);
    }
    free(line);
    fclose(file);
    return ok && (e->gold_count > 0 ||
                     error_raise(ret_err, error_hint(error_create(e->ctx, ERROR_CONFIG,
                                                         "%s: no questions", e->options->gold),
                                              "%s", line_hint)));
}

static bool read_limit(struct eval *e, size_t *ret, struct error **ret_err)
{
    const char *text = e->options->limit;
    char *end = NULL;
    long limit = text ? strtol(text, &end, 10) : LONG_MAX;
    *ret = (size_t)limit;
    return (limit > 0 && (!end || !*end)) ||
           error_raise(ret_err, error_create(e->ctx, ERROR_CONFIG,
                                    "--limit wants a number above 0, not \"%s\"", text));
}

/* ---- one question ---- */

static const char *const outcome_names[] = {
    [EVAL_RIGHT] = "right",
    [EVAL_WRONG] = "wrong",
    [EVAL_FAILED] = "does not run",
    [EVAL_OPEN] = "not answered",
    [EVAL_BROKEN] = "no model",
};

static void show_number(const struct eval *e, size_t i)
{
    if (app_print_is_styled(stderr))
        fputs("\r\033[K", stderr);
    fprintf(stderr, "%zu/%zu ", i + 1, e->gold_count);
    app_print_cell(stderr, e->golds[i].id, 0);
}

/* What is being done, until the line of the result takes its place. */
static void show_step(const struct eval *e, size_t i, const char *step)
{
    if (!app_print_is_styled(stderr))
        return;
    show_number(e, i);
    fprintf(stderr, ": %s …", step);
}

static void show_result(const struct eval *e, size_t i, const struct eval_result *ours,
    const struct eval_result *shot)
{
    char *question = text_excerpt(NULL, e->golds[i].question, SHOWN_BYTES);
    show_number(e, i);
    fprintf(stderr, ": %s (%.1f s), one shot %s (%.1f s): ", outcome_names[ours->outcome],
        ours->seconds, outcome_names[shot->outcome], shot->seconds);
    app_print_cell(stderr, question, 0);
    fputc('\n', stderr);
    talloc_free(question);
}

static void keep_reason(struct eval *e, const struct eval_gold *gold, const char *whose,
    const struct eval_result *result)
{
    if (!result->reason)
        return;
    e->misses = talloc_realloc(e->ctx, e->misses, const char *, (unsigned)e->miss_count + 1);
    e->misses[e->miss_count++] =
        talloc_asprintf(e->ctx, "%s, %s: %s", gold->id, whose, result->reason);
}

static bool ask_both(const void *ctx, struct eval *e, size_t i, const char *expected,
    struct error **ret_err) may_yield
{
    const struct eval_gold *gold = &e->golds[i];
    struct eval_result ours = {.outcome = EVAL_BROKEN}, shot = {.outcome = EVAL_BROKEN};
    show_step(e, i, "asking");
    bool ok = app_eval_ask(ctx, e, gold, expected, &ours, ret_err);
    if (ok) {
        show_step(e, i, "asking for one shot");
        ok = app_eval_one_shot(ctx, e, gold, expected, &shot, ret_err);
    }
    show_result(e, i, &ours, &shot);
    keep_reason(e, gold, "pgparley", &ours);
    keep_reason(e, gold, "one shot", &shot);
    return ok;
}

/* False when nothing will work any more. */
static bool put_question(struct eval *e, size_t i, struct error **ret_err) may_yield
{
    const struct eval_gold *gold = &e->golds[i];
    void *ctx = talloc_new(e->ctx);
    struct rows *expected;
    struct error *error = NULL;
    if (!app_eval_run(ctx, e, gold->sql, &expected, &error)) {
        log_warning("%s is left out: its SQL does not run: %s", gold->id, error_text(ctx, error));
        talloc_free(ctx);
        return true;
    }
    e->broken = ask_both(ctx, e, i, rows_table(expected), &error) ? 0 : e->broken + 1;
    bool goes_on = e->broken < FAILURES_MAX;
    if (!goes_on)
        error_raise(ret_err, error_copy(e->ctx, error));
    talloc_free(ctx);
    return goes_on;
}

static int evaluate(void *arg)
{
    struct eval *e = arg;
    struct error *error;
    bool ok = app_eval_prepare(e, &error);
    for (size_t i = 0; ok && i < e->gold_count; i++)
        ok = put_question(e, i, &error);
    app_eval_print_misses(e);
    if (e->ours.count > 0 && e->shot.count > 0)
        app_eval_print(e);
    if (ok)
        return 0;
    log_error("%s", error_text(e->ctx, error));
    return EXIT_FAILED;
}

static bool wire(struct eval *e, struct error **ret_err)
{
    struct config *config;
    size_t limit;
    if (!config_load(e->ctx, e->options->file, NULL, &config, ret_err))
        return false;
    config->llm.cache_entries = 0; /* each question is to be thought about */
    e->config = config;
    return read_limit(e, &limit, ret_err) && read_file(e, limit, ret_err) &&
           app_wire(e->ctx, config, &e->env, ret_err) &&
           app_asker_create(e->ctx, config, &e->env, ret_err) &&
           app_model_create(e->ctx, config, &e->model, ret_err) &&
           (e->model || error_raise(ret_err, error_hint(error_create(e->ctx, ERROR_CONFIG,
                                                            "there is no model to ask"),
                                                 "set llm.base_url and llm.model")));
}

int app_eval(const struct app_eval_options *options)
{
    if (!options->gold) {
        log_error("there is no file\nHINT: usage: pgparley eval [--limit N] [--config FILE] FILE");
        return EXIT_CONFIG;
    }
    rt_init();
    signal(SIGPIPE, SIG_IGN);
    struct eval e = {.ctx = talloc_new(NULL), .options = options};
    struct error *error;
    int code = EXIT_CONFIG;
    if (wire(&e, &error))
        code = app_run_once(&e.env, evaluate, &e);
    else
        log_error("%s", error_text(e.ctx, error));
    talloc_free(e.ctx);
    return code;
}
