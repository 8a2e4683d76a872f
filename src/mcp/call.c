/*
 * The life of tools/call.
 *
 *   accept ──▶ waiting ──a place is free──▶ running ──▶ answered ──client has taken it──▶ ended
 *                 └── deadline, withdrawn ────┴──────────────────────────────────────────▶ ended
 *
 * A waiting call is its parsed message and nothing more; a running one has a fiber. The place is
 * given back only when the client has taken the answer, so that a client that does not read
 * stops its own calls and not the server's memory.
 */
#include "mcp/internal.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>
#include <utlist.h>

enum { HEARTBEAT_MS = 1000, PROGRESS_GAP_MS = 100 };

struct mcp_call {
    struct mcp_peer *peer;
    struct mcp_batch *batch;
    struct mcp_json *root; /* owns `arguments` */
    const struct mcp_tool *tool;
    const json_t *arguments;
    char *id; /* the key in peer->calls */
    enum mcp_version version;
    struct rt_fiber *fiber; /* NULL while waiting for a place */
    int64_t started, deadline;
    struct rt_timer deadline_timer, heartbeat;
    bool listed;    /* in peer->calls */
    bool withdrawn; /* nobody wants the answer */
    bool timed_out;
    char *progress_token; /* JSON text, NULL when no progress was asked for */
    const char *status;
    double last_progress;
    int64_t last_progress_at;
    struct str text, structured;
    UT_hash_handle hh;
    struct mcp_call *prev, *next; /* in server->waiting */
};

/* ---- what the tool sees ---- */

const char *mcp_call_string(const struct mcp_call *call, const char *name)
{
    return json_string_value(json_object_get(call->arguments, name));
}

size_t mcp_call_string_length(const struct mcp_call *call, const char *name)
{
    return json_string_length(json_object_get(call->arguments, name));
}

