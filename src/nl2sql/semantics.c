/*
 * Reads the semantic layer: a mapping of the five lists, each of mappings of keys to a scalar or a
 * list of scalars. The events are read by plain loops over tables of what may stand where.
 */
#include "nl2sql/semantics.h"

#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <yaml.h>

enum {
    FILE_MAX_BYTES = 1 << 20,
    ITEMS_MAX = 5000, /* of a list */
    TEXT_MAX_BYTES = 16 << 10,
};

/* ---- what may stand in the file ---- */

enum need { OPTIONAL, REQUIRED };

struct field {
    const char *name;
    size_t offset;
    enum need need;
    bool list;
};

#define TEXT(type, member, need)                            \
    {                                                       \
#member, offsetof(struct type, member), need, false \
    }
#define LIST(type, member)                                     \
    {                                                          \
#member, offsetof(struct type, member), OPTIONAL, true \
    }

static const struct field term_fields[] = {TEXT(nl2sql_term, term, REQUIRED),
    TEXT(nl2sql_term, means, OPTIONAL), LIST(nl2sql_term, tables), LIST(nl2sql_term, columns), {0}};
static const struct field metric_fields[] = {TEXT(nl2sql_metric, name, REQUIRED),
    TEXT(nl2sql_metric, sql, REQUIRED), TEXT(nl2sql_metric, table, REQUIRED), {0}};
static const struct field join_fields[] = {TEXT(nl2sql_join, from, REQUIRED),
    TEXT(nl2sql_join, to, REQUIRED), {0}};
static const struct field filter_fields[] = {TEXT(nl2sql_default_filter, table, REQUIRED),
    TEXT(nl2sql_default_filter, where, REQUIRED), TEXT(nl2sql_default_filter, why, OPTIONAL), {0}};
static const struct field example_fields[] = {TEXT(nl2sql_example, question, REQUIRED),
    TEXT(nl2sql_example, sql, REQUIRED), {0}};

static const struct section {
    const char *name;
    const struct field *fields;
    size_t size, line;   /* of an item, and where in it its line is kept */
    size_t items, count; /* where in the semantics they are kept */
} sections[] = {
#define SECTION(name, type, fields, items, count)                                              \
    {                                                                                          \
        name, fields, sizeof(struct type), offsetof(struct type, line),                        \
            offsetof(struct nl2sql_semantics, items), offsetof(struct nl2sql_semantics, count) \
    }
    SECTION("terms", nl2sql_term, term_fields, terms, term_count),
    SECTION("metrics", nl2sql_metric, metric_fields, metrics, metric_count),
    SECTION("joins", nl2sql_join, join_fields, joins, join_count),
    SECTION("filters", nl2sql_default_filter, filter_fields, filters, filter_count),
    SECTION("examples", nl2sql_example, example_fields, examples, example_count),
};
enum { SECTION_COUNT = sizeof sections / sizeof sections[0] };

/* ---- events ---- */

struct reader {
    struct nl2sql_semantics *semantics;
    yaml_parser_t yaml;
    yaml_event_t event; /* the one that is being looked at */
};

