/*
 * The local resolver's view of calls: functions, attribute notation, operators, also those that
 * the grammar hides.
 *
 * Runs twice over the tree: first the types that results and arguments have come into play, then
 * candidates that are not trusted are refused, unless their arguments cannot be had.
 */
#include "guard/local.h"

#include <string.h>

enum { OID_REGCLASS = 2205, OID_RECORD = 2249, OID_INTERNAL = 2281, OID_TEXTANYCAT = 2003 };

/* Something that the query calls, by name. */
struct call {
    const char *schema, *name; /* schema NULL: that of the search path */
    json_int_t location;
    const json_t *arguments; /* nodes, NULL when they are not told apart */
    const json_t *ordered;   /* SortBy nodes behind them: WITHIN GROUP */
    size_t count;
};

static const json_t *argument(const struct call *call, size_t i)
{
    size_t direct = json_array_size(call->arguments);
    if (i < direct)
        return json_array_get(call->arguments, i);
    const json_t *sort = json_array_get(call->ordered, i - direct);
    return json_object_get(json_object_get(sort, "SortBy"), "node");
}

static bool is_reachable(const struct local *l, const char *wanted, const char *schema)
{
    return wanted ? strcmp(wanted, schema) == 0 : catalog_facts_on_path(l->facts, schema);
}

static bool is_temporary(const char *schema)
{
    return schema && strncmp(schema, "pg_temp", 7) == 0;
}

static bool refuse_temporary(struct local *l, const char *schema, const char *name,
    json_int_t location)
{
    return local_refuse(l, location, "it is of somebody's session", "%s.%s is not available here",
        schema, name);
}

static bool takes(const struct catalog_fact_function *function, size_t count)
{
    return count + function->default_count >= function->argument_count &&
           (count <= function->argument_count || function->variadic);
}

bool local_function_is_harmless(const struct local *l, Oid function, struct guard_finding *ret)
{
    const struct catalog_uses uses = {.functions = {&function, 1}};
    return guard_policy_uses(l->policy, l->facts, &uses, ret);
}

/* With the types of its arguments, of which literals can be made values. */
static bool is_trusted(struct local *l, const struct catalog_fact_function *function,
    struct guard_finding *ret)
{
    unsigned char *known = &l->functions[function - l->facts->functions];
    if (*known & LOCAL_TRUSTED)
        return true;
    bool trusted = local_function_is_harmless(l, function->oid, ret);
    for (size_t i = 0; trusted && i < function->argument_count; i++)
        trusted = local_types_harmless(l, function->arguments[i], ret);
    *known |= trusted ? LOCAL_TRUSTED : 0;
    return trusted;
}

static bool may_match(const struct local *l, const struct catalog_fact_function *function,
    const struct call *call)
{
    for (size_t i = 0; call->arguments && i < call->count; i++) {
        size_t k = i < function->argument_count ? i : function->argument_count - 1;
        if (!local_types_accept(l, function->arguments[k], argument(call, i)))
            return false;
    }
    return true;
}

enum polymorphism { FIXED, ELEMENT, CONTAINER };

static enum polymorphism polymorphism(Oid type)
{
    /* anyelement, anynonarray, anyenum, anycompatible, anycompatiblenonarray */
    static const Oid elements[] = {2283, 2776, 3500, 5077, 5079};
    /* anyarray, anyrange, anymultirange, and those of anycompatible */
    static const Oid containers[] = {2277, 3831, 4537, 5078, 5080, 4538};
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        if (type == elements[i])
            return ELEMENT;
    }
    for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
        if (type == containers[i])
            return CONTAINER;
    }
    return FIXED;
}

/* The result's type, those that literals as arguments become, and what polymorphic arguments can
 * lead to: arrays of their type, literals beside them, and in a body that is SQL a cast. */
static void note_result(struct local *l, const struct catalog_fact_function *function)
{
    unsigned char *known = &l->functions[function - l->facts->functions];
    if (*known & LOCAL_NOTED)
        return;
    *known |= LOCAL_NOTED;
    size_t counts[3] = {0};
    for (size_t i = 0; i < function->argument_count; i++) {
        local_types_add(l, function->arguments[i], LOCAL_IN_PLAY, -1);
        counts[polymorphism(function->arguments[i])]++;
    }
    local_types_add(l, function->returns, LOCAL_IN_PLAY, -1);
    size_t all = counts[ELEMENT] + counts[CONTAINER];
    l->builds |= (counts[ELEMENT] && (all > 1 || polymorphism(function->returns) == CONTAINER)) ||
                 (all && function->variadic);
    if (function->returns == OID_RECORD && function->oid >= CATALOG_FIRST_USER_OID)
        local_types_add_unknown(l, function->extension);
    if (all && strcmp(function->language, "sql") == 0)
        local_types_name_unwritten(l, function->oid);
}

