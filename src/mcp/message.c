/* JSON-RPC framing and the envelope of both eras; see message.h. */
#include "mcp/message.h"

#include "mcp/internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char *const version_texts[] = {
    [MCP_2024_11_05] = "2024-11-05",
    [MCP_2025_03_26] = "2025-03-26",
    [MCP_2025_06_18] = "2025-06-18",
    [MCP_2025_11_25] = "2025-11-25",
    [MCP_2026_07_28] = "2026-07-28",
};

enum mcp_version mcp_version_parse(const char *text)
{
    for (int v = MCP_2024_11_05; v <= MCP_2026_07_28; v++) {
        if (strcmp(text, version_texts[v]) == 0)
            return (enum mcp_version)v;
    }
    return MCP_NONE;
}

const char *mcp_version_text(enum mcp_version version)
{
    return version_texts[version];
}

struct mcp_fault *mcp_fault_create(const void *ctx, enum mcp_code code, const char *format, ...)
{
    struct mcp_fault *fault = talloc_zero(ctx, struct mcp_fault);
    fault->code = code;
    va_list args;
    va_start(args, format);
    fault->message = talloc_vasprintf(fault, format, args);
    va_end(args);
    return fault;
}

static bool fail(struct mcp_fault **ret_fault, struct mcp_fault *fault)
{
    *ret_fault = fault;
    return false;
}

/* ---- JSON values ---- */

static void json_drop(void *value)
{
    json_decref(value);
}

/* jansson frees a nested value recursively: too deep for a fiber's stack. */
static int json_release(struct mcp_json *json)
{
    rt_run_on_main(json_drop, json->value);
    return 0;
}

struct mcp_json *mcp_json_own(const void *ctx, json_t *value)
{
    struct mcp_json *json = talloc(ctx, struct mcp_json);
    json->value = value;
    talloc_set_destructor(json, json_release);
    return json;
}

char *mcp_json_text(const void *ctx, const json_t *value)
{
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    char *text = talloc_strdup(ctx, dumped);
    free(dumped);
    return text;
}

const char *mcp_json_string(const json_t *value)
{
    if (!json_is_string(value))
        return NULL;
    const char *text = json_string_value(value);
    return strlen(text) == json_string_length(value) ? text : NULL;
}

/* A value takes some hundred bytes of memory, and only a few of a message. */
enum { VALUES_MAX = 20000 };

static bool has_too_many_values(const char *bytes, size_t len)
{
    size_t values = 0;
    bool in_string = false;
    for (size_t i = 0; len > VALUES_MAX && i < len; i++) {
        if (bytes[i] == '"')
            in_string = !in_string;
        else if (in_string)
            i += bytes[i] == '\\';
        else
            values += bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{';
    }
    return values > VALUES_MAX;
}

/* The id of a message that is not kept, under `ctx`. */
static char *scan_id(const void *ctx, const char *bytes, size_t len)
{
    struct mcp_id_scanner scanner = {0};
    mcp_id_scan(&scanner, bytes, len);
    return talloc_strdup(ctx, mcp_id_scanned(&scanner));
}

bool mcp_parse(const void *ctx, const char *bytes, size_t len, struct mcp_json **ret, char **ret_id,
    struct mcp_fault **ret_fault)
{
    *ret_id = NULL;
    if (has_too_many_values(bytes, len)) {
        *ret_id = scan_id(ctx, bytes, len);
        return fail(ret_fault,
            mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                "Invalid Request: the message has more than %d values", VALUES_MAX));
    }
    json_error_t error;
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;
    json_t *value = json_loadb(bytes, len, flags, &error);
    if (value) {
        *ret = mcp_json_own(ctx, value);
        return true;
    }
    enum json_error_code why = json_error_code(&error);
    /* Half of a surrogate pair, in a message that is whole. */
    bool half_pair = strncmp(error.text, "invalid Unicode", strlen("invalid Unicode")) == 0;
    /* What is JSON but not what we take is an invalid request; the rest does not parse. */
    if (why == json_error_duplicate_key || why == json_error_numeric_overflow ||
        why == json_error_stack_overflow || half_pair)
        *ret_id = scan_id(ctx, bytes, len);
    if (why == json_error_duplicate_key)
        return fail(ret_fault,
            mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                "Invalid Request: an object has the same key twice (%s)", error.text));
    if (why == json_error_numeric_overflow)
        return fail(ret_fault, mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                                   "Invalid Request: a number is out of range (%s)", error.text));
    return fail(ret_fault,
        mcp_fault_create(ctx, MCP_PARSE_ERROR, "Parse error: %s (byte %d)",
            why == json_error_stack_overflow ? "nested too deeply" : error.text, error.position));
}

