/*
 * Request state: what the server lets the client keep between two rounds of a request (MCP
 * 2026-07-28, Multi Round-Trip Requests).
 *
 * It comes back through hands that are not ours. So it is signed, expires, and holds for this
 * principal, method, name and these arguments only: an answer to "delete one row?" must not serve
 * for another statement. "v1." base64url(JSON) "." base64url(HMAC-SHA256).
 */
#include "mcp/internal.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

static const char PREFIX[] = "v1.";

static char *encode(const void *ctx, const void *bytes, size_t len)
{
    struct base64_encode_ctx encoder;
    base64url_encode_init(&encoder);
    char *text = talloc_size(ctx, BASE64_ENCODE_LENGTH(len) + BASE64_ENCODE_FINAL_LENGTH + 1);
    size_t size = base64_encode_update(&encoder, text, len, bytes);
    size += base64_encode_final(&encoder, text + size);
    text[size] = '\0';
    return text;
}

static char *decode(const void *ctx, const char *text, size_t len, size_t *ret_len)
{
    struct base64_decode_ctx decoder;
    base64url_decode_init(&decoder);
    size_t size = BASE64_DECODE_LENGTH(len);
    char *bytes = talloc_size(ctx, size + 1);
    if (!base64_decode_update(&decoder, &size, (uint8_t *)bytes, len, text) ||
        !base64_decode_final(&decoder))
        return NULL;
    bytes[size] = '\0';
    *ret_len = size;
    return bytes;
}

struct dump {
    const json_t *value;
    char *text;
};

static void dump_sorted(void *arg)
{
    struct dump *dump = arg;
    dump->text = json_dumps(dump->value, JSON_COMPACT | JSON_SORT_KEYS);
}

/* Signs `payload` for this request. */
static void sign(const struct mcp_call *call, const char *payload,
    uint8_t ret[static SHA256_DIGEST_SIZE])
{
    const struct mcp_peer *peer = call->to.peer;
    struct dump arguments = {.value = call->arguments};
    if (call->arguments)
        rt_run_on_main(dump_sorted, &arguments); /* it recurses as deep as the value */
    const char *parts[] = {payload, peer->principal ? peer->principal : "", call->method,
        call->name ? call->name : "", arguments.text ? arguments.text : ""};
    struct hmac_sha256_ctx hmac;
    hmac_sha256_set_key(&hmac, STATE_KEY_BYTES, peer->server->state_key);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) /* each with its final NUL */
        hmac_sha256_update(&hmac, strlen(parts[i]) + 1, (const uint8_t *)parts[i]);
    hmac_sha256_digest(&hmac, SHA256_DIGEST_SIZE, ret);
    free(arguments.text);
}

char *mcp_state_sign(const struct mcp_call *call)
{
    int64_t life_ms = call->to.peer->server->options.input_timeout_ms;
    struct str payload;
    str_init(&payload, call, call->to.peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &payload);
    jw_begin_object(&w);
    jw_member_int(&w, "expires", time(NULL) + life_ms / 1000);
    jw_member_int(&w, "round", call->round + 1);
    jw_member_string(&w, "kept", call->keeping);
    jw_end_object(&w);
    uint8_t mac[SHA256_DIGEST_SIZE];
    sign(call, str_get(&payload), mac);
    char *state = talloc_asprintf(call, "%s%s.%s", PREFIX, encode(call, payload.data, payload.len),
        encode(call, mac, sizeof mac));
    str_done(&payload);
    return state;
}

static bool read_payload(struct mcp_call *call, const char *payload)
{
    json_t *value = json_loads(payload, 0, NULL);
    const char *kept = json_string_value(json_object_get(value, "kept"));
    bool valid = time(NULL) <= json_integer_value(json_object_get(value, "expires"));
    call->round = (int)json_integer_value(json_object_get(value, "round"));
    call->kept = kept ? talloc_strdup(call, kept) : NULL;
    json_decref(value);
    return valid;
}

bool mcp_state_verify(struct mcp_call *call, const char *state)
{
    const char *body = state + strlen(PREFIX);
    const char *dot = strncmp(state, PREFIX, strlen(PREFIX)) == 0 ? strchr(body, '.') : NULL;
    if (!dot)
        return false;
    size_t payload_len, mac_len;
    const char *payload = decode(call, body, (size_t)(dot - body), &payload_len);
    const char *mac = decode(call, dot + 1, strlen(dot + 1), &mac_len);
    if (!payload || !mac || mac_len != SHA256_DIGEST_SIZE || strlen(payload) != payload_len)
        return false;
    uint8_t expected[SHA256_DIGEST_SIZE];
    sign(call, payload, expected);
    return memeql_sec(mac, expected, sizeof expected) && read_payload(call, payload);
}
