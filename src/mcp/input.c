/* Questions to the client, the same for both eras; see input.h. */
#include "mcp/input.h"

#include "base/text.h"
#include "mcp/internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <talloc.h>
#include <utlist.h>

#define BIT(ability) (1u << (ability))

static const struct {
    const char *method, *capability;
} kinds[] = {
    [MCP_CAN_ASK_USER] = {"elicitation/create", "{\"elicitation\":{\"form\":{}}}"},
    [MCP_CAN_SAMPLE] = {"sampling/createMessage", "{\"sampling\":{}}"},
    [MCP_CAN_LIST_ROOTS] = {"roots/list", "{\"roots\":{}}"},
};

/* ---- what the client can ---- */

/* An empty `elicitation` means forms; it exists since 2025-06-18. */
unsigned mcp_abilities_read(const json_t *capabilities, enum mcp_version version)
{
    const json_t *elicitation = json_object_get(capabilities, "elicitation");
    bool forms = json_object_get(elicitation, "form") || json_object_size(elicitation) == 0;
    unsigned abilities = 0;
    if (json_is_object(elicitation) && forms && version >= MCP_2025_06_18)
        abilities |= BIT(MCP_CAN_ASK_USER);
    if (json_is_object(json_object_get(capabilities, "sampling")))
        abilities |= BIT(MCP_CAN_SAMPLE);
    if (json_is_object(json_object_get(capabilities, "roots")))
        abilities |= BIT(MCP_CAN_LIST_ROOTS);
    return abilities;
}

/* In the handshake era a question is a message of its own, ahead of the answer. */
bool mcp_client_can(const struct mcp_call *call, enum mcp_ability ability)
{
    bool reachable = call->to.version >= MCP_2026_07_28 || !call->to.sink->mute;
    return reachable && (call->abilities & BIT(ability));
}

/* ---- answers are input: they are checked against what was asked for ---- */

static bool is_one_of(const json_t *values, const char *key, const json_t *value)
{
    size_t i;
    const json_t *item;
    json_array_foreach(values, i, item) {
        if (json_equal(key ? json_object_get(item, key) : item, value))
            return true;
    }
    return false;
}

static bool within(const json_t *schema, const char *least, const char *most, double amount)
{
    const json_t *min = json_object_get(schema, least), *max = json_object_get(schema, most);
    return (!json_is_number(min) || amount >= json_number_value(min)) &&
           (!json_is_number(max) || amount <= json_number_value(max));
}

static bool matches_choice(const json_t *schema, const json_t *value)
{
    const json_t *values = json_object_get(schema, "enum");
    const json_t *titled = json_object_get(schema, "oneOf");
    if (!titled)
        titled = json_object_get(schema, "anyOf");
    return (!values || is_one_of(values, NULL, value)) &&
           (!titled || is_one_of(titled, "const", value));
}

static bool matches_list(const json_t *schema, const json_t *list)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) {
        if (!json_is_string(item) || !matches_choice(json_object_get(schema, "items"), item))
            return false;
    }
    return within(schema, "minItems", "maxItems", (double)json_array_size(list));
}

/* The flat schemas of forms: strings, numbers, booleans, choices (MCP, Elicitation). */
static bool matches(const json_t *schema, const json_t *value)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    if (!type)
        return true;
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(type, "array") == 0)
        return json_is_array(value) && matches_list(schema, value);
    if (strcmp(type, "string") == 0)
        return json_is_string(value) && matches_choice(schema, value) &&
               within(schema, "minLength", "maxLength", (double)json_string_length(value));
    double number = json_number_value(value);
    bool whole = strcmp(type, "integer") != 0 || number == floor(number);
    return json_is_number(value) && whole && within(schema, "minimum", "maximum", number);
}

static bool matches_form(const json_t *schema, const json_t *content)
{
    const json_t *properties = json_object_get(schema, "properties"), *name, *value;
    size_t i;
    json_array_foreach(json_object_get(schema, "required"), i, name) {
        if (!json_object_get(content, json_string_value(name)))
            return false;
    }
    const char *key;
    json_object_foreach((json_t *)(uintptr_t)content, key, value) {
        const json_t *property = json_object_get(properties, key);
        if (property && !matches(property, value))
            return false;
    }
    return json_is_object(content);
}