static bool is_regclass(const json_t *node)
{
    const json_t *type = json_object_get(json_object_get(node, "TypeCast"), "typeName");
    const char *name = local_name(json_object_get(type, "names"), NULL);
    return name && strcmp(name, "regclass") == 0;
}

static bool check_regclasses(struct local *l, const struct catalog_fact_function *function,
    const struct call *call)
{
    for (size_t i = 0; i < call->count && i < function->argument_count; i++) {
        const char *text = local_constant(argument(call, i));
        if (function->arguments[i] != OID_REGCLASS || is_regclass(argument(call, i)))
            continue; /* a cast is looked at by itself */
        if (text ? !local_types_check_regclass(l, text, call->location)
                 : !local_types_check_names(l, "regclass", call->location))
            return false;
    }
    return true;
}

static bool check_candidates(struct local *l, const struct call *call)
{
    const struct catalog_fact_function *const *functions;
    size_t count = catalog_facts_functions_named(l->facts, call->name, &functions);
    struct guard_finding finding, denied = {.rule = GUARD_RULE_NONE};
    bool sure = call->arguments || call->count == 0;
    for (size_t i = 0; i < count; i++) {
        const struct catalog_fact_function *function = functions[i];
        if (!is_reachable(l, call->schema, function->schema) || !takes(function, call->count))
            continue;
        if (is_trusted(l, function, &finding)) {
            sure = false;
            if (!l->judging)
                note_result(l, function);
            else if (!check_regclasses(l, function, call))
                return false;
        } else if (l->judging && may_match(l, function, call)) {
            denied = finding;
        }
    }
    if (denied.rule == GUARD_RULE_NONE)
        return true;
    if (sure)
        return local_deny(l, call->location, &denied);
    return local_refuse(l, call->location, "there is a function of this name that is not allowed",
        call->arguments ? "function %s(…) is not available here"
                        : "%s could be a function that is not available here",
        call->name);
}

/* Of one argument it can also be a cast to the type of that name. As an attribute it makes no row
 * of another row, and what a row is made of text with is looked at as being in it. */
static bool check_cast(struct local *l, const struct call *call)
{
    const struct catalog_fact_type *type =
        call->count == 1 ? catalog_facts_find_type(l->facts, call->schema, call->name) : NULL;
    if (!type || l->judging)
        return true;
    if (call->arguments || type->kind != 'c')
        return local_types_name(l, call->schema, call->name, call->location);
    local_types_add(l, type->oid, LOCAL_IN_PLAY, call->location);
    return true;
}

static bool check_call(struct local *l, const struct call *call)
{
    if (is_temporary(call->schema))
        return refuse_temporary(l, call->schema, call->name, call->location);
    if (call->count == 1 && !local_types_check_names(l, call->name, call->location))
        return false;
    return check_cast(l, call) && check_candidates(l, call);
}

static bool check_function(struct local *l, const json_t *value)
{
    struct call call = {.location = local_location(value),
        .arguments = json_object_get(value, "args")};
    call.name = local_name(json_object_get(value, "funcname"), &call.schema);
    if (!call.name)
        return true;
    if (json_is_true(json_object_get(value, "agg_within_group")))
        call.ordered = json_object_get(value, "agg_order");
    call.count = json_array_size(call.arguments) + json_array_size(call.ordered);
    const char *text = call.count == 1 ? local_constant(argument(&call, 0)) : NULL;
    if (l->judging && text && strcmp(call.name, "regclass") == 0 &&
        !local_types_check_regclass(l, text, call.location))
        return false;
    for (size_t i = 0; i < json_array_size(call.arguments); i++) {
        if (json_object_get(json_array_get(call.arguments, i), "NamedArgExpr"))
            call.arguments = NULL;
    }
    return check_call(l, &call);
}

/* a.b: what b could be but a column. Then the row that a means is its argument. */
static bool check_attribute(struct local *l, const char *name, json_int_t location)
{
    const struct call call = {.name = name, .location = location, .count = 1};
    const struct catalog_fact_function *const *functions;
    if (!l->judging && catalog_facts_functions_named(l->facts, name, &functions))
        l->any_row = true;
    return check_call(l, &call);
}

static bool check_reference(struct local *l, const json_t *value)
{
    const json_t *fields = json_object_get(value, "fields");
    const char *last = local_name(fields, NULL);
    if (!last || json_array_size(fields) < 2 || local_is_column(l, fields))
        return true;
    return check_attribute(l, last, local_location(value));
}

static bool check_indirection(struct local *l, const json_t *value)
{
    const json_t *list = json_object_get(value, "indirection");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = local_string(json_array_get(list, i));
        if (name && !check_attribute(l, name, local_location(value)))
            return false;
    }
    return true;
}

