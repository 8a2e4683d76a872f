/*
 * What a model needs to know to write SQL for a question: the schema, or the part of it that
 * matters, with what statistics and the semantic layer add.
 *
 * When all of it fits the budget, all of it is given: leaving tables out loses more than it saves.
 * Else the question's words choose (link.c): relations in full, others with their columns only,
 * further ones by name; and the text says what it leaves out. Nothing that the policy hides is in
 * it, neither as a name nor as a value. The same subject and question give the same bytes.
 */
#ifndef PGPARLEY_NL2SQL_CONTEXT_H
#define PGPARLEY_NL2SQL_CONTEXT_H

#include "catalog/catalog.h"
#include "guard/guard.h"
#include "nl2sql/semantics.h"
#include "rt/rt.h"

/* ---- the subject: what there is to know, whatever the question is ---- */

struct nl2sql_index;      /* of all words, see index.c */
struct nl2sql_statistics; /* of columns, from pg_stats */

struct nl2sql_subject {
    const struct catalog *catalog;
    struct catalog_filter filter;
    const struct nl2sql_statistics *statistics; /* NULL when they are not to be had */
    const struct nl2sql_index *index;
};

/* Makes subjects of one database and keeps the latest. */
struct nl2sql_knowledge;

/* Borrows all; loads nothing. `semantics` may be NULL. Without `data_samples` no value out of the
 * data gets into a context. */
struct nl2sql_knowledge *nl2sql_knowledge_create(const void *ctx, struct pg_pool *pool,
    const struct nl2sql_semantics *semantics, bool data_samples);

/* What the filter shows of the catalog. The subject stays valid as long as `ctx` lives.
 * `filter.arg` is a talloc object that the catalog lives as long as; it is also what tells one
 * state of the catalog from the next. */
must_use bool nl2sql_knowledge_get(const void *ctx, struct nl2sql_knowledge *knowledge,
    const struct catalog *catalog, const struct catalog_filter *filter, int64_t deadline,
    struct nl2sql_subject *ret, struct error **ret_err) may_yield;

/* ---- the semantic layer, seen from the database ---- */

/* An item of the file. */
struct nl2sql_item {
    size_t line;
    const char *slip; /* why no context has it; NULL when it is used */
    bool hidden;      /* … which is that the policy hides what it names */
    const char *sql;  /* a query that PostgreSQL can bind when the item is right; NULL = none */
};
struct nl2sql_items {
    const char *file;
    const struct nl2sql_item *items;
    size_t count;
};
struct nl2sql_items nl2sql_items_get(const struct nl2sql_subject *subject);

/* What is wrong with an item, under `ctx`: its slip, or why PostgreSQL cannot bind its query; NULL
 * when it is right. Fails when the database cannot be asked. */
must_use bool nl2sql_item_check(const void *ctx, struct guard *guard,
    const struct nl2sql_subject *subject, const struct nl2sql_item *item, int64_t deadline,
    const char **ret, struct error **ret_err) may_yield;

/* ---- the context of a question ---- */

enum { NL2SQL_BUDGET_MIN = 500, NL2SQL_BUDGET_MAX = 200000, NL2SQL_BUDGET = 6000 };

struct nl2sql_context {
    const char *text; /* the question is not in it; what is about the question comes last, so that
                         what comes before is the same bytes each time */
    size_t tokens;    /* estimated, on the high side; at most the budget */
    bool whole;       /* every relation that is shown is in it */
    const struct catalog_relation **relations; /* those in it with their columns */
    size_t relation_count;
    size_t omitted;  /* shown by the policy, not in it with their columns */
    double coverage; /* 0 to 1: share of the question's words that something in it speaks of */
};

/* `ret` and what it points to belong to `ctx`, names excepted, which the subject's are. Any
 * `question` may be given, NULL for none. */
void nl2sql_context_build(const void *ctx, const struct nl2sql_subject *subject,
    const char *question, size_t budget_tokens, struct nl2sql_context *ret) may_yield;

/* Tokens of a text as the common models count them, some percent too high. */
size_t nl2sql_tokens(const char *text, size_t len);

/* ---- values ---- */

struct nl2sql_value {
    const struct catalog_relation *relation;
    const struct catalog_column *column;
    const char *value;
    double likeness; /* 0 to 1 */
};

/* Known values of text columns and enums that `literal` may stand for ("NYC" → "New York"), the
 * likeliest first; of these relations, or of all that are shown when `relations` is NULL. At most
 * `max`; returns how many. */
size_t nl2sql_similar_values(const struct nl2sql_subject *subject,
    const struct catalog_relation *const *relations, size_t relation_count, const char *literal,
    struct nl2sql_value *ret, size_t max);

#endif
