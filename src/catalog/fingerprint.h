/* A cheap sign of what the system catalogs say: the same as long as they say the same. */
#ifndef PGPARLEY_CATALOG_FINGERPRINT_H
#define PGPARLEY_CATALOG_FINGERPRINT_H

#include "base/error.h"
#include "pg/pg.h"

struct catalog_fingerprint {
    const char *snapshot; /* the transaction snapshot that it was taken in */
    const char *text;     /* what to compare */
};

/*
 * A statement for pg_read(), under `ctx`. It returns one row: the snapshot and the text, or NULL
 * for the text when the snapshot is its parameter $1, and so nothing can have changed. $1 may be
 * ''.
 */
char *catalog_fingerprint_sql(const void *ctx);

struct catalog_fingerprint *catalog_fingerprint_copy(const void *ctx,
    const struct catalog_fingerprint *from);

/* Takes it anew, under `ctx`; `last` is the one before, or "" and "". */
must_use bool catalog_fingerprint_take(const void *ctx, struct pg_pool *pool,
    const struct catalog_fingerprint *last, int64_t deadline, struct catalog_fingerprint **ret,
    struct error **ret_err) may_yield;

#endif
