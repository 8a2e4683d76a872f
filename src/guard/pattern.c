/* Names of the policy: read as SQL reads them, with * outside quotes for any text. */
#include "guard/rules.h"

#include "base/str.h"

#include <fnmatch.h>
#include <string.h>

static bool is_name_byte(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
    return letter || c == '*' || (!first && ((c >= '0' && c <= '9') || c == '$'));
}

/* What is in quotes means itself. */
static bool read_quoted(const char **p, struct str *out)
{
    const char *c = *p + 1;
    for (; *c && (c[0] != '"' || c[1] == '"'); c++) {
        c += *c == '"';
        if (strchr("*?[\\", *c))
            str_putc(out, '\\');
        str_putc(out, *c);
    }
    *p = c + 1;
    return *c == '"' && out->len > 0;
}

static bool read_part(const char **p, struct str *out)
{
    if (**p == '"')
        return read_quoted(p, out);
    const char *c = *p;
    for (; is_name_byte(*c, c == *p); c++)
        str_putc(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    *p = c;
    return out->len > 0;
}

bool guard_pattern_parse(const void *ctx, const char *text, enum guard_pattern_form form,
    struct guard_pattern *ret)
{
    static const char blanks[] = " \t\r\n";
    const char *parts[3];
    size_t count = 0;
    const char *p = text + strspn(text, blanks);
    do {
        struct str part;
        str_init(&part, ctx, 2 * strlen(text));
        p += count > 0; /* the dot */
        if (count == 3 || !read_part(&p, &part))
            return false;
        parts[count++] = str_get(&part);
    } while (*p == '.');
    size_t least = form == GUARD_PATTERN_COLUMN ? 2 : 1;
    size_t most = form == GUARD_PATTERN_SCHEMA ? 1 : least + 1;
    if (p[strspn(p, blanks)] || count < least || count > most)
        return false;
    const char **last = &parts[count - 1];
    *ret = form == GUARD_PATTERN_COLUMN
               ? (struct guard_pattern){count == 3 ? parts[0] : NULL, last[-1], *last}
               : (struct guard_pattern){count == 2 ? parts[0] : NULL, *last, NULL};
    return true;
}

bool guard_pattern_fits(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, 0) == 0;
}

bool guard_pattern_is_plain(const char *pattern)
{
    for (; *pattern; pattern++) {
        if (*pattern == '*')
            return false;
        pattern += *pattern == '\\';
    }
    return true;
}

bool guard_patterns_match(const struct guard_patterns *patterns, const char *schema,
    const char *name)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const struct guard_pattern *pattern = &patterns->items[i];
        if (guard_pattern_fits(pattern->name, name) &&
            (!pattern->schema || !schema || guard_pattern_fits(pattern->schema, schema)))
            return true;
    }
    return false;
}
