/*
 * Questions: a place in the line, attempts until one is answered, and a breaker.
 *
 *   closed ──BREAKER_FAILURES in a row──▶ open ──BREAKER_MS──▶ one probe ──answered──▶ closed
 *                                          ▲                      │
 *                                          └────────failed────────┘
 */
#include "llm/internal.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum {
    BACKOFF_MS = 250,
    BACKOFF_MAX_MS = 8000,
    BREAKER_FAILURES = 5,
    BREAKER_MS = 30000,
    REQUEST_MAX_BYTES = 64 << 20,
    SECRET_MIN_BYTES = 12, /* shorter keys are words as "ollama", which an answer may need */
};

struct llm {
    struct llm_options options;
    struct llm_endpoint endpoint;
    struct llm_shape shape;
    struct llm_wire *wire; /* NULL before the first question */

    size_t running; /* attempts; at most max_concurrent */
    struct rt_event line;

    int failures;       /* in a row, of whomever */
    int64_t open_until; /* once there are BREAKER_FAILURES */
    bool probing;
};

/* One question on its way. */
struct question {
    const void *ctx;
    struct llm *llm;
    struct llm_request request;
    int64_t deadline;
    struct llm_answer answer;
    int attempts;
    int64_t retry_after_s; /* of the last reply; not above 0 = not told */
};

static char *copy(const void *ctx, const char *text)
{
    return text && *text ? talloc_strdup(ctx, text) : NULL;
}

bool llm_create(const void *ctx, const struct llm_options *options, struct llm **ret,
    struct error **ret_err)
{
    struct llm *llm = talloc_zero(ctx, struct llm);
    struct error *error = NULL;
    llm->options = *options;
    llm->options.base_url = NULL; /* the endpoint has them */
    llm->options.api_key = NULL;
    llm->options.model = copy(llm, options->model);
    llm->options.ca_file = copy(llm, options->ca_file);
    llm->options.proxy = copy(llm, options->proxy);
    if (!llm->options.model)
        error = error_hint(error_create(ctx, ERROR_CONFIG, "no model is named"),
            "set llm.model to a name that the service knows");
    if (error || !llm_endpoint_init(&llm->endpoint, llm, options, &error)) {
        *ret_err = error_copy(ctx, error);
        talloc_free(llm);
        return false;
    }
    *ret = llm;
    return true;
}

const char *llm_host(const struct llm *llm)
{
    return llm->endpoint.host;
}

const char *llm_model(const struct llm *llm)
{
    return llm->options.model;
}

/* ---- the line ---- */

static int place_take(struct llm *llm, int64_t deadline)
{
    bool first = true;
    while (llm->running >= llm->options.max_concurrent || (first && llm->line.first)) {
        first = false;
        int rc = rt_event_wait(&llm->line, deadline);
        if (rc != 0)
            return rc;
    }
    llm->running++;
    return 0;
}

static void place_give(struct llm *llm)
{
    llm->running--;
    rt_event_signal(&llm->line);
}

/* ---- the breaker ---- */

static struct error *breaker_refusal(const struct question *q)
{
    struct llm *llm = q->llm;
    int64_t left = llm->open_until - rt_now();
    if (llm->failures < BREAKER_FAILURES)
        return NULL;
    if (left <= 0 && !llm->probing) {
        llm->probing = true;
        return NULL;
    }
    struct error *error = error_create(q->ctx, ERROR_UNAVAILABLE,
        "the model service at %s is left alone for a while", llm_host(llm));
    error_detail(error, "it failed %d times in a row", llm->failures);
    return error_hint(error, "try again in %" PRId64 " s", left > 0 ? (left + 999) / 1000 : 1);
}

enum health { HEALTH_UNKNOWN, HEALTH_GOOD, HEALTH_BAD };

static void breaker_settle(struct llm *llm, enum health health)
{
    llm->probing = false;
    if (health == HEALTH_GOOD)
        llm->failures = 0;
    if (health != HEALTH_BAD)
        return;
    llm->failures++;
    llm->open_until = rt_deadline(BREAKER_MS);
}

/* ---- what an attempt came to ---- */

static struct error *late(const struct question *q, bool whole)
{
    struct error *error;
    if (whole)
        error = error_hint(error_create(q->ctx, ERROR_TIMEOUT,
                               "the model service at %s did not answer within the call's time",
                               llm_host(q->llm)),
            "ask again; mcp.call_timeout sets how long a call may take");
    else
        error = error_hint(error_create(q->ctx, ERROR_TIMEOUT,
                               "the model service at %s did not answer within %" PRId64 " ms",
                               llm_host(q->llm), q->llm->options.attempt_timeout_ms),
            "ask again; llm.timeout sets how long one answer may take");
    error->retryable = true;
    return error;
}

