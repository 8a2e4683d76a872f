/* The rules, each on one name, relation or function; what those reach is in closure.c. */
#include "guard/rules.h"

#include <string.h>

/* ---- system catalogs ---- */

/*
 * What catalog_access: safe opens: what describes tables, types, constraints, indexes and their
 * like. Names and comments of tables that are not available can be seen in them; the rows cannot.
 * Left out is what has sources of functions (pg_proc, routines), statistics of values, settings,
 * roles, statements of other sessions, options of foreign servers, or rules and policies with
 * the constants in them. Of the counters only those that are there for user tables are open.
 */
static const char *const open_catalogs[] = {"pg_aggregate", "pg_am", "pg_amop", "pg_amproc",
    "pg_attrdef", "pg_attribute", "pg_available_extension_versions", "pg_available_extensions",
    "pg_cast", "pg_class", "pg_collation", "pg_constraint", "pg_conversion", "pg_database",
    "pg_depend", "pg_description", "pg_enum", "pg_extension", "pg_index", "pg_indexes",
    "pg_inherits", "pg_language", "pg_matviews", "pg_namespace", "pg_opclass", "pg_operator",
    "pg_opfamily", "pg_partitioned_table", "pg_range", "pg_sequence", "pg_sequences",
    "pg_stat_user_indexes", "pg_stat_user_tables", "pg_statio_user_indexes",
    "pg_statio_user_tables", "pg_tables", "pg_tablespace", "pg_timezone_abbrevs",
    "pg_timezone_names", "pg_ts_config", "pg_ts_config_map", "pg_ts_dict", "pg_ts_parser",
    "pg_ts_template", "pg_type", "pg_views", NULL};

static const char *const open_information[] = {"attributes", "character_sets", "check_constraints",
    "collation_character_set_applicability", "collations", "column_domain_usage", "columns",
    "constraint_column_usage", "domain_constraints", "domain_udt_usage", "domains", "element_types",
    "information_schema_catalog_name", "key_column_usage", "referential_constraints", "schemata",
    "sequences", "sql_features", "sql_implementation_info", "sql_parts", "sql_sizing",
    "table_constraints", "tables", "user_defined_types", "views", NULL};

/*
 * What nothing opens: passwords (of roles, foreign servers, subscriptions, and those that
 * applications keep in the settings of roles and databases), contents of tables and files.
 */
static const char *const sealed[] = {"pg_authid", "pg_shadow", "pg_roles", "pg_user",
    "pg_db_role_setting", "pg_user_mapping", "pg_user_mappings", "_pg_user_mappings",
    "user_mapping_options", "pg_subscription", "pg_file_settings", "pg_hba_file_rules",
    "pg_ident_file_mappings", "pg_statistic", "pg_statistic_ext", "pg_statistic_ext_data",
    "pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_largeobject", "pg_largeobject_metadata",
    NULL};

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static bool is_catalog(const char *schema)
{
    return strcmp(schema, "pg_catalog") == 0;
}

static bool is_system(const char *schema)
{
    return is_catalog(schema) || strcmp(schema, "information_schema") == 0;
}

bool guard_rule_is_system(const struct catalog_fact_relation *relation)
{
    return is_system(relation->schema);
}

bool guard_rule_is_sealed(const struct catalog_fact_relation *relation)
{
    return is_system(relation->schema) && is_among(sealed, relation->name);
}

static bool is_open(const struct guard_policy *policy, const struct catalog_fact_relation *relation)
{
    switch (policy->catalog_access) {
    case GUARD_CATALOG_NONE:
        return false;
    case GUARD_CATALOG_ALL:
        return !guard_rule_is_sealed(relation);
    case GUARD_CATALOG_SAFE:
        break;
    }
    return is_among(is_catalog(relation->schema) ? open_catalogs : open_information,
        relation->name);
}

/* ---- names ---- */

/* TOAST tables and everybody's temporary ones; PostgreSQL gives no other schema such a name. */
static bool is_reserved(const char *schema)
{
    return strncmp(schema, "pg_", 3) == 0;
}

