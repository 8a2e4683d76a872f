/*
 * libFuzzer: what the guard lets through, run on a scratch database. As a superuser, nothing may
 * change, and no value that is blocked may come back: every secret there contains CANARY. As a role
 * that may do just what the policy allows, PostgreSQL may not deny anything.
 *
 * PGPARLEY_FUZZ_URL says where the database of tests/corpus/guard/schema.sql is, prepared with
 * tests/fixtures/guard-fuzz.sql. The first byte of an input chooses among `modes`. To repeat what
 * was reported set PGPARLEY_FUZZ_SQL: a file is then the digit of the mode, and SQL.
 */
#include "guard/fuzz_guard_words.h"
#include "guard/guard.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { TIMEOUT_MS = 200, CONNECT_MS = 10000, BETWEEN_CHECKS = 500, SQL_MAX = 8192 };

/* PostgreSQL tells of what was read at most a second later: statements of two checks. */
enum { RECENT = 2 * BETWEEN_CHECKS };

static const struct guard_pattern schemas[] = {{.name = "public"}, {.name = "analytics"}},
                                  tables[] = {{.name = "users"}, {.name = "passwords"},
                                      {.name = "api_keys"}},
                                  columns[] = {{.name = "customers", .column = "email"},
                                      {.name = "orders", .column = "notes"}};

static struct mode {
    enum guard_analysis analysis;
    bool columns; /* are blocked as well */
    bool reader;  /* the role that may do just that */
    struct guard_policy policy;
    struct pg_pool *pool;
    struct guard *guard;
    char *session; /* as it was at first */
} modes[] = {
    {.analysis = GUARD_ANALYSIS_SERVER},
    {.analysis = GUARD_ANALYSIS_LOCAL},
    {.analysis = GUARD_ANALYSIS_SERVER, .columns = true},
    {.analysis = GUARD_ANALYSIS_LOCAL, .columns = true},
    {.analysis = GUARD_ANALYSIS_SERVER, .columns = true, .reader = true},
    {.analysis = GUARD_ANALYSIS_LOCAL, .columns = true, .reader = true},
};

enum { MODES = sizeof modes / sizeof *modes };

/* Whatever is written, also by what is rolled back, moves the write-ahead log. */
static const char written[] = "SELECT pg_catalog.pg_current_wal_insert_lsn()";

/* What else no query may do, as values that stay the same. */
static const char effects[] =
    "SELECT (SELECT last_value FROM public.users_id_seq) AS sequence,"
    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    " AND application_name NOT LIKE 'fuzz%') AS connections,"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS advisory_locks,"
    " (SELECT count(*) FROM pg_replication_slots) AS replication_slots,"
    " (SELECT string_agg(name, ', ' ORDER BY name) FROM pg_ls_dir('.') AS name) AS files,"
    " (SELECT count(*) FROM pg_ls_dir(current_setting('log_directory'), true, false)) AS logs,"
    " pg_stat_file('/tmp/guard_pwned', true) IS NULL AS no_file_in_tmp,"
    " pg_conf_load_time() AS configuration,"
    " (SELECT max(stats_reset) FROM pg_stat_database) AS statistics,"
    " (SELECT string_agg(concat(relname, ' ', seq_scan, '+', idx_scan), ', ' ORDER BY relid)"
    " FROM pg_stat_all_tables WHERE"
    " schemaname = 'private' OR relname IN ('users', 'users_archive', 'passwords_p1',"
    " 'passwords_p2', 'api_keys', 'mv_user_emails')) AS scans_of_blocked_tables";

/* What one call may not leave to the next one. What pg/ keeps prepared is no call's. */
static const char session[] =
    "SELECT concat_ws(' ', session_user, current_user, pg_my_temp_schema(),"
    " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),"
    " (SELECT count(*) FROM pg_prepared_statements WHERE name !~ '^pgparley_[0-9]'),"
    " (SELECT count(*) FROM pg_cursors),"
    " (SELECT count(*) FROM pg_listening_channels()), public.dblink_get_connections(),"
    " (SELECT count(*) FROM public.postgres_fdw_get_connections()),"
    " (SELECT string_agg(name || '=' || setting, ', ' ORDER BY name) FROM pg_settings"
    "  WHERE source = 'session'))";

