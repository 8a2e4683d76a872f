/* The command line; see options.h. */
#include "app/options.h"

#include "app/address.h"
#include "base/text.h"
#include "config/config.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define FIELD(f) offsetof(struct app_options, f)
#define ON(id) (1u << (id))
#define ON_DATABASE (ON(APP_SERVE) | ON(APP_ASK) | ON(APP_EVAL) | ON(APP_CHECK) | ON(APP_GRANTS))
#define ON_ALL (ON_DATABASE | ON(APP_DEMO) | ON(APP_HELP))

const struct app_command app_commands[] = {
    {APP_SERVE, "serve", "[--stdio | --http [ADDR:PORT]] [--config FILE] [CONNECTION-STRING]",
        "CONNECTION-STRING", "Serve MCP clients; this is what runs when no command is named.",
        "A client starts the program and speaks with it over standard input and output. "
        "Nothing is connected, written or printed before the first call that needs it; messages "
        "for the operator go to standard error. The server ends when its input does.\n"
        "With --http it serves many clients at once, at http://127.0.0.1:8765/mcp unless told "
        "otherwise, or on the sockets that systemd hands it. It refuses to listen beyond this "
        "machine without mcp.tokens. /healthz tells that it runs, /readyz whether the database "
        "answers. SIGTERM lets calls in flight end; a second one ends them.\n"
        "SIGHUP reads the configuration, its secrets and certificates anew. Calls in flight keep "
        "what they began with; a mistake in the file leaves all as it was.\n"
        "Without a connection string and a configuration, libpq's defaults apply, just as for "
        "psql."},
    {APP_ASK, "ask", "[--dry-run] [--config FILE] QUESTION", "QUESTION",
        "Answer a question in plain language from the database.",
        "The model of the section llm writes SQL for the question; it is checked, corrected and "
        "run just as for the tool natural_language_to_sql. Rows go to standard output, as a table "
        "on a terminal, else separated by tabs; the SQL, how the question was read and how sure "
        "that is go to standard error.\n"
        "The exit code is 1 when there is no answer, 2 when the configuration is wrong, and 4 when "
        "the model has a question first or says that the data cannot tell."},
    {APP_EVAL, "eval", "[--limit N] [--config FILE] FILE", "FILE",
        "Measure how well a model answers questions whose answers are known.",
        "Each line of FILE is a JSON object: \"question\", the \"sql\" that answers it, and "
        "\"ordered\": true where the order of the rows matters, and \"id\" where its line is not "
        "what it shall be called by. Prints the share of questions whose rows are right, of "
        "queries that run, rounds, tokens and time, that of pgparley itself without model and "
        "query as well; and beside it the same for one shot: the whole schema as JSON in the "
        "prompt, and nothing checked but by the guard. Standard error has each result as it comes, "
        "and in the end why an answer was not right.\n"
        "The exit code is 1 when the model or the database cannot be had."},
    {APP_CHECK, "check", "[--offline] [--config FILE] [CONNECTION-STRING]", "CONNECTION-STRING",
        "Validate a configuration, explain what it means, and audit role and database.",
        "Prints every setting in force and where it came from, what the limits amount to, and "
        "warnings about what is likely to be a mistake. Secrets are not shown. Then it connects, "
        "and tells what the role could do if nothing but PostgreSQL stopped it (danger, warning "
        "or fine, with the SQL or the key that changes it), and what of the database the policy "
        "shows and hides.\n"
        "When the output is not a terminal, a setting is one line of key, value and source, "
        "separated by tabs. Every other line begins with what it is: \"policy\" or \"warning\" and "
        "a sentence; \"danger\", \"warning\" or \"fine\", a sentence and what to do; \"hidden\", a "
        "table and the reason.\n"
        "The exit code is 1 when the database cannot be reached, 2 when the configuration is "
        "wrong, and 3 when there is a danger and security.require_least_privilege is enforce."},
    {APP_GRANTS, "grants", "[--role NAME] [--harden] [--config FILE] [CONNECTION-STRING]",
        "CONNECTION-STRING", "Write the SQL of a role that can read what the policy shows.",
        "Connects, looks at what the policy shows, and prints a script for psql. It makes the role "
        "without a password, or takes from it what it needs no longer, and changes nothing else; "
        "it may be run again whenever the policy or the tables change.\n"
        "What PUBLIC, that is every role, may do cannot be taken from one role alone. The script "
        "ends with the statements that take the dangerous part of it from everybody, as comments; "
        "--harden writes them out."},
    {APP_DEMO, "demo", "[--directory DIR] [--clean]", NULL,
        "Show the server at work on a sample database of its own.",
        "Starts a private PostgreSQL server in a directory of its own, reachable through a unix "
        "socket only, fills it with sample data, holds a short MCP conversation and prints what "
        "to paste into the configuration of a client. The server is kept for the next run; "
        "--clean stops and removes it."},
    {APP_HELP, "help", "[--man] [TOPIC]", "TOPIC",
        "Explain a command, or \"config\": the keys of the configuration.", NULL},
};
const size_t app_command_count = sizeof app_commands / sizeof app_commands[0];

