/* What fits into a listing, and its text; see render.h. The JSON is in render_json.c. */
#include "catalog/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* ---- what fits ---- */

static bool shows_columns(const struct catalog_filter *filter,
    const struct catalog_relation *relation, const struct catalog_column **columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!catalog_shows_column(filter, relation, columns[i]))
            return false;
    }
    return true;
}

bool catalog_shows_key(const struct catalog_filter *filter, const struct catalog_relation *relation,
    const struct catalog_key *key)
{
    if (!shows_columns(filter, relation, key->columns, key->column_count))
        return false;
    return key->kind != CATALOG_FOREIGN ||
           (catalog_shows(filter, key->target) &&
               shows_columns(filter, key->target, key->target_columns, key->column_count));
}

const char *catalog_shown_generation(const struct render *r,
    const struct catalog_relation *relation, const struct catalog_column *column)
{
    return column->generated && catalog_shows_whole(&r->view->filter, relation) ? column->generated
                                                                                : NULL;
}

bool catalog_next_reference(const struct catalog_view *view, const struct catalog_relation *target,
    struct catalog_reference *reference)
{
    const struct catalog *catalog = view->catalog;
    for (; reference->next_relation < catalog->relation_count; reference->next_relation++) {
        const struct catalog_relation *relation = &catalog->relations[reference->next_relation];
        while (reference->next_key < relation->key_count) {
            const struct catalog_key *key = &relation->keys[reference->next_key++];
            if (key->target == target && catalog_shows(&view->filter, relation) &&
                catalog_shows_key(&view->filter, relation, key)) {
                reference->relation = relation;
                reference->key = key;
                return true;
            }
        }
        reference->next_key = 0;
    }
    return false;
}

static void define_enums(struct render *r, const struct render_form *form,
    const struct catalog_relation *relation)
{
    for (size_t i = 0; r->detail > CATALOG_NAMES && i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        const struct catalog_enum *e = column->enumeration;
        bool *has = e ? &r->has_enum[e - r->view->catalog->enums] : NULL;
        if (has && !*has && catalog_shows_column(&r->view->filter, relation, column)) {
            form->enumeration(r, e);
            *has = true;
        }
    }
}

/* Writes the relations that fit; returns how many. */
static size_t write_relations(struct render *r, const struct render_form *form)
{
    const struct catalog_view *view = r->view;
    size_t listed = 0;
    form->begin(r);
    for (; listed < view->relation_count; listed++) {
        const struct catalog_relation *relation = view->relations[listed];
        size_t len = r->out->len, enums_len = r->enums.len;
        form->relation(r, relation);
        define_enums(r, form, relation);
        r->schema = relation->schema;
        if (r->out->full || r->enums.full ||
            r->out->len + r->enums.len + form->end_bytes > r->out->max) {
            str_truncate(r->out, len);
            str_truncate(&r->enums, enums_len);
            break;
        }
    }
    form->end(r, listed);
    return listed;
}

struct catalog_listing catalog_render(const struct catalog_view *view,
    const struct render_form *form, struct str *out)
{
    void *scratch = talloc_new(out->ctx);
    struct catalog_listing listing = {.detail = view->detail};
    for (;; listing.detail--) {
        struct render r = {.view = view, .detail = listing.detail, .out = out};
        str_reset(out);
        str_init(&r.enums, scratch, out->max);
        r.has_enum = talloc_zero_array(scratch, bool, (unsigned)view->catalog->enum_count);
        listing.omitted = view->relation_count - write_relations(&r, form);
        if (listing.omitted == 0 || !view->may_shrink || listing.detail == CATALOG_NAMES)
            break;
    }
    talloc_free(scratch);
    return listing;
}

/* ---- names ---- */

static int compare_word(const void *name, const void *word)
{
    return strcmp(name, *(const char *const *)word);
}

static bool needs_quotes(const struct catalog *catalog, const char *name)
{
    size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789$");
    return !*name || name[plain] || strchr("0123456789$", name[0]) ||
           (catalog->keyword_count > 0 && bsearch(name, catalog->keywords, catalog->keyword_count,
                                              sizeof *catalog->keywords, compare_word));
}

