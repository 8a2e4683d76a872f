/* What the files of config/ share; nobody else includes this. */
#ifndef PGPARLEY_CONFIG_INTERNAL_H
#define PGPARLEY_CONFIG_INTERNAL_H

#include "base/str.h"
#include "config/keys.h"

#include <sys/stat.h>

enum { CONFIG_VALUE_MAX_BYTES = 64 * 1024, CONFIG_FILE_MAX_BYTES = 1024 * 1024 };

/* Errors of the following have no place yet; config_error_at() adds it. All of it is under `ctx`.
 */

/*
 * Replaces `${NAME}` and `${NAME:-default}`, and `$${` by `${`. As in the shell, an empty
 * variable counts as unset when there is a default. `*ret_replaced`: something was replaced.
 */
must_use bool config_expand(const void *ctx, const char *text, size_t len, char **ret,
    bool *ret_replaced, struct error **ret_err);

/* Converts `text` into the field of `key`, not a list; an empty text leaves the field alone. */
must_use bool config_value_set(struct config *config, const struct config_key *key,
    const char *text, struct error **ret_err);

/* The field of a key of a type that is kept as a string, or of a list. */
const char **config_string_field(struct config *config, const struct config_key *key);
struct config_list *config_list_field(struct config *config, const struct config_key *key);

struct config_secrets *config_secrets_field(struct config *config, const struct config_key *key);

/* Appends to a list that belongs to `config`; takes `item`. */
void config_list_add(struct config *config, struct config_list *list, const char *item);

/* A relative path starts at the directory of the configuration file. */
char *config_path_resolve(struct config *config, const char *path);

/* Whether a secret is as long as `key` wants it; the error does not show it. */
must_use bool config_secret_check(struct config *config, const struct config_key *key,
    const char *value, struct error **ret_err);

/* Adds one name and its secret to the field of `key`, if they are fit to be sent as a token. */
must_use bool config_secrets_add(struct config *config, const struct config_key *key,
    const char *name, const char *value, struct error **ret_err);

/* Reads the files that *_file keys name; adds the place to its errors. */
must_use bool config_secrets_read(struct config *config, struct error **ret_err);

/* Reads all of `path` under `out->ctx`; the message does not name the path. */
must_use bool config_file_read(const char *path, struct str *out, struct stat *ret_stat,
    struct error **ret_err);

void config_warn(struct config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prefixes the message with "ORIGIN: section.key: ". */
struct error *config_error_at(struct error *error, const char *origin,
    const struct config_key *key);

/* Reads the events of one YAML document into `config`. */
must_use bool config_yaml_read(struct config *config, const char *name, const char *bytes,
    size_t len, struct error **ret_err);

#endif
