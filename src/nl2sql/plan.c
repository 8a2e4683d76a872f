/*
 * What PostgreSQL would do for a query: EXPLAIN in JSON, through the guard.
 *
 * It binds every name and type without running anything, and its estimates decide whether the
 * query may run. Conditions are read for constants (literals.c), and nested loops without a
 * condition for a join that was forgotten.
 */
#include "nl2sql/asking.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define EXPLAIN "EXPLAIN (VERBOSE, FORMAT JSON) "

enum { PLAN_MAX_BYTES = 8 << 20 };

const struct catalog_relation *nl2sql_shown_relation(const struct nl2sql_subject *subject,
    const char *schema, const char *name)
{
    for (size_t i = 0; i < subject->catalog->relation_count; i++) {
        const struct catalog_relation *relation = &subject->catalog->relations[i];
        if (strcmp(relation->name, name) == 0 && strcmp(relation->schema->name, schema) == 0)
            return catalog_shows(&subject->filter, relation) ? relation : NULL;
    }
    return NULL;
}

/* ---- the nodes of a plan; on the main stack ---- */

struct walk {
    const void *ctx;
    const struct nl2sql_subject *subject;
    const char *json;
    bool ok;
    bool crosses; /* the query says that it wants a product */
    struct nl2sql_details details;
};

static const char *text_of(const json_t *node, const char *key)
{
    const char *text = json_string_value(json_object_get(node, key));
    return text ? text : "";
}

static double rows_of(const json_t *node)
{
    return json_number_value(json_object_get(node, "Plan Rows"));
}

static const json_t *child(const json_t *node, size_t i)
{
    return json_array_get(json_object_get(node, "Plans"), i);
}

/* Partitions and other children are read whether or not the policy shows them by themselves. */
static bool is_shown(const struct walk *w, const json_t *scan)
{
    return nl2sql_shown_relation(w->subject, text_of(scan, "Schema"),
               text_of(scan, "Relation Name")) != NULL;
}

static void add_relation(struct walk *w, const char *schema, const char *name)
{
    struct nl2sql_list *relations = &w->details.plan.relations;
    const char *whole = talloc_asprintf(w->ctx, "%s.%s", schema, name);
    for (size_t i = 0; i < relations->count; i++) {
        if (strcmp(relations->items[i], whole) == 0)
            return;
    }
    nl2sql_list_add(w->ctx, relations, whole);
}

static void read_scan(struct walk *w, const json_t *node)
{
    static const char *const conditions[] = {"Filter", "Index Cond", "Recheck Cond"};
    const char *relation = text_of(node, "Relation Name"), *schema = text_of(node, "Schema");
    if (!is_shown(w, node))
        return;
    add_relation(w, schema, relation);
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        nl2sql_literals_read(w->ctx, talloc_strdup(w->ctx, schema), talloc_strdup(w->ctx, relation),
            text_of(node, conditions[i]), &w->details);
}

/* Whether `text` has a column of `alias`: alias.name, and not as the end of a longer name. */
static bool names_alias(const char *text, const char *alias, size_t len)
{
    for (const char *p = text; (p = strstr(p, alias)) != NULL; p += len) {
        bool begins = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
        if (begins && (p[len] == '.' || (p[len] == '"' && p[len + 1] == '.')))
            return true;
    }
    return false;
}

/* Whether something in `node` depends on a relation that is read as `alias`. */
static bool mentions(const json_t *node, const char *alias)
{
    const char *key;
    const json_t *value;
    size_t i;
    if (json_is_string(node))
        return names_alias(json_string_value(node), alias, strlen(alias));
    json_array_foreach(node, i, value) {
        if (mentions(value, alias))
            return true;
    }
    json_object_foreach((json_t *)(uintptr_t)node, key, value) {
        if (strcmp(key, "Output") != 0 && mentions(value, alias))
            return true;
    }
    return false;
}

/* Partitions of s are read as s_1, s_2 …, and named as s where they come together. */
static bool mentions_any(const struct walk *w, const json_t *node, const char *alias)
{
    const char *suffix = strrchr(alias, '_');
    bool is_part =
        suffix && suffix > alias && suffix[1] && !suffix[1 + strspn(suffix + 1, "0123456789")];
    return mentions(node, alias) ||
           (is_part && mentions(node, talloc_strndup(w->ctx, alias, (size_t)(suffix - alias))));
}

static bool depends(const struct walk *w, const json_t *inner, const json_t *outer)
{
    const char *alias = text_of(outer, "Alias");
    if (*alias && mentions_any(w, inner, alias))
        return true;
    size_t i;
    const json_t *node;
    json_array_foreach(json_object_get(outer, "Plans"), i, node) {
        if (depends(w, inner, node))
            return true;
    }
    return false;
}

