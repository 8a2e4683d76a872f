/*
 * The table of keys: the one place that knows a key's name, type, range, default and meaning.
 * The reader, `pgparley check`, `pgparley help config` and the manual page all walk it.
 */
#ifndef PGPARLEY_CONFIG_KEYS_H
#define PGPARLEY_CONFIG_KEYS_H

#include "config/config.h"

enum config_type {
    CONFIG_STRING,
    CONFIG_PATH,         /* a relative one starts at the configuration file */
    CONFIG_URL,          /* connection string; its password is never shown */
    CONFIG_SECRET,       /* string that is never shown */
    CONFIG_SECRET_FILE,  /* path; the file's content becomes the field, which a secret shares */
    CONFIG_SECRETS,      /* names and the secret of each; only the names are shown */
    CONFIG_SECRETS_FILE, /* path; the file's "name:secret" lines are added to the field */
    CONFIG_INT,
    CONFIG_MODE, /* permissions of a file, octal */
    CONFIG_DOUBLE,
    CONFIG_BOOL, /* two choices: choices[0] is false, choices[1] is true */
    CONFIG_ENUM, /* string, one of `choices` */
    CONFIG_LIST, /* of strings */
};

struct config_key {
    const char *section;
    const char *name;
    enum config_type type;
    size_t offset;    /* of the field in struct config */
    double min, max;  /* of numbers; `min` also of a secret's characters */
    const char *unit; /* of numbers; NULL when it is a plain count */
    const char *const *choices;
    const char *fallback; /* the default as it would be written; NULL = unset */
    const char *env;      /* the variable that serves when the key is not given, or NULL */
    const char *doc;      /* one sentence */
    bool locates;         /* says where the database is or as whom to log in */
};

struct config_section {
    const char *name;
    const char *alias; /* another name for it, or NULL */
    const char *doc;
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;
extern const struct config_section config_sections[];
extern const size_t config_section_count;

/* The setting of `key`, which is one of config_keys. */
const struct config_setting *config_setting_get(const struct config *config,
    const struct config_key *key);

/* What an error about the key "section.name" begins with: "FILE:LINE: section.name", or the name
 * alone when the key was not given. Under `ctx`. */
char *config_key_place(const void *ctx, const struct config *config, const char *name);

/* "integer, 1 to 1000 ms", "none or transaction", "list of strings" … under `ctx`. */
char *config_key_type_text(const void *ctx, const struct config_key *key);

/* The value in force, fit to be shown: "(set)" for a secret, NULL when unset. Under `ctx`. */
char *config_key_value_text(const void *ctx, const struct config *config,
    const struct config_key *key);

/* A connection string without its passwords; hides too much rather than too little. */
char *config_url_text(const void *ctx, const char *url);

#endif
