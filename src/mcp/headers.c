/*
 * The headers of Streamable HTTP, which repeat what the body says so that proxies can route on
 * it: they have to agree (MCP 2026-07-28, Streamable HTTP; SEP-2243 for the parameters).
 */
#include "mcp/internal.h"

#include <errno.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const char VERSION[] = "MCP-Protocol-Version", METHOD[] = "Mcp-Method", NAME[] = "Mcp-Name";

static const char *get(const struct mcp_headers *headers, const char *name)
{
    return headers ? headers->get(headers, name) : NULL;
}

/* Revisions are dates, so their order is that of the text. */
bool mcp_headers_modern(const struct mcp_headers *headers)
{
    const char *version = get(headers, VERSION);
    return version && strcmp(version, mcp_version_text(MCP_2026_07_28)) >= 0;
}

static struct mcp_fault *mismatch(const void *ctx, const char *name, const char *header,
    const char *body)
{
    if (!header)
        return mcp_fault_create(ctx, MCP_HEADER_MISMATCH,
            "Header mismatch: %s is missing; the body says '%.200s'", name, body);
    return mcp_fault_create(ctx, MCP_HEADER_MISMATCH,
        "Header mismatch: %s header value '%.200s' does not match body value '%.200s'", name,
        header, body);
}

/* ---- values that are no plain ASCII: =?base64?…?= ---- */

/* Strict: nettle's decoder refuses bad padding and stray bits, but passes over blanks. NULL when
 * it is not base64, or not of a text. */
static char *base64_decode(const void *ctx, const char *text, size_t len)
{
    struct base64_decode_ctx decoder;
    base64_decode_init(&decoder);
    size_t size = BASE64_DECODE_LENGTH(len);
    char *out = talloc_size(ctx, size + 1);
    bool whole = !memchr(text, ' ', len) &&
                 base64_decode_update(&decoder, &size, (uint8_t *)out, len, text) &&
                 base64_decode_final(&decoder);
    if (!whole)
        return NULL;
    out[size] = '\0';
    return strlen(out) == size ? out : NULL;
}

/* The value that a header stands for; NULL when it is not well-formed. */
static const char *decode(const void *ctx, const char *value)
{
    static const char prefix[] = "=?base64?", suffix[] = "?=";
    size_t len = strlen(value), wrapped = strlen(prefix) + strlen(suffix);
    for (const char *p = value; *p; p++) {
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
            return NULL;
    }
    if (len < wrapped || strncmp(value, prefix, strlen(prefix)) != 0 ||
        strcmp(value + len - strlen(suffix), suffix) != 0)
        return value;
    return base64_decode(ctx, value + strlen(prefix), len - wrapped);
}

static struct mcp_fault *compare(const void *ctx, const char *name, const char *header,
    const char *body)
{
    const char *value = header ? decode(ctx, header) : NULL;
    if (header && !value)
        return mcp_fault_create(ctx, MCP_HEADER_MISMATCH,
            "Header mismatch: %s is neither printable ASCII nor =?base64?…?=", name);
    return value && strcmp(value, body) == 0 ? NULL : mismatch(ctx, name, header, body);
}

/* ---- checks, in the order in which the faults count ---- */

struct mcp_fault *mcp_headers_check_version(const void *ctx, const struct mcp_headers *headers,
    const char *version)
{
    const char *header = get(headers, VERSION);
    return header && strcmp(header, version) != 0 ? mismatch(ctx, VERSION, header, version) : NULL;
}

/* The parameter that Mcp-Name repeats; NULL when the method has none. */
static const char *name_param(const char *method)
{
    if (strcmp(method, "resources/read") == 0)
        return "uri";
    bool named = strcmp(method, "tools/call") == 0 || strcmp(method, "prompts/get") == 0;
    return named ? "name" : NULL;
}

struct mcp_fault *mcp_headers_check(const struct mcp_request *request)
{
    const struct mcp_headers *headers = request->headers;
    if (!headers || request->to.version < MCP_2026_07_28)
        return NULL;
    const char *method = request->message.method;
    if (!get(headers, VERSION))
        return mismatch(request->root, VERSION, NULL, mcp_version_text(request->to.version));
    if (!get(headers, METHOD) || strcmp(get(headers, METHOD), method) != 0)
        return mismatch(request->root, METHOD, get(headers, METHOD), method);
    const char *param = name_param(method);
    const char *name =
        param ? mcp_json_string(json_object_get(request->message.params, param)) : NULL;
    return name ? compare(request->root, NAME, get(headers, NAME), name) : NULL;
}

static bool same_integer(const char *header, const json_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(header, &end, 10);
    return *header && !*end && errno == 0 && number == json_integer_value(value);
}

struct mcp_fault *mcp_headers_check_params(const struct mcp_request *request,
    const struct mcp_tool *tool, const json_t *arguments)
{
    if (!request->headers || request->to.version < MCP_2026_07_28)
        return NULL;
    for (const struct mcp_param *param = tool->params; param->name; param++) {
        const json_t *value = json_object_get(arguments, param->name);
        if (!param->header || !value || json_is_null(value))
            continue;
        const char *name = talloc_asprintf(request->root, "Mcp-Param-%s", param->header);
        const char *header = get(request->headers, name);
        if (header && json_is_integer(value) && same_integer(header, value))
            continue;
        const char *body =
            json_is_string(value) ? json_string_value(value) : mcp_json_text(request->root, value);
        struct mcp_fault *fault = compare(request->root, name, header, body);
        if (fault)
            return fault;
    }
    return NULL;
}
