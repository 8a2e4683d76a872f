/* Unit tests of llm/: every branch, against a service that says what the test wants, byte by byte.
 */
#include "llm/llm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define ANSWER(text) \
    "{\"choices\":[{\"message\":{\"content\":\"" text "\"},\"finish_reason\":\"stop\"}]}"
static const char key[] = "sk-very-secret";

/* ---- the service ---- */

enum how { SAY, SAY_RAW, CUT, HANG, FLOOD };

/* What it does about one request. */
struct step {
    enum how how;
    const char *text; /* the body, or everything when it is raw */
    const char *head; /* status and further headers; NULL = 200 */
};

static const struct step *script; /* the last step is for ever */
static size_t step_count, heard_count, accepted, closed;
static char heard[64 << 10]; /* the last request */
static int listener, port;

static bool send_all(int fd, struct rt_poll *poll, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN && rt_poll_wait(poll, UV_WRITABLE, rt_deadline(5000)) == 0)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void flood(int fd, struct rt_poll *poll)
{
    static char block[64 << 10];
    memset(block, 'x', sizeof block);
    const char *head = OK_HEAD "Content-Length: 104857600\r\n\r\n";
    send_all(fd, poll, head, strlen(head));
    for (int i = 0; i < 1600 && send_all(fd, poll, block, sizeof block); i++)
        ;
}

static void say(int fd, struct rt_poll *poll, const struct step *step)
{
    char *text = talloc_asprintf(NULL, "%sContent-Length: %zu\r\n\r\n%s",
        step->head ? step->head : OK_HEAD, strlen(step->text), step->text);
    send_all(fd, poll, text, strlen(text));
    talloc_free(text);
}

/* False at the end of the connection. */
static bool hear(int fd, struct rt_poll *poll)
{
    size_t len = 0;
    for (;;) {
        rt_poll_wait(poll, UV_READABLE, RT_FOREVER);
        ssize_t n = read(fd, heard + len, sizeof heard - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        heard[len] = '\0';
        const char *body = strstr(heard, "\r\n\r\n"), *length = strstr(heard, "Content-Length: ");
        if (body && length &&
            strlen(body + 4) == strtoul(length + strlen("Content-Length: "), NULL, 10))
            return true;
    }
}

static void serve(void *arg)
{
    int fd = *(int *)arg;
    talloc_free(arg);
    struct rt_poll *poll = rt_poll_create(NULL, fd);
    bool open = true;
    while (open && hear(fd, poll)) {
        const struct step *step = &script[heard_count < step_count ? heard_count : step_count - 1];
        heard_count++;
        open = step->how != CUT;
        if (step->how == SAY)
            say(fd, poll, step);
        else if (step->how == SAY_RAW || step->how == CUT)
            send_all(fd, poll, step->text, strlen(step->text));
        else if (step->how == FLOOD)
            flood(fd, poll);
    }
    closed++;
    talloc_free(poll);
    close(fd);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
    int *fd = talloc(NULL, int);
    *fd = accept(listener, NULL, NULL);
    accepted++;
    rt_fiber_start(serve, fd);
}

static void service_open(uv_poll_t *poll)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (void *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 100), 0);
    assert_int_equal(getsockname(listener, (void *)&address, &len), 0);
    port = ntohs(address.sin_port);
    uv_poll_init(rt_loop(), poll, listener);
    uv_poll_start(poll, UV_READABLE, on_connection);
}

/* ---- questions ---- */

static void *ctx;
static struct llm *llm;
static struct llm_answer answer;
static struct error *error;

static struct llm_options options_for_test(void)
{
    return (struct llm_options){
        .base_url = talloc_asprintf(ctx, "http://127.0.0.1:%d/v1", port),
        .api_key = key,
        .model = "m-1",
        .temperature = 0.1,
        .max_tokens = 1000,
        .attempt_timeout_ms = 2000,
        .retries = 2,
        .max_concurrent = 4,
        .max_response_bytes = 100000,
    };
}

#define SCRIPT(...)                                       \
    do {                                                  \
        static const struct step steps[] = {__VA_ARGS__}; \
        script = steps;                                   \
        step_count = sizeof steps / sizeof *steps;        \
        heard_count = 0;                                  \
    } while (0)