int64_t mcp_call_integer(const struct mcp_call *call, const char *name, int64_t fallback)
{
    const json_t *value = json_object_get(call->arguments, name);
    if (json_is_real(value))
        return (int64_t)json_real_value(value);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

void *mcp_call_host(const struct mcp_call *call)
{
    return call->peer->server->host;
}

int64_t mcp_call_deadline(const struct mcp_call *call)
{
    return call->deadline;
}

struct str *mcp_call_text(struct mcp_call *call)
{
    return &call->text;
}

struct str *mcp_call_structured(struct mcp_call *call)
{
    bool wanted = call->tool->output_schema && call->version >= MCP_2025_06_18;
    return wanted ? &call->structured : NULL;
}

/* ---- progress: seconds since the start, so that it always grows ---- */

static void tell_progress(struct mcp_call *call)
{
    struct mcp_sink *sink = call->peer->sink;
    if (call->withdrawn || sink->congested(sink))
        return;
    int64_t now = rt_now();
    double elapsed = (double)(now - call->started) / 1000;
    if (elapsed <= call->last_progress)
        return;
    call->last_progress = elapsed;
    call->last_progress_at = now;
    mcp_send_progress(call->peer, call->version, call->progress_token, elapsed, call->status);
}

static void on_heartbeat(struct rt_timer *timer)
{
    struct mcp_call *call = rt_owner(timer, struct mcp_call, heartbeat);
    tell_progress(call);
    rt_timer_arm(timer, rt_deadline(HEARTBEAT_MS), on_heartbeat);
}

void mcp_call_progress(struct mcp_call *call, const char *status)
{
    call->status = status;
    if (call->progress_token && rt_now() - call->last_progress_at >= PROGRESS_GAP_MS)
        tell_progress(call);
}

/* ---- the answer ---- */

static void write_error(struct json_writer *w, const struct error *error)
{
    jw_begin_object(w);
    jw_member_bool(w, "success", false);
    jw_key(w, "error");
    jw_begin_object(w);
    jw_member_string(w, "message", error->message);
    jw_member_string(w, "sqlstate", error->sqlstate[0] ? error->sqlstate : NULL);
    jw_member_string(w, "detail", error->detail);
    jw_member_string(w, "hint", error->hint);
    if (error->line > 0) {
        jw_member_int(w, "line", error->line);
        jw_member_int(w, "column", error->column);
    }
    jw_member_bool(w, "retryable", error->retryable);
    jw_end_object(w);
    jw_end_object(w);
}

/* No longer to be cancelled or found by its id. */
static void unlist(struct mcp_call *call)
{
    if (call->listed)
        HASH_DEL(call->peer->calls, call);
    call->listed = false;
    rt_timer_disarm(&call->deadline_timer);
    rt_timer_disarm(&call->heartbeat);
}

static void answer(struct mcp_call *call, const struct error *error)
{
    unlist(call);
    log_debug("%s, id %.100s: %s after %" PRId64 " ms", call->tool->name, call->id,
        error ? error->message : "done", rt_now() - call->started);
    struct str *structured = mcp_call_structured(call);
    const char *text = str_get(&call->text);
    if (error) {
        text = talloc_asprintf(call, "ERROR: %s", error_text(call, error));
        str_reset(&call->structured);
        struct json_writer w;
        jw_init(&w, &call->structured);
        write_error(&w, error);
    }
    struct str frame;
    mcp_result_begin(&frame, call, call->peer, call->id, call->version);
    struct json_writer w;
    jw_init(&w, &frame);
    str_puts(&frame, "\"content\":[{\"type\":\"text\",\"text\":");
    jw_string(&w, text);
    str_puts(&frame, "}]");
    if (structured && structured->len > 0) {
        str_puts(&frame, ",\"structuredContent\":");
        str_append(&frame, structured->data, structured->len);
    }
    str_puts(&frame, error ? ",\"isError\":true" : ",\"isError\":false");
    if (frame.full) {
        str_done(&frame);
        answer(call, error_hint(error_create(call, ERROR_LIMIT,
                                    "the result is larger than a message may be"),
                         "ask for fewer rows or columns"));
        return;
    }
    mcp_result_end(&frame, call->peer, call->batch, call->id);
    call->batch = NULL;
}

/* ---- life ---- */

static void run(void *arg);

static void start_waiting(struct mcp_server *server)
{
    while (server->waiting && server->running < server->options.max_concurrent_calls) {
        struct mcp_call *call = server->waiting;
        DL_DELETE(server->waiting, call);
        server->running++;
        call->fiber = rt_fiber_start(run, call);
    }
}

static void end(struct mcp_call *call)
{
    struct mcp_peer *peer = call->peer;
    unlist(call);
    if (call->batch)
        mcp_batch_settle(call->batch);
    talloc_free(call);
    if (--peer->active == 0 && peer->sink->idle)
        peer->sink->idle(peer->sink);
}

static void run(void *arg)
{
    struct mcp_call *call = arg;
    struct mcp_peer *peer = call->peer;
    struct error *error = NULL;
    bool ok = mcp_arguments_check(call, call->tool->params, call->arguments, &error) &&
              call->tool->run(call, &error);
    if (!ok && call->timed_out)
        error =
            error_hint(error_create(call, ERROR_TIMEOUT, "the call took longer than %" PRId64 " ms",
                           peer->server->options.call_timeout_ms),
                "ask for less, or raise mcp.call_timeout");
    if (!call->withdrawn) {
        answer(call, ok ? NULL : error);
        peer->sink->drain(peer->sink, RT_FOREVER);
    }
    struct mcp_server *server = peer->server;
    end(call);
    server->running--;
    start_waiting(server);
}

static void on_deadline(struct rt_timer *timer)
{
    struct mcp_call *call = rt_owner(timer, struct mcp_call, deadline_timer);
    call->timed_out = true;
    if (call->fiber) {
        rt_fiber_cancel(call->fiber);
        return;
    }
    DL_DELETE(call->peer->server->waiting, call);
    answer(call, error_hint(error_create(call, ERROR_TIMEOUT,
                                "the server was busy with other calls for %" PRId64 " ms",
                                call->peer->server->options.call_timeout_ms),
                     "try again later; mcp.max_concurrent_calls sets how many run at once"));
    end(call);
}

static void withdraw(struct mcp_call *call)
{
    call->withdrawn = true;
    unlist(call);
    if (call->fiber) {
        rt_fiber_cancel(call->fiber);
        return;
    }
    DL_DELETE(call->peer->server->waiting, call);
    end(call);
}

void mcp_call_withdraw(struct mcp_peer *peer, const char *id)
{
    struct mcp_call *call;
    HASH_FIND_STR(peer->calls, id, call);
    if (call)
        withdraw(call);
}

void mcp_call_withdraw_all(struct mcp_peer *peer)
{
    struct mcp_call *call, *next;
    HASH_ITER(hh, peer->calls, call, next)
        withdraw(call);
}

/* ---- accepting ---- */

static struct mcp_fault *find_tool(const struct mcp_request *request,
    const struct mcp_tool **ret_tool)
{
    const char *name = mcp_json_string(json_object_get(request->message.params, "name"));
    if (!name)
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"name\" must be a string");
    struct text_nearest nearest = text_nearest_to(name);
    for (const struct mcp_tool *const *tool = request->peer->server->tools; *tool; tool++) {
        if (strcmp((*tool)->name, name) == 0) {
            *ret_tool = *tool;
            return NULL;
        }
        text_nearest_offer(&nearest, (*tool)->name);
    }
    if (nearest.best)
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Unknown tool: %.100s; did you mean %s?", name, nearest.best);
    return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
        "Unknown tool: %.100s; see tools/list", name);
}