static PGconn *watcher;
static const struct fuzz_words *words;
static PGresult *effects_before;
static char written_before[32];
static char recent[RECENT][SQL_MAX];
static size_t runs, refused, rejected, failed, answered;

static _Noreturn void report(const char *what)
{
    fprintf(stderr, "the last statements, the latest at the end:\n");
    for (size_t i = 0; i < RECENT; i++) {
        const char *text = recent[(runs + i) % RECENT];
        if (text[0])
            fprintf(stderr, "%s\n", text);
    }
    fprintf(stderr, "%s\n", what);
    abort();
}

static PGresult *watch(const char *sql)
{
    PGresult *result = PQexec(watcher, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        report(PQerrorMessage(watcher));
    return result;
}

/* ---- one statement ---- */

static void check_text(const struct mode *mode, const char *text)
{
    if (text && (strstr(text, "CANARY") || strcasestr(text, "43414e415259") ||
                    strstr(text, "root:x:") || (mode->columns && strstr(text, "BLOCKED COLUMN"))))
        report("a secret came back");
}

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    (void)arg, (void)statement, (void)result;
}

static bool on_row(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    for (int i = 0; i < PQnfields(result); i++)
        check_text(arg, PQgetvalue(result, 0, i));
    return true;
}

static void check_error(const void *ctx, const struct mode *mode, const struct error *error)
{
    check_text(mode, error_text(ctx, error));
    if (error->class == ERROR_REFUSED)
        refused++;
    else if (strncmp(error->sqlstate, "42", 2) == 0)
        rejected++;
    else
        failed++;
    if (error->class == ERROR_UNAVAILABLE)
        report(error->message);
    if (strcmp(error->sqlstate, "25006") == 0)
        report("the guard let a write through");
    /* Names are resolved, and schemas may be denied, before PostgreSQL tells what it would run. */
    if (mode->reader && strcmp(error->sqlstate, "42501") == 0 &&
        !strstr(error->message, "for schema"))
        report(error->message);
}

struct attempt {
    struct mode *mode;
    const char *sql;
};

static void run(void *arg)
{
    const struct attempt *a = arg;
    const struct guard_query query = {a->sql, strlen(a->sql), 100};
    struct mode *mode = a->mode;
    const struct pg_rows rows = {on_columns, on_row, NULL, mode};
    void *ctx = talloc_new(NULL);
    struct error *error = NULL;
    if (guard_read(ctx, mode->guard, &query, &rows, rt_deadline(CONNECT_MS), &error))
        answered++;
    else
        check_error(ctx, mode, error);
    talloc_free(ctx);
    /* What was given up is cancelled in the background; its memory would look like a leak. */
    while (rt_fiber_count() > 1)
        rt_sleep(1);
    rt_stop(0);
}

static bool has_written(void)
{
    PGresult *now = watch(written);
    const char *lsn = PQgetvalue(now, 0, 0);
    bool moved = strcmp(lsn, written_before) != 0;
    snprintf(written_before, sizeof written_before, "%s", lsn);
    PQclear(now);
    return moved;
}

static void execute(struct attempt *attempt)
{
    rt_fiber_start(run, attempt);
    rt_run();
}

/* The server itself writes now and then; what writes again is the statement. */
static void check_written(struct attempt *attempt)
{
    if (!has_written())
        return;
    execute(attempt);
    if (has_written())
        report("something was written");
}

/* ---- now and then ---- */

static void check_effects(void)
{
    PGresult *now = watch(effects);
    if (!effects_before)
        effects_before = now;
    for (int i = 0; i < PQnfields(now); i++) {
        const char *before = PQgetvalue(effects_before, 0, i), *after = PQgetvalue(now, 0, i);
        if (strcmp(before, after) != 0)
            report(talloc_asprintf(NULL, "%s: %s, now %s", PQfname(now, i), before, after));
    }
    if (now != effects_before)
        PQclear(now);
}

