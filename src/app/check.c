/*
 * `pgparley check`: settings, policy and warnings, each a function of the configuration; then the
 * database: what the role could do, and what the policy makes of what is there. For a terminal it
 * is a table and sentences; otherwise every line stands for itself, so that grep and cut can work
 * on it.
 */
#include "app/check.h"

#include "app/address.h"
#include "app/audit.h"
#include "app/exposure.h"
#include "app/model.h"
#include "app/print.h"
#include "app/serve_http.h"
#include "app/wiring.h"
#include "base/log.h"
#include "config/keys.h"
#include "tools/subject.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { INDENT = 2, VALUE_COLUMNS_MAX = 40, HIDDEN_MAX = 30, REFUSED_MAX = 5 };
enum { EXIT_UNREACHABLE = 1, EXIT_CONFIG = 2, EXIT_PRIVILEGE = 3 };

struct report {
    void *ctx;
    const struct config *config;
    struct tools_env env;
    PQconninfoOption *parsed_url; /* NULL without a connection string */
    struct app_address address;   /* of serve --http */
    bool for_person;              /* the output is a terminal */
    size_t warnings;
};

/* Where the value comes from, and the value, with libpq's variables taken into account. */
static const char *source_of(const struct report *report, const struct config_key *key,
    char **ret_value)
{
    const struct config_setting *setting = config_setting_get(report->config, key);
    *ret_value = config_key_value_text(report->ctx, report->config, key);
    if (setting->origin)
        return setting->origin;
    /* DATABASE_URL is taken by loading or not at all; libpq reads the others itself. */
    bool by_libpq = key->env && strcmp(key->env, "DATABASE_URL") != 0 && !report->parsed_url;
    const char *from_env = by_libpq ? getenv(key->env) : NULL;
    if (from_env && *from_env) {
        bool secret = key->type == CONFIG_SECRET || key->type == CONFIG_URL;
        *ret_value = talloc_strdup(report->ctx, secret ? "(set)" : from_env);
        return key->env;
    }
    if (key->type == CONFIG_SECRET || key->type == CONFIG_SECRETS)
        *ret_value = talloc_strdup(report->ctx, "(not set)");
    return "default";
}

static void report_settings(struct report *report)
{
    char **values = talloc_zero_array(report->ctx, char *, (unsigned)config_key_count);
    const char **sources = talloc_zero_array(report->ctx, const char *, (unsigned)config_key_count);
    int name_width = 0, value_width = 0;
    for (size_t i = 0; i < config_key_count; i++) {
        sources[i] = source_of(report, &config_keys[i], &values[i]);
        if (report->for_person && values[i] && config_keys[i].unit)
            values[i] = talloc_asprintf_append(values[i], " %s", config_keys[i].unit);
        int width = app_print_width(config_keys[i].name);
        name_width = width > name_width ? width : name_width;
        width = values[i] ? app_print_width(values[i]) : 1;
        if (width > value_width && width <= VALUE_COLUMNS_MAX)
            value_width = width;
    }
    const char *section = "";
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (!report->for_person) {
            printf("%s.%s\t", key->section, key->name);
            app_print_cell(stdout, values[i] ? values[i] : "", 0);
            printf("\t%s\n", sources[i]);
            continue;
        }
        if (strcmp(key->section, section) != 0) {
            if (*section)
                putchar('\n');
            app_print_heading(stdout, key->section);
            section = key->section;
        }
        printf("%*s%-*s  ", INDENT, "", name_width, key->name);
        app_print_cell(stdout, values[i] ? values[i] : "-", value_width);
        printf("  %s\n", sources[i]);
    }
}

