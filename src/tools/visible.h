/*
 * The catalog as the policy lets a client see it: what a query may read, and nothing else.
 *
 * The policy's verdicts on every relation and column are reached once for each state of the
 * catalog and kept.
 */
#ifndef PGPARLEY_TOOLS_VISIBLE_H
#define PGPARLEY_TOOLS_VISIBLE_H

#include "catalog/cache.h"
#include "guard/guard.h"
#include "mcp/server.h"

struct visible;

/* Borrows both; nothing is loaded. */
struct visible *visible_create(const void *ctx, const struct guard *guard,
    struct catalog_cache *cache);

/* From now on `server` hears when other tables are shown than before: whenever somebody's call, or
 * the watch (watch.c), comes upon it. */
void visible_tell(struct visible *visible, struct mcp_server *server);

struct visible_catalog {
    const struct catalog *catalog;
    const struct catalog_facts *facts;
    struct catalog_filter filter; /* for this catalog only */
};

/* As catalog_cache_catalog(): it stays valid as long as `ctx` lives. */
must_use bool visible_get(const void *ctx, struct visible *visible, int64_t deadline,
    struct visible_catalog *ret, struct error **ret_err) may_yield;

/* The relation of exactly that name if it is shown, else NULL. */
const struct catalog_relation *visible_find(const struct visible_catalog *seen, const char *schema,
    const char *name);
/* The index in the catalog of the first relation, shown or not, that comes after that name. */
size_t visible_after(const struct visible_catalog *seen, const char *schema, const char *name);

#endif
