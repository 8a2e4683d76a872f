/* The URIs of resources; see uri.h. */
#include "tools/uri.h"

#include "base/str.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const char scheme[] = "postgres://";

/* As RFC 6570 expands {name}, so that a client that fills in a template gets the same. */
static void put_part(struct str *out, const char *part)
{
    for (const char *p = part; *p; p++) {
        if (!(*p & 0x80) && (isalnum((unsigned char)*p) || strchr("-._~", *p)))
            str_putc(out, *p);
        else
            str_printf(out, "%%%02X", (unsigned char)*p);
    }
}

char *tools_uri_text(const void *ctx, const struct tools_uri *uri)
{
    struct str out;
    str_init(&out, ctx, SIZE_MAX / 2);
    str_puts(&out, scheme);
    put_part(&out, uri->database);
    for (size_t i = 0; i < 2; i++) {
        const char *part = i == 0 ? uri->schema : uri->table;
        if (!part)
            break;
        str_putc(&out, '/');
        put_part(&out, part);
    }
    return str_take(&out, ctx);
}

/* The byte that two hexadecimal digits mean; 0, which no name has, when they are none. */
static char unescape(const char *digits)
{
    unsigned byte = 0;
    for (size_t i = 0; i < 2; i++) {
        if (!isxdigit((unsigned char)digits[i]))
            return '\0';
        int digit = tolower((unsigned char)digits[i]);
        byte = byte * 16 + (unsigned)(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
    }
    return (char)byte;
}

/* The part that begins at `*text`, which moves to what ends it; NULL when it is none. */
static const char *parse_part(const void *ctx, const char **text)
{
    const char *p = *text;
    char *part = talloc_array(ctx, char, (unsigned)strcspn(p, "/?#") + 1);
    char *end = part;
    for (; *p && !strchr("/?#", *p); p++) {
        *end = *p == '%' ? unescape(p + 1) : *p;
        if (!*end++)
            return NULL;
        p += *p == '%' ? 2 : 0;
    }
    *end = '\0';
    *text = p;
    return *part ? part : NULL;
}

bool tools_uri_parse(const void *ctx, const char *text, struct tools_uri *ret)
{
    const char *parts[3] = {NULL};
    if (strncasecmp(text, scheme, strlen(scheme)) != 0)
        return false;
    text += strlen(scheme);
    for (size_t i = 0; i < 3; i++) {
        parts[i] = parse_part(ctx, &text);
        if (!parts[i])
            return false;
        if (i == 2 || *text != '/')
            break;
        text++;
    }
    if (*text)
        return false;
    *ret = (struct tools_uri){parts[0], parts[1], parts[2]};
    return true;
}