/* In `quote`s, which are doubled inside. */
static void put_quoted(struct str *out, const char *text, char quote)
{
    str_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            str_putc(out, quote);
        str_putc(out, *text);
    }
    str_putc(out, quote);
}

void catalog_put_name(struct str *out, const struct catalog *catalog, const char *name)
{
    if (needs_quotes(catalog, name))
        put_quoted(out, name, '"');
    else
        str_puts(out, name);
}

static void put_qualified(struct str *out, const struct catalog *catalog, const char *schema,
    const char *name)
{
    catalog_put_name(out, catalog, schema);
    str_putc(out, '.');
    catalog_put_name(out, catalog, name);
}

static void put_relation(struct render *r, const struct catalog_relation *relation)
{
    put_qualified(r->out, r->view->catalog, relation->schema->name, relation->name);
}

enum { NAME_MAX_BYTES = 1024 };

char *catalog_qualified_name(const void *ctx, const struct catalog *catalog,
    const struct catalog_relation *relation)
{
    struct str out;
    str_init(&out, ctx, NAME_MAX_BYTES);
    put_qualified(&out, catalog, relation->schema->name, relation->name);
    return str_take(&out, ctx);
}

/* "(a, b)" */
static void put_columns(struct render *r, const struct catalog_column **columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_puts(r->out, i == 0 ? "(" : ", ");
        catalog_put_name(r->out, r->view->catalog, columns[i]->name);
    }
    str_putc(r->out, ')');
}

/* ---- text ---- */

static const char *const kind_names[] = {
    [CATALOG_TABLE] = "table",
    [CATALOG_VIEW] = "view",
    [CATALOG_MATERIALIZED_VIEW] = "materialized view",
    [CATALOG_FOREIGN_TABLE] = "foreign table",
    [CATALOG_PARTITIONED_TABLE] = "partitioned table",
};

const char *catalog_kind_name(enum catalog_kind kind)
{
    return kind_names[kind];
}

void catalog_put_type(struct str *out, const char *type)
{
    static const char *const names[][2] = {
        {"character varying", "varchar"},
        {"double precision", "float8"},
        {"timestamp with time zone", "timestamptz"},
        {"timestamp without time zone", "timestamp"},
        {"time without time zone", "time"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i][0]);
        if (strncmp(type, names[i][0], len) == 0 && (!type[len] || strchr("[(", type[len]))) {
            str_printf(out, "%s%s", names[i][1], type + len);
            return;
        }
    }
    str_puts(out, type);
}

/* On one line, whatever is in it. */
static void put_flat(struct str *out, const char *before, const char *text)
{
    if (!text)
        return;
    str_puts(out, before);
    for (; *text; text++)
        str_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
}

/* " (view)", " (~2000 rows)", " (partitioned table, 3 partitions, ~9000 rows)", or nothing */
static void put_facts(struct render *r, const struct catalog_relation *relation)
{
    struct str *out = r->out;
    size_t start = out->len;
    if (relation->kind != CATALOG_TABLE)
        str_printf(out, ", %s", catalog_kind_name(relation->kind));
    if (relation->kind == CATALOG_PARTITIONED_TABLE)
        str_printf(out, ", %zu partition%s", relation->partition_count,
            relation->partition_count == 1 ? "" : "s");
    if (relation->estimated_rows >= 0)
        str_printf(out, ", ~%" PRId64 " rows", relation->estimated_rows);
    if (!catalog_shows_whole(&r->view->filter, relation))
        str_puts(out, ", only these columns may be read");
    if (out->len == start)
        return;
    str_putc(out, ')');
    memcpy(out->data + start, " (", 2);
}

static bool is_alone_in(const struct catalog_key *key, const struct catalog_column *column)
{
    return key->column_count == 1 && key->columns[0] == column;
}

