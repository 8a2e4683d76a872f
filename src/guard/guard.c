/*
 * The layers in their order; see guard.h.
 *
 *   text → known text? → grammar, structure → names → everything else → run → columns
 *
 * A text that is new is analysed by PostgreSQL in the transaction that then runs it, under the
 * locks that the analysis took. When an object comes up that the facts do not have, they are
 * loaded anew and the query is tried once more.
 */
#include "guard/internal.h"

#include "base/log.h"

#include <string.h>
#include <talloc.h>

enum { LARGE_BYTES = 4096 }; /* a query from which on its tree is worth giving back */

struct guard {
    const struct guard_policy *policy;
    struct guard_policy explaining; /* the same for EXPLAIN */
    struct pg_pool *pool;
    struct catalog_cache *cache;
    struct guard_verdicts *verdicts;
    struct guard_gate gate;
};

struct guard *guard_create(const void *ctx, const struct guard_policy *policy, struct pg_pool *pool,
    struct catalog_cache *cache)
{
    struct guard *guard = talloc(ctx, struct guard);
    *guard = (struct guard){.policy = policy,
        .pool = pool,
        .cache = cache,
        .explaining = *policy,
        .verdicts = guard_verdicts_create(guard)};
    guard->explaining.explains = true;
    return guard;
}

void guard_gate_set(struct guard *guard, const struct guard_gate *gate)
{
    guard->gate = *gate;
}

bool guard_gate_pass(const void *ctx, const struct guard *guard, int64_t deadline,
    struct error **ret_err)
{
    return !guard->gate.pass || guard->gate.pass(guard->gate.arg, ctx, deadline, ret_err);
}

const struct guard_policy *guard_policy_get(const struct guard *guard)
{
    return guard->policy;
}

struct error *guard_refusal(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_finding *finding)
{
    char *text = guard_finding_text(NULL, finding);
    for (char *p = text; *p; p++) { /* a name could end the line and forge another */
        if ((unsigned char)*p < ' ' || *p == '\x7f')
            *p = '?';
    }
    log_warning("refused: %s", text);
    talloc_free(text);
    return guard_finding_error(ctx, policy, facts, finding);
}

bool guard_mode_get(const void *ctx, struct guard *guard, int64_t deadline, struct guard_mode *ret,
    struct error **ret_err)
{
    static const char *const reasons[] = {
        [PG_LOG_QUIET] = "log_min_messages keeps LOG messages of this role out of the server's log",
        [PG_LOG_SETTABLE] = "this role may keep its LOG messages out of the server's log",
        [PG_LOG_NOISY] = "the server's analysis would write every query into the server's log; "
                         "ALTER ROLE … SET log_min_messages = fatal (as a superuser) prevents that "
                         "and makes it exact",
    };
    enum guard_analysis wanted = guard->policy->analysis;
    enum pg_log log;
    if (wanted != GUARD_ANALYSIS_AUTO) {
        *ret = (struct guard_mode){wanted == GUARD_ANALYSIS_SERVER, "security.analysis says so"};
        return true;
    }
    if (!pg_log_get(ctx, guard->pool, deadline, &log, ret_err))
        return false;
    *ret = (struct guard_mode){log != PG_LOG_NOISY, reasons[log]};
    return true;
}

/* ---- one query ---- */

struct reading {
    const void *ctx;
    struct guard *guard;
    const struct guard_query *query;
    const struct pg_rows *rows; /* the caller's */
    int64_t deadline;
    const struct guard_policy *policy; /* for what kind of statement it is */
    bool last_try;

    const char *sql; /* the caller's text, terminated */
    struct guard_verdict verdict;
    struct guard_names names;
    const char *text;   /* what is sent of it: up to its end, system views rewritten (shown.c) */
    const char *hidden; /* the parameter of a rewritten text, or NULL */

    bool known;   /* the verdict comes from an earlier query of the same text */
    bool judged;  /* everything that the query uses was found harmless */
    bool refused; /* by us: the error's position counts in the caller's text */
    bool stale;   /* the facts do not have an object that came up */
    const struct catalog_facts *facts;
    size_t rows_seen;
    struct error *refusal; /* of the result's columns */
};

/* ---- grammar, structure, names: on the main stack, as all that walks the tree ---- */

struct examination {
    const void *ctx;
    const char *sql;
    json_t *tree;
    struct guard_statement statement;
    struct reading *reading;
    bool local;
    bool ok;
    struct error *error;
};

