/* Names that people wrote, in the semantic layer and in SQL, looked up in the catalog. */
#include "base/str.h"
#include "nl2sql/internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { PARTS_MAX = 3, NAME_BYTES = 64 };

struct name {
    char parts[PARTS_MAX][NAME_BYTES];
    bool quoted[PARTS_MAX];
    size_t count;
};

/* ---- reading ---- */

static bool begins_name(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (c & 0x80) || c == '"';
}

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

/* One part at `p`; returns what is behind it. */
static const char *read_part(const char *p, char *part, bool *quoted)
{
    size_t len = 0;
    *quoted = *p == '"';
    p += *quoted;
    for (; *p && (*quoted ? *p != '"' || p[1] == '"' : is_name_byte(*p)); p++) {
        if (len + 1 < NAME_BYTES)
            part[len++] = *p;
        p += *quoted && *p == '"';
    }
    part[len] = '\0';
    return p + (*quoted && *p == '"');
}

/* The possibly qualified name that begins at `p`; returns what is behind it. */
static const char *read_name(const char *p, struct name *name)
{
    name->count = 0;
    for (;; p++) {
        size_t i = name->count++;
        p = read_part(p, name->parts[i], &name->quoted[i]);
        if (*p != '.' || !begins_name(p[1]) || name->count == PARTS_MAX)
            return p;
    }
}

/* 2: exactly; 1: but for its case, which only quotes give a meaning. */
static int match(const struct name *name, size_t part, const char *wanted)
{
    if (strcmp(name->parts[part], wanted) == 0)
        return 2;
    return !name->quoted[part] && strcasecmp(name->parts[part], wanted) == 0;
}

/* ---- the semantic layer ---- */

static bool read_whole(const char *text, struct name *name)
{
    return begins_name(*text) && *read_name(text, name) == '\0';
}

/* By the first `parts` parts: "table" or "schema.table". */
static const struct catalog_relation *find(const struct catalog *catalog,
    const struct catalog_filter *filter, const struct name *name, size_t parts)
{
    const struct catalog_relation *best = NULL;
    int most = 0;
    for (size_t i = 0; i < catalog->relation_count; i++) {
        const struct catalog_relation *relation = &catalog->relations[i];
        int matches = match(name, parts - 1, relation->name);
        if (matches && parts == 2)
            matches *= match(name, 0, relation->schema->name);
        if (matches > most && catalog_shows(filter, relation)) {
            best = relation;
            most = matches;
        }
    }
    return best;
}

const struct catalog_relation *nl2sql_find_relation(const struct catalog *catalog,
    const struct catalog_filter *filter, const char *text)
{
    struct name name;
    if (!read_whole(text, &name) || name.count > 2)
        return NULL;
    return find(catalog, filter, &name, name.count);
}

const struct catalog_column *nl2sql_find_column(const struct catalog *catalog,
    const struct catalog_filter *filter, const char *text,
    const struct catalog_relation **ret_relation)
{
    struct name name;
    if (!read_whole(text, &name) || name.count < 2)
        return NULL;
    const struct catalog_relation *relation = find(catalog, filter, &name, name.count - 1);
    const struct catalog_column *best = NULL;
    int most = 0;
    for (size_t i = 0; relation && i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        int matches = match(&name, name.count - 1, column->name);
        if (matches > most && catalog_shows_column(filter, relation, column)) {
            best = column;
            most = matches;
        }
    }
    *ret_relation = relation;
    return best;
}

/* ---- SQL ---- */

/* Behind the string, comment or number that begins at `p`; `p` itself when none does. */
static const char *skip_other(const char *p)
{
    if (*p == '\'') {
        for (p++; *p && (*p != '\'' || p[1] == '\''); p++)
            p += *p == '\'';
        return p + (*p == '\'');
    }
    if (p[0] == '-' && p[1] == '-')
        return p + strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    while (isdigit((unsigned char)*p))
        p++;
    return p;
}

struct sql {
    const struct catalog *catalog;
    const struct catalog_filter *filter;
    struct name *names; /* all that stand in it, keywords too */
    bool *called;       /* an opening parenthesis follows */
    size_t count;
    bool *used;
};

