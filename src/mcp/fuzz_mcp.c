/* libFuzzer: any bytes as a frame from the client; each gets at most one answer, as JSON. */
#include "mcp/server.h"
#include "rt/rt.h"

#include <assert.h>
#include <jansson.h>
#include <talloc.h>

static void on_send(struct mcp_sink *sink, char *frame, size_t len, int status)
{
    (void)status;
    (void)sink;
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

static bool run_echo(struct mcp_call *call, struct error **ret_err)
{
    return error_raise(ret_err, error_create(call, ERROR_ARGUMENT, "no"));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static const struct mcp_param params[] = {
        {.name = "query", .type = MCP_STRING, .description = "text", .required = true}, {0}};
    static const struct mcp_tool tool = {.name = "t",
        .title = "T",
        .description = "d",
        .params = params,
        .run = run_echo};
    static const struct mcp_tool *const tools[] = {&tool, NULL};
    static const struct mcp_server_options options = {.name = "fuzz",
        .version = "1",
        .max_requests = 100,
        .max_concurrent_calls = 10,
        .max_result_bytes = 1 << 20,
        .call_timeout_ms = 1000};
    static struct mcp_sink sink = {.send = on_send,
        .drain = on_drain,
        .congested = on_congested,
        .idle = on_idle};
    rt_init();
    void *ctx = talloc_new(NULL);
    struct mcp_peer *peer = mcp_peer_create(ctx,
        mcp_server_create(ctx, &options, &(struct mcp_offer){.tools = tools}), NULL);
    mcp_peer_receive(peer, &sink, mcp_frame_read(ctx, (const char *)data, len), NULL);
    if (mcp_peer_in_flight(peer) > 0)
        rt_run();
    talloc_free(ctx);
    return 0;
}
