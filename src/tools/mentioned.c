/* Names in a text; see mentioned.h. */
#include "tools/mentioned.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

size_t tools_name_length(const char *text)
{
    const char *end = text;
    while (*end) {
        if (*end == '"') {
            const char *close = strchr(end + 1, '"');
            end = close ? close + 1 : end + strlen(end);
        } else if (isalnum((unsigned char)*end) || strchr("_$.", *end) || (*end & 0x80)) {
            end++;
        } else {
            break;
        }
    }
    return (size_t)(end - text);
}

/* What is shown of the relation that a name means, NULL when it means none. */
static const struct catalog_relation *resolve(const void *ctx, const struct visible_catalog *seen,
    const char *written)
{
    const char *schema, *name;
    if (!catalog_parse_name(ctx, written, &schema, &name))
        return NULL;
    const struct catalog_fact_relation *fact =
        catalog_facts_find_relation(seen->facts, schema, name);
    while (fact && fact->is_partition && fact->parent_count > 0)
        fact = fact->parents[0];
    return fact ? visible_find(seen, fact->schema, fact->name) : NULL;
}

size_t tools_mentioned(const void *ctx, const struct visible_catalog *seen, const char *text,
    const struct catalog_relation **ret)
{
    const struct catalog *catalog = seen->catalog;
    void *scratch = talloc_new(ctx);
    bool *is_mentioned = talloc_zero_array(scratch, bool, (unsigned)catalog->relation_count);
    for (const char *p = text; *p;) {
        size_t len = tools_name_length(p);
        if (len > 0) {
            const struct catalog_relation *relation =
                resolve(scratch, seen, talloc_strndup(scratch, p, len));
            if (relation)
                is_mentioned[relation - catalog->relations] = true;
        }
        p += len > 0 ? len : 1;
    }
    size_t count = 0;
    for (size_t i = 0; i < catalog->relation_count; i++) {
        if (is_mentioned[i])
            ret[count++] = &catalog->relations[i];
    }
    talloc_free(scratch);
    return count;
}
