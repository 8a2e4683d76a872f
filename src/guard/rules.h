/*
 * The rules behind policy.h, each on one object alone; closure.c applies them to all that an
 * object reaches.
 */
#ifndef PGPARLEY_GUARD_RULES_H
#define PGPARLEY_GUARD_RULES_H

#include "guard/policy.h"

#include <stddef.h>
#include <stdint.h>

/* policy.c: of a relation that is read for itself, as a query or a view does. */
enum guard_rule guard_rule_relation(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation);
/* Of one whose rows are read with those of its parent. */
enum guard_rule guard_rule_child(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation);
/* Of one whose children are read: only blocked_tables holds against them. */
enum guard_rule guard_rule_ancestor(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation);
/* A view that is not looked into. */
bool guard_rule_trusts(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation);
/* Nothing that catalog_access could say opens it. */
bool guard_rule_is_sealed(const struct catalog_fact_relation *relation);
/* pg_catalog and information_schema. */
bool guard_rule_is_system(const struct catalog_fact_relation *relation);

/* family.c: a relation and all with which it has rows in common. Temporary children are left out:
 * the session has none, and PostgreSQL does not read those of others. */
enum guard_kinship { GUARD_ITSELF, GUARD_CHILD, GUARD_ANCESTOR };
struct guard_kin {
    const struct catalog_fact_relation *relation;
    enum guard_kinship kinship;
};
struct guard_family {
    struct guard_kin *members; /* the relation itself comes first */
    size_t count, size;
    struct guard_kin self; /* where a relation without relatives stands */
    uint8_t *seen;
};
/* `alone`: without its children. To be freed with guard_family_done(). */
void guard_family_init(struct guard_family *family, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, bool alone);
void guard_family_done(struct guard_family *family);

/* COLUMN, with the column in `*ret`, when one that is used is blocked as one of the relation or of
 * a relative; UNKNOWN when the facts do not have it. */
enum guard_rule guard_rule_columns(const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct catalog_fact_relation *relation,
    const struct catalog_used_relation *used, const struct catalog_fact_column **ret);

/* The byte of `*seen`, which is allocated when it is first needed, at `place` of `count`. */
uint8_t *guard_seen(uint8_t **seen, size_t count, ptrdiff_t place);

/* pattern.c */
bool guard_pattern_fits(const char *pattern, const char *name);
bool guard_pattern_is_plain(const char *pattern); /* without a wildcard */

/* functions.c */
struct guard_refusal {
    const char *why;     /* "it reads files of the server" */
    const char *instead; /* what to do, or NULL */
};
/* NULL when the function is known to be harmless. */
const struct guard_refusal *guard_function_refusal(const struct catalog_fact_function *function);
/* What comes with a range type: as harmless as the type. */
bool guard_function_makes_range(const struct catalog_fact_function *function);
/* Makes a value of the type that its argument says. As the input function of a type it calls only
 * what that type and those that it is made of call. */
bool guard_function_is_input(const struct catalog_fact_function *function);
/* Tells of objects that its arguments name or number, as catalogs do. */
bool guard_function_describes(const struct catalog_fact_function *function);
/* Takes the name of a type as text, and makes a value of it. */
bool guard_function_makes_any_type(const struct catalog_fact_function *function);
/* Calls the cast to json that a value's type has, which is nowhere in the tree. */
bool guard_function_casts_to_json(const struct catalog_fact_function *function);

#endif