static bool is_form_reply(const json_t *reply, const json_t *schema)
{
    const char *action = json_string_value(json_object_get(reply, "action"));
    if (!action)
        return false;
    if (strcmp(action, "accept") == 0)
        return matches_form(schema, json_object_get(reply, "content"));
    return strcmp(action, "decline") == 0 || strcmp(action, "cancel") == 0;
}

/* ---- asking ---- */

static void ask(struct mcp_call *call, enum mcp_ability kind, const char *key, char *params)
{
    call->asking = true;
    if (!mcp_client_can(call, kind)) {
        call->lacking |= BIT(kind);
        return;
    }
    struct mcp_question *question = talloc_zero(call, struct mcp_question);
    question->call = call;
    question->kind = kind;
    question->key = talloc_strdup(question, key);
    question->params = talloc_steal(question, params);
    DL_APPEND(call->questions, question);
}

static const json_t *reply_to(const struct mcp_call *call, const char *key)
{
    return call->replies ? json_object_get(call->replies->value, key) : NULL;
}

const json_t *mcp_ask_user(struct mcp_call *call, const char *key, const char *message,
    const char *schema)
{
    const json_t *reply = reply_to(call, key);
    json_t *form = reply ? json_loads(schema, 0, NULL) : NULL;
    bool valid = reply && is_form_reply(reply, form);
    json_decref(form);
    if (valid)
        return reply;
    struct str params;
    str_init(&params, call, call->to.peer->server->options.max_result_bytes);
    struct json_writer w;
    jw_init(&w, &params);
    jw_begin_object(&w);
    if (call->to.version >= MCP_2025_11_25)
        jw_member_string(&w, "mode", "form");
    jw_member_string(&w, "message", message);
    jw_key(&w, "requestedSchema");
    jw_raw(&w, schema, strlen(schema));
    jw_end_object(&w);
    ask(call, MCP_CAN_ASK_USER, key, str_take(&params, call));
    return NULL;
}

const json_t *mcp_ask_model(struct mcp_call *call, const char *key, const char *params)
{
    const json_t *reply = reply_to(call, key);
    if (json_is_string(json_object_get(reply, "role")) && json_object_get(reply, "content"))
        return reply;
    ask(call, MCP_CAN_SAMPLE, key, talloc_strdup(call, params));
    return NULL;
}

const json_t *mcp_ask_roots(struct mcp_call *call, const char *key)
{
    const json_t *reply = reply_to(call, key);
    if (json_is_array(json_object_get(reply, "roots")))
        return reply;
    ask(call, MCP_CAN_LIST_ROOTS, key, talloc_strdup(call, "{}"));
    return NULL;
}

bool mcp_asking(const struct mcp_call *call)
{
    return call->asking;
}

const char *mcp_kept(const struct mcp_call *call)
{
    return call->kept;
}

void mcp_keep(struct mcp_call *call, const char *text)
{
    call->asking = true;
    call->keeping = talloc_strdup(call, text);
}

void mcp_input_reset(struct mcp_call *call)
{
    mcp_input_forget(call);
    call->asking = false;
    call->lacking = 0;
    call->keeping = NULL;
}

struct mcp_fault *mcp_input_lacking(const struct mcp_call *call)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (!(call->lacking & BIT(kind)))
            continue;
        struct mcp_fault *fault = mcp_fault_create(call, MCP_MISSING_CAPABILITY,
            "Missing required client capability: this needs %s", kinds[kind].method);
        fault->data =
            talloc_asprintf(fault, "{\"requiredCapabilities\":%s}", kinds[kind].capability);
        return fault;
    }
    return mcp_fault_create(call, MCP_INTERNAL_ERROR, "Internal error");
}

/* ---- modern era: the questions are the answer ---- */

struct mcp_fault *mcp_input_read(struct mcp_call *call)
{
    const json_t *state = json_object_get(call->params, "requestState");
    const json_t *replies = json_object_get(call->params, "inputResponses");
    if (!state || call->to.version < MCP_2026_07_28)
        return NULL; /* answers without a state answer nothing that was asked here */
    const char *text = mcp_json_string(state);
    if (!text || !mcp_state_verify(call, text))
        return mcp_fault_create(call, MCP_INVALID_PARAMS,
            "Invalid params: requestState does not belong to this request or has expired; send "
            "the request again without it");
    if (json_is_object(replies))
        call->replies = mcp_json_own(call, json_incref((json_t *)(uintptr_t)replies));
    return NULL;
}

