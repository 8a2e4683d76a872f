/*
 * One connection: opened without blocking the loop, its session pinned.
 *
 * The pinned settings are what the guard's reading of a statement rests on (quoting rules,
 * encoding, search_path) and the limits. They are sent as startup options, which override what
 * the role or the database sets; through a transaction pooler, which has no sessions, they are
 * set in every transaction instead. PostgreSQL reports changes of the most important ones unasked,
 * so a session that was tampered with is recognised without a question.
 */
#include "pg/internal.h"

#include "pg/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <talloc.h>

struct setting {
    const char *name;
    char *value;
};

enum { SETTINGS_MAX = 16 };

static size_t settings(const void *ctx, const struct pg_options *options, struct setting *out)
{
    size_t n = 0;
#define SETTING(key, ...) out[n++] = (struct setting){key, talloc_asprintf(ctx, __VA_ARGS__)}
    SETTING("default_transaction_read_only", "on");
    SETTING("default_transaction_isolation", "repeatable read");
    SETTING("standard_conforming_strings", "on");
    SETTING("backslash_quote", "safe_encoding");
    SETTING("row_security", "on");
    SETTING("client_min_messages", "warning");
    SETTING("search_path", "%s", options->search_path);
    SETTING("statement_timeout", "%" PRId64, options->statement_timeout_ms);
    SETTING("lock_timeout", "%" PRId64, options->lock_timeout_ms);
    SETTING("idle_in_transaction_session_timeout", "%" PRId64,
        options->statement_timeout_ms + options->connection_timeout_ms);
#undef SETTING
    return n;
}

/* "-c name=value …" with the escapes of PostgreSQL's pg_split_opts(). */
static char *startup_options(const void *ctx, const struct pg_options *options)
{
    struct setting list[SETTINGS_MAX];
    size_t n = settings(ctx, options, list);
    char *text = talloc_strdup(ctx, "");
    for (size_t i = 0; i < n; i++) {
        text = talloc_asprintf_append(text, "%s-c %s=", i > 0 ? " " : "", list[i].name);
        for (const char *p = list[i].value; *p; p++)
            text = talloc_asprintf_append(text,
                isspace((unsigned char)*p) || *p == '\\' ? "\\%c" : "%c", *p);
    }
    return text;
}

bool pg_conn_send_settings(struct pg_conn *conn)
{
    void *ctx = talloc_new(conn);
    struct setting list[SETTINGS_MAX];
    const char *params[SETTINGS_MAX * 2];
    size_t n = settings(ctx, &conn->pool->options, list);
    char *sql = talloc_strdup(ctx, "SELECT");
    for (size_t i = 0; i < n; i++) {
        sql = talloc_asprintf_append(sql, "%s pg_catalog.set_config($%zu::text, $%zu::text, true)",
            i > 0 ? "," : "", 2 * i + 1, 2 * i + 2);
        params[2 * i] = list[i].name;
        params[2 * i + 1] = list[i].value;
    }
    sql = talloc_asprintf_append(sql, ", pg_catalog.pg_backend_pid()");
    int sent = PQsendQueryParams(conn->pq, sql, (int)(2 * n), NULL, params, NULL, NULL, 0);
    talloc_free(ctx);
    return sent == 1;
}

static bool remember_pid(void *arg, size_t statement, const PGresult *result)
{
    (void)statement;
    struct pg_conn *conn = arg;
    conn->backend_pid = (int)strtol(pg_value_text(result, PQnfields(result) - 1), NULL, 10);
    return true;
}

struct pg_rows pg_conn_settings_rows(struct pg_conn *conn)
{
    return (struct pg_rows){.row = remember_pid, .arg = conn};
}

/* ---- name resolution: libpq would block the loop, so the names are resolved before ---- */

struct lookup {
    char *host;
    struct addrinfo *found;
    int rc;
};

static void look_up(void *job)
{
    struct lookup *lookup = job;
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    lookup->rc = getaddrinfo(lookup->host, NULL, &want, &lookup->found);
}

