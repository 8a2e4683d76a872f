/* PostgreSQL's and libpq's errors as ours. */
#include "base/text.h"
#include "pg/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    TEXT_MAX = 1000,
    MESSAGE_MAX = TEXT_QUOTED_BYTES + 100, /* literals of any length stand in it */
};

static void set_sqlstate(struct error *error, const char *sqlstate)
{
    if (sqlstate && strlen(sqlstate) == 5)
        memcpy(error->sqlstate, sqlstate, 6);
}

static bool sqlstate_is(const struct error *error, const char *prefix)
{
    return strncmp(error->sqlstate, prefix, strlen(prefix)) == 0;
}

bool pg_error_is_passing(const struct error *error)
{
    static const char *const states[] = {"57P01", "57P02", "57P03"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (sqlstate_is(error, states[i]))
            return true;
    }
    return false;
}

/* query_canceled. Who meant the statement to end does not want to see it again at once. */
static void explain_cancellation(struct error *error, bool timed_out)
{
    if (timed_out) {
        error->class = ERROR_TIMEOUT;
        error_hint(error, PG_TIMEOUT_HINT);
    } else {
        error_hint(error, "somebody canceled it in the server, before the time limit: make it "
                          "cheaper, or ask the DBA before running it again");
    }
}

struct error *pg_error_from_result(const void *ctx, const PGresult *result, bool timed_out)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (!message)
        message = PQresultErrorMessage(result);
    struct error *error = error_create(ctx, ERROR_STATEMENT, "%s", message);
    error->message = text_excerpt(error, error->message, MESSAGE_MAX);
    set_sqlstate(error, PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (detail && sqlstate_is(error, "42")) /* others quote data; these the statement's words */
        error_detail(error, "%s", text_excerpt(error, detail, TEXT_MAX));
    if (hint)
        error_hint(error, "%s", text_excerpt(error, hint, TEXT_MAX));
    if (position)
        error->position = (int)strtol(position, NULL, 10);
    if (sqlstate_is(error, "57014"))
        explain_cancellation(error, timed_out);
    else if (sqlstate_is(error, "08") || pg_error_is_passing(error))
        error->class = ERROR_UNAVAILABLE;
    error->retryable = error->class == ERROR_UNAVAILABLE || sqlstate_is(error, "40001") ||
                       sqlstate_is(error, "40P01") || sqlstate_is(error, "53") ||
                       sqlstate_is(error, "55P03");
    return error;
}

/* Finds "FATAL:  28P01: text" (the severity may be translated) and splits it. */
static const char *find_sqlstate(const char *text, char ret_sqlstate[6])
{
    for (const char *p = strstr(text, ":  "); p; p = strstr(p + 1, ":  ")) {
        const char *state = p + 3;
        size_t len = 0;
        while (
            len < 5 && (isupper((unsigned char)state[len]) || isdigit((unsigned char)state[len])))
            len++;
        if (len == 5 && state[5] == ':' && state[6] == ' ') {
            memcpy(ret_sqlstate, state, 5);
            ret_sqlstate[5] = '\0';
            return state + 7;
        }
    }
    return NULL;
}

/* libpq's lines as one, without its questions (indented by a tab; our hint asks better) and the
 * server's source location. */
static char *one_line(const void *ctx, const char *text)
{
    char *line = talloc_strdup(ctx, "");
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (text[0] != '\t' && strncmp(text, "LOCATION:", 9) != 0)
            line = talloc_asprintf_append(line, "%s%.*s", *line ? "; " : "", (int)len, text);
        text += len + (text[len] == '\n');
    }
    return line;
}

/* What to do about a refusal: by the server's SQLSTATE, which begins with a digit, or by what libpq
 * says before it has one. */
static const struct {
    const char *sign;
    const char *hint;
} connect_hints[] = {
    {"28", "check database.username and database.password (or PGPASSWORD, ~/.pgpass) and the "
           "server's pg_hba.conf"},
    {"3D000", "check database.database; `psql -l` lists the databases"},
    {"53300", "the server has no free connection: lower database.pool_size or raise the server's "
              "max_connections"},
    {"57P03", "the server is starting up or recovering; try again in a moment"},
    {"08P01", "if this is a connection pooler, set database.pooler to \"transaction\""},
    {"42501", "the role may not use this database or setting"},
    {"no password supplied", "give database.password or password_file, PGPASSWORD, or ~/.pgpass "
                             "(which only its owner may read)"},
    {"does not support SSL", "the server has no TLS: database.sslmode asks for it"},
    {"certificate", "check database.sslmode and database.sslrootcert"},
    {"definition of service", "check database.service and the file pg_service.conf"},
};

struct error *pg_error_from_connect(const void *ctx, const struct pg_pool *pool, PGconn *pq)
{
    struct error *error =
        error_create(ctx, ERROR_UNAVAILABLE, "cannot connect to PostgreSQL at %s", pool->target);
    char *text = one_line(error, PQerrorMessage(pq));
    const char *said = find_sqlstate(text, error->sqlstate);
    error_detail(error, "%s", text_excerpt(error, said ? said : text, TEXT_MAX));
    if (said && strstr(said, "unsupported startup parameter"))
        return error_hint(error, "this is a connection pooler: set database.pooler to "
                                 "\"transaction\"");
    for (size_t i = 0; i < sizeof connect_hints / sizeof connect_hints[0]; i++) {
        const char *sign = connect_hints[i].sign;
        /* What libpq says has addresses in it: "28" may be part of a port. */
        bool is_state = isdigit((unsigned char)sign[0]);
        if (is_state ? said && sqlstate_is(error, sign) : !said && strstr(text, sign)) {
            error->retryable = pg_error_is_passing(error) || sqlstate_is(error, "53");
            return error_hint(error, "%s", connect_hints[i].hint);
        }
    }
    error->retryable = !said || pg_error_is_passing(error);
    return error_hint(error, "is the server running there and reachable from here? In a container "
                             "\"localhost\" is the container itself");
}
