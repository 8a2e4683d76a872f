/* Values that a word of a question may stand for; see context.h. */
#include "nl2sql/internal.h"

#include <string.h>
#include <talloc.h>

static const double least = 0.3, of_initials = 0.8, of_part = 0.7;

/* Folded words of a text behind each other, with single blanks. */
struct folded {
    char text[4 * NL2SQL_WORD_BYTES];
    char initials[NL2SQL_WORD_BYTES];
    size_t len, words;
};

static void add_word(void *arg, const char *folded, const char *stem)
{
    (void)stem;
    struct folded *f = arg;
    size_t len = strlen(folded);
    if (f->len + len + 2 > sizeof f->text)
        return;
    if (f->len > 0)
        f->text[f->len++] = ' ';
    memcpy(f->text + f->len, folded, len + 1);
    f->len += len;
    if (f->words + 1 < sizeof f->initials)
        f->initials[f->words++] = folded[0];
}

static struct folded fold(const char *text)
{
    struct folded f = {0};
    nl2sql_words_each(text, strlen(text), add_word, &f);
    return f;
}

static bool abbreviates(const struct folded *initials, const struct folded *of)
{
    return of->words > 1 && strcmp(initials->text, of->initials) == 0;
}

static double likeness(const struct folded *wanted, const struct folded *value)
{
    if (strcmp(wanted->text, value->text) == 0)
        return 1;
    double most = abbreviates(wanted, value) || abbreviates(value, wanted) ? of_initials : 0;
    if (wanted->len >= 3 && value->len >= 3 &&
        (strstr(value->text, wanted->text) || strstr(wanted->text, value->text)))
        most = of_part;
    double trigrams = nl2sql_likeness(wanted->text, value->text);
    return trigrams > most ? trigrams : most;
}

struct search {
    struct folded wanted;
    struct nl2sql_value *ret;
    size_t count, max;
};

/* Keeps the best, in their order; among equals the first. */
static void offer(struct search *s, const struct catalog_relation *relation,
    const struct catalog_column *column, const char *value)
{
    struct folded folded = fold(value);
    double alike = likeness(&s->wanted, &folded);
    if (alike < least)
        return;
    size_t at = s->count;
    while (at > 0 && s->ret[at - 1].likeness < alike)
        at--;
    if (at == s->max)
        return;
    s->count += s->count < s->max;
    memmove(&s->ret[at + 1], &s->ret[at], (s->count - at - 1) * sizeof *s->ret);
    s->ret[at] = (struct nl2sql_value){relation, column, value, alike};
}

static void search_relation(struct search *s, const struct nl2sql_subject *subject,
    const struct catalog_relation *relation)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (!catalog_shows_column(&subject->filter, relation, column))
            continue;
        const struct catalog_enum *e = column->enumeration;
        for (size_t k = 0; e && k < e->value_count; k++)
            offer(s, relation, column, e->values[k]);
        const struct nl2sql_column_statistics *known =
            nl2sql_statistics_of(subject->statistics, relation, column);
        for (size_t k = 0; known && !e && k < known->value_count; k++)
            offer(s, relation, column, known->values[k]);
    }
}

size_t nl2sql_similar_values(const struct nl2sql_subject *subject,
    const struct catalog_relation *const *relations, size_t relation_count, const char *literal,
    struct nl2sql_value *ret, size_t max)
{
    struct search s = {.wanted = fold(literal), .ret = ret, .max = max};
    size_t count = relations ? relation_count : subject->catalog->relation_count;
    for (size_t i = 0; i < count && max > 0; i++) {
        const struct catalog_relation *relation =
            relations ? relations[i] : &subject->catalog->relations[i];
        if (catalog_shows(&subject->filter, relation))
            search_relation(&s, subject, relation);
    }
    return s.count;
}
