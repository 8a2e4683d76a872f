/*
 * What the role may do, asked of PostgreSQL; see audit.h.
 *
 * One pipeline of flat scans, each with the function that takes its rows. Works on PostgreSQL 12
 * to 18.
 */
#include "app/audit_internal.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { EXAMPLES = 3 };

static const char *value(const PGresult *row, int field)
{
    return PQgetvalue(row, 0, field);
}

static bool is_true(const PGresult *row, int field)
{
    return value(row, field)[0] == 't';
}

static Oid oid(const PGresult *row, int field)
{
    return (Oid)strtoul(value(row, field), NULL, 10);
}

static void count(const struct audit *a, struct tally *tally, const char *schema, const char *name)
{
    char *text = talloc_asprintf(a->ctx, "%s%s%s", schema ? schema : "", schema ? "." : "", name);
    bool again = tally->count++ > 0 && strcmp(tally->last, text) == 0;
    tally->last = text;
    if (again || tally->named == EXAMPLES)
        return;
    tally->names =
        tally->named++ > 0 ? talloc_asprintf(a->ctx, "%s, %s", tally->names, text) : text;
}

/* ---- the role itself ---- */

static const char role_sql[] =
    "SELECT r.rolname, pg_catalog.quote_ident(r.rolname), d.datname,"
    " pg_catalog.quote_ident(d.datname),"
    " pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1),"
    " r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,"
    " pg_catalog.has_database_privilege(d.oid, 'CREATE'),"
    " pg_catalog.has_database_privilege(d.oid, 'TEMPORARY'),"
    " pg_catalog.pg_has_role(d.datdba, 'MEMBER'),"
    " pg_catalog.inet_server_addr() IS NOT NULL,"
    " COALESCE((SELECT s.ssl FROM pg_catalog.pg_stat_ssl AS s"
    "           WHERE s.pid = pg_catalog.pg_backend_pid()), false),"
    " pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('temp_file_limit') <> '-1'"
    " FROM pg_catalog.pg_roles AS r CROSS JOIN pg_catalog.pg_database AS d"
    " WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()";

static void take_role(struct audit *a, const PGresult *row)
{
    a->result->role = talloc_strdup(a->result, value(row, 0));
    a->role = talloc_strdup(a->ctx, value(row, 1));
    a->result->database = talloc_strdup(a->result, value(row, 2));
    a->database = talloc_strdup(a->ctx, value(row, 3));
    a->result->server_version = talloc_strdup(a->result, value(row, 4));
    bool *const flags[] = {&a->is_super, &a->bypasses_rls, &a->creates_roles, &a->creates_databases,
        &a->replicates, &a->may_create, &a->may_make_temporary, &a->owns_database, &a->by_network,
        &a->is_encrypted, &a->is_standby, &a->limits_files};
    for (int i = 0; i < (int)(sizeof flags / sizeof flags[0]); i++)
        *flags[i] = is_true(row, 5 + i);
}

/* ---- the roles that it is a member of; those that pg_monitor brings along are left out ---- */

static const char memberships_sql[] =
    "SELECT r.rolname, r.oid < 16384,"
    " r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication"
    " FROM pg_catalog.pg_roles AS r WHERE pg_catalog.pg_has_role(r.oid, 'MEMBER')"
    " AND r.rolname <> current_user AND r.rolname <> 'pg_database_owner' AND NOT"
    " (r.oid IN (3374, 3375, 3377) AND pg_catalog.pg_has_role('pg_monitor', 'MEMBER'))"
    " ORDER BY r.rolname";

static void take_membership(struct audit *a, const PGresult *row)
{
    if (is_true(row, 1)) {
        a->predefined =
            talloc_realloc(a->ctx, a->predefined, const char *, (unsigned)a->predefined_count + 1);
        a->predefined[a->predefined_count++] = talloc_strdup(a->ctx, value(row, 0));
    } else {
        count(a, is_true(row, 2) ? &a->becomes_mighty : &a->becomes, NULL, value(row, 0));
    }
}

/* ---- the database, its schemas ---- */

static const char schemas_sql[] =
    "SELECT n.nspname, pg_catalog.has_schema_privilege(n.oid, 'CREATE'),"
    " pg_catalog.pg_has_role(n.nspowner, 'MEMBER') FROM pg_catalog.pg_namespace AS n"
    " WHERE n.nspname !~ '^pg_(toast|temp_)' ORDER BY n.nspname";

