/*
 * The cache: whoever asks sees whether what is there is still true, and renews what is not.
 *
 *   ask ─▶ checked lately? ─no─▶ check: take the fingerprint
 *               │yes                │
 *               ▼                   ▼
 *       the fingerprint it was loaded with? ─no─▶ load ─▶ give a reference
 *
 * Facts bring the fingerprint of their own transaction; the catalog is loaded after a check. So a
 * change that comes in between only makes for one load too many.
 */
#include "catalog/cache.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

enum {
    LIFE_MS = 2000,
    LIFE_COSTS = 20, /* so that checks take at most a twentieth of one connection's time */
    LIFE_MAX_MS = 5000,
    EXPIRED_LIFE_MS = 500,
    EXPIRED_LIFE_COSTS = 10,
    CATALOG_LIFE_MS = 5 * 60 * 1000,
};

/* Work that one fiber does for all who need it. */
struct flight {
    bool (*run)(const void *ctx, struct catalog_cache *cache, int64_t deadline,
        struct error **ret_err);
    bool running;
    struct rt_event ended;
    uint64_t failures;
    struct error *error; /* of the last failure */
};

struct catalog_cache {
    struct pg_pool *pool;

    struct flight check;
    struct catalog_fingerprint *fingerprint; /* of the last check; "" before the first */
    int64_t check_began, check_ended;
    int64_t check_cost_ms;
    int64_t expired_at; /* a check that began before is not enough */

    struct flight load_facts;
    struct catalog_facts *facts; /* NULL before the first time, as the catalog */
    uint64_t version;

    struct flight load_catalog;
    struct catalog *catalog;
    char *catalog_fingerprint; /* of the check before */
    int64_t catalog_loaded;
};

/* ---- one for all ---- */

static bool wait_for(const void *ctx, struct flight *flight, int64_t deadline,
    struct error **ret_err)
{
    uint64_t failures = flight->failures;
    int rc = rt_event_wait(&flight->ended, deadline);
    if (rc == -ECANCELED)
        return error_raise(ret_err, error_create(ctx, ERROR_CANCELED, "canceled"));
    if (rc != 0)
        return error_raise(ret_err, error_hint(error_create(ctx, ERROR_TIMEOUT,
                                                   "the system catalogs took too long to read"),
                                        "try again; it is the first time that takes long"));
    return flight->failures == failures || error_raise(ret_err, error_copy(ctx, flight->error));
}

/* Runs it, or waits for the fiber that does. Who calls looks again: that one may have been
 * cancelled, or may have had less time. */
static bool fly(const void *ctx, struct catalog_cache *cache, struct flight *flight,
    int64_t deadline, struct error **ret_err)
{
    if (flight->running)
        return wait_for(ctx, flight, deadline, ret_err);
    flight->running = true;
    bool ok = flight->run(ctx, cache, deadline, ret_err);
    flight->running = false;
    if (!ok && (*ret_err)->class != ERROR_CANCELED && rt_now() < deadline) {
        talloc_free(flight->error);
        flight->error = error_copy(cache, *ret_err);
        flight->failures++;
    }
    rt_event_broadcast(&flight->ended);
    return ok;
}

/* ---- checks ---- */

/* Takes `now` over. */
static void set_fingerprint(struct catalog_cache *cache, struct catalog_fingerprint *now,
    int64_t began)
{
    if (began < cache->check_began) {
        talloc_free(now); /* it had to wait longer than a later one */
        return;
    }
    talloc_unlink(cache, cache->fingerprint);
    cache->fingerprint = talloc_steal(cache, now);
    cache->check_began = began;
    cache->check_ended = rt_now();
}

static bool check(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    struct error **ret_err)
{
    int64_t began = rt_now();
    void *scratch = talloc_new(ctx);
    const struct catalog_fingerprint *last = talloc_reference(scratch, cache->fingerprint);
    struct catalog_fingerprint *now;
    bool ok = catalog_fingerprint_take(ctx, cache->pool, last, deadline, &now, ret_err);
    if (ok) {
        if (strcmp(now->snapshot, last->snapshot) != 0)
            cache->check_cost_ms = rt_now() - began; /* else it cost next to nothing */
        set_fingerprint(cache, now, began);
    }
    talloc_free(scratch);
    return ok;
}

