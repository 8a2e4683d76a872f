/*
 * Which functions are harmless: they compute from their arguments, or tell what every client may
 * know.
 *
 * Built-in ones that are IMMUTABLE or STABLE are, but for those in `groups`; VOLATILE ones are
 * not, but for those in `harmless`. What a future version of PostgreSQL adds is thereby refused
 * when it is volatile. Of extensions only those in `extensions` are looked at in the same way.
 * Names are those of PostgreSQL 12 to 18, by name and not by OID; * at the end stands for any
 * text, /2 for the number of arguments.
 */
#include "guard/rules.h"

#include <stdlib.h>
#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The input functions of all domains, rows, arrays and ranges. */
static const char *const inputs[] = {"domain_in", "record_in", "array_in", "range_in",
    "multirange_in", NULL};

static const struct group {
    struct guard_refusal refusal;
    const char *const *names;
} groups[] = {
    {{"it reads a table that its argument names", "name the tables in the query itself"},
        NAMES("table_to_xml*", "schema_to_xml*", "database_to_xml*", "currtid", "currtid2")},
    {{"it runs SQL that it is given as text", "write that SQL as a part of the query"},
        NAMES("query_to_xml*", "cursor_to_xml*", "ts_stat", "ts_rewrite/2")},
    {{"it makes a value of any type, whose checks may call any function",
         "write a cast: CAST(x AS type)"},
        inputs},
    {{"it moves or reads sequences", NULL},
        NAMES("nextval", "currval", "lastval", "setval", "pg_sequence_last_value",
            "pg_sequence_parameters", "pg_get_sequence_data")},
    {{"it reads or writes large objects", NULL}, NAMES("lo_*", "loread", "lowrite")},
    {{"it reads files of the server", NULL},
        NAMES("pg_read_*", "pg_ls_*", "pg_stat_file", "pg_current_logfile", "pg_hba_file_rules",
            "pg_ident_file_mappings", "pg_show_all_file_settings", "pg_logdir_ls*")},
    {{"it tells where the server keeps its files", NULL},
        NAMES("pg_relation_filenode", "pg_relation_filepath", "pg_filenode_relation",
            "pg_tablespace_location", "pg_tablespace_databases")},
    {{"it shows settings of the server", "SHOW tells some settings, such as SHOW server_version"},
        NAMES("pg_show_all_settings", "pg_settings_get_flags", "pg_config", "pg_control_*",
            "pg_get_loaded_modules")},
    {{"it changes settings of the session", NULL}, NAMES("set_config", "setseed")},
    {{"it shows the source of functions", NULL},
        NAMES("pg_get_functiondef", "pg_get_function_sqlbody")},
    {{"it shows or changes statistics, also those of tables that are not available here",
         "pg_stat_user_tables has the statistics of tables"},
        NAMES("pg_stat_*", "pg_mcv_list_items", "pg_set_*_stats", "pg_restore_*_stats",
            "pg_clear_*_stats")},
    {{"it shows what other sessions do", NULL},
        NAMES("pg_lock_status", "pg_cursor", "pg_prepared_statement", "pg_prepared_xact",
            "pg_listening_channels", "pg_notification_queue_usage", "pg_get_backend_memory_*",
            "pg_get_shmem_*", "pg_get_aios", "pg_get_multixact_*",
            "pg_isolation_test_session_is_blocked")},
    {{"it acts on other sessions", NULL}, NAMES("pg_cancel_backend", "pg_terminate_backend",
                                              "pg_log_*", "pg_notify", "pg_export_snapshot")},
    {{"it takes or gives back locks", NULL}, NAMES("pg_advisory_*", "pg_try_advisory_*")},
    {{"it only waits", NULL}, NAMES("pg_sleep", "pg_sleep_for", "pg_sleep_until")},
    {{"it uses up a transaction id", "pg_current_xact_id_if_assigned() does not"},
        NAMES("txid_current", "pg_current_xact_id")},
    {{"it tells of other transactions", NULL},
        NAMES("txid_status", "pg_xact_status", "pg_xact_commit_timestamp*",
            "pg_last_committed_xact")},
    {{"it tells of or acts on replication and the write-ahead log", NULL},
        NAMES("pg_replication_*", "pg_logical_*", "pg_create_*_slot", "pg_copy_*_slot",
            "pg_drop_replication_slot", "pg_get_replication_slots", "pg_sync_replication_slots",
            "pg_show_replication_origin_status", "pg_get_publication_tables", "pg_get_wal_*",
            "pg_current_wal_*", "pg_last_wal_*", "pg_last_xact_replay_timestamp",
            "pg_is_wal_replay_paused", "pg_wal_replay_*", "pg_wal_summary_*",
            "pg_available_wal_summaries")},
    {{"it is for the administration of the server", NULL},
        NAMES("pg_reload_conf", "pg_rotate_logfile*", "pg_promote", "pg_switch_wal",
            "pg_create_restore_point", "pg_backup_*", "pg_start_backup", "pg_stop_backup",
            "pg_import_system_collations", "brin_summarize_*", "brin_desummarize_*",
            "gin_clean_pending_list")},
    {{"it is for PostgreSQL's own use", NULL},
        NAMES("pg_event_trigger_*", "binary_upgrade_*", "pg_nextoid", "pg_extension_config_dump",
            "pg_stop_making_pinned_objects", "RI_FKey_*", "amvalidate", "fmgr_*_validator")},
};

