/* Errors as values; see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

static void set(struct error *error, char **field, const char *format, va_list args)
{
    char *text = talloc_vasprintf(error, format, args);
    talloc_free(*field);
    *field = text;
}

struct error *error_create(const void *ctx, enum error_class class, const char *format, ...)
{
    struct error *error = talloc_zero(ctx, struct error);
    error->class = class;
    error->retryable = class == ERROR_UNAVAILABLE || class == ERROR_TIMEOUT;
    va_list args;
    va_start(args, format);
    set(error, &error->message, format, args);
    va_end(args);
    return error;
}

struct error *error_detail(struct error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(error, &error->detail, format, args);
    va_end(args);
    return error;
}

struct error *error_hint(struct error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(error, &error->hint, format, args);
    va_end(args);
    return error;
}

bool error_raise(struct error **ret_err, struct error *error)
{
    *ret_err = error;
    return false;
}

struct error *error_copy(const void *ctx, const struct error *error)
{
    struct error *copy = talloc_memdup(ctx, error, sizeof *error);
    copy->message = talloc_strdup(copy, error->message);
    copy->detail = error->detail ? talloc_strdup(copy, error->detail) : NULL;
    copy->hint = error->hint ? talloc_strdup(copy, error->hint) : NULL;
    return copy;
}

char *error_text(const void *ctx, const struct error *error)
{
    char *text = talloc_strdup(ctx, error->message);
    if (error->sqlstate[0])
        text = talloc_asprintf_append(text, " (SQLSTATE %s)", error->sqlstate);
    if (error->detail)
        text = talloc_asprintf_append(text, "\nDETAIL: %s", error->detail);
    if (error->hint)
        text = talloc_asprintf_append(text, "\nHINT: %s", error->hint);
    return text;
}
