/*
 * Linking: which relations a question is about.
 *
 * Each word of the question is looked up as it is, as the long form of a short one, through
 * synonyms, as the beginning of another word, joined to its neighbour, and, when it is unknown, by
 * trigrams. A relation's score sums over the words the best of these, weighted by how rare the word
 * is (BM25). Terms, metrics and examples hand their scores on to the relations that they speak of,
 * and relations lend some to their neighbours. Then what joins the best ones is added: the shortest
 * paths along foreign keys, for bridge tables are rarely spoken of.
 */
#include "nl2sql/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    WORDS_MAX = 40, /* of a question that are looked at */
    FORMS_MAX = 24, /* entries for a word */
    SEEDS_MAX = 8,  /* relations that are joined with each other */
    EDGES_MAX = 4,  /* edges between two of them */
    LIKE_MIN = 4,   /* letters of a word that may be misspelt, or the beginning of another */
};

static const double saturation = 1.2, synonym = 0.55, long_form = 0.9, beginning = 0.5,
                    alike_least = 0.4, joined = 1;
static const double from_note = 0.6, from_example = 0.3, from_neighbour = 0.25, of_bridge = 0.75,
                    seed_share = 0.35;

struct form {
    const struct nl2sql_entry *entry;
    double factor;
};

struct word {
    char folded[NL2SQL_WORD_BYTES], stem[NL2SQL_WORD_BYTES];
    double worth;
    struct form forms[FORMS_MAX];
    size_t form_count;
};

struct linker {
    const struct nl2sql_index *index;
    struct word words[WORDS_MAX];
    size_t word_count;
    double *scores;
};

/* ---- words and their forms ---- */

static void take_word(void *arg, const char *folded, const char *stem)
{
    struct linker *l = arg;
    for (size_t i = 0; i < l->word_count; i++) {
        if (strcmp(l->words[i].stem, stem) == 0)
            return;
    }
    if (l->word_count == WORDS_MAX)
        return;
    struct word *word = &l->words[l->word_count++];
    *word = (struct word){.worth = nl2sql_word_worth(folded)};
    memcpy(word->folded, folded, strlen(folded) + 1);
    memcpy(word->stem, stem, strlen(stem) + 1);
}

static void add_form(struct word *word, const struct nl2sql_entry *entry, double factor)
{
    if (!entry || entry->posting_count == 0)
        return;
    for (size_t i = 0; i < word->form_count; i++) {
        if (word->forms[i].entry != entry)
            continue;
        if (factor > word->forms[i].factor)
            word->forms[i].factor = factor;
        return;
    }
    if (word->form_count < FORMS_MAX)
        word->forms[word->form_count++] = (struct form){entry, factor};
}

static void add_unstemmed(const struct linker *l, struct word *word, const char *folded,
    double factor)
{
    char stem[NL2SQL_WORD_BYTES];
    nl2sql_stem(folded, stem);
    add_form(word, nl2sql_index_find(l->index, stem), factor);
}

/* "time sheet" → timesheet */
static void add_joined(const struct linker *l, struct word *word, const struct word *next)
{
    char both[NL2SQL_WORD_BYTES];
    size_t len = strlen(word->folded), more = strlen(next->folded);
    if (len + more >= sizeof both)
        return;
    memcpy(both, word->folded, len);
    memcpy(both + len, next->folded, more + 1);
    add_unstemmed(l, word, both, joined);
}

static double share_of_beginning(const char *a, const char *b)
{
    size_t len_a = strlen(a), len_b = strlen(b), least = len_a < len_b ? len_a : len_b;
    if (least < LIKE_MIN || strncmp(a, b, least) != 0)
        return 0;
    return (double)least / (double)(len_a > len_b ? len_a : len_b);
}

/* The whole vocabulary: words that begin alike, and such as the word may be misspelt. */
static void add_alike(const struct linker *l, struct word *word)
{
    bool known = word->form_count > 0;
    for (const struct nl2sql_entry *e = l->index->entries; e; e = e->hh.next) {
        double share = share_of_beginning(word->stem, e->stem);
        if (share > 0 && share < 1)
            add_form(word, e, beginning * sqrt(share));
        if (known || strlen(word->stem) < LIKE_MIN || strlen(e->stem) < LIKE_MIN)
            continue;
        double likeness = nl2sql_likeness(word->stem, e->stem);
        if (likeness >= alike_least)
            add_form(word, e, likeness);
    }
}

