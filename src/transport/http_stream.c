/*
 * GET and DELETE, which belong to the sessions of the handshake era: the stream for what answers
 * no request, and the end.
 */
#include "transport/http_internal.h"

#include <string.h>

/* NULL when the request has been refused. */
static struct transport_session *find_session(struct transport_http *t,
    struct http_request *request, const char *principal, struct transport_refusal without)
{
    static const struct transport_refusal unknown = {404, TRANSPORT_SESSION_NOT_FOUND, NULL, NULL};
    const char *id = http_request_header(request, "Mcp-Session-Id");
    struct transport_session *session = id ? transport_session_find(t, id, principal) : NULL;
    if (!id)
        transport_refuse(t, request, without,
            "%s is for sessions and needs Mcp-Session-Id; requests are sent with POST.",
            http_request_method(request));
    else if (!session)
        transport_refuse(t, request, unknown,
            "Session not found: it has ended; send initialize without Mcp-Session-Id.");
    return session;
}

void transport_get(struct transport_http *transport, struct http_request *request,
    const char *principal)
{
    /* What clients understand as "there is no such stream". */
    static const struct transport_refusal without = {405, MCP_INVALID_REQUEST, "Allow", "POST"};
    static const struct transport_refusal no_events = {406, MCP_INVALID_REQUEST, NULL, NULL};
    static const struct transport_refusal second = {409, MCP_INVALID_REQUEST, NULL, NULL};
    struct transport_session *session = find_session(transport, request, principal, without);
    if (!session)
        return;
    if (!transport_accepts(http_request_header(request, "Accept"), "text/event-stream"))
        transport_refuse(transport, request, no_events,
            "GET opens an event stream: send Accept: text/event-stream.");
    else if (session->stream)
        transport_refuse(transport, request, second,
            "The session has its stream already; close that one first.");
    else
        transport_exchange_stream(transport_exchange_create(transport, request, principal),
            session);
}

void transport_delete(struct transport_http *transport, struct http_request *request,
    const char *principal)
{
    static const struct transport_refusal without = {400, MCP_INVALID_REQUEST, NULL, NULL};
    struct transport_session *session = find_session(transport, request, principal, without);
    if (!session)
        return;
    transport_session_end(session);
    struct transport_headers headers = transport_headers(transport, request);
    http_answer(request, 204, headers.list, NULL, 0);
}
