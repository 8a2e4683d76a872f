/*
 * The policy over all that an object reaches: what has rows in common with a table, what views
 * read and call, what making a value of a type calls.
 *
 * What is still to be looked at stands in a list, never on the stack: views nest as deep as
 * somebody likes.
 */
#include "guard/rules.h"

#include <talloc.h>

/* A relation that is only named, by a constant or as a row type, is not read; but what is not shown
 * has no size and no name either. */
enum manner { READ, READ_ALONE, NAMED };

struct item { /* either a relation or a type */
    const struct catalog_fact_relation *relation;
    const struct catalog_fact_type *type;
    enum manner manner;
};

struct walk {
    const struct guard_policy *policy;
    const struct catalog_facts *facts;
    const struct catalog_fact_relation *relation; /* that the query names, or NULL */
    const struct catalog_fact_type *type;         /* likewise */
    struct item *items;                           /* to be looked at */
    size_t count, size;
    uint8_t *seen_relations, *seen_types; /* by their place in the facts; NULL until needed */
    bool all_types;                       /* every type is being looked at */
    struct guard_finding *ret;
};

static void done(struct walk *walk)
{
    talloc_free(walk->items);
    talloc_free(walk->seen_relations);
    talloc_free(walk->seen_types);
}

static void push(struct walk *walk, struct item item)
{
    const struct catalog_facts *facts = walk->facts;
    uint8_t *seen =
        item.relation ? guard_seen(&walk->seen_relations, facts->relation_count,
                            item.relation - facts->relations)
                      : guard_seen(&walk->seen_types, facts->type_count, item.type - facts->types);
    uint8_t bit = (uint8_t)(1 << item.manner);
    if (*seen & bit)
        return;
    *seen |= bit;
    if (walk->count == walk->size) {
        walk->size = walk->size ? 2 * walk->size : 16;
        walk->items = talloc_realloc(NULL, walk->items, struct item, (unsigned)walk->size);
    }
    walk->items[walk->count++] = item;
}

/* `where` is the relation that the rule holds against, or in whose query that is which it does. */
static bool refuse(struct walk *walk, enum guard_rule rule,
    const struct catalog_fact_relation *where, struct guard_finding more)
{
    *walk->ret = more;
    walk->ret->rule = rule;
    walk->ret->relation = walk->relation ? walk->relation : where;
    walk->ret->behind = where != walk->ret->relation ? where : NULL;
    if (!walk->ret->type)
        walk->ret->type = walk->type;
    return false;
}

static bool is_unknown(struct walk *walk, Oid oid, const struct catalog_fact_relation *where)
{
    return refuse(walk, GUARD_RULE_UNKNOWN, where, (struct guard_finding){.oid = oid});
}

/* ---- relations ---- */

static enum guard_rule rule_of(const struct guard_policy *policy, struct guard_kin kin)
{
    switch (kin.kinship) {
    case GUARD_CHILD:
        return guard_rule_child(policy, kin.relation);
    case GUARD_ANCESTOR:
        return guard_rule_ancestor(policy, kin.relation);
    case GUARD_ITSELF:
        break;
    }
    return guard_rule_relation(policy, kin.relation);
}

static bool check_family(struct walk *walk, const struct catalog_fact_relation *relation,
    bool alone)
{
    struct guard_family family;
    enum guard_rule rule = GUARD_RULE_NONE;
    guard_family_init(&family, walk->facts, relation, alone);
    for (size_t i = 0; !rule && i < family.count; i++) {
        rule = rule_of(walk->policy, family.members[i]);
        if (rule)
            refuse(walk, rule, family.members[i].relation, (struct guard_finding){.oid = 0});
    }
    guard_family_done(&family);
    return !rule;
}

static bool check_columns(struct walk *walk, const struct catalog_fact_relation *relation,
    const struct catalog_used_relation *used)
{
    struct guard_finding more = {.oid = relation->oid};
    enum guard_rule rule =
        guard_rule_columns(walk->policy, walk->facts, relation, used, &more.column);
    return !rule || refuse(walk, rule, relation, more);
}

/* ---- functions ---- */

