/*
 * The catalog and the facts of one database, kept while they are true.
 *
 * Each is loaded when it is first asked for, once for everybody who asks at the same time. A
 * cheap fingerprint of the system catalogs tells whether they changed; it is taken again when the
 * last one is older than a time to live of 2 s, or of twenty times what taking it costs, but 5 s at
 * most.
 */
#ifndef PGPARLEY_CATALOG_CACHE_H
#define PGPARLEY_CATALOG_CACHE_H

#include "catalog/catalog.h"
#include "catalog/facts.h"

struct catalog_cache;

/* Loads nothing. The pool must outlive it, and it whoever waits in it. */
struct catalog_cache *catalog_cache_create(const void *ctx, struct pg_pool *pool);

/*
 * What was true at most a time to live ago. It stays valid as long as `ctx` lives (which holds a
 * talloc reference), also when a newer one replaces it meanwhile. An error of the one who loads is
 * everybody's who waits, but not that he was cancelled or had less time.
 */
must_use bool catalog_cache_facts(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    const struct catalog_facts **ret, struct error **ret_err) may_yield;
/* Loaded anew every 5 minutes as well, since the fingerprint does not know of numbers of rows. */
must_use bool catalog_cache_catalog(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    const struct catalog **ret, struct error **ret_err) may_yield;

/* Changes whenever the facts are loaded anew; 0 before the first time. A verdict that was reached
 * with the facts of a version holds as long as this returns the same number. */
uint64_t catalog_cache_version(const struct catalog_cache *cache);

/*
 * An object came up that is not in the facts or in the catalog: who asks next takes the
 * fingerprint anew, unless the last one is younger than 500 ms, or ten times what it costs;
 * clients can make this happen as often as they like.
 */
void catalog_cache_expire(struct catalog_cache *cache);

#endif
