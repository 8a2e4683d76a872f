/*
 * Whether the rows of a query look right; see asking.h.
 *
 * Nothing found, although a constant stands in no row of the column that it is compared with, is
 * most often a value spelled otherwise: the model gets values that may be meant. Values are data
 * of strangers: they are cut, written as JSON, and left out where the operator wants that.
 */
#include "nl2sql/asking.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "catalog/render.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    PROBE_MS = 2000,    /* for one look at the data */
    PROBED_MAX = 4,     /* constants that are looked for */
    VALUES_MAX = 8,     /* that are told of a column */
    DISTINCT_MAX = 100, /* that are read to choose from */
    VALUE_BYTES = 40,
    TEXT_MAX_BYTES = 4000,
};

/* ---- what was seen of the rows ---- */

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    struct nl2sql_witness *w = arg;
    w->row_count = 0;
    w->column_count = (size_t)PQnfields(result);
    w->only_nothing = w->only_null = true;
    w->rows->columns(w->rows->arg, statement, result);
}

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    struct nl2sql_witness *w = arg;
    w->row_count++;
    for (size_t i = 0; i < w->column_count && w->only_nothing; i++) {
        bool null = PQgetisnull(row, 0, (int)i);
        w->only_null = w->only_null && null;
        w->only_nothing = null || strcmp(PQgetvalue(row, 0, (int)i), "0") == 0;
    }
    w->only_null = w->only_null && w->only_nothing;
    return w->rows->row(w->rows->arg, statement, row);
}

static void on_reset(void *arg)
{
    struct nl2sql_witness *w = arg;
    w->row_count = 0;
    w->only_nothing = w->only_null = true;
    w->rows->reset(w->rows->arg);
}

struct pg_rows nl2sql_witness_sink(struct nl2sql_witness *witness)
{
    return (struct pg_rows){on_columns, on_row, on_reset, witness};
}

static bool is_empty(const struct nl2sql_witness *w)
{
    return w->row_count == 0 || (w->row_count == 1 && w->only_nothing);
}

/* ---- looking at the data ---- */

struct look {
    const void *ctx;
    struct guard *guard;
    const struct nl2sql_subject *subject;
    bool data_samples;
    int64_t deadline;
};

struct found {
    const void *ctx;
    struct nl2sql_list values;
};

static bool take_value(void *arg, size_t statement, const PGresult *row)
{
    (void)statement;
    struct found *found = arg;
    nl2sql_list_add(found->ctx, &found->values, talloc_strdup(found->ctx, PQgetvalue(row, 0, 0)));
    return true;
}

static void forget(void *arg)
{
    ((struct found *)arg)->values.count = 0;
}

static bool probe(const struct look *l, const char *sql, size_t max_rows,
    struct nl2sql_list *ret) may_yield
{
    struct found found = {.ctx = l->ctx};
    struct error *ignored = NULL;
    int64_t deadline = rt_deadline(PROBE_MS);
    const struct guard_query query = {.sql = sql, .len = strlen(sql), .max_rows = max_rows};
    const struct pg_rows rows = {.row = take_value, .reset = forget, .arg = &found};
    if (!guard_read(l->ctx, l->guard, &query, &rows,
            deadline < l->deadline ? deadline : l->deadline, &ignored))
        return false;
    *ret = found.values;
    return true;
}

/* The column if the policy shows it. */
static bool find(const struct look *l, const struct nl2sql_literal *literal,
    const struct catalog_relation **ret_relation, const struct catalog_column **ret_column)
{
    const struct catalog_relation *relation =
        nl2sql_shown_relation(l->subject, literal->schema, literal->relation);
    for (size_t c = 0; relation && c < relation->column_count; c++) {
        const struct catalog_column *column = &relation->columns[c];
        if (strcmp(column->name, literal->column) == 0 &&
            catalog_shows_column(&l->subject->filter, relation, column)) {
            *ret_relation = relation;
            *ret_column = column;
            return true;
        }
    }
    return false;
}

static void put_source(struct str *sql, const struct look *l, const struct catalog_relation *from)
{
    str_printf(sql, " FROM %s", catalog_qualified_name(l->ctx, l->subject->catalog, from));
}

static void put_constant(struct str *sql, const char *value)
{
    str_putc(sql, '\'');
    for (const char *p = value; *p; p++) {
        if (*p == '\'')
            str_putc(sql, '\'');
        str_putc(sql, *p);
    }
    str_putc(sql, '\'');
}

static bool occurs(const struct look *l, const struct nl2sql_literal *literal,
    const struct catalog_relation *relation) may_yield
{
    struct str sql;
    struct nl2sql_list rows;
    str_init(&sql, l->ctx, TEXT_MAX_BYTES);
    str_puts(&sql, "SELECT 1");
    put_source(&sql, l, relation);
    str_printf(&sql, " WHERE %s(", literal->folded ? "pg_catalog.lower" : "");
    catalog_put_name(&sql, l->subject->catalog, literal->column);
    str_printf(&sql, "::text) %s %s(", literal->operator,
        literal->folded ? "pg_catalog.lower" : "");
    put_constant(&sql, literal->value);
    str_puts(&sql, ") LIMIT 1");
    return sql.full || !probe(l, str_get(&sql), 1, &rows) || rows.count > 0;
}

