/* Settings that tell nothing about files, networks or secrets; custom ones may hold anything. */
#include "guard/internal.h"

#include <string.h>
#include <strings.h>

static const char *const open_settings[] = {
    "application_name",
    "block_size",
    "client_encoding",
    "datestyle",
    "default_text_search_config",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "effective_cache_size",
    "extra_float_digits",
    "hash_mem_multiplier",
    "in_hot_standby",
    "integer_datetimes",
    "intervalstyle",
    "jit",
    "lc_collate",
    "lc_ctype",
    "lc_messages",
    "lc_monetary",
    "lc_numeric",
    "lc_time",
    "lock_timeout",
    "maintenance_work_mem",
    "max_connections",
    "max_identifier_length",
    "max_index_keys",
    "max_parallel_workers",
    "max_parallel_workers_per_gather",
    "random_page_cost",
    "row_security",
    "search_path",
    "seq_page_cost",
    "server_encoding",
    "server_version",
    "server_version_num",
    "shared_buffers",
    "standard_conforming_strings",
    "statement_timeout",
    "timezone",
    "timezone_abbreviations",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
    "transaction_timeout",
    "work_mem",
    "xmlbinary",
    "xmloption",
};

bool guard_setting_is_open(const char *name)
{
    for (size_t i = 0; i < sizeof open_settings / sizeof open_settings[0]; i++) {
        if (strcasecmp(name, open_settings[i]) == 0)
            return true;
    }
    return false;
}
