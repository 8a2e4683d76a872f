/* `pgparley grants`: what has to be asked of PostgreSQL for the script; see grants.h. */
#include "app/grants_internal.h"

#include "app/wiring.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { EXIT_FAILED = 1, EXIT_CONFIG = 2 };

static const char *value(const PGresult *row, int field)
{
    return PQgetvalue(row, 0, field);
}

static char *keep(const struct grants *g, const PGresult *row, int field)
{
    return talloc_strdup(g->ctx, value(row, field));
}

static bool is_true(const PGresult *row, int field)
{
    return value(row, field)[0] == 't';
}

static Oid oid(const PGresult *row, int field)
{
    return (Oid)strtoul(value(row, field), NULL, 10);
}

/* Appends to an array that grows by doubling. */
#define APPEND(g, array, count, ...)                            \
    do {                                                        \
        if (((count) & ((count)-1)) == 0)                       \
            (array) = talloc_realloc_size((g)->ctx, (array),    \
                ((count) ? 2 * (count) : 1) * sizeof *(array)); \
        (array)[(count)++] = (__VA_ARGS__);                     \
    } while (0)

/* True when PUBLIC has one of `rights` in the ACL; `kind` is that of acldefault(). */
#define PUBLIC_HAS(acl, kind, owner, rights)                                                   \
    "EXISTS (SELECT FROM pg_catalog.aclexplode(COALESCE(" acl ", pg_catalog.acldefault('" kind \
    "', " owner "))) AS e WHERE e.grantee = 0"                                                 \
    " AND e.privilege_type IN (" rights "))"

/* With this path, PostgreSQL writes every name that is not its own with the schema. */
static const char database_sql[] =
    "SELECT pg_catalog.quote_ident(d.datname),"
    " pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1),"
    " pg_catalog.current_setting('search_path'), " PUBLIC_HAS("d.datacl", "d", "d.datdba",
        "'TEMPORARY'") ","
                       " pg_catalog.quote_ident($1), pg_catalog.quote_literal(pg_catalog.quote_ident($1)),"
                       " pg_catalog.set_config('search_path', 'pg_catalog', true)"
                       " FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()";

static void take_database(struct grants *g, const PGresult *row)
{
    g->database = keep(g, row, 0);
    g->version = keep(g, row, 1);
    g->search_path = keep(g, row, 2);
    g->public_makes_temporary = is_true(row, 3);
    g->role = keep(g, row, 4);
    g->literal = keep(g, row, 5);
}

static const char schemas_sql[] =
    "SELECT n.nspname, pg_catalog.quote_ident(n.nspname), " PUBLIC_HAS("n.nspacl", "n",
        "n.nspowner", "'CREATE'") " FROM pg_catalog.pg_namespace AS n WHERE n.nspname !~ '^pg_'"
                                  " AND n.nspname <> 'information_schema' ORDER BY n.nspname";

static void take_schema(struct grants *g, const PGresult *row)
{
    APPEND(g, g->schemas, g->schema_count,
        (struct schema){keep(g, row, 0), keep(g, row, 1), is_true(row, 2), false});
}

static const char relations_sql[] =
    "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), " PUBLIC_HAS("c.relacl", "r",
        "c.relowner", "'SELECT'") ", " PUBLIC_HAS("c.relacl", "r", "c.relowner",
        "'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'") " FROM pg_catalog.pg_class AS c"
                                                    " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid >= 16384"
                                                    " AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'"
                                                    " ORDER BY n.nspname, c.relname";

static void take_relation(struct grants *g, const PGresult *row)
{
    APPEND(g, g->relations, g->relation_count,
        (struct relation){oid(row, 0), keep(g, row, 1), is_true(row, 2), is_true(row, 3)});
}

/* Those that can be called by name. */
static const char functions_sql[] = "SELECT p.oid, p.oid::pg_catalog.regprocedure, " PUBLIC_HAS(
    "p.proacl", "f", "p.proowner",
    "'EXECUTE'") ", p.prosecdef"
                 " FROM pg_catalog.pg_proc AS p"
                 " WHERE p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype,"
                 " 'pg_catalog.event_trigger'::pg_catalog.regtype)"
                 " AND 'pg_catalog.internal'::pg_catalog.regtype <> ALL (p.proargtypes::pg_catalog.oid[])"
                 " ORDER BY p.oid";

