/* Streaming JSON; see json_writer.h. */
#include "base/json_writer.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

void jw_init(struct json_writer *w, struct str *out)
{
    *w = (struct json_writer){.out = out};
}

static void before_value(struct json_writer *w)
{
    if (w->comma)
        str_putc(w->out, ',');
    w->comma = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    before_value(w);
    str_putc(w->out, bracket);
    w->comma = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    str_putc(w->out, bracket);
    w->comma = true;
}

void jw_begin_object(struct json_writer *w)
{
    open_with(w, '{');
}

void jw_end_object(struct json_writer *w)
{
    close_with(w, '}');
}

void jw_begin_array(struct json_writer *w)
{
    open_with(w, '[');
}

void jw_end_array(struct json_writer *w)
{
    close_with(w, ']');
}

void jw_key(struct json_writer *w, const char *key)
{
    jw_string(w, key);
    str_putc(w->out, ':');
    w->comma = false;
}

/* The bytes that JSON cannot hold as they are; everything else is copied in runs. */
static const char escape_of[256] = {
    [0x00 ... 0x07] = 'u',
    ['\b'] = 'b',
    ['\t'] = 't',
    ['\n'] = 'n',
    [0x0b] = 'u',
    ['\f'] = 'f',
    ['\r'] = 'r',
    [0x0e ... 0x1f] = 'u',
    ['"'] = '"',
    ['\\'] = '\\',
    [0x7f] = 'u',
    [0x80 ... 0xff] = 'x',
};

void jw_string_n(struct json_writer *w, const char *text, size_t len)
{
    before_value(w);
    str_putc(w->out, '"');
    size_t done = 0;
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        char escape = escape_of[c];
        if (escape == '\0') {
            i++;
            continue;
        }
        size_t sequence = escape == 'x' ? text_utf8_sequence(text + i, len - i) : 0;
        if (sequence > 0) {
            i += sequence;
            continue;
        }
        str_append(w->out, text + done, i - done);
        if (escape == 'x')
            str_puts(w->out, "\xef\xbf\xbd");
        else if (escape == 'u')
            str_printf(w->out, "\\u%04x", c);
        else
            str_append(w->out, (char[]){'\\', escape}, 2);
        done = ++i;
    }
    str_append(w->out, text + done, len - done);
    str_putc(w->out, '"');
}

void jw_string(struct json_writer *w, const char *text)
{
    jw_string_n(w, text, strlen(text));
}

void jw_int(struct json_writer *w, int64_t value)
{
    before_value(w);
    str_printf(w->out, "%" PRId64, value);
}

void jw_double(struct json_writer *w, double value)
{
    before_value(w);
    str_printf(w->out, "%.15g", value);
}

void jw_bool(struct json_writer *w, bool value)
{
    before_value(w);
    str_puts(w->out, value ? "true" : "false");
}

void jw_null(struct json_writer *w)
{
    before_value(w);
    str_puts(w->out, "null");
}

void jw_raw(struct json_writer *w, const char *json, size_t len)
{
    before_value(w);
    size_t start = w->out->len;
    if (!str_append(w->out, json, len))
        return;
    for (char *p = w->out->data + start; (p = strpbrk(p, "\r\n")) != NULL;)
        *p++ = ' ';
}

void jw_member_string(struct json_writer *w, const char *key, const char *value)
{
    if (value) {
        jw_key(w, key);
        jw_string(w, value);
    }
}

void jw_member_int(struct json_writer *w, const char *key, int64_t value)
{
    jw_key(w, key);
    jw_int(w, value);
}

void jw_member_bool(struct json_writer *w, const char *key, bool value)
{
    jw_key(w, key);
    jw_bool(w, value);
}
