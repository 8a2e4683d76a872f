/*
 * The local resolver's view of types: which a query can have values of, and what that can call.
 *
 * In play are the types of the columns that are read, those that the query names, those of the
 * functions and operators that it could mean, and what is in them; the built-in ones always. A
 * type that is not in play can only come of a literal.
 */
#include "guard/local.h"

#include "catalog/catalog.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { OID_BOOL = 16, OID_TEXT = 25, OID_JSON = 114, OID_JSONB = 3802, OID_REGCLASS = 2205 };

/* The facts do not tell what the built-in types are called. A target that is not here (an array
 * by its own name, a row of a system catalog) can be any type. */
static const struct {
    const char *name;
    Oid oid;
} builtin[] = {{"bool", OID_BOOL}, {"bytea", 17}, {"char", 18}, {"name", 19}, {"int8", 20},
    {"int2", 21}, {"int2vector", 22}, {"int4", 23}, {"regproc", 24}, {"text", OID_TEXT},
    {"oid", 26}, {"tid", 27}, {"xid", 28}, {"cid", 29}, {"oidvector", 30}, {"json", OID_JSON},
    {"xml", 142}, {"point", 600}, {"lseg", 601}, {"path", 602}, {"box", 603}, {"polygon", 604},
    {"line", 628}, {"cidr", 650}, {"float4", 700}, {"float8", 701}, {"circle", 718},
    {"macaddr8", 774}, {"money", 790}, {"macaddr", 829}, {"inet", 869}, {"aclitem", 1033},
    {"bpchar", 1042}, {"varchar", 1043}, {"date", 1082}, {"time", 1083}, {"timestamp", 1114},
    {"timestamptz", 1184}, {"interval", 1186}, {"timetz", 1266}, {"bit", 1560}, {"varbit", 1562},
    {"numeric", 1700}, {"refcursor", 1790}, {"regprocedure", 2202}, {"regoper", 2203},
    {"regoperator", 2204}, {"regclass", OID_REGCLASS}, {"regtype", 2206}, {"uuid", 2950},
    {"txid_snapshot", 2970}, {"pg_lsn", 3220}, {"tsvector", 3614}, {"tsquery", 3615},
    {"regconfig", 3734}, {"regdictionary", 3769}, {"jsonb", OID_JSONB}, {"int4range", 3904},
    {"numrange", 3906}, {"tsrange", 3908}, {"tstzrange", 3910}, {"daterange", 3912},
    {"int8range", 3926}, {"jsonpath", 4072}, {"regnamespace", 4089}, {"regrole", 4096},
    {"regcollation", 4191}, {"int4multirange", 4451}, {"nummultirange", 4532},
    {"tsmultirange", 4533}, {"tstzmultirange", 4534}, {"datemultirange", 4535},
    {"int8multirange", 4536}, {"pg_snapshot", 5038}, {"xid8", 5069}};
enum { BUILTIN_COUNT = sizeof builtin / sizeof builtin[0] };

/* Built-in types without a default order or equality, so that somebody can have given them one:
 * json, xml, point, lseg, path, box, polygon, line, circle, jsonpath. */
static const Oid unordered[] = {OID_JSON, 142, 600, 601, 602, 603, 604, 628, 718, 4072};

void local_types_init(struct local *l)
{
    l->types = talloc_zero_array(l, unsigned char, (unsigned)l->facts->type_count + 1);
    l->in_play =
        talloc_array(l, const struct catalog_fact_type *, (unsigned)l->facts->type_count + 1);
    l->builtin_named = talloc_zero_array(l, int, BUILTIN_COUNT + 1);
}

static unsigned char *flags(const struct local *l, const struct catalog_fact_type *type)
{
    return &l->types[type - l->facts->types];
}

static void name_builtin(struct local *l, size_t i, json_int_t location)
{
    if (!l->builtin_named[i])
        l->builtin_named[i] = (int)location + 2;
}

static size_t builtin_index(Oid oid)
{
    size_t i = 0;
    while (i < BUILTIN_COUNT && builtin[i].oid != oid)
        i++;
    return i;
}

