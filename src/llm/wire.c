/*
 * One attempt at a request: libcurl's multi-socket interface on the loop.
 *
 * libcurl says which descriptors and what time to watch; every event goes to advance(), on the main
 * stack, which wakes the fibers whose transfers have ended. A fiber that no longer waits takes its
 * transfer out, and libcurl closes the connection at once.
 */
#include "llm/internal.h"

#include "pgparley_version.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    HEADERS_MAX_BYTES = 64 << 10,
    RETRY_AFTER_MAX_S = 365 * 24 * 60 * 60,
};

struct llm_wire {
    CURLM *multi;
    struct rt_timer timer;
    const struct llm_options *options;
    const struct llm_endpoint *endpoint;
};

struct watch {
    uv_poll_t poll;
    struct llm_wire *wire;
    curl_socket_t fd;
};

struct transfer {
    struct rt_fiber *fiber;
    struct llm_reply *reply;
    size_t header_bytes;
    bool ended;
    CURLcode result;
};

static void advance(struct llm_wire *wire, curl_socket_t fd, int events)
{
    int count;
    llm_curl.multi_socket_action(wire->multi, fd, events, &count);
    for (CURLMsg *message; (message = llm_curl.multi_info_read(wire->multi, &count));) {
        struct transfer *transfer = NULL;
        llm_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->ended = true;
        transfer->result = message->data.result;
        rt_wake(transfer->fiber, 0);
    }
}

/* ---- what libcurl wants watched ---- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct watch *watch = poll->data;
    int seen = status < 0 ? CURL_CSELECT_ERR : 0;
    if (events & UV_READABLE)
        seen |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        seen |= CURL_CSELECT_OUT;
    advance(watch->wire, watch->fd, seen);
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static struct watch *watch_open(struct llm_wire *wire, curl_socket_t fd)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        abort();
    if (uv_poll_init(rt_loop(), &watch->poll, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->wire = wire;
    watch->fd = fd;
    llm_curl.multi_assign(wire->multi, fd, watch);
    return watch;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *of_socket)
{
    (void)easy;
    struct watch *watch = of_socket;
    if (what == CURL_POLL_REMOVE) {
        if (watch)
            uv_close((uv_handle_t *)&watch->poll, free_watch);
        return 0;
    }
    if (!watch)
        watch = watch_open(user, fd);
    if (!watch)
        return -1;
    int events = 0;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&watch->poll, events, on_poll) == 0 ? 0 : -1;
}

static void on_time(struct rt_timer *timer)
{
    advance(rt_owner(timer, struct llm_wire, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *user)
{
    (void)multi;
    struct llm_wire *wire = user;
    if (ms < 0)
        rt_timer_disarm(&wire->timer);
    else
        rt_timer_arm(&wire->timer, rt_deadline(ms), on_time);
    return 0;
}

/* ---- life ---- */

static int wire_destroy(struct llm_wire *wire)
{
    llm_curl.multi_cleanup(wire->multi);
    rt_timer_disarm(&wire->timer);
    return 0;
}