static bool allows_schema(const struct guard_policy *policy, const char *schema)
{
    return !policy->allowed_schemas.given ||
           guard_patterns_match(&policy->allowed_schemas, NULL, schema);
}

/* By a name without a wildcard: what is not opened by the way must be meant. */
static bool is_meant(const struct guard_patterns *patterns, const char *schema, const char *name)
{
    for (size_t i = 0; i < patterns->count; i++) {
        const struct guard_pattern *pattern = &patterns->items[i];
        if (guard_pattern_is_plain(pattern->name) && guard_pattern_fits(pattern->name, name) &&
            (!pattern->schema || guard_pattern_fits(pattern->schema, schema)))
            return true;
    }
    return false;
}

/* A table of the application may have the name of a catalog, such as information_schema.domains. */
static bool is_blocked(const struct guard_policy *policy, const char *schema, const char *name)
{
    const struct guard_patterns *blocked = &policy->blocked_tables;
    if (!schema || !is_system(schema))
        return guard_patterns_match(blocked, schema, name);
    for (size_t i = 0; i < blocked->count; i++) {
        const struct guard_pattern *pattern = &blocked->items[i];
        if (pattern->schema && guard_pattern_fits(pattern->schema, schema) &&
            guard_pattern_fits(pattern->name, name))
            return true;
    }
    return false;
}

/* Named in allowed_views; that counts in another schema only with that written out. */
static bool trusts_name(const struct guard_policy *policy, const char *schema, const char *name)
{
    for (size_t i = 0; i < policy->allowed_views.count; i++) {
        const struct guard_pattern *pattern = &policy->allowed_views.items[i];
        if (!guard_pattern_fits(pattern->name, name))
            continue;
        bool fits = !pattern->schema || !schema || guard_pattern_fits(pattern->schema, schema);
        bool meant = pattern->schema && guard_pattern_is_plain(pattern->schema);
        if (fits && (meant || !schema || allows_schema(policy, schema)))
            return true;
    }
    return false;
}

enum guard_rule guard_policy_name(const struct guard_policy *policy, const char *schema,
    const char *name)
{
    if (is_blocked(policy, schema, name))
        return GUARD_RULE_BLOCKED;
    if (schema && is_system(schema))
        return GUARD_RULE_NONE;
    if (schema && is_reserved(schema))
        return GUARD_RULE_SCHEMA;
    if (trusts_name(policy, schema, name))
        return GUARD_RULE_NONE;
    if (schema && !allows_schema(policy, schema))
        return GUARD_RULE_SCHEMA;
    bool listed = guard_patterns_match(&policy->allowed_tables, schema, name);
    return policy->allowed_tables.given && !listed ? GUARD_RULE_UNLISTED : GUARD_RULE_NONE;
}

/* ---- relations ---- */

/* What every user of PostGIS reads; it says no more than pg_attribute does. */
static bool is_harmless_extension(const struct catalog_fact_relation *relation)
{
    static const char *const names[] = {"spatial_ref_sys", "geometry_columns", "geography_columns",
        NULL};
    return relation->is_extension && is_among(names, relation->name);
}

static bool is_view(const struct catalog_fact_relation *relation)
{
    return relation->kind == 'v' || relation->kind == 'm';
}

static bool is_trusted(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    return is_view(relation) && trusts_name(policy, relation->schema, relation->name);
}

bool guard_rule_trusts(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    return is_trusted(policy, relation) || (is_view(relation) && is_harmless_extension(relation));
}

static bool is_foreign_but_meant(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    return is_meant(&policy->allowed_tables, relation->schema, relation->name);
}

static bool is_extension_but_meant(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    return is_meant(&policy->allowed_tables, relation->schema, relation->name) ||
           (is_view(relation) &&
               is_meant(&policy->allowed_views, relation->schema, relation->name)) ||
           is_harmless_extension(relation);
}

