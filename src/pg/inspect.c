/*
 * What PostgreSQL makes of a statement, told by itself.
 *
 * With debug_print_parse and debug_print_rewritten on, the mere Parse of a statement prints its
 * query trees as LOG messages, which client_min_messages lets through to us. These settings hold
 * for the transaction only and are set back before anything runs, so that the server's own log of
 * statements is as ever. A LOG message also goes to the server's log, unless log_min_messages is
 * fatal.
 */
#include "pg/internal.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define TREES_ON                                                   \
    "SELECT pg_catalog.current_setting('log_min_messages'),"       \
    " pg_catalog.set_config('debug_pretty_print', 'off', true),"   \
    " pg_catalog.set_config('debug_print_parse', 'on', true),"     \
    " pg_catalog.set_config('debug_print_rewritten', 'on', true)," \
    " pg_catalog.set_config('client_min_messages', 'log', true)"
#define TREES_OFF                                                     \
    "SELECT pg_catalog.set_config('debug_print_parse', 'off', true)," \
    " pg_catalog.set_config('debug_print_rewritten', 'off', true),"   \
    " pg_catalog.set_config('client_min_messages', 'warning', true)"
/* After either of them; what a SELECT computes, it computes in the order of its text. */
#define LOG_LEVEL ", pg_catalog.set_config('log_min_messages', $1, true)"

static const char OFF_NAME[] = "pgparley_off";
static const char STATEMENT_NAME[] = "pgparley";

enum { TREES_MAX_BYTES = 16 << 20 };

/* The way back is prepared first, or it would print its own trees. */
bool pg_inspect_send_analysis(struct pg_conn *conn, struct pg_analysis *analysis, const char *sql)
{
    static const char *const fatal[] = {"fatal"};
    bool silence = analysis->silence;
    conn->analysis = analysis;
    return PQsendPrepare(conn->pq, OFF_NAME, silence ? TREES_OFF LOG_LEVEL : TREES_OFF, 0, NULL) ==
               1 &&
           PQsendQueryParams(conn->pq, silence ? TREES_ON LOG_LEVEL : TREES_ON, silence, NULL,
               fatal, NULL, NULL, 0) == 1 &&
           PQsendPrepare(conn->pq, STATEMENT_NAME, sql, 0, NULL) == 1;
}

bool pg_inspect_send_off(struct pg_conn *conn)
{
    const char *params[] = {conn->analysis->log_min_messages};
    int count = conn->analysis->silence;
    conn->analysis = NULL;
    return PQsendQueryPrepared(conn->pq, OFF_NAME, count, params, NULL, NULL, 0) == 1;
}

bool pg_inspect_send_analysed(struct pg_conn *conn, const struct pg_statement *statement)
{
    return PQsendQueryPrepared(conn->pq, STATEMENT_NAME, statement->param_count, statement->params,
               NULL, NULL, 0) == 1;
}

static bool remember_log_level(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct pg_analysis *analysis = arg;
    snprintf(analysis->log_min_messages, sizeof analysis->log_min_messages, "%s",
        PQgetvalue(result, 0, 0));
    return true;
}

struct pg_rows pg_inspect_on_rows(struct pg_analysis *analysis)
{
    return (struct pg_rows){.row = remember_log_level, .arg = analysis};
}

/* ---- trees ---- */

static bool is_tree(const PGresult *notice, const char *detail)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && strcmp(severity, "LOG") == 0 && detail &&
           (strncmp(detail, "{QUERY", 6) == 0 || strncmp(detail, "({QUERY", 7) == 0);
}

void pg_inspect_notice(void *arg, const PGresult *notice)
{
    struct pg_conn *conn = arg;
    struct pg_analysis *analysis = conn->analysis;
    const char *detail = PQresultErrorField(notice, PG_DIAG_MESSAGE_DETAIL);
    if (!analysis || !is_tree(notice, detail))
        return;
    size_t len = strlen(detail);
    conn->swollen |= len > PG_SWOLLEN_BYTES;
    analysis->bytes += len;
    if (analysis->bytes > TREES_MAX_BYTES)
        return;
    size_t n = analysis->count++;
    analysis->trees = talloc_realloc(analysis, analysis->trees, const char *, (unsigned)n + 1);
    analysis->trees[n] = talloc_strdup(analysis->trees, detail);
}

struct error *pg_inspect_too_complex(const void *ctx)
{
    return error_hint(error_create(ctx, ERROR_LIMIT, "the query is too complex to analyse"),
        "write a shorter one, or one that reads fewer or simpler views");
}

bool pg_inspect_judge(const void *ctx, const struct pg_analysis *analysis,
    const struct pg_inspection *inspection, struct error **ret_err)
{
    if (analysis->bytes > TREES_MAX_BYTES)
        return error_raise(ret_err, pg_inspect_too_complex(ctx));
    /* Functions that Parse calls to make sense of literals print their own trees before. */
    size_t last = analysis->count;
    if (last < 2 || analysis->trees[last - 2][0] != '{' || analysis->trees[last - 1][0] != '(')
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_UNAVAILABLE,
                           "PostgreSQL did not send its analysis of the query"),
                "what stands between here and the server may keep notices back: set "
                "security.analysis to \"local\""));
    return inspection->judge(inspection->arg, analysis->trees + last - 2, ret_err);
}

/* ---- the server's log ---- */

struct answer {
    bool quiet, superuser, has_privilege_function, may_set;
};

static bool is_true(const PGresult *result, int column)
{
    return PQgetvalue(result, 0, column)[0] == 't';
}

static bool read_level(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct answer *answer = arg;
    answer->quiet = is_true(result, 0);
    answer->superuser = is_true(result, 1);
    answer->has_privilege_function = is_true(result, 2);
    return true;
}

static bool read_privilege(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct answer *answer = arg;
    answer->may_set = is_true(result, 0);
    return true;
}

bool pg_log_get(const void *ctx, struct pg_pool *pool, int64_t deadline, enum pg_log *ret,
    struct error **ret_err)
{
    static const struct pg_statement level = {
        .sql = "SELECT pg_catalog.current_setting('log_min_messages') IN ('fatal', 'panic'),"
               " pg_catalog.current_setting('is_superuser') = 'on',"
               " pg_catalog.current_setting('server_version_num')::int4 >= 150000"};
    static const struct pg_statement privilege = {
        .sql = "SELECT pg_catalog.has_parameter_privilege('log_min_messages', 'SET')"};
    if (!pool->log_known) {
        struct answer answer = {0};
        const struct pg_rows of_level = {.row = read_level, .arg = &answer};
        const struct pg_rows of_privilege = {.row = read_privilege, .arg = &answer};
        if (!pg_read(ctx, pool, &level, 1, &of_level, deadline, ret_err))
            return false;
        answer.may_set = answer.superuser;
        if (!answer.may_set && !answer.quiet && answer.has_privilege_function &&
            !pg_read(ctx, pool, &privilege, 1, &of_privilege, deadline, ret_err))
            return false;
        pool->log = answer.quiet ? PG_LOG_QUIET : answer.may_set ? PG_LOG_SETTABLE : PG_LOG_NOISY;
        pool->log_known = true;
    }
    *ret = pool->log;
    return true;
}
