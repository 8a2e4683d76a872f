/*
 * The life of a request that runs on a fiber.
 *
 *   accept ──▶ waiting ──a place is free──▶ running ──▶ answered ──client has taken it──▶ ended
 *                 │                          │   ▲         ▲
 *                 │                        asking the client│ (handshake era)
 *                 └── deadline, withdrawn ────┴─────────────┴────────────────────────────▶ ended
 *
 * A waiting call is its parsed message and nothing more; a running one has a fiber. The place is
 * given back only when the client has taken the answer, so that a client that does not read
 * stops its own calls and not the server's memory.
 */
#include "mcp/internal.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>
#include <utlist.h>

enum { HEARTBEAT_MS = 1000, PROGRESS_GAP_MS = 100, ROUNDS_MAX = 8 };

/* ---- what the handler sees ---- */

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

bool mcp_call_boolean(const struct mcp_call *call, const char *name, bool fallback)
{
    const json_t *value = json_object_get(call->arguments, name);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

void *mcp_call_host(const struct mcp_call *call)
{
    return call->offer.host;
}

struct mcp_server *mcp_call_server(const struct mcp_call *call)
{
    return call->to.peer->server;
}

const char *mcp_call_principal(const struct mcp_call *call)
{
    return call->to.peer->principal;
}

int64_t mcp_call_deadline(const struct mcp_call *call)
{
    return call->deadline;
}

/* ---- progress: seconds since the start, so that it always grows ---- */

static void send_progress(struct mcp_call *call, double progress, double total, const char *message)
{
    struct str frame;
    mcp_message_begin(&frame, call, call->to.peer, NULL, "notifications/progress");
    str_printf(&frame, "\"progressToken\":%s,\"progress\":%.10g", call->progress_token, progress);
    if (total > 0)
        str_printf(&frame, ",\"total\":%.10g", total);
    if (message && call->to.version >= MCP_2025_03_26) {
        struct json_writer w;
        jw_init(&w, &frame);
        str_puts(&frame, ",\"message\":");
        jw_string(&w, message);
    }
    mcp_message_end(&frame, call->to.peer, call->to.sink);
    call->last_progress = progress;
    call->last_progress_at = rt_now();
}

static bool can_tell(const struct mcp_call *call)
{
    return call->progress_token && !call->withdrawn && !call->to.sink->congested(call->to.sink);
}

static void tell_progress(struct mcp_call *call)
{
    double elapsed = (double)(rt_now() - call->started) / 1000;
    if (can_tell(call) && elapsed > call->last_progress)
        send_progress(call, elapsed, 0, call->status);
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

void mcp_call_progress_of(struct mcp_call *call, double progress, double total, const char *message)
{
    bool first = call->heartbeat.slot != 0;
    rt_timer_disarm(&call->heartbeat);
    if (can_tell(call) && (first || progress > call->last_progress))
        send_progress(call, progress, total, message);
}

/* ---- log messages ---- */

static const char *const levels[] = {"debug", "info", "notice", "warning", "error", "critical",
    "alert", "emergency"};

int mcp_log_level_parse(const char *text)
{
    for (int i = MCP_LOG_DEBUG; text && i <= MCP_LOG_EMERGENCY; i++) {
        if (strcmp(text, levels[i]) == 0)
            return i;
    }
    return -1;
}

void mcp_call_log(struct mcp_call *call, enum mcp_log_level level, const char *logger,
    const char *text)
{
    int wanted = call->to.version >= MCP_2026_07_28 ? call->log_level : call->to.peer->log_level;
    if (wanted < 0 || (int)level < wanted || call->withdrawn)
        return;
    struct str frame;
    mcp_message_begin(&frame, call, call->to.peer, NULL, "notifications/message");
    struct json_writer w;
    jw_init(&w, &frame);
    jw_member_string(&w, "level", levels[level]);
    jw_member_string(&w, "logger", logger);
    jw_member_string(&w, "data", text);
    mcp_message_end(&frame, call->to.peer, call->to.sink);
}

/* ---- the answer ---- */

/* No longer to be cancelled or found by its id. */
static void unlist(struct mcp_call *call)
{
    if (call->listed)
        HASH_DEL(call->to.peer->calls, call);
    call->listed = false;
    rt_timer_disarm(&call->deadline_timer);
    rt_timer_disarm(&call->heartbeat);
}

static struct mcp_fault *fault_of(const struct mcp_call *call, const struct error *error)
{
    bool argument = error->class == ERROR_ARGUMENT;
    struct mcp_fault *fault =
        mcp_fault_create(call, argument ? MCP_INVALID_PARAMS : MCP_INTERNAL_ERROR, "%s%s",
            argument ? "Invalid params: " : "", error_text(call, error));
    return fault;
}

static struct error *too_large(const struct mcp_call *call)
{
    return error_hint(error_create(call, ERROR_LIMIT, "the result is larger than a message may be"),
        "ask for fewer rows or columns");
}

static void answer(struct mcp_call *call, const struct error *error)
{
    unlist(call);
    log_debug("%s%s%.100s, id %.100s: %s after %" PRId64 " ms", call->method, call->name ? " " : "",
        call->name ? call->name : "", call->to.id, error ? error->message : "done",
        rt_now() - call->started);
    const struct mcp_operation *operation = call->operation;
    if (error && !operation->write_error) {
        mcp_reply_fault(&call->to, fault_of(call, error));
        call->to.batch = NULL;
        return;
    }
    struct str frame;
    mcp_result_begin(&frame, call, &call->to, "complete");
    if (error)
        operation->write_error(call, &frame, error);
    else
        operation->write(call, &frame);
    if (frame.full) {
        str_done(&frame);
        answer(call, too_large(call));
        return;
    }
    mcp_result_end(&frame, &call->to);
    call->to.batch = NULL;
}

static void answer_fault(struct mcp_call *call)
{
    unlist(call);
    mcp_reply_fault(&call->to, call->fault);
    call->to.batch = NULL;
}

/* Asks for what the handler wants to know: the answer of this round, in the modern era. */
static void answer_with_questions(struct mcp_call *call)
{
    unlist(call);
    struct str frame;
    mcp_result_begin(&frame, call, &call->to, "input_required");
    mcp_input_write(call, &frame);
    if (frame.full) {
        str_done(&frame);
        answer(call, too_large(call));
        return;
    }
    mcp_result_end(&frame, &call->to);
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
    struct mcp_address to = call->to;
    unlist(call);
    mcp_input_forget(call);
    if (to.batch)
        mcp_batch_settle(to.batch);
    talloc_free(call);
    mcp_peer_settle(to.peer, to.sink);
}

static void forget_outputs(struct mcp_call *call)
{
    str_done(&call->text);
    str_done(&call->structured);
    str_done(&call->content);
    call->content_count = 0;
    call->assistant = false;
}

/* In the handshake era the questions are asked now, and the handler runs again. */
static bool run_rounds(struct mcp_call *call, struct error **ret_err)
{
    for (;;) {
        mcp_input_reset(call);
        if (!call->operation->run(call, ret_err))
            return false;
        if (!mcp_asking(call) || call->to.version >= MCP_2026_07_28)
            return true;
        if (call->lacking)
            return error_raise(ret_err,
                error_create(call, ERROR_REFUSED, "%s", mcp_input_lacking(call)->message));
        if (++call->round >= ROUNDS_MAX)
            return error_raise(ret_err,
                error_create(call, ERROR_LIMIT, "the client was asked %d times", ROUNDS_MAX));
        if (!mcp_input_ask(call, ret_err))
            return false;
        forget_outputs(call);
    }
}

static void run(void *arg)
{
    struct mcp_call *call = arg;
    struct mcp_peer *peer = call->to.peer;
    struct mcp_server *server = peer->server;
    struct error *error = NULL;
    bool ok = run_rounds(call, &error);
    if (!ok && call->timed_out)
        error =
            error_hint(error_create(call, ERROR_TIMEOUT, "the call took longer than %" PRId64 " ms",
                           server->options.call_timeout_ms),
                "ask for less, or raise mcp.call_timeout");
    if (!call->withdrawn) {
        if (ok && call->lacking)
            call->fault = mcp_input_lacking(call);
        if (ok && call->fault)
            answer_fault(call);
        else if (ok && mcp_asking(call))
            answer_with_questions(call);
        else
            answer(call, ok ? NULL : error);
        forget_outputs(call); /* the answer has them, and may wait for its client for long */
        call->to.sink->drain(call->to.sink, RT_FOREVER);
    }
    end(call);
    server->running--;
    start_waiting(server);
}

static void on_deadline(struct rt_timer *timer)
{
    struct mcp_call *call = rt_owner(timer, struct mcp_call, deadline_timer);
    struct mcp_server *server = call->to.peer->server;
    call->timed_out = true;
    if (call->fiber) {
        rt_fiber_cancel(call->fiber);
        return;
    }
    DL_DELETE(server->waiting, call);
    answer(call, error_hint(error_create(call, ERROR_TIMEOUT,
                                "the server was busy with other calls for %" PRId64 " ms",
                                server->options.call_timeout_ms),
                     "try again later; mcp.max_concurrent_calls sets how many run at once"));
    end(call);
}

void mcp_call_pause(struct mcp_call *call)
{
    struct mcp_server *server = call->to.peer->server;
    rt_timer_disarm(&call->deadline_timer);
    call->deadline -= rt_now(); /* what is left */
    server->running--;
    start_waiting(server);
}

void mcp_call_resume(struct mcp_call *call)
{
    call->to.peer->server->running++;
    call->deadline += rt_now();
    if (call->listed)
        rt_timer_arm(&call->deadline_timer, call->deadline, on_deadline);
}

static void withdraw(struct mcp_call *call)
{
    call->withdrawn = true;
    unlist(call);
    if (call->fiber) {
        rt_fiber_cancel(call->fiber);
        return;
    }
    DL_DELETE(call->to.peer->server->waiting, call);
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

struct mcp_fault *mcp_string_param(const struct mcp_request *request, const char *key,
    const char **ret)
{
    *ret = mcp_json_string(json_object_get(request->message.params, key));
    return *ret ? NULL
                : mcp_fault_create(request->root, MCP_INVALID_PARAMS,
                      "Invalid params: \"%s\" must be a string", key);
}

struct mcp_fault *mcp_unknown(const struct mcp_request *request, const char *what, const char *name,
    const char *nearest)
{
    if (nearest)
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Unknown %s: %.100s; did you mean %s?", what, name, nearest);
    return mcp_fault_create(request->root, MCP_INVALID_PARAMS, "Unknown %s: %.100s; see %ss/list",
        what, name, what);
}

static struct mcp_fault *check(const struct mcp_request *request)
{
    const struct mcp_peer *peer = request->to.peer;
    struct mcp_call *same;
    HASH_FIND_STR(peer->calls, request->to.id, same);
    if (same)
        return mcp_fault_create(request->root, MCP_INVALID_REQUEST,
            "Invalid Request: a request with this id is still in flight");
    if (peer->active >= peer->server->options.max_requests)
        return mcp_fault_create(request->root, MCP_INTERNAL_ERROR,
            "Too many requests in flight: the limit is %zu (mcp.max_requests); wait for answers",
            peer->server->options.max_requests);
    const json_t *arguments = json_object_get(request->message.params, "arguments");
    if (arguments && !json_is_object(arguments) && !json_is_null(arguments))
        return mcp_fault_create(request->root, MCP_INVALID_PARAMS,
            "Invalid params: \"arguments\" must be an object");
    return NULL;
}

/* What the request says, and no resource that would have to be given back. */
static struct mcp_call *create(const struct mcp_request *request,
    const struct mcp_operation *operation)
{
    struct mcp_peer *peer = request->to.peer;
    const struct mcp_server *server = peer->server;
    struct mcp_call *call = talloc_zero(peer, struct mcp_call);
    call->operation = operation;
    call->to = request->to;
    call->to.id = talloc_strdup(call, request->to.id);
    call->root = mcp_json_own(call, json_incref(request->root->value));
    call->params = request->message.params;
    call->arguments = json_object_get(request->message.params, "arguments");
    call->method = request->message.method;
    call->offer = server->offer;
    call->log_level = request->envelope.log_level;
    call->abilities = request->to.version >= MCP_2026_07_28
                          ? mcp_abilities_read(request->envelope.capabilities, request->to.version)
                          : peer->abilities;
    call->progress_token = talloc_steal(call, request->envelope.progress_token);
    call->started = rt_now();
    call->deadline = rt_deadline(server->options.call_timeout_ms);
    call->status = "waiting for a free place";
    str_init(&call->text, call, server->options.max_result_bytes);
    str_init(&call->structured, call, server->options.max_result_bytes);
    str_init(&call->content, call, server->options.max_result_bytes);
    return call;
}

void mcp_call_accept(const struct mcp_request *request, const struct mcp_operation *operation)
{
    struct mcp_peer *peer = request->to.peer;
    struct mcp_fault *fault = check(request);
    struct mcp_call *call = fault ? NULL : create(request, operation);
    if (call)
        fault = operation->find(call, request);
    if (call && !fault)
        fault = mcp_input_read(call);
    if (fault) {
        mcp_reply_fault(&request->to, fault);
        talloc_free(call);
        return;
    }
    if (call->offer.host)
        talloc_reference(call, call->offer.host);
    HASH_ADD_KEYPTR(hh, peer->calls, call->to.id, strlen(call->to.id), call);
    call->listed = true;
    peer->active++;
    call->to.sink->active++;
    rt_timer_arm(&call->deadline_timer, call->deadline, on_deadline);
    if (call->progress_token)
        rt_timer_arm(&call->heartbeat, rt_deadline(HEARTBEAT_MS), on_heartbeat);
    DL_APPEND(peer->server->waiting, call);
    start_waiting(peer->server);
}