static void read_sql(const void *ctx, struct sql *s, const char *sql)
{
    size_t room = strlen(sql) / 2 + 1;
    s->names = talloc_array(ctx, struct name, (unsigned)room);
    s->called = talloc_zero_array(ctx, bool, (unsigned)room);
    for (const char *p = sql; *p;) {
        const char *behind = skip_other(p);
        if (behind == p && begins_name(*p)) {
            behind = read_name(p, &s->names[s->count]);
            s->called[s->count++] = behind[strspn(behind, " \n\t")] == '(';
        }
        p = behind > p ? behind : p + 1;
    }
}

static bool is_keyword(const struct sql *s, size_t n, const char *word)
{
    const struct name *name = &s->names[n];
    return name->count == 1 && !name->quoted[0] && strcasecmp(name->parts[0], word) == 0;
}

/* "relation", "relation.column", "schema.relation" and "schema.relation.column". */
static bool names_relation(const struct name *name, const struct catalog_relation *relation)
{
    bool first = match(name, 0, relation->name) > 0;
    bool qualified = name->count >= 2 && match(name, 0, relation->schema->name) &&
                     match(name, 1, relation->name);
    return qualified || (first && name->count < PARTS_MAX);
}

/* False when one of them is hidden. */
static bool note_relations(const struct sql *s)
{
    for (size_t i = 0; i < s->catalog->relation_count; i++) {
        const struct catalog_relation *relation = &s->catalog->relations[i];
        for (size_t n = 0; n < s->count && !s->used[i]; n++)
            s->used[i] = names_relation(&s->names[n], relation);
        if (s->used[i] && !catalog_shows(s->filter, relation))
            return false;
    }
    return true;
}

static bool names_hidden_column(const struct sql *s, const struct catalog_relation *relation)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        if (catalog_shows_column(s->filter, relation, &relation->columns[i]))
            continue;
        for (size_t n = 0; n < s->count; n++) {
            if (match(&s->names[n], s->names[n].count - 1, relation->columns[i].name))
                return true;
        }
    }
    return false;
}

static bool is_column(const struct sql *s, const char *name)
{
    for (size_t i = 0; i < s->catalog->relation_count; i++) {
        const struct catalog_relation *relation = &s->catalog->relations[i];
        for (size_t k = 0; k < relation->column_count; k++) {
            if (strcasecmp(relation->columns[k].name, name) == 0)
                return true;
        }
    }
    return false;
}

/* A name that the query itself gives: "name AS (". */
static bool is_defined(const struct sql *s, const char *name)
{
    for (size_t n = 0; n + 1 < s->count; n++) {
        if (strcasecmp(s->names[n].parts[0], name) == 0 && is_keyword(s, n + 1, "AS"))
            return true;
    }
    return false;
}

/* What stands behind FROM is a relation, unless it is the FROM of extract() and its like. */
static bool is_known_source(const struct sql *s, size_t n)
{
    const struct name *name = &s->names[n];
    if (s->called[n] || is_keyword(s, n, "ONLY") || is_keyword(s, n, "LATERAL") ||
        is_keyword(s, n, "SELECT") || is_keyword(s, n, "current_date") ||
        (name->count == 1 && is_defined(s, name->parts[0])))
        return true;
    for (size_t i = 0; i < s->catalog->relation_count; i++) {
        if (s->used[i] && names_relation(name, &s->catalog->relations[i]))
            return true;
    }
    return is_column(s, name->parts[name->count - 1]);
}

bool nl2sql_sql_is_shown(const void *ctx, const struct catalog *catalog,
    const struct catalog_filter *filter, const char *sql, bool *used)
{
    void *scratch = talloc_new(ctx);
    struct sql s = {.catalog = catalog, .filter = filter, .used = used};
    read_sql(scratch, &s, sql);
    bool ok = note_relations(&s);
    for (size_t n = 0; ok && n + 1 < s.count; n++)
        ok =
            !(is_keyword(&s, n, "FROM") || is_keyword(&s, n, "JOIN")) || is_known_source(&s, n + 1);
    for (size_t i = 0; ok && i < catalog->relation_count; i++)
        ok = !used[i] || !names_hidden_column(&s, &catalog->relations[i]);
    talloc_free(scratch);
    return ok;
}