static bool is_unlisted(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    /* A sequence of a table goes with the table. */
    return policy->allowed_tables.given && !relation->owner_table &&
           !guard_patterns_match(&policy->allowed_tables, relation->schema, relation->name);
}

enum guard_rule guard_rule_relation(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    if (is_blocked(policy, relation->schema, relation->name))
        return GUARD_RULE_BLOCKED;
    if (is_system(relation->schema))
        return is_open(policy, relation) ? GUARD_RULE_NONE : GUARD_RULE_CATALOG;
    if (is_reserved(relation->schema))
        return GUARD_RULE_SCHEMA;
    bool trusted = is_trusted(policy, relation);
    if (!trusted && !allows_schema(policy, relation->schema))
        return GUARD_RULE_SCHEMA;
    if (relation->kind == 'f' && !is_foreign_but_meant(policy, relation))
        return GUARD_RULE_FOREIGN;
    if (relation->is_extension && !is_extension_but_meant(policy, relation))
        return GUARD_RULE_EXTENSION;
    return !trusted && is_unlisted(policy, relation) ? GUARD_RULE_UNLISTED : GUARD_RULE_NONE;
}

/* Partitions are pieces of their parent, wherever they are kept, and TimescaleDB's chunks are no
 * less so. Other children are tables of their own. */
enum guard_rule guard_rule_child(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    if (!relation->is_partition && strcmp(relation->schema, "_timescaledb_internal") != 0)
        return guard_rule_relation(policy, relation);
    if (is_blocked(policy, relation->schema, relation->name))
        return GUARD_RULE_BLOCKED;
    return relation->kind == 'f' && !is_foreign_but_meant(policy, relation) ? GUARD_RULE_FOREIGN
                                                                            : GUARD_RULE_NONE;
}

enum guard_rule guard_rule_ancestor(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation)
{
    return is_blocked(policy, relation->schema, relation->name) ? GUARD_RULE_BLOCKED
                                                                : GUARD_RULE_NONE;
}

/* ---- functions ---- */

static bool allows_function(const struct guard_policy *policy,
    const struct catalog_fact_function *function)
{
    const struct guard_patterns *allowed = &policy->allowed_functions;
    if (function->extension)
        return is_meant(allowed, function->schema, function->name);
    if (function->oid >= CATALOG_FIRST_USER_OID)
        return guard_patterns_match(allowed, function->schema, function->name);
    for (size_t i = 0; i < allowed->count; i++) {
        const struct guard_pattern *pattern = &allowed->items[i];
        if (pattern->schema && is_catalog(pattern->schema) && is_catalog(function->schema) &&
            guard_pattern_is_plain(pattern->name) &&
            guard_pattern_fits(pattern->name, function->name))
            return true;
    }
    return false;
}

static const struct guard_refusal *refusal_of(const struct guard_policy *policy,
    const struct catalog_fact_function *function)
{
    static const struct guard_refusal catalogs = {"it tells of the system catalogs", NULL};
    const struct guard_refusal *refusal = guard_function_refusal(function);
    bool closed = policy->catalog_access == GUARD_CATALOG_NONE;
    return !refusal && closed && guard_function_describes(function) ? &catalogs : refusal;
}

bool guard_policy_function(const struct guard_policy *policy,
    const struct catalog_fact_function *function, struct guard_finding *ret)
{
    const struct guard_refusal *refusal = refusal_of(policy, function);
    bool allowed = refusal && allows_function(policy, function);
    /* PostgreSQL puts the body of a function in SQL in its place when it plans. */
    bool exposed = allowed && policy->explains && strcmp(function->language, "sql") == 0;
    if (!refusal || (allowed && !exposed))
        return true;
    bool known = function->extension || function->oid < CATALOG_FIRST_USER_OID;
    *ret = (struct guard_finding){
        .rule = known ? GUARD_RULE_FUNCTION : GUARD_RULE_UNTRUSTED,
        .function = function,
        .text = exposed ? "EXPLAIN would show what it reads" : refusal->why,
    };
    return false;
}