static bool ask_until(int64_t deadline)
{
    static const struct llm_message messages[] = {
        {LLM_SYSTEM, "Write \"SQL\"."},
        {LLM_USER, "How many?\n"},
    };
    error = NULL;
    return llm_chat(ctx, llm, messages, 2, "{\"type\":\"object\"}", deadline, &answer, &error);
}

static bool ask(void)
{
    return ask_until(rt_deadline(10000));
}

static void assert_answer(const char *text)
{
    if (!ask())
        fail_msg("%s", error_text(ctx, error));
    assert_string_equal(answer.text, text);
}

static void assert_failure(enum error_class class, const char *part)
{
    assert_false(ask());
    const char *text = error_text(ctx, error);
    assert_int_equal(error->class, class);
    if (!strstr(text, part))
        fail_msg("not \"%s\" in: %s", part, text);
    assert_null(strstr(text, key));
    assert_non_null(error->hint);
}

/* ---- answers ---- */

static void asks_and_reads(void)
{
    SCRIPT({.text =
                "{\"choices\":[{\"message\":{\"content\":\"SELECT 1\"},\"finish_reason\":\"stop\"}],"
                "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}"});
    assert_answer("SELECT 1");
    assert_int_equal(answer.prompt_tokens, 12);
    assert_int_equal(answer.completion_tokens, 3);
    assert_int_equal(answer.attempts, 1);
    assert_false(answer.cut || answer.refused);
    assert_non_null(strstr(heard, "POST /v1/chat/completions HTTP/1.1\r\n"));
    assert_non_null(strstr(heard, "Authorization: Bearer sk-very-secret\r\n"));
    assert_non_null(strstr(heard,
        "{\"model\":\"m-1\",\"messages\":[{\"role\":\"system\",\"content\":\"Write \\\"SQL\\\".\"},"
        "{\"role\":\"user\",\"content\":\"How many?\\n\"}],\"temperature\":0.1,\"max_tokens\":1000,"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\","
        "\"strict\":true,\"schema\":{\"type\":\"object\"}}}}"));
    assert_answer("SELECT 1");
    assert_int_equal(accepted, 1); /* on the same connection */
}

