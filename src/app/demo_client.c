/* The demo's MCP client; see demo_client.h. */
#include "app/demo_client.h"

#include "app/demo_process.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

enum {
    CALL_MS = 30000,
    STOP_MS = 5000,
    ANSWER_MAX = 16 << 20, /* bytes of one message */
};

struct demo_client {
    pid_t pid;       /* 0 when the server has ended and was waited for */
    int to, from;    /* our ends of its stdin and stdout; -1 when closed */
    int log;         /* what it writes to stderr, in memory */
    json_int_t id;   /* of the last request */
    json_t *answer;  /* to the last request */
    struct str line; /* what was read and not yet taken */
};

static void close_input(struct demo_client *client)
{
    if (client->to >= 0)
        close(client->to);
    client->to = -1;
}

static int free_client(struct demo_client *client)
{
    close_input(client);
    if (client->from >= 0)
        close(client->from);
    if (client->log >= 0)
        close(client->log);
    if (client->pid > 0) {
        kill(client->pid, SIGKILL);
        waitpid(client->pid, NULL, 0);
    }
    json_decref(client->answer);
    return 0;
}

struct demo_client *demo_client_start(const void *ctx, char *const argv[], struct error **ret_err)
{
    struct demo_client *client = talloc_zero(ctx, struct demo_client);
    client->to = client->from = -1;
    talloc_set_destructor(client, free_client);
    str_init(&client->line, client, ANSWER_MAX);
    client->log = memfd_create("pgparley-stderr", MFD_CLOEXEC);
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        client->pid = demo_process_start(
            &(struct demo_command){.argv = argv, .in = in[0], .out = out[1], .err = client->log});
    int reason = errno;
    client->to = in[1];
    client->from = out[0];
    close(in[0]);
    close(out[1]);
    if (client->pid <= 0) {
        talloc_free(client);
        error_raise(ret_err, error_create(ctx, ERROR_INTERNAL, "could not start the MCP server: %s",
                                 strerror(reason)));
        return NULL;
    }
    fcntl(client->to, F_SETFL, O_NONBLOCK);
    fcntl(client->from, F_SETFL, O_NONBLOCK);
    return client;
}

/* The end of what the server wrote to stderr: why it failed. */
static void add_log(struct demo_client *client, struct error *error)
{
    char tail[1024];
    off_t end = lseek(client->log, 0, SEEK_END);
    off_t start = end > (off_t)sizeof tail - 1 ? end - (off_t)sizeof tail + 1 : 0;
    ssize_t len = pread(client->log, tail, sizeof tail - 1, start);
    while (len > 0 && tail[len - 1] == '\n')
        len--;
    tail[len < 0 ? 0 : len] = '\0';
    if (tail[0])
        error_detail(error, "it wrote to stderr:\n%s", tail);
}

/* The server is gone, or as good as. */
static bool server_ended(struct demo_client *client, struct error **ret_err)
{
    int status = demo_process_wait(client->pid, demo_clock_ms() + 1000);
    struct error *error;
    if (status == -1) {
        error = error_create(client, ERROR_UNAVAILABLE, "the MCP server closed its output");
    } else {
        client->pid = 0;
        error = error_create(client, ERROR_UNAVAILABLE, "the MCP server %s in mid-conversation",
            demo_process_status(client, status));
    }
    add_log(client, error);
    return error_raise(ret_err, error);
}

/* Waits until the descriptor is ready for `events` or has failed. */
static bool wait_for(struct demo_client *client, int fd, short events, int64_t deadline_ms,
    struct error **ret_err)
{
    struct pollfd ready = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = deadline_ms - demo_clock_ms();
        if (left > 0 && poll(&ready, 1, (int)left) > 0)
            return true;
        if (left > 0)
            continue;
        struct error *error = error_create(client, ERROR_TIMEOUT,
            "no answer from the MCP server within %d s", CALL_MS / 1000);
        add_log(client, error);
        return error_raise(ret_err, error);
    }
}

static bool send_line(struct demo_client *client, const char *text, size_t len, int64_t deadline_ms,
    struct error **ret_err)
{
    while (len > 0) {
        ssize_t sent = write(client->to, text, len);
        if (sent > 0) {
            text += sent;
            len -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            return server_ended(client, ret_err);
        } else if (!wait_for(client, client->to, POLLOUT, deadline_ms, ret_err)) {
            return false;
        }
    }
    return true;
}