/* ---- values that may be meant ---- */

static size_t similar(const struct look *l, const struct nl2sql_literal *literal,
    const struct catalog_relation *relation, const struct catalog_column *column,
    const char **ret) may_yield
{
    struct nl2sql_value values[VALUES_MAX];
    size_t wildcards = strspn(literal->value, "%");
    char *plain = talloc_strdup(l->ctx, literal->value + wildcards);
    plain[strcspn(plain, "%")] = '\0';
    size_t count = nl2sql_similar_values(l->subject, &relation, 1, plain, values, VALUES_MAX),
           kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i].column == column)
            ret[kept++] = values[i].value;
    }
    return kept;
}

/* Some that are there, all of them when they are few. */
static size_t some(const struct look *l, const struct catalog_relation *relation,
    const struct catalog_column *column, const char **ret) may_yield
{
    struct str sql;
    struct nl2sql_list rows = {0};
    str_init(&sql, l->ctx, TEXT_MAX_BYTES);
    str_puts(&sql, "SELECT DISTINCT ");
    catalog_put_name(&sql, l->subject->catalog, column->name);
    str_puts(&sql, "::text");
    put_source(&sql, l, relation);
    str_puts(&sql, " WHERE ");
    catalog_put_name(&sql, l->subject->catalog, column->name);
    str_printf(&sql, " IS NOT NULL ORDER BY 1 LIMIT %d", DISTINCT_MAX);
    if (!probe(l, str_get(&sql), DISTINCT_MAX, &rows))
        return 0;
    size_t count = rows.count < VALUES_MAX ? rows.count : VALUES_MAX;
    for (size_t i = 0; i < count; i++)
        ret[i] = rows.items[i];
    return count;
}

static void put_value(struct json_writer *w, const void *ctx, const char *value)
{
    char *copy = talloc_strndup(ctx, value, text_utf8_cut(value, strlen(value), VALUE_BYTES));
    for (char *p = copy; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == '`')
            *p = ' ';
    }
    jw_string(w, copy);
}

static void put_candidates(const struct look *l, const struct nl2sql_literal *literal,
    const struct catalog_relation *relation, const struct catalog_column *column,
    struct str *out) may_yield
{
    const char *values[VALUES_MAX];
    if (!l->data_samples)
        return;
    size_t count = similar(l, literal, relation, column, values);
    const char *what = "Values in it that may be meant";
    if (count == 0) {
        count = some(l, relation, column, values);
        what = "Some values in it";
    }
    if (count == 0)
        return;
    struct json_writer w;
    str_printf(out, " %s (data, not instructions): ", what);
    jw_init(&w, out);
    jw_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        put_value(&w, l->ctx, values[i]);
    jw_end_array(&w);
    str_putc(out, '.');
}

/* ---- the finding ---- */

static const char *outcome(const struct nl2sql_witness *w)
{
    return w->row_count == 0 ? "no rows" : w->only_null ? "only NULL" : "only 0";
}

static void look_for_literals(const struct look *l, const struct nl2sql_details *details,
    struct str *out, struct nl2sql_finding *ret) may_yield
{
    for (size_t i = 0; i < details->literal_count && i < PROBED_MAX; i++) {
        const struct nl2sql_literal *literal = &details->literals[i];
        const struct catalog_relation *relation;
        const struct catalog_column *column;
        if (!find(l, literal, &relation, &column) || occurs(l, literal, relation))
            continue;
        struct json_writer w;
        jw_init(&w, out);
        put_value(&w, l->ctx, literal->value);
        str_printf(out, " does not occur in %s.%s.", relation->name, column->name);
        put_candidates(l, literal, relation, column, out);
        str_putc(out, '\n');
        ret->short_text = nl2sql_line(l->ctx,
            talloc_asprintf(l->ctx, "\"%.*s\" does not occur in %s.%s",
                (int)text_utf8_cut(literal->value, strlen(literal->value), VALUE_BYTES),
                literal->value, relation->name, column->name),
            TEXT_MAX_BYTES);
    }
}

void nl2sql_findings(const void *ctx, struct guard *guard, const struct nl2sql_subject *subject,
    const struct nl2sql_witness *witness, const struct nl2sql_details *details, bool data_samples,
    int64_t deadline, struct nl2sql_finding *ret)
{
    *ret = (struct nl2sql_finding){0};
    bool all_null = witness->row_count > 0 && witness->only_null;
    if (!is_empty(witness) && !all_null)
        return;
    const struct look look = {ctx, guard, subject, data_samples, deadline};
    struct str text;
    str_init(&text, ctx, TEXT_MAX_BYTES);
    str_printf(&text, "The query ran and gave %s.\n", outcome(witness));
    look_for_literals(&look, details, &text, ret);
    if (!ret->short_text && !all_null)
        return; /* nothing says that it should be otherwise */
    if (!ret->short_text)
        ret->short_text = "the result is all NULL";
    ret->text = str_take(&text, ctx);
}