void local_types_add(struct local *l, Oid oid, unsigned how, json_int_t location)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, oid);
    if (!type) {
        if (how & LOCAL_NAMED && oid)
            name_builtin(l, builtin_index(oid), location);
        return;
    }
    if ((*flags(l, type) & how) == how)
        return;
    if (!(*flags(l, type) & LOCAL_IN_PLAY))
        l->in_play[l->in_play_count++] = type;
    *flags(l, type) |= (unsigned char)how;
    bool same = type->kind == 'd';
    local_types_add(l, type->base, same ? how : how | LOCAL_INSIDE, location);
    local_types_add(l, type->element, how | LOCAL_INSIDE, location);
    for (size_t i = 0; i < type->attributes.count; i++)
        local_types_add(l, type->attributes.items[i], how | LOCAL_INSIDE, location);
    if (how & LOCAL_NAMED && type->kind == 'c') /* its attributes of built-in types */
        name_builtin(l, BUILTIN_COUNT, location);
}

void local_types_add_unknown(struct local *l, const char *extension)
{
    l->unknown |= !extension;
    for (size_t i = 0; extension && i < l->facts->type_count; i++) {
        const struct catalog_fact_type *type = &l->facts->types[i];
        if (type->extension && strcmp(type->extension, extension) == 0)
            local_types_add(l, type->oid, LOCAL_IN_PLAY, -1);
    }
}

static bool is_in_play(const struct local *l, Oid oid)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, oid);
    if (!type || l->unknown || *flags(l, type) & (LOCAL_IN_PLAY | LOCAL_NAMED))
        return true;
    if (type->element)
        return is_in_play(l, type->element);
    return type->kind == 'm' && is_in_play(l, type->base);
}

static bool is_named(const struct local *l, Oid oid, json_int_t *ret_location)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, oid);
    if (type && type->element)
        return is_named(l, type->element, ret_location);
    if (type)
        return *flags(l, type) & LOCAL_NAMED;
    int at = l->builtin_named[builtin_index(oid)];
    if (!at)
        at = l->builtin_named[BUILTIN_COUNT];
    *ret_location = at - 2;
    return at > 0;
}

bool local_types_accept(const struct local *l, Oid wanted, const json_t *argument)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, wanted);
    if (!type || type->kind == 'c') /* a row of any kind becomes one of this */
        return true;
    if (type->kind == 'd')
        return local_types_accept(l, type->base, argument);
    if (type->element && local_types_accept(l, type->element, argument))
        return true;
    return is_in_play(l, wanted) || local_may_be_literal(argument);
}

bool local_types_harmless(struct local *l, Oid oid, struct guard_finding *ret)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, oid);
    if (!type || *flags(l, type) & LOCAL_HARMLESS)
        return true;
    if (!guard_policy_type(l->policy, l->facts, type, ret))
        return false;
    *flags(l, type) |= LOCAL_HARMLESS;
    return true;
}

/* Which of the built-in types an unqualified name or one of pg_catalog means; BUILTIN_COUNT for
 * those that are not listed, and more when it is none. */
static size_t builtin_named(const struct local *l, const char *schema, const char *name)
{
    if (schema && strcmp(schema, "pg_catalog") != 0)
        return BUILTIN_COUNT + 1;
    size_t i = 0;
    while (i < BUILTIN_COUNT && strcmp(builtin[i].name, name) != 0)
        i++;
    bool listed = i < BUILTIN_COUNT || *name == '_' || schema ||
                  catalog_facts_find_relation(l->facts, "pg_catalog", name);
    return listed ? i : BUILTIN_COUNT + 1;
}

void local_types_name_unwritten(struct local *l, Oid function)
{
    name_builtin(l, function < CATALOG_FIRST_USER_OID ? builtin_index(OID_TEXT) : BUILTIN_COUNT,
        -1);
}

bool local_types_name(struct local *l, const char *schema, const char *name, json_int_t location)
{
    size_t i = builtin_named(l, schema, name);
    const struct catalog_fact_type *type = catalog_facts_find_type(l->facts, schema, name);
    if (!type || i <= BUILTIN_COUNT)
        name_builtin(l, i < BUILTIN_COUNT ? i : BUILTIN_COUNT, location);
    if (!type)
        return true;
    local_types_add(l, type->oid, LOCAL_IN_PLAY | LOCAL_NAMED, location);
    struct guard_finding finding;
    return local_types_harmless(l, type->oid, &finding) || local_deny(l, location, &finding);
}

/* An expression that an assignment cast could be applied to. */
static bool is_computed(const json_t *node)
{
    const json_t *cast = json_object_get(node, "TypeCast");
    if (cast)
        node = json_object_get(cast, "arg");
    return node && !json_object_get(node, "A_Const");
}