static void find_forms(struct linker *l) may_yield
{
    for (size_t i = 0; i < l->word_count; i++) {
        struct word *word = &l->words[i];
        if (word->worth == 0)
            continue;
        add_form(word, nl2sql_index_find(l->index, word->stem), 1);
        const char *other = nl2sql_long_form(word->folded);
        if (other)
            add_unstemmed(l, word, other, long_form);
        if (i + 1 < l->word_count)
            add_joined(l, word, &l->words[i + 1]);
        for (size_t n = 0; (other = nl2sql_synonym(word->stem, n)) != NULL; n++)
            add_unstemmed(l, word, other, synonym);
        add_alike(l, word);
        if (rt_fiber_self())
            rt_yield(); /* the vocabulary of a large schema takes milliseconds */
    }
}

/* ---- scores ---- */

static double rarity(const struct nl2sql_index *index, const struct nl2sql_entry *entry)
{
    double all = index->relation_count + index->note_count, with = (double)entry->posting_count;
    return log(1 + (all - with + 0.5) / (with + 0.5));
}

/* Adds to each document what its best form of the word is worth. */
static void score_word(struct linker *l, const struct word *word, double *best)
{
    size_t documents = l->index->relation_count + l->index->note_count;
    memset(best, 0, documents * sizeof *best);
    for (size_t i = 0; i < word->form_count; i++) {
        const struct nl2sql_entry *entry = word->forms[i].entry;
        double factor = word->worth * word->forms[i].factor * rarity(l->index, entry);
        for (size_t k = 0; k < entry->posting_count; k++) {
            double weight = entry->postings[k].weight;
            double score = factor * weight / (weight + saturation);
            double *place = &best[entry->postings[k].document];
            *place = score > *place ? score : *place;
        }
    }
    for (size_t i = 0; i < documents; i++)
        l->scores[i] += best[i];
}

static void hand_on_notes(struct linker *l)
{
    for (uint32_t i = 0; i < l->index->note_count; i++) {
        const struct nl2sql_note *note = &l->index->notes[i];
        double share = note->kind == NOTE_EXAMPLE ? from_example : from_note;
        for (size_t k = 0; k < note->document_count; k++)
            l->scores[note->documents[k]] += share * l->scores[l->index->relation_count + i];
    }
}

/* ---- what joins them ---- */

struct edges {
    const struct nl2sql_edge *items;
    size_t count;
};

static struct edges edges_of(const struct nl2sql_index *index, uint32_t document)
{
    size_t first = index->first_edge[document];
    return (struct edges){index->edges + first, index->first_edge[document + 1] - first};
}

static void lend_to_neighbours(struct linker *l, double *own)
{
    memcpy(own, l->scores, l->index->relation_count * sizeof *own);
    for (uint32_t i = 0; i < l->index->relation_count; i++) {
        struct edges edges = edges_of(l->index, i);
        double most = 0;
        for (size_t k = 0; k < edges.count; k++)
            most = own[edges.items[k].to] > most ? own[edges.items[k].to] : most;
        l->scores[i] += from_neighbour * most;
    }
}

/* Edges from each relation to `goal`; EDGES_MAX and more where it is too far. */
static void measure(const struct nl2sql_index *index, uint32_t goal, uint8_t *distance,
    uint32_t *queue)
{
    memset(distance, UINT8_MAX, index->relation_count);
    size_t first = 0, last = 0;
    queue[last++] = goal;
    distance[goal] = 0;
    while (first < last) {
        uint32_t at = queue[first++];
        struct edges edges = edges_of(index, at);
        for (size_t i = 0; i < edges.count && distance[at] < EDGES_MAX; i++) {
            uint32_t to = edges.items[i].to;
            if (distance[to] != UINT8_MAX)
                continue;
            distance[to] = (uint8_t)(distance[at] + 1);
            queue[last++] = to;
        }
    }
}