/* The next message under `client`, without its newline. */
static char *receive_line(struct demo_client *client, int64_t deadline_ms, struct error **ret_err)
{
    struct str *line = &client->line;
    for (size_t searched = 0;;) {
        const char *text = str_get(line);
        const char *newline = memchr(text + searched, '\n', line->len - searched);
        if (newline) {
            char *message = talloc_strndup(client, text, (size_t)(newline - text));
            char *rest = talloc_strdup(client, newline + 1);
            str_reset(line);
            str_puts(line, rest);
            talloc_free(rest);
            return message;
        }
        searched = line->len;
        if (!wait_for(client, client->from, POLLIN, deadline_ms, ret_err))
            return NULL;
        char buffer[65536];
        ssize_t len = read(client->from, buffer, sizeof buffer);
        if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) {
            server_ended(client, ret_err);
            return NULL;
        }
        if (len > 0 && !str_append(line, buffer, (size_t)len)) {
            error_raise(ret_err,
                error_create(client, ERROR_LIMIT, "the MCP server's answer is longer than %d bytes",
                    ANSWER_MAX));
            return NULL;
        }
    }
}

/* The request as one line under `client`. */
static char *encode_request(struct demo_client *client, const char *method, json_t *params)
{
    json_t *request = json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id", client->id,
        "method", method, "params", params ? params : json_object());
    json_object_set_new(json_object_get(request, "params"), "_meta",
        json_pack("{s:s, s:{}, s:{s:s, s:s}}", "io.modelcontextprotocol/protocolVersion",
            "2026-07-28", "io.modelcontextprotocol/clientCapabilities",
            "io.modelcontextprotocol/clientInfo", "name", "pgparley demo", "version", "1"));
    char *text = json_dumps(request, JSON_COMPACT);
    char *line = talloc_asprintf(client, "%s\n", text ? text : "");
    free(text);
    json_decref(request);
    return line;
}

/* Keeps the message if it answers the request; else there is more to read. */
static bool take_answer(struct demo_client *client, const char *message, struct error **ret_err)
{
    json_t *answer = json_loads(message, 0, NULL);
    if (!json_is_object(answer)) {
        json_decref(answer);
        struct error *error =
            error_create(client, ERROR_INTERNAL, "the MCP server's answer is not JSON");
        return error_raise(ret_err, error_detail(error, "it is: %.200s", message));
    }
    json_decref(client->answer);
    client->answer = answer;
    return true;
}

/* An error without an id answers a request that the server could not read. */
static bool answers_request(const struct demo_client *client)
{
    const json_t *id = json_object_get(client->answer, "id");
    if (!id)
        return json_object_get(client->answer, "error") != NULL;
    return !json_object_get(client->answer, "method") && json_integer_value(id) == client->id;
}

const json_t *demo_client_call(struct demo_client *client, const char *method, json_t *params,
    double *ret_ms, struct error **ret_err)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    int64_t deadline = demo_clock_ms() + CALL_MS;
    client->id++;
    char *request = encode_request(client, method, params);
    if (!send_line(client, request, strlen(request), deadline, ret_err))
        return NULL;
    do {
        char *message = receive_line(client, deadline, ret_err);
        if (!message || !take_answer(client, message, ret_err))
            return NULL;
        talloc_free(message);
    } while (!answers_request(client));
    clock_gettime(CLOCK_MONOTONIC, &end);
    *ret_ms =
        (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    talloc_free(request);

    const json_t *result = json_object_get(client->answer, "result");
    if (json_is_object(result))
        return result;
    const char *reason =
        json_string_value(json_object_get(json_object_get(client->answer, "error"), "message"));
    struct error *error =
        error_create(client, ERROR_INTERNAL, "the MCP server answered %s with an error", method);
    error_raise(ret_err, error_detail(error, "%s", reason ? reason : "it gave no reason"));
    return NULL;
}

bool demo_client_stop(struct demo_client *client, struct error **ret_err)
{
    close_input(client);
    int status = demo_process_wait(client->pid, demo_clock_ms() + STOP_MS);
    if (status != -1)
        client->pid = 0;
    if (status == 0)
        return true;
    struct error *error =
        status == -1 ? error_create(client, ERROR_TIMEOUT,
                           "the MCP server did not end within %d s of its input", STOP_MS / 1000)
                     : error_create(client, ERROR_UNAVAILABLE, "the MCP server %s",
                           demo_process_status(client, status));
    add_log(client, error);
    return error_raise(ret_err, error);
}