void local_types_gather(struct local *l, const char *key, const json_t *value)
{
    static const struct {
        const char *key;
        enum { COUNT, CONVERSION, COMPARISON } what;
    } marks[] = {{"limitCount", COUNT}, {"limitOffset", COUNT}, {"startOffset", COUNT},
        {"endOffset", COUNT}, {"lidx", COUNT}, {"uidx", COUNT}, {"XmlExpr", CONVERSION},
        {"XmlSerialize", CONVERSION}, {"RangeTableFunc", CONVERSION},
        {"RangeTableSample", CONVERSION}, {"sortClause", COMPARISON}, {"groupClause", COMPARISON},
        {"distinctClause", COMPARISON}, {"partitionClause", COMPARISON},
        {"orderClause", COMPARISON}, {"agg_order", COMPARISON}, {"agg_distinct", COMPARISON},
        {"MinMaxExpr", COMPARISON}, {"cycle_clause", COMPARISON}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (*key != *marks[i].key || strcmp(key, marks[i].key) != 0)
            continue;
        l->assigns |= marks[i].what == CONVERSION || (marks[i].what == COUNT && is_computed(value));
        l->compares |= marks[i].what == COMPARISON;
    }
    if (strncmp(key, "Json", 4) == 0) { /* constructors look for casts to json */
        l->assigns = true;
        name_builtin(l, builtin_index(OID_JSON), -1);
    }
    const char *text = json_string_value(value);
    l->compares |= text && strncmp(text, "SETOP_", 6) == 0 && strcmp(text, "SETOP_NONE") != 0;
    l->builds |= text && strcmp(text, "ARRAY_SUBLINK") == 0;
    for (size_t i = 0; strcmp(key, "elements") == 0 && i < json_array_size(value); i++)
        l->builds |= is_computed(json_array_get(value, i));
}

/* What an implicit cast makes of types in play is in play, too. */
static void follow_implicit_casts(struct local *l)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < l->facts->cast_count; i++) {
            const struct catalog_fact_cast *cast = &l->facts->casts[i];
            if (cast->context != 'i' || is_in_play(l, cast->target) || !is_in_play(l, cast->source))
                continue;
            local_types_add(l, cast->target, LOCAL_IN_PLAY, -1);
            more = true;
        }
    }
}

void local_types_resolve(struct local *l)
{
    for (size_t i = 0; i < l->table_count; i++) {
        const struct catalog_fact_relation *relation = l->tables[i].relation;
        bool row = l->tables[i].row || l->any_row;
        if (row)
            local_types_add(l, relation->row_type, LOCAL_IN_PLAY, -1);
        for (size_t k = 0; k < relation->column_count; k++) {
            if (row || local_columns_reads(l, relation->columns[k].name))
                local_types_add(l, relation->columns[k].type, LOCAL_IN_PLAY, -1);
        }
    }
    follow_implicit_casts(l);
}

static bool is_harmless(const struct local *l, Oid oid)
{
    struct guard_finding finding;
    return local_function_is_harmless(l, oid, &finding);
}

/* The user type of two, for messages. */
static const char *type_name(const struct local *l, Oid one, Oid other)
{
    const struct catalog_fact_type *type = catalog_facts_type(l->facts, one);
    if (!type)
        type = catalog_facts_type(l->facts, other);
    return type ? type->name : "any";
}

/* Whether the query could apply it. PostgreSQL makes conditions boolean by assignment casts; the
 * functions that look for casts to json themselves are refused where one is not harmless. */
static bool applies(const struct local *l, const struct catalog_fact_cast *cast,
    json_int_t *ret_location)
{
    if (!cast->function || !is_in_play(l, cast->source))
        return false;
    return cast->context == 'i' ||
           (cast->context == 'a' && (l->assigns || cast->target == OID_BOOL)) ||
           is_named(l, cast->target, ret_location);
}

static bool check_casts(struct local *l)
{
    for (size_t i = 0; i < l->facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &l->facts->casts[i];
        json_int_t location = -1;
        if (applies(l, cast, &location) && !is_harmless(l, cast->function))
            return local_refuse(l, location, "it calls a function that is not known to be harmless",
                "a cast of type %s is not available here",
                type_name(l, cast->source, cast->target));
    }
    return true;
}

static bool is_compared(const struct local *l, Oid oid)
{
    if (catalog_facts_type(l->facts, oid))
        return is_in_play(l, oid);
    bool found = false;
    for (size_t i = 0; l->compares && i < sizeof unordered / sizeof unordered[0]; i++)
        found |= oid == unordered[i];
    return found;
}

static bool is_condition(const struct local *l, const struct catalog_fact_operator *op)
{
    const struct catalog_fact_function *function = catalog_facts_function(l->facts, op->function);
    return function && function->returns == OID_BOOL;
}

