/*
 * The text constants in a plan's conditions, with the columns they are compared with.
 *
 * EXPLAIN prints conditions in one normal form: (c.city = 'NYC'::text), ((c.name)::text ~~
 * '%Smith%'::text), (lower((c.city)::text) = ANY ('{nyc,la}'::text[])). A constant belongs to the
 * column named last before it.
 */
#include "nl2sql/asking.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { LITERALS_MAX = 16, VALUE_MAX_BYTES = 200 };

struct scan {
    const void *ctx;
    const char *p;
    const char *schema, *relation;
    struct nl2sql_details *details;
    const char *column;   /* the last one */
    const char *operator; /* behind it; NULL = none that matters */
    bool folded;
};

static void add(struct scan *s, const char *value)
{
    struct nl2sql_details *d = s->details;
    if (d->literal_count == LITERALS_MAX || strlen(value) > VALUE_MAX_BYTES || !*value)
        return;
    d->literals =
        talloc_realloc(s->ctx, d->literals, struct nl2sql_literal, (unsigned)d->literal_count + 1);
    d->literals[d->literal_count++] =
        (struct nl2sql_literal){s->schema, s->relation, s->column, value, s->operator, s->folded };
}

/* What stands between quotes, where a doubled quote is one; moves behind it. */
static char *quoted(struct scan *s, char quote)
{
    char *text = talloc_strdup(s->ctx, s->p + 1), *end = text;
    const char *p = s->p + 1;
    for (; *p && (*p != quote || p[1] == quote); p++) {
        p += *p == quote;
        *end++ = *p;
    }
    *end = '\0';
    s->p = *p ? p + 1 : p;
    return text;
}

/* The type behind a constant is one of text, and whether it is an array. */
static bool is_text(const char *p, bool *ret_array)
{
    static const char *const types[] = {"::text", "::character varying", "::bpchar", "::citext",
        "::name"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t len = strlen(types[i]);
        if (strncmp(p, types[i], len) != 0)
            continue;
        *ret_array = strncmp(p + len, "[]", 2) == 0;
        return true;
    }
    return false;
}

static void add_elements(struct scan *s, char *array)
{
    char *rest = array + (*array == '{');
    rest[strcspn(rest, "}")] = '\0';
    for (char *item; (item = strsep(&rest, ",")) != NULL;) {
        size_t len = strlen(item);
        if (len >= 2 && *item == '"')
            item = talloc_strndup(s->ctx, item + 1, len - 2);
        if (strcmp(item, "NULL") != 0)
            add(s, item);
    }
}

static void take_constant(struct scan *s)
{
    bool is_array = false;
    char *value = quoted(s, '\'');
    if (!s->column || !s->operator|| !is_text(s->p, &is_array))
        return;
    if (is_array)
        add_elements(s, value);
    else
        add(s, value);
    s->operator= NULL;
}

/* A name, after the dots of a qualified one; a function when a parenthesis follows. */
static void take_name(struct scan *s)
{
    const char *begin = s->p;
    char *name;
    if (*s->p == '"') {
        name = quoted(s, '"');
    } else {
        while (isalnum((unsigned char)*s->p) || *s->p == '_' || *s->p == '$' || (*s->p & 0x80))
            s->p++;
        name = talloc_strndup(s->ctx, begin, (size_t)(s->p - begin));
    }
    if (*s->p == '.' || isupper((unsigned char)*begin)) /* AND, ANY, IS NULL */
        return;
    if (*s->p == '(') {
        s->folded = true;
        return;
    }
    if (s->column && s->operator) /* compared with another column */
        s->operator= NULL;
    s->column = name;
}

static void take_operator(struct scan *s)
{
    static const char symbols[] = "=<>!~+-*/%^&|@#?";
    static const struct {
        const char *text, *operator;
    } known[] = {{"=", "="}, {"~~", "LIKE"}, {"~~*", "ILIKE"}};
    size_t len = strspn(s->p, symbols);
    s->operator= NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].text) == len && strncmp(s->p, known[i].text, len) == 0)
            s->operator= known[i].operator;
    }
    s->p += len;
}

/* Type names may have several words, "character varying"; what follows them is in capitals. */
static void skip_cast(struct scan *s)
{
    s->p += 2;
    while (isalnum((unsigned char)*s->p) || (*s->p && strchr("_[]\"", *s->p)) ||
           (*s->p == ' ' && islower((unsigned char)s->p[1])))
        s->p++;
}

void nl2sql_literals_read(const void *ctx, const char *schema, const char *relation,
    const char *condition, struct nl2sql_details *details)
{
    struct scan s = {.ctx = ctx,
        .p = condition,
        .schema = schema,
        .relation = relation,
        .details = details};
    while (*s.p) {
        if (*s.p == '\'') {
            take_constant(&s);
        } else if (strncmp(s.p, "::", 2) == 0) {
            skip_cast(&s);
        } else if (*s.p == '"' || isalpha((unsigned char)*s.p) || *s.p == '_' || (*s.p & 0x80)) {
            take_name(&s);
        } else if (strchr("=<>!~+-*/%^&|@#?", *s.p)) {
            take_operator(&s);
        } else {
            if (strncmp(s.p, " AND ", 5) == 0 || strncmp(s.p, " OR ", 4) == 0)
                s.folded = false;
            s.p++;
        }
    }
}
