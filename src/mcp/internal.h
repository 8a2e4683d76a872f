/* What the files of mcp/ share; transports and handlers use the headers without "internal". */
#ifndef PGPARLEY_MCP_INTERNAL_H
#define PGPARLEY_MCP_INTERNAL_H

#include "mcp/call.h"
#include "mcp/input.h"
#include "mcp/message.h"
#include "mcp/server.h"
#include "rt/rt.h"

#include <uthash.h>

enum { LIST_TTL_MS = 300000 };

/* The lists that are the same for everybody: made once for each revision, byte-stable. */
enum mcp_list { MCP_LIST_TOOLS, MCP_LIST_PROMPTS, MCP_LIST_TEMPLATES, MCP_LISTS };

enum { STATE_KEY_BYTES = 32 };

struct mcp_server {
    struct mcp_server_options options;
    struct mcp_offer offer;
    size_t running;
    struct mcp_call *waiting; /* for a free place, in the order of arrival */
    struct mcp_peer *peers;
    size_t watchers; /* subscriptions to resources, of both eras */
    unsigned char state_key[STATE_KEY_BYTES];
    char *lists[MCP_LISTS][MCP_2026_07_28 + 1]; /* result members */
};

struct mcp_peer {
    struct mcp_server *server;
    struct mcp_sink *stream; /* for what answers no request; may be NULL */
    char *principal;
    enum mcp_version legacy; /* negotiated by initialize; MCP_NONE before */
    unsigned abilities;      /* declared in initialize, bits of enum mcp_ability */
    int log_level;           /* set by logging/setLevel; -1 = none */
    struct mcp_call *calls;  /* by id: not yet answered, can be cancelled */
    struct mcp_listen *listens;
    struct mcp_subscription *subscriptions; /* of the handshake era, by URI */
    size_t subscribed;                      /* listens, and URIs of both eras */
    struct mcp_question *asked;             /* requests to the client, by id */
    uint64_t last_asked;
    size_t active; /* calls and listens not yet ended, answered or not */
    size_t holds;  /* the peer must not go yet */
    bool closed;
    struct mcp_peer *prev, *next;
};

/* The peer stays until it is released, though it be closed. */
void mcp_peer_hold(struct mcp_peer *peer);
void mcp_peer_release(struct mcp_peer *peer);

enum {
    BATCH_MAX = 1000, /* messages in one */
    FAULT_MAX = 8192, /* bytes of an error about one of them, its id included */
};

/* The answers of one JSON-RPC batch (MCP 2025-03-26 only), sent when the last one is there. */
struct mcp_batch {
    struct mcp_peer *peer;
    struct mcp_sink *sink;
    struct str out;
    size_t pending; /* answers still to come, plus one while the batch is being read */
};

/* Where the answer to a request goes, and in which revision it is written. */
struct mcp_address {
    struct mcp_peer *peer;
    struct mcp_sink *sink;
    struct mcp_batch *batch; /* NULL outside of batches */
    const char *id;          /* JSON text; NULL when it could not be read */
    enum mcp_version version;
};

/* One request on its way to an answer. */
struct mcp_request {
    struct mcp_address to;
    struct mcp_json *root; /* owns what `message` borrows */
    struct mcp_message message;
    struct mcp_envelope envelope;
    const struct mcp_headers *headers; /* NULL on stdio */
};

/* ---- reply.c: writing messages ---- */

/* Starts a result: everything up to the members of the result object. `type` is its resultType. */
void mcp_result_begin(struct str *frame, const void *ctx, const struct mcp_address *to,
    const char *type);
/* Ends it and sends it (or adds it to the batch). */
void mcp_result_end(struct str *frame, const struct mcp_address *to);
/* A result made of finished members, e.g. `"tools":[…]`. */
void mcp_reply_members(const struct mcp_address *to, const char *members);
void mcp_reply_fault(const struct mcp_address *to, const struct mcp_fault *fault);
/* One answer fewer to come; sends the batch with the last one. */
void mcp_batch_settle(struct mcp_batch *batch);

/* A notification or a request of ours: everything up to the members of its parameters; `id` is
 * JSON text, NULL for a notification. */
void mcp_message_begin(struct str *frame, const void *ctx, const struct mcp_peer *peer,
    const char *id, const char *method);
void mcp_message_end(struct str *frame, struct mcp_peer *peer, struct mcp_sink *sink);
/* "ttlMs" and "cacheScope", since 2026-07-28. */
void mcp_write_caching(struct json_writer *w, enum mcp_version version, int64_t ttl_ms,
    const char *scope);
/* The members of an initialize or server/discover result that tell who this is. */
void mcp_write_server_info(struct json_writer *w, const struct mcp_server *server);

/* ---- call.c: the life of a request that runs on a fiber ---- */

struct mcp_operation {
    /* Finds what the parameters name. */
    struct mcp_fault *(*find)(struct mcp_call *call, const struct mcp_request *request);
    bool (*run)(struct mcp_call *call, struct error **ret_err);
    /* Writes the members of the result. */
    void (*write)(struct mcp_call *call, struct str *frame);
    /* An error is a result, too; NULL: it is a JSON-RPC error. */
    void (*write_error)(struct mcp_call *call, struct str *frame, const struct error *error);
};

extern const struct mcp_operation mcp_tools_call, mcp_prompts_get, mcp_resources_list,
    mcp_resources_read, mcp_completion_complete;

