/*
 * A small server on http/ for its tests: every route uses another part of it.
 *
 *   http-echo [name=value]…   options of struct http_options, listen=HOST:PORT, unix=PATH
 *
 * Says "listening PORT" on stderr. SIGHUP reads the certificate anew, SIGTERM drains.
 */
#include "base/str.h"
#include "http/http.h"
#include "rt/rt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static struct http_server *server;
static struct http_options options = {
    .max_header_bytes = 16 << 10,
    .max_body_bytes = 1 << 20,
    .header_timeout_ms = 10000,
    .body_timeout_ms = 30000,
    .idle_timeout_ms = 60000,
    .write_timeout_ms = 30000,
    .max_connections = 2000,
};
static size_t begun, completed, gone, ended;

static const char *const text[] = {"Content-Type", "text/plain", NULL};
static const char *const events[] = {"Content-Type", "text/event-stream", NULL};

/* An answer that comes later, or a stream that ticks. */
struct later {
    struct http_request *request;
    struct rt_timer timer;
    int64_t interval_ms;
    int left;
};

static int64_t number(const struct http_request *request, const char *name, int64_t otherwise)
{
    const char *query = http_request_query(request);
    const char *at = query ? strstr(query, name) : NULL;
    return at ? strtoll(at + strlen(name) + 1, NULL, 10) : otherwise;
}

static char *filled(size_t len)
{
    char *bytes = talloc_size(NULL, len);
    memset(bytes, 'x', len);
    return bytes;
}

static void answer_text(struct http_request *request, unsigned status, char *body)
{
    http_answer(request, status, text, body, strlen(body));
}

static void answer_on_fiber(void *request)
{
    answer_text(request, 200, talloc_strdup(NULL, "from a fiber\n"));
}

static void on_later(struct rt_timer *timer)
{
    struct later *later = rt_owner(timer, struct later, timer);
    answer_text(later->request, 200, talloc_strdup(NULL, "later\n"));
}

static void on_tick(struct rt_timer *timer)
{
    struct later *later = rt_owner(timer, struct later, timer);
    if (later->left-- == 0) {
        http_stream_end(later->request);
        return;
    }
    char *event = talloc_asprintf(NULL, "data: %d\n\n", later->left);
    http_stream_send(later->request, event, strlen(event));
    rt_timer_arm(timer, rt_deadline(later->interval_ms), on_tick);
}

static void flood(struct http_request *request)
{
    while (http_stream_backlog(request) <= HTTP_BACKLOG_LOW)
        http_stream_send(request, filled(16 << 10), 16 << 10);
}

static void echo_headers(struct http_request *request)
{
    const char *names[] = {"Host", "X-A", "Content-Type", "User-Agent"};
    struct str out;
    str_init(&out, NULL, 64 << 10);
    str_printf(&out, "%s %s?%s from %s\n", http_request_method(request), http_request_path(request),
        http_request_query(request) ? http_request_query(request) : "", http_request_peer(request));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (http_request_header(request, names[i]))
            str_printf(&out, "%s=[%s] of %zu\n", names[i], http_request_header(request, names[i]),
                http_request_header_count(request, names[i]));
    answer_text(request, 200, str_take(&out, NULL));
}

static void on_begin(void *host, struct http_request *request)
{
    (void)host;
    begun++;
    if (strcmp(http_request_path(request), "/early") == 0)
        answer_text(request, 401, talloc_strdup(NULL, "early\n"));
}

static void on_complete(void *host, struct http_request *request)
{
    (void)host;
    completed++;
    const char *path = http_request_path(request), *body;
    size_t len;
    http_request_body(request, &body, &len);
    struct later *later = talloc_zero(request, struct later);
    later->request = request;
    http_request_set_user(request, later);

    if (strcmp(path, "/echo") == 0) {
        http_answer(request, 200, text, talloc_memdup(NULL, body, len), len);
    } else if (strcmp(path, "/size") == 0) {
        answer_text(request, 200, talloc_asprintf(NULL, "%zu\n", len));
    } else if (strcmp(path, "/headers") == 0) {
        echo_headers(request);
    } else if (strcmp(path, "/big") == 0) {
        size_t size = (size_t)number(request, "bytes", 1 << 20);
        http_answer(request, 200, text, filled(size), size);
    } else if (strcmp(path, "/fiber") == 0) {
        rt_fiber_start(answer_on_fiber, request);
    } else if (strcmp(path, "/later") == 0) {
        rt_timer_arm(&later->timer, rt_deadline(number(request, "ms", 0)), on_later);
    } else if (strcmp(path, "/ticks") == 0) {
        later->left = (int)number(request, "n", 3);
        later->interval_ms = number(request, "ms", 10);
        http_stream_begin(request, 200, events);
        rt_timer_arm(&later->timer, rt_deadline(later->interval_ms), on_tick);
    } else if (strcmp(path, "/flood") == 0) {
        http_stream_begin(request, 200, events);
        flood(request);
    } else if (strcmp(path, "/counts") == 0) {
        answer_text(request, 200,
            talloc_asprintf(NULL,
                "{\"begun\":%zu,\"completed\":%zu,\"gone\":%zu,\"ended\":%zu,\"requests\":%zu,"
                "\"connections\":%zu}\n",
                begun, completed, gone, ended, http_server_requests(server),
                http_server_connections(server)));
    } else if (strcmp(path, "/hang") != 0) {
        answer_text(request, 404, talloc_strdup(NULL, "no such path\n"));
    }
}

