/* The program: picks the command and turns what it returns into an exit code. */
#include "app/ask.h"
#include "app/check.h"
#include "app/demo.h"
#include "app/eval.h"
#include "app/grants.h"
#include "app/help.h"
#include "app/options.h"
#include "app/serve.h"
#include "base/log.h"
#include "pgparley_version.h"

#include <stdio.h>
#include <talloc.h>

enum { EXIT_USAGE = 2 };

static int run(const struct app_options *options)
{
    switch (options->command) {
    case APP_SERVE:
        return app_serve(
            &(struct app_serve_options){options->config, options->operand, options->http});
    case APP_ASK:
        return app_ask(
            &(struct app_ask_options){options->config, options->operand, options->dry_run});
    case APP_EVAL:
        return app_eval(
            &(struct app_eval_options){options->config, options->operand, options->limit});
    case APP_CHECK:
        return app_check(
            &(struct app_check_options){options->config, options->operand, options->offline});
    case APP_GRANTS:
        return app_grants(&(struct app_grants_options){options->config, options->operand,
            options->role, options->harden});
    case APP_DEMO:
        return app_demo(
            &(struct app_demo_options){.clean = options->clean, .directory = options->directory});
    case APP_HELP:
        if (!options->man)
            return app_help(options->operand);
        app_man();
        return 0;
    case APP_VERSION:
        puts("pgparley " PGPARLEY_VERSION);
        return 0;
    }
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    void *ctx = talloc_new(NULL);
    struct app_options options;
    struct error *error;
    int code = EXIT_USAGE;
    if (app_options_parse(ctx, argc, argv, &options, &error))
        code = run(&options);
    else
        log_error("%s", error_text(ctx, error));
    talloc_free(ctx);
    return code;
}