/* Names come from the database, and could hold anything. */
static char *clean(char *text)
{
    for (char *p = text; *p; p++)
        *p = (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p;
    return text;
}

static void head(const struct report *report, const char *text)
{
    if (!report->for_person)
        return;
    putchar('\n');
    app_print_heading(stdout, text);
}

/* One sentence of the report; `kind` is "policy" or "warning". */
static void say(struct report *report, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct report *report, const char *kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = talloc_vasprintf(report->ctx, format, args);
    va_end(args);
    clean(text);
    if (!report->for_person) {
        printf("%s\t%s\n", kind, text);
        return;
    }
    printf("%*s- ", INDENT, "");
    app_print_wrapped(stdout, INDENT + 2, INDENT + 2, text);
}

#define warn(report, ...) ((report)->warnings++, say(report, "warning", __VA_ARGS__))

/* "a", "a and b", "a, b and c". */
static char *enumerate(const void *ctx, const struct config_list *list)
{
    char *text = talloc_strdup(ctx, "");
    for (size_t i = 0; i < list->count; i++) {
        const char *before = i == 0 ? "" : i + 1 == list->count ? " and " : ", ";
        text = talloc_asprintf_append(text, "%s%s", before, list->items[i]);
    }
    return text;
}

/* Who may come in over HTTP. Somebody with two tokens is named once. */
static char *enumerate_names(const void *ctx, const struct config_secrets *secrets)
{
    struct config_list names = {.items = talloc_array(ctx, const char *, (unsigned)secrets->count)};
    for (size_t i = 0; i < secrets->count; i++) {
        size_t before = 0;
        while (before < names.count && strcmp(names.items[before], secrets->items[i].name) != 0)
            before++;
        if (before == names.count)
            names.items[names.count++] = secrets->items[i].name;
    }
    return enumerate(ctx, &names);
}

static void report_policy(struct report *report)
{
    const struct config_security *security = &report->config->security;
    const struct config_database *database = &report->config->database;
    head(report, "What it means");
    say(report, "policy",
        "A call runs one query, never a change: in a read-only transaction, rolled back unless "
        "there is nothing to roll back.");
    if (!security->allowed_schemas.given)
        say(report, "policy", "Every schema that the role can read may be read.");
    else if (security->allowed_schemas.count == 0)
        say(report, "policy", "No schema may be read: allowed_schemas is empty.");
    else
        say(report, "policy", "Schemas that are shown, and that a query may name: %s.",
            enumerate(report->ctx, &security->allowed_schemas));
    const struct {
        const char *meaning;
        const struct config_list *list;
    } lists[] = {
        {"Tables and views of these that are shown, and no others", &security->allowed_tables},
        {"Views that are shown whatever they read", &security->allowed_views},
        {"Tables that are hidden, and that nothing may read", &security->blocked_tables},
        {"Columns that are hidden, and that nothing may read", &security->blocked_columns},
        {"Functions that a query may call besides harmless ones", &security->allowed_functions},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i].list->count > 0)
            say(report, "policy", "%s: %s.", lists[i].meaning,
                enumerate(report->ctx, lists[i].list));
    }
    say(report, "policy",
        "A result has at most %d rows and %d bytes; a value longer than %d bytes is cut.",
        security->max_rows_returned, security->max_result_bytes, security->max_cell_bytes);
    say(report, "policy",
        "A statement may run for %g seconds, a call with all its waiting may take %g.",
        database->statement_timeout_ms / 1000.0, report->config->mcp.call_timeout_ms / 1000.0);
    say(report, "policy", "At most %d connections are open at once, %d of them are kept.",
        database->pool_size + database->max_overflow, database->pool_size);
    const struct config_mcp *mcp = &report->config->mcp;
    const char *text = app_address_text(report->ctx, &report->address, mcp);
    if (mcp->tokens.count > 0)
        say(report, "policy", "Over HTTP, at %s, come in those who have a token: %s.", text,
            enumerate_names(report->ctx, &mcp->tokens));
    else
        say(report, "policy", "Over HTTP, at %s, no client is asked for a token.", text);
}

/* What connecting will use: the connection string, else the key, else libpq's variable. */
static const char *effective(const struct report *report, const char *keyword, const char *value,
    const char *variable)
{
    for (const PQconninfoOption *option = report->parsed_url; option && option->keyword; option++) {
        if (strcmp(option->keyword, keyword) == 0 && option->val)
            return option->val;
    }
    return value ? value : getenv(variable);
}

static bool is_local(const char *host)
{
    return !host || !*host || *host == '/' || *host == '@' || strcmp(host, "localhost") == 0 ||
           strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static void warn_about_secrets(struct report *report)
{
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        const struct config_setting *setting = config_setting_get(report->config, key);
        bool secret = key->type == CONFIG_SECRET || key->type == CONFIG_SECRETS;
        if (key->type == CONFIG_URL && setting->text)
            secret = strcmp(setting->text, config_url_text(report->ctx, setting->text)) != 0;
        if (!secret || !setting->text)
            continue;
        if (setting->literal)
            warn(report,
                "%s: %s.%s holds a secret in plain sight; take it from the environment "
                "with ${NAME} or from a *_file key.",
                setting->origin, key->section, key->name);
        else if (strcmp(setting->origin, "command line") == 0)
            warn(report, "A password on the command line can be seen by every user of this "
                         "machine; use ~/.pgpass, PGPASSWORD or password_file.");
    }
}