/* A table sampling method is a function on the path, without arguments that a query could give. */
static bool check_sample(struct local *l, const json_t *value)
{
    const char *schema, *name = local_name(json_object_get(value, "method"), &schema);
    const struct catalog_fact_function *const *functions;
    size_t count = name ? catalog_facts_functions_named(l->facts, name, &functions) : 0;
    struct guard_finding finding;
    for (size_t i = 0; l->judging && i < count; i++) {
        const struct catalog_fact_function *function = functions[i];
        if (is_reachable(l, schema, function->schema) && function->argument_count == 1 &&
            function->arguments[0] == OID_INTERNAL &&
            !guard_policy_function(l->policy, function, &finding))
            return local_deny(l, local_location(value), &finding);
    }
    return true;
}

struct operation {
    const char *schema, *name;
    json_int_t location;
    const json_t *left, *right; /* NULL when they are not told apart */
    bool unary;
};

static bool fits(const struct local *l, Oid operand, const json_t *value)
{
    return !operand || local_types_accept(l, operand, value);
}

static bool check_operator(struct local *l, const struct operation *operation)
{
    if (!operation->name)
        return true;
    if (is_temporary(operation->schema))
        return refuse_temporary(l, operation->schema, operation->name, operation->location);
    const struct catalog_fact_operator *const *operators;
    size_t count = catalog_facts_operators_named(l->facts, operation->name, &operators);
    struct guard_finding finding;
    if (strcmp(operation->name, "||") == 0)
        local_types_name_unwritten(l, OID_TEXTANYCAT);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_fact_operator *op = operators[i];
        const struct catalog_fact_function *function =
            catalog_facts_function(l->facts, op->function);
        if (!is_reachable(l, operation->schema, op->schema) ||
            operation->unary != (!op->left || !op->right))
            continue;
        if (function && is_trusted(l, function, &finding)) {
            if (!l->judging)
                note_result(l, function);
        } else if (l->judging && fits(l, op->left, operation->left) &&
                   fits(l, op->right, operation->right)) {
            return local_refuse(l, operation->location,
                "there is an operator of this name that is not allowed",
                "operator %s is not available here", operation->name);
        }
    }
    return true;
}

static bool check_named_operator(struct local *l, const json_t *names, const json_t *left,
    const json_t *right, json_int_t location)
{
    struct operation operation = {.location = location, .left = left, .right = right};
    operation.name = local_name(names, &operation.schema);
    return check_operator(l, &operation);
}

static bool check_equality(struct local *l, const json_t *left, const json_t *right,
    json_int_t location)
{
    const struct operation equals = {.name = "=",
        .location = location,
        .left = left,
        .right = right};
    return check_operator(l, &equals);
}

static bool check_expression(struct local *l, const json_t *value)
{
    static const char *const between[] = {"<", ">", "<=", ">="};
    const char *kind = json_string_value(json_object_get(value, "kind"));
    struct operation operation = {.location = local_location(value),
        .left = json_object_get(value, "lexpr"),
        .right = json_object_get(value, "rexpr")};
    operation.unary = !operation.left || !operation.right;
    operation.name = local_name(json_object_get(value, "name"), &operation.schema);
    if (!kind || !strstr(kind, "BETWEEN"))
        return check_operator(l, &operation);
    for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
        operation.name = between[i];
        if (!check_operator(l, &operation))
            return false;
    }
    return true;
}

static bool check_sublink(struct local *l, const json_t *value)
{
    const json_t *test = json_object_get(value, "testexpr");
    const json_t *names = json_object_get(value, "operName");
    if (names)
        return check_named_operator(l, names, test, value, local_location(value));
    return !test || check_equality(l, test, value, local_location(value));
}

static bool check_join(struct local *l, const json_t *value)
{
    bool merges =
        json_object_get(value, "usingClause") || json_is_true(json_object_get(value, "isNatural"));
    return !merges || check_equality(l, value, value, -1);
}

bool local_calls_check(struct local *l, const char *key, const json_t *value)
{
    if (strcmp(key, "FuncCall") == 0)
        return check_function(l, value);
    if (strcmp(key, "ColumnRef") == 0)
        return check_reference(l, value);
    if (strcmp(key, "A_Indirection") == 0)
        return check_indirection(l, value);
    if (strcmp(key, "RangeTableSample") == 0)
        return check_sample(l, value);
    if (strcmp(key, "A_Expr") == 0)
        return check_expression(l, value);
    if (strcmp(key, "SubLink") == 0)
        return check_sublink(l, value);
    if (strcmp(key, "CaseExpr") == 0)
        return !json_object_get(value, "arg") ||
               check_equality(l, NULL, NULL, local_location(value));
    if (strcmp(key, "JoinExpr") == 0)
        return check_join(l, value);
    if (strcmp(key, "SortBy") == 0)
        return check_named_operator(l, json_object_get(value, "useOp"), value, value,
            local_location(value));
    return true;
}