static struct error *broken(const struct question *q, const struct llm_reply *reply)
{
    struct error *error = error_create(q->ctx, ERROR_UNAVAILABLE,
        reply->status > 0 ? "the model service at %s broke its answer off"
                          : "the model service at %s cannot be reached",
        llm_host(q->llm));
    char *problem = llm_text_clean(q->ctx, reply->problem, q->llm->endpoint.api_key);
    error_detail(error, "%s", problem);
    error->retryable = !reply->distrusted;
    return reply->distrusted
               ? error_hint(error, "llm.ca_file names the certificate authorities to trust")
               : error_hint(error, "check llm.base_url and whether the service runs");
}

static struct error *unreadable(const struct question *q, const char *problem)
{
    struct error *error = error_create(q->ctx, ERROR_INTERNAL,
        "the answer of the model service at %s cannot be read", llm_host(q->llm));
    error_detail(error, "%s", llm_text_clean(q->ctx, problem, q->llm->endpoint.api_key));
    return error_hint(error,
        "check that llm.base_url is that of an OpenAI-compatible service, often with /v1 at the "
        "end");
}

static struct error *refused(const struct question *q, long status)
{
    const struct llm *llm = q->llm;
    struct error *error = error_create(q->ctx, ERROR_REFUSED,
        "the model service at %s does not let us in (HTTP %ld)", llm_host(llm), status);
    return error_hint(error,
        llm->endpoint.api_key ? "check llm.api_key, and that its account may use the model %s"
                              : "set llm.api_key, and that its account may use the model %s",
        llm_model(llm));
}

/* 409: a conflict of the service's own; 529: overloaded. */
static bool is_passing(long status)
{
    return status == 408 || status == 409 || status == 429 || (status >= 500 && status != 501);
}

static struct error *failed(const struct question *q, long status, const char *match)
{
    const char *host = llm_host(q->llm);
    if (status == 401 || status == 403)
        return refused(q, status);
    if (status == 402 || (status == 429 && strstr(match, "insufficient_quota")))
        return error_hint(error_create(q->ctx, ERROR_REFUSED,
                              "the account at %s has no credit left (HTTP %ld)", host, status),
            "see to it, or give another key as llm.api_key");
    if (is_passing(status)) {
        struct error *error =
            error_create(q->ctx, ERROR_UNAVAILABLE, "the model service at %s is %s (HTTP %ld)",
                host, status == 429 ? "busy" : "not working", status);
        return q->retry_after_s > 0
                   ? error_hint(error, "try again in %" PRId64 " s", q->retry_after_s)
                   : error_hint(error, "try again later");
    }
    if (status == 413 || llm_complains_of_length(match))
        return error_hint(error_create(q->ctx, ERROR_LIMIT,
                              "the question is too long for the model %s at %s", llm_model(q->llm),
                              host),
            "set llm.context_tokens or llm.max_tokens lower");
    if (status >= 300 && status < 400)
        return error_hint(error_create(q->ctx, ERROR_INTERNAL,
                              "the model service at %s sends us elsewhere (HTTP %ld)", host,
                              status),
            "redirects are not followed, for they could lead the key astray: check llm.base_url, "
            "as whether it begins with https");
    struct error *error = error_create(q->ctx, ERROR_INTERNAL,
        "the model service at %s rejects the request (HTTP %ld)", host, status);
    return status == 404 || status < 300
               ? error_hint(error, "check llm.base_url and llm.model (%s)", llm_model(q->llm))
               : error_hint(error, "check llm.model and the other keys of the section llm");
}

/* NULL and `*ret_again`: the service taught us something. NULL alone: answered. */
static struct error *judge(struct question *q, const struct llm_shape *sent,
    const struct llm_reply *reply, bool *ret_again)
{
    const char *problem = NULL;
    bool complains = false;
    if (reply->status == 200 &&
        llm_reply_read(q->ctx, &reply->body, &q->answer, &complains, &problem))
        return NULL;
    if (problem)
        return unreadable(q, problem);
    struct llm_complaint complaint =
        llm_complaint_read(q->ctx, &reply->body, q->llm->endpoint.api_key);
    /* Azure's filter, before the model. */
    if (reply->status == 400 && strstr(complaint.match, "content_filter")) {
        q->answer = (struct llm_answer){.text = complaint.text,
            .refused = true,
            .prompt_tokens = -1,
            .completion_tokens = -1};
        return NULL;
    }
    long status = reply->status;
    if (complains)
        status = complaint.status > 0 ? complaint.status : 500;
    struct llm_shape better;
    *ret_again = (status == 400 || status == 422) &&
                 llm_shape_learn(&q->request, sent, complaint.match, &better);
    if (*ret_again) {
        if (sent->lessons == q->llm->shape.lessons) /* else somebody was faster */
            q->llm->shape = better;
        return NULL;
    }
    struct error *error = failed(q, status, complaint.match);
    return *complaint.text ? error_detail(error, "it says: %s", complaint.text) : error;
}