static int lookup_free(struct lookup *lookup)
{
    if (lookup->found)
        freeaddrinfo(lookup->found);
    return 0;
}

static bool needs_lookup(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    return host[0] && host[0] != '/' && host[0] != '@' && !strchr(host, '%') &&
           inet_pton(AF_INET, host, address) != 1 && inet_pton(AF_INET6, host, address) != 1;
}

/* Parallel comma lists for libpq: every host once per address it has. */
struct targets {
    char *hosts, *addresses, *ports;
};

static void add_target(struct targets *t, const char *host, const char *address, const char *port)
{
    const char *comma = t->hosts ? "," : "";
    if (!t->hosts) {
        t->hosts = talloc_strdup(NULL, "");
        t->addresses = talloc_strdup(NULL, "");
        t->ports = talloc_strdup(NULL, "");
    }
    t->hosts = talloc_asprintf_append(t->hosts, "%s%s", comma, host);
    t->addresses = talloc_asprintf_append(t->addresses, "%s%s", comma, address);
    t->ports = talloc_asprintf_append(t->ports, "%s%s", comma, port);
}

static bool resolve_one(const void *ctx, const char *host, const char *port, int64_t deadline,
    struct targets *targets, struct error **ret_err)
{
    struct lookup *lookup = talloc_zero(NULL, struct lookup);
    lookup->host = talloc_strdup(lookup, host);
    talloc_set_destructor(lookup, lookup_free);
    int rc = rt_offload(look_up, lookup, deadline);
    if (rc != 0)
        return error_raise(ret_err,
            rc == -ECANCELED
                ? error_create(ctx, ERROR_CANCELED, "canceled")
                : error_hint(error_create(ctx, ERROR_UNAVAILABLE,
                                 "the name \"%s\" could not be resolved in time", host),
                      "check the machine's DNS, or give an address"));
    if (lookup->rc != 0) {
        struct error *error = error_hint(
            error_detail(error_create(ctx, ERROR_UNAVAILABLE, "cannot find the host \"%s\"", host),
                "%s", gai_strerror(lookup->rc)),
            "check database.host and the machine's DNS");
        talloc_free(lookup);
        return error_raise(ret_err, error);
    }
    for (struct addrinfo *a = lookup->found; a; a = a->ai_next) {
        char address[NI_MAXHOST];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0,
                NI_NUMERICHOST) == 0)
            add_target(targets, host, address, port);
    }
    talloc_free(lookup);
    return true;
}

/* Fails only when no host is left to try. */
static bool resolve(const void *ctx, const char *hosts, const char *ports, int64_t deadline,
    struct targets *targets, struct error **ret_err)
{
    char *rest_hosts = talloc_strdup(ctx, hosts), *rest_ports = talloc_strdup(ctx, ports);
    char *host, *port = rest_ports;
    struct error *error = NULL;
    while ((host = strsep(&rest_hosts, ",")) != NULL) {
        if (rest_ports) /* a single port serves every host */
            port = strsep(&rest_ports, ",");
        if (!needs_lookup(host))
            add_target(targets, host, "", port);
        else if (!resolve_one(ctx, host, port, deadline, targets, &error) &&
                 error->class == ERROR_CANCELED)
            break;
    }
    return targets->hosts || error_raise(ret_err, error);
}

/* ---- opening ---- */

enum { KEYWORDS_MAX = 64 };

struct keywords {
    const char *keys[KEYWORDS_MAX + 1], *values[KEYWORDS_MAX + 1];
    size_t count;
};

static void keyword_set(struct keywords *k, const char *key, const char *value)
{
    for (size_t i = 0; value && i < k->count; i++) {
        if (strcmp(k->keys[i], key) == 0) {
            k->values[i] = value;
            return;
        }
    }
    if (value && k->count < KEYWORDS_MAX) {
        k->keys[k->count] = key;
        k->values[k->count++] = value;
    }
}

