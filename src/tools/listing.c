/* Listings; see listing.h. */
#include "tools/listing.h"

#include <string.h>
#include <talloc.h>

enum { NOTE_BYTES = 200 };

struct catalog_view tools_listing_of(const void *ctx, const struct visible_catalog *seen,
    const char *schema)
{
    const struct catalog *catalog = seen->catalog;
    struct catalog_view view = {
        .catalog = catalog,
        .relations =
            talloc_array(ctx, const struct catalog_relation *, (unsigned)catalog->relation_count),
        .filter = seen->filter,
        .detail = CATALOG_FULL,
        .may_shrink = true,
    };
    for (size_t i = 0; i < catalog->relation_count; i++) {
        const struct catalog_relation *relation = &catalog->relations[i];
        if ((!schema || strcmp(relation->schema->name, schema) == 0) &&
            catalog_shows(&seen->filter, relation))
            view.relations[view.relation_count++] = relation;
    }
    return view;
}

static void put_note(struct str *out, const struct catalog_view *view,
    struct catalog_listing listing)
{
    if (listing.omitted > 0)
        str_printf(out, "note: %zu of %zu tables did not fit; ", listing.omitted,
            view->relation_count);
    else if (listing.detail < view->detail)
        str_printf(out, "note: %s did not fit; ",
            listing.detail == CATALOG_NAMES ? "columns and keys" : "defaults and comments");
    else
        return;
    str_puts(out, "the tool get_database_schema has them, with schema_filter, search or table\n");
}

char *tools_listing_text(const void *ctx, const struct catalog_view *view, size_t max)
{
    struct str list, out;
    str_init(&list, ctx, max - NOTE_BYTES);
    str_init(&out, ctx, max);
    struct catalog_listing listing = catalog_render_text(view, &list);
    put_note(&out, view, listing);
    str_append(&out, str_get(&list), list.len);
    str_done(&list);
    return str_take(&out, ctx);
}
