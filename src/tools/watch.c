/*
 * Changes of the schema, looked for while somebody listens.
 *
 * Looking is enough for the set of tables (visible.h). The catalog that was seen last is kept, and
 * the texts of the resources that somebody watches are compared with those of the next one, as the
 * cache renews it (catalog/cache.h). While the database is away nothing is told; what changed
 * meanwhile is, when it is back.
 */
#include "tools/resources.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { LOOK_EVERY_MS = 2000, LOOK_MS = 60000 };

struct tools_watch {
    struct tools_env *env; /* held by a reference: it outlives the fiber */
    struct mcp_server *server;
    struct rt_fiber *fiber;
};

/* ---- what changed ---- */

struct uris {
    const char **items;
    size_t count;
};

static void on_watched(void *arg, const char *uri)
{
    struct uris *uris = arg;
    uris->items = talloc_realloc(uris->items, uris->items, const char *, (unsigned)uris->count + 1);
    uris->items[uris->count++] = talloc_strdup(uris->items, uri);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool same_text(const void *ctx, const struct tools_env *env,
    const struct visible_catalog *before, const struct visible_catalog *now, const char *uri)
{
    char *a = tools_resource_text(ctx, env, before, uri);
    char *b = tools_resource_text(ctx, env, now, uri);
    bool same = a && b ? strcmp(a, b) == 0 : a == b;
    talloc_free(a);
    talloc_free(b);
    return same;
}

/* Lets others run after each comparison; then the server may have lost its last listener. */
static void tell(const struct tools_watch *w, const void *ctx, const struct visible_catalog *before,
    const struct visible_catalog *now) may_yield
{
    struct uris uris = {talloc_array(ctx, const char *, 1), 0};
    mcp_server_watched(w->server, on_watched, &uris);
    qsort(uris.items, uris.count, sizeof *uris.items, compare);
    for (size_t i = 0; i < uris.count && !rt_fiber_cancelled(); i++) {
        if (i > 0 && strcmp(uris.items[i], uris.items[i - 1]) == 0)
            continue;
        if (!same_text(ctx, w->env, before, now, uris.items[i]))
            mcp_server_resource_updated(w->server, uris.items[i]);
        rt_yield();
    }
}

/* ---- the fiber ---- */

static bool look(const struct tools_watch *w, const void *ctx,
    struct visible_catalog *ret) may_yield
{
    struct error *ignored;
    int64_t deadline = rt_deadline(LOOK_MS);
    return guard_gate_pass(ctx, w->env->guard, deadline, &ignored) &&
           visible_get(ctx, w->env->visible, deadline, ret, &ignored);
}

static void run(void *arg)
{
    struct tools_watch *w = arg;
    struct visible_catalog before, now;
    void *held = NULL; /* the catalog `before`; NULL when none has been seen yet */
    do {
        void *ctx = talloc_new(w);
        bool seen = look(w, ctx, &now);
        if (seen && held && (now.catalog != before.catalog || now.facts != before.facts))
            tell(w, ctx, &before, &now);
        if (seen) {
            talloc_free(held);
            held = ctx;
            before = now;
        } else {
            talloc_free(ctx);
        }
    } while (rt_sleep(LOOK_EVERY_MS) == 0);
    talloc_free(w);
}

void tools_watch(void *host, struct mcp_server *server, bool on)
{
    struct tools_env *env = host;
    if (!on) {
        rt_fiber_cancel(env->watch->fiber);
        env->watch = NULL;
        return;
    }
    struct tools_watch *w = talloc(NULL, struct tools_watch);
    talloc_reference(w, env);
    *w = (struct tools_watch){env, server, rt_fiber_start(run, w)};
    env->watch = w;
}
