/*
 * libFuzzer: what the guard lets through, run as a superuser on the database of
 * tests/corpus/guard/schema.sql; nothing may change, and no value of a blocked table may come back.
 *
 * PGPARLEY_FUZZ_URL says where it is. Every secret there contains CANARY.
 */
#include "guard/fuzz_sql.h"
#include "guard/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { TIMEOUT_MS = 300, CONNECT_MS = 10000, BETWEEN_CHECKS = 200, SQL_MAX = 8192 };

static const struct fuzz_words words = {
    .relations = (const char *const[]){"customers", "orders", "public.categories", "products",
        "analytics.events", "v_order_summary", "analytics.mv_top_customers", "people", "type_zoo",
        "tenant_notes", "users", "public.passwords", "api_keys", "users_archive", "secrets_base",
        "v_active_users", "v_user_count", "v_fn_users", "v_side_effect", "v_files",
        "mv_user_emails", "private.salaries", "ext_passwd", "remote_accounts", "users_id_seq",
        "order_no_seq", "pg_class", "pg_stats", "pg_statistic_ext_data", "pg_authid", "pg_settings",
        "pg_proc", "pg_largeobject", "pg_stat_activity", "information_schema.tables",
        "passwords_p1", NULL},
    .columns = (const char *const[]){"id", "name", "email", "*", "label", "note", "latest_login",
        "feeling", "tags", "address", "ctid", "to_jsonb", "customers", "t", "total", "location",
        NULL},
    .functions = (const char *const[]){"count(*)", "lower(#)", "initcap(#)", "get_user_email(#)",
        "peek_password(#)", "sd_write(#)", "touch_counter()", "latest_login(#)", "run_sql(#)",
        "query_to_xml('select * from users', true, #, '')", "table_to_xml('users', true, true, '')",
        "schema_to_xml(#, true, true, '')", "pg_read_file('/etc/passwd')",
        "lo_import('/etc/passwd')", "lo_create(0)", "set_config('search_path', 'private', false)",
        "pg_advisory_lock(#)", "nextval('users_id_seq')", "setval('order_no_seq', 1)",
        "currval('users_id_seq')", "dblink('dbname=guard', #)", "crosstab(#)",
        "connectby('users', 'id', 'id', '1', 0)", "pg_notify('a', #)", "txid_current()",
        "current_setting('app.jwt_secret')", "pg_logical_emit_message(false, 'a', 'b')",
        "leak_agg(#)", "ts_stat(#)", "json_agg(#)", "row_to_json(#)",
        "json_populate_record(NULL::users, #)", "generate_series(1, 3)", "unnest(#)",
        "pg_stat_get_activity(NULL)", "pg_get_functiondef(#)", "pg_get_viewdef(#)",
        "currtid2(#, #)", "xpath('/a', #)", "string_agg(#, ',' ORDER BY #)",
        "lead(#) OVER (PARTITION BY #)", "coalesce(#, #)", "hypopg_create_index(#)",
        "heap_force_kill(#, #)", "pg_ls_dir('.')", "jsonb_path_query(#, '$.a')", "setseed(0.5)",
        "pg_sleep(0)", "price_range(#, #)", NULL},
    .operators = (const char *const[]){"=", "||", "===", "~>", "+", "<", "OPERATOR(public.===)",
        "OPERATOR(public.~>)", "->>", "@>", "%", "<->", "AND", "IS DISTINCT FROM", NULL},
    .types = (const char *const[]){"text", "int", "users", "public.customers", "mood",
        "probed_text", "secret_ref", "regclass", "jsonb", "percentage", "probed_text[]", "xml",
        "users[]", NULL},
};

/* What no query may change, as one value. */
static const char effects[] =
    "SELECT pg_catalog.md5(pg_catalog.concat_ws('|', (SELECT count(*) FROM public.audit_log),"
    " (SELECT sum(n) FROM public.counters), (SELECT count(*) FROM pg_catalog.pg_class),"
    " (SELECT count(*) FROM pg_catalog.pg_proc), (SELECT sum(oid::pg_catalog.int8) FROM"
    " pg_catalog.pg_largeobject_metadata), (SELECT count(*) FROM pg_catalog.pg_replication_slots),"
    " (SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'),"
    " (SELECT last_value FROM public.users_id_seq), (SELECT last_value FROM public.order_no_seq),"
    " (SELECT count(*) FROM public.customers), (SELECT count(*) FROM public.users),"
    " (SELECT count(*) FROM pg_catalog.pg_database),"
    " (SELECT count(*) FROM pg_catalog.pg_db_role_setting)))";

