/*
 * Asking the client while a request is served: its user, its model, its roots.
 *
 * One handler serves both eras. It asks for what it needs, and when mcp_asking() says that
 * something is still to be answered it returns true without a result; once the client has
 * answered, it is called again from the top, and the same questions return their answers:
 *
 *     const json_t *reply = mcp_ask_user(call, "confirm", "Run it?", schema);
 *     if (mcp_asking(call))
 *         return true;
 *
 * In the modern era the questions are the result (`input_required`) and the client sends the
 * request again with the answers (MCP 2026-07-28, Multi Round-Trip Requests). In the handshake
 * era they are requests to the client on the stream of its request.
 *
 * Only what the client declared can be asked: a question that it cannot take ends the call with
 * "Missing required client capability". Ask mcp_client_can() first where there is another way.
 */
#ifndef PGPARLEY_MCP_INPUT_H
#define PGPARLEY_MCP_INPUT_H

#include "mcp/call.h"

enum mcp_ability { MCP_CAN_ASK_USER, MCP_CAN_SAMPLE, MCP_CAN_LIST_ROOTS };
bool mcp_client_can(const struct mcp_call *call, enum mcp_ability ability);

/* A form for the user: `schema` is the JSON text of a flat object schema of primitives. The reply
 * is
 * {"action":"accept"|"decline"|"cancel","content":{…}}, checked against the schema. The functions
 * return NULL until the answer is there; replies are borrowed for the life of the call. */
const json_t *mcp_ask_user(struct mcp_call *call, const char *key, const char *message,
    const char *schema);
/* `params` is the JSON text of the parameters of sampling/createMessage. */
const json_t *mcp_ask_model(struct mcp_call *call, const char *key, const char *params);
const json_t *mcp_ask_roots(struct mcp_call *call, const char *key);

/* Something that was asked in this round is not answered yet. */
bool mcp_asking(const struct mcp_call *call);

/* What the handler itself wants to find again in the next round, which there will be. It travels
 * through the client, signed, bound to client, request and arguments, and expires; secrets do not
 * belong into it. */
const char *mcp_kept(const struct mcp_call *call); /* NULL in the first round */
void mcp_keep(struct mcp_call *call, const char *text);

#endif