static void reads_all_forms(void)
{
    SCRIPT({.text = "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                    "{\"type\":\"image\"},{\"type\":\"text\",\"text\":\"b\"}]}}]}"},
        {.text = "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"length\"}]}"},
        {.text = "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I will not.\"}}]}"},
        {.text = "{\"choices\":[{\"message\":{},\"finish_reason\":\"content_filter\"}]}"},
        {.text = ANSWER("<think>\\nwell\\n</think>{}")}, {.text = ANSWER(" <think> for ever")});
    assert_answer("ab");
    assert_int_equal(answer.prompt_tokens, -1);
    assert_answer("");
    assert_true(answer.cut);
    assert_answer("I will not.");
    assert_true(answer.refused);
    assert_answer("");
    assert_true(answer.refused);
    assert_answer("{}");
    assert_answer("");
}

static void cannot_read(void)
{
    SCRIPT({.text = "{\"choices\":[]}"}, {.text = "<html>Hello sk-very-secret</html>"},
        {.text = ""}, {.text = "{\"choices\":[{\"text\":\"x\"}]}"}, {.text = "[1]"},
        {.text = ANSWER("nul \\u0000")});
    assert_failure(ERROR_INTERNAL, "no choices");
    assert_failure(ERROR_INTERNAL, "llm.base_url");
    assert_failure(ERROR_INTERNAL, "cannot be read");
    assert_failure(ERROR_INTERNAL, "no message");
    assert_failure(ERROR_INTERNAL, "no choices");
    assert_failure(ERROR_INTERNAL, "cannot be read");
    assert_int_equal(heard_count, 6); /* none was asked for twice */
}

static void deep(void)
{
    char *nested = talloc_zero_size(ctx, 90001);
    memset(nested, '[', 90000);
    struct step steps[] = {{.text = nested}};
    script = steps;
    step_count = 1;
    assert_failure(ERROR_INTERNAL, "cannot be read");
    static const char head[] = "{\"choices\":";
    for (size_t i = 0; head[i]; i++)
        nested[i] = head[i];
    memset(nested + 11 + 2000, ']', 2000);
    memcpy(nested + 11 + 4000, "}", 2);
    assert_failure(ERROR_INTERNAL, "no message");
}

/* ---- learning ---- */

static void learns(void)
{
#define BAD "HTTP/1.1 400 Bad Request\r\n"
    SCRIPT({.text =
                   "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported "
                   "with this model. Use 'max_completion_tokens' instead.\"}}",
               BAD},
        {.text = "{\"error\":{\"message\":\"Unsupported value\",\"param\":\"temperature\"}}",
            .head = BAD},
        {.text = "{\"detail\":[{\"loc\":[\"body\",\"response_format\"],\"msg\":\"no\"}]}",
            .head = "HTTP/1.1 422 X\r\n"},
        {.text = "{\"error\":\"response_format: json_object needs the word\"}", .head = BAD},
        {.text = ANSWER("done")});
    assert_answer("done");
    assert_int_equal(answer.attempts, 5);
    assert_non_null(strstr(heard, "\"max_completion_tokens\":1000}"));
    assert_null(strstr(heard, "temperature"));
    assert_null(strstr(heard, "response_format"));
    assert_answer("done");
    assert_int_equal(answer.attempts, 1); /* it remembers */
}

static void learns_an_end(void)
{
    SCRIPT({.text = "{\"error\":{\"message\":\"max_tokens response_format temperature\"}}",
        .head = BAD});
    assert_failure(ERROR_INTERNAL, "response_format temperature");
    assert_int_equal(heard_count, 6);
    SCRIPT({.text = "{\"error\":{\"message\":\"max_tokens: the context length is 4096\"}}",
        .head = BAD});
    assert_failure(ERROR_LIMIT, "llm.context_tokens");
    assert_int_equal(heard_count, 1);
}

/* ---- failures ---- */

static void fails_for_good(void)
{
    SCRIPT({.text = "{\"error\":{\"message\":\"Incorrect key sk-very-secret\\nprovided\\u0007.\"}}",
               .head = "HTTP/1.1 401 X\r\n"},
        {.text = "", .head = "HTTP/1.1 403 X\r\n"},
        {.text = "<html>no</html>", .head = "HTTP/1.1 404 X\r\n"},
        {.text = "", .head = "HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\n"},
        {.text = "{\"error\":{\"message\":\"pay\",\"code\":\"insufficient_quota\"}}",
            .head = "HTTP/1.1 429 X\r\n"},
        {.text = "strange\r\n\xff thing", .head = "HTTP/1.1 418 X\r\n"});
    assert_failure(ERROR_REFUSED, "it says: Incorrect key ************** provided\n");
    assert_failure(ERROR_REFUSED, "llm.api_key");
    assert_failure(ERROR_INTERNAL, "llm.base_url");
    assert_failure(ERROR_INTERNAL, "HTTP 307");
    assert_failure(ERROR_REFUSED, "no credit");
    assert_failure(ERROR_INTERNAL, "it says: strange thing\n");
    assert_int_equal(heard_count, 6);
}

static void retries(void)
{
    SCRIPT({.text = "", .head = "HTTP/1.1 500 X\r\n"},
        {.how = CUT, .text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"},
        {.text = ANSWER("third")}, {.text = "{\"error\":{\"message\":\"upstream\",\"code\":502}}"},
        {.how = CUT, .text = ""}, {.text = ANSWER("third again")},
        {.text = "busy", .head = "HTTP/1.1 529 X\r\n"});
    assert_answer("third");
    assert_int_equal(answer.attempts, 3);
    assert_answer("third again");
    assert_failure(ERROR_UNAVAILABLE, "HTTP 529");
    assert_true(error->retryable);
    assert_int_equal(heard_count, 9);
}

static void waits_as_told(void)
{
    SCRIPT({.text = "", .head = "HTTP/1.1 429 X\r\nRetry-After: 1\r\n"}, {.text = ANSWER("later")},
        {.text = "", .head = "HTTP/1.1 429 X\r\nRetry-After: 60\r\n"},
        {.text = "", .head = "HTTP/1.1 503 X\r\nRetry-After: 99999999999999999\r\n"},
        {.text = "", .head = "HTTP/1.1 503 X\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"});
    int64_t before = rt_now();
    assert_answer("later");
    assert_in_range(rt_now() - before, 1000, 1900);
    assert_failure(ERROR_UNAVAILABLE, "try again in 60 s"); /* not within the call's time */
    assert_failure(ERROR_UNAVAILABLE, "try again in ");
    assert_failure(ERROR_UNAVAILABLE, "try again in ");
    assert_int_equal(heard_count, 5);
}

static void is_too_long(void)
{
    SCRIPT({.how = FLOOD});
    assert_failure(ERROR_LIMIT, "100000 bytes");
    assert_non_null(strstr(error->hint, "llm.max_response_bytes"));
    char *head = talloc_strdup(ctx, "HTTP/1.1 200 OK\r\n");
    while (talloc_get_size(head) < 100000)
        head = talloc_strdup_append_buffer(head,
            "X-Much: 0123456789012345678901234567890123456789\r\n");
    const struct step steps[] = {{.how = SAY_RAW, .text = head}};
    script = steps;
    step_count = 1;
    assert_failure(ERROR_LIMIT, "longer than");
}

static void is_late(void)
{
    SCRIPT({.how = HANG}, {.text = ANSWER("late")});
    int64_t before = rt_now();
    assert_answer("late"); /* after llm.timeout, again */
    assert_in_range(rt_now() - before, 2000, 3500);
    SCRIPT({.how = HANG});
    assert_false(ask_until(rt_deadline(100)));
    assert_int_equal(error->class, ERROR_TIMEOUT);
    assert_non_null(strstr(error->hint, "mcp.call_timeout"));
    rt_sleep(20);
    assert_int_equal(closed, 2);
}

static void cannot_connect(void)
{
    struct llm_options options = options_for_test();
    talloc_free(llm);
    options.base_url = "http://localhost:1/v1";
    assert_true(llm_create(ctx, &options, &llm, &error));
    assert_failure(ERROR_UNAVAILABLE, "localhost:1");
    assert_non_null(error->detail);
}

static void breaks(void)
{
    SCRIPT({.text = "", .head = "HTTP/1.1 500 X\r\n"});
    assert_failure(ERROR_UNAVAILABLE, "HTTP 500");
    assert_failure(ERROR_UNAVAILABLE, "HTTP 500");
    assert_int_equal(heard_count, 5);
    assert_failure(ERROR_UNAVAILABLE, "try again in 30 s");
    assert_int_equal(heard_count, 5);
    rt_clock_fake(true);
    rt_sleep(30001);
    assert_false(ask_until(rt_deadline(-1))); /* the probe */
    assert_int_equal(heard_count, 6);
    rt_sleep(30001);
    SCRIPT({.text = ANSWER("well again")});
    assert_true(ask_until(rt_deadline(-1)));
    rt_clock_fake(false);
    assert_answer("well again");
}

/* ---- several at once ---- */

static size_t asking, withdrawn;

static void asks(void *arg)
{
    (void)arg;
    struct llm_answer own;
    struct error *own_error = NULL;
    static const struct llm_message message = {LLM_USER, "?"};
    asking++;
    if (!llm_chat(ctx, llm, &message, 1, NULL, rt_deadline(10000), &own, &own_error) &&
        own_error->class == ERROR_CANCELED)
        withdrawn++;
    asking--;
}

static void cancelled(void)
{
    SCRIPT({.how = HANG});
    struct rt_fiber *fibers[6];
    for (size_t i = 0; i < 6; i++)
        fibers[i] = rt_fiber_start(asks, NULL);
    rt_sleep(50);
    assert_int_equal(accepted, 4); /* max_concurrent; two wait in line */
    assert_int_equal(heard_count, 4);
    for (size_t i = 6; i-- > 0;)
        rt_fiber_cancel(fibers[i]);
    rt_sleep(20);
    assert_int_equal(asking, 0);
    assert_int_equal(withdrawn, 6);
    assert_int_equal(closed, 4);
    SCRIPT({.text = ANSWER("next")});
    for (size_t i = 0; i < 20; i++)
        rt_fiber_start(asks, NULL);
    assert_answer("next");
    rt_sleep(50);
    assert_int_equal(asking, 0);
    assert_int_equal(heard_count, 21);
    assert_true(accepted <= 8);
}

/* ---- addresses ---- */

static void addresses(void)
{
    static const struct {
        const char *url, *host; /* NULL = refused */
    } cases[] = {
        {"https://api.example.com/v1", "api.example.com"},
        {"HTTPS://api.example.com:8443", "api.example.com:8443"},
        {"http://localhost:11434/v1/", "localhost:11434"},
        {"http://[::1]:8080/v1", "[::1]:8080"},
        {"http://127.9.9.9/v1?version=1", "127.9.9.9"},
        {"http://gpu:8000/v1", NULL},
        {"http://127.0.0.1.example.com/v1", NULL},
        {"http://[::10]/v1", NULL},
        {"api.example.com/v1", NULL},
        {"ftp://api.example.com/v1", NULL},
        {"https://user:pass@api.example.com/v1", NULL},
        {"https:///v1", NULL},
        {"https://a b/v1", NULL},
        {"https://a:0/v1", NULL},
        {"https://a:99999/v1", NULL},
        {"https://a:1x/v1", NULL},
        {"https://[::1/v1", NULL},
        {"https://a\\b/v1", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llm_options options = options_for_test();
        options.base_url = cases[i].url;
        struct llm *made = NULL;
        bool ok = llm_create(ctx, &options, &made, &error);
        if (ok != (cases[i].host != NULL))
            fail_msg("%s", cases[i].url);
        if (ok)
            assert_string_equal(llm_host(made), cases[i].host);
        else
            assert_non_null(error->hint);
        talloc_free(made);
    }
    struct llm_options options = options_for_test();
    struct llm *made;
    options.base_url = "http://gpu:8000/v1";
    options.allow_plain_http = true;
    assert_true(llm_create(ctx, &options, &made, &error));
    options.allow_plain_http = false;
    options.api_key = NULL;
    assert_true(llm_create(ctx, &options, &made, &error));
    options.api_key = "two\nlines";
    assert_false(llm_create(ctx, &options, &llm, &error));
    assert_null(strstr(error_text(ctx, error), "two"));
}

static void paths(void)
{
    static const char *const cases[][2] = {
        {"", "POST /chat/completions HTTP"},
        {"/v1//", "POST /v1/chat/completions HTTP"},
        {"/v1/chat/completions", "POST /v1/chat/completions HTTP"},
        {"/x?version=2#top", "POST /x/chat/completions?version=2 HTTP"},
    };
    SCRIPT({.text = ANSWER("")});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llm_options options = options_for_test();
        talloc_free(llm);
        options.base_url = talloc_asprintf(ctx, "http://127.0.0.1:%d%s", port, cases[i][0]);
        options.api_key = "";
        assert_true(llm_create(ctx, &options, &llm, &error));
        assert_answer("");
        assert_non_null(strstr(heard, cases[i][1]));
        assert_null(strstr(heard, "Authorization"));
    }
}

/* ---- running them, each on a fiber ---- */

struct test {
    void (*fn)(void);
};

static void run_in_fiber(void *test)
{
    struct llm_options options = options_for_test();
    assert_true(llm_create(ctx, &options, &llm, &error));
    ((struct test *)test)->fn();
    talloc_free(ctx);
    rt_sleep(5); /* the service hears of it */
    rt_stop(0);
}

static void on_fiber(void **state)
{
    uv_poll_t poll;
    heard_count = accepted = closed = asking = withdrawn = 0;
    ctx = talloc_new(NULL);
    service_open(&poll);
    rt_fiber_start(run_in_fiber, *state);
    rt_run();
    uv_close((uv_handle_t *)&poll, NULL);
    uv_run(rt_loop(), UV_RUN_NOWAIT);
    close(listener);
    assert_int_equal(closed, accepted);
}

#define TEST(fn)                                                            \
    {                                                                       \
        .name = #fn, .test_func = on_fiber, .initial_state = &(struct test) \
        {                                                                   \
            fn                                                              \
        }                                                                   \
    }

int main(void)
{
    rt_init();
    signal(SIGPIPE, SIG_IGN);
    /* What must not matter. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    const struct CMUnitTest tests[] = {
        TEST(asks_and_reads),
        TEST(reads_all_forms),
        TEST(cannot_read),
        TEST(deep),
        TEST(learns),
        TEST(learns_an_end),
        TEST(fails_for_good),
        TEST(retries),
        TEST(waits_as_told),
        TEST(is_too_long),
        TEST(is_late),
        TEST(cannot_connect),
        TEST(breaks),
        TEST(cancelled),
        TEST(addresses),
        TEST(paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
