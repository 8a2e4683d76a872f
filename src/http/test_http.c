/* The life of requests, with real sockets: what the user of http/ may rely on. The wire is tested
 * by tests/http-strict.test.mjs. */
#include "http/http.h"
#include "rt/rt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static const struct http_options defaults = {
    .max_header_bytes = 8 << 10,
    .max_body_bytes = 1000,
    .header_timeout_ms = 5000,
    .body_timeout_ms = 5000,
    .idle_timeout_ms = 5000,
    .write_timeout_ms = 5000,
    .max_connections = 100,
};
static const char *const text[] = {"Content-Type", "text/plain", NULL};

static struct http_server *server;
static struct http_request *last; /* the last one that was complete and is not answered */
static size_t begun, gone, drained, ended;

/* ---- a handler that keeps its requests, and notes what it hears ---- */

static void on_begin(void *host, struct http_request *request)
{
    (void)request;
    assert_ptr_equal(host, &server);
    assert_null(rt_fiber_self());
    begun++;
}

static void on_complete(void *host, struct http_request *request)
{
    (void)host;
    const char *body;
    size_t len;
    http_request_body(request, &body, &len);
    if (strcmp(http_request_path(request), "/echo") == 0)
        http_answer(request, 200, text, talloc_memdup(NULL, body, len), len);
    else
        last = request;
}

static void on_gone(void *host, struct http_request *request)
{
    (void)host;
    (void)request;
    gone++;
}

static void on_drained(void *host, struct http_request *request)
{
    (void)host;
    assert_true(http_stream_backlog(request) <= HTTP_BACKLOG_LOW);
    drained++;
}

static void on_ended(void *host, struct http_request *request)
{
    (void)host;
    (void)request;
    assert_null(rt_fiber_self());
    ended++;
}

static const struct http_handler handler = {
    .begin = on_begin,
    .complete = on_complete,
    .gone = on_gone,
    .drained = on_drained,
    .ended = on_ended,
};

/* ---- a client on a fiber ---- */

struct client {
    int fd;
    struct rt_poll *poll;
    char heard[256 << 10];
    size_t len;
    bool closed;
};

static struct client *client_open(const char *request)
{
    struct client *client = talloc_zero(NULL, struct client);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)http_server_port(server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client->fd, (void *)&address, sizeof address), 0);
    assert_int_equal(write(client->fd, request, strlen(request)), (ssize_t)strlen(request));
    client->poll = rt_poll_create(client, client->fd);
    return client;
}

static void client_close(struct client *client)
{
    TALLOC_FREE(client->poll);
    close(client->fd);
    talloc_free(client);
}

/* Reads until `expected` came; NULL: until the end. */
static void client_read(struct client *client, const char *expected)
{
    while (expected ? !strstr(client->heard, expected) : !client->closed) {
        int rc = rt_poll_wait(client->poll, UV_READABLE, rt_deadline(5000));
        assert_int_equal(rc, 0);
        assert_true(client->len + 1 < sizeof client->heard);
        ssize_t n =
            read(client->fd, client->heard + client->len, sizeof client->heard - client->len - 1);
        if (n <= 0) {
            client->closed = true;
            assert_null(expected);
        } else {
            client->len += (size_t)n;
        }
    }
}

static void wait_for(const size_t *counter, size_t value)
{
    for (int i = 0; i < 1000 && *counter < value; i++)
        rt_sleep(1);
    assert_int_equal(*counter, value);
}

static struct http_request *take_last(void)
{
    for (int i = 0; i < 1000 && !last; i++)
        rt_sleep(1);
    assert_non_null(last);
    struct http_request *request = last;
    last = NULL;
    return request;
}