static bool push_type(struct walk *walk, Oid oid, const struct catalog_fact_relation *where)
{
    if (oid < CATALOG_FIRST_USER_OID)
        return true;
    const struct catalog_fact_type *type = catalog_facts_type(walk->facts, oid);
    if (!type)
        return is_unknown(walk, oid, where);
    push(walk, (struct item){.type = type});
    return true;
}

static bool start(struct walk *walk, struct item item);

/* Whether a value of some type can be made that calls what is not allowed. */
static bool has_unsafe_type(const struct walk *walk)
{
    const struct catalog_facts *facts = walk->facts;
    struct guard_finding finding;
    struct walk all = {.policy = walk->policy, .facts = facts, .ret = &finding, .all_types = true};
    bool fine = true;
    for (size_t i = 0; fine && i < facts->type_count; i++)
        fine = start(&all, (struct item){.type = &facts->types[i]});
    done(&all);
    return !fine;
}

static bool has_unsafe_json_cast(const struct walk *walk)
{
    enum { JSON_OID = 114 };
    struct guard_finding finding;
    for (size_t i = 0; i < walk->facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &walk->facts->casts[i];
        if (cast->target != JSON_OID || !cast->function)
            continue;
        const struct catalog_fact_function *function =
            catalog_facts_function(walk->facts, cast->function);
        if (!function || !guard_policy_function(walk->policy, function, &finding))
            return true;
    }
    return false;
}

/* What the function calls without that standing in the tree. */
static const char *unsafe_reach(const struct walk *walk,
    const struct catalog_fact_function *function)
{
    if (!walk->all_types && guard_function_makes_any_type(function) && has_unsafe_type(walk))
        return "it makes a value of any type, and this database has types whose checks call "
               "functions that are not available here";
    if (guard_function_casts_to_json(function) && has_unsafe_json_cast(walk))
        return "it calls casts to json, and this database has one that is not available here";
    return NULL;
}

/* `caller` says what calls the function when that is not the query by its name. */
static bool check_function(struct walk *walk, Oid oid, const struct catalog_fact_relation *where,
    struct guard_finding caller)
{
    const struct catalog_fact_function *function = catalog_facts_function(walk->facts, oid);
    struct guard_finding finding;
    if (!function)
        return is_unknown(walk, oid, where);
    caller.function = function;
    if (!guard_policy_function(walk->policy, function, &finding)) {
        caller.text = finding.text;
        return refuse(walk, finding.rule, where, caller);
    }
    caller.text = unsafe_reach(walk, function);
    if (caller.text)
        return refuse(walk, GUARD_RULE_FUNCTION, where, caller);
    return !guard_function_makes_range(function) || push_type(walk, function->returns, where);
}

static bool check_operator(struct walk *walk, Oid oid, const struct catalog_fact_relation *where,
    struct guard_finding caller)
{
    if (oid < CATALOG_FIRST_USER_OID)
        return true; /* that of a built-in one is a built-in function without a side effect */
    caller.op = catalog_facts_operator(walk->facts, oid);
    return caller.op ? check_function(walk, caller.op->function, where, caller)
                     : is_unknown(walk, oid, where);
}

static bool check_calls(struct walk *walk, const struct catalog_oids *functions,
    const struct catalog_oids *operators, const struct catalog_fact_relation *where,
    const struct catalog_fact_type *type)
{
    struct guard_finding caller = {.type = type};
    /* First, since the functions of operators are among the functions as well. */
    for (size_t i = 0; i < operators->count; i++) {
        if (!check_operator(walk, operators->items[i], where, caller))
            return false;
    }
    for (size_t i = 0; i < functions->count; i++) {
        const struct catalog_fact_function *function =
            catalog_facts_function(walk->facts, functions->items[i]);
        if (type && function && guard_function_is_input(function))
            continue;
        if (!check_function(walk, functions->items[i], where, caller))
            return false;
    }
    return true;
}

/* ---- the walk ---- */

/* NULL for catalogs, and for indexes, which are not in the facts. */
static const struct catalog_fact_relation *named_by_constant(const struct walk *walk, Oid oid)
{
    return oid < CATALOG_FIRST_USER_OID ? NULL : catalog_facts_relation(walk->facts, oid);
}

