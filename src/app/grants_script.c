/*
 * The script of `pgparley grants`, for psql.
 *
 * The first part is about the role alone and safe on any database. PostgreSQL has no way to take
 * from one role what PUBLIC has, so the second part takes it from everybody: commented out, unless
 * it is asked for.
 */
#include "app/grants_internal.h"

#include "catalog/render.h"
#include "pgparley_version.h"

#include <string.h>
#include <talloc.h>

enum { SCRIPT_MAX = 256 << 20 };

/* ---- what follows from the policy ---- */

static bool shows(const struct grants *g, Oid relation)
{
    const struct catalog_fact_relation *fact = catalog_facts_relation(g->facts, relation);
    struct guard_finding finding = {0};
    return fact && (app_exposure_concerns(fact) || fact->kind == 'S') &&
           guard_policy_relation(g->policy, g->facts, fact, &finding);
}

static bool allows(const struct grants *g, const struct catalog_fact_function *fact)
{
    struct guard_finding finding = {0};
    return guard_policy_function(g->policy, fact, &finding);
}

static bool uses_schema(const struct grants *g, const char *name)
{
    if (strcmp(name, "pg_catalog") == 0)
        return true; /* some extensions live there */
    for (size_t i = 0; i < g->schema_count; i++) {
        if (strcmp(g->schemas[i].name, name) == 0)
            return g->schemas[i].is_used;
    }
    return false;
}

static void use_schema(const struct grants *g, const char *name)
{
    for (size_t i = 0; i < g->schema_count; i++)
        g->schemas[i].is_used |= strcmp(g->schemas[i].name, name) == 0;
}

static void find_used_schemas(const struct grants *g)
{
    for (size_t i = 0; i < g->relation_count; i++) {
        if (shows(g, g->relations[i].oid))
            use_schema(g, catalog_facts_relation(g->facts, g->relations[i].oid)->schema);
    }
    for (size_t i = 0; i < g->function_count; i++) {
        const struct catalog_fact_function *fact =
            catalog_facts_function(g->facts, g->functions[i].oid);
        if (fact && fact->oid >= CATALOG_FIRST_USER_OID && allows(g, fact))
            use_schema(g, fact->schema);
    }
}

/* Whether EXECUTE is to be taken from PUBLIC. What row security calls stays, and so does what views
 * call with the rights of who reads them: others would lose those tables and views. */
static bool takes(const struct grants *g, const struct function *function)
{
    const struct catalog_fact_function *fact = catalog_facts_function(g->facts, function->oid);
    if (!fact || !function->is_public || function->is_in_policy || allows(g, fact))
        return false;
    if (fact->oid < CATALOG_FIRST_USER_OID)
        return app_audit_is_dispensable(fact);
    return uses_schema(g, fact->schema) &&
           (fact->extension || function->is_definer || !function->is_in_view);
}

/* ---- the script: the role ---- */

#define ATTRIBUTES "NOSUPERUSER NOCREATEDB NOCREATEROLE\n    NOINHERIT NOREPLICATION NOBYPASSRLS"

static char *comment_safe(const struct grants *g, const char *text)
{
    char *copy = talloc_strdup(g->ctx, text);
    for (char *p = copy; *p; p++)
        *p = (unsigned char)*p < 0x20 ? '?' : *p;
    return copy;
}

static void write_head(struct grants *g)
{
    const struct config_database *db = &g->config->database;
    str_printf(&g->script,
        "-- The role %s: it can read what the policy shows of the database %s, and no more.\n"
        "-- Written by pgparley " PGPARLEY_VERSION " for PostgreSQL %s. For psql, as a superuser:\n"
        "--     pgparley grants … | psql -v ON_ERROR_STOP=1 -d %s\n"
        "-- It may be run again when the policy or the tables have changed, and changes nothing\n"
        "-- but the role. The role gets no password here; in psql: \\password %s\n\n"
        "\\set ON_ERROR_STOP on\n"
        "BEGIN;\n"
        "SET LOCAL search_path = pg_catalog;\n"
        "SET LOCAL standard_conforming_strings = on;\n\n",
        comment_safe(g, g->role), comment_safe(g, g->database), g->version,
        comment_safe(g, g->database), comment_safe(g, g->role));
    str_printf(&g->script,
        "SELECT format('CREATE ROLE %%s LOGIN " ATTRIBUTES "', %s)\n"
        "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE quote_ident(rolname) = %s) \\gexec\n"
        "SELECT format('ALTER ROLE %%s " ATTRIBUTES "', %s)\n"
        "FROM pg_roles WHERE quote_ident(rolname) = %s AND (rolsuper OR rolcreatedb\n"
        "    OR rolcreaterole OR rolinherit OR rolreplication OR rolbypassrls) \\gexec\n"
        "-- pool_size + max_overflow of one pgparley; more when several run at once.\n"
        "ALTER ROLE %s LOGIN CONNECTION LIMIT %d;\n\n",
        g->literal, g->literal, g->literal, g->literal, g->role, db->pool_size + db->max_overflow);
}