static bool refuse_comparison(struct local *l, Oid type)
{
    return local_refuse(l, -1, "comparing them calls a function that is not known to be harmless",
        "values of type %s are not available here", type_name(l, type, type));
}

/* By operators that a default operator class of the type can have, and by its functions. */
static bool check_comparisons(struct local *l)
{
    for (size_t i = 0; i < l->facts->comparison_count; i++) {
        const struct catalog_fact_comparison *comparison = &l->facts->comparisons[i];
        if (is_compared(l, comparison->type) && !is_harmless(l, comparison->function))
            return refuse_comparison(l, comparison->type);
    }
    for (size_t i = 0; i < l->facts->operator_count; i++) {
        const struct catalog_fact_operator *op = &l->facts->operators[i];
        if (op->left == op->right && is_compared(l, op->left) && is_condition(l, op) &&
            !is_harmless(l, op->function))
            return refuse_comparison(l, op->left);
    }
    return true;
}

/* A domain over a scalar, as a column has it: literals beside it are made values of what it is
 * over, unless an array or a polymorphic function takes both. */
static bool stays_itself(const struct local *l, const struct catalog_fact_type *type)
{
    if (type->kind != 'd' || *flags(l, type) & LOCAL_INSIDE || l->builds)
        return false;
    const struct catalog_fact_type *base = catalog_facts_type(l->facts, type->base);
    while (base && base->kind == 'd')
        base = catalog_facts_type(l->facts, base->base);
    return !base || base->kind != 'c';
}

/* Values of types in play are made of literals that do not name them; rows and arrays by making
 * what is in them. */
static bool check_literals(struct local *l)
{
    for (size_t i = 0; i < l->in_play_count; i++) {
        const struct catalog_fact_type *type = l->in_play[i];
        struct guard_finding finding;
        if (type->kind != 'c' && !type->element && !stays_itself(l, type) &&
            !local_types_harmless(l, type->oid, &finding))
            return local_refuse(l, -1,
                "making one calls a function that is not known to be harmless",
                "values of type %s are not available here", type->name);
    }
    return true;
}

bool local_types_check_unwritten(struct local *l)
{
    return check_casts(l) && check_comparisons(l) && check_literals(l);
}

static bool check_regclass(struct local *l, const struct catalog_fact_relation *relation,
    json_int_t location)
{
    if (!relation)
        return true;
    Oid oid = relation->oid;
    const struct catalog_uses uses = {.regclasses = {&oid, 1}};
    struct guard_finding finding;
    return guard_policy_uses(l->policy, l->facts, &uses, &finding) ||
           local_deny(l, location, &finding);
}

bool local_types_check_regclass(struct local *l, const char *text, json_int_t location)
{
    if (strcmp(text, "-") == 0)
        return true;
    if (*text && strspn(text, "0123456789") == strlen(text))
        return check_regclass(l, catalog_facts_relation(l->facts, (Oid)strtoul(text, NULL, 10)),
            location);
    const char *schema, *name;
    if (!catalog_parse_name(l, text, &schema, &name) || strlen(name) > 63)
        return local_refuse(l, location, "it is no name of the form schema.table",
            "regclass '%.100s' is not available here", text);
    return check_regclass(l, catalog_facts_find_relation(l->facts, schema, name), location);
}

bool local_types_check_names(struct local *l, const char *name, json_int_t location)
{
    static const struct guard_finding finding = {.rule = GUARD_RULE_CATALOG};
    size_t i = builtin_named(l, NULL, *name == '_' ? name + 1 : name);
    return l->policy->catalog_access != GUARD_CATALOG_NONE || i >= BUILTIN_COUNT ||
           !catalog_type_names_objects(builtin[i].oid) || local_deny(l, location, &finding);
}

bool local_types_check(struct local *l, const char *key, const json_t *value)
{
    const char *schema;
    if (strcmp(key, "typeName") == 0 || strcmp(key, "TypeName") == 0) {
        const char *name = local_name(json_object_get(value, "names"), &schema);
        return !name || local_types_name(l, schema, name, local_location(value));
    }
    const json_t *type = json_object_get(value, "typeName");
    const char *name = local_name(json_object_get(type, "names"), &schema);
    const char *text = local_constant(json_object_get(value, "arg"));
    if (!name)
        return true;
    return text && strcmp(name, "regclass") == 0
               ? local_types_check_regclass(l, text, local_location(value))
               : local_types_check_names(l, name, local_location(value));
}
