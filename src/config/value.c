/* Values of keys: text into fields, and back into text that may be shown. */
#include "config/internal.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void *field_of(struct config *config, const struct config_key *key)
{
    return (char *)config + key->offset;
}

const char **config_string_field(struct config *config, const struct config_key *key)
{
    return field_of(config, key);
}

struct config_list *config_list_field(struct config *config, const struct config_key *key)
{
    return field_of(config, key);
}

struct config_secrets *config_secrets_field(struct config *config, const struct config_key *key)
{
    return field_of(config, key);
}

char *config_path_resolve(struct config *config, const char *path)
{
    const char *slash = config->file ? strrchr(config->file, '/') : NULL;
    if (*path == '/' || !slash)
        return talloc_strdup(config, path);
    return talloc_asprintf(config, "%.*s/%s", (int)(slash - config->file), config->file, path);
}

void config_list_add(struct config *config, struct config_list *list, const char *item)
{
    list->items = talloc_realloc(config, list->items, const char *, (unsigned)list->count + 2);
    list->items[list->count++] = talloc_steal(list->items, item);
    list->items[list->count] = NULL;
}

const struct config_setting *config_setting_get(const struct config *config,
    const struct config_key *key)
{
    return &config->settings[key - config_keys];
}

char *config_key_place(const void *ctx, const struct config *config, const char *name)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        size_t len = strlen(key->section);
        const char *origin = config->settings[i].origin;
        if (origin && strncmp(name, key->section, len) == 0 && name[len] == '.' &&
            strcmp(name + len + 1, key->name) == 0)
            return talloc_asprintf(ctx, "%s: %s", origin, name);
    }
    return talloc_strdup(ctx, name);
}

struct error *config_error_at(struct error *error, const char *origin, const struct config_key *key)
{
    char *message = error->message;
    error->message =
        talloc_asprintf(error, "%s: %s.%s: %s", origin, key->section, key->name, message);
    talloc_free(message);
    return error;
}

char *config_key_type_text(const void *ctx, const struct config_key *key)
{
    switch (key->type) {
    case CONFIG_STRING:
        return talloc_strdup(ctx, "string");
    case CONFIG_SECRET:
        return key->min > 0 ? talloc_asprintf(ctx, "string of at least %.0f characters", key->min)
                            : talloc_strdup(ctx, "string");
    case CONFIG_URL:
        return talloc_strdup(ctx, "connection string");
    case CONFIG_PATH:
    case CONFIG_SECRET_FILE:
    case CONFIG_SECRETS_FILE:
        return talloc_strdup(ctx, "path");
    case CONFIG_SECRETS:
        return talloc_asprintf(ctx, "names, each with a secret of at least %.0f characters",
            key->min);
    case CONFIG_MODE:
        return talloc_strdup(ctx, "octal mode, 0000 to 0777");
    case CONFIG_INT:
    case CONFIG_DOUBLE:
        return talloc_asprintf(ctx, "%s, %.0f to %.0f%s%s",
            key->type == CONFIG_INT ? "integer" : "number", key->min, key->max,
            key->unit ? " " : "", key->unit ? key->unit : "");
    case CONFIG_LIST:
        return talloc_strdup(ctx, "list of strings");
    case CONFIG_BOOL:
    case CONFIG_ENUM:
        break;
    }
    char *text = talloc_strdup(ctx, key->choices[0]);
    for (const char *const *choice = key->choices + 1; *choice; choice++)
        text = talloc_asprintf_append(text, "%s%s", choice[1] ? ", " : " or ", *choice);
    return text;
}

static bool raise_unexpected(struct config *config, const struct config_key *key, const char *text,
    struct error **ret_err)
{
    char *type = config_key_type_text(config, key);
    struct error *error = error_create(config, ERROR_CONFIG, "expected %s, found \"%.*s\"", type,
        (int)text_utf8_cut(text, strlen(text), 80), text);
    if (key->choices) {
        struct text_nearest nearest = text_nearest_to(text);
        for (const char *const *choice = key->choices; *choice; choice++)
            text_nearest_offer(&nearest, *choice);
        if (nearest.best)
            error_hint(error, "did you mean \"%s\"?", nearest.best);
    }
    return error_raise(ret_err, error);
}