/* One statement that writes REVOKEs for what the role has. */
static void write_revoke(struct grants *g, const char *format, const char *arguments,
    const char *from, const char *acl)
{
    str_printf(&g->script,
        "SELECT format('%s',\n    %s, %s)\n"
        "FROM %s WHERE EXISTS (SELECT FROM aclexplode(%s) AS e\n"
        "    WHERE e.grantee = %s::regrole) \\gexec\n",
        format, arguments, g->literal, from, acl, g->literal);
}

static void write_revokes(struct grants *g)
{
    str_puts(&g->script, "-- What it had before.\n");
    str_printf(&g->script,
        "SELECT format('REVOKE %%I FROM %%s', r.rolname, %s)\n"
        "FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid\n"
        "WHERE m.member = %s::regrole \\gexec\n",
        g->literal, g->literal);
    write_revoke(g, "REVOKE ALL ON DATABASE %I FROM %s", "d.datname", "pg_database AS d",
        "CASE WHEN d.datname = current_database() THEN d.datacl END");
    write_revoke(g, "REVOKE ALL ON SCHEMA %I FROM %s", "n.nspname", "pg_namespace AS n",
        "n.nspacl");
    write_revoke(g, "REVOKE ALL ON %s %s FROM %s",
        "CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass",
        "pg_class AS c", "c.relacl");
    write_revoke(g, "REVOKE ALL (%I) ON %s FROM %s", "a.attname, a.attrelid::regclass",
        "pg_attribute AS a", "a.attacl");
    write_revoke(g, "REVOKE ALL ON ROUTINE %s FROM %s", "p.oid::regprocedure", "pg_proc AS p",
        "p.proacl");
    write_revoke(g, "REVOKE ALL ON FOREIGN SERVER %I FROM %s", "s.srvname",
        "pg_foreign_server AS s", "s.srvacl");
    str_putc(&g->script, '\n');
}

/* "(id, name)" with the rest hidden, "" when nothing is; NULL when all of it is. */
static const char *shown_columns(const struct grants *g,
    const struct catalog_fact_relation *relation)
{
    struct str list;
    size_t count = 0;
    str_init(&list, g->ctx, SCRIPT_MAX);
    for (size_t i = 0; i < relation->column_count; i++) {
        const char *name = relation->columns[i].name;
        if (!guard_policy_column(g->policy, g->facts, relation, name))
            continue;
        str_puts(&list, count++ > 0 ? ", " : " (");
        catalog_put_name(&list, g->catalog, name);
    }
    str_putc(&list, ')');
    if (count == relation->column_count)
        return "";
    return count > 0 ? str_get(&list) : NULL;
}

static void write_grants(struct grants *g)
{
    str_printf(&g->script, "-- What the policy shows.\nGRANT CONNECT ON DATABASE %s TO %s;\n",
        g->database, g->role);
    for (size_t i = 0; i < g->schema_count; i++) {
        if (g->schemas[i].is_used)
            str_printf(&g->script, "GRANT USAGE ON SCHEMA %s TO %s;\n", g->schemas[i].quoted,
                g->role);
    }
    for (size_t i = 0; i < g->relation_count; i++) {
        const struct relation *relation = &g->relations[i];
        if (!shows(g, relation->oid))
            continue;
        const char *columns = shown_columns(g, catalog_facts_relation(g->facts, relation->oid));
        if (columns)
            str_printf(&g->script, "GRANT SELECT%s ON %s TO %s;\n", columns, relation->quoted,
                g->role);
    }
}

