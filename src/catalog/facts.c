/* Looking facts up: by OID in the arrays, by name in an index of pointers to their elements. */
#include "catalog/facts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* What relations, functions, operators and types all begin with. */
struct object {
    Oid oid;
    const char *schema, *name;
};

#define IS_OBJECT(type)                                                                    \
    _Static_assert(offsetof(struct type, oid) == offsetof(struct object, oid) &&           \
                       offsetof(struct type, schema) == offsetof(struct object, schema) && \
                       offsetof(struct type, name) == offsetof(struct object, name),       \
        #type " does not begin like the others")
IS_OBJECT(catalog_fact_relation);
IS_OBJECT(catalog_fact_function);
IS_OBJECT(catalog_fact_operator);
IS_OBJECT(catalog_fact_type);

/* By name, then schema. */
struct catalog_facts_index {
    const void **relations, **functions, **operators, **types;
};

/* ---- by OID ---- */

static int compare_oid(const void *key, const void *element)
{
    Oid wanted = *(const Oid *)key, oid = ((const struct object *)element)->oid;
    return (wanted > oid) - (wanted < oid);
}

#define BY_OID(array, count, oid) \
    ((count) > 0 ? bsearch(&(oid), (array), (count), sizeof *(array), compare_oid) : NULL)

const struct catalog_fact_relation *catalog_facts_relation(const struct catalog_facts *facts,
    Oid oid)
{
    return BY_OID(facts->relations, facts->relation_count, oid);
}

const struct catalog_fact_function *catalog_facts_function(const struct catalog_facts *facts,
    Oid oid)
{
    return BY_OID(facts->functions, facts->function_count, oid);
}

const struct catalog_fact_operator *catalog_facts_operator(const struct catalog_facts *facts,
    Oid oid)
{
    return BY_OID(facts->operators, facts->operator_count, oid);
}

const struct catalog_fact_type *catalog_facts_type(const struct catalog_facts *facts, Oid oid)
{
    return BY_OID(facts->types, facts->type_count, oid);
}

/* ---- by name ---- */

/* `schema` NULL: before every schema. */
static int compare_name(const char *schema, const char *name, const struct object *object)
{
    int order = strcmp(name, object->name);
    if (order != 0)
        return order;
    return schema ? strcmp(schema, object->schema) : -1;
}

static int compare_objects(const void *a, const void *b)
{
    const struct object *left = *(const void *const *)a, *right = *(const void *const *)b;
    int order = compare_name(left->schema, left->name, right);
    return order != 0 ? order : compare_oid(&left->oid, right);
}

static const void **sorted(const void *ctx, const void *array, size_t size, size_t count)
{
    const void **pointers = talloc_array(ctx, const void *, (unsigned)count);
    for (size_t i = 0; i < count; i++)
        pointers[i] = (const char *)array + i * size;
    if (count > 0)
        qsort(pointers, count, sizeof *pointers, compare_objects);
    return pointers;
}

#define SORTED(index, array, count) sorted((index), (array), sizeof *(array), (count))

void catalog_facts_make_index(struct catalog_facts *facts)
{
    struct catalog_facts_index *index = talloc(facts, struct catalog_facts_index);
    *index = (struct catalog_facts_index){
        .relations = SORTED(index, facts->relations, facts->relation_count),
        .functions = SORTED(index, facts->functions, facts->function_count),
        .operators = SORTED(index, facts->operators, facts->operator_count),
        .types = SORTED(index, facts->types, facts->type_count),
    };
    facts->index = index;
}

/* Where the first one is that does not sort before the name. */
static size_t lower_bound(const void *const *pointers, size_t count, const char *schema,
    const char *name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_name(schema, name, pointers[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const void *find_in(const void *const *pointers, size_t count, const char *schema,
    const char *name)
{
    size_t at = lower_bound(pointers, count, schema, name);
    return at < count && compare_name(schema, name, pointers[at]) == 0 ? pointers[at] : NULL;
}

static const void *find(const struct catalog_facts *facts, const void *const *pointers,
    size_t count, const char *schema, const char *name)
{
    if (schema)
        return find_in(pointers, count, schema, name);
    const void *found = NULL;
    for (size_t i = 0; !found && i < facts->search_path_count; i++)
        found = find_in(pointers, count, facts->search_path[i], name);
    return found;
}

const struct catalog_fact_relation *catalog_facts_find_relation(const struct catalog_facts *facts,
    const char *schema, const char *name)
{
    return find(facts, facts->index->relations, facts->relation_count, schema, name);
}

const struct catalog_fact_type *catalog_facts_find_type(const struct catalog_facts *facts,
    const char *schema, const char *name)
{
    return find(facts, facts->index->types, facts->type_count, schema, name);
}

static size_t find_all(const void **pointers, size_t count, const char *name, const void ***ret)
{
    size_t first = lower_bound(pointers, count, NULL, name), end = first;
    while (end < count && strcmp(((const struct object *)pointers[end])->name, name) == 0)
        end++;
    *ret = pointers + first;
    return end - first;
}

size_t catalog_facts_functions_named(const struct catalog_facts *facts, const char *name,
    const struct catalog_fact_function *const **ret)
{
    const void **found;
    size_t count = find_all(facts->index->functions, facts->function_count, name, &found);
    *ret = (const struct catalog_fact_function *const *)found;
    return count;
}

size_t catalog_facts_operators_named(const struct catalog_facts *facts, const char *name,
    const struct catalog_fact_operator *const **ret)
{
    const void **found;
    size_t count = find_all(facts->index->operators, facts->operator_count, name, &found);
    *ret = (const struct catalog_fact_operator *const *)found;
    return count;
}

bool catalog_facts_on_path(const struct catalog_facts *facts, const char *schema)
{
    for (size_t i = 0; i < facts->search_path_count; i++) {
        if (strcmp(facts->search_path[i], schema) == 0)
            return true;
    }
    return false;
}

bool catalog_oids_are_built_in(const struct catalog_oids *oids)
{
    bool built_in = true;
    for (size_t i = 0; i < oids->count; i++)
        built_in &= oids->items[i] != 0 && oids->items[i] < CATALOG_FIRST_USER_OID;
    return built_in;
}
