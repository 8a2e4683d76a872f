/* What the files of the resources share. */
#ifndef PGPARLEY_TOOLS_RESOURCES_H
#define PGPARLEY_TOOLS_RESOURCES_H

#include "mcp/server.h"
#include "rt/rt.h"
#include "tools/tools.h"

/* The content of a resource, under `ctx`; NULL when the URI stands for nothing that is shown. */
char *tools_resource_text(const void *ctx, const struct tools_env *env,
    const struct visible_catalog *seen, const char *uri);

/* watch.c: tells the server what changes, on a fiber of its own, from `on` to not `on`. */
void tools_watch(void *host, struct mcp_server *server, bool on);

#endif
