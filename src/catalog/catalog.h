/*
 * A snapshot of the schema: what the role may read, as pg_catalog describes it.
 *
 * Plain data in one talloc object, immutable once it is loaded. Only relations that the role may
 * SELECT from (wholly or some columns), in schemas that it has USAGE on, and of these only the
 * readable columns; no system or temporary schemas. A partition is counted by its parent and not
 * listed. What the operator's policy hides is in here, too: who shows a catalog to a client
 * passes a filter.
 */
#ifndef PGPARLEY_CATALOG_CATALOG_H
#define PGPARLEY_CATALOG_CATALOG_H

#include "base/error.h"
#include "pg/pg.h"

struct catalog_schema {
    Oid oid;
    const char *name;
    const char *comment; /* NULL when there is none, as everywhere here */
};

struct catalog_enum {
    Oid oid;
    const char *schema, *name;
    const char **values; /* in their order */
    size_t value_count;
};

struct catalog_column {
    int number; /* attnum */
    const char *name;
    const char *type; /* as format_type() spells it, with its modifier */
    bool not_null;
    const char *identity;   /* "always", "by default" */
    const char *default_to; /* expression */
    const char *generated;  /* expression */
    const char *comment;
    const struct catalog_enum *enumeration; /* of the type, its elements or its domain's base */
};

enum catalog_key_kind { CATALOG_PRIMARY, CATALOG_UNIQUE, CATALOG_FOREIGN };

/* Unique indexes count as unique keys, unless they are partial or on expressions. */
struct catalog_key {
    enum catalog_key_kind kind;
    const char *name; /* of a foreign key */
    const struct catalog_column **columns;
    size_t column_count;
    const struct catalog_relation *target; /* of a foreign key, with as many columns */
    const struct catalog_column **target_columns;
};

enum catalog_kind {
    CATALOG_TABLE,
    CATALOG_VIEW,
    CATALOG_MATERIALIZED_VIEW,
    CATALOG_FOREIGN_TABLE,
    CATALOG_PARTITIONED_TABLE,
};

struct catalog_relation {
    Oid oid;
    const struct catalog_schema *schema;
    const char *name;
    enum catalog_kind kind;
    const char *comment;
    int64_t estimated_rows; /* -1 = unknown; of a partitioned table, those of its partitions */
    size_t partition_count;
    bool whole; /* all columns are readable, so that SELECT * works */
    struct catalog_column *columns;
    size_t column_count;
    struct catalog_key *keys;
    size_t key_count;
};

struct catalog {
    const char *database;
    const char *server_version;
    const char **keywords; /* that a name must be quoted for, sorted */
    size_t keyword_count;
    struct catalog_schema *schemas; /* by name, in the order of strcmp() */
    size_t schema_count;
    struct catalog_enum *enums; /* by OID */
    size_t enum_count;
    struct catalog_relation *relations; /* by schema and name, in the order of strcmp() */
    size_t relation_count;
};

/* Reads the whole catalog in one round trip. `*ret` belongs to `ctx`. */
must_use bool catalog_load(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct catalog **ret, struct error **ret_err) may_yield;

/* "table", "partitioned table" … */
const char *catalog_kind_name(enum catalog_kind kind);

/* ---- search.c ---- */

/* Which relations a client may know of, and which of their columns. */
struct catalog_filter {
    bool (*shows)(const void *arg, const struct catalog_relation *relation);
    bool (*shows_column)(const void *arg, const struct catalog_relation *relation,
        const struct catalog_column *column);
    const void *arg;
};
bool catalog_shows(const struct catalog_filter *filter, const struct catalog_relation *relation);
bool catalog_shows_column(const struct catalog_filter *filter,
    const struct catalog_relation *relation, const struct catalog_column *column);
/* All columns, so that SELECT * works. */
bool catalog_shows_whole(const struct catalog_filter *filter,
    const struct catalog_relation *relation);

/* All of these borrow from the catalog and return NULL when there is none. */
const struct catalog_schema *catalog_find_schema(const struct catalog *catalog, const char *name);
/* What was probably meant, for hints: near enough, and shown by the filter. */
const struct catalog_relation *catalog_nearest_relation(const struct catalog *catalog,
    const char *name, const struct catalog_filter *filter);
const struct catalog_column *catalog_nearest_column(const struct catalog_relation *const *relations,
    size_t count, const char *name, const struct catalog_filter *filter);

/* True when every one of the `words` (separated by blanks; ASCII case ignored) is part of the
 * relation's or schema's name, of a shown column's name, a comment or an enum value. */
bool catalog_matches(const struct catalog_relation *relation, const char *words,
    const struct catalog_filter *filter);

/* Reads `name` or `schema.name` as SQL does: unquoted parts are folded to lower case, "" in a
 * quoted one is a quote. False when `text` is neither; `*ret_schema` may become NULL. */
bool catalog_parse_name(const void *ctx, const char *text, const char **ret_schema,
    const char **ret_name);

#endif
