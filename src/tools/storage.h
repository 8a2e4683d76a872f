/*
 * What PostgreSQL keeps on disk for tables: how large they are, and their indexes.
 *
 * Sizes are those that the last VACUUM, ANALYZE or CREATE INDEX wrote down: asking for the present
 * ones would wait for locks.
 */
#ifndef PGPARLEY_TOOLS_STORAGE_H
#define PGPARLEY_TOOLS_STORAGE_H

#include "catalog/render.h"

struct tools_index {
    const char *name;
    const char *definition; /* of CREATE INDEX, from the access method on: "btree (a, b DESC)" */
    const int *columns;     /* attnum, 0 = an expression; those of the key come first */
    size_t column_count, key_count;
    bool unique, valid;
    bool partial; /* it has a condition */
    int64_t bytes;
};

struct tools_storage {
    int64_t bytes; /* without indexes; of a partitioned table, of its partitions; 0 = not known */
    struct tools_index *indexes;
    size_t index_count;
};

/* `*ret` is an array with an element for each of the relations, under `ctx`. */
must_use bool tools_storage_load(const void *ctx, struct pg_pool *pool,
    const struct catalog_relation *const *relations, size_t count, int64_t deadline,
    struct tools_storage **ret, struct error **ret_err) may_yield;

/* False for an index that would tell of a column which the filter hides. */
bool tools_index_shown(const struct catalog_filter *filter, const struct catalog_relation *relation,
    const struct tools_index *index);

/* Whether rows can be found by the columns of the key: a valid index without a condition begins
 * with them, in any order. */
bool tools_storage_serves(const struct tools_storage *storage, const struct catalog_key *key);

/* For each relation "public.orders, 120 MB" and a line for each index that the filter shows, as
 * long as they fit into `out`; how many relations did. */
size_t tools_storage_list(struct str *out, const struct catalog_view *view,
    const struct tools_storage *storage);

#endif