static const char *keyword_get(const struct keywords *k, const char *key)
{
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->keys[i], key) == 0)
            return k->values[i];
    }
    return NULL;
}

static int free_conninfo(PQconninfoOption **options)
{
    PQconninfoFree(*options);
    return 0;
}

static void collect_keywords(void *ctx, const struct pg_pool *pool, struct keywords *k)
{
    const struct pg_options *o = &pool->options;
    keyword_set(k, "host", o->host);
    keyword_set(k, "port", o->port);
    keyword_set(k, "dbname", o->dbname);
    keyword_set(k, "user", o->user);
    keyword_set(k, "password", o->password);
    keyword_set(k, "sslmode", o->sslmode);
    keyword_set(k, "sslrootcert", o->sslrootcert);
    keyword_set(k, "service", o->service);
    if (o->url) {
        PQconninfoOption **parsed = talloc(ctx, PQconninfoOption *);
        *parsed = PQconninfoParse(o->url, NULL); /* checked by pg_pool_create() */
        talloc_set_destructor(parsed, free_conninfo);
        for (PQconninfoOption *p = *parsed; p->keyword; p++)
            keyword_set(k, p->keyword, p->val);
    }
    keyword_set(k, "client_encoding", "UTF8");
    if (!keyword_get(k, "application_name"))
        keyword_set(k, "application_name", o->application_name);
    if (!o->transaction_pooler) {
        const char *theirs =
            keyword_get(k, "options") ? keyword_get(k, "options") : getenv("PGOPTIONS");
        const char *ours = startup_options(ctx, o); /* last, so that they win */
        keyword_set(k, "options", theirs ? talloc_asprintf(ctx, "%s %s", theirs, ours) : ours);
    }
    /* Bounds what libpq does without us: PQcancel() and a peer that stopped acknowledging. */
    keyword_set(k, "tcp_user_timeout", talloc_asprintf(ctx, "%" PRId64, o->connection_timeout_ms));
}

static bool add_addresses(void *ctx, struct keywords *k, int64_t deadline, struct error **ret_err)
{
    const char *host = keyword_get(k, "host") ? keyword_get(k, "host") : getenv("PGHOST");
    const char *port = keyword_get(k, "port") ? keyword_get(k, "port") : getenv("PGPORT");
    if (!host || !*host || keyword_get(k, "hostaddr") || keyword_get(k, "service"))
        return true;
    struct targets targets = {0};
    bool ok = resolve(ctx, host, port ? port : "", deadline, &targets, ret_err);
    if (ok) {
        keyword_set(k, "host", targets.hosts);
        keyword_set(k, "hostaddr", targets.addresses);
        keyword_set(k, "port", targets.ports);
    }
    talloc_steal(ctx, targets.hosts);
    talloc_steal(ctx, targets.addresses);
    talloc_steal(ctx, targets.ports);
    return ok;
}

static int conn_destroy(struct pg_conn *conn)
{
    talloc_free(conn->poll); /* before libpq closes the descriptor */
    PQfinish(conn->pq);
    return 0;
}

/* libpq may change sockets between two steps, so each gets a watch of its own. */
static int connect_step(struct pg_conn *conn, PostgresPollingStatusType step, int64_t deadline)
{
    int fd = PQsocket(conn->pq);
    conn->poll = fd >= 0 ? rt_poll_create(conn, fd) : NULL;
    if (!conn->poll)
        return -ECONNRESET;
    int events = step == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE;
    int rc = rt_poll_wait(conn->poll, events, deadline);
    talloc_free(conn->poll);
    conn->poll = NULL;
    return rc;
}

static int connect_wait(struct pg_conn *conn, int64_t deadline)
{
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;
    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED || PQstatus(conn->pq) == CONNECTION_BAD)
            return -ECONNRESET;
        int rc = connect_step(conn, step, deadline);
        if (rc != 0)
            return rc;
        step = PQconnectPoll(conn->pq);
    }
    return 0;
}