void mcp_input_write(struct mcp_call *call, struct str *frame)
{
    struct json_writer w;
    jw_init(&w, frame);
    if (call->questions) {
        jw_key(&w, "inputRequests");
        jw_begin_object(&w);
        const struct mcp_question *question;
        DL_FOREACH(call->questions, question) {
            jw_key(&w, question->key);
            jw_begin_object(&w);
            jw_member_string(&w, "method", kinds[question->kind].method);
            jw_key(&w, "params");
            jw_raw(&w, question->params, strlen(question->params));
            jw_end_object(&w);
        }
        jw_end_object(&w);
    }
    jw_member_string(&w, "requestState", mcp_state_sign(call));
}

/* ---- handshake era: the questions are requests to the client ---- */

static void send_question(struct mcp_question *question)
{
    struct mcp_call *call = question->call;
    struct mcp_peer *peer = call->to.peer;
    question->id = talloc_asprintf(question, "\"pgparley-%" PRIu64 "\"", ++peer->last_asked);
    HASH_ADD_KEYPTR(hh, peer->asked, question->id, strlen(question->id), question);
    call->awaited++;
    struct str frame;
    mcp_message_begin(&frame, call, peer, question->id, kinds[question->kind].method);
    /* Without the braces, which mcp_message_begin() and mcp_message_end() write. */
    str_append(&frame, question->params + 1, strlen(question->params) - 2);
    mcp_message_end(&frame, peer, call->to.sink);
}

static void drop(struct mcp_question *question)
{
    struct mcp_call *call = question->call;
    struct mcp_peer *peer = call->to.peer;
    DL_DELETE(call->questions, question);
    if (question->id) {
        assert(peer->asked);
        HASH_DEL(peer->asked, question);
    }
    talloc_free(question);
}

void mcp_input_forget(struct mcp_call *call)
{
    while (call->questions)
        drop(call->questions);
    call->awaited = 0;
}

void mcp_input_answered(struct mcp_peer *peer, const json_t *response)
{
    const json_t *id = json_object_get(response, "id");
    if (!json_is_string(id))
        return;
    char *text = mcp_json_text(peer, id);
    struct mcp_question *question;
    HASH_FIND_STR(peer->asked, text, question);
    talloc_free(text);
    if (!question)
        return;
    struct mcp_call *call = question->call;
    const json_t *result = json_object_get(response, "result");
    const char *why =
        json_string_value(json_object_get(json_object_get(response, "error"), "message"));
    if (result)
        json_object_set(call->replies->value, question->key, (json_t *)(uintptr_t)result);
    else
        call->unanswered =
            error_hint(error_create(call, ERROR_REFUSED, "the client did not answer %s: %s",
                           kinds[question->kind].method,
                           why ? text_excerpt(call, why, TEXT_QUOTED_BYTES) : "no reason"),
                "say in the arguments what it was asked for");
    drop(question);
    if (--call->awaited == 0)
        rt_event_signal(&call->replied);
}

bool mcp_input_ask(struct mcp_call *call, struct error **ret_err)
{
    if (!call->replies)
        call->replies = mcp_json_own(call, json_object());
    struct mcp_question *question;
    DL_FOREACH(call->questions, question)
        send_question(question);
    if (!call->questions) { /* only something to keep: there is nobody to wait for */
        call->kept = call->keeping;
        return true;
    }
    int64_t patience_ms = call->to.peer->server->options.input_timeout_ms;
    mcp_call_pause(call);
    int rc = rt_event_wait(&call->replied, rt_deadline(patience_ms));
    mcp_call_resume(call);
    call->kept = call->keeping;
    if (rc == -ETIMEDOUT)
        return error_raise(ret_err,
            error_hint(error_create(call, ERROR_TIMEOUT,
                           "the client did not answer a question within %" PRId64 " s",
                           patience_ms / 1000),
                "answer it in time, or raise mcp.input_timeout"));
    if (rc < 0)
        return error_raise(ret_err, error_create(call, ERROR_CANCELED, "canceled"));
    return !call->unanswered || error_raise(ret_err, call->unanswered);
}
