/*
 * The configuration: one table of keys, read from YAML, the environment and the command line.
 *
 * Precedence, lowest first: the table's defaults, DATABASE_URL, the YAML file, the command line.
 * A connection string says wholly where the database is and as whom: the one of the command line
 * replaces what the file says about that, and DATABASE_URL is used when the file says nothing.
 * What stays unset in `database` is left to libpq (PG* variables, service and password files).
 * The loaded value is immutable, belongs to the context it was loaded under, and every string in
 * it is plain text: `${NAME}` and `${NAME:-default}` are replaced, `*_file` keys are read.
 * Nothing here yields or touches the database.
 */
#ifndef PGPARLEY_CONFIG_CONFIG_H
#define PGPARLEY_CONFIG_CONFIG_H

#include "base/error.h"

#include <stddef.h>

struct config_list {
    const char **items; /* NULL-terminated; NULL itself only when the list was not given */
    size_t count;
    bool given; /* an empty list that was written differs from none */
};

/* Who may come in with what: several secrets may have one name. */
struct config_secret {
    const char *name, *value;
};
struct config_secrets {
    struct config_secret *items; /* ended by one without a name; NULL when there is none */
    size_t count;
};

struct config_database {
    const char *url;  /* connection string (URI or key=value); its fields win over those below */
    const char *host; /* name, address or socket directory; NULL = libpq's default */
    int port;         /* 0 = libpq's default */
    const char *database;
    const char *username;
    const char *password;
    const char *sslmode;
    const char *sslrootcert;
    const char *service;
    int pool_size;
    int max_overflow;
    int pool_timeout_s;
    int connection_timeout_ms;
    int statement_timeout_ms;
    int lock_timeout_ms;
    int max_orphans;
    bool transaction_pooler; /* pooler: none|transaction */
    struct config_list search_path;
    const char *application_name;
};

struct config_llm {
    const char *base_url;
    const char *api_key;
    const char *model;
    double temperature;
    int max_tokens;
    int timeout_ms; /* of one attempt */
    int retries;
    int max_concurrent;
    int max_response_bytes;
    const char *ca_file;
    const char *proxy;
    bool allow_plain_http;
    int max_rounds;
    double max_plan_cost;
    int max_plan_rows;
    int context_tokens;
    const char *semantics; /* path */
    bool data_samples;
    int cache_entries;
};

struct config_mcp {
    const char *host;
    int port;
    bool debug;
    int max_message_bytes;
    int max_requests;         /* in flight, running and waiting */
    int max_concurrent_calls; /* tools running at once */
    int call_timeout_ms;      /* total, waiting included */
    int input_timeout_ms;
    int max_subscriptions;
    const char *state_key;

    /* HTTP only. */
    const char *path;
    const char *socket; /* instead of host and port */
    int socket_mode;
    struct config_secrets tokens;
    bool allow_unauthenticated;
    struct config_list allowed_hosts;
    struct config_list allowed_origins;
    const char *tls_certificate;
    const char *tls_key;
    int max_body_bytes;
    int max_inflight_bytes;
    int max_header_bytes;
    int header_timeout_ms, body_timeout_ms, idle_timeout_ms, write_timeout_ms;
    int max_connections;
    int max_connections_per_address;
    int rate_limit; /* requests a minute; 0 = no limit */
    int rate_burst;
    int max_sessions;
    int session_timeout_ms;
    int stream_after_ms;
    int keepalive_ms;
    int drain_timeout_ms;
};

struct config_security {
    int max_rows_returned;
    int max_result_bytes;
    int max_cell_bytes;
    int max_query_bytes;
    struct config_list allowed_schemas;
    struct config_list allowed_tables;
    struct config_list allowed_views;
    struct config_list allowed_functions;
    struct config_list blocked_tables;
    struct config_list blocked_columns;
    const char *catalog_access;   /* safe, none or all */
    const char *analysis;         /* auto, server or local */
    bool enforce_least_privilege; /* require_least_privilege: warn|enforce */
};

/* How a key of the table (config/keys.h) got its value. */
struct config_setting {
    const char *text;   /* as given, `${…}` replaced, a list joined by ", "; NULL = the default */
    const char *origin; /* "FILE:LINE", "DATABASE_URL", "command line"; NULL = not given */
    bool literal;       /* written out in the file, nothing of it taken from the environment */
};

struct config {
    const char *file; /* NULL when there was none */
    bool ends_a_line; /* the file, with its last character */
    struct config_database database;
    struct config_llm llm;
    struct config_mcp mcp;
    struct config_security security;
    struct config_setting *settings; /* one for each of config_keys, in that order */
    struct config_list warnings;     /* sentences about the files, for the operator */
};

/*
 * Loads defaults, environment, then `file` (may be NULL), then `url` (the lone connection string
 * of the command line, may be NULL). On failure the message begins with "FILE:LINE: ", names the
 * key and, for an unknown one, the hint names the nearest known key. Logs nothing: `warnings` is
 * the caller's to report.
 */
must_use bool config_load(void *ctx, const char *file, const char *url, struct config **ret,
    struct error **ret_err);

/*
 * What config_load does with the bytes of a file called `name`, and nothing else: no other file
 * is read, `*_file` keys included, and the environment serves `${NAME}` only.
 */
must_use bool config_parse(void *ctx, const char *name, const char *bytes, size_t len,
    struct config **ret, struct error **ret_err);

/* Whether libpq would take `text` for a connection string: a PostgreSQL URI or key=value pairs. */
bool config_is_connection_string(const char *text);

#endif
