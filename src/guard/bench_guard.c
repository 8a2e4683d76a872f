/*
 * Measures a verdict: bench_guard CONNECTION-STRING [CONNECTION-STRING]. Prints "name<TAB>median in
 * µs" lines. Of the second database, a large one, only the facts are loaded.
 *
 * Our own time is what guard.c spends on a text before and after PostgreSQL's analysis; the
 * analysis is an inspected read of a new text less a plain read of the same.
 */
#include "guard/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { ROUNDS = 2000, WARM = 100, DEADLINE_MS = 60000 };

static const char short_select[] = "SELECT id, name FROM public.customers WHERE id = 7";
static const char q8[] =
    "select o_year, sum(case when nation = 'BRAZIL' then volume else 0 end) / sum(volume) as "
    "mkt_share from (select extract(year from o_orderdate) as o_year, l_extendedprice * (1 - "
    "l_discount) as volume, n2.n_name as nation from analytics.part, analytics.supplier, "
    "analytics.lineitem, analytics.orders, analytics.customer, analytics.nation n1, "
    "analytics.nation n2, analytics.region where p_partkey = l_partkey and s_suppkey = l_suppkey "
    "and l_orderkey = o_orderkey and o_custkey = c_custkey and c_nationkey = n1.n_nationkey and "
    "n1.n_regionkey = r_regionkey and r_name = 'AMERICA' and s_nationkey = n2.n_nationkey and "
    "o_orderdate between date '1995-01-01' and date '1996-12-31' and p_type = 'ECONOMY ANODIZED "
    "STEEL') as all_nations group by o_year order by o_year";

struct bench {
    void *ctx;
    char **urls; /* ends with NULL */
    struct pg_pool *pool;
    struct catalog_cache *cache;
    struct guard_policy policy;
    const struct catalog_facts *facts;
    const char *sql;
    char *trees[2]; /* of `sql` */
    bool local;
    int code;
};

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *times)
{
    qsort(times, ROUNDS, sizeof *times, compare);
    return times[ROUNDS / 2];
}

static void fail(struct bench *b, const struct error *error)
{
    fprintf(stderr, "bench-guard: %s\n", error_text(b->ctx, error));
    exit(1);
}

/* All that guard.c does for a new text on the main stack. */
static void decide(void *arg)
{
    struct bench *b = arg;
    void *ctx = talloc_new(b->ctx);
    json_t *tree = NULL;
    struct guard_statement statement;
    struct guard_names names = {0};
    struct error *error = NULL;
    if (!guard_text(ctx, 32768, b->sql, strlen(b->sql), &error) ||
        !guard_parse(ctx, b->sql, &tree, &error) ||
        !guard_structure(ctx, tree, b->sql, &statement, &error) ||
        !guard_names_check(ctx, &b->policy, b->facts, statement.query, b->sql, &names, &error) ||
        (b->local && !guard_local(ctx, &b->policy, b->facts, statement.query, b->sql,
                         names.relations, names.count, &error)))
        fail(b, error);
    json_decref(tree);
    talloc_free(ctx);
}

static bool keep_trees(void *arg, const char *const trees[2], struct error **ret_err)
{
    struct bench *b = arg;
    (void)ret_err;
    for (size_t i = 0; i < 2; i++) {
        talloc_free(b->trees[i]);
        b->trees[i] = talloc_strdup(b->ctx, trees[i]);
    }
    return true;
}

static void judge(struct bench *b)
{
    void *ctx = talloc_new(b->ctx);
    struct guard_finding finding;
    if (!guard_analysis(ctx, &b->policy, b->facts, (const char *const *)b->trees, &(bool){false},
            &finding))
        fail(b, guard_finding_error(ctx, &b->policy, b->facts, &finding));
    talloc_free(ctx);
}

static bool no_row(void *arg, size_t statement, const PGresult *result)
{
    (void)arg, (void)statement, (void)result;
    return true;
}

