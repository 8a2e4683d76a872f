/*
 * The command line: one table of commands, one of options, one of environment variables.
 * Parsing, `pgparley help` and the manual page all use them.
 */
#ifndef PGPARLEY_APP_OPTIONS_H
#define PGPARLEY_APP_OPTIONS_H

#include "base/error.h"

#include <stddef.h>

enum app_command_id {
    APP_SERVE,
    APP_ASK,
    APP_EVAL,
    APP_CHECK,
    APP_GRANTS,
    APP_DEMO,
    APP_HELP,
    APP_VERSION,
};

struct app_command {
    enum app_command_id id;
    const char *name;
    const char *synopsis; /* what follows the name */
    const char *operand;  /* name of its one optional argument, or NULL */
    const char *summary;  /* one sentence */
    const char *doc;      /* further paragraphs, separated by line feeds */
};

struct app_option {
    const char *name;                      /* "--config" */
    const char *letter;                    /* "-h", or NULL */
    const char *argument;                  /* "FILE"; NULL for a switch */
    bool (*is_argument)(const char *word); /* NULL: the next word is; else it may be left out */
    unsigned commands;                     /* the bits 1 << id of the commands that have it */
    size_t offset; /* in struct app_options: a string, or a bool for a switch */
    const char *doc;
};

struct app_variable {
    const char *name;
    const char *doc;
};

struct app_options {
    enum app_command_id command;
    const char *operand; /* connection string of serve, check and grants, question of ask, file of
                            eval, topic of help; may be NULL */
    const char *config;  /* --config, else PGPARLEY_CONFIG, else NULL */
    const char *http;    /* "" when it was given without an argument */
    bool stdio;
    bool dry_run;
    const char *limit;
    bool offline;
    const char *role;
    bool harden;
    const char *directory;
    bool clean;
    bool man;
    bool help, version; /* turned into a command by app_options_parse */
};

extern const struct app_command app_commands[];
extern const size_t app_command_count;
extern const struct app_option app_option_table[];
extern const size_t app_option_count;
extern const struct app_variable app_variables[];
extern const size_t app_variable_count;

/* Strings of `*ret` are borrowed from `argv` and the environment. Errors are under `ctx`. */
must_use bool app_options_parse(const void *ctx, int argc, char *const *argv,
    struct app_options *ret, struct error **ret_err);

/* What a configuration file is, for the help and the manual page; paragraphs end in '\n'. */
extern const char app_config_text[];

/* A word of the command line as a message may show it: what could be a connection string could hold
 * a password. */
const char *app_shown(const char *word);

#endif
