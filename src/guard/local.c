/*
 * The local resolver: what a query could call, when the server's own analysis is not to be had.
 *
 * It knows names and not the types of expressions, so it asks what each name could resolve to on
 * the search path, and refuses when something untrusted is among that:
 *  - a function that takes as many arguments, and for a single one a type that it could be cast to;
 *  - a.b and (…).b, which call a function b unless b is certainly a column;
 *  - an operator of the name, also where the grammar hides it (IN, LIKE, BETWEEN, USING, CASE …);
 *  - a type that is named, with all that is in it: domains' checks, input functions, row types;
 *  - casts between types in play (local_types.c): implicit ones, those whose target is named,
 *    assignment casts where PostgreSQL applies them, and to json, which functions look for.
 * An argument of a user's type that is not in play (see local_types.c) is matched by a literal
 * only. Scopes are not followed: what a name means anywhere in the query counts everywhere.
 */
#include "guard/local.h"

#include "base/log.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

static const char exact_hint[] =
    "write it differently, or ask the operator for the exact analysis: security.analysis: server, "
    "or keep LOG messages of this role out of the server's log: ALTER ROLE … SET log_min_messages "
    "= fatal";

bool local_refuse(struct local *l, json_int_t location, const char *detail, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = talloc_vasprintf(l, format, args);
    va_end(args);
    log_warning("refused by its names, security.analysis: server can tell: %s", message);
    l->error = error_hint(
        error_detail(error_create(l->ctx, ERROR_REFUSED, "%s", message),
            "%s; without the server's own analysis pgparley cannot be sure that this one is safe",
            detail),
        exact_hint);
    l->error->position = guard_position(l->sql, location);
    return false;
}

bool local_deny(struct local *l, json_int_t location, const struct guard_finding *finding)
{
    l->error = guard_refusal(l->ctx, l->policy, l->facts, finding);
    l->error->position = guard_position(l->sql, location);
    return false;
}

const char *local_string(const json_t *node)
{
    const json_t *string = json_object_get(node, "String");
    const char *text = json_string_value(json_object_get(string, "sval"));
    return text ? text : json_string_value(json_object_get(string, "str")); /* before 15 */
}

const char *local_name(const json_t *list, const char **ret_schema)
{
    size_t count = json_array_size(list);
    if (ret_schema)
        *ret_schema = count > 1 ? local_string(json_array_get(list, count - 2)) : NULL;
    return count ? local_string(json_array_get(list, count - 1)) : NULL;
}

json_int_t local_location(const json_t *fields)
{
    const json_t *location = json_object_get(fields, "location");
    void *arg = json_object_iter(json_object_get(fields, "arg"));
    return location || !arg ? json_integer_value(location)
                            : local_location(json_object_iter_value(arg));
}

const char *local_constant(const json_t *node)
{
    const json_t *constant = json_object_get(node, "A_Const");
    const json_t *text = json_object_get(constant, "sval");
    return text ? json_string_value(json_object_get(text, "sval"))
                : local_string(json_object_get(constant, "val"));
}

static bool any_may_be_literal(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (local_may_be_literal(json_array_get(list, i)))
            return true;
    }
    return false;
}

bool local_may_be_literal(const json_t *node)
{
    const json_t *constant = json_object_get(node, "A_Const");
    if (!node || local_constant(node) || json_object_get(constant, "isnull") ||
        json_object_get(json_object_get(constant, "val"), "Null"))
        return true;
    const json_t *named = json_object_get(node, "NamedArgExpr");
    const json_t *collated = json_object_get(node, "CollateClause");
    if (named || collated)
        return local_may_be_literal(json_object_get(named ? named : collated, "arg"));
    return any_may_be_literal(json_object_get(json_object_get(node, "RowExpr"), "args")) ||
           any_may_be_literal(json_object_get(json_object_get(node, "List"), "items"));
}

/* Node types begin with a capital letter, their fields do not. */
static bool is_node(const char *key)
{
    return *key >= 'A' && *key <= 'Z';
}

static bool is_ascii(const char *text)
{
    while (*text && !(*text & 0x80))
        text++;
    return !*text;
}

/* Other encodings have other lengths, at which PostgreSQL cuts names, and other small letters.
 * Constants ("sval") and new names of columns ("name") are what they are. */
static bool check_name(struct local *l, const char *key, const json_t *value)
{
    if (strcmp(l->facts->encoding, "UTF8") == 0)
        return true;
    bool is_free = strcmp(key, "sval") == 0 || strcmp(key, "name") == 0;
    const char *name = is_free ? NULL : json_string_value(value);
    if (strcmp(key, "String") == 0)
        name = json_string_value(json_object_get(value, "sval"));
    return !name || is_ascii(name) ||
           local_refuse(l, -1, "the database is not in UTF-8, and may read names in another way",
               "the name %s is not available here", name);
}

static bool gather_names(const char *key, const json_t *value, void *arg)
{
    if (!check_name(arg, key, value))
        return false;
    if (is_node(key))
        local_columns_gather(arg, key, value);
    local_types_gather(arg, key, value);
    return true;
}

static bool gather_types(const char *key, const json_t *value, void *arg)
{
    return local_types_check(arg, key, value) &&
           (!is_node(key) || local_calls_check(arg, key, value));
}

static bool judge(const char *key, const json_t *value, void *arg)
{
    return !is_node(key) ||
           (local_columns_check(arg, key, value) && local_calls_check(arg, key, value));
}

static bool resolve(struct local *l, const json_t *query,
    const struct catalog_fact_relation *const *relations, size_t relation_count)
{
    if (!guard_walk(query, gather_names, l))
        return false;
    local_columns_resolve(l, relations, relation_count);
    if (!guard_walk(query, gather_types, l))
        return false;
    local_types_resolve(l);
    l->judging = true;
    return guard_walk(query, judge, l) && local_types_check_unwritten(l);
}

bool guard_local(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const json_t *query, const char *sql,
    const struct catalog_fact_relation *const *relations, size_t relation_count,
    struct error **ret_err)
{
    struct local *l = talloc_zero(ctx, struct local);
    l->ctx = ctx;
    l->policy = policy;
    l->facts = facts;
    l->sql = sql;
    l->functions = talloc_zero_array(l, unsigned char, (unsigned)facts->function_count + 1);
    local_types_init(l);
    struct error *error = resolve(l, query, relations, relation_count) ? NULL : l->error;
    talloc_free(l);
    return !error || error_raise(ret_err, error);
}
