/* What of the semantic layer a context may have: every name in it is shown by the policy. */
#include "catalog/render.h"
#include "nl2sql/internal.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

enum { NOTE_BYTES = 40 << 10 };

/* Of the note that is being made. */
struct maker {
    struct nl2sql_index *index;
    bool *used; /* of the catalog's relations */
    struct str text;
    struct nl2sql_item item;
};

/* ---- what a note cannot speak of ---- */

static bool any_relation(const void *arg, const struct catalog_relation *relation)
{
    (void)arg;
    (void)relation;
    return true;
}

static bool any_column(const void *arg, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    (void)arg;
    (void)relation;
    (void)column;
    return true;
}

static const struct catalog_filter everything = {any_relation, any_column, NULL};

static void hide(struct maker *m, const char *name)
{
    m->item.hidden = true;
    m->item.slip = talloc_asprintf(m->index, "\"%s\" is hidden by the policy", name);
}

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static void miss_relation(struct maker *m, const char *name)
{
    const struct nl2sql_index *index = m->index;
    if (nl2sql_find_relation(index->catalog, &everything, name)) {
        hide(m, name);
        return;
    }
    const struct catalog_relation *near =
        catalog_nearest_relation(index->catalog, last_part(name), &index->filter);
    m->item.slip = talloc_asprintf(index, "there is no table \"%s\" that the role may read%s%s%s",
        name, near ? "; did you mean " : "",
        near ? catalog_qualified_name(index, index->catalog, near) : "", near ? "?" : "");
}

static void miss_column(struct maker *m, const char *name)
{
    const struct nl2sql_index *index = m->index;
    const struct catalog_relation *relation = NULL;
    const char *column = last_part(name);
    if (nl2sql_find_column(index->catalog, &everything, name, &relation)) {
        hide(m, name);
    } else if (!relation && column > name) {
        miss_relation(m, talloc_strndup(index, name, (size_t)(column - 1 - name)));
    } else if (!relation) {
        m->item.slip = talloc_asprintf(index, "\"%s\" is not written as schema.table.column", name);
    } else {
        const struct catalog_column *near =
            catalog_nearest_column(&relation, 1, column, &index->filter);
        m->item.slip = talloc_asprintf(index, "%s has no column \"%s\"%s%s%s",
            catalog_qualified_name(index, index->catalog, relation), column,
            near ? "; did you mean \"" : "", near ? near->name : "", near ? "\"?" : "");
    }
}

static void miss_sql(struct maker *m, const char *sql)
{
    const struct nl2sql_index *index = m->index;
    m->item.hidden = nl2sql_sql_is_shown(index, index->catalog, &everything, sql, m->used);
    m->item.slip = m->item.hidden ? "its SQL names what is hidden by the policy"
                                  : "its SQL names what the role cannot read, or what is not there";
}

/* ---- what a note speaks of ---- */

static void forget(struct maker *m)
{
    memset(m->used, 0, m->index->catalog->relation_count * sizeof *m->used);
    str_reset(&m->text);
    m->item = (struct nl2sql_item){0};
}

static void put_relation(struct maker *m, const struct catalog_relation *relation)
{
    catalog_put_name(&m->text, m->index->catalog, relation->schema->name);
    str_putc(&m->text, '.');
    catalog_put_name(&m->text, m->index->catalog, relation->name);
}

static const struct catalog_relation *use_relation(struct maker *m, const char *name)
{
    const struct nl2sql_index *index = m->index;
    const struct catalog_relation *relation =
        nl2sql_find_relation(index->catalog, &index->filter, name);
    if (relation)
        m->used[relation - index->catalog->relations] = true;
    else
        miss_relation(m, name);
    return relation;
}

static const struct catalog_column *use_column(struct maker *m, const char *name,
    const struct catalog_relation **ret_relation)
{
    const struct nl2sql_index *index = m->index;
    const struct catalog_column *column =
        nl2sql_find_column(index->catalog, &index->filter, name, ret_relation);
    if (column)
        m->used[*ret_relation - index->catalog->relations] = true;
    else
        miss_column(m, name);
    return column;
}

static bool use_sql(struct maker *m, const char *sql)
{
    const struct nl2sql_index *index = m->index;
    bool shown = nl2sql_sql_is_shown(index, index->catalog, &index->filter, sql, m->used);
    if (!shown)
        miss_sql(m, sql);
    return shown;
}

/* To be bound; the line feed ends a comment at the end of what is before it. */
#define set_query(m, ...) ((m)->item.sql = talloc_asprintf((m)->index, __VA_ARGS__))

static const char *name_of(const struct maker *m, const struct catalog_relation *relation)
{
    return catalog_qualified_name(m->index, m->index->catalog, relation);
}

static bool finish(struct maker *m, enum nl2sql_note_kind kind, const char *words)
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
    return true;
}

/* ---- the kinds ---- */

/* "sales.orders, sales.customers (number, name)": tables, then columns by their tables. */
static bool put_tables(struct maker *m, const struct nl2sql_list *tables, const char *before)
{
    for (size_t i = 0; i < tables->count; i++) {
        const struct catalog_relation *relation = use_relation(m, tables->items[i]);
        if (!relation)
            return false;
        str_puts(&m->text, i == 0 ? before : ", ");
        put_relation(m, relation);
    }
    return true;
}

