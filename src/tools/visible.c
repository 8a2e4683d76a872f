/* Verdicts on the catalog, kept; see visible.h. */
#include "tools/visible.h"

#include <string.h>
#include <talloc.h>

struct visible {
    const struct guard *guard;
    struct catalog_cache *cache;
    struct verdicts *verdicts; /* the latest; NULL before the first */
    struct mcp_server *server; /* NULL = nobody hears of changes */
};

struct verdict {
    bool shown;
    const bool *columns; /* which are shown; NULL = all of them */
};

struct verdicts {
    const struct catalog *catalog;
    const struct catalog_facts *facts;
    struct verdict *relations; /* in the catalog's order */
};

struct visible *visible_create(const void *ctx, const struct guard *guard,
    struct catalog_cache *cache)
{
    struct visible *visible = talloc(ctx, struct visible);
    *visible = (struct visible){guard, cache, NULL, NULL};
    return visible;
}

void visible_tell(struct visible *visible, struct mcp_server *server)
{
    visible->server = server;
}

static const struct verdict *verdict_of(const struct verdicts *verdicts,
    const struct catalog_relation *relation)
{
    return &verdicts->relations[relation - verdicts->catalog->relations];
}

static bool shows(const void *arg, const struct catalog_relation *relation)
{
    return verdict_of(arg, relation)->shown;
}

static bool shows_column(const void *arg, const struct catalog_relation *relation,
    const struct catalog_column *column)
{
    const struct verdict *verdict = verdict_of(arg, relation);
    return !verdict->columns || verdict->columns[column - relation->columns];
}

/* ---- reaching them ---- */

static const bool *judge_columns(const struct verdicts *verdicts, const struct guard_policy *policy,
    const struct catalog_relation *relation, const struct catalog_fact_relation *fact)
{
    bool *shown = talloc_array(verdicts, bool, (unsigned)relation->column_count);
    bool all = true;
    for (size_t i = 0; i < relation->column_count; i++) {
        shown[i] = guard_policy_column(policy, verdicts->facts, fact, relation->columns[i].name);
        all = all && shown[i];
    }
    if (!all)
        return shown;
    talloc_free(shown);
    return NULL;
}

static struct verdict judge(const struct verdicts *verdicts, const struct guard_policy *policy,
    const struct catalog_relation *relation)
{
    const struct catalog_facts *facts = verdicts->facts;
    const struct catalog_fact_relation *fact = catalog_facts_relation(facts, relation->oid);
    struct guard_finding finding;
    if (!fact) /* it is newer than they are */
        return (struct verdict){.shown = false};
    return (struct verdict){
        .shown = guard_policy_relation(policy, facts, fact, &finding),
        .columns = policy->blocked_columns.count > 0
                       ? judge_columns(verdicts, policy, relation, fact)
                       : NULL,
    };
}

static void judge_all(struct verdicts *verdicts, const struct guard_policy *policy)
{
    const struct catalog *catalog = verdicts->catalog;
    verdicts->relations = talloc_array(verdicts, struct verdict, (unsigned)catalog->relation_count);
    for (size_t i = 0; i < catalog->relation_count; i++)
        verdicts->relations[i] = judge(verdicts, policy, &catalog->relations[i]);
}

/* The next that is shown from index `from` on; NULL when there is none. */
static const struct catalog_relation *next_shown(const struct verdicts *verdicts, size_t from)
{
    const struct catalog *catalog = verdicts->catalog;
    while (from < catalog->relation_count && !verdicts->relations[from].shown)
        from++;
    return from < catalog->relation_count ? &catalog->relations[from] : NULL;
}

static bool show_the_same(const struct verdicts *before, const struct verdicts *now)
{
    const struct catalog_relation *a = next_shown(before, 0), *b = next_shown(now, 0);
    while (
        a && b && strcmp(a->name, b->name) == 0 && strcmp(a->schema->name, b->schema->name) == 0) {
        a = next_shown(before, (size_t)(a - before->catalog->relations) + 1);
        b = next_shown(now, (size_t)(b - now->catalog->relations) + 1);
    }
    return !a && !b;
}

bool visible_get(const void *ctx, struct visible *visible, int64_t deadline,
    struct visible_catalog *ret, struct error **ret_err)
{
    struct verdicts *now = talloc_zero(visible, struct verdicts);
    if (!catalog_cache_catalog(now, visible->cache, deadline, &now->catalog, ret_err) ||
        !catalog_cache_facts(now, visible->cache, deadline, &now->facts, ret_err)) {
        talloc_steal(ctx, *ret_err);
        talloc_free(now);
        return false;
    }
    struct verdicts *kept = visible->verdicts; /* holds both: nothing new has their addresses */
    if (kept && kept->catalog == now->catalog && kept->facts == now->facts) {
        talloc_free(now);
    } else {
        judge_all(now, guard_policy_get(visible->guard));
        visible->verdicts = now;
        if (kept && visible->server && !show_the_same(kept, now))
            mcp_server_changed(visible->server, MCP_RESOURCES_CHANGED);
        talloc_unlink(visible, kept);
        kept = now;
    }
    talloc_reference(ctx, kept);
    *ret = (struct visible_catalog){kept->catalog, kept->facts, {shows, shows_column, kept}};
    return true;
}

/* ---- by name ---- */

size_t visible_after(const struct visible_catalog *seen, const char *schema, const char *name)
{
    size_t low = 0, high = seen->catalog->relation_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct catalog_relation *relation = &seen->catalog->relations[middle];
        int order = strcmp(relation->schema->name, schema);
        if (order == 0)
            order = strcmp(relation->name, name);
        if (order <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct catalog_relation *visible_find(const struct visible_catalog *seen, const char *schema,
    const char *name)
{
    size_t after = visible_after(seen, schema, name);
    const struct catalog_relation *relation = after ? &seen->catalog->relations[after - 1] : NULL;
    bool found = relation && strcmp(relation->name, name) == 0 &&
                 strcmp(relation->schema->name, schema) == 0;
    return found && catalog_shows(&seen->filter, relation) ? relation : NULL;
}
