/* Finding things in a catalog: by name, nearly by name, by words. */
#include "catalog/catalog.h"

#include "base/str.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- by name ---- */

static int compare_schema(const void *name, const void *schema)
{
    return strcmp(name, ((const struct catalog_schema *)schema)->name);
}

const struct catalog_schema *catalog_find_schema(const struct catalog *catalog, const char *name)
{
    if (catalog->schema_count == 0)
        return NULL; /* and no array that bsearch() could be given */
    return bsearch(name, catalog->schemas, catalog->schema_count, sizeof *catalog->schemas,
        compare_schema);
}

bool catalog_shows(const struct catalog_filter *filter, const struct catalog_relation *relation)
{
    return filter->shows(filter->arg, relation);
}

bool catalog_shows_column(const struct catalog_filter *filter,
    const struct catalog_relation *relation, const struct catalog_column *column)
{
    return filter->shows_column(filter->arg, relation, column);
}

bool catalog_shows_whole(const struct catalog_filter *filter,
    const struct catalog_relation *relation)
{
    bool whole = relation->whole;
    for (size_t i = 0; whole && i < relation->column_count; i++)
        whole = catalog_shows_column(filter, relation, &relation->columns[i]);
    return whole;
}

const struct catalog_relation *catalog_nearest_relation(const struct catalog *catalog,
    const char *name, const struct catalog_filter *filter)
{
    const struct catalog_relation *best = NULL;
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < catalog->relation_count; i++) {
        const struct catalog_relation *relation = &catalog->relations[i];
        if (!catalog_shows(filter, relation))
            continue;
        text_nearest_offer(&nearest, relation->name);
        if (nearest.best == relation->name)
            best = relation;
    }
    return best;
}

const struct catalog_column *catalog_nearest_column(const struct catalog_relation *const *relations,
    size_t count, const char *name, const struct catalog_filter *filter)
{
    const struct catalog_column *best = NULL;
    struct text_nearest nearest = text_nearest_to(name);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < relations[i]->column_count; k++) {
            const struct catalog_column *column = &relations[i]->columns[k];
            if (!catalog_shows_column(filter, relations[i], column))
                continue;
            text_nearest_offer(&nearest, column->name);
            if (nearest.best == column->name)
                best = column;
        }
    }
    return best;
}

/* ---- by words ---- */

struct word {
    const char *text;
    size_t len;
};

static bool has(const char *text, struct word word)
{
    int first = tolower((unsigned char)word.text[0]);
    for (; text && *text; text++) {
        if (tolower((unsigned char)*text) == first && strncasecmp(text, word.text, word.len) == 0)
            return true;
    }
    return false;
}

static bool column_has(const struct catalog_column *column, struct word word)
{
    if (has(column->name, word) || has(column->comment, word))
        return true;
    const struct catalog_enum *e = column->enumeration;
    for (size_t i = 0; e && i < e->value_count; i++) {
        if (has(e->values[i], word))
            return true;
    }
    return false;
}

static bool relation_has(const struct catalog_relation *relation, struct word word,
    const struct catalog_filter *filter)
{
    if (has(relation->name, word) || has(relation->schema->name, word) ||
        has(relation->comment, word))
        return true;
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (catalog_shows_column(filter, relation, column) && column_has(column, word))
            return true;
    }
    return false;
}

static const char blanks[] = " \t\r\n";

bool catalog_matches(const struct catalog_relation *relation, const char *words,
    const struct catalog_filter *filter)
{
    for (const char *p = words + strspn(words, blanks); *p; p += strspn(p, blanks)) {
        struct word word = {p, strcspn(p, blanks)};
        if (!relation_has(relation, word, filter))
            return false;
        p += word.len;
    }
    return true;
}

/* ---- reading a name ---- */

static bool is_name_byte(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
    return letter || (!first && ((c >= '0' && c <= '9') || c == '$'));
}

/* One identifier at `*p`, which moves behind it; false when there is none. */
static bool parse_part(const char **p, struct str *out)
{
    const char *c = *p;
    if (*c == '"') {
        for (c++; *c && (c[0] != '"' || c[1] == '"'); c++) {
            c += *c == '"';
            str_putc(out, *c);
        }
        *p = c + 1;
        return *c == '"' && out->len > 0;
    }
    for (; is_name_byte(*c, c == *p); c++)
        str_putc(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    *p = c;
    return out->len > 0;
}

bool catalog_parse_name(const void *ctx, const char *text, const char **ret_schema,
    const char **ret_name)
{
    struct str first, second;
    str_init(&first, ctx, strlen(text));
    str_init(&second, ctx, strlen(text));
    const char *p = text + strspn(text, blanks);
    bool ok = parse_part(&p, &first);
    bool qualified = ok && *p == '.';
    if (qualified) {
        p++;
        ok = parse_part(&p, &second);
    }
    if (!ok || p[strspn(p, blanks)])
        return false;
    *ret_schema = qualified ? str_get(&first) : NULL;
    *ret_name = qualified ? str_get(&second) : str_get(&first);
    return true;
}