static struct error *error_at(const struct reader *r, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static struct error *error_at(const struct reader *r, size_t line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = talloc_vasprintf(r->semantics, format, args);
    va_end(args);
    return error_create(r->semantics, ERROR_CONFIG, "%s:%zu: %s", r->semantics->file, line, text);
}

static size_t line_of(const struct reader *r)
{
    return r->event.start_mark.line + 1;
}

#define error_here(r, ...) error_at(r, line_of(r), __VA_ARGS__)

static bool next(struct reader *r, struct error **ret_err)
{
    yaml_event_delete(&r->event);
    if (!yaml_parser_parse(&r->yaml, &r->event))
        return error_raise(ret_err, error_at(r, r->yaml.problem_mark.line + 1, "invalid YAML: %s",
                                        r->yaml.problem ? r->yaml.problem : "unexpected content"));
    if (r->event.type == YAML_ALIAS_EVENT)
        return error_raise(ret_err, error_hint(error_here(r, "aliases are not supported here"),
                                        "put quotes around a value that begins with *"));
    return true;
}

static const char *scalar(const struct reader *r)
{
    return (const char *)r->event.data.scalar.value;
}

/* The scalar at hand as a text of its own; NULL on failure. */
static const char *take_text(struct reader *r, const char *name, struct error **ret_err)
{
    struct error *error = NULL;
    size_t len = r->event.data.scalar.length;
    if (memchr(scalar(r), '\0', len))
        error = error_here(r, "\"%s\" contains a NUL character", name);
    else if (len > TEXT_MAX_BYTES)
        error = error_here(r, "\"%s\" has more than %d bytes", name, TEXT_MAX_BYTES);
    else if (len == 0)
        error = error_here(r, "\"%s\" is empty", name);
    if (!error)
        return talloc_strndup(r->semantics, scalar(r), len);
    *ret_err = error;
    return NULL;
}

/* ---- the parts, from the inside out ---- */

static bool read_list(struct reader *r, const char *name, struct nl2sql_list *list,
    struct error **ret_err)
{
    while (next(r, ret_err) && r->event.type == YAML_SCALAR_EVENT) {
        if (list->count == ITEMS_MAX)
            return error_raise(ret_err,
                error_here(r, "\"%s\" has more than %d items", name, ITEMS_MAX));
        const char *text = take_text(r, name, ret_err);
        if (!text)
            return false;
        list->items =
            talloc_realloc(r->semantics, list->items, const char *, (unsigned)list->count + 1);
        list->items[list->count++] = text;
    }
    if (*ret_err)
        return false;
    return r->event.type == YAML_SEQUENCE_END_EVENT ||
           error_raise(ret_err, error_here(r, "\"%s\" must be a list of names", name));
}

static bool read_field(struct reader *r, const struct field *field, void *place,
    struct error **ret_err)
{
    if (!next(r, ret_err))
        return false;
    if (field->list && r->event.type == YAML_SEQUENCE_START_EVENT)
        return read_list(r, field->name, place, ret_err);
    if (r->event.type != YAML_SCALAR_EVENT)
        return error_raise(ret_err, error_hint(error_here(r, "\"%s\" must be a text", field->name),
                                        "a value that begins with { or [ needs quotes"));
    const char *text = take_text(r, field->name, ret_err);
    if (!text)
        return false;
    if (field->list) { /* a single name needs no brackets */
        struct nl2sql_list *list = place;
        list->items = talloc_array(r->semantics, const char *, 1);
        list->items[list->count++] = text;
    } else {
        *(const char **)place = text;
    }
    return true;
}

static bool is_given(const struct field *field, const void *place)
{
    return field->list ? ((const struct nl2sql_list *)place)->count > 0
                       : *(const char *const *)place != NULL;
}

static struct error *unknown_key(const struct reader *r, const struct section *section)
{
    struct error *error =
        error_here(r, "unknown key \"%.60s\" in \"%s\"", scalar(r), section->name);
    struct text_nearest nearest = text_nearest_to(scalar(r));
    char *known = talloc_strdup(error, "");
    for (const struct field *field = section->fields; field->name; field++) {
        text_nearest_offer(&nearest, field->name);
        known = talloc_asprintf_append(known, "%s%s", *known ? ", " : "", field->name);
    }
    return nearest.best ? error_hint(error, "did you mean \"%s\"?", nearest.best)
                        : error_hint(error, "the keys are %s", known);
}

/* One mapping of a section; its start has been read. */
static bool read_item(struct reader *r, const struct section *section, char *item,
    struct error **ret_err)
{
    size_t line = line_of(r);
    memcpy(item + section->line, &line, sizeof line);
    while (next(r, ret_err) && r->event.type == YAML_SCALAR_EVENT) {
        const struct field *field = section->fields;
        while (field->name && strcmp(field->name, scalar(r)) != 0)
            field++;
        if (!field->name)
            return error_raise(ret_err, unknown_key(r, section));
        if (is_given(field, item + field->offset))
            return error_raise(ret_err, error_here(r, "\"%s\" is given twice", field->name));
        if (!read_field(r, field, item + field->offset, ret_err))
            return false;
    }
    if (*ret_err)
        return false;
    if (r->event.type != YAML_MAPPING_END_EVENT)
        return error_raise(ret_err, error_here(r, "expected a key of \"%s\"", section->name));
    for (const struct field *field = section->fields; field->name; field++) {
        if (field->need == REQUIRED && !is_given(field, item + field->offset))
            return error_raise(ret_err, error_at(r, line, "\"%s\" is missing", field->name));
    }
    return true;
}

static bool is_null(const struct reader *r)
{
    return r->event.type == YAML_SCALAR_EVENT &&
           r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*scalar(r) || strcmp(scalar(r), "~") == 0 || strcmp(scalar(r), "null") == 0);
}

static bool read_section(struct reader *r, const struct section *section, struct error **ret_err)
{
    char *base = (char *)r->semantics;
    char **items = (char **)(void *)(base + section->items);
    size_t *count = (size_t *)(void *)(base + section->count);
    if (!next(r, ret_err))
        return false;
    if (is_null(r))
        return true;
    if (r->event.type != YAML_SEQUENCE_START_EVENT)
        return error_raise(ret_err,
            error_hint(error_here(r, "\"%s\" must be a list", section->name),
                "write each item as \"- %s: …\"", section->fields[0].name));
    while (next(r, ret_err) && r->event.type == YAML_MAPPING_START_EVENT) {
        if (*count == ITEMS_MAX)
            return error_raise(ret_err,
                error_here(r, "\"%s\" has more than %d items", section->name, ITEMS_MAX));
        *items = talloc_realloc_size(r->semantics, *items, (*count + 1) * section->size);
        char *item = *items + *count * section->size;
        memset(item, 0, section->size);
        ++*count;
        if (!read_item(r, section, item, ret_err))
            return false;
    }
    if (*ret_err)
        return false;
    return r->event.type == YAML_SEQUENCE_END_EVENT ||
           error_raise(ret_err,
               error_hint(error_here(r, "an item of \"%s\" must be a mapping", section->name),
                   "write it as \"- %s: …\"", section->fields[0].name));
}

