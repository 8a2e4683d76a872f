/* Values as JSON; see value.h. */
#include "pg/value.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* pg_type.dat */
enum {
    BOOL = 16,
    INT8 = 20,
    INT2 = 21,
    INT4 = 23,
    OID = 26,
    JSON = 114,
    FLOAT4 = 700,
    FLOAT8 = 701,
    JSONB = 3802
};

/* JavaScript and many JSON readers hold integers as doubles: exact up to 2^53. */
static bool is_exact_integer(const char *text, size_t len)
{
    static const char limit[] = "9007199254740992";
    size_t sign = text[0] == '-';
    size_t digits = len - sign;
    return digits < sizeof limit - 1 ||
           (digits == sizeof limit - 1 && memcmp(text + sign, limit, digits) <= 0);
}

static void write_cut(struct json_writer *w, const char *text, size_t len, size_t max)
{
    char cut[64];
    size_t keep = text_utf8_cut(text, len, max);
    int tail = snprintf(cut, sizeof cut, "…(+%zu bytes)", len - keep);
    size_t at = w->out->len;
    jw_string_n(w, text, keep);
    if (w->out->len > at) { /* reopens the string for its tail */
        str_truncate(w->out, w->out->len - 1);
        str_append(w->out, cut, (size_t)tail);
        str_putc(w->out, '"');
    }
}

/* A JSON null is not NULL and a JSON string no text, so only objects and arrays are embedded; and
 * readers of JSON give up on deep ones. A query can change the encoding of its own result; then
 * bytes may look like quotes. */
static bool can_embed(const char *text, size_t len)
{
    enum { DEPTH_MAX = 100 };
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted && text[i] == '\\')
            i++;
        else if (!quoted && (text[i] == '{' || text[i] == '[') && ++depth > deepest)
            deepest = depth;
        else if (!quoted && (text[i] == '}' || text[i] == ']'))
            depth--;
    }
    return deepest > 0 && deepest <= DEPTH_MAX && text_utf8_check(text, len) == len;
}

bool pg_value_write(struct json_writer *w, Oid type, const char *text, size_t len, size_t max)
{
    if (!text) {
        jw_null(w);
        return true;
    }
    if (len > max) {
        write_cut(w, text, len, max);
        return false;
    }
    if (len == 0) {
        jw_string_n(w, text, len);
        return true;
    }
    bool number = type == INT2 || type == INT4 || type == OID;
    if (type == INT8)
        number = is_exact_integer(text, len);
    else if (type == FLOAT4 || type == FLOAT8) /* not NaN, Infinity, -Infinity */
        number = text[len - 1] >= '0' && text[len - 1] <= '9';
    bool json = (type == JSON || type == JSONB) && can_embed(text, len);
    if (type == BOOL)
        jw_bool(w, text[0] == 't');
    else if (number || json)
        jw_raw(w, text, len);
    else
        jw_string_n(w, text, len);
    return true;
}

const char *pg_value_text(const PGresult *result, int column)
{
    return column >= 0 && column < PQnfields(result) ? PQgetvalue(result, 0, column) : "";
}