const struct app_option app_option_table[] = {
    {"--config", NULL, "FILE", NULL, ON_DATABASE, FIELD(config),
        "Read the configuration from FILE, a YAML file."},
    {"--stdio", NULL, NULL, NULL, ON(APP_SERVE), FIELD(stdio),
        "Serve on standard input and output; the default."},
    {"--http", NULL, "[ADDR:PORT]", app_address_is_meant, ON(APP_SERVE), FIELD(http),
        "Serve over HTTP there, or on unix:PATH; what is left out comes from mcp.host, mcp.port "
        "and mcp.socket. Port 0 is any free one."},
    {"--dry-run", NULL, NULL, NULL, ON(APP_ASK), FIELD(dry_run),
        "Print the checked SQL; do not run it."},
    {"--limit", NULL, "N", NULL, ON(APP_EVAL), FIELD(limit), "Only the first N questions."},
    {"--offline", NULL, NULL, NULL, ON(APP_CHECK), FIELD(offline),
        "Look at the configuration only; do not connect."},
    {"--role", NULL, "NAME", NULL, ON(APP_GRANTS), FIELD(role),
        "Name of the role; pgparley_reader when not given."},
    {"--harden", NULL, NULL, NULL, ON(APP_GRANTS), FIELD(harden),
        "Also take from PUBLIC what is dangerous; other roles lose it, too."},
    {"--directory", NULL, "DIR", NULL, ON(APP_DEMO), FIELD(directory),
        "Keep the demonstration in DIR instead of a directory of the user."},
    {"--clean", NULL, NULL, NULL, ON(APP_DEMO), FIELD(clean),
        "Stop the demonstration's PostgreSQL and remove its directory."},
    {"--man", NULL, NULL, NULL, ON(APP_HELP), FIELD(man), "Print the manual page in mdoc(7)."},
    {"--help", "-h", NULL, NULL, ON_ALL, FIELD(help),
        "Explain the program or the command, and end."},
    {"--version", "-V", NULL, NULL, ON_ALL, FIELD(version), "Print the version, and end."},
};
const size_t app_option_count = sizeof app_option_table / sizeof app_option_table[0];

static const char CONFIG_VARIABLE[] = "PGPARLEY_CONFIG";

const struct app_variable app_variables[] = {
    {CONFIG_VARIABLE, "The configuration file, when --config is not given."},
    {"DATABASE_URL", "The connection string, when neither the command line nor the configuration "
                     "says where the database is."},
    {"PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE, PGSSLMODE …",
        "libpq's variables serve for what is not given otherwise."},
    {"LISTEN_FDS, LISTEN_PID, NOTIFY_SOCKET",
        "systemd's: the sockets that serve --http takes over, and where it tells its state."},
    {"NO_COLOR", "When set, headings are not emphasized on a terminal."},
};
const size_t app_variable_count = sizeof app_variables / sizeof app_variables[0];

const char app_config_text[] =
    "The configuration is YAML: sections that hold keys. It is read from the file that "
    "--config or the variable PGPARLEY_CONFIG names. ${NAME} in a value stands for an "
    "environment variable, ${NAME:-default} for one that may be unset or empty, and $${ for "
    "a plain ${. An empty value means the default; an unknown key is an error. A relative "
    "path starts at the directory of the configuration.\n"
    "A connection string on the command line replaces what the file says about where the "
    "database is and as whom to log in.";

static const struct app_command *find_command(const char *name)
{
    for (size_t i = 0; i < app_command_count; i++) {
        if (strcmp(app_commands[i].name, name) == 0)
            return &app_commands[i];
    }
    return NULL;
}

const char *app_shown(const char *word)
{
    bool secret = strstr(word, "://") || strchr(word, '@') || strcasestr(word, "password");
    return secret ? "(not shown: it looks like a connection string)" : word;
}

static struct error *unknown_command_error(const void *ctx, const char *name)
{
    struct error *error =
        error_create(ctx, ERROR_CONFIG, "unknown command \"%s\"", app_shown(name));
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < app_command_count; i++)
        text_nearest_offer(&nearest, app_commands[i].name);
    if (nearest.best)
        return error_hint(error, "did you mean \"pgparley %s\"?", nearest.best);
    return error_hint(error, "a connection string begins with postgresql:// or has the form "
                             "host=… dbname=…; \"pgparley --help\" lists the commands");
}