/* All that a view's query uses. */
static bool push_query(struct walk *walk, const struct catalog_fact_relation *view)
{
    const struct catalog_uses *uses = view->query;
    if (!uses) /* it could not be read */
        return is_unknown(walk, view->oid, view);
    if (uses->foreign)
        return refuse(walk, GUARD_RULE_IMPURE, view, (struct guard_finding){.text = uses->foreign});
    if (uses->names_objects && walk->policy->catalog_access == GUARD_CATALOG_NONE)
        return refuse(walk, GUARD_RULE_CATALOG, view, (struct guard_finding){.oid = 0});
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_used_relation *used = &uses->relations[i];
        const struct catalog_fact_relation *relation =
            catalog_facts_relation(walk->facts, used->oid);
        if (!relation)
            return is_unknown(walk, used->oid, view);
        if (!check_columns(walk, relation, used))
            return false;
        push(walk, (struct item){.relation = relation, .manner = used->alone ? READ_ALONE : READ});
    }
    for (size_t i = 0; i < uses->types.count; i++) {
        if (!push_type(walk, uses->types.items[i], view))
            return false;
    }
    for (size_t i = 0; i < uses->regclasses.count; i++) {
        const struct catalog_fact_relation *relation =
            named_by_constant(walk, uses->regclasses.items[i]);
        if (relation)
            push(walk, (struct item){.relation = relation, .manner = NAMED});
    }
    return check_calls(walk, &uses->functions, &uses->operators, view, NULL);
}

/* The name of a partition can be seen where its parent is read, whatever schema keeps it. */
static bool visit_named_partition(struct walk *walk, const struct catalog_fact_relation *relation)
{
    enum guard_rule rule = guard_rule_child(walk->policy, relation);
    if (rule)
        return refuse(walk, rule, relation, (struct guard_finding){.oid = 0});
    for (size_t i = 0; i < relation->parent_count; i++)
        push(walk, (struct item){.relation = relation->parents[i], .manner = NAMED});
    return true;
}

static bool visit_relation(struct walk *walk, const struct catalog_fact_relation *relation,
    enum manner manner)
{
    if (manner == NAMED && relation->is_partition && relation->parent_count)
        return visit_named_partition(walk, relation);
    if (!check_family(walk, relation, manner != READ))
        return false;
    if (guard_rule_is_system(relation) || guard_rule_trusts(walk->policy, relation))
        return true;
    if (relation->owner_table) {
        const struct catalog_fact_relation *owner =
            catalog_facts_relation(walk->facts, relation->owner_table);
        if (!owner)
            return is_unknown(walk, relation->owner_table, relation);
        push(walk, (struct item){.relation = owner, .manner = READ_ALONE});
    }
    bool is_view = relation->kind == 'v' || relation->kind == 'm';
    return !is_view || push_query(walk, relation);
}

static bool visit_type(struct walk *walk, const struct catalog_fact_type *type)
{
    const struct catalog_fact_relation *relation =
        type->relation ? catalog_facts_relation(walk->facts, type->relation) : NULL;
    if (relation)
        push(walk, (struct item){.relation = relation, .manner = NAMED});
    if (!push_type(walk, type->element, walk->relation) ||
        !push_type(walk, type->base, walk->relation))
        return false;
    for (size_t i = 0; i < type->attributes.count; i++) {
        if (!push_type(walk, type->attributes.items[i], walk->relation))
            return false;
    }
    return check_calls(walk, &type->functions, &type->operators, walk->relation,
        walk->type ? walk->type : type);
}

static bool visit(struct walk *walk, struct item item)
{
    return item.relation ? visit_relation(walk, item.relation, item.manner)
                         : visit_type(walk, item.type);
}

static bool drain(struct walk *walk)
{
    while (walk->count) {
        if (!visit(walk, walk->items[--walk->count]))
            return false;
    }
    return true;
}

/* Something that the query names, and all that it reaches. */
static bool start(struct walk *walk, struct item item)
{
    walk->relation = item.relation;
    walk->type = item.type;
    return visit(walk, item) && drain(walk);
}

/* ---- the questions ---- */

static bool answer(struct walk *walk, bool fine)
{
    done(walk);
    return fine;
}

bool guard_policy_relation(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, struct guard_finding *ret)
{
    struct walk walk = {.policy = policy, .facts = facts, .ret = ret};
    return answer(&walk, start(&walk, (struct item){.relation = relation}));
}

