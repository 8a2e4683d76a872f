/* A relation as a model reads it: exact names, types, keys, and what the data is like. */
#include "nl2sql/internal.h"

#include "base/text.h"
#include "catalog/render.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <talloc.h>

enum {
    VALUES_SHOWN = 6,
    VALUE_CHARACTERS = 40,
    COMMENT_BYTES = 400,
    ENUM_VALUES = 60,
};

/* ---- text of others ---- */

/* At most `max` bytes; control characters, and what would end a fence, become harmless. */
static void put_cut(struct str *out, const char *text, size_t max)
{
    size_t len = strlen(text), cut = text_utf8_cut(text, len, max);
    for (size_t i = 0; i < cut; i++) {
        bool fence = text[i] == '<' && (text[i + 1] == '/' || text[i + 1] == '!');
        str_putc(out, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
        if (fence)
            str_putc(out, ' ');
    }
    if (cut < len)
        str_puts(out, "…");
}

void nl2sql_put_flat(struct str *out, const char *text)
{
    put_cut(out, text, SIZE_MAX);
}

static void put_comment(struct str *out, const char *comment)
{
    if (!comment)
        return;
    str_puts(out, " -- ");
    put_cut(out, comment, COMMENT_BYTES);
}

void nl2sql_put_value(struct str *out, const char *value)
{
    const char *end = text_character(value, VALUE_CHARACTERS + 1);
    str_putc(out, '\'');
    for (const char *p = value; p < end; p++) {
        str_putc(out, (unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p);
        if (*p == '\'')
            str_putc(out, '\'');
        if (*p == '<')
            str_putc(out, ' ');
    }
    str_puts(out, *end ? "…'" : "'");
}

/* ---- columns ---- */

static void put_relation_name(struct str *out, const struct nl2sql_index *index,
    const struct catalog_relation *relation)
{
    catalog_put_name(out, index->catalog, relation->schema->name);
    str_putc(out, '.');
    catalog_put_name(out, index->catalog, relation->name);
}

static bool is_alone_in(const struct catalog_key *key, const struct catalog_column *column)
{
    return key->column_count == 1 && key->columns[0] == column;
}

static bool is_time(const struct catalog_column *column)
{
    return strncmp(column->type, "date", 4) == 0 || strncmp(column->type, "timestamp", 9) == 0;
}

static bool is_in_wide_key(const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        for (size_t k = 0; k < key->column_count; k++) {
            if (key->columns[k] == column && !is_time(column))
                return true;
        }
    }
    return false;
}

/* Its role in keys of one column; true when it has one. */
static bool put_keys(struct str *out, const struct nl2sql_index *index,
    const struct catalog_relation *relation, const struct catalog_column *column)
{
    bool any = false;
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (!is_alone_in(key, column) || !catalog_shows_key(&index->filter, relation, key))
            continue;
        any = true;
        if (key->kind == CATALOG_PRIMARY) {
            str_puts(out, " PK");
        } else if (key->kind == CATALOG_UNIQUE) {
            str_puts(out, " UNIQUE");
        } else {
            str_puts(out, " → ");
            put_relation_name(out, index, key->target);
            str_putc(out, '.');
            catalog_put_name(out, index->catalog, key->target_columns[0]->name);
        }
    }
    return any;
}

static void put_nulls(struct str *out, const struct catalog_column *column,
    const struct nl2sql_column_statistics *known)
{
    if (column->not_null || (known && known->null_share <= 0))
        return;
    if (known)
        str_printf(out, " %.0f%% null", fmax(1, known->null_share * 100));
    else
        str_puts(out, " null");
}

/* The days will do. */
static void put_range(struct str *out, const struct nl2sql_column_statistics *known)
{
    enum { DAY_BYTES = sizeof "2000-01-01" - 1 };
    str_printf(out, " from %.*s to %.*s", DAY_BYTES, known->low, DAY_BYTES, known->high);
}

static bool is_text(const struct catalog_column *column)
{
    return strncmp(column->type, "text", 4) == 0 || strncmp(column->type, "char", 4) == 0;
}

static bool is_number(const char *value)
{
    return *value && !value[strspn(value, "-.0123456789")];
}

/* All values of a column with few, else common ones; of numbers only all, for these are codes. */
static void put_values(struct str *out, const struct catalog_column *column,
    const struct nl2sql_column_statistics *known)
{
    if (known->low)
        put_range(out, known);
    bool all = known->complete && known->value_count <= VALUES_SHOWN;
    size_t count = all ? known->value_count : known->common_count;
    if (known->low || count == 0 || column->enumeration || strcmp(column->type, "boolean") == 0)
        return;
    bool numbers = is_number(known->values[0]) && !is_text(column);
    if (numbers && !all)
        return;
    str_puts(out, all ? " in (" : " e.g. ");
    for (size_t i = 0; i < count && i < VALUES_SHOWN; i++) {
        str_puts(out, i > 0 ? ", " : "");
        if (numbers)
            str_puts(out, known->values[i]);
        else
            nl2sql_put_value(out, known->values[i]);
    }
    str_puts(out, all ? ")" : "");
}

