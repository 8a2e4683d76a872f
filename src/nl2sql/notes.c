/* What of the semantic layer a context may have: every name in it is shown by the policy. */
#include "catalog/render.h"
#include "nl2sql/internal.h"

#include <string.h>
#include <talloc.h>

enum { NOTE_BYTES = 40 << 10 };

struct maker {
    struct nl2sql_index *index;
    bool *used; /* of the catalog's relations, by the note that is being made */
    struct str text;
};

/* ---- what a note speaks of ---- */

static void forget(struct maker *m)
{
    memset(m->used, 0, m->index->catalog->relation_count * sizeof *m->used);
    str_reset(&m->text);
}

static bool use_relation(struct maker *m, const char *name)
{
    const struct nl2sql_index *index = m->index;
    const struct catalog_relation *relation =
        nl2sql_find_relation(index->catalog, &index->filter, name);
    if (relation)
        m->used[relation - index->catalog->relations] = true;
    return relation != NULL;
}

static bool use_column(struct maker *m, const char *name)
{
    const struct nl2sql_index *index = m->index;
    const struct catalog_relation *relation = NULL;
    if (!nl2sql_find_column(index->catalog, &index->filter, name, &relation))
        return false;
    m->used[relation - index->catalog->relations] = true;
    return true;
}

static bool use_sql(struct maker *m, const char *sql)
{
    const struct nl2sql_index *index = m->index;
    return nl2sql_sql_is_shown(index, index->catalog, &index->filter, sql, m->used);
}

static void finish(struct maker *m, enum nl2sql_note_kind kind, const char *words)
{
    struct nl2sql_index *index = m->index;
    uint32_t *documents = NULL;
    size_t count = 0;
    for (size_t i = 0; i < index->catalog->relation_count; i++) {
        if (!m->used[i])
            continue;
        documents = talloc_realloc(index, documents, uint32_t, (unsigned)count + 1);
        documents[count++] = (uint32_t)nl2sql_document_of(index, &index->catalog->relations[i]);
    }
    index->notes[index->note_count++] = (struct nl2sql_note){
        .kind = kind,
        .text = talloc_strdup(index, str_get(&m->text)),
        .words = words,
        .documents = documents,
        .document_count = count,
    };
}

/* ---- the kinds ---- */

static void put_names(struct maker *m, const struct nl2sql_list *list, bool *first)
{
    for (size_t i = 0; i < list->count; i++) {
        str_puts(&m->text, *first ? " (" : ", ");
        nl2sql_put_flat(&m->text, list->items[i]);
        *first = false;
    }
}

static void make_term(struct maker *m, const struct nl2sql_term *term)
{
    forget(m);
    for (size_t i = 0; i < term->tables.count; i++) {
        if (!use_relation(m, term->tables.items[i]))
            return;
    }
    for (size_t i = 0; i < term->columns.count; i++) {
        if (!use_column(m, term->columns.items[i]))
            return;
    }
    nl2sql_put_flat(&m->text, term->term);
    if (term->means) {
        str_puts(&m->text, ": ");
        nl2sql_put_flat(&m->text, term->means);
    }
    bool first = true;
    put_names(m, &term->tables, &first);
    put_names(m, &term->columns, &first);
    str_puts(&m->text, first ? "\n" : ")\n");
    finish(m, NOTE_TERM,
        talloc_asprintf(m->index, "%s %s", term->term, term->means ? term->means : ""));
}

static void make_metric(struct maker *m, const struct nl2sql_metric *metric)
{
    forget(m);
    if (!use_relation(m, metric->table) || !use_sql(m, metric->sql))
        return;
    nl2sql_put_flat(&m->text, metric->name);
    str_puts(&m->text, " = ");
    nl2sql_put_flat(&m->text, metric->sql);
    str_puts(&m->text, " (of ");
    nl2sql_put_flat(&m->text, metric->table);
    str_puts(&m->text, ")\n");
    finish(m, NOTE_METRIC, metric->name);
}

static void make_join(struct maker *m, const struct nl2sql_join *join)
{
    forget(m);
    if (!use_column(m, join->from) || !use_column(m, join->to))
        return;
    nl2sql_put_flat(&m->text, join->from);
    str_puts(&m->text, " = ");
    nl2sql_put_flat(&m->text, join->to);
    str_putc(&m->text, '\n');
    finish(m, NOTE_JOIN, "");
}

static void make_filter(struct maker *m, const struct nl2sql_default_filter *filter)
{
    forget(m);
    if (!use_relation(m, filter->table) || !use_sql(m, filter->where))
        return;
    nl2sql_put_flat(&m->text, filter->table);
    str_puts(&m->text, ": WHERE ");
    nl2sql_put_flat(&m->text, filter->where);
    if (filter->why) {
        str_puts(&m->text, " -- ");
        nl2sql_put_flat(&m->text, filter->why);
    }
    str_putc(&m->text, '\n');
    finish(m, NOTE_FILTER, "");
}

static void make_example(struct maker *m, const struct nl2sql_example *example)
{
    forget(m);
    if (!use_sql(m, example->sql))
        return;
    str_puts(&m->text, "question: ");
    nl2sql_put_flat(&m->text, example->question);
    str_puts(&m->text, "\nsql: ");
    nl2sql_put_flat(&m->text, example->sql);
    str_putc(&m->text, '\n');
    finish(m, NOTE_EXAMPLE, example->question);
}

void nl2sql_notes_create(struct nl2sql_index *index, const struct nl2sql_semantics *semantics)
{
    const struct nl2sql_semantics *s = semantics;
    size_t count =
        s->term_count + s->metric_count + s->join_count + s->filter_count + s->example_count;
    index->notes = talloc_zero_array(index, struct nl2sql_note, (unsigned)count);
    struct maker m = {
        .index = index,
        .used = talloc_zero_array(index, bool, (unsigned)index->catalog->relation_count),
    };
    str_init(&m.text, index, NOTE_BYTES);
    for (size_t i = 0; i < s->term_count; i++)
        make_term(&m, &s->terms[i]);
    for (size_t i = 0; i < s->metric_count; i++)
        make_metric(&m, &s->metrics[i]);
    for (size_t i = 0; i < s->join_count; i++)
        make_join(&m, &s->joins[i]);
    for (size_t i = 0; i < s->filter_count; i++)
        make_filter(&m, &s->filters[i]);
    for (size_t i = 0; i < s->example_count; i++)
        make_example(&m, &s->examples[i]);
    str_done(&m.text);
    talloc_free(m.used);
}
