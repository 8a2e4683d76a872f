/*
 * libFuzzer: any bytes as frames from a client, a line each; what is sent is JSON, and every
 * request ends. A line "#Name: value" sets a header of Streamable HTTP, which all later frames come
 * with.
 */
#include "mcp/input.h"
#include "mcp/server.h"
#include "rt/rt.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

static void on_send(struct mcp_sink *sink, char *frame, size_t len, int status)
{
    (void)sink;
    (void)status;
    json_error_t error;
    json_t *json = json_loadb(frame, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    /* An id may be an integer of any size. */
    assert(json || json_error_code(&error) == json_error_numeric_overflow);
    json_decref(json);
    talloc_free(frame);
}

static int on_drain(struct mcp_sink *sink, int64_t deadline)
{
    (void)sink;
    (void)deadline;
    return 0;
}

static bool on_congested(const struct mcp_sink *sink)
{
    (void)sink;
    return false;
}

static void on_idle(struct mcp_sink *sink)
{
    (void)sink;
    rt_stop(0);
}

/* ---- an offer of everything, which asks for everything ---- */

static const char schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"a\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]},"
    "\"n\":{\"type\":\"integer\",\"minimum\":1},"
    "\"l\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\"]},\"maxItems\":2}},"
    "\"required\":[\"a\"]}";

static bool run_tool(struct mcp_call *call, struct error **ret_err)
{
    const char *query = mcp_call_string(call, "query");
    if (strcmp(query, "no") == 0)
        return error_raise(ret_err, error_create(call, ERROR_ARGUMENT, "no"));
    mcp_call_log(call, MCP_LOG_ERROR, "fuzz", query);
    mcp_call_progress_of(call, 1, 2, query);
    const json_t *form = mcp_ask_user(call, "form", query, schema);
    if (mcp_client_can(call, MCP_CAN_SAMPLE))
        mcp_ask_model(call, "model", "{\"messages\":[],\"maxTokens\":1}");
    if (mcp_client_can(call, MCP_CAN_LIST_ROOTS))
        mcp_ask_roots(call, "roots");
    mcp_keep(call, query);
    if (!form)
        return true;
    mcp_add_text(call, mcp_kept(call) ? mcp_kept(call) : "nothing");
    mcp_add_audio(call, "audio/wav", "");
    return true;
}

static bool run_prompt(struct mcp_call *call, struct error **ret_err)
{
    (void)ret_err;
    mcp_speak_as_assistant(call, true);
    mcp_add_embedded(call, "a:b", "text/plain", mcp_call_string(call, "query"));
    return true;
}

static bool complete(struct mcp_call *call, const char *reference, const char *argument,
    const char *value, struct error **ret_err)
{
    (void)reference;
    (void)ret_err;
    const char *other = mcp_completed_argument(call, argument);
    mcp_add_completion(call, other ? other : value);
    return true;
}

static bool list(struct mcp_call *call, const char *cursor, struct error **ret_err)
{
    (void)ret_err;
    mcp_add_resource(call, &(struct mcp_resource){.uri = "a:b", .name = cursor ? cursor : "b"});
    mcp_set_next_cursor(call, cursor ? cursor : "");
    return true;
}

static bool read_uri(struct mcp_call *call, const char *uri, struct error **ret_err)
{
    (void)ret_err;
    if (strncmp(uri, "a:", 2) == 0)
        mcp_add_contents(call, uri, "text/plain", uri);
    return true;
}

static const struct mcp_param params[] = {{.name = "query",
                                              .type = MCP_STRING,
                                              .description = "text",
                                              .required = true,
                                              .header = "Query"},
    {0}};
static const struct mcp_tool tool = {.name = "t",
    .title = "T",
    .description = "d",
    .params = params,
    .run = run_tool};
static const struct mcp_prompt prompt = {.name = "p",
    .title = "P",
    .description = "d",
    .params = params,
    .run = run_prompt,
    .complete = complete};
static const struct mcp_resource_template templates[] = {{.uri_template = "a:{b}", .name = "a"},
    {0}};
static const struct mcp_resources resources = {.templates = templates,
    .subscribe = true,
    .list = list,
    .read = read_uri,
    .complete = complete};
static const struct mcp_offer offer = {.tools = (const struct mcp_tool *const[]){&tool, NULL},
    .prompts = (const struct mcp_prompt *const[]){&prompt, NULL},
    .resources = &resources};

/* ---- headers ---- */

enum { HEADERS_MAX = 8 };

struct headers {
    struct mcp_headers base;
    char *lines[HEADERS_MAX]; /* "Name: value" */
    size_t count;
};

static const char *get_header(const struct mcp_headers *base, const char *name)
{
    const struct headers *headers = (const struct headers *)(const void *)base;
    size_t len = strlen(name);
    for (size_t i = 0; i < headers->count; i++) {
        if (strncasecmp(headers->lines[i], name, len) == 0 && headers->lines[i][len] == ':')
            return headers->lines[i] + len + 1 + (headers->lines[i][len + 1] == ' ');
    }
    return NULL;
}

/* ---- a conversation ---- */

static void stop(void *arg)
{
    (void)arg;
    rt_stop(0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static const struct mcp_server_options options = {.name = "fuzz",
        .version = "1",
        .max_requests = 100,
        .max_concurrent_calls = 3,
        .max_subscriptions = 4,
        .max_result_bytes = 1 << 20,
        .call_timeout_ms = 1000,
        .input_timeout_ms = 1000,
        .state_key = "the same in every run"};
    struct mcp_sink sink = {.send = on_send,
        .drain = on_drain,
        .congested = on_congested,
        .idle = on_idle};
    rt_init();
    rt_clock_fake(true);
    void *ctx = talloc_new(NULL);
    struct mcp_server *server = mcp_server_create(ctx, &options, &offer);
    struct mcp_peer *peer = mcp_peer_create(ctx, server, NULL);
    mcp_peer_set_stream(peer, &sink);
    struct headers headers = {.base.get = get_header};
    const char *text = (const char *)data, *end = text + len;
    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((line_end ? line_end : end) - text);
        if (*text == '#' && headers.count < HEADERS_MAX)
            headers.lines[headers.count++] = talloc_strndup(ctx, text + 1, line_len - 1);
        else
            mcp_peer_receive(peer, &sink, mcp_frame_read(ctx, text, line_len),
                headers.count > 0 ? &headers.base : NULL);
        rt_fiber_start(stop, NULL); /* what can run does */
        rt_run();
        text += line_len + 1;
    }
    mcp_server_changed(server, MCP_RESOURCES_CHANGED);
    mcp_server_resource_updated(server, "a:b");
    mcp_server_end_streams(server);
    while (mcp_peer_in_flight(peer) > 0)
        rt_run();
    mcp_peer_close(peer);
    talloc_free(ctx);
    return 0;
}
