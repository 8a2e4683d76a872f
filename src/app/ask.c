/* `pgparley ask`: the question loop for a person; see ask.h. */
#include "app/ask.h"

#include "app/admission.h"
#include "app/model.h"
#include "app/print.h"
#include "app/wiring.h"
#include "base/log.h"
#include "tools/question.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_CONFIG = 2, EXIT_OPEN = 4 };

struct ask {
    void *ctx;
    const struct app_ask_options *options;
    const struct config *config;
    struct tools_env env;
};

static void on_progress(void *arg, const char *status)
{
    (void)arg;
    fprintf(stderr, "\r\033[K%s …", status);
}

/* What the model wrote is shown without its control characters, line by line. */
static void print_lines(FILE *out, const char *text)
{
    char *copy = talloc_strdup(NULL, text), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        app_print_cell(out, line, 0);
        fputc('\n', out);
    }
    talloc_free(copy);
}

static void print_items(const char *title, const struct nl2sql_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fprintf(stderr, "%-12s", i == 0 ? title : "");
        app_print_cell(stderr, list->items[i], 0);
        fputc('\n', stderr);
    }
}

static void print_item(const char *title, const char *text)
{
    const struct nl2sql_list one = {&text, text ? 1 : 0};
    print_items(title, &one);
}

static int print_open(const struct nl2sql_reply *reply)
{
    if (reply->verdict == NL2SQL_CLARIFY) {
        print_item("Question:", reply->question);
        print_items("Answers:", &reply->options);
        fputs("Ask again, with the answer in the question.\n", stderr);
    } else {
        print_item("No answer:", reply->reason);
    }
    return EXIT_OPEN;
}

static void print_effort(const struct nl2sql_reply *reply)
{
    fprintf(stderr, "%-12s%s\n", "Confidence:", tools_confidence_name(reply->confidence));
    print_items("Because:", &reply->reasons);
    if (reply->plan.known)
        fprintf(stderr, "%-12scost %.0f, at most %.0f rows in a step\n", "Plan:", reply->plan.cost,
            reply->plan.rows);
    fprintf(stderr, "%-12s%zu round%s", "Effort:", reply->rounds, reply->rounds == 1 ? "" : "s");
    if (reply->prompt_tokens >= 0 && reply->completion_tokens >= 0)
        fprintf(stderr, ", %lld + %lld tokens", (long long)reply->prompt_tokens,
            (long long)reply->completion_tokens);
    fprintf(stderr, ", %.1f s of the model\n", reply->model_ms / 1000);
}

static int print_answer(const struct ask *ask, const struct nl2sql_reply *reply,
    const struct rows *rows)
{
    if (reply->verdict != NL2SQL_ANSWERED)
        return print_open(reply);
    struct str remarks;
    print_item("Reading:", reply->reading);
    print_items("Assuming:", &reply->assumptions);
    if (ask->options->dry_run) {
        print_effort(reply);
        print_lines(stdout, reply->sql);
        return 0;
    }
    fprintf(stderr, "SQL:\n");
    print_lines(stderr, reply->sql);
    fputc('\n', stderr);
    if (isatty(STDOUT_FILENO))
        app_print_table(stdout, rows_table(rows));
    else
        fputs(rows_table(rows), stdout);
    fflush(stdout);
    str_init(&remarks, ask->ctx, 4096);
    rows_put_remarks(rows, &remarks);
    fprintf(stderr, "%s\n\n", str_get(&remarks));
    print_effort(reply);
    return 0;
}

static int answer(void *arg)
{
    struct ask *ask = arg;
    const struct tools_env *env = &ask->env;
    const struct rows_limits limits = {
        .max_rows = (size_t)env->max_rows,
        .max_bytes = env->max_result_bytes,
        .max_cell_bytes = env->max_cell_bytes,
    };
    bool shows_progress = app_print_is_styled(stderr);
    const struct tools_question question = {
        .text = ask->options->question,
        .execute = !ask->options->dry_run,
        .rows = rows_create(ask->ctx, &limits, false),
        .max_rows = limits.max_rows,
        .deadline = rt_deadline(ask->config->mcp.call_timeout_ms),
        .progress = shows_progress ? on_progress : NULL,
    };
    struct nl2sql_reply reply;
    struct error *error;
    bool ok = tools_question_ask(ask->ctx, env, &question, &reply, &error);
    if (shows_progress)
        fputs("\r\033[K", stderr);
    if (ok)
        return print_answer(ask, &reply, question.rows);
    fputs("pgparley: error: ", stderr);
    print_lines(stderr, error_text(ask->ctx, error));
    return error->class == ERROR_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}

static bool has_model(const struct ask *ask, struct error **ret_err)
{
    return ask->env.asker ||
           error_raise(ret_err,
               error_hint(error_create(ask->ctx, ERROR_CONFIG, "there is no model to ask"),
                   "set llm.base_url and llm.model; \"pgparley help config\" explains them"));
}

int app_ask(const struct app_ask_options *options)
{
    if (!options->question || !*options->question) {
        log_error("there is no question\nHINT: pgparley ask \"How many orders came in May?\"");
        return EXIT_CONFIG;
    }
    rt_init();
    signal(SIGPIPE, SIG_IGN);
    void *ctx = talloc_new(NULL);
    struct ask ask = {.ctx = ctx, .options = options};
    struct config *config;
    struct error *error;
    int code = EXIT_CONFIG;
    if (config_load(ctx, options->file, NULL, &config, &error) &&
        app_wire(ctx, config, &ask.env, &error) &&
        app_asker_create(ctx, config, &ask.env, &error) && has_model(&ask, &error)) {
        ask.config = config;
        if (config->security.enforce_least_privilege)
            app_admission_install(ctx, &ask.env, true);
        code = app_run_once(&ask.env, answer, &ask);
    } else {
        log_error("%s", error_text(ctx, error));
    }
    talloc_free(ctx);
    return code;
}