struct llm_wire *llm_wire_create(const void *ctx, const struct llm_options *options,
    const struct llm_endpoint *endpoint)
{
    struct llm_wire *wire = talloc_zero(ctx, struct llm_wire);
    wire->options = options;
    wire->endpoint = endpoint;
    wire->multi = llm_curl.multi_init();
    if (!wire->multi)
        abort();
    talloc_set_destructor(wire, wire_destroy);
    llm_curl.multi_setopt(wire->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    llm_curl.multi_setopt(wire->multi, CURLMOPT_SOCKETDATA, wire);
    llm_curl.multi_setopt(wire->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    llm_curl.multi_setopt(wire->multi, CURLMOPT_TIMERDATA, wire);
    llm_curl.multi_setopt(wire->multi, CURLMOPT_MAXCONNECTS, (long)options->max_concurrent);
    return wire;
}

/* ---- a transfer ---- */

/* Interim answers and trailers count too. */
static size_t on_header(const char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    struct transfer *transfer = arg;
    transfer->header_bytes += size * count;
    return transfer->header_bytes <= HEADERS_MAX_BYTES ? size * count : 0;
}

static size_t on_body(const char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    return str_append(&transfer->reply->body, bytes, size * count) ? size * count : 0;
}

static struct curl_slist *headers_create(const struct llm_endpoint *endpoint)
{
    struct curl_slist *list = llm_curl.slist_append(NULL, "Content-Type: application/json");
    list = llm_curl.slist_append(list, "Accept: application/json");
    list = llm_curl.slist_append(list, "Expect:"); /* no waiting for "100 Continue" */
    if (endpoint->api_key) {
        char *line = talloc_asprintf(NULL, "Authorization: Bearer %s", endpoint->api_key);
        list = llm_curl.slist_append(list, line);
        explicit_bzero(line, talloc_get_size(line));
        talloc_free(line);
    }
    return list;
}

static void headers_free(struct curl_slist *list)
{
    for (struct curl_slist *header = list; header; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    llm_curl.slist_free_all(list);
}

static CURL *easy_create(const struct llm_wire *wire, struct transfer *transfer,
    const struct str *body, struct curl_slist *headers)
{
    CURL *easy = llm_curl.easy_init();
    if (!easy)
        abort();
#define SET(option, value) llm_curl.easy_setopt(easy, CURLOPT_##option, value)
    SET(URL, wire->endpoint->url);
    SET(PROTOCOLS_STR, "http,https");
    SET(HTTPHEADER, headers);
    SET(POSTFIELDS, body->data);
    SET(POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    SET(USERAGENT, "pgparley/" PGPARLEY_VERSION);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (wire->options->ca_file)
        SET(CAINFO, wire->options->ca_file);
    SET(CAPATH, (char *)NULL); /* it would be trusted too, and keep the others from being cached */
    /* An empty name keeps libcurl from looking into the environment. */
    SET(PROXY, wire->options->proxy ? wire->options->proxy : "");
    SET(NOPROXY, "localhost,127.0.0.1,::1");
    SET(NOSIGNAL, 1L);
    SET(QUICK_EXIT, 1L); /* taking a transfer out does not wait for its name's resolution */
    SET(TCP_KEEPALIVE, 1L);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, transfer);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, transfer);
    SET(PRIVATE, transfer);
    SET(ERRORBUFFER, transfer->reply->problem);
#undef SET
    return easy;
}

static enum llm_end end_of(const struct transfer *transfer, int rc)
{
    const struct llm_reply *reply = transfer->reply;
    if (!transfer->ended)
        return rc == -ECANCELED ? LLM_WITHDRAWN : LLM_LATE;
    if (transfer->result == CURLE_OK)
        return LLM_REPLIED;
    if (!reply->body.full && transfer->header_bytes <= HEADERS_MAX_BYTES)
        return LLM_BROKEN;
    /* An error is known by its status and the beginning of its text. */
    return reply->status >= 400 ? LLM_REPLIED : LLM_TOO_LONG;
}

static void collect(CURL *easy, const struct transfer *transfer, int rc)
{
    struct llm_reply *reply = transfer->reply;
    curl_off_t seconds = 0;
    llm_curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply->status);
    llm_curl.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    reply->retry_after_s = seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : seconds;
    reply->end = end_of(transfer, rc);
    if (reply->end != LLM_BROKEN)
        return;
    if (!reply->problem[0])
        snprintf(reply->problem, sizeof reply->problem, "%s",
            llm_curl.easy_strerror(transfer->result));
    reply->distrusted = transfer->result == CURLE_PEER_FAILED_VERIFICATION ||
                        transfer->result == CURLE_SSL_CACERT_BADFILE;
}

void llm_wire_post(struct llm_wire *wire, const struct str *body, int64_t deadline,
    struct llm_reply *reply)
{
    struct transfer transfer = {.fiber = rt_fiber_self(), .reply = reply};
    struct curl_slist *headers = headers_create(wire->endpoint);
    CURL *easy = easy_create(wire, &transfer, body, headers);
    reply->problem[0] = '\0';
    reply->distrusted = false;
    CURLMcode added = llm_curl.multi_add_handle(wire->multi, easy);
    assert(added == CURLM_OK);
    int rc = rt_park(deadline);
    collect(easy, &transfer, rc);
    llm_curl.multi_remove_handle(wire->multi, easy);
    llm_curl.easy_cleanup(easy);
    headers_free(headers);
}
