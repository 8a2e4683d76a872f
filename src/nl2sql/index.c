/*
 * The index of all words: of relations, in weighted fields, and of the notes about them.
 *
 * Made once for a state of the catalog. A word in the name of a table counts the more the fewer
 * other words the name has, so that "customers" comes before "customer_addresses"; a word that
 * stands in many columns of a table counts little more than in one.
 */
#include "nl2sql/internal.h"

#include "catalog/render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    RELATIONS_AT_ONCE = 20, /* between two yields */
    VALUES_MAX = 60,        /* of a column, in the index */
    COMPOUND_MIN = 7,       /* letters of a word that may be two */
    RELATION_MAX_BYTES = 4 << 20,
};

static const struct {
    float schema, name, column, column_comment, comment, value, again, part;
} weights = {.schema = 0.7F,
    .name = 3.2F,
    .column = 1.2F,
    .column_comment = 0.6F,
    .comment = 1.4F,
    .value = 0.9F,
    .again = 0.15F, /* of what a repeated word of a field adds */
    .part = 0.7F};  /* of a word that is only a part, or the long form */

/* ---- entries ---- */

static struct nl2sql_entry *intern(struct nl2sql_index *index, const char *stem)
{
    struct nl2sql_entry *entry;
    HASH_FIND_STR(index->entries, stem, entry);
    if (entry)
        return entry;
    entry = talloc_zero(index, struct nl2sql_entry);
    strncpy(entry->stem, stem, sizeof entry->stem - 1);
    HASH_ADD_STR(index->entries, stem, entry);
    return entry;
}

struct nl2sql_entry *nl2sql_index_find(const struct nl2sql_index *index, const char *stem)
{
    struct nl2sql_entry *entry;
    HASH_FIND_STR(index->entries, stem, entry);
    return entry;
}

static int free_hash(struct nl2sql_index *index)
{
    HASH_CLEAR(hh, index->entries); /* the entries themselves are talloc's */
    return 0;
}

/* ---- adding ---- */

struct field {
    struct nl2sql_index *index;
    uint32_t document;
    float weight;
    bool names; /* identifiers: short forms and compounds are taken apart */
};

static void add(const struct field *f, struct nl2sql_entry *entry, float weight)
{
    struct nl2sql_posting *last =
        entry->posting_count > 0 ? &entry->postings[entry->posting_count - 1] : NULL;
    if (last && last->document == f->document) {
        bool more = weight > last->weight;
        last->weight =
            more ? weight + weights.again * last->weight : last->weight + weights.again * weight;
        return;
    }
    if (!entry->postings || (entry->posting_count & (entry->posting_count - 1)) == 0) {
        size_t room = entry->posting_count > 0 ? 2 * entry->posting_count : 1;
        entry->postings =
            talloc_realloc(f->index, entry->postings, struct nl2sql_posting, (unsigned)room);
    }
    entry->postings[entry->posting_count++] = (struct nl2sql_posting){f->document, weight};
}

static struct nl2sql_entry *find_part(const struct nl2sql_index *index, const char *part,
    size_t len)
{
    char folded[NL2SQL_WORD_BYTES], stem[NL2SQL_WORD_BYTES];
    memcpy(folded, part, len);
    folded[len] = '\0';
    nl2sql_stem(folded, stem);
    return nl2sql_index_find(index, stem);
}

/* "orderlines" as "order" and "lines", when both are words of other names. */
static void add_compound(const struct field *f, const char *folded)
{
    enum { PART_MIN = 3 };
    size_t len = strlen(folded);
    if (len < COMPOUND_MIN)
        return;
    for (size_t cut = len - PART_MIN; cut >= PART_MIN; cut--) {
        struct nl2sql_entry *first = find_part(f->index, folded, cut);
        struct nl2sql_entry *second = first ? find_part(f->index, folded + cut, len - cut) : NULL;
        if (!second)
            continue;
        add(f, first, f->weight * weights.part);
        add(f, second, f->weight * weights.part);
        return;
    }
}

static void add_word(void *arg, const char *folded, const char *stem)
{
    const struct field *f = arg;
    add(f, intern(f->index, stem), f->weight);
    if (!f->names)
        return;
    const char *long_form = nl2sql_long_form(folded);
    if (long_form) {
        char other[NL2SQL_WORD_BYTES];
        nl2sql_stem(long_form, other);
        add(f, intern(f->index, other), f->weight * weights.part);
    } else {
        add_compound(f, folded);
    }
}

static void add_text(struct nl2sql_index *index, uint32_t document, const char *text, float weight,
    bool names)
{
    struct field f = {index, document, weight, names};
    if (text)
        nl2sql_words_each(text, strlen(text), add_word, &f);
}

static void count_word(void *arg, const char *folded, const char *stem)
{
    (void)folded;
    (void)stem;
    ++*(unsigned *)arg;
}

static void add_values(struct nl2sql_index *index, uint32_t document,
    const struct catalog_column *column)
{
    const struct catalog_enum *e = column->enumeration;
    for (size_t i = 0; e && i < e->value_count && i < VALUES_MAX; i++)
        add_text(index, document, e->values[i], weights.value, false);
    const struct nl2sql_column_statistics *known =
        nl2sql_statistics_of(index->statistics, index->relations[document], column);
    for (size_t i = 0; known && i < known->value_count && i < VALUES_MAX; i++)
        add_text(index, document, known->values[i], weights.value, false);
}