static bool set_number(struct config *config, const struct config_key *key, const char *text,
    struct error **ret_err)
{
    char *end = NULL;
    bool starts_as_number = isdigit((unsigned char)text[text[0] == '-']);
    double number = key->type == CONFIG_INT ? (double)strtol(text, &end, 10) : strtod(text, &end);
    if (!starts_as_number || *end)
        return raise_unexpected(config, key, text, ret_err);
    if (!(number >= key->min && number <= key->max)) {
        return error_raise(ret_err,
            error_create(config, ERROR_CONFIG, "%s is out of range; expected %s", text,
                config_key_type_text(config, key)));
    }
    if (key->type == CONFIG_INT)
        *(int *)field_of(config, key) = (int)number;
    else
        *(double *)field_of(config, key) = number;
    return true;
}

static bool set_mode(struct config *config, const struct config_key *key, const char *text,
    struct error **ret_err)
{
    char *end;
    long mode = strtol(text, &end, 8);
    if (!isdigit((unsigned char)*text) || *end || mode > 0777)
        return raise_unexpected(config, key, text, ret_err);
    *(int *)field_of(config, key) = (int)mode;
    return true;
}

static bool set_choice(struct config *config, const struct config_key *key, const char *text,
    struct error **ret_err)
{
    for (size_t i = 0; key->choices[i]; i++) {
        if (strcasecmp(key->choices[i], text) != 0)
            continue;
        if (key->type == CONFIG_BOOL)
            *(bool *)field_of(config, key) = i == 1;
        else
            *config_string_field(config, key) = key->choices[i];
        return true;
    }
    return raise_unexpected(config, key, text, ret_err);
}

bool config_is_connection_string(const char *text)
{
    const char *scheme = strstr(text, "://");
    const char *equals = strchr(text, '=');
    return strncmp(text, "postgres://", 11) == 0 || strncmp(text, "postgresql://", 13) == 0 ||
           (equals && (!scheme || equals < scheme));
}

bool config_value_set(struct config *config, const struct config_key *key, const char *text,
    struct error **ret_err)
{
    if (!*text)
        return true;
    switch (key->type) {
    case CONFIG_URL:
        if (!config_is_connection_string(text)) {
            struct error *error =
                error_create(config, ERROR_CONFIG, "this is not a connection string");
            return error_raise(ret_err,
                error_hint(error,
                    "write postgresql://USER@HOST/DATABASE or host=HOST dbname=DATABASE"));
        }
        break;
    case CONFIG_INT:
    case CONFIG_DOUBLE:
        return set_number(config, key, text, ret_err);
    case CONFIG_BOOL:
    case CONFIG_ENUM:
        return set_choice(config, key, text, ret_err);
    case CONFIG_MODE:
        return set_mode(config, key, text, ret_err);
    case CONFIG_PATH:
        *config_string_field(config, key) = config_path_resolve(config, text);
        return true;
    case CONFIG_SECRET:
        if (!config_secret_check(config, key, text, ret_err))
            return false;
        break;
    case CONFIG_SECRET_FILE: /* the file is read when all keys are known */
    case CONFIG_SECRETS_FILE:
    case CONFIG_SECRETS:
    case CONFIG_LIST:
        return true;
    case CONFIG_STRING:
        break;
    }
    *config_string_field(config, key) = talloc_strdup(config, text);
    return true;
}

/* The first "password" in `text` that something is assigned to. */
static const char *find_password(const char *text)
{
    static const char word[] = "password";
    while ((text = strcasestr(text, word))) {
        const char *after = text + sizeof word - 1;
        if (after[strspn(after, " \t\r\n\f\v")] == '=')
            return text;
        text = after;
    }
    return NULL;
}

char *config_url_text(const void *ctx, const char *url)
{
    const char *text = url;
    const char *authority = strstr(url, "://");
    if (authority) {
        /* The last "@", because a password may hold one that ought to be encoded. */
        const char *at = strrchr(url, '@');
        const char *colon = at ? strchr(authority + 3, ':') : NULL;
        if (colon && colon < at)
            text = talloc_asprintf(ctx, "%.*s:***%s", (int)(colon - url), url, at);
        /* An encoded parameter name could spell "password". */
        const char *query = strchr(text, '?');
        if (query && strchr(query, '%'))
            return talloc_asprintf(ctx, "%.*s?***", (int)(query - text), text);
    }
    const char *password = find_password(text);
    if (password)
        return talloc_asprintf(ctx, "%.*spassword=***", (int)(password - text), text);
    return talloc_strdup(ctx, text);
}

char *config_key_value_text(const void *ctx, const struct config *config,
    const struct config_key *key)
{
    const char *text = config_setting_get(config, key)->text;
    if (!text)
        return key->fallback ? talloc_strdup(ctx, key->fallback) : NULL;
    if (key->type == CONFIG_SECRET)
        return talloc_strdup(ctx, "(set)");
    return key->type == CONFIG_URL ? config_url_text(ctx, text) : talloc_strdup(ctx, text);
}
