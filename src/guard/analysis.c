/*
 * Layer 3b: what PostgreSQL itself says that the query uses.
 *
 * The first tree is the query as its author wrote it, and is judged. The second is what PostgreSQL
 * made of it, with views replaced by their queries: a relation that turns up there and is not known
 * as behind one of the first tree means that the facts are older than a view.
 */
#include "guard/internal.h"

#include <string.h>
#include <talloc.h>

/* Relations that are read, those behind views included; each once. */
struct reach {
    Oid *oids;
    size_t count;
};

static bool has(const struct reach *reach, Oid oid)
{
    for (size_t i = 0; i < reach->count; i++) {
        if (reach->oids[i] == oid)
            return true;
    }
    return false;
}

static void add_all(struct reach *reach, const void *ctx, const struct catalog_uses *uses)
{
    for (size_t i = 0; i < uses->relation_count; i++) {
        Oid oid = uses->relations[i].oid;
        if (has(reach, oid))
            continue;
        reach->oids = talloc_realloc(ctx, reach->oids, Oid, (unsigned)reach->count + 1);
        reach->oids[reach->count++] = oid;
    }
}

static struct reach reach_of(const void *ctx, const struct catalog_facts *facts,
    const struct catalog_uses *uses)
{
    struct reach reach = {0};
    add_all(&reach, ctx, uses);
    for (size_t i = 0; i < reach.count; i++) { /* grows while it is walked */
        const struct catalog_fact_relation *relation = catalog_facts_relation(facts, reach.oids[i]);
        if (relation && relation->query)
            add_all(&reach, ctx, relation->query);
    }
    return reach;
}

static bool is_known(const void *ctx, const struct catalog_facts *facts,
    const struct catalog_uses *written, const struct catalog_uses *rewritten,
    struct guard_finding *ret)
{
    struct reach reach = reach_of(ctx, facts, written);
    for (size_t i = 0; i < rewritten->relation_count; i++) {
        Oid oid = rewritten->relations[i].oid;
        if (oid >= CATALOG_FIRST_USER_OID && !has(&reach, oid)) {
            *ret = (struct guard_finding){.rule = GUARD_RULE_UNKNOWN, .oid = oid};
            return false;
        }
    }
    return true;
}

bool guard_analysis_has_row_security(const char *rewritten)
{
    static const char field[] = ":securityQuals";
    for (const char *p = rewritten; (p = strstr(p, field)) != NULL;) {
        p += strlen(field);
        if (p[strspn(p, " \n")] == '(')
            return true;
    }
    return false;
}

static bool read_tree(const void *ctx, const char *tree, struct catalog_uses **uses,
    struct guard_finding *ret)
{
    if (catalog_uses_read(ctx, tree, strlen(tree), uses))
        return true;
    *ret = (struct guard_finding){.rule = GUARD_RULE_IMPURE,
        .text = "a tree of PostgreSQL's that cannot be read"};
    return false;
}

/* Only a view is replaced by something else. */
static bool has_view(const struct catalog_facts *facts, const struct catalog_uses *uses)
{
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_fact_relation *relation =
            catalog_facts_relation(facts, uses->relations[i].oid);
        if (relation && relation->kind == 'v' && relation->oid >= CATALOG_FIRST_USER_OID)
            return true;
    }
    return false;
}

/* Only what somebody wrote himself, or a volatile function, can lock or prepare something. */
static bool is_tidy(const struct catalog_facts *facts, const struct catalog_uses *uses,
    const char *rewritten)
{
    for (size_t i = 0; i < uses->functions.count; i++) {
        const struct catalog_fact_function *function =
            catalog_facts_function(facts, uses->functions.items[i]);
        if (!function || function->volatility == 'v')
            return false;
    }
    return catalog_oids_are_built_in(&uses->functions) &&
           catalog_oids_are_built_in(&uses->operators) && catalog_oids_are_built_in(&uses->types) &&
           guard_hidden_calls_are_built_in(facts, uses) &&
           !guard_analysis_has_row_security(rewritten);
}

bool guard_analysis(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const char *const trees[2], bool *ret_tidy,
    struct guard_finding *ret)
{
    struct catalog_uses *written, *rewritten;
    if (!read_tree(ctx, trees[0], &written, ret) || !guard_policy_uses(policy, facts, written, ret))
        return false;
    bool viewless = !has_view(facts, written);
    *ret_tidy = viewless && is_tidy(facts, written, trees[1]);
    return viewless || (read_tree(ctx, trees[1], &rewritten, ret) &&
                           is_known(ctx, facts, written, rewritten, ret));
}
