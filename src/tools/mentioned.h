/* Names in a text of SQL, or in a plan. */
#ifndef PGPARLEY_TOOLS_MENTIONED_H
#define PGPARLEY_TOOLS_MENTIONED_H

#include "tools/visible.h"

/* Bytes of the possibly quoted and qualified name that begins at `text`; 0 when none does. */
size_t tools_name_length(const char *text);

/* The shown relations that PostgreSQL would take names in `text` for, each once, in the catalog's
 * order; their count. A partition means its table. `ret` has room for all relations. */
size_t tools_mentioned(const void *ctx, const struct visible_catalog *seen, const char *text,
    const struct catalog_relation **ret);

#endif
