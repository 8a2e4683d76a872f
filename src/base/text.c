/* Small text questions; see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

bool text_is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_utf8_sequence(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    if (len == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t need = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || len < need)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] > 0x9f;
    bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : need;
}

size_t text_utf8_check(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t sequence = text_utf8_sequence(text + at, len - at);
        if (sequence == 0)
            return at;
        at += sequence;
    }
    return len;
}

size_t text_utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && text_is_continuation(text[max]))
        max--;
    return max;
}

char *text_excerpt(const void *ctx, const char *text, size_t max)
{
    size_t len = strlen(text), keep = text_utf8_cut(text, len, max);
    return talloc_asprintf(ctx, "%.*s%s", (int)keep, text, keep < len ? "…" : "");
}

bool text_is_control(const char *sequence, size_t len)
{
    const unsigned char *c = (const unsigned char *)sequence;
    if (len == 1)
        return *c < ' ' || *c == 0x7f;
    if (len == 2)
        return *c == 0xc2 && c[1] < 0xa0;
    return len == 3 && *c == 0xe2 &&
           ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
               (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

size_t text_step(const char *text, size_t len, bool *ret_plain)
{
    size_t n = text_utf8_sequence(text, len);
    *ret_plain = n > 0 && !text_is_control(text, n);
    return n > 0 ? n : 1;
}

const char *text_character(const char *text, int position)
{
    for (; *text && position > 1; position--) {
        do
            text++;
        while (text_is_continuation(*text));
    }
    return text;
}

void text_line_column(const char *text, int position, int *ret_line, int *ret_column)
{
    const char *place = text_character(text, position);
    int line = 1, column = 1;
    for (const char *p = text; p < place; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else if (!text_is_continuation(*p)) {
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

enum { NEAREST_MAX = 64 };

/* Optimal string alignment: insertions, deletions, changes and swapped neighbours. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > NEAREST_MAX || lb > NEAREST_MAX)
        return SIZE_MAX;
    size_t rows[3][NEAREST_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        last[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            size_t best = last[j - 1] + (ca != cb);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                           cb == tolower((unsigned char)a[i - 2]);
            if (swapped && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[lb];
}

struct text_nearest text_nearest_to(const char *wanted)
{
    /* About a third of the name may differ: "databse" → "database", never "host" → "port". */
    return (struct text_nearest){.wanted = wanted, .distance = strlen(wanted) / 3 + 1};
}

void text_nearest_offer(struct text_nearest *nearest, const char *candidate)
{
    size_t distance = edit_distance(nearest->wanted, candidate);
    bool shares_prefix = strlen(nearest->wanted) >= 3 &&
                         strncasecmp(nearest->wanted, candidate, strlen(nearest->wanted)) == 0;
    if (shares_prefix && distance > 1)
        distance = 1;
    if (distance < nearest->distance || (distance == nearest->distance && !nearest->best)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}
