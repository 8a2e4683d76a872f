/*
 * /healthz: the process answers, which is all it says. /readyz: calls can be served. Probes that
 * come while one runs share its outcome, and it is good for a second, so that whoever may ask
 * cannot make the database work.
 */
#include "base/log.h"
#include "transport/http_internal.h"

#include <string.h>
#include <talloc.h>
#include <utlist.h>

enum { VALID_MS = 1000 };

struct transport_waiter {
    struct http_request *request;
    bool trusted;
    struct transport_waiter *prev, *next;
};

static void answer(struct http_request *request, bool good, const char *text)
{
    static const char *const headers[] = {"Content-Type", "text/plain; charset=utf-8",
        "Cache-Control", "no-store", NULL};
    char *body = talloc_asprintf(NULL, "%s\n", text);
    http_answer(request, good ? 200 : 503, headers, body, strlen(body));
}

static void answer_ready(const struct transport_probe *probe, struct http_request *request,
    bool trusted)
{
    const char *brief = probe->ready ? "ready" : "not ready";
    answer(request, probe->ready, trusted && probe->text ? probe->text : brief);
}

/* On a fiber. */
static void run(void *arg)
{
    struct transport_http *t = arg;
    struct transport_probe *probe = &t->probe;
    const struct transport_http_options *options = t->options;
    void *ctx = talloc_new(t);
    const char *text = NULL;
    bool ready = !options->ready || options->ready(options->arg, ctx, &text);
    if (!ready)
        log_debug("not ready: %s", text ? text : "no reason is known");
    talloc_free(probe->text);
    probe->text = talloc_strdup(t, text);
    probe->ready = ready;
    probe->running = false;
    probe->valid_until = rt_deadline(VALID_MS);
    talloc_free(ctx);
    struct transport_waiter *waiter, *next;
    DL_FOREACH_SAFE(probe->waiters, waiter, next) {
        DL_DELETE(probe->waiters, waiter);
        answer_ready(probe, waiter->request, waiter->trusted);
        talloc_free(waiter);
    }
}

static bool refuse_method(struct http_request *request)
{
    static const char *const headers[] = {"Allow", "GET, HEAD", NULL};
    const char *method = http_request_method(request);
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return false;
    http_answer(request, 405, headers, NULL, 0);
    return true;
}

void transport_answer_health(struct http_request *request)
{
    if (!refuse_method(request))
        answer(request, true, "ok");
}

void transport_answer_ready(struct transport_http *transport, struct http_request *request,
    bool trusted)
{
    struct transport_probe *probe = &transport->probe;
    if (refuse_method(request))
        return;
    if (transport->state != TRANSPORT_SERVING) {
        answer(request, false, "stopping");
        return;
    }
    if (probe->valid_until > rt_now()) {
        answer_ready(probe, request, trusted);
        return;
    }
    struct transport_waiter *waiter = talloc(transport, struct transport_waiter);
    waiter->request = request;
    waiter->trusted = trusted;
    DL_APPEND(probe->waiters, waiter);
    if (probe->running)
        return;
    probe->running = true;
    rt_fiber_start(run, transport);
}

void transport_probe_gone(struct transport_http *transport, struct http_request *request)
{
    struct transport_waiter *waiter;
    DL_SEARCH_SCALAR(transport->probe.waiters, waiter, request, request);
    if (waiter) {
        DL_DELETE(transport->probe.waiters, waiter);
        talloc_free(waiter);
    }
    http_request_release(request);
}