static void take_schema(struct audit *a, const PGresult *row)
{
    struct app_audit *r = a->result;
    r->schemas = talloc_realloc(r, r->schemas, const char *, (unsigned)r->schema_count + 1);
    r->schemas[r->schema_count++] = talloc_strdup(r->schemas, value(row, 0));
    if (is_true(row, 2))
        count(a, &a->schemas_owned, NULL, value(row, 0));
    else if (is_true(row, 1))
        count(a, &a->schemas_created_in, NULL, value(row, 0));
}

/* ---- tables and views ---- */

/* Few columns have privileges of their own, so those are looked for from the other end. */
#define HAS(table_rights, column_rights)                                          \
    "(pg_catalog.has_table_privilege(c.oid, '" table_rights "') OR c.oid IN"      \
    " (SELECT a.attrelid FROM pg_catalog.pg_attribute AS a WHERE a.attacl IS NOT" \
    " NULL AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, '" column_rights "')))"
#define MAY_READ \
    "pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AND " HAS("SELECT", "SELECT")
#define MAY_WRITE HAS("INSERT, UPDATE, DELETE, TRUNCATE", "INSERT, UPDATE")
#define LISTED \
    "c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'"

static const char relations_sql[] =
    "SELECT * FROM (SELECT c.oid, pg_catalog.pg_has_role(c.relowner, 'MEMBER') AS owns,"
    " " MAY_WRITE " AS writes, " MAY_READ " AS reads FROM pg_catalog.pg_class AS c"
    " WHERE " LISTED " OFFSET 0) AS c WHERE owns OR writes OR reads ORDER BY oid";

static void take_relation(struct audit *a, const PGresult *row)
{
    const struct catalog_fact_relation *relation = catalog_facts_relation(a->facts, oid(row, 0));
    struct guard_finding finding = {0};
    if (!relation)
        return; /* it is new */
    if (is_true(row, 1))
        count(a, &a->owned, relation->schema, relation->name);
    if (is_true(row, 2))
        count(a, &a->written, relation->schema, relation->name);
    if (is_true(row, 3)) {
        struct catalog_oids *readable = &a->result->readable;
        if ((readable->count & (readable->count - 1)) == 0)
            readable->items = talloc_realloc(a->result, readable->items, Oid,
                (unsigned)(readable->count ? 2 * readable->count : 1));
        readable->items[readable->count++] = relation->oid;
    }
    if (is_true(row, 3) && !guard_policy_relation(a->policy, a->facts, relation, &finding))
        count(a, relation->is_extension ? &a->hidden_extension : &a->hidden, relation->schema,
            relation->name);
}

