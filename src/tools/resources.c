/*
 * The schema as resources: one for the database, one for each schema, one for each table.
 *
 * A page of the list is found by the URI that the page before ended with, so that tables that come
 * and go meanwhile shift nothing.
 */
#include "tools/resources.h"

#include "base/text.h"
#include "tools/completion.h"
#include "tools/listing.h"
#include "tools/uri.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

enum {
    PAGE_ENTRIES = 200,
    COMMENT_BYTES = 200, /* of a comment, in a description */
    TTL_MS = 5000,       /* the catalog may be that old anyway */
};

static const char mime_type[] = "text/plain";

static bool see(struct mcp_call *call, const void *ctx, struct visible_catalog *ret,
    struct error **ret_err) may_yield
{
    const struct tools_env *env = mcp_call_host(call);
    int64_t deadline = mcp_call_deadline(call);
    return guard_gate_pass(ctx, env->guard, deadline, ret_err) &&
           visible_get(ctx, env->visible, deadline, ret, ret_err);
}

/* ---- list ---- */

struct page {
    struct mcp_call *call;
    const void *ctx;
    const struct visible_catalog *seen;
    size_t entries, bytes, max_bytes;
    const char *last; /* URI */
    bool full;
};

/* `format` is the description's. False when the page is full without it. */
static bool add(struct page *page, const struct tools_uri *uri, const char *name, const char *title,
    const char *comment, const char *format, ...) __attribute__((format(printf, 6, 7)));
static bool add(struct page *page, const struct tools_uri *uri, const char *name, const char *title,
    const char *comment, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *description = talloc_vasprintf(page->ctx, format, args);
    va_end(args);
    if (comment) {
        size_t cut = text_utf8_cut(comment, strlen(comment), COMMENT_BYTES);
        description = talloc_asprintf_append(description, ": %.*s%s", (int)cut, comment,
            comment[cut] ? "…" : "");
    }
    const struct mcp_resource resource = {.uri = tools_uri_text(page->ctx, uri),
        .name = name,
        .title = title,
        .description = description,
        .mime_type = mime_type,
        .size = -1};
    size_t bytes = strlen(resource.uri) + strlen(name) + strlen(title) + strlen(description);
    page->full = page->entries == PAGE_ENTRIES ||
                 (page->entries > 0 && page->bytes + bytes > page->max_bytes);
    if (page->full)
        return false;
    page->entries++;
    page->bytes += bytes;
    page->last = resource.uri;
    mcp_add_resource(page->call, &resource);
    return true;
}

static bool add_database(struct page *page)
{
    const struct catalog *catalog = page->seen->catalog;
    struct catalog_view view = tools_listing_of(page->ctx, page->seen, NULL);
    return add(page, &(struct tools_uri){.database = catalog->database}, catalog->database,
        talloc_asprintf(page->ctx, "Database %s", catalog->database), NULL,
        "PostgreSQL %s, %zu table%s", catalog->server_version, view.relation_count,
        view.relation_count == 1 ? "" : "s");
}

static bool add_schema(struct page *page, const struct catalog_schema *schema)
{
    return add(page,
        &(struct tools_uri){.database = page->seen->catalog->database, .schema = schema->name},
        schema->name, talloc_asprintf(page->ctx, "Schema %s", schema->name), schema->comment,
        "all tables of the schema");
}

static bool add_relation(struct page *page, const struct catalog_relation *relation)
{
    const struct catalog *catalog = page->seen->catalog;
    const char *kind = catalog_kind_name(relation->kind);
    char *name = catalog_qualified_name(page->ctx, catalog, relation);
    char *rows = relation->estimated_rows < 0
                     ? ""
                     : talloc_asprintf(page->ctx, ", ~%" PRId64 " rows", relation->estimated_rows);
    struct tools_uri uri = {catalog->database, relation->schema->name, relation->name};
    return add(page, &uri, name,
        talloc_asprintf(page->ctx, "%c%s %s", toupper((unsigned char)*kind), kind + 1, name),
        relation->comment, "%s%s", kind, rows);
}

