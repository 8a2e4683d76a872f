/*
 * A client of OpenAI-compatible chat completions, on the loop.
 *
 * One llm is one model of one service. Nothing is loaded, resolved or connected before the first
 * question; then libcurl keeps the connections for reuse. Everything about a question ends with
 * its fiber: cancelling it closes the transfer at once. What the service says is data of a
 * stranger: capped in size, read by shape, and cleaned before it gets into an error.
 *
 * The process must ignore SIGPIPE. The API key is sent to the host of base_url and nowhere else:
 * redirects are not followed, and proxies of the environment not used.
 */
#ifndef PGPARLEY_LLM_LLM_H
#define PGPARLEY_LLM_LLM_H

#include "base/error.h"
#include "rt/rt.h"

#include <stddef.h>

struct llm_options {
    const char *base_url; /* /chat/completions is added, unless the path ends so already */
    const char *api_key;  /* bearer token; NULL = none is sent (local servers) */
    const char *model;
    double temperature;         /* < 0 = not sent */
    int max_tokens;             /* of the answer; 0 = not sent */
    int64_t attempt_timeout_ms; /* of one attempt */
    int retries;                /* after the first attempt */
    size_t max_concurrent;      /* requests at once; others wait in line */
    size_t max_response_bytes;
    const char *ca_file;   /* NULL = the system's */
    const char *proxy;     /* NULL = none */
    bool allow_plain_http; /* the key may go to another machine without TLS */
};

struct llm;

/* Copies the options; connects nothing. Freed with talloc_free() when nobody is in llm_chat() any
 * more. Fails on a base_url that is none, or that would send the key in plain text to another
 * machine, and on a key that no header can carry. */
must_use bool llm_create(const void *ctx, const struct llm_options *options, struct llm **ret,
    struct error **ret_err);

enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT };
struct llm_message {
    enum llm_role role;
    const char *text;
};

struct llm_answer {
    const char *text; /* of the first choice, without its thoughts; under ctx, never NULL */
    bool cut;         /* the answer reached max_tokens */
    bool refused;     /* the model or a filter declined; `text` is what it said of that */
    int64_t prompt_tokens, completion_tokens; /* as the service counts; -1 = not told */
    int attempts;
};

/*
 * Asks, and waits for the answer until `deadline`. `schema` is the text of a JSON schema that the
 * answer should follow (in the strict form: every property required, no others), or NULL; a
 * service that cannot enforce it answers freely, so the messages must describe it too.
 *
 * A service that does not know a field (temperature, max_tokens, response_format) is asked again
 * without it, and the llm remembers. Busy, broken and unreachable services are asked again with
 * growing pauses, or when Retry-After says. After several failures in a row every call fails at
 * once for a while.
 *
 * Errors, under ctx, tell the host and what to do: REFUSED (the key), UNAVAILABLE, TIMEOUT, LIMIT
 * (a size), INTERNAL (wrong model or address, an answer that cannot be read), CANCELED.
 */
must_use bool llm_chat(const void *ctx, struct llm *llm, const struct llm_message *messages,
    size_t count, const char *schema, int64_t deadline, struct llm_answer *ret,
    struct error **ret_err) may_yield;

const char *llm_host(const struct llm *llm); /* host[:port], for people */
const char *llm_model(const struct llm *llm);

#endif