static void put_column(struct str *out, const struct nl2sql_index *index,
    const struct catalog_relation *relation, const struct catalog_column *column,
    enum nl2sql_detail detail)
{
    const struct nl2sql_column_statistics *known =
        nl2sql_statistics_of(index->statistics, relation, column);
    catalog_put_name(out, index->catalog, column->name);
    str_putc(out, ' ');
    catalog_put_type(out, column->type);
    bool is_key = put_keys(out, index, relation, column);
    if (detail < NL2SQL_FULL)
        return;
    if (relation->kind != CATALOG_VIEW)
        put_nulls(out, column, known);
    if (known && !is_key && !is_in_wide_key(relation, column))
        put_values(out, column, known);
    put_comment(out, column->comment);
}

/* ---- keys of several columns ---- */

static void put_columns(struct str *out, const struct nl2sql_index *index,
    const struct catalog_column **columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        str_puts(out, i == 0 ? "(" : ", ");
        catalog_put_name(out, index->catalog, columns[i]->name);
    }
    str_putc(out, ')');
}

static void put_wide_keys(struct str *out, const struct nl2sql_index *index,
    const struct catalog_relation *relation, const char *separator)
{
    static const char *const names[] =
        {[CATALOG_PRIMARY] = "PK ", [CATALOG_UNIQUE] = "UNIQUE ", [CATALOG_FOREIGN] = ""};
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->column_count == 1 || !catalog_shows_key(&index->filter, relation, key))
            continue;
        str_printf(out, "%s%s", separator, names[key->kind]);
        put_columns(out, index, key->columns, key->column_count);
        if (key->kind == CATALOG_FOREIGN) {
            str_puts(out, " → ");
            put_relation_name(out, index, key->target);
            str_putc(out, ' ');
            put_columns(out, index, key->target_columns, key->column_count);
        }
    }
}

/* ---- relations ---- */

static void put_facts(struct str *out, const struct catalog_relation *relation)
{
    bool table = relation->kind == CATALOG_TABLE || relation->kind == CATALOG_PARTITIONED_TABLE;
    bool sized = relation->estimated_rows >= 0;
    if (table && !sized)
        return;
    str_puts(out, " (");
    if (!table)
        str_printf(out, "%s%s", catalog_kind_name(relation->kind), sized ? ", " : "");
    if (sized)
        str_printf(out, "~%" PRId64 " rows", relation->estimated_rows);
    str_putc(out, ')');
}

void nl2sql_put_relation(struct str *out, const struct nl2sql_index *index, uint32_t document,
    enum nl2sql_detail detail)
{
    const struct catalog_relation *relation = index->relations[document];
    bool lines = detail == NL2SQL_FULL;
    put_relation_name(out, index, relation);
    put_facts(out, relation);
    if (lines)
        put_comment(out, relation->comment);
    const char *separator = lines ? "\n  " : ": ";
    for (size_t i = 0; i < relation->column_count; i++) {
        if (!catalog_shows_column(&index->filter, relation, &relation->columns[i]))
            continue;
        str_puts(out, separator);
        put_column(out, index, relation, &relation->columns[i], detail);
        separator = lines ? separator : ", ";
    }
    put_wide_keys(out, index, relation, lines ? "\n  " : "; ");
    str_putc(out, '\n');
}

size_t nl2sql_relation_tokens(struct str *scratch, const struct nl2sql_index *index,
    uint32_t document, enum nl2sql_detail detail)
{
    str_reset(scratch);
    nl2sql_put_relation(scratch, index, document, detail);
    return nl2sql_tokens(str_get(scratch), scratch->len);
}

static void put_enum(struct str *out, const struct nl2sql_index *index,
    const struct catalog_enum *e)
{
    str_puts(out, "enum ");
    catalog_put_name(out, index->catalog, e->schema);
    str_putc(out, '.');
    catalog_put_name(out, index->catalog, e->name);
    for (size_t i = 0; i < e->value_count && i < ENUM_VALUES; i++) {
        str_puts(out, i == 0 ? ": " : ", ");
        nl2sql_put_value(out, e->values[i]);
    }
    str_puts(out, e->value_count > ENUM_VALUES ? ", …\n" : "\n");
}

void nl2sql_put_enums(const void *ctx, struct str *out, const struct nl2sql_index *index,
    const uint32_t *documents, size_t count)
{
    const struct catalog *catalog = index->catalog;
    bool *used = talloc_zero_array(ctx, bool, (unsigned)catalog->enum_count);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_relation *relation = index->relations[documents[i]];
        for (size_t k = 0; k < relation->column_count; k++) {
            const struct catalog_column *column = &relation->columns[k];
            if (column->enumeration && catalog_shows_column(&index->filter, relation, column))
                used[column->enumeration - catalog->enums] = true;
        }
    }
    for (size_t i = 0; i < catalog->enum_count; i++) {
        if (used[i])
            put_enum(out, index, &catalog->enums[i]);
    }
    talloc_free(used);
}
