/*
 * Secrets: what a token may look like, and the files that *_file keys name.
 *
 * Such a file is read anew whenever the configuration is. One with tokens has a line for each,
 * "name:secret"; a name may come twice, so that a secret can be replaced while both are known.
 */
#include "config/internal.h"

#include <string.h>
#include <talloc.h>

enum {
    SECRET_MAX_BYTES = 64 * 1024,
    SECRETS_MAX = 1000,
    NAME_MAX_BYTES = 64,
    TOKEN_MAX_BYTES = 512
};

bool config_secret_check(struct config *config, const struct config_key *key, const char *value,
    struct error **ret_err)
{
    if ((double)strlen(value) >= key->min)
        return true;
    struct error *error = error_create(config, ERROR_CONFIG,
        "the secret has %zu characters; at least %.0f are needed", strlen(value), key->min);
    return error_raise(ret_err, error_hint(error, "\"openssl rand -hex 32\" makes a good one"));
}

static bool is_visible(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

/* RFC 6750, 2.1: what can stand in an Authorization header. */
static bool is_token(const char *value)
{
    size_t len =
        strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    return len > 0 && value[len + strspn(value + len, "=")] == '\0';
}

bool config_secrets_add(struct config *config, const struct config_key *key, const char *name,
    const char *value, struct error **ret_err)
{
    struct config_secrets *secrets = config_secrets_field(config, key);
    struct error *error = NULL;
    if (!*name || strlen(name) > NAME_MAX_BYTES || !is_visible(name) || strchr(name, ':'))
        error = error_hint(error_create(config, ERROR_CONFIG, "the name of a token is not usable"),
            "write at most %d visible ASCII characters, and no colon", NAME_MAX_BYTES);
    else if (!is_token(value))
        error = error_hint(error_create(config, ERROR_CONFIG,
                               "the token of \"%s\" has characters that no header can carry", name),
            "\"openssl rand -hex 32\" makes a good one");
    else if (!config_secret_check(config, key, value, &error))
        error_detail(error, "it is the token of \"%s\"", name);
    else if (strlen(value) > TOKEN_MAX_BYTES)
        error = error_create(config, ERROR_CONFIG, "the token of \"%s\" is longer than %d bytes",
            name, TOKEN_MAX_BYTES);
    else if (secrets->count == SECRETS_MAX)
        error = error_create(config, ERROR_CONFIG, "there are more than %d tokens", SECRETS_MAX);
    for (size_t i = 0; i < secrets->count && !error; i++) {
        if (strcmp(secrets->items[i].value, value) == 0 &&
            strcmp(secrets->items[i].name, name) != 0)
            error = error_create(config, ERROR_CONFIG, "\"%s\" and \"%s\" have the same token",
                secrets->items[i].name, name);
    }
    if (error)
        return error_raise(ret_err, error);
    secrets->items =
        talloc_realloc(config, secrets->items, struct config_secret, (unsigned)secrets->count + 2);
    secrets->items[secrets->count++] = (struct config_secret){talloc_strdup(secrets->items, name),
        talloc_strdup(secrets->items, value)};
    secrets->items[secrets->count] = (struct config_secret){NULL, NULL};
    return true;
}

/* ---- files ---- */

/* Opens what `setting` names; other users should not be able to. */
static bool read_text(struct config *config, const struct config_setting *setting, struct str *out,
    struct error **ret_err)
{
    char *path = config_path_resolve(config, setting->text);
    struct stat info = {0};
    if (!config_file_read(path, out, &info, ret_err)) {
        error_detail(*ret_err, "the file is \"%s\"", path);
        return false;
    }
    if (memchr(str_get(out), '\0', out->len)) {
        return error_raise(ret_err,
            error_create(config, ERROR_CONFIG, "the file \"%s\" contains a NUL character", path));
    }
    if (S_ISREG(info.st_mode) && (info.st_mode & S_IROTH))
        config_warn(config, "%s holds a secret and can be read by every user: chmod o-r it", path);
    return true;
}

static bool read_secret(struct config *config, const struct config_key *key,
    const struct config_setting *setting, struct error **ret_err)
{
    const char **field = config_string_field(config, key);
    if (*field) {
        return error_raise(ret_err,
            error_create(config, ERROR_CONFIG,
                "the secret is given as a value and as a file; keep one of them"));
    }
    struct str bytes;
    str_init(&bytes, config, SECRET_MAX_BYTES);
    if (!read_text(config, setting, &bytes, ret_err))
        return false;
    if (bytes.len > 0 && bytes.data[bytes.len - 1] == '\n')
        str_truncate(&bytes, bytes.len - 1);
    if (bytes.len > 0 && bytes.data[bytes.len - 1] == '\r')
        str_truncate(&bytes, bytes.len - 1);
    if (bytes.len == 0) {
        return error_raise(ret_err, error_create(config, ERROR_CONFIG, "the file \"%s\" is empty",
                                        config_path_resolve(config, setting->text)));
    }
    if (!config_secret_check(config, key, bytes.data, ret_err))
        return false;
    *field = str_take(&bytes, config);
    return true;
}

/* `line` is cut in two. */
static bool read_line(struct config *config, const struct config_key *key, char *line,
    struct error **ret_err)
{
    line += strspn(line, " \t");
    for (size_t len = strlen(line); len > 0 && strchr(" \t\r", line[len - 1]); len--)
        line[len - 1] = '\0';
    if (!*line || *line == '#')
        return true;
    char *colon = strchr(line, ':');
    if (!colon) {
        struct error *error = error_create(config, ERROR_CONFIG, "the line has no colon");
        return error_raise(ret_err,
            error_hint(error, "write \"name:secret\", one a line; # begins a comment"));
    }
    *colon = '\0';
    return config_secrets_add(config, key, line, colon + 1, ret_err);
}

static bool read_lines(struct config *config, const struct config_key *key,
    const struct config_setting *setting, struct error **ret_err)
{
    struct str bytes;
    str_init(&bytes, config, CONFIG_FILE_MAX_BYTES);
    if (!read_text(config, setting, &bytes, ret_err))
        return false;
    char *text = str_take(&bytes, config), *rest = text;
    size_t number = 1, before = config_secrets_field(config, key)->count;
    for (char *line; (line = strsep(&rest, "\n")); number++) {
        if (read_line(config, key, line, ret_err))
            continue;
        struct error *error = *ret_err;
        error->message = talloc_asprintf(error, "%s:%zu: %s",
            config_path_resolve(config, setting->text), number, error->message);
        return false;
    }
    talloc_free(text);
    if (config_secrets_field(config, key)->count > before)
        return true;
    return error_raise(ret_err, error_create(config, ERROR_CONFIG, "the file \"%s\" names nobody",
                                    config_path_resolve(config, setting->text)));
}

bool config_secrets_read(struct config *config, struct error **ret_err)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        const struct config_setting *setting = &config->settings[i];
        bool ok = true;
        if (setting->text && key->type == CONFIG_SECRET_FILE)
            ok = read_secret(config, key, setting, ret_err);
        else if (setting->text && key->type == CONFIG_SECRETS_FILE)
            ok = read_lines(config, key, setting, ret_err);
        if (!ok) {
            config_error_at(*ret_err, setting->origin, key);
            return false;
        }
    }
    return true;
}
