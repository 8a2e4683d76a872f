/*
 * A part of the catalog for a client: compact text for a model, or JSON.
 *
 * What is listed has to fit into the buffer's maximum: whole relations, in their order, until one
 * does not fit. What the filter hides is not mentioned, in keys neither. Nothing here yields.
 */
#ifndef PGPARLEY_CATALOG_RENDER_H
#define PGPARLEY_CATALOG_RENDER_H

#include "base/str.h"
#include "catalog/catalog.h"

enum catalog_detail {
    CATALOG_NAMES,   /* relations with their kind and size */
    CATALOG_COLUMNS, /* with columns, keys and enums */
    CATALOG_FULL,    /* with defaults and comments */
};

struct catalog_view {
    const struct catalog *catalog;
    const struct catalog_relation **relations; /* shown by the filter, in the catalog's order */
    size_t relation_count;
    struct catalog_filter filter;
    enum catalog_detail detail;
    bool may_shrink;    /* to less detail, when that lets more relations fit */
    bool referenced_by; /* list the foreign keys that point at each relation */
};

struct catalog_listing {
    enum catalog_detail detail; /* that was used */
    size_t omitted;             /* relations that did not fit */
};

/* Lines, each with its line feed. `out` is empty before. */
struct catalog_listing catalog_render_text(const struct catalog_view *view, struct str *out);

/* The members "schemas" and "enums" of an object, without its braces. */
struct catalog_listing catalog_render_json(const struct catalog_view *view, struct str *out);

/* False for a key with a column that the filter hides, or a foreign key to what it hides. */
bool catalog_shows_key(const struct catalog_filter *filter, const struct catalog_relation *relation,
    const struct catalog_key *key);

/* A name as SQL wants it, in quotes where it needs them. */
void catalog_put_name(struct str *out, const struct catalog *catalog, const char *name);
/* A type by PostgreSQL's own short name, which costs fewer tokens. */
void catalog_put_type(struct str *out, const char *type);
/* A name as catalog_put_name() writes it, for schema.relation, under `ctx`. */
char *catalog_qualified_name(const void *ctx, const struct catalog *catalog,
    const struct catalog_relation *relation);

#endif