static const char *const harmless[] = {"random", "random_normal", "array_sample", "array_shuffle",
    "gen_random_uuid", "uuidv4", "uuidv7", "clock_timestamp", "timeofday", "current_query",
    "pg_relation_size", "pg_total_relation_size", "pg_table_size", "pg_indexes_size",
    "pg_database_size", "pg_tablespace_size", "pg_partition_tree", "pg_partition_ancestors",
    "pg_is_in_recovery", "pg_jit_available", "pg_blocking_pids", "pg_safe_snapshot_blocking_pids",
    "pg_collation_actual_version", "pg_database_collation_actual_version", "bernoulli", "system",
    NULL};

static const struct guard_refusal volatile_function = {
    "it is volatile, and not known to be harmless", NULL};
static const struct guard_refusal foreign_extension = {
    "it belongs to an extension that is not known to be harmless", NULL};
static const struct guard_refusal extension_function = {
    "it is not one of its extension's functions that are known to be harmless", NULL};
static const struct guard_refusal user_function = {"what it does is not known",
    "write what it computes as a part of the query"};

/*
 * Extensions that compute. Their functions in C or SQL are harmless when they are IMMUTABLE or
 * STABLE, but for those in `refused`; others (VOLATILE, PL/pgSQL) only when `harmless` has them.
 *
 * Left out: postgis_raster (rasters may lie in files of the server), postgis_topology,
 * pgrouting and address_standardizer (SQL or names of tables in arguments), rum (reads pages of
 * any index), xml2 (SQL and files), sampling methods.
 */
static const struct extension {
    const char *name;
    const char *const *harmless;
    const char *const *refused;
    bool nothing_else; /* but what is in `harmless` */
} extensions[] = {
    {.name = "btree_gin"},
    {.name = "btree_gist"},
    {.name = "citext"},
    {.name = "cube"},
    {.name = "earthdistance"},
    {.name = "fuzzystrmatch"},
    {.name = "h3"},
    {.name = "h3_postgis"},
    {.name = "hstore"},
    {.name = "intarray"},
    {.name = "isn", .refused = NAMES("isn_weak/1")}, /* a setting of the session */
    {.name = "ltree"},
    {.name = "pg_bigm", .refused = NAMES("pg_gin_pending_stats")},
    {.name = "pg_trgm"},
    {.name = "pgcrypto",
        .harmless = NAMES("gen_random_bytes", "gen_random_uuid", "gen_salt", "pgp_sym_encrypt*",
            "pgp_pub_encrypt*")},
    /* What reads statistics of a table that an argument names. */
    {.name = "postgis",
        .harmless = NAMES("postgis_full_version", "get_proj4_from_srid", "st_letters",
            "st_bdpolyfromtext", "st_bdmpolyfromtext", "st_generatepoints", "st_clusterkmeans",
            "st_symmetricdifference"),
        .refused = NAMES("st_estimatedextent", "st_estimated_extent", "_postgis_*")},
    {.name = "postgis_sfcgal"},
    {.name = "seg"},
    {.name = "tablefunc", .harmless = NAMES("normal_rand"), .nothing_else = true},
    {.name = "timescaledb",
        .harmless = NAMES("time_bucket", "time_bucket_ng", "time_bucket_gapfill", "locf",
            "interpolate", "first", "last", "histogram"),
        .nothing_else = true},
    {.name = "unaccent"},
    {.name = "uuid-ossp",
        .harmless = NAMES("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4")},
    {.name = "vector"},
};