bool guard_policy_type(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_type *type, struct guard_finding *ret)
{
    struct walk walk = {.policy = policy, .facts = facts, .ret = ret};
    return answer(&walk, start(&walk, (struct item){.type = type}));
}

bool guard_policy_result(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, int column, struct guard_finding *ret)
{
    struct walk walk = {.policy = policy, .facts = facts, .ret = ret, .relation = relation};
    const struct catalog_used_relation used = {.oid = relation->oid,
        .alone = true,
        .columns = &column,
        .column_count = column > 0};
    return answer(&walk,
        check_columns(&walk, relation, &used) &&
            start(&walk, (struct item){.relation = relation, .manner = READ_ALONE}));
}

static const char *plan_tells(const struct walk *walk, const struct guard_plan *plan,
    const struct catalog_fact_relation *relation)
{
    const struct catalog_used_relation all = {.oid = relation->oid, .whole = true};
    const struct catalog_fact_column *column;
    if (relation->kind == 'v' && walk->policy->allowed_views.count &&
        guard_rule_trusts(walk->policy, relation))
        return "run the query itself; what the view reads is not shown";
    if (plan->row_security && relation->has_row_security)
        return "run the query itself; the plan would show the conditions of the policies";
    if (plan->verbose && guard_rule_columns(walk->policy, walk->facts, relation, &all, &column))
        return "leave out VERBOSE, which lists columns that are not shown here";
    return NULL;
}

const char *guard_policy_plan(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, const struct guard_plan *plan)
{
    struct walk walk = {.policy = policy, .facts = facts};
    const char *tells = NULL;
    push(&walk, (struct item){.relation = relation});
    while (!tells && walk.count) {
        const struct catalog_fact_relation *item = walk.items[--walk.count].relation;
        tells = plan_tells(&walk, plan, item);
        /* A plan shows a materialized view as a table. */
        for (size_t i = 0; item->kind == 'v' && item->query && i < item->query->relation_count;
             i++) {
            relation = catalog_facts_relation(facts, item->query->relations[i].oid);
            if (relation)
                push(&walk, (struct item){.relation = relation});
        }
    }
    done(&walk);
    return tells;
}

static bool check_uses(struct walk *walk, const struct catalog_uses *uses)
{
    if (uses->foreign)
        return refuse(walk, GUARD_RULE_IMPURE, NULL, (struct guard_finding){.text = uses->foreign});
    if (uses->names_objects && walk->policy->catalog_access == GUARD_CATALOG_NONE)
        return refuse(walk, GUARD_RULE_CATALOG, NULL, (struct guard_finding){.oid = 0});
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_used_relation *used = &uses->relations[i];
        walk->relation = catalog_facts_relation(walk->facts, used->oid);
        if (!walk->relation)
            return is_unknown(walk, used->oid, NULL);
        if (!start(walk, (struct item){.relation = walk->relation,
                             .manner = used->alone ? READ_ALONE : READ}) ||
            !check_columns(walk, walk->relation, used))
            return false;
    }
    for (size_t i = 0; i < uses->regclasses.count; i++) {
        const struct catalog_fact_relation *relation =
            named_by_constant(walk, uses->regclasses.items[i]);
        if (relation && !start(walk, (struct item){.relation = relation, .manner = NAMED}))
            return false;
    }
    walk->relation = NULL;
    for (size_t i = 0; i < uses->types.count; i++) {
        Oid oid = uses->types.items[i];
        const struct catalog_fact_type *type = catalog_facts_type(walk->facts, oid);
        if (type ? !start(walk, (struct item){.type = type})
                 : oid >= CATALOG_FIRST_USER_OID && !is_unknown(walk, oid, NULL))
            return false;
    }
    walk->type = NULL;
    return check_calls(walk, &uses->functions, &uses->operators, NULL, NULL) && drain(walk);
}

bool guard_policy_uses(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_uses *uses, struct guard_finding *ret)
{
    struct walk walk = {.policy = policy, .facts = facts, .ret = ret};
    return answer(&walk, check_uses(&walk, uses)) &&
           guard_hidden_calls_check(policy, facts, uses, ret);
}
