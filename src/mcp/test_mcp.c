/* Unit tests of mcp/: frames to answers through a sink that remembers, without a transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "base/str.h"
#include "mcp/call.h"
#include "mcp/message.h"
#include "mcp/server.h"
#include "rt/rt.h"

#define MODERN_META                                                          \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

static void *ctx;
static struct str sent; /* frames, each followed by a line feed */
static struct mcp_peer *peer;
static size_t idle_calls;

static void on_send(struct mcp_sink *sink, char *frame, size_t len, int status)
{
    (void)status;
    (void)sink;
    assert_int_equal(strlen(frame), len);
    str_printf(&sent, "%s\n", frame);
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
    idle_calls++;
}

static struct mcp_sink sink = {.send = on_send,
    .drain = on_drain,
    .congested = on_congested,
    .idle = on_idle};

/* A tool that sleeps and then says for how long. */
static bool run_sleep(struct mcp_call *call, struct error **ret_err)
{
    int64_t ms = mcp_call_integer(call, "ms", 0);
    if (rt_sleep(ms) != 0)
        return error_raise(ret_err, error_create(call, ERROR_CANCELED, "canceled"));
    str_printf(mcp_call_text(call), "slept %d", (int)ms);
    if (mcp_call_structured(call))
        str_puts(mcp_call_structured(call), "{\"success\":true}");
    return true;
}

static const char *const moods[] = {"calm", "busy", NULL};
static const struct mcp_param params[] = {
    {.name = "ms", .type = MCP_INTEGER, .description = "how long", .min = 0, .max = 100000},
    {.name = "mood", .type = MCP_STRING, .description = "how", .values = moods},
    {.name = "name", .type = MCP_STRING, .description = "who"},
    {0},
};
static const struct mcp_tool tool_sleep = {
    .name = "sleep",
    .title = "Sleep",
    .description = "sleeps",
    .params = params,
    .output_schema = "{\"type\":\"object\"}",
    .run = run_sleep,
};
static const struct mcp_tool *const tools[] = {&tool_sleep, NULL};

static int set_up(void **state)
{
    (void)state;
    rt_init();
    rt_clock_fake(true);
    ctx = talloc_new(NULL);
    str_init(&sent, ctx, 1 << 20);
    const struct mcp_server_options options = {.name = "test",
        .title = "Test",
        .version = "1",
        .max_requests = 4,
        .max_concurrent_calls = 2,
        .max_result_bytes = 1 << 20,
        .call_timeout_ms = 5000};
    peer = mcp_peer_create(ctx,
        mcp_server_create(ctx, &options, &(struct mcp_offer){.tools = tools}), NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rt_clock_fake(false);
    talloc_free(ctx);
    return 0;
}

static void stop(void *arg)
{
    rt_sleep(*(int64_t *)arg);
    rt_stop(0);
}

static void run_for(int64_t ms)
{
    rt_fiber_start(stop, &ms);
    rt_run();
}

static void receive(const char *text)
{
    mcp_peer_receive(peer, &sink, mcp_frame_read(ctx, text, strlen(text)), NULL);
}

/* What was sent since the last call. */
static const char *answers(void)
{
    char *text = talloc_strdup(ctx, str_get(&sent));
    str_reset(&sent);
    return text;
}

static const char *answer_to(const char *text)
{
    answers();
    receive(text);
    run_for(1000);
    return answers();
}

static void expect(const char *request, const char *part)
{
    const char *answer = answer_to(request);
    if (!strstr(answer, part))
        fail_msg("%s\n answered: %s\n expected: %s", request, answer, part);
}

static void handshake(const char *version)
{
    char *text = talloc_asprintf(ctx,
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
        "\"%s\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}",
        version);
    answer_to(text);
}

static void ids_come_back_verbatim(void **state)
{
    (void)state;
    static const char *const ids[] = {"0", "-1", "9007199254740993", "\"a\\\"b\"", "\"\""};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        expect(talloc_asprintf(ctx, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\"}", ids[i]),
            talloc_asprintf(ctx, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}\n", ids[i]));
}

static void every_message_has_its_era(void **state)
{
    (void)state;
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" MODERN_META "}}",
        "\"resultType\":\"complete\"");
    assert_null(strstr(answer_to("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"),
        "resultType"));
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" MODERN_META "}}",
        "-32601");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}", "-32602");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
           "\"io.modelcontextprotocol/protocolVersion\":\"v9\","
           "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
        "\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"v9\"}");
    handshake("2024-11-05");
    assert_null(
        strstr(answer_to("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"), "title"));
}