static int64_t min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_checked(const struct catalog_cache *cache)
{
    bool expired = cache->expired_at >= cache->check_began;
    int64_t life_ms = expired ? max(EXPIRED_LIFE_MS, EXPIRED_LIFE_COSTS * cache->check_cost_ms)
                              : min(LIFE_MAX_MS, max(LIFE_MS, LIFE_COSTS * cache->check_cost_ms));
    return cache->check_began >= 0 && rt_now() - cache->check_ended < life_ms;
}

/* ---- facts ---- */

static bool load_facts(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    struct error **ret_err)
{
    int64_t began = rt_now();
    struct catalog_facts *facts;
    if (!catalog_facts_load(ctx, cache->pool, deadline, &facts, ret_err))
        return false;
    if (cache->facts)
        talloc_unlink(cache, cache->facts);
    cache->facts = talloc_steal(cache, facts);
    cache->version++;
    set_fingerprint(cache, catalog_fingerprint_copy(ctx, &facts->fingerprint), began);
    return true;
}

static bool has_facts(const struct catalog_cache *cache)
{
    return cache->facts && strcmp(cache->facts->fingerprint.text, cache->fingerprint->text) == 0;
}

bool catalog_cache_facts(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    const struct catalog_facts **ret, struct error **ret_err)
{
    while (!is_checked(cache) || !has_facts(cache)) {
        bool load = !cache->facts || is_checked(cache);
        if (!fly(ctx, cache, load ? &cache->load_facts : &cache->check, deadline, ret_err))
            return false;
    }
    *ret = talloc_reference(ctx, cache->facts);
    return true;
}

/* ---- the catalog ---- */

static bool load_catalog(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    struct error **ret_err)
{
    char *fingerprint = talloc_strdup(cache, cache->fingerprint->text);
    struct catalog *catalog;
    if (!catalog_load(ctx, cache->pool, deadline, &catalog, ret_err)) {
        talloc_free(fingerprint);
        return false;
    }
    if (cache->catalog)
        talloc_unlink(cache, cache->catalog);
    talloc_free(cache->catalog_fingerprint);
    cache->catalog = talloc_steal(cache, catalog);
    cache->catalog_fingerprint = fingerprint;
    cache->catalog_loaded = rt_now();
    return true;
}

static bool has_catalog(const struct catalog_cache *cache)
{
    return cache->catalog && rt_now() - cache->catalog_loaded < CATALOG_LIFE_MS &&
           strcmp(cache->catalog_fingerprint, cache->fingerprint->text) == 0;
}

bool catalog_cache_catalog(const void *ctx, struct catalog_cache *cache, int64_t deadline,
    const struct catalog **ret, struct error **ret_err)
{
    while (!is_checked(cache) || !has_catalog(cache)) {
        bool load = is_checked(cache);
        if (!fly(ctx, cache, load ? &cache->load_catalog : &cache->check, deadline, ret_err))
            return false;
    }
    *ret = talloc_reference(ctx, cache->catalog);
    return true;
}

/* ---- life ---- */

struct catalog_cache *catalog_cache_create(const void *ctx, struct pg_pool *pool)
{
    struct catalog_cache *cache = talloc_zero(ctx, struct catalog_cache);
    cache->pool = pool;
    cache->check.run = check;
    cache->load_facts.run = load_facts;
    cache->load_catalog.run = load_catalog;
    cache->fingerprint = catalog_fingerprint_copy(cache, &(struct catalog_fingerprint){"", ""});
    cache->check_began = cache->expired_at = -1;
    return cache;
}

uint64_t catalog_cache_version(const struct catalog_cache *cache)
{
    return cache->version;
}

void catalog_cache_expire(struct catalog_cache *cache)
{
    cache->expired_at = rt_now();
}
