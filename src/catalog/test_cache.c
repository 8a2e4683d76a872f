/*
 * Unit tests of the cache, on a clock that jumps. The three reads that it consists of are replaced
 * here by ones that take some time and answer from variables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "catalog/cache.h"

enum { READ_MS = 10, SECOND = 1000, MINUTE = 60 * SECOND };

static const char *schema; /* what a fingerprint says at present */
static const char *snapshot;
static int64_t read_ms;
static const char *failure; /* what reads fail with, or NULL */
static int checks, facts_loads, catalog_loads;
static struct catalog_cache *cache;

static bool read_something(const void *ctx, int64_t deadline, struct error **ret_err)
{
    int64_t done = rt_deadline(read_ms);
    int rc = rt_sleep(deadline < done ? deadline - rt_now() : read_ms);
    if (rc != 0)
        return error_raise(ret_err, error_create(ctx, ERROR_CANCELED, "canceled"));
    if (deadline < done)
        return error_raise(ret_err, error_create(ctx, ERROR_TIMEOUT, "too late"));
    return !failure || error_raise(ret_err, error_create(ctx, ERROR_UNAVAILABLE, "%s", failure));
}

bool catalog_fingerprint_take(const void *ctx, struct pg_pool *pool,
    const struct catalog_fingerprint *last, int64_t deadline, struct catalog_fingerprint **ret,
    struct error **ret_err)
{
    (void)pool, (void)last;
    checks++;
    struct catalog_fingerprint now = {.snapshot = snapshot, .text = schema};
    bool ok = read_something(ctx, deadline, ret_err);
    if (ok)
        *ret = catalog_fingerprint_copy(ctx, &now);
    return ok;
}

struct catalog_fingerprint *catalog_fingerprint_copy(const void *ctx,
    const struct catalog_fingerprint *from)
{
    struct catalog_fingerprint *copy = talloc(ctx, struct catalog_fingerprint);
    copy->snapshot = talloc_strdup(copy, from->snapshot);
    copy->text = talloc_strdup(copy, from->text);
    return copy;
}

bool catalog_facts_load(const void *ctx, struct pg_pool *pool, int64_t deadline,
    struct catalog_facts **ret, struct error **ret_err)
{
    (void)pool;
    facts_loads++;
    const char *seen = schema;
    if (!read_something(ctx, deadline, ret_err))
        return false;
    *ret = talloc_zero(ctx, struct catalog_facts);
    (*ret)->database = seen;
    (*ret)->fingerprint = (struct catalog_fingerprint){.snapshot = snapshot, .text = seen};
    return true;
}

bool catalog_load(const void *ctx, struct pg_pool *pool, int64_t deadline, struct catalog **ret,
    struct error **ret_err)
{
    (void)pool;
    catalog_loads++;
    const char *seen = schema;
    if (!read_something(ctx, deadline, ret_err))
        return false;
    *ret = talloc_zero(ctx, struct catalog);
    (*ret)->database = seen;
    return true;
}

/* ---- asking ---- */

/* The schema that the facts are of, or the error's message; borrowed from `ctx`. */
static const char *ask(const void *ctx, int64_t deadline)
{
    const struct catalog_facts *facts;
    struct error *error = NULL;
    return catalog_cache_facts(ctx, cache, deadline, &facts, &error) ? facts->database
                                                                     : error->message;
}

static const char *facts_of(const void *ctx)
{
    return ask(ctx, RT_FOREVER);
}

static const char *catalog_of(const void *ctx)
{
    const struct catalog *catalog;
    struct error *error = NULL;
    return catalog_cache_catalog(ctx, cache, RT_FOREVER, &catalog, &error) ? catalog->database
                                                                           : error->message;
}

/* A fiber that asks, and what it heard. */
struct asker {
    void *ctx;
    struct rt_fiber *fiber;
    int64_t deadline;
    const char *heard;
    int64_t heard_at;
};