static struct error *connect_error(const void *ctx, const struct pg_conn *conn, int rc)
{
    const struct pg_pool *pool = conn->pool;
    if (rc == -ECANCELED)
        return error_create(ctx, ERROR_CANCELED, "canceled");
    if (rc == -ETIMEDOUT)
        return error_hint(error_create(ctx, ERROR_UNAVAILABLE,
                              "PostgreSQL at %s did not answer within %" PRId64 " ms", pool->target,
                              pool->options.connection_timeout_ms),
            "the host may be down or a firewall may drop packets; database.connection_timeout sets "
            "how long to wait");
    return pg_error_from_connect(ctx, pool, conn->pq);
}

bool pg_conn_pinned(const struct pg_conn *conn)
{
    const char *strings = PQparameterStatus(conn->pq, "standard_conforming_strings");
    const char *encoding = PQparameterStatus(conn->pq, "client_encoding");
    const char *read_only = PQparameterStatus(conn->pq, "default_transaction_read_only");
    bool by_session = !conn->pool->options.transaction_pooler;
    return strings && strcmp(strings, "on") == 0 && encoding && strcmp(encoding, "UTF8") == 0 &&
           (!by_session || !read_only || strcmp(read_only, "on") == 0);
}

/* Lets the server notice by itself when this process is gone (PostgreSQL 14 and later, where the
 * operating system can tell). It is a help: a server that refuses it is as good. */
static int watch_for_our_end(struct pg_conn *conn, int64_t deadline)
{
    static const char sql[] =
        "SELECT pg_catalog.set_config('client_connection_check_interval', '1s', false)";
    if (conn->pool->options.transaction_pooler || PQserverVersion(conn->pq) < 140000)
        return 0;
    if (!PQsendQueryParams(conn->pq, sql, 0, NULL, NULL, NULL, NULL, 0) ||
        !PQpipelineSync(conn->pq))
        return -ECONNRESET;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) { /* the row or the refusal, its end, the sync */
        PGresult *result = NULL;
        rc = pg_conn_result(conn, deadline, &result);
        PQclear(result);
    }
    return rc;
}

bool pg_conn_open(const void *ctx, struct pg_pool *pool, int64_t deadline, struct pg_conn **ret,
    struct error **ret_err)
{
    void *scratch = talloc_new(ctx);
    struct keywords k = {0};
    collect_keywords(scratch, pool, &k);
    if (!add_addresses(scratch, &k, deadline, ret_err)) {
        *ret_err = error_copy(ctx, *ret_err);
        talloc_free(scratch);
        return false;
    }
    struct pg_conn *conn = talloc_zero(pool, struct pg_conn);
    conn->pool = pool;
    conn->pq = PQconnectStartParams(k.keys, k.values, 0);
    talloc_set_destructor(conn, conn_destroy);
    talloc_free(scratch);
    PQsetErrorVerbosity(conn->pq, PQERRORS_VERBOSE); /* for the SQLSTATE of a refusal */
    PQsetNoticeReceiver(conn->pq, pg_inspect_notice, conn);
    int rc = connect_wait(conn, deadline);
    if (rc != 0) {
        *ret_err = connect_error(ctx, conn, rc);
        talloc_free(conn);
        return false;
    }
    PQsetErrorVerbosity(conn->pq, PQERRORS_DEFAULT);
    /* That of a pooler is its own invention; the settings' row tells the true one. */
    conn->backend_pid = pool->options.transaction_pooler ? 0 : PQbackendPID(conn->pq);
    conn->poll = rt_poll_create(conn, PQsocket(conn->pq));
    if (!conn->poll || PQsetnonblocking(conn->pq, 1) != 0 || !PQenterPipelineMode(conn->pq) ||
        !pg_conn_pinned(conn)) {
        *ret_err = error_hint(
            error_create(ctx, ERROR_UNAVAILABLE,
                "the session at %s does not have the settings that it was asked for", pool->target),
            "a connection pooler may ignore startup options: set database.pooler to "
            "\"transaction\"");
        talloc_free(conn);
        return false;
    }
    rc = watch_for_our_end(conn, deadline);
    if (rc != 0) {
        *ret_err = connect_error(ctx, conn, rc);
        talloc_free(conn);
        return false;
    }
    *ret = conn;
    return true;
}

