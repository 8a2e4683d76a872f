/*
 * Inheritance and partitions: whose rows are read with those of a relation, and under which names
 * its columns may be blocked.
 */
#include "guard/rules.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

uint8_t *guard_seen(uint8_t **seen, size_t count, ptrdiff_t place)
{
    assert(place >= 0 && (size_t)place < count);
    if (!*seen)
        *seen = talloc_zero_array(NULL, uint8_t, (unsigned)count);
    return &(*seen)[place];
}

static void add(const struct catalog_facts *facts, struct guard_family *family,
    const struct catalog_fact_relation *relation, enum guard_kinship kinship)
{
    uint8_t *seen = guard_seen(&family->seen, facts->relation_count, relation - facts->relations);
    uint8_t bit = (uint8_t)(1 << kinship);
    if (*seen & bit)
        return;
    *seen |= bit;
    if (family->count == family->size) {
        family->size = family->size ? 2 * family->size : 16;
        family->members =
            talloc_realloc(NULL, family->members, struct guard_kin, (unsigned)family->size);
    }
    family->members[family->count++] = (struct guard_kin){relation, kinship};
}

static bool is_temporary(const struct catalog_fact_relation *relation)
{
    return strncmp(relation->schema, "pg_temp_", strlen("pg_temp_")) == 0;
}

/* A child's rows are rows of all its parents, also of those that the query does not name. */
void guard_family_init(struct guard_family *family, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, bool alone)
{
    *family = (struct guard_family){.members = &family->self,
        .count = 1,
        .self = {relation, GUARD_ITSELF}};
    if (!relation->parent_count && (alone || !relation->child_count))
        return;
    *family = (struct guard_family){.members = NULL};
    add(facts, family, relation, GUARD_ITSELF);
    for (size_t i = 0; i < family->count; i++) {
        struct guard_kin kin = family->members[i];
        for (size_t k = 0; k < kin.relation->parent_count; k++)
            add(facts, family, kin.relation->parents[k], GUARD_ANCESTOR);
        if (kin.kinship == GUARD_ANCESTOR || (kin.kinship == GUARD_ITSELF && alone))
            continue;
        for (size_t k = 0; k < kin.relation->child_count; k++) {
            if (!is_temporary(kin.relation->children[k]))
                add(facts, family, kin.relation->children[k], GUARD_CHILD);
        }
    }
}

void guard_family_done(struct guard_family *family)
{
    talloc_free(family->seen);
    if (family->members != &family->self)
        talloc_free(family->members);
}

/* ---- columns ---- */

static const struct catalog_fact_column *column_of(const struct catalog_fact_relation *relation,
    int number)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        if (relation->columns[i].number == number)
            return &relation->columns[i];
    }
    return NULL;
}

/* The first pattern of blocked_columns that is about the table, from `i` on; the count if none. */
static size_t next_pattern(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation, size_t i)
{
    const struct guard_patterns *blocked = &policy->blocked_columns;
    for (; i < blocked->count; i++) {
        const struct guard_pattern *pattern = &blocked->items[i];
        if (guard_pattern_fits(pattern->name, relation->name) &&
            (!pattern->schema || guard_pattern_fits(pattern->schema, relation->schema)))
            break;
    }
    return i;
}

static bool is_blocked(const struct guard_policy *policy,
    const struct catalog_fact_relation *relation, const char *column)
{
    size_t count = policy->blocked_columns.count;
    for (size_t i = next_pattern(policy, relation, 0); i < count;
         i = next_pattern(policy, relation, i + 1)) {
        if (guard_pattern_fits(policy->blocked_columns.items[i].column, column))
            return true;
    }
    return false;
}

/* Of the columns that `used` has of `relation`: relatives have them under the same names. */
static const struct catalog_fact_column *blocked_as(const struct guard_policy *policy,
    const struct catalog_fact_relation *relative, const struct catalog_fact_relation *relation,
    const struct catalog_used_relation *used)
{
    if (next_pattern(policy, relative, 0) == policy->blocked_columns.count)
        return NULL; /* as with most of a thousand partitions */
    size_t count = used->whole ? relation->column_count : used->column_count;
    for (size_t i = 0; i < count; i++) {
        const struct catalog_fact_column *column =
            used->whole ? &relation->columns[i] : column_of(relation, used->columns[i]);
        if (column && is_blocked(policy, relative, column->name))
            return column;
    }
    return NULL;
}

enum guard_rule guard_rule_columns(const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct catalog_fact_relation *relation,
    const struct catalog_used_relation *used, const struct catalog_fact_column **ret)
{
    enum { SEQUENCE = 'S' };
    if (!policy->blocked_columns.count || guard_rule_is_system(relation) ||
        relation->kind == SEQUENCE)
        return GUARD_RULE_NONE;
    for (size_t i = 0; i < used->column_count; i++) {
        if (!column_of(relation, used->columns[i]))
            return GUARD_RULE_UNKNOWN;
    }
    struct guard_family family;
    const struct catalog_fact_column *column = NULL;
    guard_family_init(&family, facts, relation, used->alone);
    for (size_t i = 0; !column && i < family.count; i++)
        column = blocked_as(policy, family.members[i].relation, relation, used);
    guard_family_done(&family);
    if (!column)
        return GUARD_RULE_NONE;
    *ret = column;
    return GUARD_RULE_COLUMN;
}

bool guard_policy_column(const struct guard_policy *policy, const struct catalog_facts *facts,
    const struct catalog_fact_relation *relation, const char *column)
{
    if (!policy->blocked_columns.count || guard_rule_is_system(relation))
        return true;
    struct guard_family family;
    bool fine = true;
    guard_family_init(&family, facts, relation, false);
    for (size_t i = 0; fine && i < family.count; i++)
        fine = !is_blocked(policy, family.members[i].relation, column);
    guard_family_done(&family);
    return fine;
}