/* From the first entry behind `after` on, until the page is full. */
static void add_entries(struct page *page, const struct tools_uri *after)
{
    const struct visible_catalog *seen = page->seen;
    const char *schema = after->schema;
    bool more = after->database || add_database(page);
    size_t i = schema ? visible_after(seen, schema, after->table ? after->table : "") : 0;
    for (; more && i < seen->catalog->relation_count; i++) {
        const struct catalog_relation *relation = &seen->catalog->relations[i];
        if (!catalog_shows(&seen->filter, relation))
            continue;
        bool new_schema = !schema || strcmp(schema, relation->schema->name) != 0;
        schema = relation->schema->name;
        more = (!new_schema || add_schema(page, relation->schema)) && add_relation(page, relation);
    }
}

static bool list_page(struct mcp_call *call, const char *cursor, struct error **ret_err)
{
    const struct tools_env *env = mcp_call_host(call);
    struct tools_uri after = {NULL};
    struct visible_catalog seen;
    if (cursor && !tools_uri_parse(call, cursor, &after))
        return error_raise(ret_err,
            error_hint(error_create(call, ERROR_ARGUMENT, "the cursor is not one of this server"),
                "begin again without a cursor"));
    void *ctx = talloc_new(call);
    bool ok = see(call, ctx, &seen, ret_err);
    if (ok) {
        struct page page = {.call = call,
            .ctx = ctx,
            .seen = &seen,
            .max_bytes = env->max_result_bytes};
        add_entries(&page, &after);
        if (page.full)
            mcp_set_next_cursor(call, page.last);
    } else {
        talloc_steal(call, *ret_err);
    }
    talloc_free(ctx); /* with it the hold on the catalog: the client may take its time */
    return ok;
}

/* ---- read ---- */

/* What the URI stands for: not there when nothing of it is shown. */
static bool find(const struct visible_catalog *seen, const struct tools_uri *uri,
    struct catalog_view *view)
{
    if (strcmp(uri->database, seen->catalog->database) != 0)
        return false;
    if (!uri->table)
        return !uri->schema || view->relation_count > 0;
    view->relations[0] = visible_find(seen, uri->schema, uri->table);
    view->relation_count = 1;
    view->referenced_by = true;
    return view->relations[0] != NULL;
}

char *tools_resource_text(const void *ctx, const struct tools_env *env,
    const struct visible_catalog *seen, const char *uri)
{
    void *scratch = talloc_new(ctx);
    struct tools_uri parts;
    struct catalog_view view;
    char *text = NULL;
    if (tools_uri_parse(scratch, uri, &parts)) {
        size_t max = env->max_result_bytes;
        view = tools_listing_of(scratch, seen, parts.schema);
        if (!parts.table && max > LISTING_BYTES)
            max = LISTING_BYTES;
        if (find(seen, &parts, &view))
            text = tools_listing_text(ctx, &view, max);
    }
    talloc_free(scratch);
    return text;
}

/* What is not in the catalog may be new. */
static bool read_resource(struct mcp_call *call, const char *uri, struct error **ret_err)
{
    const struct tools_env *env = mcp_call_host(call);
    char *text = NULL;
    for (int try = 0; !text && try < 2; try++) {
        struct visible_catalog seen;
        void *ctx = talloc_new(call);
        if (try > 0)
            catalog_cache_expire(env->cache);
        bool ok = see(call, ctx, &seen, ret_err);
        if (ok)
            text = tools_resource_text(call, env, &seen, uri);
        else
            talloc_steal(call, *ret_err);
        talloc_free(ctx);
        if (!ok)
            return false;
    }
    if (text)
        mcp_add_contents(call, uri, mime_type, text);
    return true;
}

/* ---- the provider ---- */

static const struct mcp_resource_template templates[] = {
    {TOOLS_URI_OF_TABLE, "table", "Table or view",
        "columns, types, keys, comments and what references it", mime_type},
    {TOOLS_URI_OF_SCHEMA, "schema", "Schema", "all tables of a schema, in as much detail as fits",
        mime_type},
    {TOOLS_URI_OF_DATABASE, "database", "Database",
        "all tables of the database, in as much detail as fits", mime_type},
    {NULL},
};

const struct mcp_resources tools_resources = {
    .templates = templates,
    .subscribe = true,
    .ttl_ms = TTL_MS,
    .list = list_page,
    .read = read_resource,
    .complete = tools_complete_uri,
    .watch = tools_watch,
};