static void take_function(struct grants *g, const PGresult *row)
{
    APPEND(g, g->functions, g->function_count,
        (struct function){.oid = oid(row, 0),
            .quoted = keep(g, row, 1),
            .is_public = is_true(row, 2),
            .is_definer = is_true(row, 3)});
}

static const char calls_sql[] =
    "SELECT p.polrelid, d.refobjid, true FROM pg_catalog.pg_policy AS p"
    " JOIN pg_catalog.pg_depend AS d ON d.objid = p.oid"
    " AND d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass"
    " WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
    " UNION SELECT r.ev_class, d.refobjid, false FROM pg_catalog.pg_rewrite AS r"
    " JOIN pg_catalog.pg_depend AS d ON d.objid = r.oid"
    " AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
    " WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND r.ev_type = '1'"
    " ORDER BY 1, 2";

static struct function *find_function(const struct grants *g, Oid wanted)
{
    for (size_t i = 0; i < g->function_count; i++) {
        if (g->functions[i].oid == wanted)
            return &g->functions[i];
    }
    return NULL;
}

static void take_call(struct grants *g, const PGresult *row)
{
    struct function *function = find_function(g, oid(row, 1));
    if (!function)
        return;
    *(is_true(row, 2) ? &function->is_in_policy : &function->is_in_view) = true;
    APPEND(g, g->calls, g->call_count, (struct call){oid(row, 0), function->oid});
}

static const char servers_sql[] =
    "SELECT pg_catalog.quote_ident(s.srvname) FROM pg_catalog.pg_foreign_server AS s WHERE " PUBLIC_HAS(
        "s.srvacl", "S", "s.srvowner", "'USAGE'") " ORDER BY s.srvname";

static void take_server(struct grants *g, const PGresult *row)
{
    APPEND(g, g->servers, g->server_count, keep(g, row, 0));
}

static const struct part {
    const char *sql;
    void (*row)(struct grants *g, const PGresult *row);
} parts[] = {
    {database_sql, take_database},
    {schemas_sql, take_schema},
    {relations_sql, take_relation},
    {functions_sql, take_function},
    {calls_sql, take_call},
    {servers_sql, take_server},
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    parts[statement].row(arg, row);
    return true;
}

static void on_reset(void *arg)
{
    struct grants *g = arg;
    g->schema_count = g->relation_count = g->function_count = g->call_count = g->server_count = 0;
    g->schemas = NULL;
    g->relations = NULL;
    g->functions = NULL;
    g->calls = NULL;
    g->servers = NULL;
}

static bool ask(struct grants *g, int64_t deadline, struct error **ret_err) may_yield
{
    const char *role = g->options->role ? g->options->role : "pgparley_reader";
    struct pg_statement statements[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++)
        statements[i] = (struct pg_statement){.sql = parts[i].sql};
    statements[0].param_count = 1;
    statements[0].params = &role;
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = g};
    return catalog_cache_facts(g->ctx, g->env.cache, deadline, &g->facts, ret_err) &&
           catalog_cache_catalog(g->ctx, g->env.cache, deadline, &g->catalog, ret_err) &&
           pg_read(g->ctx, g->env.pool, statements, PART_COUNT, &rows, deadline, ret_err);
}

static int write_script(void *arg)
{
    struct grants *g = arg;
    struct error *error;
    if (!ask(g, rt_deadline(g->config->mcp.call_timeout_ms), &error)) {
        log_error("%s", error_text(g->ctx, error));
        return EXIT_FAILED;
    }
    app_grants_write(g);
    if (g->script.full) {
        log_error("the script would be longer than %zu MiB", g->script.max >> 20);
        return EXIT_FAILED;
    }
    fputs(str_get(&g->script), stdout);
    return 0;
}

int app_grants(const struct app_grants_options *options)
{
    rt_init();
    void *ctx = talloc_new(NULL);
    struct grants g = {.ctx = ctx, .options = options};
    struct config *config;
    struct error *error;
    int code = EXIT_CONFIG;
    if (config_load(ctx, options->file, options->url, &config, &error) &&
        app_wire(ctx, config, &g.env, &error)) {
        g.config = config;
        g.policy = guard_policy_get(g.env.guard);
        code = app_run_once(&g.env, write_script, &g);
    } else {
        log_error("%s", error_text(ctx, error));
    }
    talloc_free(ctx);
    return code;
}