void pg_conn_close(struct pg_conn *conn)
{
    bool swollen = conn->swollen;
    talloc_free(conn);
    if (swollen)
        malloc_trim(0); /* its buffers were large, and what is free goes back */
}

/* A server has nothing to say to a connection at rest, unless it says farewell. */
bool pg_conn_quiet(const struct pg_conn *conn)
{
    char byte;
    return PQstatus(conn->pq) == CONNECTION_OK &&
           recv(PQsocket(conn->pq), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* ---- talking ---- */

/*
 * libpq holds a row as a whole, up to 1 GB, before anybody can look at it. What waits in the
 * socket tells of a large one early, unless the server sends as fast as libpq reads; the size of
 * the finished result tells in any case.
 */
enum { ROW_MAX_BYTES = 64 << 20 };

static bool row_is_too_large(struct pg_conn *conn)
{
    int waiting = 0;
    if (conn->row_reads++ == 0)
        return false; /* mostly the only one */
    if (ioctl(PQsocket(conn->pq), FIONREAD, &waiting) == 0)
        conn->row_bytes += (size_t)waiting;
    conn->swollen |= conn->row_bytes > PG_SWOLLEN_BYTES;
    return conn->row_bytes > ROW_MAX_BYTES;
}

int pg_conn_result(struct pg_conn *conn, int64_t deadline, PGresult **ret)
{
    for (;;) {
        int unsent = PQflush(conn->pq);
        if (unsent < 0)
            return -ECONNRESET;
        if (!PQisBusy(conn->pq))
            break;
        int rc = rt_poll_wait(conn->poll, UV_READABLE | (unsent ? UV_WRITABLE : 0), deadline);
        if (rc != 0)
            return rc;
        if (row_is_too_large(conn))
            return -EMSGSIZE;
        if (!PQconsumeInput(conn->pq))
            return -ECONNRESET;
    }
    conn->row_bytes = 0;
    conn->row_reads = 0;
    PGresult *result = PQgetResult(conn->pq);
    bool lost = PQstatus(conn->pq) != CONNECTION_OK;
    /* A server that shuts down says so before it hangs up: that result still counts. */
    if (lost && (!result || !PQresultErrorField(result, PG_DIAG_SQLSTATE))) {
        PQclear(result);
        return -ECONNRESET;
    }
    if (PQresultMemorySize(result) > ROW_MAX_BYTES) {
        PQclear(result);
        return -EMSGSIZE;
    }
    *ret = result;
    return 0;
}

struct cancel_job {
    PGcancel *cancel;
    char message[256];
};

/* PQcancel() waits for a silent host without a limit: some threads must be left for the others. */
enum { CANCELS_MAX = RT_OFFLOAD_THREADS / 2 };
static size_t cancels;

static void cancel_send(void *arg)
{
    struct cancel_job *job = arg;
    PQcancel(job->cancel, job->message, sizeof job->message);
}

static int cancel_free(struct cancel_job *job)
{
    PQfreeCancel(job->cancel);
    cancels--;
    return 0;
}

int pg_conn_cancel(struct pg_conn *conn, int64_t deadline)
{
    if (cancels >= CANCELS_MAX)
        return -EAGAIN;
    struct cancel_job *job = talloc_zero(NULL, struct cancel_job);
    cancels++;
    job->cancel = PQgetCancel(conn->pq);
    talloc_set_destructor(job, cancel_free);
    if (!job->cancel) {
        talloc_free(job);
        return -ECONNRESET;
    }
    int rc = rt_offload(cancel_send, job, deadline);
    if (rc == 0)
        talloc_free(job);
    return rc;
}
