/* Loads a configuration from its sources, in the order of precedence; see config.h. */
#include "config/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

void config_warn(struct config *config, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    config_list_add(config, &config->warnings, talloc_vasprintf(config, format, args));
    va_end(args);
}

bool config_file_read(const char *path, struct str *out, struct stat *ret_stat,
    struct error **ret_err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = fd < 0 || fstat(fd, ret_stat) < 0 ? -1 : 1;
    char chunk[4096];
    while (got > 0 && !out->full) {
        got = read(fd, chunk, sizeof chunk);
        if (got > 0)
            str_append(out, chunk, (size_t)got);
    }
    struct error *error = NULL;
    if (got < 0)
        error = error_create(out->ctx, ERROR_CONFIG, "cannot read the file: %s", strerror(errno));
    else if (out->full)
        error = error_create(out->ctx, ERROR_CONFIG, "the file is larger than %zu bytes", out->max);
    if (fd >= 0)
        close(fd);
    return !error || error_raise(ret_err, error);
}

static bool set_defaults(struct config *config, struct error **ret_err)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (key->fallback && !config_value_set(config, key, key->fallback, ret_err))
            return false;
    }
    return true;
}

static struct config *create(void *ctx)
{
    struct config *config = talloc_zero(ctx, struct config);
    config->settings = talloc_zero_array(config, struct config_setting, (unsigned)config_key_count);
    return config;
}

/* What goes wrong is kept under the caller's context, the half-built configuration is not. */
static bool finish(void *ctx, struct config *config, bool ok, struct config **ret,
    struct error *error, struct error **ret_err)
{
    if (ok) {
        *ret = config;
        return true;
    }
    talloc_steal(ctx, error);
    talloc_free(config);
    return error_raise(ret_err, error);
}

bool config_parse(void *ctx, const char *name, const char *bytes, size_t len, struct config **ret,
    struct error **ret_err)
{
    struct config *config = create(ctx);
    struct error *error = NULL;
    config->file = talloc_strdup(config, name);
    bool ok =
        set_defaults(config, &error) && config_yaml_read(config, config->file, bytes, len, &error);
    return finish(ctx, config, ok, ret, error, ret_err);
}

static bool holds_literal_secret(const struct config *config)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_setting *setting = &config->settings[i];
        if (!setting->text || !setting->literal)
            continue;
        if (config_keys[i].type == CONFIG_SECRET || config_keys[i].type == CONFIG_SECRETS ||
            (config_keys[i].type == CONFIG_URL &&
                strcmp(setting->text, config_url_text(config, setting->text)) != 0))
            return true;
    }
    return false;
}

static bool load_file(struct config *config, struct error **ret_err)
{
    struct str bytes;
    str_init(&bytes, config, CONFIG_FILE_MAX_BYTES);
    struct stat info = {0};
    if (!config_file_read(config->file, &bytes, &info, ret_err)) {
        struct error *error = *ret_err;
        error->message = talloc_asprintf(error, "%s: %s", config->file, error->message);
        return false;
    }
    if (!config_yaml_read(config, config->file, str_get(&bytes), bytes.len, ret_err))
        return false;
    config->ends_a_line = bytes.len > 0 && bytes.data[bytes.len - 1] == '\n';
    str_done(&bytes);
    if (S_ISREG(info.st_mode) && (info.st_mode & (S_IWGRP | S_IWOTH)))
        config_warn(config, "%s can be changed by other users: chmod go-w it", config->file);
    if (S_ISREG(info.st_mode) && (info.st_mode & S_IROTH) && holds_literal_secret(config))
        config_warn(config,
            "%s holds a secret and can be read by every user: chmod o-r it, or write "
            "${NAME} or a *_file key instead",
            config->file);
    return true;
}

static const struct config_key *url_key(void)
{
    const struct config_key *key = config_keys;
    while (key->type != CONFIG_URL)
        key++;
    return key;
}

static bool set_url(struct config *config, const char *url, const char *origin,
    struct error **ret_err)
{
    const struct config_key *key = url_key();
    struct config_setting *setting = &config->settings[key - config_keys];
    *setting = (struct config_setting){.text = talloc_strdup(config, url), .origin = origin};
    if (config_value_set(config, key, url, ret_err))
        return true;
    config_error_at(*ret_err, origin, key);
    return false;
}

/* Whether the file says where the database is; a password alone does not. */
static bool is_located(const struct config *config)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        bool secret = key->type == CONFIG_SECRET || key->type == CONFIG_SECRET_FILE;
        if (key->locates && !secret && config->settings[i].text)
            return true;
    }
    return false;
}

/* So that the password of one server is never sent to another. */
static void forget_location(struct config *config)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (!key->locates)
            continue;
        config->settings[i] = (struct config_setting){0};
        if (key->type == CONFIG_INT)
            config->database.port = 0;
        else
            *config_string_field(config, key) = NULL;
    }
}

static bool load(struct config *config, const char *url, struct error **ret_err)
{
    if (!set_defaults(config, ret_err) || (config->file && !load_file(config, ret_err)))
        return false;
    const char *variable = url_key()->env;
    const char *from_env = getenv(variable);
    bool ok = true;
    if (url) {
        forget_location(config);
        ok = set_url(config, url, "command line", ret_err);
    } else if (from_env && *from_env && !is_located(config)) {
        ok = set_url(config, from_env, variable, ret_err);
    }
    return ok && config_secrets_read(config, ret_err);
}

bool config_load(void *ctx, const char *file, const char *url, struct config **ret,
    struct error **ret_err)
{
    struct config *config = create(ctx);
    struct error *error = NULL;
    config->file = file ? talloc_strdup(config, file) : NULL;
    bool ok = load(config, url, &error);
    return finish(ctx, config, ok, ret, error, ret_err);
}