static void put_column(struct render *r, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    struct str *out = r->out;
    catalog_put_name(out, r->view->catalog, column->name);
    str_putc(out, ' ');
    catalog_put_type(out, column->type);
    bool null = !column->not_null;
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (!is_alone_in(key, column) || key->kind == CATALOG_FOREIGN)
            continue;
        str_puts(out, key->kind == CATALOG_PRIMARY ? " PK" : " UNIQUE");
        null |= key->kind == CATALOG_PRIMARY;
    }
    if (!null)
        str_puts(out, " NOT NULL");
    if (r->detail == CATALOG_FULL) {
        str_puts(out, column->identity ? " IDENTITY" : "");
        put_flat(out, " DEFAULT ", column->default_to);
        put_flat(out, " GENERATED AS ", catalog_shown_generation(r, relation, column));
    }
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->kind == CATALOG_FOREIGN && is_alone_in(key, column) &&
            catalog_shows_key(&r->view->filter, relation, key)) {
            str_puts(out, " → ");
            put_relation(r, key->target);
            str_putc(out, '.');
            catalog_put_name(out, r->view->catalog, key->target_columns[0]->name);
        }
    }
    if (r->detail == CATALOG_FULL)
        put_flat(out, " -- ", column->comment);
}

/* A key of several columns; the others stand at their column. */
static void put_key(struct render *r, const struct catalog_key *key)
{
    static const char *const names[] =
        {[CATALOG_PRIMARY] = "PRIMARY KEY ", [CATALOG_UNIQUE] = "UNIQUE ", [CATALOG_FOREIGN] = ""};
    str_puts(r->out, names[key->kind]);
    put_columns(r, key->columns, key->column_count);
    if (key->kind == CATALOG_FOREIGN) {
        str_puts(r->out, " → ");
        put_relation(r, key->target);
        str_putc(r->out, ' ');
        put_columns(r, key->target_columns, key->column_count);
    }
}

static void put_referenced_by(struct render *r, const struct catalog_relation *target,
    const char *separator)
{
    struct catalog_reference from = {0};
    while (catalog_next_reference(r->view, target, &from)) {
        str_printf(r->out, "%sreferenced by ", separator);
        put_relation(r, from.relation);
        str_putc(r->out, ' ');
        put_columns(r, from.key->columns, from.key->column_count);
    }
}

static void put_columns_and_keys(struct render *r, const struct catalog_relation *relation,
    bool lines)
{
    const struct catalog_filter *filter = &r->view->filter;
    const char *separator = lines ? "\n  " : ": ";
    for (size_t i = 0; i < relation->column_count; i++) {
        if (!catalog_shows_column(filter, relation, &relation->columns[i]))
            continue;
        str_puts(r->out, separator);
        put_column(r, relation, &relation->columns[i]);
        separator = lines ? separator : ", ";
    }
    separator = lines ? separator : "; ";
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->column_count == 1 || !catalog_shows_key(filter, relation, key))
            continue;
        str_puts(r->out, separator);
        put_key(r, key);
    }
    if (r->view->referenced_by)
        put_referenced_by(r, relation, separator);
}

static void text_relation(struct render *r, const struct catalog_relation *relation)
{
    struct str *out = r->out;
    bool lines = r->detail == CATALOG_FULL; /* else all of it is one line */
    if (lines && relation->schema != r->schema && relation->schema->comment) {
        str_puts(out, "schema ");
        catalog_put_name(out, r->view->catalog, relation->schema->name);
        put_flat(out, " -- ", relation->schema->comment);
        str_putc(out, '\n');
    }
    put_relation(r, relation);
    put_facts(r, relation);
    if (lines)
        put_flat(out, " -- ", relation->comment);
    if (r->detail > CATALOG_NAMES)
        put_columns_and_keys(r, relation, lines);
    str_putc(out, '\n');
}

static void text_enum(struct render *r, const struct catalog_enum *e)
{
    str_puts(&r->enums, "enum ");
    put_qualified(&r->enums, r->view->catalog, e->schema, e->name);
    for (size_t i = 0; i < e->value_count; i++) {
        str_puts(&r->enums, i == 0 ? ": " : ", ");
        put_quoted(&r->enums, e->values[i], '\'');
    }
    str_putc(&r->enums, '\n');
}

static void text_begin(struct render *r)
{
    (void)r;
}

static void text_end(struct render *r, size_t listed)
{
    (void)listed;
    str_puts(r->out, str_get(&r->enums));
}

struct catalog_listing catalog_render_text(const struct catalog_view *view, struct str *out)
{
    static const struct render_form form = {text_begin, text_relation, text_enum, text_end, 0};
    return catalog_render(view, &form, out);
}
