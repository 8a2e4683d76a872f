/* What the loaders share: reading a row of pg_catalog, and memory for many small things. */
#ifndef PGPARLEY_CATALOG_LOADING_H
#define PGPARLEY_CATALOG_LOADING_H

#include "pg/value.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* For the first statement: what runs once is not worth compiling, nor starting workers. */
#define CATALOG_PLAIN_PLANS                       \
    " pg_catalog.set_config('jit', 'off', true)," \
    " pg_catalog.set_config('max_parallel_workers_per_gather', '0', true)"

/* One allocation holds many small things that live as long as `ctx`. */
struct catalog_room {
    const void *ctx;
    char *free;
    size_t left;
};

/* `size` bytes for what is aligned to `align`, a power of two. */
static inline void *catalog_room_take(struct catalog_room *room, size_t size, size_t align)
{
    enum { CHUNK = 65536 };
    size_t skip = -(uintptr_t)room->free & (align - 1);
    if (skip + size > room->left) {
        room->left = size > CHUNK ? size : CHUNK;
        room->free = talloc_size(room->ctx, room->left);
        skip = 0;
    }
    char *taken = room->free + skip;
    room->free = taken + size;
    room->left -= skip + size;
    return taken;
}

static inline const char *keep(struct catalog_room *room, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(catalog_room_take(room, size, 1), text, size);
}

static inline const char *value(const PGresult *row, int field)
{
    return pg_value_text(row, field);
}

static inline bool is_true(const PGresult *row, int field)
{
    return value(row, field)[0] == 't';
}

/* 0 for NULL. */
static inline Oid oid(const PGresult *row, int field)
{
    return (Oid)strtoul(value(row, field), NULL, 10);
}

/* Makes room for one more element in an array that grows by doubling. */
#define GROW(ctx, array, count)                                 \
    do {                                                        \
        if (((count) & ((count)-1)) == 0)                       \
            (array) = talloc_realloc_size((ctx), (array),       \
                ((count) ? 2 * (count) : 1) * sizeof *(array)); \
    } while (0)

#endif
