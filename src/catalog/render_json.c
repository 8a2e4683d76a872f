/* The catalog as JSON; see render.h. */
#include "catalog/internal.h"

static void begin(struct render *r)
{
    jw_init(&r->json, r->out);
    jw_init(&r->json_enums, &r->enums);
    jw_key(&r->json, "schemas");
    jw_begin_array(&r->json);
}

static void write_names(struct json_writer *w, const char *key,
    const struct catalog_column **columns, size_t count)
{
    jw_key(w, key);
    jw_begin_array(w);
    for (size_t i = 0; i < count; i++)
        jw_string(w, columns[i]->name);
    jw_end_array(w);
}

static void write_column(struct render *r, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    struct json_writer *w = &r->json;
    jw_begin_object(w);
    jw_member_string(w, "name", column->name);
    jw_member_string(w, "type", column->type);
    jw_member_bool(w, "nullable", !column->not_null);
    if (r->detail == CATALOG_FULL) {
        jw_member_string(w, "identity", column->identity);
        jw_member_string(w, "default", column->default_to);
        jw_member_string(w, "generated", catalog_shown_generation(r, relation, column));
        jw_member_string(w, "comment", column->comment);
    }
    jw_end_object(w);
}

static void write_primary_key(struct render *r, const struct catalog_relation *relation)
{
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->kind == CATALOG_PRIMARY && catalog_shows_key(&r->view->filter, relation, key))
            write_names(&r->json, "primary_key", key->columns, key->column_count);
    }
}

static void write_unique_key(struct json_writer *w, const struct catalog_key *key)
{
    jw_begin_array(w);
    for (size_t i = 0; i < key->column_count; i++)
        jw_string(w, key->columns[i]->name);
    jw_end_array(w);
}

static void write_foreign_key(struct json_writer *w, const struct catalog_key *key)
{
    jw_begin_object(w);
    jw_member_string(w, "name", key->name);
    write_names(w, "columns", key->columns, key->column_count);
    jw_key(w, "references");
    jw_begin_object(w);
    jw_member_string(w, "schema", key->target->schema->name);
    jw_member_string(w, "table", key->target->name);
    write_names(w, "columns", key->target_columns, key->column_count);
    jw_end_object(w);
    jw_end_object(w);
}

/* The shown keys of one kind, as an array; no member at all when there are none. */
static void write_keys(struct render *r, const struct catalog_relation *relation,
    enum catalog_key_kind kind, const char *member,
    void (*write)(struct json_writer *w, const struct catalog_key *key))
{
    bool any = false;
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->kind != kind || !catalog_shows_key(&r->view->filter, relation, key))
            continue;
        if (!any) {
            jw_key(&r->json, member);
            jw_begin_array(&r->json);
        }
        any = true;
        write(&r->json, key);
    }
    if (any)
        jw_end_array(&r->json);
}

static void write_referenced_by(struct render *r, const struct catalog_relation *target)
{
    struct json_writer *w = &r->json;
    struct catalog_reference from = {0};
    jw_key(w, "referenced_by");
    jw_begin_array(w);
    while (catalog_next_reference(r->view, target, &from)) {
        jw_begin_object(w);
        jw_member_string(w, "schema", from.relation->schema->name);
        jw_member_string(w, "table", from.relation->name);
        write_names(w, "columns", from.key->columns, from.key->column_count);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_columns_and_keys(struct render *r, const struct catalog_relation *relation)
{
    jw_key(&r->json, "columns");
    jw_begin_array(&r->json);
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (catalog_shows_column(&r->view->filter, relation, column))
            write_column(r, relation, column);
    }
    jw_end_array(&r->json);
    write_primary_key(r, relation);
    write_keys(r, relation, CATALOG_UNIQUE, "unique", write_unique_key);
    write_keys(r, relation, CATALOG_FOREIGN, "foreign_keys", write_foreign_key);
    if (r->view->referenced_by)
        write_referenced_by(r, relation);
}

static void enter_schema(struct render *r, const struct catalog_schema *schema)
{
    struct json_writer *w = &r->json;
    if (r->schema) {
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_begin_object(w);
    jw_member_string(w, "name", schema->name);
    if (r->detail == CATALOG_FULL)
        jw_member_string(w, "comment", schema->comment);
    jw_key(w, "tables");
    jw_begin_array(w);
}

static void write_relation(struct render *r, const struct catalog_relation *relation)
{
    struct json_writer *w = &r->json;
    if (relation->schema != r->schema)
        enter_schema(r, relation->schema);
    jw_begin_object(w);
    jw_member_string(w, "name", relation->name);
    jw_member_string(w, "kind", catalog_kind_name(relation->kind));
    if (r->detail == CATALOG_FULL)
        jw_member_string(w, "comment", relation->comment);
    jw_key(w, "estimated_rows");
    if (relation->estimated_rows >= 0)
        jw_int(w, relation->estimated_rows);
    else
        jw_null(w);
    if (relation->kind == CATALOG_PARTITIONED_TABLE)
        jw_member_int(w, "partitions", (int64_t)relation->partition_count);
    if (!catalog_shows_whole(&r->view->filter, relation))
        jw_member_bool(w, "only_these_columns", true);
    if (r->detail > CATALOG_NAMES)
        write_columns_and_keys(r, relation);
    jw_end_object(w);
}

static void write_enum(struct render *r, const struct catalog_enum *e)
{
    struct json_writer *w = &r->json_enums;
    jw_begin_object(w);
    jw_member_string(w, "schema", e->schema);
    jw_member_string(w, "name", e->name);
    jw_key(w, "values");
    jw_begin_array(w);
    for (size_t i = 0; i < e->value_count; i++)
        jw_string(w, e->values[i]);
    jw_end_array(w);
    jw_end_object(w);
}

static const char end_of_schema[] = "]}", enums_begin[] = "],\"enums\":[", enums_end[] = "]";

static void end(struct render *r, size_t listed)
{
    str_puts(r->out, listed > 0 ? end_of_schema : "");
    str_puts(r->out, enums_begin);
    str_puts(r->out, str_get(&r->enums));
    str_puts(r->out, enums_end);
}

struct catalog_listing catalog_render_json(const struct catalog_view *view, struct str *out)
{
    static const struct render_form form = {begin, write_relation, write_enum, end,
        sizeof end_of_schema + sizeof enums_begin + sizeof enums_end};
    return catalog_render(view, &form, out);
}
