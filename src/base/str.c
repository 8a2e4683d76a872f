/* A growing byte buffer with a mandatory maximum; see str.h. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { FIRST_CAP = 256 };

void str_init(struct str *s, const void *ctx, size_t max)
{
    *s = (struct str){.ctx = ctx, .max = max};
}

void str_done(struct str *s)
{
    talloc_free(s->data);
    str_init(s, s->ctx, s->max);
}

void str_reset(struct str *s)
{
    str_truncate(s, 0);
}

void str_truncate(struct str *s, size_t len)
{
    if (len < s->len)
        s->len = len;
    if (s->data)
        s->data[s->len] = '\0';
    s->full = false;
}

/* Makes room for `len` more bytes and the NUL; doubles, so that appending stays linear. */
static bool reserve(struct str *s, size_t len)
{
    if (s->full || len > s->max - s->len) {
        s->full = true;
        return false;
    }
    size_t need = s->len + len + 1;
    if (need <= s->cap)
        return true;
    size_t cap = s->cap ? s->cap : FIRST_CAP;
    while (cap < need)
        cap *= 2;
    if (cap > s->max + 1)
        cap = s->max + 1;
    s->data = talloc_realloc_size(s->ctx, s->data, cap);
    if (!s->data)
        abort();
    s->cap = cap;
    return true;
}

bool str_append(struct str *s, const void *data, size_t len)
{
    if (!reserve(s, len))
        return false;
    if (len > 0)
        memcpy(s->data + s->len, data, len);
    s->len += len;
    s->data[s->len] = '\0';
    return true;
}

bool str_puts(struct str *s, const char *text)
{
    return str_append(s, text, strlen(text));
}

bool str_putc(struct str *s, char c)
{
    if (!reserve(s, 1))
        return false;
    s->data[s->len++] = c;
    s->data[s->len] = '\0';
    return true;
}

bool str_printf(struct str *s, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = s->cap - s->len; /* mostly enough */
    int len = vsnprintf(room > 0 ? s->data + s->len : NULL, room, format, args);
    va_end(args);
    bool ok = len >= 0 && reserve(s, (size_t)len);
    if (ok && (size_t)len >= room)
        vsnprintf(s->data + s->len, (size_t)len + 1, format, again);
    va_end(again);
    if (ok)
        s->len += (size_t)len;
    else if (s->data)
        s->data[s->len] = '\0';
    return ok;
}

const char *str_get(const struct str *s)
{
    return s->data ? s->data : "";
}

char *str_take(struct str *s, const void *ctx)
{
    char *data = s->data ? talloc_steal(ctx, s->data) : talloc_strdup(ctx, "");
    str_init(s, s->ctx, s->max);
    return data;
}
