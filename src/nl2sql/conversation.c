/* What is said to the model and by it, about one question; see asking.h. */
#include "nl2sql/asking.h"

#include "base/text.h"

#include <string.h>
#include <talloc.h>

enum {
    ECHO_BYTES = 8000, /* of the model's answer, when it is shown to it again */
    PROMPT_BYTES = 4 << 20,
};

static void add(struct nl2sql_conversation *c, enum llm_role role, const char *text)
{
    if (c->message_count < NL2SQL_MESSAGES_MAX)
        c->messages[c->message_count++] = (struct llm_message){role, text};
}

/* The question comes last: what stands before it is the same for all questions. */
void nl2sql_conversation_begin(const void *ctx, struct nl2sql_conversation *conversation,
    const char *context, const struct nl2sql_request *request)
{
    struct str text;
    str_init(&text, ctx, PROMPT_BYTES);
    str_printf(&text, "%s\nThe question:\n%s\n", context, request->question);
    if (request->exchange)
        str_printf(&text, "\nYou asked: %s\nThe answer to that: %s\nDo not ask again.\n",
            request->exchange->question, request->exchange->answer);
    add(conversation, LLM_SYSTEM, nl2sql_system_prompt);
    add(conversation, LLM_USER, str_take(&text, ctx));
}

static void count_tokens(int64_t *sum, int64_t tokens)
{
    if (tokens < 0 || *sum < 0 || __builtin_add_overflow(*sum, tokens, sum))
        *sum = -1;
}

bool nl2sql_conversation_ask(const void *ctx, struct nl2sql_conversation *conversation,
    struct llm *llm, int64_t deadline, struct llm_answer *ret, struct error **ret_err)
{
    uint64_t started = uv_hrtime();
    bool ok = llm_chat(ctx, llm, conversation->messages, conversation->message_count,
        nl2sql_answer_schema, deadline, ret, ret_err);
    conversation->model_ms += (double)(uv_hrtime() - started) / 1e6;
    if (!ok)
        return false;
    conversation->rounds++;
    count_tokens(&conversation->prompt_tokens, ret->prompt_tokens);
    count_tokens(&conversation->completion_tokens, ret->completion_tokens);
    size_t len = strlen(ret->text);
    add(conversation, LLM_ASSISTANT,
        talloc_strndup(ctx, ret->text, text_utf8_cut(ret->text, len, ECHO_BYTES)));
    return true;
}

void nl2sql_conversation_tell(const void *ctx, struct nl2sql_conversation *conversation,
    const char *text)
{
    add(conversation, LLM_USER,
        talloc_asprintf(ctx, "%s\nAnswer again, with the whole JSON object.", text));
}