static void run_asker(void *arg)
{
    struct asker *asker = arg;
    asker->heard = ask(asker->ctx, asker->deadline);
    asker->heard_at = rt_now();
}

static void asker_start(void *ctx, struct asker *asker, int64_t deadline)
{
    *asker = (struct asker){.ctx = ctx, .deadline = deadline};
    asker->fiber = rt_fiber_start(run_asker, asker);
}

/* ---- tests: each on a fiber, with a context of its own ---- */

static void loads_once_and_checks_when_old(void *ctx)
{
    assert_int_equal(catalog_cache_version(cache), 0);
    assert_string_equal(facts_of(ctx), "one");
    assert_int_equal(catalog_cache_version(cache), 1);
    rt_sleep(1 * SECOND);
    assert_string_equal(facts_of(ctx), "one");
    assert_int_equal(checks, 0);
    rt_sleep(1 * SECOND);
    assert_string_equal(facts_of(ctx), "one");
    assert_int_equal(checks, 1);
    assert_int_equal(facts_loads, 1);
    assert_int_equal(catalog_cache_version(cache), 1);
}

static void loads_anew_what_changed(void *ctx)
{
    const struct catalog_facts *before, *after;
    struct error *error = NULL;
    assert_true(catalog_cache_facts(ctx, cache, RT_FOREVER, &before, &error));
    schema = "two";
    rt_sleep(2 * SECOND);
    assert_true(catalog_cache_facts(ctx, cache, RT_FOREVER, &after, &error));
    assert_string_equal(after->database, "two");
    assert_string_equal(before->database, "one"); /* still there for those who work with it */
    assert_int_equal(catalog_cache_version(cache), 2);
    assert_int_equal(facts_loads, 2);
}

static void checks_at_once_what_expired_but_not_all_the_time(void *ctx)
{
    facts_of(ctx);
    rt_sleep(600);
    for (int i = 0; i < 100; i++) {
        catalog_cache_expire(cache);
        facts_of(ctx);
    }
    assert_int_equal(checks, 1);
    schema = "two";
    rt_sleep(600);
    catalog_cache_expire(cache);
    assert_string_equal(facts_of(ctx), "two");
    assert_int_equal(facts_loads, 2);
}

static void shares_checks_between_facts_and_catalog(void *ctx)
{
    assert_string_equal(catalog_of(ctx), "one");
    assert_int_equal(checks, 1);
    assert_string_equal(facts_of(ctx), "one");
    assert_int_equal(checks, 1);
    schema = "two";
    rt_sleep(2 * SECOND);
    assert_string_equal(catalog_of(ctx), "two");
    assert_string_equal(facts_of(ctx), "two");
    assert_int_equal(checks, 2);
    assert_int_equal(facts_loads, 2);
    assert_int_equal(catalog_loads, 2);
}

static void counts_rows_anew_every_five_minutes(void *ctx)
{
    facts_of(ctx);
    catalog_of(ctx);
    rt_sleep(4 * MINUTE);
    catalog_of(ctx);
    assert_int_equal(catalog_loads, 1);
    rt_sleep(1 * MINUTE);
    catalog_of(ctx);
    facts_of(ctx);
    assert_int_equal(catalog_loads, 2);
    assert_int_equal(facts_loads, 1);
}

static void one_loads_for_all(void *ctx)
{
    struct asker askers[3];
    for (size_t i = 0; i < 3; i++)
        asker_start(ctx, &askers[i], RT_FOREVER);
    rt_sleep(1 * SECOND);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(askers[i].heard, "one");
    assert_int_equal(facts_loads, 1);
}

static void an_error_is_for_all(void *ctx)
{
    failure = "no server";
    struct asker askers[3];
    for (size_t i = 0; i < 3; i++)
        asker_start(ctx, &askers[i], RT_FOREVER);
    rt_sleep(1 * SECOND);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(askers[i].heard, "no server");
    assert_int_equal(facts_loads, 1);
    failure = NULL;
    assert_string_equal(facts_of(ctx), "one");
}