/* Raises what lies on the best of the shortest paths to `floor`. What half the schema refers to
 * (countries, users) is the shortest path between many things, and rarely the one that is meant. */
static void raise_path(struct linker *l, const double *own, uint32_t at, const uint8_t *distance,
    double floor)
{
    while (distance[at] > 1 && distance[at] != UINT8_MAX) {
        struct edges edges = edges_of(l->index, at);
        uint32_t best = at;
        double most = -1;
        for (size_t i = 0; i < edges.count; i++) {
            uint32_t to = edges.items[i].to;
            double score = own[to] + 1.0 / (double)(1 + edges_of(l->index, to).count);
            if (distance[to] + 1 == distance[at] && score > most) {
                best = to;
                most = score;
            }
        }
        at = best;
        l->scores[at] = l->scores[at] > floor ? l->scores[at] : floor;
    }
}

static void add_bridges(const void *ctx, struct linker *l, const double *own,
    const uint32_t *ranked, uint32_t count)
{
    const struct nl2sql_index *index = l->index;
    uint8_t *distance = talloc_array(ctx, uint8_t, index->relation_count);
    uint32_t *queue = talloc_array(ctx, uint32_t, index->relation_count);
    uint32_t seeds = 0;
    while (seeds < count && seeds < SEEDS_MAX &&
           l->scores[ranked[seeds]] >= seed_share * l->scores[ranked[0]])
        seeds++;
    for (uint32_t i = 1; i < seeds; i++) {
        measure(index, ranked[i], distance, queue);
        double floor = of_bridge * own[ranked[i]];
        for (uint32_t k = 0; k < i; k++)
            raise_path(l, own, ranked[k], distance, floor);
    }
}

/* ---- ranking ---- */

static int compare_ranks(const void *a, const void *b, void *arg)
{
    const double *scores = arg;
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    if (scores[left] != scores[right])
        return scores[left] < scores[right] ? 1 : -1;
    return left < right ? -1 : 1;
}

static void rank(struct linker *l, struct nl2sql_links *ret)
{
    uint32_t count = l->index->relation_count;
    for (uint32_t i = 0; i < count; i++)
        ret->ranked[i] = i;
    qsort_r(ret->ranked, count, sizeof *ret->ranked, compare_ranks, l->scores);
    ret->ranked_count = 0;
    while (ret->ranked_count < count && l->scores[ret->ranked[ret->ranked_count]] > 0)
        ret->ranked_count++;
}

static void report_words(const void *ctx, const struct linker *l, struct nl2sql_links *ret)
{
    ret->words = talloc_zero_array(ctx, struct nl2sql_asked, (unsigned)l->word_count);
    for (size_t i = 0; i < l->word_count; i++) {
        const struct word *word = &l->words[i];
        if (word->worth < 1)
            continue;
        struct nl2sql_asked *asked = &ret->words[ret->word_count++];
        for (size_t k = 0; k < word->form_count; k++) {
            if (asked->entry_count < sizeof asked->entries / sizeof asked->entries[0])
                asked->entries[asked->entry_count++] = word->forms[k].entry;
        }
    }
}

void nl2sql_link(const void *ctx, const struct nl2sql_index *index, const char *question,
    struct nl2sql_links *ret)
{
    void *scratch = talloc_new(ctx);
    size_t documents = index->relation_count + index->note_count;
    struct linker *l = talloc_zero(scratch, struct linker);
    double *own = talloc_zero_array(scratch, double, (unsigned)documents);
    l->index = index;
    l->scores = talloc_zero_array(ctx, double, (unsigned)documents);
    *ret = (struct nl2sql_links){
        .ranked = talloc_array(ctx, uint32_t, index->relation_count),
        .scores = l->scores,
    };
    nl2sql_words_each(question, strlen(question), take_word, l);
    find_forms(l);
    for (size_t i = 0; i < l->word_count; i++)
        score_word(l, &l->words[i], own);
    hand_on_notes(l);
    lend_to_neighbours(l, own);
    rank(l, ret);
    add_bridges(scratch, l, own, ret->ranked, ret->ranked_count);
    rank(l, ret);
    report_words(ctx, l, ret);
    talloc_free(scratch);
}