static struct error *judge_end(struct question *q, const struct llm_shape *sent,
    const struct llm_reply *reply, bool *ret_again)
{
    switch (reply->end) {
    case LLM_REPLIED:
        return judge(q, sent, reply, ret_again);
    case LLM_BROKEN:
        return broken(q, reply);
    case LLM_LATE:
        return late(q, rt_now() >= q->deadline);
    case LLM_TOO_LONG:
        return error_hint(error_create(q->ctx, ERROR_LIMIT,
                              "the answer of the model service at %s is longer than %zu bytes",
                              llm_host(q->llm), q->llm->options.max_response_bytes),
            "llm.max_response_bytes sets the limit");
    case LLM_WITHDRAWN:
        break;
    }
    return error_create(q->ctx, ERROR_CANCELED, "canceled");
}

/* That the service is busy, or that the caller has no more time, says nothing. */
static enum health health_of(const struct question *q, const struct llm_reply *reply)
{
    bool ours = reply->end == LLM_WITHDRAWN || (reply->end == LLM_LATE && rt_now() >= q->deadline);
    if (ours || (reply->end == LLM_REPLIED && is_passing(reply->status) && reply->status < 500))
        return HEALTH_UNKNOWN;
    bool bad = reply->end == LLM_BROKEN || reply->end == LLM_LATE || reply->status >= 500;
    return bad ? HEALTH_BAD : HEALTH_GOOD;
}

/* ---- asking ---- */

static struct error *waited(const struct question *q, int rc)
{
    if (rc == -ECANCELED)
        return error_create(q->ctx, ERROR_CANCELED, "canceled");
    return error_hint(error_create(q->ctx, ERROR_TIMEOUT,
                          "the model service at %s was busy with %zu other questions",
                          llm_host(q->llm), q->llm->options.max_concurrent),
        "ask again; llm.max_concurrent sets how many are asked at once");
}

static struct error *attempt(struct question *q, bool *ret_again)
{
    struct llm *llm = q->llm;
    struct llm_shape sent = llm->shape;
    struct llm_reply reply = {.status = 0};
    struct str body;
    str_init(&body, q->ctx, REQUEST_MAX_BYTES);
    llm_request_write(&q->request, &sent, &body);
    str_init(&reply.body, q->ctx, llm->options.max_response_bytes);
    int64_t end = rt_deadline(llm->options.attempt_timeout_ms);
    q->attempts++;
    llm_wire_post(llm->wire, &body, end < q->deadline ? end : q->deadline, &reply);
    q->retry_after_s = reply.retry_after_s;
    breaker_settle(llm, health_of(q, &reply));
    struct error *error = judge_end(q, &sent, &reply, ret_again);
    str_done(&body);
    str_done(&reply.body);
    return error;
}

static struct error *attempt_in_line(struct question *q, bool *ret_again)
{
    *ret_again = false;
    int rc = place_take(q->llm, q->deadline);
    if (rc != 0)
        return waited(q, rc);
    struct error *error = breaker_refusal(q);
    if (!error)
        error = attempt(q, ret_again);
    place_give(q->llm);
    return error;
}

/* Full jitter: those who failed together do not come back together. */
static int64_t pause_ms(const struct question *q, int retry)
{
    int64_t most = BACKOFF_MS;
    for (int i = 0; i < retry && most < BACKOFF_MAX_MS; i++)
        most *= 2;
    int64_t jitter = (int64_t)(uv_hrtime() / 1000 % (uint64_t)most);
    return q->retry_after_s > 0 ? q->retry_after_s * 1000 + jitter % BACKOFF_MS : jitter;
}

static struct error *ask(struct question *q)
{
    for (int retry = 0;;) {
        bool again;
        struct error *error = attempt_in_line(q, &again);
        if (again)
            continue;
        if (!error || !error->retryable || retry == q->llm->options.retries)
            return error;
        int64_t pause = pause_ms(q, retry++);
        if (q->llm->failures >= BREAKER_FAILURES || pause >= q->deadline - rt_now())
            return error;
        log_debug("asking %s again in %" PRId64 " ms: %s", llm_host(q->llm), pause, error->message);
        if (rt_sleep(pause) != 0)
            return error_create(q->ctx, ERROR_CANCELED, "canceled");
    }
}

bool llm_chat(const void *ctx, struct llm *llm, const struct llm_message *messages, size_t count,
    const char *schema, int64_t deadline, struct llm_answer *ret, struct error **ret_err)
{
    if (!llm_curl_load(ctx, ret_err))
        return false;
    if (!llm->wire)
        llm->wire = llm_wire_create(llm, &llm->options, &llm->endpoint);
    void *scratch = talloc_new(ctx);
    struct question question = {
        .ctx = scratch,
        .llm = llm,
        .request = {&llm->options, messages, count, schema},
        .deadline = deadline,
    };
    struct error *error = ask(&question);
    if (error) {
        *ret_err = error_copy(ctx, error);
    } else {
        *ret = question.answer;
        ret->attempts = question.attempts;
        char *text = talloc_strdup(ctx, question.answer.text);
        const char *key = llm->endpoint.api_key;
        if (key && strlen(key) >= SECRET_MIN_BYTES)
            llm_text_mask(text, key);
        ret->text = text;
    }
    talloc_free(scratch);
    return !error;
}
