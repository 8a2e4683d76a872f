/* The manual page in mdoc(7), printed from the tables; see help.h. */
#include "app/help.h"

#include "app/options.h"
#include "config/keys.h"
#include "pgparley_version.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* The day on which this page was last changed in earnest; mdoc wants one. */
#define PAGE_DATE "November 22, 2026"

/* Running text: nothing in it may be taken for a request or an escape; a sentence is a line. */
static void print_text(const char *text)
{
    bool line_start = true;
    for (const char *p = text; *p; p++) {
        bool sentence_end = *p == ' ' && p > text && p[-1] == '.' && isupper((unsigned char)p[1]);
        if (line_start && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        if (*p == '\n')
            fputs("\n.Pp\n", stdout);
        else if (*p == '\\')
            fputs("\\e", stdout);
        else
            putchar(sentence_end ? '\n' : *p);
        line_start = *p == '\n' || sentence_end;
    }
    putchar('\n');
}

/* Words for a macro's line: quoted, so that none is taken for a macro. */
static void print_arguments(const char *words)
{
    char *copy = talloc_strdup(NULL, words), *rest = copy;
    for (char *word; (word = strsep(&rest, " "));)
        printf(" \"%s\"", word);
    talloc_free(copy);
}

static void print_item(const char *macro, const char *words, const char *doc)
{
    printf(".It %s", macro);
    print_arguments(words);
    putchar('\n');
    print_text(doc);
}

static void print_synopsis(void)
{
    puts(".Sh SYNOPSIS");
    for (size_t i = 0; i < app_command_count; i++) {
        const struct app_command *command = &app_commands[i];
        puts(".Nm");
        if (command->id == APP_SERVE)
            puts(".Op Cm serve");
        else
            printf(".Cm %s\n", command->name);
        fputs(".Li", stdout);
        print_arguments(command->synopsis);
        putchar('\n');
    }
}

static void print_commands(void)
{
    puts(".Sh COMMANDS\n.Bl -tag -width Ds");
    for (size_t i = 0; i < app_command_count; i++) {
        const struct app_command *command = &app_commands[i];
        print_item("Cm", command->name, command->summary);
        if (command->doc) {
            puts(".Pp");
            print_text(command->doc);
        }
    }
    puts(".El\n.Sh OPTIONS\n.Bl -tag -width Ds");
    for (size_t i = 0; i < app_option_count; i++) {
        const struct app_option *option = &app_option_table[i];
        fputs(".It", stdout);
        if (option->letter)
            printf(" Fl %s ,", option->letter + 1);
        printf(" Fl %s", option->name + 1);
        if (option->argument)
            printf(" Ar %s", option->argument);
        putchar('\n');
        print_text(option->doc);
    }
    puts(".El");
}

static void print_key(const void *ctx, const struct config_key *key)
{
    print_item("Cm", key->name, key->doc);
    char *facts = config_key_type_text(ctx, key);
    if (key->fallback)
        facts = talloc_asprintf_append(facts, "; the default is %s", key->fallback);
    if (key->env)
        facts = talloc_asprintf_append(facts, "; when not given, the variable %s", key->env);
    print_text(talloc_asprintf(ctx, "(%s)", facts));
}

static void print_config(void)
{
    void *ctx = talloc_new(NULL);
    puts(".Sh CONFIGURATION");
    print_text(app_config_text);
    for (size_t s = 0; s < config_section_count; s++) {
        const struct config_section *section = &config_sections[s];
        printf(".Ss %s\n", section->name);
        print_text(section->doc);
        if (section->alias)
            printf("The section may also be called\n.Cm %s .\n", section->alias);
        puts(".Bl -tag -width Ds");
        for (size_t i = 0; i < config_key_count; i++) {
            if (strcmp(config_keys[i].section, section->name) == 0)
                print_key(ctx, &config_keys[i]);
        }
        puts(".El");
    }
    talloc_free(ctx);
}

void app_man(void)
{
    puts(".Dd " PAGE_DATE "\n"
         ".Dt PGPARLEY 1\n"
         ".Os pgparley " PGPARLEY_VERSION "\n"
         ".Sh NAME\n"
         ".Nm pgparley\n"
         ".Nd PostgreSQL for AI assistants, over the Model Context Protocol");
    print_synopsis();
    puts(".Sh DESCRIPTION\n"
         ".Nm\n"
         "lets the client of a language model read the schema of a PostgreSQL database and run\n"
         "read-only SQL on it.");
    print_commands();
    print_config();
    puts(".Sh ENVIRONMENT\n.Bl -tag -width Ds");
    for (size_t i = 0; i < app_variable_count; i++)
        print_item("Ev", app_variables[i].name, app_variables[i].doc);
    puts(
        ".El\n"
        ".Sh EXIT STATUS\n"
        ".Bl -tag -width Ds\n"
        ".It 0\nSuccess; the client closed the connection, or a signal ended the server.\n"
        ".It 1\nA failure at run time.\n"
        ".It 2\nThe command line or the configuration is wrong.\n"
        ".It 3\nThe role can do more than it should, and the configuration forbids that.\n"
        ".It 4\nThe question cannot be answered, or not before another one is.\n"
        ".El\n"
        ".Sh EXAMPLES\n"
        "See it at work, without a database or a client of your own:\n"
        ".Pp\n.Dl pgparley demo\n.Pp\n"
        "What an MCP client runs to read the database shop as the role reader:\n"
        ".Pp\n.Dl pgparley postgresql://reader@localhost/shop\n.Pp\n"
        "Serve many clients, over HTTP on this machine:\n"
        ".Pp\n.Dl pgparley --http --config pgparley.yaml\n.Pp\n"
        "Ask the database in plain language:\n"
        ".Pp\n.Dl pgparley ask --config pgparley.yaml \\(dqHow many orders came in May?\\(dq\n.Pp\n"
        "Explain a configuration and audit its role before a client uses it:\n"
        ".Pp\n.Dl pgparley check --config pgparley.yaml\n.Pp\n"
        "Make a role that can read what the configuration shows, and no more:\n"
        ".Pp\n.Dl pgparley grants --config pgparley.yaml | psql -d shop\n"
        ".Sh SEE ALSO\n"
        ".Xr psql 1");
}