static void another_takes_over_from_a_cancelled_one(void *ctx)
{
    struct asker askers[3];
    for (size_t i = 0; i < 3; i++)
        asker_start(ctx, &askers[i], RT_FOREVER);
    rt_sleep(READ_MS / 2);
    rt_fiber_cancel(askers[0].fiber);
    rt_sleep(1 * SECOND);
    assert_string_equal(askers[0].heard, "canceled");
    assert_string_equal(askers[1].heard, "one");
    assert_string_equal(askers[2].heard, "one");
    assert_int_equal(facts_loads, 2);
}

static void another_takes_over_from_one_with_less_time(void *ctx)
{
    struct asker askers[2];
    asker_start(ctx, &askers[0], rt_deadline(READ_MS / 2));
    asker_start(ctx, &askers[1], RT_FOREVER);
    rt_sleep(1 * SECOND);
    assert_string_equal(askers[0].heard, "too late");
    assert_string_equal(askers[1].heard, "one");
}

static void waits_no_longer_than_the_deadline(void *ctx)
{
    struct asker askers[2];
    int64_t deadline = rt_deadline(READ_MS / 2);
    asker_start(ctx, &askers[0], RT_FOREVER);
    asker_start(ctx, &askers[1], deadline);
    rt_sleep(1 * SECOND);
    assert_string_equal(askers[0].heard, "one");
    assert_string_equal(askers[1].heard, "the system catalogs took too long to read");
    assert_int_equal(askers[1].heard_at, deadline);
}

static void checks_less_often_what_costs_more(void *ctx)
{
    facts_of(ctx);
    rt_sleep(2 * SECOND);
    read_ms = 200;
    snapshot = "2";
    facts_of(ctx);
    assert_int_equal(checks, 1);
    read_ms = 1; /* nothing happened meanwhile: that says nothing about the next time */
    rt_sleep(4 * SECOND - 1);
    facts_of(ctx);
    assert_int_equal(checks, 1);
    rt_sleep(1);
    facts_of(ctx);
    assert_int_equal(checks, 2);
    rt_sleep(4 * SECOND - 1);
    facts_of(ctx);
    assert_int_equal(checks, 2);
}

/* ---- the frame ---- */

static const struct test_case {
    const char *name;
    void (*run)(void *ctx);
} cases[] = {
#define CASE(function)      \
    {                       \
#function, function \
    }
    CASE(loads_once_and_checks_when_old),
    CASE(loads_anew_what_changed),
    CASE(checks_at_once_what_expired_but_not_all_the_time),
    CASE(shares_checks_between_facts_and_catalog),
    CASE(counts_rows_anew_every_five_minutes),
    CASE(one_loads_for_all),
    CASE(an_error_is_for_all),
    CASE(another_takes_over_from_a_cancelled_one),
    CASE(another_takes_over_from_one_with_less_time),
    CASE(waits_no_longer_than_the_deadline),
    CASE(checks_less_often_what_costs_more),
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void run_case(void *arg)
{
    const struct test_case *test = arg;
    void *ctx = talloc_new(NULL);
    schema = "one";
    snapshot = "1";
    failure = NULL;
    read_ms = READ_MS;
    checks = facts_loads = catalog_loads = 0;
    cache = catalog_cache_create(ctx, NULL);
    test->run(ctx);
    talloc_free(ctx);
    rt_stop(0);
}

static void on_fiber(void **state)
{
    rt_fiber_start(run_case, *state);
    rt_run();
}

int main(void)
{
    rt_init();
    rt_clock_fake(true);
    struct CMUnitTest tests[CASES];
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){.name = cases[i].name,
            .test_func = on_fiber,
            .initial_state = (void *)(uintptr_t)&cases[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