static struct error *unknown_section(const struct reader *r)
{
    struct error *error = error_here(r, "unknown key \"%.60s\"", scalar(r));
    struct text_nearest nearest = text_nearest_to(scalar(r));
    for (size_t i = 0; i < SECTION_COUNT; i++)
        text_nearest_offer(&nearest, sections[i].name);
    return nearest.best
               ? error_hint(error, "did you mean \"%s\"?", nearest.best)
               : error_hint(error, "the keys are terms, metrics, joins, filters and examples");
}

static bool read_sections(struct reader *r, struct error **ret_err)
{
    bool seen[SECTION_COUNT] = {false};
    while (next(r, ret_err) && r->event.type == YAML_SCALAR_EVENT) {
        size_t i = 0;
        while (i < SECTION_COUNT && strcmp(sections[i].name, scalar(r)) != 0)
            i++;
        if (i == SECTION_COUNT)
            return error_raise(ret_err, unknown_section(r));
        if (seen[i])
            return error_raise(ret_err, error_here(r, "\"%s\" is given twice", sections[i].name));
        seen[i] = true;
        if (!read_section(r, &sections[i], ret_err))
            return false;
    }
    if (*ret_err)
        return false;
    return r->event.type == YAML_MAPPING_END_EVENT ||
           error_raise(ret_err, error_here(r, "expected the name of a list"));
}

static bool read_stream(struct reader *r, struct error **ret_err)
{
    if (!next(r, ret_err) || !next(r, ret_err))
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!next(r, ret_err))
        return false;
    if (r->event.type == YAML_MAPPING_START_EVENT) {
        if (!read_sections(r, ret_err))
            return false;
    } else if (!is_null(r)) {
        return error_raise(ret_err, error_hint(error_here(r, "expected lists with names"),
                                        "a file looks like \"terms:\" and, on the next line, "
                                        "\"  - term: …\""));
    }
    if (!next(r, ret_err) || !next(r, ret_err))
        return false;
    return r->event.type == YAML_STREAM_END_EVENT ||
           error_raise(ret_err, error_here(r, "only one YAML document is allowed in a file"));
}

bool nl2sql_semantics_parse(const void *ctx, const char *file, const char *bytes, size_t len,
    struct nl2sql_semantics **ret, struct error **ret_err)
{
    struct reader r = {.semantics = talloc_zero(ctx, struct nl2sql_semantics)};
    r.semantics->file = talloc_strdup(r.semantics, file);
    struct error *error = NULL;
    bool ok = false;
    if (text_utf8_check(bytes, len) < len) {
        error = error_create(ctx, ERROR_CONFIG, "%s is not valid UTF-8", file);
    } else if (!yaml_parser_initialize(&r.yaml)) {
        error = error_create(ctx, ERROR_INTERNAL, "out of memory");
    } else {
        yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&r.yaml, (const unsigned char *)bytes, len);
        ok = read_stream(&r, &error);
        yaml_event_delete(&r.event);
        yaml_parser_delete(&r.yaml);
    }
    if (ok) {
        *ret = r.semantics;
        return true;
    }
    talloc_steal(ctx, error);
    talloc_free(r.semantics);
    return error_raise(ret_err, error);
}

static bool read_file(const void *ctx, const char *path, struct str *out, struct error **ret_err)
{
    FILE *file = fopen(path, "re");
    char chunk[4096];
    size_t got;
    while (file && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        str_append(out, chunk, got);
    struct error *error = NULL;
    if (!file || ferror(file))
        error = error_create(ctx, ERROR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    else if (out->full)
        error = error_create(ctx, ERROR_CONFIG, "%s has more than %d bytes", path, FILE_MAX_BYTES);
    if (file)
        fclose(file);
    return !error || error_raise(ret_err, error);
}

bool nl2sql_semantics_load(const void *ctx, const char *path, struct nl2sql_semantics **ret,
    struct error **ret_err)
{
    struct str bytes;
    str_init(&bytes, ctx, FILE_MAX_BYTES);
    bool ok = read_file(ctx, path, &bytes, ret_err) &&
              nl2sql_semantics_parse(ctx, path, str_get(&bytes), bytes.len, ret, ret_err);
    str_done(&bytes);
    return ok;
}