static void warn_about_place(struct report *report)
{
    const struct config *config = report->config;
    const char *host = effective(report, "host", config->database.host, "PGHOST");
    const char *sslmode = effective(report, "sslmode", config->database.sslmode, "PGSSLMODE");
    if (!is_local(host) && (!sslmode || strncmp(sslmode, "verify-", 7) != 0))
        warn(report,
            "The connection to %s does not check the server's certificate (sslmode is "
            "%s); set database.sslmode to verify-full.",
            host, sslmode ? sslmode : "prefer");
    const char *from_env = getenv("DATABASE_URL");
    if (from_env && *from_env &&
        (!config->database.url || strcmp(config->database.url, from_env) != 0))
        warn(report, "DATABASE_URL is set but not used: something of higher rank says where the "
                     "database is.");
}

static void warn_about_model(struct report *report)
{
    struct llm *llm;
    struct error *error;
    if (!app_model_create(report->ctx, report->config, &llm, &error))
        warn(report, "Questions in plain language are off: %s; %s.", error->message, error->hint);
}

static void warn_about_http(struct report *report)
{
    const struct config_mcp *mcp = &report->config->mcp;
    struct error *error;
    const char *risk = app_address_risk(report->ctx, &report->address, mcp);
    if (!app_address_admit(report->ctx, &report->address, mcp, &error))
        warn(report, "serve --http will not start: %s; %s.", error->message, error->hint);
    else if (risk)
        warn(report, "serve --http: %s.", risk);
}

static void report_warnings(struct report *report)
{
    head(report, "Warnings");
    for (size_t i = 0; i < report->config->warnings.count; i++)
        warn(report, "%s.", report->config->warnings.items[i]);
    warn_about_secrets(report);
    warn_about_place(report);
    warn_about_http(report);
    warn_about_model(report);
    if (report->for_person && report->warnings == 0)
        printf("%*snone\n", INDENT, "");
}

/* ---- the database ---- */

static void report_finding(const struct report *report, const struct app_finding *finding)
{
    const char *severity = app_severity_name(finding->severity);
    char *text = clean(talloc_strdup(report->ctx, finding->text));
    char *cure = finding->cure ? clean(talloc_strdup(report->ctx, finding->cure)) : NULL;
    if (!report->for_person) {
        printf("%s\t%s%s%s\n", severity, text, cure ? "\t" : "", cure ? cure : "");
        return;
    }
    printf("%*s- ", INDENT, "");
    app_print_wrapped(stdout, INDENT + 2, INDENT + 2,
        talloc_asprintf(report->ctx, "%s: %s", severity, text));
    if (cure)
        printf("%*s%s\n", INDENT + 4, "", cure);
}

static void report_audit(const struct report *report, const struct app_audit *audit)
{
    head(report,
        clean(talloc_asprintf(report->ctx, "The role %s in the database %s (PostgreSQL %s)",
            audit->role, audit->database, audit->server_version)));
    for (size_t i = 0; i < audit->finding_count; i++)
        report_finding(report, &audit->findings[i]);
}

static void report_hidden(struct report *report, const struct app_exposure *exposure)
{
    size_t listed = exposure->hidden_count < HIDDEN_MAX ? exposure->hidden_count : HIDDEN_MAX;
    for (size_t i = 0; i < listed; i++) {
        const struct app_hidden *hidden = &exposure->hidden[i];
        if (report->for_person)
            say(report, "hidden", "hidden: %s", hidden->reason);
        else
            printf("hidden\t%s\t%s\n",
                clean(talloc_asprintf(report->ctx, "%s.%s", hidden->relation->schema,
                    hidden->relation->name)),
                clean(talloc_strdup(report->ctx, hidden->reason)));
    }
    if (exposure->hidden_count > listed)
        say(report, "policy", "%zu more are hidden.", exposure->hidden_count - listed);
}

static void report_refused(struct report *report, const struct app_exposure *exposure)
{
    char *names = talloc_strdup(report->ctx, "");
    for (size_t i = 0; i < exposure->refused_count && i < REFUSED_MAX; i++)
        names = talloc_asprintf_append(names, "%s%s.%s", i > 0 ? ", " : "",
            exposure->refused[i]->schema, exposure->refused[i]->name);
    if (exposure->refused_count > 0)
        say(report, "policy",
            "%zu functions of this database stay refused: %s%s. security.allowed_functions lets "
            "in those that are harmless.",
            exposure->refused_count, names, exposure->refused_count > REFUSED_MAX ? " …" : "");
}