static void examine(void *arg)
{
    struct examination *e = arg;
    e->ok = guard_parse(e->ctx, e->sql, &e->tree, &e->error) &&
            guard_structure(e->ctx, e->tree, e->sql, &e->statement, &e->error) &&
            (e->statement.kind != GUARD_EXPLAIN ||
                guard_explain(e->ctx, e->sql, &e->statement, &e->error));
}

/* Nothing that the facts do not have may run unseen when PostgreSQL is not asked what it is. */
static bool know_names(struct examination *e, const struct guard_names *names)
{
    if (!names->unknown || !e->local)
        return true;
    e->reading->stale = true;
    e->error = guard_unseen(e->ctx, names->unknown);
    e->error->position = names->position;
    return false;
}

/* The local resolver does not see how values of the relations' types are compared. */
static bool compares_harmlessly(struct examination *e)
{
    const struct reading *r = e->reading;
    const struct guard_names *names = &r->names;
    struct catalog_uses uses = {.relation_count = names->count};
    uses.relations =
        talloc_zero_array(e->ctx, struct catalog_used_relation, (unsigned)names->count);
    for (size_t i = 0; i < names->count; i++)
        uses.relations[i].oid = names->relations[i]->oid;
    struct guard_finding finding;
    if (guard_hidden_calls_check(r->policy, r->facts, &uses, &finding))
        return true;
    e->error = guard_refusal(e->ctx, r->policy, r->facts, &finding);
    return false;
}

/* PostgreSQL's own trees tell exactly where row security applies. */
static bool may_be_explained(struct examination *e)
{
    const struct reading *r = e->reading;
    const struct guard_plan plan = {
        .verbose = e->statement.verbose && !r->query->unshown,
        .row_security = e->local,
    };
    return guard_names_explain(e->ctx, r->policy, r->facts, &r->names, &plan, &e->error);
}

static void resolve(void *arg)
{
    struct examination *e = arg;
    struct reading *r = e->reading;
    bool explains = e->statement.kind == GUARD_EXPLAIN;
    const struct guard_policy *policy = explains ? &r->guard->explaining : r->guard->policy;
    const json_t *query = e->statement.query;
    r->policy = policy;
    r->names = (struct guard_names){0};
    e->ok = guard_names_check(e->ctx, policy, r->facts, query, e->sql, &r->names, &e->error) &&
            (!explains || may_be_explained(e)) && know_names(e, &r->names) &&
            (!e->local || (guard_local(e->ctx, policy, r->facts, query, e->sql, r->names.relations,
                               r->names.count, &e->error) &&
                              compares_harmlessly(e)));
}

static void free_tree(void *arg)
{
    struct examination *e = arg;
    json_decref(e->tree);
}

bool guard_examine(const void *ctx, size_t max_query_bytes, const char *sql, size_t len,
    struct error **ret_err)
{
    if (!guard_text(ctx, max_query_bytes, sql, len, ret_err))
        return false;
    struct examination e = {.ctx = ctx, .sql = talloc_strndup(ctx, sql, len)};
    rt_run_on_main(examine, &e);
    rt_run_on_main(free_tree, &e);
    return e.ok || error_raise(ret_err, e.error);
}

static bool load_facts(struct reading *r, struct error **ret_err)
{
    return catalog_cache_facts(r->ctx, r->guard->cache, r->deadline, &r->facts, ret_err);
}

/* The part of the examination that needs to know the database. */
static bool consult(struct reading *r, struct examination *e, struct error **ret_err)
{
    struct guard_mode mode;
    if (!load_facts(r, ret_err) || !guard_mode_get(r->ctx, r->guard, r->deadline, &mode, ret_err))
        return false;
    e->local = !mode.exact;
    rt_run_on_main(resolve, e);
    return e->ok || error_raise(ret_err, e->error);
}

/* Decides on a text that is not known yet, as far as it can be decided before it runs. */
static bool decide_new(struct reading *r, struct error **ret_err)
{
    if (!guard_text(r->ctx, r->guard->policy->max_query_bytes, r->query->sql, r->query->len,
            ret_err))
        return false;
    struct examination e = {.ctx = r->ctx, .sql = r->sql, .reading = r};
    rt_run_on_main(examine, &e);
    const struct guard_statement *statement = &e.statement;
    bool show = statement->kind == GUARD_SHOW;
    bool ok = e.ok ? show || consult(r, &e, ret_err) : error_raise(ret_err, e.error);
    rt_run_on_main(free_tree, &e);
    if (r->query->len > LARGE_BYTES)
        rt_trim();
    r->judged = ok && (show || e.local);
    r->verdict = (struct guard_verdict){
        .kind = statement->kind,
        .start = statement->start,
        .len = statement->len,
        .query_start = statement->query_start,
        .wrap = e.local || statement->limited,
        .version = catalog_cache_version(r->guard->cache),
    };
    return ok;
}

