/*
 * Who is who inside llm/.
 *
 *   endpoint.c  base_url → where to post, and what may travel there
 *   request.c   messages → body of a request, in the shape that the service accepts
 *   wire.c      one attempt: libcurl's multi interface on the loop
 *   reply.c     body of a reply → answer, or what the service complains about
 *   llm.c       the line, the retries, the breaker
 */
#ifndef PGPARLEY_LLM_INTERNAL_H
#define PGPARLEY_LLM_INTERNAL_H

#include "base/str.h"
#include "llm/curl.h"
#include "llm/llm.h"

/* ---- endpoint.c ---- */

struct llm_endpoint {
    char *url;     /* with path and query: may hold secrets, never shown */
    char *host;    /* host[:port] */
    char *api_key; /* wiped when it is freed; NULL = none */
};
bool llm_endpoint_init(struct llm_endpoint *endpoint, const void *ctx,
    const struct llm_options *options, struct error **ret_err);

/* ---- request.c ---- */

/* What the service was found to accept; each step away from the first is learned from a 400. */
struct llm_shape {
    unsigned lessons; /* steps taken */
    bool without_temperature;
    enum { LLM_MAX_TOKENS, LLM_MAX_COMPLETION_TOKENS, LLM_NO_MAX_TOKENS } limit;
    enum { LLM_JSON_SCHEMA, LLM_JSON_OBJECT, LLM_FREE_TEXT } format;
};

struct llm_request {
    const struct llm_options *options;
    const struct llm_message *messages;
    size_t count;
    const char *schema;
};
void llm_request_write(const struct llm_request *request, const struct llm_shape *shape,
    struct str *out);

/* Takes one step away from `sent` for the field that the complaint names; false when it names none
 * that was sent. */
bool llm_shape_learn(const struct llm_request *request, const struct llm_shape *sent,
    const char *complaint, struct llm_shape *ret);

/* ---- wire.c ---- */

enum llm_end {
    LLM_REPLIED,  /* with any status */
    LLM_BROKEN,   /* not connected, or cut; `problem` says why */
    LLM_LATE,     /* the deadline came first */
    LLM_TOO_LONG, /* more than max_response_bytes */
    LLM_WITHDRAWN,
};
struct llm_reply {
    enum llm_end end;
    long status;
    int64_t retry_after_s;         /* not above 0 = not told */
    struct str body;               /* to be initialised by the caller; its maximum is the cap */
    char problem[CURL_ERROR_SIZE]; /* in libcurl's words */
    bool distrusted;               /* LLM_BROKEN over certificates: asking again will not help */
};

struct llm_wire;
/* After llm_curl_load(). */
struct llm_wire *llm_wire_create(const void *ctx, const struct llm_options *options,
    const struct llm_endpoint *endpoint);
void llm_wire_post(struct llm_wire *wire, const struct str *body, int64_t deadline,
    struct llm_reply *reply) may_yield;

/* ---- reply.c ---- */

/* What a reply is about when it is not an answer. */
struct llm_complaint {
    const char *text;  /* one clean line for people; "" when there is none */
    const char *match; /* everything that may name a field or a reason: text, param, code */
    long status;       /* as the body tells it; 0 = it does not */
};

/* Sets `*ret` when the body is an answer. Otherwise, with true: a complaint that came with status
 * 200; with false: what cannot be read, `*ret_problem` says why. */
bool llm_reply_read(const void *ctx, const struct str *body, struct llm_answer *ret,
    bool *ret_complains, const char **ret_problem);
struct llm_complaint llm_complaint_read(const void *ctx, const struct str *body,
    const char *secret);

/* That the prompt is longer than what the model can read. */
bool llm_complains_of_length(const char *match);

/* Writes asterisks over the secret; NULL or "" = there is none. */
void llm_text_mask(char *text, const char *secret);

/* `text` on one line, without control characters and the secret, cut to a length for people. */
char *llm_text_clean(const void *ctx, const char *text, const char *secret);

#endif
