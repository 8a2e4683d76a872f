/* What the files of nl2sql/'s context share. */
#ifndef PGPARLEY_NL2SQL_INTERNAL_H
#define PGPARLEY_NL2SQL_INTERNAL_H

#include "base/str.h"
#include "nl2sql/context.h"
#include "nl2sql/words.h"

#include <uthash.h>

/* ---- statistics.c ---- */

struct nl2sql_column_statistics {
    double null_share;
    double distinct;     /* number of distinct values; -1 = unknown */
    const char **values; /* the common ones first, then samples; cut */
    size_t value_count;
    size_t common_count;    /* of them, those that are common */
    bool complete;          /* there are no other values */
    const char *low, *high; /* of times; NULL = unknown */
};

/* NULL in `*ret` when there are none for this role. */
must_use bool nl2sql_statistics_load(const void *ctx, struct pg_pool *pool,
    const struct catalog *catalog, int64_t deadline, struct nl2sql_statistics **ret,
    struct error **ret_err) may_yield;
/* NULL when nothing is known. */
const struct nl2sql_column_statistics *nl2sql_statistics_of(
    const struct nl2sql_statistics *statistics, const struct catalog_relation *relation,
    const struct catalog_column *column);

/* ---- names.c: names as people write them ---- */

/* The relation or the column of a relation that `text` names, if the filter shows it. */
const struct catalog_relation *nl2sql_find_relation(const struct catalog *catalog,
    const struct catalog_filter *filter, const char *text);
const struct catalog_column *nl2sql_find_column(const struct catalog *catalog,
    const struct catalog_filter *filter, const char *text,
    const struct catalog_relation **ret_relation);

/* Whether SQL uses only what is shown, as far as its words tell: no hidden relation, no hidden
 * column of a relation in it, nothing unknown behind FROM and JOIN. `used`, one for each of the
 * catalog's relations, is set for those that it names. */
bool nl2sql_sql_is_shown(const void *ctx, const struct catalog *catalog,
    const struct catalog_filter *filter, const char *sql, bool *used);

/* ---- index.c ---- */

struct nl2sql_posting {
    uint32_t document;
    float weight; /* how often and how prominently */
};

struct nl2sql_entry {
    char stem[NL2SQL_WORD_BYTES];
    const struct nl2sql_entry *long_form; /* of a short one, or NULL */
    struct nl2sql_posting *postings;      /* by document */
    size_t posting_count;
    UT_hash_handle hh;
};

enum nl2sql_note_kind { NOTE_TERM, NOTE_METRIC, NOTE_JOIN, NOTE_FILTER, NOTE_EXAMPLE };

/* An item of the semantic layer that is shown, ready to be printed. */
struct nl2sql_note {
    enum nl2sql_note_kind kind;
    const char *text;
    const char *words;         /* by which it is found */
    const uint32_t *documents; /* relations that it speaks of */
    size_t document_count;
};

/* What joins two relations, either way. */
struct nl2sql_edge {
    uint32_t from, to; /* documents */
};

/* Documents are the shown relations, in the catalog's order, and behind them the notes. */
struct nl2sql_index {
    const struct catalog *catalog;
    struct catalog_filter filter;
    const struct nl2sql_statistics *statistics;
    struct nl2sql_entry *entries; /* hash by stem */
    const struct catalog_relation **relations;
    uint32_t relation_count;
    struct nl2sql_note *notes;
    uint32_t note_count;
    struct nl2sql_items items; /* of the semantic layer, in the order of its lists */
    struct nl2sql_edge *edges; /* both ways, by `from` */
    size_t edge_count;
    size_t *first_edge;                  /* of each relation, and one more */
    size_t whole_tokens, columns_tokens; /* of all relations in full, or with columns only */
    size_t knowledge_tokens;             /* of all terms and metrics */
};

/* Yields between stretches when it runs on a fiber. */
struct nl2sql_index *nl2sql_index_create(const void *ctx, const struct catalog *catalog,
    const struct catalog_filter *filter, const struct nl2sql_statistics *statistics,
    const struct nl2sql_semantics *semantics) may_yield;

/* The document of a relation; -1 when it is not shown. */
int64_t nl2sql_document_of(const struct nl2sql_index *index,
    const struct catalog_relation *relation);
struct nl2sql_entry *nl2sql_index_find(const struct nl2sql_index *index, const char *stem);

/* ---- notes.c ---- */

/* Fills index->notes from what is shown of the semantic layer. */
void nl2sql_notes_create(struct nl2sql_index *index, const struct nl2sql_semantics *semantics);

/* ---- link.c ---- */

struct nl2sql_links {
    uint32_t *ranked;      /* all relations, the most important first */
    uint32_t ranked_count; /* of them, those that have a score */
    double *scores;        /* of each document */
    struct nl2sql_asked {
        const struct nl2sql_entry *entries[8]; /* any of which speaks of the word */
        size_t entry_count;
    } * words; /* meaningful ones of the question */
    size_t word_count;
};

void nl2sql_link(const void *ctx, const struct nl2sql_index *index, const char *question,
    struct nl2sql_links *ret) may_yield;

/* ---- text.c ---- */

enum nl2sql_detail { NL2SQL_NAME, NL2SQL_COLUMNS, NL2SQL_FULL };

/* One relation, each line with its line feed. */
void nl2sql_put_relation(struct str *out, const struct nl2sql_index *index, uint32_t document,
    enum nl2sql_detail detail);
/* What that takes; `scratch` is overwritten. */
size_t nl2sql_relation_tokens(struct str *scratch, const struct nl2sql_index *index,
    uint32_t document, enum nl2sql_detail detail);
/* The enums that columns of these relations have. */
void nl2sql_put_enums(const void *ctx, struct str *out, const struct nl2sql_index *index,
    const uint32_t *documents, size_t count);
/* `text` on one line, without anything that could end a fence. */
void nl2sql_put_flat(struct str *out, const char *text);
/* As a literal of SQL, on one line and not longer than what is worth showing. */
void nl2sql_put_value(struct str *out, const char *value);

#endif