static bool on_session(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct mode *mode = arg;
    const char *now = PQgetvalue(result, 0, 0);
    if (!mode->session)
        mode->session = talloc_strdup(NULL, now);
    if (strcmp(now, mode->session) != 0)
        report(talloc_asprintf(NULL, "the session was %s and is %s", mode->session, now));
    return true;
}

static void check_session(void *arg)
{
    struct mode *mode = arg;
    const struct pg_statement statement = {.sql = session};
    const struct pg_rows rows = {on_columns, on_session, NULL, mode};
    void *ctx = talloc_new(NULL);
    struct error *error = NULL;
    if (!pg_read(ctx, mode->pool, &statement, 1, &rows, rt_deadline(CONNECT_MS), &error))
        report(error_text(ctx, error));
    talloc_free(ctx);
    rt_stop(0);
}

static void check_all(void)
{
    for (size_t i = 0; i < MODES; i++) {
        if (!modes[i].reader) {
            rt_fiber_start(check_session, &modes[i]);
            rt_run();
        }
    }
    check_effects();
}

/* ---- set-up ---- */

static void set_up_mode(struct mode *mode, const char *url)
{
    char *own_url =
        talloc_asprintf(NULL, "%s user=%s", url, mode->reader ? "guard_reader" : "postgres");
    const struct pg_options options = {
        .url = own_url,
        .application_name = "fuzz-guard-database",
        .search_path = "pg_catalog, public, analytics, pg_temp",
        .pool_size = 1,
        .pool_timeout_ms = CONNECT_MS,
        .connection_timeout_ms = CONNECT_MS,
        .statement_timeout_ms = TIMEOUT_MS,
        .lock_timeout_ms = TIMEOUT_MS,
        .max_orphans = 20,
    };
    struct error *error = NULL;
    if (!pg_pool_create(NULL, &options, &mode->pool, &error)) {
        fprintf(stderr, "PGPARLEY_FUZZ_URL is no connection string\n");
        exit(2);
    }
    talloc_free(own_url);
    mode->policy = (struct guard_policy){
        .max_query_bytes = 32768,
        .analysis = mode->analysis,
        .allowed_schemas = {schemas, 2, true},
        .blocked_tables = {tables, 3, true},
        .blocked_columns = {columns, mode->columns ? 2 : 0, mode->columns},
    };
    mode->guard =
        guard_create(NULL, &mode->policy, mode->pool, catalog_cache_create(NULL, mode->pool));
}

static void tell_shares(void)
{
    fprintf(stderr,
        "%zu statements: %zu answered, %zu failed while they ran, %zu not valid, %zu refused\n",
        runs, answered, failed, rejected, refused);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *url = getenv("PGPARLEY_FUZZ_URL");
    char *own_url = talloc_asprintf(NULL, "%s user=postgres", url ? url : "");
    watcher = url ? PQconnectdb(own_url) : NULL;
    talloc_free(own_url);
    if (PQstatus(watcher) != CONNECTION_OK) {
        fprintf(stderr, "PGPARLEY_FUZZ_URL must say where a scratch database is\n");
        exit(2);
    }
    rt_init();
    log_set_level(LOG_LEVEL_ERROR);
    for (size_t i = 0; i < MODES; i++)
        set_up_mode(&modes[i], url);
    words = fuzz_guard_words(NULL, watcher);
    check_all();
    has_written();
    atexit(tell_shares);
    return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    if (len == 0)
        return 0;
    struct mode *mode = &modes[data[0] % MODES];
    struct str sql;
    str_init(&sql, NULL, SQL_MAX - 2);
    str_putc(&sql, (char)('0' + (mode - modes)));
    if (getenv("PGPARLEY_FUZZ_SQL"))
        str_append(&sql, data + 1, len - 1);
    else
        fuzz_sql_write(data + 1, len - 1, words, &sql);
    char *text = recent[runs++ % RECENT];
    memcpy(text, str_get(&sql), sql.len + 1);
    str_done(&sql);
    struct attempt attempt = {mode, text + 1};
    execute(&attempt);
    check_written(&attempt);
    /* A single file that is repeated is checked as well. */
    if (runs % BETWEEN_CHECKS <= 1)
        check_all();
    return 0;
}
