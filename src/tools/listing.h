/* Parts of the shown catalog, chosen and written out for resources and prompts. */
#ifndef PGPARLEY_TOOLS_LISTING_H
#define PGPARLEY_TOOLS_LISTING_H

#include "catalog/render.h"
#include "tools/visible.h"

/* A listing that nobody asked the size of: about 8,000 tokens. */
enum { LISTING_BYTES = 32 << 10 };

/* The shown relations of a schema, or of all when it is NULL, in full detail that may shrink. */
struct catalog_view tools_listing_of(const void *ctx, const struct visible_catalog *seen,
    const char *schema);

/* At most `max` bytes, of at least 1,000. When that is not all, the first line says so. */
char *tools_listing_text(const void *ctx, const struct catalog_view *view, size_t max);

#endif