/* The first relation that is read below; by the query's name for it when it is not shown. */
static const char *relation_below(const struct walk *w, const json_t *node)
{
    while (node && !*text_of(node, "Relation Name"))
        node = child(node, 0);
    return node ? text_of(node, is_shown(w, node) ? "Relation Name" : "Alias") : NULL;
}

static void read_join(struct walk *w, const json_t *node)
{
    const json_t *outer = child(node, 0), *inner = child(node, 1);
    if (w->details.product || w->crosses ||
        strcmp(text_of(node, "Node Type"), "Nested Loop") != 0 ||
        strcmp(text_of(node, "Join Type"), "Inner") != 0 || *text_of(node, "Join Filter") ||
        rows_of(outer) <= 1 || rows_of(inner) <= 1 || depends(w, inner, outer))
        return;
    const char *left = relation_below(w, outer), *right = relation_below(w, inner);
    if (left && right)
        w->details.product = talloc_asprintf(w->ctx, "%s with every row of %s", left, right);
}

static void read_node(struct walk *w, const json_t *node)
{
    if (rows_of(node) > w->details.plan.rows)
        w->details.plan.rows = rows_of(node);
    read_scan(w, node);
    read_join(w, node);
    size_t i;
    const json_t *below;
    json_array_foreach(json_object_get(node, "Plans"), i, below)
        read_node(w, below);
}

static void read_plan(void *arg)
{
    struct walk *w = arg;
    json_t *root = json_loads(w->json, 0, NULL);
    const json_t *plan = json_object_get(json_array_get(root, 0), "Plan");
    if (plan) {
        w->details.plan.known = w->ok = true;
        w->details.plan.cost = json_number_value(json_object_get(plan, "Total Cost"));
        read_node(w, plan);
    }
    json_decref(root);
}

/* ---- asking for it ---- */

static bool on_row(void *arg, size_t statement, const PGresult *row)
{
    (void)statement;
    str_puts(arg, PQgetvalue(row, 0, 0));
    return true;
}

static void on_reset(void *arg)
{
    str_reset(arg);
}

/* What reads an operator's view cannot be explained; it is bound by running it for no row. */
static bool binds(const void *ctx, struct guard *guard, const char *sql, struct str *scratch,
    int64_t deadline) may_yield
{
    struct error *ignored = NULL;
    const char *bound = talloc_asprintf(ctx, "SELECT * FROM (\n%s\n) AS q LIMIT 0", sql);
    const struct guard_query query = {.sql = bound, .len = strlen(bound), .max_rows = 1};
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = scratch};
    return guard_read(ctx, guard, &query, &rows, deadline, &ignored);
}

bool nl2sql_plan_get(const void *ctx, struct guard *guard, const struct nl2sql_subject *subject,
    const char *sql, int64_t deadline, struct nl2sql_details *ret, struct error **ret_err)
{
    const struct guard_policy *policy = guard_policy_get(guard);
    /* It must stand by itself, so that nothing in it becomes an option of EXPLAIN. */
    if (!guard_examine(ctx, policy->max_query_bytes, sql, strlen(sql), ret_err))
        return false;
    const char *explained = talloc_asprintf(ctx, EXPLAIN "%s", sql);
    const struct guard_query query = {.sql = explained,
        .len = strlen(explained),
        .max_rows = 1,
        .unshown = true};
    struct str json;
    str_init(&json, ctx, PLAN_MAX_BYTES);
    const struct pg_rows rows = {.row = on_row, .reset = on_reset, .arg = &json};
    struct walk walk = {.ctx = ctx,
        .subject = subject,
        .crosses = strcasestr(sql, "cross join") != NULL};
    if (!guard_read(ctx, guard, &query, &rows, deadline, ret_err)) {
        struct error *error = *ret_err;
        if (error->position > (int)strlen(EXPLAIN))
            error->position -= (int)strlen(EXPLAIN);
        else
            error->position = 0;
        if (error->class != ERROR_REFUSED || !binds(ctx, guard, sql, &json, deadline))
            return false;
        *ret = walk.details;
        return true;
    }
    walk.json = str_get(&json);
    rt_run_on_main(read_plan, &walk);
    if (!walk.ok)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_LIMIT, "the query's plan is too large to be read"),
                "write a smaller query"));
    *ret = walk.details;
    return true;
}

const char *nl2sql_plan_excess(const void *ctx, const struct nl2sql_plan *plan,
    const struct nl2sql_asker_options *options)
{
    if (plan->cost > options->max_plan_cost)
        return talloc_asprintf(ctx, "estimated cost %.0f, allowed are %.0f", plan->cost,
            options->max_plan_cost);
    if (plan->rows > options->max_plan_rows)
        return talloc_asprintf(ctx, "a step of %.0f rows, allowed are %.0f", plan->rows,
            options->max_plan_rows);
    return NULL;
}