static void answer(struct http_request *request, const char *body)
{
    http_answer(request, 200, text, talloc_strdup(NULL, body), strlen(body));
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST_ECHO(n, body) "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " #n "\r\n\r\n" body

/* ---- the tests ---- */

static void answers(void)
{
    struct client *client = client_open(GET GET POST_ECHO(3, "abc"));
    answer(take_last(), "first");
    client_read(client, "first");
    answer(take_last(), "second");
    client_read(client, "\r\n\r\nabc");
    wait_for(&ended, 3);
    assert_int_equal(http_server_requests(server), 0);
    assert_int_equal(http_server_connections(server), 1);
    client_close(client);
}

static void streams(void)
{
    struct client *client = client_open(GET);
    struct http_request *request = take_last();
    http_stream_begin(request, 200, text);
    client_read(client, "\r\n\r\n");
    http_stream_send(request, talloc_strdup(NULL, "one"), 3);
    client_read(client, "3\r\none\r\n");
    assert_int_equal(http_stream_backlog(request), 0);
    for (int i = 0; i < 10; i++)
        http_stream_send(request, talloc_zero_size(NULL, 8 << 10), 8 << 10);
    assert_int_equal(http_stream_backlog(request), 80 << 10);
    wait_for(&drained, 1);
    http_stream_send(request, talloc_strdup(NULL, "two"), 3);
    http_stream_end(request);
    wait_for(&ended, 1);
    client_close(client);
}

static void gone_and_released(void)
{
    struct client *client = client_open(GET);
    struct http_request *request = take_last();
    client_close(client);
    wait_for(&gone, 1);
    rt_sleep(10);
    assert_int_equal(ended, 0);
    assert_int_equal(http_server_connections(server), 0);
    assert_string_equal(http_request_header(request, "host"), "a"); /* valid until released */
    http_request_release(request);
    assert_int_equal(ended, 0); /* not inside of the user's own function */
    wait_for(&ended, 1);
}

static void gone_and_answered(void)
{
    struct client *client = client_open(GET);
    struct http_request *request = take_last();
    http_stream_begin(request, 200, text);
    struct client *other = client_open(GET);
    struct http_request *second = take_last();
    client_close(client);
    client_close(other);
    wait_for(&gone, 2);
    http_stream_send(request, talloc_strdup(NULL, "dropped"), 7);
    http_stream_end(request);
    http_stream_begin(second, 200, text);
    http_stream_send(second, talloc_strdup(NULL, "dropped"), 7);
    http_stream_end(second);
    wait_for(&ended, 2);
}

static void released_without_answer(void)
{
    struct client *client = client_open(GET);
    http_request_release(take_last());
    client_read(client, NULL);
    assert_int_equal(client->len, 0);
    wait_for(&ended, 1);
    assert_int_equal(gone, 0);
    client_close(client);
}

static void reconfigured(void)
{
    struct client *client = client_open(GET);
    struct http_request *request = take_last();
    struct http_options options = defaults;
    struct error *error;
    options.max_body_bytes = 2;
    assert_true(http_server_reconfigure(server, &options, &error));
    struct client *limited = client_open(POST_ECHO(3, "abc"));
    client_read(limited, "413 ");
    answer(request, "old");
    client_read(client, "old");
    const char *more = POST_ECHO(3, "abc");
    assert_int_equal(write(client->fd, more, strlen(more)), (ssize_t)strlen(more));
    client_read(client, "\r\n\r\nabc"); /* under its old limits */
    options.certificate_file = "/nonexistent";
    options.key_file = "/nonexistent";
    assert_false(http_server_reconfigure(server, &options, &error));
    assert_non_null(strstr(error->message, "/nonexistent"));
    client_close(limited);
    limited = client_open(POST_ECHO(2, "ab"));
    client_read(limited, "\r\n\r\nab");
    client_close(client);
    client_close(limited);
}

static void stopped(void)
{
    struct client *idle = client_open(POST_ECHO(3, "abc"));
    client_read(idle, "\r\n\r\nabc");
    struct client *client = client_open(GET);
    struct http_request *request = take_last();
    http_server_stop_accepting(server);
    client_read(idle, NULL);
    answer(request, "last");
    client_read(client, NULL);
    assert_non_null(strstr(client->heard, "Connection: close\r\n"));
    assert_non_null(strstr(client->heard, "\r\n\r\nlast"));
    client_close(idle);
    client_close(client);
}

static void closed(void)
{
    struct client *waiting = client_open(GET);
    struct http_request *first = take_last();
    struct client *streaming = client_open(GET);
    struct http_request *second = take_last();
    http_stream_begin(second, 200, text);
    http_server_close(server);
    server = NULL;
    assert_int_equal(gone, 2);
    assert_int_equal(ended, 0);
    client_read(waiting, NULL);
    client_read(streaming, NULL);
    http_request_release(first);
    http_stream_end(second);
    wait_for(&ended, 2);
    client_close(waiting);
    client_close(streaming);
}

static void adopted(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct error *error;
    assert_false(http_server_adopt(server, fd, &error));
    assert_non_null(strstr(error->message, "not a listening"));
    http_server_stop_accepting(server);
    http_server_close(server);
    server = http_server_create(NULL, &defaults, &handler, &server, &error);
    assert_int_equal(listen(fd, 10), 0);
    assert_int_equal(http_server_port(server), 0);
    assert_true(http_server_adopt(server, fd, &error));
    struct client *client = client_open(POST_ECHO(3, "abc"));
    client_read(client, "\r\n\r\nabc");
    client_close(client);
}

static void cannot_listen(void)
{
    struct error *error;
    assert_false(http_server_listen(server, "127.0.0.1", http_server_port(server), &error));
    assert_non_null(strstr(error->message, "Address already in use"));
    assert_non_null(error->hint);
    assert_false(http_server_listen(server, "192.0.2.1", 0, &error));
    assert_non_null(strstr(error->message, "192.0.2.1"));
    assert_false(http_server_listen(server, "no such host", 0, &error));
    assert_false(http_server_listen_unix(server, "/nonexistent/socket", 0600, &error));
    assert_true(http_server_listen(server, "localhost", 0, &error));
}

/* ---- running them, each on a fiber ---- */

struct test {
    void (*fn)(void);
};

static void run_in_fiber(void *test)
{
    ((struct test *)test)->fn();
    rt_stop(0);
}

static void on_fiber(void **state)
{
    struct error *error;
    begun = gone = drained = ended = 0;
    last = NULL;
    server = http_server_create(NULL, &defaults, &handler, &server, &error);
    assert_true(http_server_listen(server, "127.0.0.1", 0, &error));
    rt_fiber_start(run_in_fiber, *state);
    rt_run();
    if (server)
        http_server_close(server);
    uv_run(rt_loop(), UV_RUN_NOWAIT);
    assert_int_equal(ended, begun);
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
    const struct CMUnitTest tests[] = {
        TEST(answers),
        TEST(streams),
        TEST(gone_and_released),
        TEST(gone_and_answered),
        TEST(released_without_answer),
        TEST(reconfigured),
        TEST(stopped),
        TEST(closed),
        TEST(adopted),
        TEST(cannot_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
