/* Near names for errors; see near_names.h. */
#include "tools/near_names.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/render.h"
#include "tools/tools.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>

enum { COLUMNS_SHOWN = 40 };

/* The possibly quoted and qualified name that begins at `text`. */
static const char *name_at(const void *ctx, const char *text)
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
    const char *schema, *name;
    const char *whole = talloc_strndup(ctx, text, (size_t)(end - text));
    return catalog_parse_name(ctx, whole, &schema, &name) ? name : NULL;
}

static void hint_relation(struct error *error, const struct catalog *catalog,
    const struct catalog_filter *filter, const char *name)
{
    const struct catalog_relation *near = catalog_nearest_relation(catalog, name, filter);
    if (near)
        error_hint(error, "did you mean %s? get_database_schema lists what there is",
            catalog_qualified_name(error, catalog, near));
    else
        error_hint(error, "get_database_schema lists what there is");
}

/* The shown relations that the query mentions. */
static size_t mentioned(const struct catalog *catalog, const struct catalog_filter *filter,
    const char *query, const struct catalog_relation **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->relation_count; i++) {
        const struct catalog_relation *relation = &catalog->relations[i];
        if (strcasestr(query, relation->name) && catalog_shows(filter, relation))
            ret[count++] = relation;
    }
    return count;
}

static void hint_column(struct error *error, const struct catalog *catalog,
    const struct catalog_filter *filter, const char *query, const char *name)
{
    const struct catalog_relation **relations =
        talloc_array(error, const struct catalog_relation *, (unsigned)catalog->relation_count);
    size_t count = mentioned(catalog, filter, query, relations);
    const struct catalog_column *near = catalog_nearest_column(relations, count, name);
    if (near) {
        error_hint(error, "did you mean the column \"%s\"?", near->name);
    } else if (count == 1) {
        char *list = talloc_strdup(error, "");
        for (size_t i = 0; i < relations[0]->column_count && i < COLUMNS_SHOWN; i++)
            list = talloc_asprintf_append(list, "%s%s", i > 0 ? ", " : "",
                relations[0]->columns[i].name);
        error_hint(error, "columns of %s: %s%s", relations[0]->name, list,
            relations[0]->column_count > COLUMNS_SHOWN ? ", …" : "");
    } else {
        error_hint(error, "get_database_schema with \"table\" lists the columns of a table");
    }
}

static bool shows(const void *policy, const char *schema, const char *table)
{
    return guard_policy_shows(policy, schema, table);
}

void near_names_add(struct mcp_call *call, const char *query, struct error *error)
{
    const struct tools_env *env = mcp_call_host(call);
    bool table = strcmp(error->sqlstate, "42P01") == 0;
    bool column = strcmp(error->sqlstate, "42703") == 0;
    if ((!table && !column) || error->hint || error->position <= 0)
        return;
    const char *name = name_at(call, text_character(query, error->position));
    struct catalog *catalog;
    struct error *ignored = NULL;
    if (!name || !catalog_load(call, env->pool, mcp_call_deadline(call), &catalog, &ignored))
        return;
    struct catalog_filter filter = {shows, &env->policy};
    if (table)
        hint_relation(error, catalog, &filter, name);
    else
        hint_column(error, catalog, &filter, query, name);
    talloc_free(catalog);
}