/* ---- messages ---- */

enum { ID_MAX = 1024 };

/* Ids and progress tokens: a string or an integer, never null (MCP, Base protocol). */
static char *token_text(const void *ctx, const json_t *value)
{
    if (json_is_integer(value))
        return talloc_asprintf(ctx, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return json_is_string(value) && json_string_length(value) <= ID_MAX ? mcp_json_text(ctx, value)
                                                                        : NULL;
}

bool mcp_message_read(const void *ctx, json_t *root, struct mcp_message *ret,
    struct mcp_fault **ret_fault)
{
    *ret = (struct mcp_message){0};
    if (!json_is_object(root))
        return fail(ret_fault,
            mcp_fault_create(ctx, MCP_INVALID_REQUEST, "Invalid Request: not a JSON object"));
    const json_t *id = json_object_get(root, "id");
    const json_t *method = json_object_get(root, "method");
    ret->id = id ? token_text(ctx, id) : NULL;
    const char *version = mcp_json_string(json_object_get(root, "jsonrpc"));
    if (!version || strcmp(version, "2.0") != 0)
        return fail(ret_fault, mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                                   "Invalid Request: \"jsonrpc\" must be \"2.0\""));
    if (!method && (json_object_get(root, "result") || json_object_get(root, "error"))) {
        ret->kind = MCP_RESPONSE;
        return true;
    }
    if (id && !ret->id)
        return fail(ret_fault,
            mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                "Invalid Request: \"id\" must be an integer or a string of at most %d bytes",
                ID_MAX));
    ret->method = mcp_json_string(method);
    if (!ret->method)
        return fail(ret_fault, mcp_fault_create(ctx, MCP_INVALID_REQUEST,
                                   "Invalid Request: \"method\" must be a string"));
    ret->kind = id ? MCP_REQUEST : MCP_NOTIFICATION;
    ret->params = json_object_get(root, "params");
    if (ret->params && !json_is_object(ret->params))
        return fail(ret_fault, mcp_fault_create(ctx, MCP_INVALID_PARAMS,
                                   "Invalid params: \"params\" must be an object"));
    ret->meta = json_object_get(ret->params, "_meta");
    if (ret->meta && !json_is_object(ret->meta))
        return fail(ret_fault, mcp_fault_create(ctx, MCP_INVALID_PARAMS,
                                   "Invalid params: \"_meta\" must be an object"));
    return true;
}

/* ---- the envelope ---- */

static struct mcp_fault *bad_meta(const void *ctx, const char *key, const char *must)
{
    struct mcp_fault *fault =
        mcp_fault_create(ctx, MCP_INVALID_PARAMS, "Invalid params: _meta[\"%s\"] %s", key, must);
    fault->envelope = true;
    return fault;
}

static struct mcp_fault *unsupported_version(const void *ctx, const json_t *claim)
{
    struct mcp_fault *fault =
        mcp_fault_create(ctx, MCP_UNSUPPORTED_VERSION, "Unsupported protocol version");
    char *requested = mcp_json_text(fault, claim);
    fault->data = talloc_asprintf(fault, "{\"supported\":[\"%s\"],\"requested\":%s}",
        mcp_version_text(MCP_2026_07_28), requested);
    return fault;
}

/* MCP 2026-07-28, Base protocol, "_meta": version and capabilities on every request. */
static struct mcp_fault *modern_envelope(const void *ctx, const json_t *meta,
    const struct mcp_headers *headers, struct mcp_envelope *ret)
{
    const json_t *claim = json_object_get(meta, MCP_META_VERSION);
    const json_t *client = json_object_get(meta, MCP_META_CLIENT_INFO);
    const json_t *log_level = json_object_get(meta, MCP_META_LOG_LEVEL);
    const char *version = mcp_json_string(claim);
    ret->capabilities = json_object_get(meta, MCP_META_CAPABILITIES);
    if (!version)
        return bad_meta(ctx, MCP_META_VERSION, "must be a protocol version");
    if (!json_is_object(ret->capabilities))
        return bad_meta(ctx, MCP_META_CAPABILITIES, "must be an object");
    if (client && !json_is_object(client))
        return bad_meta(ctx, MCP_META_CLIENT_INFO, "must be an object");
    ret->log_level = log_level ? mcp_log_level_parse(mcp_json_string(log_level)) : -1;
    if (log_level && ret->log_level < 0)
        return bad_meta(ctx, MCP_META_LOG_LEVEL, "must be a log level");
    struct mcp_fault *mismatch = mcp_headers_check_version(ctx, headers, version);
    if (mismatch)
        return mismatch;
    if (mcp_version_parse(version) < MCP_2026_07_28)
        return unsupported_version(ctx, claim);
    ret->version = MCP_2026_07_28;
    return NULL;
}