static void what_is_no_request_is_told_so(void **state)
{
    (void)state;
    expect("{", "-32700");
    expect("\"x\xff\"", "-32700");
    expect("5", "-32600");
    expect("[]", "-32600");
    expect("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", "\"id\":1,\"error\"");
    expect("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "-32600");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "-32600");
    expect("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{\"a\":1,\"a\":2}}",
        "\"id\":7,\"error\":{\"code\":-32600");
    expect("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":[]}", "-32602");
    expect("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"p\\u0000ng\"}", "-32600");
    assert_string_equal(answer_to("{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"params\":[]}"), "");
    assert_string_equal(answer_to("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), "");
}

static void arguments_are_named_when_wrong(void **state)
{
    (void)state;
#define CALL(arguments)                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"sleep\"," \
    "\"arguments\":" arguments "}}"
    expect(CALL("{\"msx\":1}"), "did you mean \\\"ms\\\"?");
    expect(CALL("{\"ms\":\"1\"}"), "must be an integer, not a string");
    expect(CALL("{\"ms\":-1}"), "out of range");
    expect(CALL("{\"ms\":1.5}"), "must be an integer");
    expect(CALL("{\"mood\":\"bsy\"}"), "did you mean \\\"busy\\\"?");
    expect(CALL("{\"name\":\"a\\u0000b\"}"), "NUL");
    expect(CALL("{\"ms\":10.0,\"name\":null}"), "slept 10");
    expect(CALL("[]"), "-32602");
    expect(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"slep\"}}",
        "did you mean sleep?");
    expect(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"sleep\"}}",
        "slept 0");
}

static void call_sleep(const char *id, int ms)
{
    receive(talloc_asprintf(ctx,
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"tools/call\",\"params\":{\"name\":\"sleep\","
        "\"arguments\":{\"ms\":%d},\"_meta\":{\"progressToken\":%s}}}",
        id, ms, id));
}

static void calls_answer_when_they_are_ready(void **state)
{
    (void)state;
    call_sleep("1", 300);
    call_sleep("2", 100);
    call_sleep("3", 50); /* waits for a place: two run at once */
    run_for(1000);
    const char *text = answers();
    assert_true(strstr(text, "slept 100") < strstr(text, "slept 50"));
    assert_true(strstr(text, "slept 50") < strstr(text, "slept 300"));
    assert_int_equal(mcp_peer_in_flight(peer), 0);
}

static void a_cancelled_call_says_nothing_more(void **state)
{
    (void)state;
    idle_calls = 0;
    call_sleep("1", 300);
    call_sleep("\"1\"", 300);
    call_sleep("3", 10);
    run_for(5);
    receive("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
            "\"requestId\":1}}");
    receive("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
            "\"requestId\":99}}");
    run_for(1000);
    const char *text = answers();
    assert_null(strstr(text, "\"id\":1,"));
    assert_non_null(strstr(text, "\"id\":\"1\","));
    assert_non_null(strstr(text, "\"id\":3,"));
    assert_int_equal(idle_calls, 1);
}

static void limits_and_deadlines_are_kept(void **state)
{
    (void)state;
    for (int i = 1; i <= 5; i++)
        call_sleep(talloc_asprintf(ctx, "%d", i), 90000);
    assert_non_null(strstr(answers(), "\"id\":5,\"error\":{\"code\":-32603"));
    call_sleep("1", 1);
    assert_non_null(strstr(answers(), "still in flight"));
    run_for(20000);
    const char *text = answers();
    assert_non_null(strstr(text, "the call took longer than 5000 ms"));
    assert_non_null(strstr(text, "the server was busy with other calls for 5000 ms"));
    assert_non_null(strstr(text, "\"method\":\"notifications/progress\""));
    assert_int_equal(mcp_peer_in_flight(peer), 0);
}

static void only_one_revision_has_batches(void **state)
{
    (void)state;
    static const char batch[] = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
                                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\","
                                "\"params\":{\"name\":\"sleep\",\"arguments\":{\"ms\":20}}},"
                                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"initialize\","
                                "\"params\":{\"protocolVersion\":\"2025-03-26\"}},7]";
    expect(batch, "-32600");
    handshake("2025-03-26");
    const char *text = answer_to(batch);
    assert_true(text[0] == '[' && strchr(text, '\n')[1] == '\0');
    assert_non_null(strstr(text, "\"id\":1,\"result\":{}"));
    assert_non_null(strstr(text, "slept 20"));
    assert_non_null(strstr(text, "\"id\":3,\"error\""));
    expect("[]", "-32600");
    assert_string_equal(
        answer_to("[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]"), "");
}

static const char *scan(const char *text)
{
    static struct mcp_id_scanner scanner;
    scanner = (struct mcp_id_scanner){0};
    for (const char *p = text; *p; p++) /* byte by byte, as chunks may cut anywhere */
        mcp_id_scan(&scanner, p, 1);
    return mcp_id_scanned(&scanner);
}

static void the_id_of_a_skipped_frame_is_found(void **state)
{
    (void)state;
    assert_string_equal(scan("{\"id\": 12 , \"params\":{\"id\":3}"), "12");
    assert_string_equal(scan("{\"p\":[{\"id\":1}],\"x\":\"\\\"id\\\":2\",\"id\":\"a\\\"b\"}"),
        "\"a\\\"b\"");
    assert_string_equal(scan("{\"params\":\"id\",\"id\":-5}"), "-5");
    assert_null(scan("{\"id\":1,\"id\":2}"));
    assert_null(scan("{\"id\":null}"));
    assert_null(scan("{\"id\":007}"));
    assert_null(scan("{\"id\":\"\xff\"}"));
    assert_string_equal(scan("{\"id\":99999999999999999999}"), "99999999999999999999");
    assert_null(scan("{\"id\":1.5}"));
    assert_null(scan("[{\"id\":1}]"));
    assert_null(scan("{\"id\":[1]}"));
    assert_null(scan("{\"x\":{\"id\":1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_come_back_verbatim, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_message_has_its_era, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_request_is_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arguments_are_named_when_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_answer_when_they_are_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_call_says_nothing_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_and_deadlines_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_one_revision_has_batches, set_up, tear_down),
        cmocka_unit_test(the_id_of_a_skipped_frame_is_found),
    };
    return cmocka_run_group_tests_name("mcp", tests, NULL, NULL);
}