struct mcp_call {
    const struct mcp_operation *operation;
    struct mcp_address to; /* its id is the key in peer->calls */
    struct mcp_json *root; /* owns `params` */
    const json_t *params, *arguments;
    struct mcp_offer offer;
    const char *method;
    const char *name; /* of the tool or the prompt, or the URI */
    union {
        const struct mcp_tool *tool;
        const struct mcp_prompt *prompt;
        const struct mcp_resources *resources;
        mcp_complete_fn *complete;
    };
    struct mcp_fault *fault; /* the answer, if it is one */

    struct rt_fiber *fiber; /* NULL while waiting for a place */
    int64_t started, deadline;
    struct rt_timer deadline_timer, heartbeat;
    bool listed;    /* in peer->calls */
    bool withdrawn; /* nobody wants the answer */
    bool timed_out;

    char *progress_token; /* JSON text, NULL when no progress was asked for */
    const char *status;
    double last_progress;
    int64_t last_progress_at;
    int log_level; /* of this request, modern era; -1 = none */

    struct str text, structured; /* of a tool */
    struct str content;          /* blocks, messages, entries or values, as the method has */
    size_t content_count;
    bool assistant;
    const char *next_cursor;

    unsigned abilities;             /* of the client, bits of enum mcp_ability */
    bool asking;                    /* a question of this round has no answer yet */
    unsigned lacking;               /* abilities that a question of this round needs */
    struct mcp_question *questions; /* of this round, still without an answer */
    struct mcp_json *replies;       /* an object: key to answer */
    char *kept, *keeping;
    int round;
    size_t awaited; /* answers, handshake era */
    struct rt_event replied;
    struct error *unanswered;

    UT_hash_handle hh;
    struct mcp_call *prev, *next; /* in server->waiting */
};

void mcp_call_accept(const struct mcp_request *request, const struct mcp_operation *operation);
void mcp_call_withdraw(struct mcp_peer *peer, const char *id);
void mcp_call_withdraw_all(struct mcp_peer *peer);
/* While the client is asked, the clock stands still and others may have the place. */
void mcp_call_pause(struct mcp_call *call);
void mcp_call_resume(struct mcp_call *call);

/* Begins the next block of the content; the caller writes one JSON value. */
struct json_writer mcp_content_next(struct mcp_call *call);
void mcp_content_text_block(struct json_writer *w, const char *text);

/* The argument "name" of a method. */
struct mcp_fault *mcp_unknown(const struct mcp_request *request, const char *what, const char *name,
    const char *nearest);
/* `params[key]` as a string without NUL; a fault when it is none. */
struct mcp_fault *mcp_string_param(const struct mcp_request *request, const char *key,
    const char **ret);

/* ---- input.c, state.c: asking the client ---- */

struct mcp_question {
    struct mcp_call *call;
    enum mcp_ability kind;
    char *key, *params;
    char *id; /* JSON text, handshake era */
    struct mcp_question *prev, *next;
    UT_hash_handle hh;
};

unsigned mcp_abilities_read(const json_t *capabilities, enum mcp_version version);
/* Takes the answers of an earlier round from the parameters, if the state says that they belong
 * to this request. */
struct mcp_fault *mcp_input_read(struct mcp_call *call);
void mcp_input_reset(struct mcp_call *call);
/* Sends the questions as requests and waits for the answers. */
must_use bool mcp_input_ask(struct mcp_call *call, struct error **ret_err) may_yield;
void mcp_input_write(struct mcp_call *call, struct str *frame);
struct mcp_fault *mcp_input_lacking(const struct mcp_call *call);
void mcp_input_answered(struct mcp_peer *peer, const json_t *response);
void mcp_input_forget(struct mcp_call *call);

char *mcp_state_sign(const struct mcp_call *call);
must_use bool mcp_state_verify(struct mcp_call *call, const char *state);

/* ---- headers.c: Streamable HTTP's copies of what the body says ---- */

/* True when a header claims the modern era. */
bool mcp_headers_modern(const struct mcp_headers *headers);
/* NULL when they agree with the body. */
struct mcp_fault *mcp_headers_check_version(const void *ctx, const struct mcp_headers *headers,
    const char *version);
struct mcp_fault *mcp_headers_check(const struct mcp_request *request);
struct mcp_fault *mcp_headers_check_params(const struct mcp_request *request,
    const struct mcp_tool *tool, const json_t *arguments);

/* ---- listen.c: changes ---- */

void mcp_listen_accept(const struct mcp_request *request);
void mcp_listen_withdraw(struct mcp_peer *peer, const char *id);
void mcp_listen_withdraw_all(struct mcp_peer *peer);
void mcp_subscribe(const struct mcp_request *request);
void mcp_unsubscribe(const struct mcp_request *request);

/* ---- server.c ---- */

/* A request of this peer through this sink has ended. */
void mcp_peer_settle(struct mcp_peer *peer, struct mcp_sink *sink);

/* ---- lists.c ---- */

void mcp_tools_list(const struct mcp_request *request);
void mcp_prompts_list(const struct mcp_request *request);
void mcp_templates_list(const struct mcp_request *request);
void mcp_lists_forget(struct mcp_server *server);

/* RFC 5424's levels as MCP spells them; -1 for no level. */
int mcp_log_level_parse(const char *text);

#endif
