/*
 * Casts to text that built-in functions make in a body of their own.
 *
 * `'a' || x`, quote_literal(x) and quote_nullable(x) take a value of any type, and cast it to text
 * where no tree tells of it. When a type has a cast to text that calls a function which may not be
 * called, they are refused for queries that may have a value of that type.
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
    if (type < CATALOG_FIRST_USER_OID)
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

bool guard_casts_check(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_uses *uses, struct guard_finding *ret)
{
    bool fine = true;
    for (size_t i = 0; fine && i < uses->functions.count; i++) {
        const struct catalog_fact_function *function =
            catalog_facts_function(facts, uses->functions.items[i]);
        fine = !function || !casts_to_text(function);
    }
    if (fine || facts->cast_count == 0)
        return true;
    fine = true;
    struct reach reach = reach_of(facts, uses);
    for (size_t i = 0; fine && i < facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &facts->casts[i];
        const struct catalog_fact_function *function =
            cast->target == TEXT_OID ? catalog_facts_function(facts, cast->function) : NULL;
        fine =
            !function || !has(&reach, cast->source) || guard_policy_function(policy, function, ret);
    }
    talloc_free(reach.types);
    return fine;
}
