/*
 * Resources: what a client can list, read and watch by its URI (MCP, Server Features, Resources).
 *
 * A server has one provider. Its functions run on a fiber of their own and see their request as a
 * call (mcp/call.h).
 */
#ifndef PGPARLEY_MCP_RESOURCE_H
#define PGPARLEY_MCP_RESOURCE_H

#include "mcp/call.h"
#include "mcp/complete.h"

struct mcp_resource_template {
    const char *uri_template; /* RFC 6570; NULL ends a table */
    const char *name, *title, *description, *mime_type;
};

struct mcp_resources {
    const struct mcp_resource_template *templates; /* may be NULL */
    bool subscribe; /* changes of one and of the list are told (mcp_server_resource_updated()) */
    int64_t ttl_ms; /* how long a client may keep a list or a content */

    /* Adds one page with mcp_add_resource(). `cursor` is what the page before gave, or NULL; one
     * that is not understood is an ERROR_ARGUMENT. */
    bool (*list)(struct mcp_call *call, const char *cursor, struct error **ret_err);
    /* Adds the contents with mcp_add_contents(); adds none for a URI that stands for nothing. */
    bool (*read)(struct mcp_call *call, const char *uri, struct error **ret_err);
    mcp_complete_fn *complete; /* of the templates' variables; may be NULL */
    /* Somebody began to listen for changes, or the last one ceased to; may be NULL. */
    void (*watch)(void *host, struct mcp_server *server, bool on);
};

struct mcp_resource {
    const char *uri, *name, *title, *description, *mime_type;
    int64_t size; /* bytes; -1 = not known */
};
void mcp_add_resource(struct mcp_call *call, const struct mcp_resource *resource);
/* There is a further page, found by this cursor. */
void mcp_set_next_cursor(struct mcp_call *call, const char *cursor);

void mcp_add_contents(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *text);
void mcp_add_contents_blob(struct mcp_call *call, const char *uri, const char *mime_type,
    const char *base64);

#endif
