/*
 * What the role may do, held against what a reader needs; see audit.h.
 *
 * A superuser may do everything, so that is the only finding about what it may do.
 */
#include "app/audit_internal.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

static void add(struct audit *a, enum app_severity severity, const char *cure, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
static void add(struct audit *a, enum app_severity severity, const char *cure, const char *format,
    ...)
{
    struct app_audit *r = a->result;
    va_list args;
    va_start(args, format);
    char *text = talloc_vasprintf(r, format, args);
    va_end(args);
    r->findings =
        talloc_realloc(r, r->findings, struct app_finding, (unsigned)r->finding_count + 1);
    r->findings[r->finding_count++] = (struct app_finding){severity, text, cure};
    r->danger_count += severity == APP_DANGER;
}

#define cure(a, ...) talloc_asprintf((a)->result, __VA_ARGS__)

/* "a, b, c and 5 more" */
static const char *list(const struct audit *a, const struct tally *tally)
{
    if (tally->count == tally->named)
        return tally->names;
    return talloc_asprintf(a->ctx, "%s and %zu more", tally->names, tally->count - tally->named);
}

static void judge_attributes(struct audit *a)
{
    const struct {
        bool has;
        enum app_severity severity;
        const char *attribute, *meaning;
    } attributes[] = {
        {a->bypasses_rls, APP_DANGER, "BYPASSRLS", "row level security does not hold for it"},
        {a->creates_roles, APP_DANGER, "CREATEROLE", "it can make roles that may do more"},
        {a->creates_databases, APP_WARNING, "CREATEDB", "it can make databases, and owns them"},
        {a->replicates, APP_DANGER, "REPLICATION", "it can copy the whole server"},
    };
    bool has_any = false;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (!attributes[i].has)
            continue;
        has_any = true;
        add(a, attributes[i].severity,
            cure(a, "ALTER ROLE %s NO%s;", a->role, attributes[i].attribute), "It has %s: %s.",
            attributes[i].attribute, attributes[i].meaning);
    }
    if (!has_any)
        add(a, APP_FINE, NULL,
            "It is no superuser, and has none of BYPASSRLS, CREATEROLE, CREATEDB and REPLICATION.");
}

static const struct {
    const char *name, *meaning;
} predefined_roles[] = {
    {"pg_execute_server_program", "run programs on the server"},
    {"pg_maintain", "lock and rewrite every table"},
    {"pg_monitor", "see the settings, the sessions and the statements of others"},
    {"pg_read_all_data", "read every table"},
    {"pg_read_all_settings", "see every setting"},
    {"pg_read_all_stats", "see the statements of others"},
    {"pg_read_server_files", "read files of the server"},
    {"pg_signal_backend", "cancel and end the sessions of others"},
    {"pg_write_all_data", "change every table"},
    {"pg_write_server_files", "write files of the server"},
};

static void judge_memberships(struct audit *a)
{
    for (size_t i = 0; i < a->predefined_count; i++) {
        const char *meaning = NULL;
        for (size_t k = 0; k < sizeof predefined_roles / sizeof predefined_roles[0]; k++) {
            if (strcmp(predefined_roles[k].name, a->predefined[i]) == 0)
                meaning = predefined_roles[k].meaning;
        }
        add(a, meaning ? APP_DANGER : APP_WARNING,
            cure(a, "REVOKE %s FROM %s;", a->predefined[i], a->role),
            "It is a member of %s: it may %s.", a->predefined[i],
            meaning ? meaning : "do what PostgreSQL's manual says of that role");
    }
    const struct tally *mighty = &a->becomes_mighty, *other = &a->becomes;
    const char *advice = cure(a, "REVOKE … FROM %s;", a->role);
    if (mighty->count > 0)
        add(a, APP_DANGER, advice,
            "It can become %s with SET ROLE, which may do what no reader should.", list(a, mighty));
    if (other->count > 0)
        add(a, APP_WARNING, advice, "It is a member of %s, and may do what that may.",
            list(a, other));
}

static void judge_database(struct audit *a)
{
    if (a->owns_database)
        add(a, APP_DANGER, cure(a, "ALTER DATABASE %s OWNER TO …;", a->database),
            "It owns the database, and may drop it.");
    else if (a->may_create)
        add(a, APP_DANGER, cure(a, "REVOKE CREATE ON DATABASE %s FROM %s;", a->database, a->role),
            "It may create schemas and install trusted extensions.");
    if (a->schemas_owned.count > 0)
        add(a, APP_DANGER, "ALTER SCHEMA … OWNER TO …;",
            "It owns schemas, and may drop all that is in them: %s.", list(a, &a->schemas_owned));
    if (a->schemas_created_in.count > 0)
        add(a, APP_DANGER,
            cure(a, "REVOKE CREATE ON SCHEMA … FROM PUBLIC, %s; pgparley grants --harden writes it",
                a->role),
            "It may create functions and operators, which the queries of others may then use, in "
            "the schemas %s.",
            list(a, &a->schemas_created_in));
    if (a->may_make_temporary)
        add(a, APP_WARNING,
            cure(a, "REVOKE TEMPORARY ON DATABASE %s FROM PUBLIC, %s;", a->database, a->role),
            "It may make temporary tables, and fill the disk with them.");
}