static void report_exposure(struct report *report, const struct app_exposure *exposure)
{
    head(report, "What the policy shows of it");
    say(report, "policy",
        "%zu tables and views are shown; %zu %s hidden in the schemas that may be read.",
        exposure->shown, exposure->hidden_count, exposure->hidden_count == 1 ? "is" : "are");
    if (exposure->unreadable > 0)
        say(report, "policy",
            "%zu more would be shown, if the role could read them; \"pgparley grants\" writes the "
            "GRANTs.",
            exposure->unreadable);
    report_hidden(report, exposure);
    report_refused(report, exposure);
    for (size_t i = 0; i < exposure->unmatched_count; i++) {
        const struct app_unmatched *entry = &exposure->unmatched[i];
        warn(report, "security.%s: \"%s\" matches nothing in this database%s%s%s", entry->key,
            entry->entry, entry->nearest ? "; did you mean \"" : ".",
            entry->nearest ? entry->nearest : "", entry->nearest ? "\"?" : "");
    }
}

/* What the semantic file says that does not fit the database. */
static bool report_semantics(struct report *report, int64_t deadline, struct error **ret_err)
{
    struct nl2sql_subject subject;
    if (!report->config->llm.semantics)
        return true;
    if (!tools_subject_get(report->ctx, &report->env, deadline, &subject, ret_err))
        return false;
    struct nl2sql_items items = nl2sql_items_get(&subject);
    for (size_t i = 0; i < items.count; i++) {
        const struct nl2sql_item *item = &items.items[i];
        const char *slip;
        if (!nl2sql_item_check(report->ctx, report->env.guard, &subject, item, deadline, &slip,
                ret_err))
            return false;
        if (slip && item->hidden)
            say(report, "policy", "%s:%zu is not used: %s.", items.file, item->line, slip);
        else if (slip)
            warn(report, "%s:%zu: %s", items.file, item->line, slip);
    }
    return true;
}

static int report_database(void *arg)
{
    struct report *report = arg;
    const struct config *config = report->config;
    int64_t deadline = rt_deadline(config->mcp.call_timeout_ms);
    struct app_audit *audit;
    struct app_exposure *exposure;
    struct error *error;
    fflush(stdout);
    if (!app_audit_run(report->ctx, &report->env, deadline, &audit, &error) ||
        !app_exposure_get(report->ctx, &report->env, &config->security, audit, deadline, &exposure,
            &error)) {
        log_error("%s", error_text(report->ctx, error));
        return EXIT_UNREACHABLE;
    }
    report_audit(report, audit);
    report_exposure(report, exposure);
    if (!report_semantics(report, deadline, &error)) {
        log_error("%s", error_text(report->ctx, error));
        return EXIT_UNREACHABLE;
    }
    if (audit->danger_count == 0 || !config->security.enforce_least_privilege)
        return 0;
    log_error("the role %s can do more than read what the policy shows, and "
              "security.require_least_privilege is enforce: no query would be answered",
        audit->role);
    return EXIT_PRIVILEGE;
}

/* What `serve` would make of it; nothing is connected. */
static bool try_wiring(struct report *report, struct error **ret_err)
{
    if (!app_wire(report->ctx, report->config, &report->env, ret_err) ||
        !app_http_check(report->ctx, report->config, ret_err) ||
        !app_address_read(report->ctx, "", &report->config->mcp, &report->address, ret_err))
        return false;
    const char *url = report->config->database.url;
    report->parsed_url = url ? PQconninfoParse(url, NULL) : NULL;
    return true;
}

int app_check(const struct app_check_options *options)
{
    rt_init();
    log_set_level(LOG_LEVEL_ERROR); /* what would be a warning is in the report */
    void *ctx = talloc_new(NULL);
    struct config *config;
    struct error *error = NULL;
    struct report report = {.ctx = ctx, .for_person = isatty(STDOUT_FILENO)};
    int code = EXIT_CONFIG;
    bool ok = config_load(ctx, options->file, options->url, &config, &error);
    if (ok) {
        report.config = config;
        ok = try_wiring(&report, &error);
    }
    if (ok) {
        report_settings(&report);
        report_policy(&report);
        report_warnings(&report);
        code = options->offline ? 0 : app_run_once(&report.env, report_database, &report);
    } else {
        log_error("%s", error_text(ctx, error));
    }
    PQconninfoFree(report.parsed_url);
    talloc_free(ctx);
    return code;
}