/* Functions that are allowed, and those that row security and views call. */
static void write_function_grants(struct grants *g)
{
    for (size_t i = 0; i < g->function_count; i++) {
        const struct function *function = &g->functions[i];
        const struct catalog_fact_function *fact = catalog_facts_function(g->facts, function->oid);
        if (!fact || fact->oid < CATALOG_FIRST_USER_OID ||
            (function->is_public && !takes(g, function)))
            continue;
        bool is_needed = allows(g, fact);
        for (size_t k = 0; k < g->call_count && !is_needed; k++)
            is_needed = g->calls[k].function == function->oid && shows(g, g->calls[k].relation);
        if (is_needed)
            str_printf(&g->script, "GRANT EXECUTE ON ROUTINE %s TO %s;\n", function->quoted,
                g->role);
    }
}

static void write_settings(struct grants *g)
{
    const struct config_database *db = &g->config->database;
    str_printf(&g->script,
        "\n-- Its sessions, whoever opens them.\n"
        "ALTER ROLE %1$s SET default_transaction_read_only = on;\n"
        "ALTER ROLE %1$s SET statement_timeout = %2$d;\n"
        "ALTER ROLE %1$s SET lock_timeout = %3$d;\n"
        "ALTER ROLE %1$s SET idle_in_transaction_session_timeout = '60s';\n"
        "ALTER ROLE %1$s SET search_path = %4$s;\n"
        "ALTER ROLE %1$s SET standard_conforming_strings = on;\n"
        "ALTER ROLE %1$s SET row_security = on;\n"
        "ALTER ROLE %1$s SET work_mem = '32MB';\n"
        "-- Only a superuser can set these, and only a superuser can take them back: a limit on the\n"
        "-- disk that one query may fill, and PostgreSQL's analysis of queries kept out of its log.\n"
        "SELECT format('ALTER ROLE %%s SET %%s', %5$s, s)\n"
        "FROM unnest(ARRAY['temp_file_limit = ''1GB''', 'log_min_messages = fatal']) AS s\n"
        "WHERE current_setting('is_superuser') = 'on' \\gexec\n"
        "COMMIT;\n",
        g->role, db->statement_timeout_ms, db->lock_timeout_ms, g->search_path, g->literal);
}

/* ---- the script: PUBLIC ---- */

static void write_public(const struct grants *g, struct str *out)
{
    if (g->public_makes_temporary)
        str_printf(out, "REVOKE TEMPORARY ON DATABASE %s FROM PUBLIC;\n", g->database);
    for (size_t i = 0; i < g->schema_count; i++) {
        if (g->schemas[i].public_creates)
            str_printf(out, "REVOKE CREATE ON SCHEMA %s FROM PUBLIC;\n", g->schemas[i].quoted);
    }
    for (size_t i = 0; i < g->relation_count; i++) {
        const struct relation *relation = &g->relations[i];
        bool is_shown = shows(g, relation->oid);
        if (!is_shown && (relation->public_reads || relation->public_writes))
            str_printf(out, "REVOKE ALL ON %s FROM PUBLIC;\n", relation->quoted);
        else if (relation->public_writes)
            str_printf(out, "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC;\n",
                relation->quoted);
    }
    for (size_t i = 0; i < g->server_count; i++)
        str_printf(out, "REVOKE USAGE ON FOREIGN SERVER %s FROM PUBLIC;\n", g->servers[i]);
    for (size_t i = 0; i < g->function_count; i++) {
        if (takes(g, &g->functions[i]))
            str_printf(out, "REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC;\n", g->functions[i].quoted);
    }
}

static void write_hardening(struct grants *g)
{
    struct str lines;
    str_init(&lines, g->ctx, SCRIPT_MAX);
    write_public(g, &lines);
    if (lines.len == 0)
        return;
    const char *before = g->options->harden ? "" : "-- ";
    str_printf(&g->script,
        "\n-- What every role may do, and so this one, too. Each line takes it from ALL roles: look\n"
        "-- for the ones that need it, and GRANT it to them by name.\n%s%sBEGIN;\n"
        "%sSET LOCAL search_path = pg_catalog;\n",
        g->options->harden
            ? ""
            : "-- Not active; \"pgparley grants --harden\" writes it without the comment signs.\n",
        before, before);
    for (const char *line = str_get(&lines); *line;) {
        size_t len = strcspn(line, "\n");
        str_printf(&g->script, "%s%.*s\n", before, (int)len, line);
        line += len + (line[len] == '\n');
    }
    str_printf(&g->script, "%sCOMMIT;\n", before);
}

void app_grants_write(struct grants *g)
{
    str_init(&g->script, g->ctx, SCRIPT_MAX);
    find_used_schemas(g);
    write_head(g);
    write_revokes(g);
    write_grants(g);
    write_function_grants(g);
    write_settings(g);
    write_hardening(g);
}
