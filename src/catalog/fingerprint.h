/* A cheap sign of what the system catalogs say: the same as long as they say the same. */
#ifndef PGPARLEY_CATALOG_FINGERPRINT_H
#define PGPARLEY_CATALOG_FINGERPRINT_H

/*
 * A statement for pg_read(), under `ctx`. It returns one row: the transaction snapshot, and the
 * fingerprint of what is visible in it, or NULL when the snapshot is the same as its parameter $1,
 * and so is everything else. $1 may be ''.
 */
const char *catalog_fingerprint_sql(const void *ctx);

#endif