static bool put_columns(struct maker *m, const struct nl2sql_list *columns, const char *before)
{
    const struct catalog_relation *relation = NULL, *last = NULL;
    for (size_t i = 0; i < columns->count; i++) {
        const struct catalog_column *column = use_column(m, columns->items[i], &relation);
        if (!column)
            return false;
        if (relation == last) {
            str_puts(&m->text, ", ");
        } else {
            str_puts(&m->text, last ? "), " : before);
            put_relation(m, relation);
            str_puts(&m->text, " (");
        }
        catalog_put_name(&m->text, m->index->catalog, column->name);
        last = relation;
    }
    str_puts(&m->text, last ? ")" : "");
    return true;
}

static bool make_term(struct maker *m, const struct nl2sql_term *term)
{
    forget(m);
    nl2sql_put_flat(&m->text, term->term);
    if (term->means) {
        str_puts(&m->text, ": ");
        nl2sql_put_flat(&m->text, term->means);
    }
    size_t len = m->text.len;
    if (!put_tables(m, &term->tables, " → "))
        return false;
    if (term->columns.count > 0)
        str_truncate(&m->text, len);
    if (!put_columns(m, &term->columns, " → "))
        return false;
    str_putc(&m->text, '\n');
    return finish(m, NOTE_TERM,
        talloc_asprintf(m->index, "%s %s", term->term, term->means ? term->means : ""));
}

static bool make_metric(struct maker *m, const struct nl2sql_metric *metric)
{
    forget(m);
    const struct catalog_relation *relation = use_relation(m, metric->table);
    if (relation)
        set_query(m, "SELECT %s\nFROM %s", metric->sql, name_of(m, relation));
    if (!relation || !use_sql(m, metric->sql))
        return false;
    nl2sql_put_flat(&m->text, metric->name);
    str_puts(&m->text, " = ");
    nl2sql_put_flat(&m->text, metric->sql);
    str_puts(&m->text, " of ");
    put_relation(m, relation);
    str_putc(&m->text, '\n');
    return finish(m, NOTE_METRIC, metric->name);
}

static const struct catalog_relation *put_joined(struct maker *m, const char *name)
{
    const struct catalog_relation *relation = NULL;
    const struct catalog_column *column = use_column(m, name, &relation);
    if (!column)
        return NULL;
    put_relation(m, relation);
    str_putc(&m->text, '.');
    catalog_put_name(&m->text, m->index->catalog, column->name);
    return relation;
}

static bool make_join(struct maker *m, const struct nl2sql_join *join)
{
    forget(m);
    const struct catalog_relation *from = put_joined(m, join->from);
    str_puts(&m->text, " = ");
    const struct catalog_relation *to = from ? put_joined(m, join->to) : NULL;
    if (!to)
        return false;
    set_query(m, "SELECT 1 FROM %s%s%s WHERE %s", name_of(m, from), from == to ? "" : ", ",
        from == to ? "" : name_of(m, to), str_get(&m->text));
    str_putc(&m->text, '\n');
    return finish(m, NOTE_JOIN, "");
}

static bool make_filter(struct maker *m, const struct nl2sql_default_filter *filter)
{
    forget(m);
    const struct catalog_relation *relation = use_relation(m, filter->table);
    if (relation)
        set_query(m, "SELECT 1 FROM %s WHERE %s", name_of(m, relation), filter->where);
    if (!relation || !use_sql(m, filter->where))
        return false;
    put_relation(m, relation);
    str_puts(&m->text, ": WHERE ");
    nl2sql_put_flat(&m->text, filter->where);
    if (filter->why) {
        str_puts(&m->text, " -- ");
        nl2sql_put_flat(&m->text, filter->why);
    }
    str_putc(&m->text, '\n');
    return finish(m, NOTE_FILTER, "");
}

static bool make_example(struct maker *m, const struct nl2sql_example *example)
{
    forget(m);
    set_query(m, "%s", example->sql);
    if (!use_sql(m, example->sql))
        return false;
    str_puts(&m->text, "question: ");
    nl2sql_put_flat(&m->text, example->question);
    str_puts(&m->text, "\nsql: ");
    nl2sql_put_flat(&m->text, example->sql);
    str_putc(&m->text, '\n');
    return finish(m, NOTE_EXAMPLE, example->question);
}

static void keep(struct maker *m, struct nl2sql_item *items, size_t line, bool made)
{
    assert(made == !m->item.slip);
    m->item.line = line;
    items[m->index->items.count++] = m->item;
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
    struct nl2sql_item *items = talloc_array(index, struct nl2sql_item, (unsigned)count);
    index->items = (struct nl2sql_items){.file = s->file, .items = items};
    str_init(&m.text, index, NOTE_BYTES);
    for (size_t i = 0; i < s->term_count; i++)
        keep(&m, items, s->terms[i].line, make_term(&m, &s->terms[i]));
    for (size_t i = 0; i < s->metric_count; i++)
        keep(&m, items, s->metrics[i].line, make_metric(&m, &s->metrics[i]));
    for (size_t i = 0; i < s->join_count; i++)
        keep(&m, items, s->joins[i].line, make_join(&m, &s->joins[i]));
    for (size_t i = 0; i < s->filter_count; i++)
        keep(&m, items, s->filters[i].line, make_filter(&m, &s->filters[i]));
    for (size_t i = 0; i < s->example_count; i++)
        keep(&m, items, s->examples[i].line, make_example(&m, &s->examples[i]));
    str_done(&m.text);
    talloc_free(m.used);
}
