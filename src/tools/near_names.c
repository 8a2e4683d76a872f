/* Near names for errors; see near_names.h. */
#include "tools/near_names.h"

#include "base/text.h"
#include "catalog/render.h"
#include "tools/mentioned.h"
#include "tools/tools.h"
#include "tools/visible.h"

#include <string.h>
#include <talloc.h>

enum { COLUMNS_SHOWN = 40 };

/* ---- names in the query ---- */

/* The last part of the name that begins there, as SQL reads it; NULL when none does. */
static const char *name_at(const void *ctx, const char *text)
{
    const char *schema, *name;
    const char *whole = talloc_strndup(ctx, text, tools_name_length(text));
    return catalog_parse_name(ctx, whole, &schema, &name) ? name : NULL;
}

/* ---- hints ---- */

static void hint_relation(struct error *error, const struct visible_catalog *seen, const char *name)
{
    const struct catalog_relation *near =
        catalog_nearest_relation(seen->catalog, name, &seen->filter);
    if (near)
        error_hint(error, "did you mean %s? get_database_schema lists what there is",
            catalog_qualified_name(error, seen->catalog, near));
    else
        error_hint(error, "get_database_schema lists what there is");
}

static const char *column_list(const void *ctx, const struct visible_catalog *seen,
    const struct catalog_relation *relation)
{
    char *list = talloc_strdup(ctx, "");
    size_t listed = 0;
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (!catalog_shows_column(&seen->filter, relation, column))
            continue;
        if (listed++ == COLUMNS_SHOWN)
            return talloc_asprintf_append(list, ", …");
        list = talloc_asprintf_append(list, "%s%s", *list ? ", " : "", column->name);
    }
    return list;
}

static void hint_column(const void *ctx, struct error *error, const struct visible_catalog *seen,
    const char *query, const char *name)
{
    const struct catalog_relation **relations =
        talloc_array(ctx, const struct catalog_relation *, (unsigned)seen->catalog->relation_count);
    size_t count = tools_mentioned(ctx, seen, query, relations);
    const struct catalog_column *near =
        catalog_nearest_column(relations, count, name, &seen->filter);
    if (near)
        error_hint(error, "did you mean the column \"%s\"?", near->name);
    else if (count == 1)
        error_hint(error, "columns of %s: %s", relations[0]->name,
            column_list(ctx, seen, relations[0]));
    else
        error_hint(error, "get_database_schema with \"table\" lists the columns of a table");
}

/* PostgreSQL's own hint speaks of argument types; it stays when a function has the name, and when
 * none is a single slip away: there are thousands, so something is always a little like it. */
static void hint_function(struct error *error, const struct guard_policy *policy,
    const struct catalog_facts *facts, const char *name)
{
    struct text_nearest nearest = {.wanted = name, .distance = 1};
    for (size_t i = 0; i < facts->function_count; i++) {
        const struct catalog_fact_function *function = &facts->functions[i];
        struct text_nearest nearer = nearest;
        struct guard_finding finding = {0};
        text_nearest_offer(&nearer, function->name);
        if (nearer.best != nearest.best && catalog_facts_on_path(facts, function->schema) &&
            guard_policy_function(policy, function, &finding))
            nearest = nearer;
    }
    if (nearest.best && strcmp(nearest.best, name) != 0)
        error_hint(error, "did you mean the function %s?", nearest.best);
}

void near_names_add(const void *ctx, const struct tools_env *env, const char *query,
    int64_t deadline, struct error *error)
{
    bool table = strcmp(error->sqlstate, "42P01") == 0;
    bool column = strcmp(error->sqlstate, "42703") == 0;
    bool function = strcmp(error->sqlstate, "42883") == 0;
    if ((!table && !column && !function) || (error->hint && !function) || error->position <= 0)
        return;
    void *scratch = talloc_new(ctx);
    const char *name = name_at(scratch, text_character(query, error->position));
    struct visible_catalog seen;
    struct error *ignored = NULL;
    if (name && visible_get(scratch, env->visible, deadline, &seen, &ignored)) {
        if (table)
            hint_relation(error, &seen, name);
        else if (column)
            hint_column(scratch, error, &seen, query, name);
        else
            hint_function(error, guard_policy_get(env->guard), seen.facts, name);
    }
    talloc_free(scratch);
}

void near_names_show_place(struct error *error, const char *query)
{
    enum { SHOWN_BYTES = 80 };
    if (error->position <= 0)
        return;
    text_line_column(query, error->position, &error->line, &error->column);
    const char *place = text_character(query, error->position);
    size_t len = strcspn(place, "\n");
    error_detail(error, "%s%sat line %d, column %d: %.*s", error->detail ? error->detail : "",
        error->detail ? "\n" : "", error->line, error->column,
        (int)text_utf8_cut(place, len, SHOWN_BYTES), place);
}
