/* The table of keys; see keys.h. */
#include "config/keys.h"

#define FIELD(f) offsetof(struct config, f)

static const char *const false_true[] = {"false", "true", NULL};
static const char *const pooler_modes[] = {"none", "transaction", NULL};
static const char *const ssl_modes[] = {"disable", "allow", "prefer", "require", "verify-ca",
    "verify-full", NULL};
static const char *const catalog_choices[] = {"safe", "none", "all", NULL};
static const char *const analysis_choices[] = {"auto", "server", "local", NULL};
static const char *const warn_enforce[] = {"warn", "enforce", NULL};

const struct config_section config_sections[] = {
    {"database", NULL, "Where the data is and how connections are used."},
    {"llm", "holysheep", "The model that turns questions into SQL; any OpenAI-compatible service."},
    {"mcp", NULL, "The protocol side: where to listen and how much to accept."},
    {"security", NULL, "What a query may see and how much of it is returned."},
};
const size_t config_section_count = sizeof config_sections / sizeof config_sections[0];

enum { HOUR_MS = 60 * 60 * 1000, DAY_MS = 24 * HOUR_MS, MIB = 1024 * 1024 };

const struct config_key config_keys[] = {
    {"database", "url", CONFIG_URL, FIELD(database.url), .env = "DATABASE_URL", .locates = true,
        .doc = "Connection string, postgresql://… or key=value pairs; what it says wins over the "
               "keys below."},
    {"database", "host", CONFIG_STRING, FIELD(database.host), .env = "PGHOST", .locates = true,
        .doc = "Host name, address or directory of the server's socket."},
    {"database", "port", CONFIG_INT, FIELD(database.port), .min = 1, .max = 65535, .env = "PGPORT",
        .locates = true, .doc = "Port of the server."},
    {"database", "database", CONFIG_STRING, FIELD(database.database), .env = "PGDATABASE",
        .locates = true, .doc = "Name of the database."},
    {"database", "username", CONFIG_STRING, FIELD(database.username), .env = "PGUSER",
        .locates = true,
        .doc = "Role to log in as; give it SELECT on what may be read and no more."},
    {"database", "password", CONFIG_SECRET, FIELD(database.password), .env = "PGPASSWORD",
        .locates = true,
        .doc = "Password of the role; better ${NAME}, password_file or ~/.pgpass."},
    {"database", "password_file", CONFIG_SECRET_FILE, FIELD(database.password), .locates = true,
        .doc = "File that holds the password; a relative path starts at the configuration file."},
    {"database", "sslmode", CONFIG_ENUM, FIELD(database.sslmode), .choices = ssl_modes,
        .env = "PGSSLMODE", .doc = "How far TLS is required and the server's certificate checked."},
    {"database", "sslrootcert", CONFIG_STRING, FIELD(database.sslrootcert), .env = "PGSSLROOTCERT",
        .doc = "File of certificate authorities to trust."},
    {"database", "service", CONFIG_STRING, FIELD(database.service), .env = "PGSERVICE",
        .locates = true, .doc = "Entry of the connection service file (pg_service.conf)."},
    {"database", "pool_size", CONFIG_INT, FIELD(database.pool_size), .min = 1, .max = 1000,
        .fallback = "5", .doc = "Connections that are kept open for reuse."},
    {"database", "max_overflow", CONFIG_INT, FIELD(database.max_overflow), .min = 0, .max = 1000,
        .fallback = "10", .doc = "Further connections under load, closed when they are returned."},
    {"database", "pool_timeout", CONFIG_INT, FIELD(database.pool_timeout_s), .min = 1, .max = 3600,
        .unit = "seconds", .fallback = "30", .doc = "How long a call waits for a free connection."},
    {"database", "connection_timeout", CONFIG_INT, FIELD(database.connection_timeout_ms), .min = 10,
        .max = 10 * 60 * 1000, .unit = "ms", .fallback = "5000",
        .doc = "How long connecting may take."},
    {"database", "statement_timeout", CONFIG_INT, FIELD(database.statement_timeout_ms), .min = 10,
        .max = DAY_MS, .unit = "ms", .fallback = "30000", .doc = "How long a statement may run."},
    {"database", "lock_timeout", CONFIG_INT, FIELD(database.lock_timeout_ms), .min = 10,
        .max = HOUR_MS, .unit = "ms", .fallback = "5000",
        .doc = "How long a statement waits for a lock."},
    {"database", "max_orphans", CONFIG_INT, FIELD(database.max_orphans), .min = 1, .max = 1000,
        .fallback = "10",
        .doc =
            "Statements that ignore their cancellation and may run on before others are refused."},
    {"database", "pooler", CONFIG_BOOL, FIELD(database.transaction_pooler), .choices = pooler_modes,
        .fallback = "none", .doc = "Set to transaction behind PgBouncer in transaction mode."},
    {"database", "search_path", CONFIG_LIST, FIELD(database.search_path),
        .doc =
            "Schemas in which unqualified names are looked up; allowed_schemas, else \"$user\" and public."},
    {"database", "application_name", CONFIG_STRING, FIELD(database.application_name),
        .fallback = "pgparley", .doc = "Name shown in pg_stat_activity."},

    {"llm", "base_url", CONFIG_STRING, FIELD(llm.base_url),
        .doc = "Address of the service; /chat/completions is added to it."},
    {"llm", "api_key", CONFIG_SECRET, FIELD(llm.api_key),
        .doc = "Key sent as bearer token; better ${NAME} or api_key_file."},
    {"llm", "api_key_file", CONFIG_SECRET_FILE, FIELD(llm.api_key),
        .doc = "File that holds the key; a relative path starts at the configuration file."},
    {"llm", "model", CONFIG_STRING, FIELD(llm.model), .doc = "Name of the model."},
    {"llm", "temperature", CONFIG_DOUBLE, FIELD(llm.temperature), .min = 0, .max = 2,
        .fallback = "0.1", .doc = "Sampling temperature; low values give steadier SQL."},
    {"llm", "max_tokens", CONFIG_INT, FIELD(llm.max_tokens), .min = 1, .max = 1000000,
        .fallback = "1000", .doc = "Longest answer asked of the model, in tokens."},

    {"mcp", "host", CONFIG_STRING, FIELD(mcp.host), .fallback = "127.0.0.1",
        .doc = "Address on which serve --http listens."},
    {"mcp", "port", CONFIG_INT, FIELD(mcp.port), .min = 1, .max = 65535, .fallback = "8765",
        .doc = "Port on which serve --http listens."},
    {"mcp", "debug", CONFIG_BOOL, FIELD(mcp.debug), .choices = false_true, .fallback = "false",
        .doc = "Log every step on stderr."},
    {"mcp", "max_message_bytes", CONFIG_INT, FIELD(mcp.max_message_bytes), .min = 4096,
        .max = 64 * MIB, .unit = "bytes", .fallback = "4194304",
        .doc = "Longest message accepted on standard input."},
    {"mcp", "max_requests", CONFIG_INT, FIELD(mcp.max_requests), .min = 1, .max = 1000000,
        .fallback = "20000", .doc = "Requests in flight, running and waiting."},
    {"mcp", "max_concurrent_calls", CONFIG_INT, FIELD(mcp.max_concurrent_calls), .min = 1,
        .max = 10000, .fallback = "256", .doc = "Tool calls that run at once; the others wait."},
    {"mcp", "call_timeout", CONFIG_INT, FIELD(mcp.call_timeout_ms), .min = 100, .max = DAY_MS,
        .unit = "ms", .fallback = "120000", .doc = "How long a call may take, waiting included."},
    {"mcp", "input_timeout", CONFIG_INT, FIELD(mcp.input_timeout_ms), .min = 1000, .max = DAY_MS,
        .unit = "ms", .fallback = "600000",
        .doc = "How long a call waits for an answer of the client's user; comes on top of "
               "call_timeout."},
    {"mcp", "max_subscriptions", CONFIG_INT, FIELD(mcp.max_subscriptions), .min = 1, .max = 100000,
        .fallback = "1000", .doc = "Resources and lists whose changes one client listens for."},
    {"mcp", "state_key", CONFIG_SECRET, FIELD(mcp.state_key), .min = 32,
        .doc = "Key that signs what a client keeps for the server between two requests, the same "
               "for all servers behind one address; a random one when not given."},
    {"mcp", "state_key_file", CONFIG_SECRET_FILE, FIELD(mcp.state_key), .min = 32,
        .doc = "File that holds the key."},

    {"mcp", "path", CONFIG_STRING, FIELD(mcp.path), .fallback = "/mcp",
        .doc = "Path of the HTTP endpoint."},
    {"mcp", "socket", CONFIG_PATH, FIELD(mcp.socket),
        .doc = "Unix socket on which serve --http listens instead of host and port."},
    {"mcp", "socket_mode", CONFIG_MODE, FIELD(mcp.socket_mode), .fallback = "0600",
        .doc = "Permissions of the unix socket: who may write to it, may connect."},
    {"mcp", "tokens", CONFIG_SECRETS, FIELD(mcp.tokens), .min = 16,
        .doc =
            "Bearer tokens that let clients in over HTTP, a line \"name: ${VARIABLE}\" for each; "
            "anybody may come in when there is none."},
    {"mcp", "tokens_file", CONFIG_SECRETS_FILE, FIELD(mcp.tokens), .min = 16,
        .doc = "File of further tokens, one \"name:secret\" a line; SIGHUP makes it be read "
               "again."},
    {"mcp", "allow_unauthenticated", CONFIG_BOOL, FIELD(mcp.allow_unauthenticated),
        .choices = false_true, .fallback = "false",
        .doc = "Listen beyond this machine without tokens, as behind a proxy that asks for them."},
    {"mcp", "allowed_hosts", CONFIG_LIST, FIELD(mcp.allowed_hosts),
        .doc = "Names by which clients may call the server besides those of this machine itself: "
               "\"name\" or \"name:port\"; \"*\" for any."},
    {"mcp", "allowed_origins", CONFIG_LIST, FIELD(mcp.allowed_origins),
        .doc = "Web sites whose pages may use the server besides those of this machine: "
               "\"https://app.example.com\"; \"*\" for any."},
    {"mcp", "tls_certificate", CONFIG_PATH, FIELD(mcp.tls_certificate),
        .doc = "Certificate chain in PEM; with it, and tls_key, the server speaks HTTPS."},
    {"mcp", "tls_key", CONFIG_PATH, FIELD(mcp.tls_key),
        .doc = "Private key of the certificate in PEM, without a passphrase."},
    {"mcp", "max_body_bytes", CONFIG_INT, FIELD(mcp.max_body_bytes), .min = 4096, .max = 64 * MIB,
        .unit = "bytes", .fallback = "1048576", .doc = "Longest body of an HTTP request."},
    {"mcp", "max_header_bytes", CONFIG_INT, FIELD(mcp.max_header_bytes), .min = 2048,
        .max = 256 * 1024, .unit = "bytes", .fallback = "16384",
        .doc = "Longest head of an HTTP request."},
    {"mcp", "header_timeout", CONFIG_INT, FIELD(mcp.header_timeout_ms), .min = 100, .max = HOUR_MS,
        .unit = "ms", .fallback = "10000", .doc = "How long the head of a request may take."},
    {"mcp", "body_timeout", CONFIG_INT, FIELD(mcp.body_timeout_ms), .min = 100, .max = HOUR_MS,
        .unit = "ms", .fallback = "30000", .doc = "How long the body of a request may take."},
    {"mcp", "idle_timeout", CONFIG_INT, FIELD(mcp.idle_timeout_ms), .min = 100, .max = DAY_MS,
        .unit = "ms", .fallback = "75000",
        .doc = "How long a connection is kept open between two requests."},
    {"mcp", "write_timeout", CONFIG_INT, FIELD(mcp.write_timeout_ms), .min = 100, .max = HOUR_MS,
        .unit = "ms", .fallback = "30000",
        .doc = "How long a client may take nothing of what is waiting for it."},
    {"mcp", "max_connections", CONFIG_INT, FIELD(mcp.max_connections), .min = 1, .max = 100000,
        .fallback = "4000", .doc = "HTTP connections that are open at once."},
    {"mcp", "max_connections_per_address", CONFIG_INT, FIELD(mcp.max_connections_per_address),
        .min = 1, .max = 100000, .fallback = "2000",
        .doc = "HTTP connections from one address (of IPv6, one /64 network)."},
    {"mcp", "rate_limit", CONFIG_INT, FIELD(mcp.rate_limit), .min = 0, .max = 10000000,
        .unit = "requests a minute", .fallback = "0",
        .doc = "Requests of one token's name, or of one address without tokens; 0 for no limit."},
    {"mcp", "rate_burst", CONFIG_INT, FIELD(mcp.rate_burst), .min = 1, .max = 1000000,
        .fallback = "60", .doc = "Requests that may come at once before rate_limit holds."},
    {"mcp", "max_sessions", CONFIG_INT, FIELD(mcp.max_sessions), .min = 1, .max = 1000000,
        .fallback = "1000",
        .doc = "Sessions of HTTP clients that still speak a revision with a handshake."},
    {"mcp", "session_timeout", CONFIG_INT, FIELD(mcp.session_timeout_ms), .min = 1000,
        .max = DAY_MS, .unit = "ms", .fallback = "1800000",
        .doc = "How long a session lives without a request."},
    {"mcp", "stream_after", CONFIG_INT, FIELD(mcp.stream_after_ms), .min = 0, .max = HOUR_MS,
        .unit = "ms", .fallback = "2000",
        .doc = "After this time an HTTP answer that is not ready is begun as an event stream."},
    {"mcp", "keepalive", CONFIG_INT, FIELD(mcp.keepalive_ms), .min = 100, .max = HOUR_MS,
        .unit = "ms", .fallback = "15000",
        .doc = "Time after which a quiet event stream carries a comment, so that nobody on the way "
               "takes it for dead."},
    {"mcp", "drain_timeout", CONFIG_INT, FIELD(mcp.drain_timeout_ms), .min = 0, .max = HOUR_MS,
        .unit = "ms", .fallback = "20000",
        .doc = "How long calls in flight may take after SIGTERM."},

    {"security", "max_rows_returned", CONFIG_INT, FIELD(security.max_rows_returned), .min = 1,
        .max = 1000000, .unit = "rows", .fallback = "1000", .doc = "Most rows of one result."},
    /* About 25,000 tokens at four bytes each, which is where common clients cut a tool's result. */
    {"security", "max_result_bytes", CONFIG_INT, FIELD(security.max_result_bytes), .min = 1000,
        .max = 16 * MIB, .unit = "bytes", .fallback = "100000", .doc = "Most bytes of one result."},
    {"security", "max_cell_bytes", CONFIG_INT, FIELD(security.max_cell_bytes), .min = 16,
        .max = 16 * MIB, .unit = "bytes", .fallback = "8192",
        .doc = "Longest value in a result; longer ones are cut and marked."},
    /* PostgreSQL's grammar needs stack and time that grow with the text: 64 KiB is its cage. */
    {"security", "max_query_bytes", CONFIG_INT, FIELD(security.max_query_bytes), .min = 256,
        .max = 65536, .unit = "bytes", .fallback = "32768", .doc = "Longest query accepted."},
    {"security", "allowed_schemas", CONFIG_LIST, FIELD(security.allowed_schemas),
        .doc = "Schemas that may be read, with * for any text; all when not given, none when "
               "empty."},
    {"security", "allowed_tables", CONFIG_LIST, FIELD(security.allowed_tables),
        .doc = "Tables and views that may be read, and no others: \"name\" in any schema, or "
               "\"schema.name\", with * for any text; all in the schemas when not given."},
    {"security", "allowed_views", CONFIG_LIST, FIELD(security.allowed_views),
        .doc = "Views that may be read whatever they show of tables that may not; written like "
               "allowed_tables."},
    {"security", "allowed_functions", CONFIG_LIST, FIELD(security.allowed_functions),
        .doc = "Functions that a query may call besides those known to be harmless: \"name\" or "
               "\"schema.name\", with * for any text; a built-in one as \"pg_catalog.name\"."},
    {"security", "blocked_tables", CONFIG_LIST, FIELD(security.blocked_tables),
        .doc = "Tables that may not be read, by no way: \"name\" in any schema, or "
               "\"schema.name\", with * for any text."},
    {"security", "blocked_columns", CONFIG_LIST, FIELD(security.blocked_columns),
        .doc = "Columns that may not be read: \"table.column\" or \"schema.table.column\", with * "
               "for any text."},
    {"security", "catalog_access", CONFIG_ENUM, FIELD(security.catalog_access),
        .choices = catalog_choices, .fallback = "safe",
        .doc = "System catalogs that may be read: those that only describe the schema, none, or "
               "all."},
    {"security", "analysis", CONFIG_ENUM, FIELD(security.analysis), .choices = analysis_choices,
        .fallback = "auto",
        .doc = "Who resolves the names in a query: the server, exactly; pgparley, stricter where "
               "it cannot be sure; auto asks the server where that stays out of its log."},
    {"security", "require_least_privilege", CONFIG_BOOL, FIELD(security.enforce_least_privilege),
        .choices = warn_enforce, .fallback = "warn",
        .doc = "When the role may do more than it should: a warning in the log, or no call is "
               "answered."},
};
const size_t config_key_count = sizeof config_keys / sizeof config_keys[0];
