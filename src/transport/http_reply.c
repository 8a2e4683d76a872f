/* Headers that answers have in common, and answers that say no. */
#include "base/json_writer.h"
#include "base/log.h"
#include "transport/http_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum {
    WARNING_GAP_MS = 10 * 1000, /* one line about refusals in this time */
    MESSAGE_MAX = 4096,
};

void transport_header(struct transport_headers *headers, const char *name, const char *value)
{
    assert(headers->count + 3 <= sizeof headers->list / sizeof headers->list[0]);
    headers->list[headers->count++] = name;
    headers->list[headers->count++] = value;
}

struct transport_headers transport_headers(const struct transport_http *transport,
    const struct http_request *request)
{
    struct transport_headers headers = {0};
    const char *origin = http_request_header(request, "Origin");
    if (origin && transport_origin_allowed(transport->options, origin)) {
        transport_header(&headers, "Access-Control-Allow-Origin", origin);
        transport_header(&headers, "Access-Control-Expose-Headers",
            "Mcp-Session-Id, WWW-Authenticate, Retry-After");
        transport_header(&headers, "Vary", "Origin");
    }
    return headers;
}

static bool range_covers(const char *range, size_t len, const char *type)
{
    size_t main_len = strcspn(type, "/") + 1;
    if (len == 3 && strncmp(range, "*/*", 3) == 0)
        return true;
    if (len == main_len + 1 && range[main_len] == '*')
        return strncasecmp(range, type, main_len) == 0;
    return len == strlen(type) && strncasecmp(range, type, len) == 0;
}

bool transport_accepts(const char *accept, const char *type)
{
    const char *range = accept;
    if (!accept || !*accept)
        return true;
    while (*range) {
        range += strspn(range, ", \t");
        if (range_covers(range, strcspn(range, ",; \t"), type))
            return true;
        range += strcspn(range, ",");
    }
    return false;
}

/* ---- refusals ---- */

static char *error_body(int code, const char *message, size_t *ret_len)
{
    struct str body;
    struct json_writer w;
    str_init(&body, NULL, (size_t)MESSAGE_MAX * 6 + 256);
    jw_init(&w, &body);
    jw_begin_object(&w);
    jw_member_string(&w, "jsonrpc", "2.0");
    jw_key(&w, "error");
    jw_begin_object(&w);
    jw_member_int(&w, "code", code);
    jw_member_string(&w, "message", message);
    jw_end_object(&w);
    jw_end_object(&w);
    *ret_len = body.len;
    return str_take(&body, NULL);
}

/* An operator wants to know that somebody is kept out, not to read a line for each attempt. */
static void tell_operator(struct transport_http *t, const struct http_request *request,
    unsigned status, const char *message)
{
    log_debug("%s %s from %s: %u, %s", http_request_method(request), http_request_path(request),
        http_request_peer(request), status, message);
    if (status != 401 && status != 403 && status != 429 && status != 503)
        return;
    t->unwarned++;
    if (t->warned_at && rt_now() - t->warned_at < WARNING_GAP_MS)
        return;
    log_warning("refused %zu request%s since the last such line, the latest from %s with status "
                "%u: %s",
        t->unwarned, t->unwarned == 1 ? "" : "s", http_request_peer(request), status, message);
    t->warned_at = rt_now();
    t->unwarned = 0;
}

void transport_refuse(struct transport_http *transport, struct http_request *request,
    struct transport_refusal refusal, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    tell_operator(transport, request, refusal.status, message);
    struct transport_headers headers = transport_headers(transport, request);
    transport_header(&headers, "Content-Type", "application/json");
    if (refusal.name)
        transport_header(&headers, refusal.name, refusal.value);
    size_t len;
    char *body = error_body(refusal.code, message, &len);
    http_answer(request, refusal.status, headers.list, body, len);
}

/* ---- CORS ---- */

/* Headers have to be named one by one; those of tools' arguments are known only from the question.
 */
static char *allowed_headers(const void *ctx, const char *asked)
{
    static const char prefix[] = "mcp-param-";
    char *list = talloc_strdup(ctx, "Content-Type, Authorization, Accept, MCP-Protocol-Version, "
                                    "Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID");
    while (asked && *asked) {
        asked += strspn(asked, ", \t");
        size_t len = strcspn(asked, ", \t");
        if (strncasecmp(asked, prefix, sizeof prefix - 1) == 0)
            list = talloc_asprintf_append_buffer(list, ", %.*s", (int)len, asked);
        asked += len;
    }
    return list;
}

void transport_answer_preflight(struct transport_http *transport, struct http_request *request)
{
    struct transport_headers headers = transport_headers(transport, request);
    char *list =
        allowed_headers(transport, http_request_header(request, "Access-Control-Request-Headers"));
    transport_header(&headers, "Allow", "GET, POST, DELETE, OPTIONS");
    if (headers.count > 2) {
        transport_header(&headers, "Access-Control-Allow-Methods", "GET, POST, DELETE");
        transport_header(&headers, "Access-Control-Allow-Headers", list);
        transport_header(&headers, "Access-Control-Max-Age", "600");
    }
    http_answer(request, 204, headers.list, NULL, 0);
    talloc_free(list);
}