static struct mcp_fault *check(const struct mcp_request *request, const struct mcp_tool **ret_tool)
{
    const struct mcp_peer *peer = request->peer;
    const json_t *arguments = json_object_get(request->message.params, "arguments");
    if (arguments && !json_is_object(arguments) && !json_is_null(arguments))
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"arguments\" must be an object");
    struct mcp_call *same;
    HASH_FIND_STR(peer->calls, request->message.id, same);
    if (same)
        return mcp_fault_create(request->root, MCP_INVALID_REQUEST,
            "Invalid Request: a request with this id is still in flight");
    if (peer->active >= peer->server->options.max_requests)
        return mcp_fault_create(request->root, MCP_INTERNAL_ERROR,
            "Too many requests in flight: the limit is %zu (mcp.max_requests); wait for answers",
            peer->server->options.max_requests);
    return find_tool(request, ret_tool);
}

void mcp_call_accept(const struct mcp_request *request)
{
    struct mcp_peer *peer = request->peer;
    struct mcp_server *server = peer->server;
    const struct mcp_tool *tool = NULL;
    struct mcp_fault *fault = check(request, &tool);
    if (fault) {
        mcp_reply_fault(peer, request->batch, request->message.id, fault);
        return;
    }
    struct mcp_call *call = talloc_zero(peer, struct mcp_call);
    call->peer = peer;
    call->batch = request->batch;
    call->root = mcp_json_own(call, json_incref(request->root->value));
    call->tool = tool;
    call->arguments = json_object_get(request->message.params, "arguments");
    call->id = talloc_strdup(call, request->message.id);
    call->version = request->version;
    call->started = rt_now();
    call->deadline = rt_deadline(server->options.call_timeout_ms);
    call->status = "waiting for a free place";
    str_init(&call->text, call, server->options.max_result_bytes);
    str_init(&call->structured, call, server->options.max_result_bytes);
    HASH_ADD_KEYPTR(hh, peer->calls, call->id, strlen(call->id), call);
    call->listed = true;
    peer->active++;
    rt_timer_arm(&call->deadline_timer, call->deadline, on_deadline);
    if (request->progress_token) {
        call->progress_token = talloc_strdup(call, request->progress_token);
        rt_timer_arm(&call->heartbeat, rt_deadline(HEARTBEAT_MS), on_heartbeat);
    }
    DL_APPEND(server->waiting, call);
    start_waiting(server);
}