/* Only asked for when columns are blocked. */
static const char columns_sql[] =
    "SELECT c.oid, a.attname"
    " FROM (SELECT c.oid, pg_catalog.has_table_privilege(c.oid, 'SELECT') AS whole"
    "       FROM pg_catalog.pg_class AS c WHERE " LISTED " AND " MAY_READ " OFFSET 0) AS c"
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND (c.whole OR a.attacl IS NOT NULL"
    " AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')) ORDER BY c.oid, a.attnum";

static void take_column(struct audit *a, const PGresult *row)
{
    const struct catalog_fact_relation *relation = catalog_facts_relation(a->facts, oid(row, 0));
    if (relation && !guard_policy_column(a->policy, a->facts, relation, value(row, 1)))
        count(a, &a->columns, relation->name, value(row, 1));
}

/* ---- functions that can be called by name ---- */

static const char functions_sql[] =
    "SELECT p.oid, p.prosecdef FROM pg_catalog.pg_proc AS p"
    " WHERE p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype,"
    " 'pg_catalog.event_trigger'::pg_catalog.regtype, 'pg_catalog.fdw_handler'::pg_catalog.regtype)"
    " AND 'pg_catalog.internal'::pg_catalog.regtype <> ALL (p.proargtypes::pg_catalog.oid[])"
    " AND pg_catalog.has_schema_privilege(p.pronamespace, 'USAGE')"
    " AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') ORDER BY p.oid";

static bool is_like(const char *name, const char *const *patterns)
{
    for (; *patterns; patterns++) {
        if (fnmatch(*patterns, name, 0) == 0)
            return true;
    }
    return false;
}

bool app_audit_is_dispensable(const struct catalog_fact_function *function)
{
    static const char *const patterns[] = {"lo_*", "loread", "lowrite", "pg_advisory_lock*",
        "pg_advisory_xact_*", "pg_try_advisory_*", "pg_notify", "pg_export_snapshot",
        "pg_logical_emit_message", "pg_available_wal_summaries", "pg_wal_summary_contents",
        "query_to_xml*", "cursor_to_xml*", "table_to_xml*", "schema_to_xml*", "database_to_xml*",
        "ts_stat", "txid_current", "pg_current_xact_id", NULL};
    return function->extension ||
           (function->oid < CATALOG_FIRST_USER_OID && is_like(function->name, patterns));
}

/* Files, and other databases. */
static bool reaches_out(const struct catalog_fact_function *function)
{
    static const char *const patterns[] = {"pg_read_file", "pg_read_binary_file", "pg_stat_file",
        "pg_ls_*", "pg_file_*", "lo_import", "lo_export", "dblink*", NULL};
    return (function->extension || function->oid < CATALOG_FIRST_USER_OID) &&
           is_like(function->name, patterns);
}

static void take_function(struct audit *a, const PGresult *row)
{
    const struct catalog_fact_function *function = catalog_facts_function(a->facts, oid(row, 0));
    struct guard_finding finding = {0};
    if (!function || guard_policy_function(a->policy, function, &finding))
        return;
    if (reaches_out(function))
        count(a, &a->reaching, NULL, function->name);
    else if (app_audit_is_dispensable(function))
        count(a, &a->dispensable, NULL, function->name);
    else if (function->oid >= CATALOG_FIRST_USER_OID)
        count(a, is_true(row, 1) ? &a->definer : &a->invoker, function->schema, function->name);
}

/* ---- foreign servers ---- */

static const char foreign_sql[] =
    "SELECT s.srvname FROM pg_catalog.pg_foreign_server AS s"
    " WHERE pg_catalog.has_server_privilege(s.oid, 'USAGE') ORDER BY s.srvname";

static void take_foreign(struct audit *a, const PGresult *row)
{
    count(a, &a->servers, NULL, value(row, 0));
}

/* ---- all together ---- */

static const struct part {
    const char *sql;
    void (*row)(struct audit *a, const PGresult *row);
} parts[] = {
    {role_sql, take_role},
    {memberships_sql, take_membership},
    {schemas_sql, take_schema},
    {relations_sql, take_relation},
    {functions_sql, take_function},
    {foreign_sql, take_foreign},
    {columns_sql, take_column},
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    parts[statement].row(arg, row);
    return true;
}

static void on_reset(void *arg)
{
    struct audit *a = arg;
    talloc_free(a->result);
    *a = (struct audit){.ctx = a->ctx,
        .result = talloc_zero(a->ctx, struct app_audit),
        .policy = a->policy,
        .facts = a->facts};
}

static bool ask(struct audit *a, struct pg_pool *pool, int64_t deadline, struct error **ret_err)
{
    struct pg_statement statements[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++)
        statements[i] = (struct pg_statement){.sql = parts[i].sql};
    size_t count = a->policy->blocked_columns.count > 0 ? PART_COUNT : PART_COUNT - 1;
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = a};
    return pg_read(a->ctx, pool, statements, count, &rows, deadline, ret_err);
}

bool app_audit_run(const void *ctx, const struct tools_env *env, int64_t deadline,
    struct app_audit **ret, struct error **ret_err)
{
    void *work = talloc_new(ctx);
    struct audit a = {.ctx = work,
        .result = talloc_zero(work, struct app_audit),
        .policy = guard_policy_get(env->guard)};
    struct guard_mode mode;
    struct error *error;
    bool ok = catalog_cache_facts(work, env->cache, deadline, &a.facts, &error) &&
              ask(&a, env->pool, deadline, &error) &&
              guard_mode_get(work, env->guard, deadline, &mode, &error);
    if (!ok) {
        *ret_err = error_copy(ctx, error);
        talloc_free(work);
        return false;
    }
    app_audit_judge(&a, &mode);
    *ret = talloc_steal(ctx, a.result);
    talloc_free(work);
    return true;
}
