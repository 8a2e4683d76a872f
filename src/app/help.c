/* Help on the terminal; see help.h. */
#include "app/help.h"

#include "app/options.h"
#include "app/print.h"
#include "base/log.h"
#include "base/text.h"
#include "config/keys.h"
#include "pgparley_version.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { INDENT = 2, DOC_COLUMN = 24 };

/* A name and, in the second column or on the next line, what it means. */
static void print_entry(const char *name, const char *doc)
{
    printf("%*s", INDENT, "");
    app_print_cell(stdout, name, DOC_COLUMN - INDENT);
    bool fits = INDENT + app_print_width(name) < DOC_COLUMN;
    if (!fits)
        putchar('\n');
    app_print_wrapped(stdout, DOC_COLUMN, fits ? DOC_COLUMN : 0, doc);
}

static void print_options(unsigned commands)
{
    putchar('\n');
    app_print_heading(stdout, "Options");
    for (size_t i = 0; i < app_option_count; i++) {
        const struct app_option *option = &app_option_table[i];
        if (!(option->commands & commands))
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s%s%s%s%s", option->letter ? option->letter : "",
            option->letter ? ", " : "", option->name, option->argument ? " " : "",
            option->argument ? option->argument : "");
        print_entry(name, option->doc);
    }
}

static void print_variables(void)
{
    putchar('\n');
    app_print_heading(stdout, "Environment");
    for (size_t i = 0; i < app_variable_count; i++)
        print_entry(app_variables[i].name, app_variables[i].doc);
}

static void help_program(void)
{
    puts("pgparley " PGPARLEY_VERSION ": PostgreSQL for AI assistants, over the Model Context "
         "Protocol (MCP)\n");
    app_print_heading(stdout, "Usage");
    printf("  pgparley [serve] %s\n", app_commands[APP_SERVE].synopsis);
    puts("  pgparley COMMAND [ARGUMENTS]\n");
    app_print_heading(stdout, "Commands");
    for (size_t i = 0; i < app_command_count; i++)
        print_entry(app_commands[i].name, app_commands[i].summary);
    print_options(1u << APP_SERVE);
    putchar('\n');
    app_print_heading(stdout, "Examples");
    puts("  See it at work, without a database or a client of your own:\n"
         "    pgparley demo\n"
         "  What an MCP client runs to read the database \"shop\" as the role \"reader\":\n"
         "    pgparley postgresql://reader@localhost/shop\n"
         "  Serve many clients, over HTTP on this machine:\n"
         "    pgparley --http --config pgparley.yaml\n"
         "  Ask the database in plain language:\n"
         "    pgparley ask --config pgparley.yaml \"How many orders came in May?\"\n"
         "  Explain a configuration and audit its role before a client uses it:\n"
         "    pgparley check --config pgparley.yaml\n"
         "  Make a role that can read what the configuration shows, and no more:\n"
         "    pgparley grants --config pgparley.yaml | psql -d shop\n");
    app_print_wrapped(stdout, 0, 0,
        "\"pgparley help COMMAND\" explains a command, \"pgparley help config\" the keys of the "
        "configuration; both are in pgparley(1) too.");
}

static void help_command(const struct app_command *command)
{
    app_print_heading(stdout, "Usage");
    printf("  pgparley %s %s\n\n", command->name, command->synopsis);
    app_print_wrapped(stdout, 0, 0, command->summary);
    if (command->doc) {
        putchar('\n');
        app_print_wrapped(stdout, 0, 0, command->doc);
    }
    print_options(1u << command->id);
    if (command->id < APP_DEMO)
        print_variables();
}

static void help_config(void)
{
    void *ctx = talloc_new(NULL);
    app_print_wrapped(stdout, 0, 0, app_config_text);
    for (size_t s = 0; s < config_section_count; s++) {
        const struct config_section *section = &config_sections[s];
        char *heading =
            talloc_asprintf(ctx, "%s:%s%s%s", section->name, section->alias ? " (or " : "",
                section->alias ? section->alias : "", section->alias ? ":)" : "");
        putchar('\n');
        app_print_heading(stdout, heading);
        app_print_wrapped(stdout, INDENT, 0, section->doc);
        for (size_t i = 0; i < config_key_count; i++) {
            const struct config_key *key = &config_keys[i];
            if (strcmp(key->section, section->name) != 0)
                continue;
            print_entry(key->name, key->doc);
            char *facts = config_key_type_text(ctx, key);
            if (key->fallback)
                facts = talloc_asprintf_append(facts, "; default %s", key->fallback);
            if (key->env)
                facts = talloc_asprintf_append(facts, "; else $%s", key->env);
            app_print_wrapped(stdout, DOC_COLUMN, 0, talloc_asprintf(ctx, "[%s]", facts));
        }
    }
    talloc_free(ctx);
}

int app_help(const char *topic)
{
    if (!topic) {
        help_program();
        return 0;
    }
    if (strcmp(topic, "config") == 0) {
        help_config();
        return 0;
    }
    struct text_nearest nearest = text_nearest_to(topic);
    text_nearest_offer(&nearest, "config");
    for (size_t i = 0; i < app_command_count; i++) {
        if (strcmp(topic, app_commands[i].name) == 0) {
            help_command(&app_commands[i]);
            return 0;
        }
        text_nearest_offer(&nearest, app_commands[i].name);
    }
    if (nearest.best)
        log_error("there is no help on \"%s\"\nHINT: did you mean \"pgparley help %s\"?",
            app_shown(topic), nearest.best);
    else
        log_error("there is no help on \"%s\"\nHINT: \"pgparley --help\" lists the commands, "
                  "\"pgparley help config\" the keys of the configuration",
            app_shown(topic));
    return 2;
}