static void add_relation(struct nl2sql_index *index, uint32_t document)
{
    const struct catalog_relation *relation = index->relations[document];
    unsigned words = 0;
    nl2sql_words_each(relation->name, strlen(relation->name), count_word, &words);
    add_text(index, document, relation->name, weights.name / sqrtf((float)(words > 0 ? words : 1)),
        true);
    add_text(index, document, relation->schema->name, weights.schema, true);
    add_text(index, document, relation->comment, weights.comment, false);
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (!catalog_shows_column(&index->filter, relation, column))
            continue;
        add_text(index, document, column->name, weights.column, true);
        add_text(index, document, column->comment, weights.column_comment, false);
        add_values(index, document, column);
    }
}

/* ---- edges ---- */

static int compare_edges(const void *a, const void *b)
{
    const struct nl2sql_edge *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return (left->to > right->to) - (left->to < right->to);
}

static void add_edge(struct nl2sql_index *index, size_t *room, int64_t from, int64_t to)
{
    if (from < 0 || to < 0 || from == to)
        return;
    if (index->edge_count + 2 > *room) {
        *room = 2 * *room + 64;
        index->edges = talloc_realloc(index, index->edges, struct nl2sql_edge, (unsigned)*room);
    }
    index->edges[index->edge_count++] = (struct nl2sql_edge){(uint32_t)from, (uint32_t)to};
    index->edges[index->edge_count++] = (struct nl2sql_edge){(uint32_t)to, (uint32_t)from};
}

static void make_edges(struct nl2sql_index *index)
{
    size_t room = 0;
    for (uint32_t i = 0; i < index->relation_count; i++) {
        const struct catalog_relation *relation = index->relations[i];
        for (size_t k = 0; k < relation->key_count; k++) {
            const struct catalog_key *key = &relation->keys[k];
            if (key->kind == CATALOG_FOREIGN && catalog_shows_key(&index->filter, relation, key))
                add_edge(index, &room, i, nl2sql_document_of(index, key->target));
        }
    }
    for (uint32_t i = 0; i < index->note_count; i++) {
        const struct nl2sql_note *note = &index->notes[i];
        if (note->kind == NOTE_JOIN && note->document_count == 2)
            add_edge(index, &room, note->documents[0], note->documents[1]);
    }
    if (index->edge_count > 0)
        qsort(index->edges, index->edge_count, sizeof *index->edges, compare_edges);
    index->first_edge = talloc_zero_array(index, size_t, index->relation_count + 1);
    for (size_t i = 0; i < index->edge_count; i++)
        index->first_edge[index->edges[i].from + 1]++;
    for (uint32_t i = 0; i < index->relation_count; i++)
        index->first_edge[i + 1] += index->first_edge[i];
}

/* ---- all together ---- */

int64_t nl2sql_document_of(const struct nl2sql_index *index,
    const struct catalog_relation *relation)
{
    size_t low = 0, high = index->relation_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (index->relations[middle] == relation)
            return (int64_t)middle;
        if (index->relations[middle] < relation)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static void breathe(uint32_t n)
{
    if (n % RELATIONS_AT_ONCE == RELATIONS_AT_ONCE - 1 && rt_fiber_self())
        rt_yield();
}

static void intern_word(void *arg, const char *folded, const char *stem)
{
    (void)folded;
    intern(arg, stem);
}

/* The words of all names, so that compounds can be told. */
static void intern_names(struct nl2sql_index *index)
{
    for (uint32_t i = 0; i < index->relation_count; i++) {
        const struct catalog_relation *relation = index->relations[i];
        nl2sql_words_each(relation->name, strlen(relation->name), intern_word, index);
        for (size_t k = 0; k < relation->column_count; k++) {
            const struct catalog_column *column = &relation->columns[k];
            if (catalog_shows_column(&index->filter, relation, column))
                nl2sql_words_each(column->name, strlen(column->name), intern_word, index);
        }
        breathe(i);
    }
}

static void weigh(struct nl2sql_index *index)
{
    struct str scratch;
    str_init(&scratch, index, RELATION_MAX_BYTES);
    for (uint32_t i = 0; i < index->relation_count; i++) {
        index->whole_tokens += nl2sql_relation_tokens(&scratch, index, i, NL2SQL_FULL);
        index->columns_tokens += nl2sql_relation_tokens(&scratch, index, i, NL2SQL_COLUMNS);
        breathe(i);
    }
    str_done(&scratch);
    for (uint32_t i = 0; i < index->note_count; i++) {
        const struct nl2sql_note *note = &index->notes[i];
        if (note->kind == NOTE_TERM || note->kind == NOTE_METRIC)
            index->knowledge_tokens += nl2sql_tokens(note->text, strlen(note->text));
    }
}

struct nl2sql_index *nl2sql_index_create(const void *ctx, const struct catalog *catalog,
    const struct catalog_filter *filter, const struct nl2sql_statistics *statistics,
    const struct nl2sql_semantics *semantics)
{
    struct nl2sql_index *index = talloc_zero(ctx, struct nl2sql_index);
    talloc_set_destructor(index, free_hash);
    index->catalog = catalog;
    index->filter = *filter;
    index->statistics = statistics;
    index->relations =
        talloc_array(index, const struct catalog_relation *, (unsigned)catalog->relation_count);
    for (size_t i = 0; i < catalog->relation_count; i++) {
        if (catalog_shows(filter, &catalog->relations[i]))
            index->relations[index->relation_count++] = &catalog->relations[i];
    }
    intern_names(index);
    for (uint32_t i = 0; i < index->relation_count; i++) {
        add_relation(index, i);
        breathe(i);
    }
    if (semantics)
        nl2sql_notes_create(index, semantics);
    for (uint32_t i = 0; i < index->note_count; i++)
        add_text(index, index->relation_count + i, index->notes[i].words, 1, false);
    make_edges(index);
    weigh(index);
    return index;
}