static bool decide(struct reading *r, struct error **ret_err)
{
    struct catalog_cache *cache = r->guard->cache;
    const struct guard_verdict *known = guard_verdicts_find(r->guard->verdicts, r->query->sql,
        r->query->len, catalog_cache_version(cache));
    if (!known)
        return decide_new(r, ret_err);
    r->verdict = *known;
    if (!load_facts(r, ret_err))
        return false;
    r->known = r->judged = r->verdict.version == catalog_cache_version(cache);
    return r->known || decide_new(r, ret_err);
}

/* ---- what PostgreSQL says that the query uses ---- */

static bool judge(void *arg, const char *const trees[2], struct error **ret_err)
{
    struct reading *r = arg;
    const struct guard_policy *policy = r->policy;
    struct guard_finding finding;
    bool tidy;
    r->judged = guard_analysis(r->ctx, policy, r->facts, trees, &tidy, &finding);
    r->verdict.tidy = r->judged && tidy && r->verdict.kind == GUARD_QUERY;
    if (r->judged && r->verdict.kind == GUARD_EXPLAIN &&
        guard_analysis_has_row_security(trees[1])) {
        r->judged = false;
        r->refused = true;
        return error_raise(ret_err,
            error_hint(error_create(r->ctx, ERROR_REFUSED,
                           "a query of tables with row security cannot be explained here"),
                "run the query itself; the plan would show the conditions of the policies"));
    }
    if (r->judged)
        return true;
    r->stale = finding.rule == GUARD_RULE_UNKNOWN;
    if (r->stale && !r->last_try)
        return error_raise(ret_err, guard_finding_error(r->ctx, policy, r->facts, &finding));
    int position = guard_locate(r->ctx, r->sql, &finding);
    struct error *error = guard_refusal(r->ctx, policy, r->facts, &finding);
    error->position = position;
    r->refused = true;
    return error_raise(ret_err, error);
}

/* ---- rows: the last layer looks at where the result's columns come from ---- */

static void on_columns(void *arg, size_t statement, const PGresult *result)
{
    struct reading *r = arg;
    const struct guard_policy *policy = r->guard->policy;
    for (int i = 0; r->facts && i < PQnfields(result) && !r->refusal; i++) {
        const struct catalog_fact_relation *relation =
            catalog_facts_relation(r->facts, PQftable(result, i));
        struct guard_finding finding = {0};
        if (relation &&
            !guard_policy_result(policy, r->facts, relation, PQftablecol(result, i), &finding))
            r->refusal = guard_refusal(r->ctx, policy, r->facts, &finding);
    }
    if (!r->refusal && r->rows->columns)
        r->rows->columns(r->rows->arg, statement, result);
}

static bool on_row(void *arg, size_t statement, const PGresult *result)
{
    struct reading *r = arg;
    if (r->refusal)
        return false;
    bool more = r->rows->row(r->rows->arg, statement, result);
    /* The statement itself ends here; there is nothing to cancel. */
    bool last = r->verdict.kind == GUARD_QUERY && ++r->rows_seen > r->query->max_rows;
    return more || last;
}

static void on_reset(void *arg)
{
    struct reading *r = arg;
    r->rows_seen = 0;
    r->refusal = NULL;
    if (r->rows->reset)
        r->rows->reset(r->rows->arg);
}

/* ---- running ---- */

/* The caller's text as it is sent. */
static bool prepare_text(struct reading *r, struct error **ret_err)
{
    r->text = talloc_strndup(r->ctx, r->sql, r->verdict.start + r->verdict.len);
    r->hidden = r->names.place_count > 0 && !r->known
                    ? guard_shown_hidden(r->ctx, r->guard->policy, r->facts)
                    : NULL;
    return !r->hidden || guard_shown_rewrite(r->ctx, r->text, r->names.places, r->names.place_count,
                             &r->text, ret_err);
}

/*
 * A query gets a LIMIT, so that the planner knows that it may stop early. One that has its own
 * becomes a subquery; so does one that nobody but us has analysed: in parentheses it cannot be
 * anything else than a query. The line feed ends a comment at the end of the caller's text.
 */
#define WRAP_BEFORE "SELECT * FROM ("
#define WRAP_AFTER ") AS pgparley "

static bool is_wrapped(const struct guard_verdict *verdict)
{
    return verdict->kind == GUARD_QUERY && verdict->wrap;
}