bool mcp_message_claims_modern(const struct mcp_message *message)
{
    static const char *const methods[] = {"server/discover", "subscriptions/listen"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (message->method && strcmp(message->method, methods[i]) == 0)
            return true;
    }
    return json_object_get(message->meta, MCP_META_VERSION) ||
           json_object_get(message->meta, MCP_META_CAPABILITIES) ||
           json_object_get(message->meta, MCP_META_CLIENT_INFO);
}

bool mcp_envelope_read(const void *ctx, const struct mcp_message *message,
    const struct mcp_headers *headers, struct mcp_envelope *ret, struct mcp_fault **ret_fault)
{
    *ret = (struct mcp_envelope){.version = MCP_NONE, .log_level = -1};
    bool claims = mcp_message_claims_modern(message);
    if (message->kind == MCP_REQUEST && (claims || mcp_headers_modern(headers))) {
        struct mcp_fault *fault =
            !claims && strcmp(message->method, "initialize") == 0
                ? mcp_fault_create(ctx, MCP_HEADER_MISMATCH,
                      "Header mismatch: initialize does not exist in the protocol version that "
                      "MCP-Protocol-Version names")
                : modern_envelope(ctx, message->meta, headers, ret);
        if (fault)
            return fail(ret_fault, fault);
    }
    const json_t *token = json_object_get(message->meta, "progressToken");
    if (token) {
        ret->progress_token = token_text(ctx, token);
        if (!ret->progress_token)
            return fail(ret_fault,
                bad_meta(ctx, "progressToken", "must be a string or an integer"));
    }
    return true;
}

/* ---- the id of a frame that is not kept ---- */

static void capture(struct mcp_id_scanner *s, char c)
{
    if (s->len < sizeof s->text - 1)
        s->text[s->len] = c;
    s->len++;
}

/* An integer of any size, or a string that is valid JSON. */
static bool is_id(const char *text)
{
    const char *digits = text + (text[0] == '-');
    if (text[0] != '"')
        return *digits && !digits[strspn(digits, "0123456789")] && (*digits != '0' || !digits[1]);
    json_t *string = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(string);
    return string != NULL;
}

static void captured(struct mcp_id_scanner *s)
{
    bool whole = s->len < sizeof s->text;
    s->text[whole ? s->len : 0] = '\0';
    if (s->capture == MCP_SCAN_KEY) {
        s->key_is_id = strcmp(s->text, "\"id\"") == 0;
    } else if (s->capture == MCP_SCAN_ID) {
        s->found += whole && is_id(s->text) ? 1 : 2;
        memcpy(s->id, s->text, sizeof s->id);
    }
    s->capture = MCP_SCAN_SKIP;
    s->len = 0;
}

static void scan_in_string(struct mcp_id_scanner *s, char c)
{
    if (s->capture != MCP_SCAN_SKIP)
        capture(s, c);
    if (s->escaped) {
        s->escaped = false;
    } else if (c == '\\') {
        s->escaped = true;
    } else if (c == '"') {
        s->in_string = false;
        captured(s);
    }
}

static void scan_outside(struct mcp_id_scanner *s, char c)
{
    bool top = s->depth == 1 && s->object;
    switch (c) {
    case '"':
        s->in_string = true;
        if (top && (s->expect_key || s->key_is_id)) {
            s->capture = s->expect_key ? MCP_SCAN_KEY : MCP_SCAN_ID;
            capture(s, c);
        }
        break;
    case '{':
    case '[':
        if (s->depth++ == 0)
            s->object = s->expect_key = c == '{';
        break;
    case '}':
    case ']':
    case ',':
        if (top) {
            captured(s);
            s->expect_key = c == ',';
            s->key_is_id = false;
        }
        if (c != ',' && s->depth > 0)
            s->depth--;
        break;
    case ':':
        if (top)
            s->expect_key = false;
        break;
    default:
        if (top && s->key_is_id && !s->expect_key && !strchr(" \t\r\n", c)) {
            s->capture = MCP_SCAN_ID;
            capture(s, c);
        }
    }
}

void mcp_id_scan(struct mcp_id_scanner *scanner, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (scanner->in_string)
            scan_in_string(scanner, bytes[i]);
        else
            scan_outside(scanner, bytes[i]);
    }
}

const char *mcp_id_scanned(const struct mcp_id_scanner *scanner)
{
    return scanner->found == 1 ? scanner->id : NULL;
}
