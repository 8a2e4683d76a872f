/*
 * `${NAME}` in the values of a configuration.
 *
 * Replaced after YAML was parsed, so that what a variable holds can never become structure.
 */
#include "config/internal.h"

#include "base/str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static size_t name_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (isalpha((unsigned char)text[n]) || text[n] == '_' ||
                          (n > 0 && isdigit((unsigned char)text[n]))))
        n++;
    return n;
}

/* Appends what the reference `body`, the text between the braces, stands for. */
static bool append_variable(struct str *out, const char *body, size_t len, struct error **ret_err)
{
    size_t name_len = name_length(body, len);
    char *name = talloc_strndup(out->ctx, body, name_len);
    const char *fallback = NULL;
    if (name_len + 2 <= len && memcmp(body + name_len, ":-", 2) == 0)
        fallback = body + name_len + 2;
    if (name_len == 0 || (name_len < len && !fallback)) {
        struct error *error = error_create(out->ctx, ERROR_CONFIG,
            "\"${%.*s}\" names no environment variable", (int)len, body);
        return error_raise(ret_err,
            error_hint(error, "write ${NAME} or ${NAME:-default}; $${ stands for a plain ${"));
    }

    const char *value = getenv(name);
    if (fallback && (!value || !*value)) {
        str_append(out, fallback, len - name_len - 2);
    } else if (value) {
        str_puts(out, value);
    } else {
        struct error *error = error_create(out->ctx, ERROR_CONFIG,
            "the environment variable \"%s\" is not set", name);
        return error_raise(ret_err,
            error_hint(error, "set %s, or write ${%s:-default} to give it a default", name, name));
    }
    talloc_free(name);
    return true;
}

bool config_expand(const void *ctx, const char *text, size_t len, char **ret, bool *ret_replaced,
    struct error **ret_err)
{
    struct str out;
    str_init(&out, ctx, CONFIG_VALUE_MAX_BYTES);
    bool replaced = false;
    const char *end = text + len;
    while (text < end) {
        size_t left = (size_t)(end - text);
        if (left >= 3 && memcmp(text, "$${", 3) == 0) {
            str_puts(&out, "${");
            text += 3;
        } else if (left >= 2 && memcmp(text, "${", 2) == 0) {
            const char *body = text + 2;
            const char *close = memchr(body, '}', left - 2);
            size_t body_len = (size_t)((close ? close : end) - body);
            if (!close || memmem(body, body_len, "${", 2)) {
                struct error *error = error_create(ctx, ERROR_CONFIG, "\"${\" %s",
                    close ? "stands inside another ${…}" : "has no closing \"}\"");
                return error_raise(ret_err, error_hint(error, "$${ stands for a plain ${"));
            }
            if (!append_variable(&out, body, body_len, ret_err))
                return false;
            replaced = true;
            text = close + 1;
        } else {
            str_putc(&out, *text++);
        }
    }
    if (out.full) {
        return error_raise(ret_err,
            error_create(ctx, ERROR_CONFIG, "the value is longer than %d bytes",
                CONFIG_VALUE_MAX_BYTES));
    }
    *ret = str_take(&out, ctx);
    *ret_replaced = replaced;
    return true;
}