static const char *statement_text(const struct reading *r)
{
    const char *statement = r->text + r->verdict.start;
    bool wrapped = is_wrapped(&r->verdict);
    return r->verdict.kind == GUARD_QUERY
               ? talloc_asprintf(r->ctx, "%s%s\n%sLIMIT %zu", wrapped ? WRAP_BEFORE : "", statement,
                     wrapped ? WRAP_AFTER : "", r->query->max_rows + 1)
               : statement;
}

/* The query below EXPLAIN, with blanks before it, so that positions are the same. */
static const char *explained_text(const struct reading *r)
{
    const struct guard_verdict *v = &r->verdict;
    int blanks = guard_position(r->text + v->start, (json_int_t)(v->query_start - v->start)) - 1;
    return talloc_asprintf(r->ctx, "%*s%s", blanks, "", r->text + v->query_start);
}

/* From a position in what was sent to one in what the caller wrote. */
static void map_position(const struct reading *r, struct error *error)
{
    if (error->position <= 0)
        return;
    int before = is_wrapped(&r->verdict) ? (int)strlen(WRAP_BEFORE) : 0;
    int skipped = guard_position(r->text, (json_int_t)r->verdict.start) - 1;
    int position = error->position - before + skipped;
    int end = guard_position(r->text, (json_int_t)strlen(r->text));
    if (position <= 0 || position > end)
        error->position = 0;
    else if (r->hidden)
        error->position = guard_shown_position(r->names.places, r->names.place_count, position);
    else
        error->position = position;
}

/* PostgreSQL's error as the client may see it. */
static struct error *from_postgres(const struct reading *r, struct error *error)
{
    map_position(r, error);
    static const char gone[] = "does not exist";
    size_t len = strlen(error->message);
    if (strcmp(error->sqlstate, "42703") == 0 && r->guard->policy->blocked_columns.count > 0) {
        error->hint = NULL; /* it would name columns that are not shown */
        if (len > strlen(gone) && strcmp(error->message + len - strlen(gone), gone) == 0)
            error->message = talloc_asprintf(error, "%s or is not shown here", error->message);
    }
    bool no_relation = strcmp(error->sqlstate, "42P01") == 0 && r->names.unknown;
    if (!no_relation || error->position != r->names.position)
        return error;
    struct error *unseen = guard_unseen(r->ctx, r->names.unknown);
    unseen->position = error->position;
    return unseen;
}

static bool run(struct reading *r, struct error **ret_err)
{
    if (!prepare_text(r, ret_err))
        return false;
    const struct pg_statement statement = {.sql = statement_text(r),
        .param_count = r->hidden != NULL,
        .params = &r->hidden,
        .tidy = r->verdict.tidy,
        .repeated = r->known};
    const struct pg_rows rows = {on_columns, on_row, on_reset, r};
    const struct pg_inspection inspection = {
        .sql = r->verdict.kind == GUARD_EXPLAIN ? explained_text(r) : NULL,
        .judge = judge,
        .arg = r,
    };
    struct guard *guard = r->guard;
    bool ok = r->judged ? pg_read(r->ctx, guard->pool, &statement, 1, &rows, r->deadline, ret_err)
                        : pg_read_inspected(r->ctx, guard->pool, &statement, &inspection, &rows,
                              r->deadline, ret_err);
    if (ok && r->refusal)
        return error_raise(ret_err, r->refusal);
    if (!ok && !r->refused)
        *ret_err = from_postgres(r, *ret_err);
    if (r->judged && !r->known && !r->hidden && !r->query->unshown)
        guard_verdicts_put(guard->verdicts, r->query->sql, r->query->len, &r->verdict);
    return ok;
}

bool guard_read(const void *ctx, struct guard *guard, const struct guard_query *query,
    const struct pg_rows *rows, int64_t deadline, struct error **ret_err)
{
    /* A text that is known was looked at when it was new; one that is too long cannot be. */
    size_t max = guard->policy->max_query_bytes;
    if (query->len > max && !guard_text(ctx, max, query->sql, query->len, ret_err))
        return false;
    struct reading r = {.ctx = ctx,
        .guard = guard,
        .query = query,
        .rows = rows,
        .deadline = deadline,
        .sql = talloc_strndup(ctx, query->sql, query->len)};
    for (;;) {
        r.stale = r.known = r.judged = r.refused = false;
        if (decide(&r, ret_err) && guard_gate_pass(ctx, guard, deadline, ret_err) &&
            run(&r, ret_err))
            return true;
        if (!r.stale || r.last_try)
            return false;
        catalog_cache_expire(guard->cache);
        r.last_try = true;
    }
}