static void judge_relations(struct audit *a)
{
    if (a->owned.count > 0)
        add(a, APP_DANGER, "ALTER TABLE … OWNER TO …;",
            "It owns tables or views, and may change and drop them: %s.", list(a, &a->owned));
    if (a->written.count > 0)
        add(a, APP_DANGER,
            cure(a, "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA … FROM %s;",
                a->role),
            "It may change rows of %s.", list(a, &a->written));
    else if (a->owned.count == 0)
        add(a, APP_FINE, NULL, "It owns no table, and may change none.");
    if (a->hidden.count > 0)
        add(a, APP_DANGER, cure(a, "REVOKE SELECT ON … FROM %s;", a->role),
            "It may read what the policy hides: %s.", list(a, &a->hidden));
    if (a->columns.count > 0)
        add(a, APP_DANGER,
            cure(a, "REVOKE SELECT ON … FROM %s; GRANT SELECT (…) ON … TO %s;", a->role, a->role),
            "It may read columns that the policy hides: %s.", list(a, &a->columns));
    if (a->hidden.count + a->columns.count == 0)
        add(a, APP_FINE, NULL, "It may read nothing that the policy hides.");
    if (a->hidden_extension.count > 0)
        add(a, APP_WARNING, "REVOKE SELECT ON … FROM PUBLIC;",
            "It may read what belongs to extensions, which the policy hides: %s.",
            list(a, &a->hidden_extension));
}

static void judge_functions(struct audit *a)
{
    static const char advice[] =
        "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC; pgparley grants --harden writes it";
    if (a->reaching.count > 0)
        add(a, APP_DANGER, advice,
            "It may execute functions that reach files or other databases: %s.",
            list(a, &a->reaching));
    if (a->definer.count > 0)
        add(a, APP_DANGER, advice,
            "It may execute functions of this database that work with the rights of their owner "
            "(SECURITY DEFINER): %s.",
            list(a, &a->definer));
    if (a->invoker.count > 0)
        add(a, APP_WARNING,
            "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC; pgparley grants --harden writes it, but for "
            "what row security and views need",
            "It may execute functions of this database that the policy does not allow: %s.",
            list(a, &a->invoker));
    if (a->dispensable.count > 0)
        add(a, APP_WARNING, advice,
            "It may execute functions that lock, write or tell more than a query has to: %s.",
            list(a, &a->dispensable));
}

static void judge_foreign(struct audit *a)
{
    if (a->servers.count > 0)
        add(a, APP_DANGER, cure(a, "REVOKE USAGE ON FOREIGN SERVER … FROM PUBLIC, %s;", a->role),
            "It may use foreign servers: %s.", list(a, &a->servers));
}

static void judge_session(struct audit *a)
{
    if (a->is_standby)
        add(a, APP_FINE, NULL, "The server is a standby, on which nothing can be changed.");
    if (a->by_network && !a->is_encrypted)
        add(a, APP_WARNING, "database.sslmode: verify-full",
            "The connection is not encrypted: passwords and rows can be read on their way.");
    else
        add(a, APP_FINE, NULL, "The connection %s.",
            a->is_encrypted ? "is encrypted" : "does not leave this machine");
    if (!a->limits_files)
        add(a, APP_WARNING,
            cure(a, "ALTER ROLE %s SET temp_file_limit = '1GB'; as a superuser", a->role),
            "A query may fill the disk with temporary files.");
    add(a, APP_FINE, NULL,
        "Whatever role and database set, its sessions are read-only, with pgparley's own "
        "statement_timeout, lock_timeout and search_path.");
}

static void judge_analysis(struct audit *a, const struct guard_mode *mode)
{
    if (mode->exact)
        add(a, APP_FINE, NULL, "PostgreSQL itself resolves the names of a query: %s.",
            mode->reason);
    else
        add(a, APP_WARNING,
            cure(a, "ALTER ROLE %s SET log_min_messages = fatal; as a superuser", a->role),
            "pgparley resolves the names of a query, and refuses where it cannot be sure: %s.",
            mode->reason);
}

void app_audit_judge(struct audit *a, const struct guard_mode *mode)
{
    if (a->is_super) {
        add(a, APP_DANGER, "a role of its own: \"pgparley grants\" writes one",
            "It is a superuser: nothing but the guard stands between a query and everything on "
            "the server.");
    } else {
        judge_attributes(a);
        judge_memberships(a);
        judge_database(a);
        judge_relations(a);
        judge_functions(a);
        judge_foreign(a);
    }
    judge_session(a);
    judge_analysis(a, mode);
}

const char *app_severity_name(enum app_severity severity)
{
    static const char *const names[] = {"fine", "warning", "danger"};
    return names[severity];
}