static const struct app_option *find_option(const char *name)
{
    for (size_t i = 0; i < app_option_count; i++) {
        const struct app_option *option = &app_option_table[i];
        if (strcmp(option->name, name) == 0 ||
            (option->letter && strcmp(option->letter, name) == 0))
            return option;
    }
    return NULL;
}

static struct error *unknown_option_error(const void *ctx, const char *name)
{
    struct error *error = error_create(ctx, ERROR_CONFIG, "unknown option \"%s\"", app_shown(name));
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < app_option_count; i++)
        text_nearest_offer(&nearest, app_option_table[i].name);
    if (nearest.best)
        return error_hint(error, "did you mean \"%s\"?", nearest.best);
    return error_hint(error, "\"pgparley --help\" lists the options");
}

/* Reads the option at argv[*at] and its argument, which may be the next word. */
static bool read_option(const void *ctx, char *const *argv, int *at, struct app_options *options,
    const struct app_option **ret, struct error **ret_err)
{
    const char *text = argv[*at];
    size_t len = strcspn(text, "=");
    const char *name = talloc_strndup(ctx, text, len);
    const struct app_option *option = find_option(name);
    if (!option)
        return error_raise(ret_err, unknown_option_error(ctx, name));
    const char *value = text[len] ? text + len + 1 : NULL;
    void *field = (char *)options + option->offset;
    if (option->argument) {
        bool is_optional = option->is_argument;
        if (!value && argv[*at + 1] && (!is_optional || option->is_argument(argv[*at + 1])))
            value = argv[++*at];
        if (!value && is_optional)
            value = "";
        else if (!value || !*value)
            return error_raise(ret_err,
                error_create(ctx, ERROR_CONFIG, "option \"%s\" needs an argument: %s", option->name,
                    option->argument));
        *(const char **)field = value;
    } else {
        if (value)
            return error_raise(ret_err,
                error_create(ctx, ERROR_CONFIG, "option \"%s\" takes no argument", option->name));
        *(bool *)field = true;
    }
    *ret = option;
    return true;
}

/* A word that is no option: the command, or the operand of the command. */
static bool read_word(const void *ctx, const char *word, const struct app_command **command,
    struct app_options *options, struct error **ret_err)
{
    const struct app_command *known = *command;
    if (!known) {
        known = *command = find_command(word);
        if (known)
            return true;
        if (!config_is_connection_string(word))
            return error_raise(ret_err, unknown_command_error(ctx, word));
        known = *command = &app_commands[APP_SERVE];
    }
    if (options->operand || !known->operand) {
        struct error *error =
            error_create(ctx, ERROR_CONFIG, "unexpected argument \"%s\"", app_shown(word));
        return error_raise(ret_err,
            error_hint(error, "usage: pgparley %s %s", known->name, known->synopsis));
    }
    options->operand = word;
    return true;
}

bool app_options_parse(const void *ctx, int argc, char *const *argv, struct app_options *ret,
    struct error **ret_err)
{
    struct app_options options = {0};
    const struct app_command *command = NULL;
    const struct app_option **seen =
        talloc_array(ctx, const struct app_option *, (unsigned)argc + 1);
    size_t seen_count = 0;
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        bool ok = true;
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && argv[i][0] == '-' && argv[i][1])
            ok = read_option(ctx, argv, &i, &options, &seen[seen_count++], ret_err);
        else
            ok = read_word(ctx, argv[i], &command, &options, ret_err);
        if (!ok)
            return false;
    }
    const char *topic = command && command->id != APP_HELP ? command->name : options.operand;
    if (!command)
        command = &app_commands[APP_SERVE];
    for (size_t i = 0; i < seen_count; i++) {
        if (seen[i]->commands & ON(command->id))
            continue;
        struct error *error = error_create(ctx, ERROR_CONFIG,
            "option \"%s\" does not belong to \"pgparley %s\"", seen[i]->name, command->name);
        return error_raise(ret_err,
            error_hint(error, "usage: pgparley %s %s", command->name, command->synopsis));
    }
    if (options.http && options.stdio)
        return error_raise(ret_err,
            error_create(ctx, ERROR_CONFIG, "--stdio and --http exclude each other"));
    options.command = command->id;
    if (options.version) {
        options.command = APP_VERSION;
    } else if (options.help) {
        options.command = APP_HELP;
        options.operand = topic;
    }
    const char *from_env = getenv(CONFIG_VARIABLE);
    if (!options.config && from_env && *from_env)
        options.config = from_env;
    *ret = options;
    return true;
}