static void read_once(struct bench *b, bool inspected)
{
    void *ctx = talloc_new(b->ctx);
    const struct pg_statement statement = {.sql = b->sql};
    const struct pg_rows rows = {NULL, no_row, NULL, NULL};
    const struct pg_inspection inspection = {NULL, keep_trees, b};
    struct error *error = NULL;
    int64_t deadline = rt_deadline(DEADLINE_MS);
    if (inspected
            ? !pg_read_inspected(ctx, b->pool, &statement, &inspection, &rows, deadline, &error)
            : !pg_read(ctx, b->pool, &statement, 1, &rows, deadline, &error))
        fail(b, error);
    talloc_free(ctx);
}

static double micros(uint64_t since)
{
    return (double)(uv_hrtime() - since) / 1000;
}

static void measure(struct bench *b, const char *name, const char *sql)
{
    static double own[ROUNDS], locally[ROUNDS], plain[ROUNDS], inspected[ROUNDS], known[ROUNDS];
    struct guard_verdicts *verdicts = guard_verdicts_create(b->ctx);
    const struct guard_verdict verdict = {.version = 1};
    b->sql = sql;
    read_once(b, true);
    for (int i = -WARM; i < ROUNDS; i++) {
        int at = i < 0 ? 0 : i;
        uint64_t start = uv_hrtime();
        b->local = false;
        rt_run_on_main(decide, b);
        judge(b);
        own[at] = micros(start);
        start = uv_hrtime();
        b->local = true;
        rt_run_on_main(decide, b);
        locally[at] = micros(start);
        start = uv_hrtime();
        read_once(b, false);
        plain[at] = micros(start);
        start = uv_hrtime();
        read_once(b, true);
        inspected[at] = micros(start);
    }
    guard_verdicts_put(verdicts, sql, strlen(sql), &verdict);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = uv_hrtime();
        for (int k = 0; k < 100; k++)
            known[i] += guard_verdicts_find(verdicts, sql, strlen(sql), 1) == NULL;
        known[i] += micros(start) / 100;
    }
    printf("%s: own time, exact\t%.1f\n", name, median(own));
    printf("%s: own time, local\t%.1f\n", name, median(locally));
    printf("%s: own time, known text\t%.2f\n", name, median(known));
    printf("%s: PostgreSQL's analysis\t%.1f\n", name, median(inspected) - median(plain));
    printf("%s: whole read of a known text\t%.1f\n", name, median(plain));
}

static void open_database(struct bench *b, const char *url)
{
    const struct pg_options options = {
        .url = url,
        .application_name = "bench-guard",
        .search_path = "pg_catalog, public, pg_temp",
        .pool_size = 1,
        .pool_timeout_ms = DEADLINE_MS,
        .connection_timeout_ms = DEADLINE_MS,
        .statement_timeout_ms = DEADLINE_MS,
        .lock_timeout_ms = DEADLINE_MS,
    };
    struct error *error = NULL;
    if (!pg_pool_create(b->ctx, &options, &b->pool, &error))
        fail(b, error);
    b->cache = catalog_cache_create(b->ctx, b->pool);
}

static void load_facts(struct bench *b, const char *name)
{
    struct error *error = NULL;
    uint64_t start = uv_hrtime();
    if (!catalog_cache_facts(b->ctx, b->cache, rt_deadline(DEADLINE_MS), &b->facts, &error))
        fail(b, error);
    printf("%s: loading the facts, connecting included\t%.0f\n", name, micros(start));
}

static void run(void *arg)
{
    struct bench *b = arg;
    open_database(b, b->urls[0]);
    load_facts(b, "sample database");
    measure(b, "short SELECT", short_select);
    measure(b, "TPC-H Q8", q8);
    if (b->urls[1]) {
        open_database(b, b->urls[1]);
        load_facts(b, "large database");
    }
    rt_stop(0);
}

int main(int argc, char **argv)
{
    static const struct guard_pattern schemas[] = {{.name = "public"}, {.name = "analytics"}},
                                      blocked[] = {{.name = "users"}, {.name = "passwords"},
                                          {.name = "api_keys"}};
    if (argc < 2)
        return 2;
    rt_init();
    struct bench b = {.ctx = talloc_new(NULL), .urls = argv + 1};
    b.policy = (struct guard_policy){
        .max_query_bytes = 32768,
        .allowed_schemas = {schemas, 2, true},
        .blocked_tables = {blocked, 3, true},
    };
    rt_fiber_start(run, &b);
    return rt_run();
}