static struct guard *guard;
static struct pg_pool *pool;
static PGconn *watcher;
static char *before;
static char recent[BETWEEN_CHECKS][SQL_MAX];
static size_t runs;

static _Noreturn void report(const char *what)
{
    fprintf(stderr, "%s; the statements since the last check:\n", what);
    for (size_t i = 0; i < BETWEEN_CHECKS; i++)
        fprintf(stderr, "%s\n", recent[(runs + i) % BETWEEN_CHECKS]);
    abort();
}

static char *effects_now(void)
{
    PGresult *result = PQexec(watcher, effects);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        report(PQerrorMessage(watcher));
    char *value = talloc_strdup(NULL, PQgetvalue(result, 0, 0));
    PQclear(result);
    return value;
}

static void check_text(const char *text)
{
    if (text && (strstr(text, "CANARY") || strstr(text, "43414e415259") || strstr(text, "root:x:")))
        report("a secret came back");
}

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    (void)arg, (void)statement, (void)result;
}

static bool on_row(void *arg, size_t statement, const PGresult *result)
{
    (void)arg, (void)statement;
    for (int i = 0; i < PQnfields(result); i++)
        check_text(PQgetvalue(result, 0, i));
    return true;
}

static void run(void *arg)
{
    const struct guard_query query = {arg, strlen(arg), 100};
    const struct pg_rows rows = {on_columns, on_row, NULL, NULL};
    void *ctx = talloc_new(NULL);
    struct error *error = NULL;
    if (!guard_read(ctx, guard, &query, &rows, rt_deadline(CONNECT_MS), &error))
        check_text(error_text(ctx, error));
    if (error && error->class == ERROR_UNAVAILABLE)
        report(error->message);
    talloc_free(ctx);
    rt_stop(0);
}

static void set_up(void)
{
    static const struct guard_pattern schemas[] = {{.name = "public"}, {.name = "analytics"}},
                                      blocked[] = {{.name = "users"}, {.name = "passwords"},
                                          {.name = "api_keys"}};
    static const struct guard_policy policy = {
        .max_query_bytes = 32768,
        .analysis = GUARD_ANALYSIS_SERVER,
        .allowed_schemas = {schemas, 2, true},
        .blocked_tables = {blocked, 3, true},
    };
    const char *url = getenv("PGPARLEY_FUZZ_URL");
    const struct pg_options options = {
        .url = url,
        .application_name = "fuzz-guard-database",
        .search_path = "pg_catalog, public, analytics, pg_temp",
        .pool_size = 1,
        .pool_timeout_ms = CONNECT_MS,
        .connection_timeout_ms = CONNECT_MS,
        .statement_timeout_ms = TIMEOUT_MS,
        .lock_timeout_ms = TIMEOUT_MS,
    };
    struct error *error = NULL;
    if (!url || !pg_pool_create(NULL, &options, &pool, &error)) {
        fprintf(stderr, "PGPARLEY_FUZZ_URL must say where a scratch database is\n");
        exit(2);
    }
    guard = guard_create(NULL, &policy, pool, catalog_cache_create(NULL, pool));
    watcher = PQconnectdb(url);
    before = effects_now();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    rt_init();
    if (!guard)
        set_up();
    struct str sql;
    str_init(&sql, NULL, SQL_MAX - 1);
    fuzz_sql_write(data, len, &words, &sql);
    char *text = recent[runs++ % BETWEEN_CHECKS];
    memcpy(text, str_get(&sql), sql.len + 1);
    str_done(&sql);
    rt_fiber_start(run, text);
    rt_run();
    if (runs % BETWEEN_CHECKS == 0) {
        char *after = effects_now();
        if (strcmp(before, after) != 0)
            report("something changed");
        talloc_free(after);
    }
    return 0;
}
