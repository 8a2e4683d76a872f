/*
 * What a type has that PostgreSQL calls without a trace in its tree.
 *
 * `'a' || x`, quote_literal(x) and quote_nullable(x) take a value of any type, and cast it to text
 * in a body of their own. Arrays, rows, GREATEST and sorting compare values by their type's default
 * operator class. When one of these calls a function which may not be called, queries that may have
 * a value of that type are refused.
 */
#include "guard/rules.h"

#include <string.h>
#include <talloc.h>

enum { TEXT_OID = 25 };

static bool casts_to_text(const struct catalog_fact_function *function)
{
    static const char *const names[] = {"textanycat", "anytextcat", "quote_literal",
        "quote_nullable"};
    if (function->oid >= CATALOG_FIRST_USER_OID)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool takes_text = function->argument_count == 1 && function->arguments[0] == TEXT_OID;
        if (strcmp(function->name, names[i]) == 0 && !takes_text)
            return true;
    }
    return false;
}

/* The types that a query can have values of, and those that are in these. */
struct reach {
    Oid *types;
    size_t count;
};

static void add(struct reach *reach, Oid type)
{
    if (type == 0)
        return;
    for (size_t i = 0; i < reach->count; i++) {
        if (reach->types[i] == type)
            return;
    }
    reach->types = talloc_realloc(NULL, reach->types, Oid, (unsigned)reach->count + 1);
    reach->types[reach->count++] = type;
}

static struct reach reach_of(const struct catalog_facts *facts, const struct catalog_uses *uses)
{
    struct reach reach = {0};
    for (size_t i = 0; i < uses->types.count; i++)
        add(&reach, uses->types.items[i]);
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_fact_relation *relation =
            catalog_facts_relation(facts, uses->relations[i].oid);
        add(&reach, relation ? relation->row_type : 0);
        for (size_t k = 0; relation && k < relation->column_count; k++)
            add(&reach, relation->columns[k].type);
    }
    for (size_t i = 0; i < uses->functions.count; i++) {
        const struct catalog_fact_function *function =
            catalog_facts_function(facts, uses->functions.items[i]);
        add(&reach, function ? function->returns : 0);
    }
    for (size_t i = 0; i < reach.count; i++) { /* grows while it is walked */
        const struct catalog_fact_type *type = catalog_facts_type(facts, reach.types[i]);
        if (!type)
            continue;
        add(&reach, type->element);
        add(&reach, type->base);
        for (size_t k = 0; k < type->attributes.count; k++)
            add(&reach, type->attributes.items[k]);
    }
    return reach;
}

static bool has(const struct reach *reach, Oid type)
{
    for (size_t i = 0; i < reach->count; i++) {
        if (reach->types[i] == type)
            return true;
    }
    return false;
}

static bool has_text_cast(const struct catalog_facts *facts, const struct catalog_uses *uses)
{
    for (size_t i = 0; i < uses->functions.count; i++) {
        const struct catalog_fact_function *function =
            catalog_facts_function(facts, uses->functions.items[i]);
        if (function && casts_to_text(function))
            return true;
    }
    return false;
}

/* A function that a value of the type would call. */
static bool may_call(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct reach *reach, Oid type, Oid oid, struct guard_finding *ret)
{
    const struct catalog_fact_function *function = oid ? catalog_facts_function(facts, oid) : NULL;
    return !function || guard_policy_function(policy, function, ret) || !has(reach, type);
}

bool guard_hidden_calls_check(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_uses *uses, struct guard_finding *ret)
{
    bool casts = facts->cast_count > 0 && has_text_cast(facts, uses);
    if (!casts && facts->comparison_count == 0)
        return true;
    struct reach reach = reach_of(facts, uses);
    bool fine = true;
    for (size_t i = 0; fine && casts && i < facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &facts->casts[i];
        fine = cast->target != TEXT_OID ||
               may_call(policy, facts, &reach, cast->source, cast->function, ret);
    }
    for (size_t i = 0; fine && i < facts->comparison_count; i++) {
        const struct catalog_fact_comparison *comparison = &facts->comparisons[i];
        fine = may_call(policy, facts, &reach, comparison->type, comparison->function, ret);
    }
    talloc_free(reach.types);
    return fine;
}

bool guard_hidden_calls_are_built_in(const struct catalog_facts *facts,
    const struct catalog_uses *uses)
{
    struct reach reach = reach_of(facts, uses);
    bool built_in = true;
    for (size_t i = 0; i < reach.count; i++) {
        const struct catalog_fact_type *type = catalog_facts_type(facts, reach.types[i]);
        built_in &= !type || (catalog_oids_are_built_in(&type->functions) &&
                                 catalog_oids_are_built_in(&type->operators));
    }
    for (size_t i = 0; i < facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &facts->casts[i];
        built_in &= cast->target != TEXT_OID || cast->function < CATALOG_FIRST_USER_OID ||
                    !has(&reach, cast->source);
    }
    for (size_t i = 0; i < facts->comparison_count; i++)
        built_in &= facts->comparisons[i].function < CATALOG_FIRST_USER_OID ||
                    !has(&reach, facts->comparisons[i].type);
    talloc_free(reach.types);
    return built_in;
}