static bool is_named(const struct catalog_fact_function *function, const char *pattern)
{
    const char *name = function->name;
    for (; *pattern && *pattern != '*' && *pattern != '/'; pattern++, name++) {
        if (*pattern != *name)
            return false;
    }
    if (*pattern == '*') /* what may come after it is rare */
        return !pattern[1] || guard_pattern_fits(pattern, name);
    return !*name && (!*pattern || strtoul(pattern + 1, NULL, 10) == function->argument_count);
}

static bool is_among(const struct catalog_fact_function *function, const char *const *names)
{
    for (; names && *names; names++) {
        if (is_named(function, *names))
            return true;
    }
    return false;
}

static const struct guard_refusal *built_in(const struct catalog_fact_function *function)
{
    if (function->volatility == 'v' && is_among(function, harmless))
        return NULL;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (is_among(function, groups[i].names))
            return &groups[i].refusal;
    }
    return function->volatility == 'v' ? &volatile_function : NULL;
}

static bool computes(const struct catalog_fact_function *function)
{
    return function->volatility != 'v' &&
           (strcmp(function->language, "c") == 0 || strcmp(function->language, "internal") == 0 ||
               strcmp(function->language, "sql") == 0);
}

static const struct guard_refusal *of_extension(const struct catalog_fact_function *function)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        const struct extension *extension = &extensions[i];
        if (strcmp(extension->name, function->extension) != 0)
            continue;
        if (is_among(function, extension->harmless))
            return NULL;
        return extension->nothing_else || is_among(function, extension->refused) ||
                       !computes(function)
                   ? &extension_function
                   : NULL;
    }
    return &foreign_extension;
}

const struct guard_refusal *guard_function_refusal(const struct catalog_fact_function *function)
{
    if (function->extension)
        return of_extension(function);
    if (function->oid < CATALOG_FIRST_USER_OID)
        return built_in(function);
    return guard_function_makes_range(function) ? NULL : &user_function;
}

bool guard_function_makes_range(const struct catalog_fact_function *function)
{
    static const char *const sources[] = {"range_constructor2", "range_constructor3",
        "multirange_constructor0", "multirange_constructor1", "multirange_constructor2"};
    for (size_t i = 0; function->internal && i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(function->internal, sources[i]) == 0)
            return true;
    }
    return false;
}

bool guard_function_is_input(const struct catalog_fact_function *function)
{
    return function->oid < CATALOG_FIRST_USER_OID && is_among(function, inputs);
}

bool guard_function_describes(const struct catalog_fact_function *function)
{
    static const char *const names[] = {"regclass", "to_reg*", "pg_get_*def", "pg_get_*def_columns",
        "pg_get_*def_expressions", "pg_get_expr", "pg_get_function_*", "pg_get_object_address",
        "pg_get_replica_identity_index", "pg_get_serial_sequence", "pg_get_userbyid", "pg_get_acl",
        "pg_describe_object", "pg_identify_object*", "pg_*_is_visible", "pg_relation_is_*",
        "pg_column_is_updatable", "pg_index*_has_property", "pg_has_role", "has_*_privilege",
        "row_security_active", "satisfies_hash_partition", "format_type", "obj_description",
        "col_description", "shobj_description", NULL};
    return function->oid < CATALOG_FIRST_USER_OID && is_among(function, names);
}

bool guard_function_makes_any_type(const struct catalog_fact_function *function)
{
    return function->oid < CATALOG_FIRST_USER_OID &&
           is_among(function,
               NAMES("pg_input_is_valid", "pg_input_error_info", "jsonb_populate_record_valid"));
}

bool guard_function_casts_to_json(const struct catalog_fact_function *function)
{
    return function->oid < CATALOG_FIRST_USER_OID &&
           is_among(function, NAMES("to_json", "to_jsonb", "row_to_json", "array_to_json",
                                  "json_agg*", "jsonb_agg*", "json_build_*", "jsonb_build_*",
                                  "json_object_agg*", "jsonb_object_agg*"));
}