static void on_gone(void *host, struct http_request *request)
{
    (void)host;
    gone++;
    struct later *later = http_request_user(request);
    if (later)
        rt_timer_disarm(&later->timer);
    http_request_release(request);
}

static void on_drained(void *host, struct http_request *request)
{
    (void)host;
    if (strcmp(http_request_path(request), "/flood") == 0)
        flood(request);
}

static void on_ended(void *host, struct http_request *request)
{
    (void)host;
    (void)request;
    ended++;
}

static const struct http_handler handler = {
    .begin = on_begin,
    .complete = on_complete,
    .gone = on_gone,
    .drained = on_drained,
    .ended = on_ended,
};

static void on_hangup(uv_signal_t *signal, int number)
{
    (void)signal;
    (void)number;
    struct error *error;
    bool ok = http_server_reconfigure(server, &options, &error);
    fprintf(stderr, "%s\n", ok ? "reconfigured" : error_text(server, error));
}

static void look_whether_drained(struct rt_timer *timer)
{
    if (http_server_connections(server) == 0) {
        http_server_close(server);
        rt_stop(0);
    } else {
        rt_timer_arm(timer, rt_deadline(10), look_whether_drained);
    }
}

static void on_terminate(uv_signal_t *signal, int number)
{
    (void)signal;
    (void)number;
    static struct rt_timer timer;
    http_server_stop_accepting(server);
    look_whether_drained(&timer);
}

static const char *listen_on = "127.0.0.1:0", *unix_path;

static void read_argument(const char *argument)
{
    struct {
        const char *name;
        size_t *size;
        int64_t *ms;
        const char **text;
    } table[] = {
        {"max_header_bytes", .size = &options.max_header_bytes},
        {"max_body_bytes", .size = &options.max_body_bytes},
        {"header_timeout_ms", .ms = &options.header_timeout_ms},
        {"body_timeout_ms", .ms = &options.body_timeout_ms},
        {"idle_timeout_ms", .ms = &options.idle_timeout_ms},
        {"write_timeout_ms", .ms = &options.write_timeout_ms},
        {"max_connections", .size = &options.max_connections},
        {"max_connections_per_address", .size = &options.max_connections_per_address},
        {"certificate_file", .text = &options.certificate_file},
        {"key_file", .text = &options.key_file},
        {"listen", .text = &listen_on},
        {"unix", .text = &unix_path},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t len = strlen(table[i].name);
        if (strncmp(argument, table[i].name, len) != 0 || argument[len] != '=')
            continue;
        const char *value = argument + len + 1;
        if (table[i].size)
            *table[i].size = strtoull(value, NULL, 10);
        if (table[i].ms)
            *table[i].ms = strtoll(value, NULL, 10);
        if (table[i].text)
            *table[i].text = value;
        return;
    }
    fprintf(stderr, "http-echo: unknown argument %s\n", argument);
    exit(2);
}

static bool start(struct error **ret_err)
{
    server = http_server_create(NULL, &options, &handler, NULL, ret_err);
    if (!server)
        return false;
    if (unix_path)
        return http_server_listen_unix(server, unix_path, 0600, ret_err);
    const char *colon = strrchr(listen_on, ':');
    char *host = talloc_strndup(NULL, listen_on, (size_t)(colon - listen_on));
    bool ok = http_server_listen(server, host, (int)strtol(colon + 1, NULL, 10), ret_err);
    talloc_free(host);
    return ok;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        read_argument(argv[i]);
    rt_init();
    struct error *error;
    if (!start(&error)) {
        fprintf(stderr, "http-echo: %s\n", error_text(NULL, error));
        return 2;
    }
    static uv_signal_t hangup, terminate;
    uv_signal_init(rt_loop(), &hangup);
    uv_signal_start(&hangup, on_hangup, SIGHUP);
    uv_signal_init(rt_loop(), &terminate);
    uv_signal_start(&terminate, on_terminate, SIGTERM);
    fprintf(stderr, "listening %d\n", http_server_port(server));
    return rt_run();
}
