/*
 * What a finding says: to the client, who must not hear of what is not shown, and to the operator,
 * who wants to know which key decides.
 */
#include "guard/rules.h"

#include "base/str.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

/* ---- for the client ---- */

static const char list_hint[] = "get_database_schema lists what is";

struct error *guard_unseen(const void *ctx, const char *name)
{
    struct error *error = error_create(ctx, ERROR_REFUSED,
        "relation \"%s\" does not exist or is not shown here", name);
    memcpy(error->sqlstate, "42P01", 6); /* undefined_table */
    return error;
}

static struct error *not_available(const void *ctx, const char *name, const char *detail)
{
    struct error *error = error_create(ctx, ERROR_REFUSED, "\"%s\" is not available here", name);
    return error_hint(error_detail(error, "%s", detail), list_hint);
}

static void put_name(struct str *out, const char *name)
{
    bool plain = !name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")];
    if (plain && !strchr("0123456789", name[0])) {
        str_puts(out, name);
        return;
    }
    str_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            str_putc(out, '"');
        str_putc(out, *name);
    }
    str_putc(out, '"');
}

/* A column that the query names, with the same words as one that is not there. */
static struct error *unseen_column(const void *ctx, const char *name)
{
    struct error *error =
        error_create(ctx, ERROR_REFUSED, "column %s does not exist or is not shown here", name);
    memcpy(error->sqlstate, "42703", 6); /* undefined_column */
    return error;
}

static struct error *hidden_column(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_finding *finding)
{
    enum { LISTED_MOST = 40 };
    const struct catalog_fact_relation *relation = finding->relation;
    if (finding->name)
        return unseen_column(ctx, finding->name);
    struct str names;
    str_init(&names, ctx, 8192);
    size_t listed = 0;
    for (size_t i = 0; listed < LISTED_MOST && i < relation->column_count; i++) {
        const char *name = relation->columns[i].name;
        if (!guard_policy_column(policy, facts, relation, name))
            continue;
        str_puts(&names, listed++ ? ", " : "");
        put_name(&names, name);
    }
    struct error *error = error_create(ctx, ERROR_REFUSED,
        "not all columns of \"%s\" are shown here", relation->name);
    error_detail(error, "* and the row as a whole have them all");
    return listed ? error_hint(error, "name the columns you need: %s", str_get(&names)) : error;
}

/* As the query wrote it, if that is known. */
static struct error *unseen(const void *ctx, const struct guard_finding *finding)
{
    assert(finding->name || finding->relation);
    return guard_unseen(ctx, finding->name ? finding->name : finding->relation->name);
}

static struct error *about_relation(const void *ctx, const struct guard_finding *finding)
{
    const struct catalog_fact_relation *relation = finding->relation;
    const struct catalog_fact_type *type = finding->type;
    if (!relation && finding->rule == GUARD_RULE_CATALOG)
        return error_hint(error_create(ctx, ERROR_REFUSED,
                              "names of objects are not available here, as regclass has them"),
            "get_database_schema describes tables and columns");
    if (!relation)
        return unseen(ctx, finding);
    if (type && type->relation != relation->oid)
        return not_available(ctx, type->name, "it is made of what this server does not show");
    if (finding->rule != GUARD_RULE_CATALOG || finding->behind || !guard_rule_is_system(relation))
        return unseen(ctx, finding);
    struct error *error = error_create(ctx, ERROR_REFUSED,
        "system catalog \"%s\" is not available here", relation->name);
    return error_hint(error, "get_database_schema describes tables and columns");
}

/* A cast calls it without its name; NULL when none does. */
static const char *cast_hint(const void *ctx, const struct catalog_facts *facts, Oid function)
{
    for (size_t i = 0; i < facts->cast_count; i++) {
        const struct catalog_fact_cast *cast = &facts->casts[i];
        if (cast->function != function)
            continue;
        const struct catalog_fact_type *type = catalog_facts_type(facts, cast->source);
        bool from = type != NULL;
        if (!from)
            type = catalog_facts_type(facts, cast->target);
        if (type)
            return talloc_asprintf(ctx, "leave out the cast %s \"%s\" that calls it",
                from ? "from" : "to", type->name);
    }
    return NULL;
}

static struct error *about_function(const void *ctx, const struct catalog_facts *facts,
    const struct guard_finding *finding)
{
    const struct catalog_fact_function *function = finding->function;
    if (finding->relation)
        return unseen(ctx, finding);
    if (finding->type) {
        struct error *error = not_available(ctx, finding->type->name,
            "making a value of this type calls functions that are not available here");
        return error_hint(error, "cast to a built-in type");
    }
    if (finding->op) {
        struct error *error = error_create(ctx, ERROR_REFUSED,
            "operator %s of \"%s\" is not available here", finding->op->name, finding->op->schema);
        return error_hint(error_detail(error, "it calls a function; %s", finding->text),
            "write it with built-in operators");
    }
    struct error *error = error_create(ctx, ERROR_REFUSED, "function %s(%s) is not available here",
        function->name, function->argument_count ? "…" : "");
    error_detail(error, "%s", finding->text);
    const struct guard_refusal *refusal = guard_function_refusal(function);
    const char *hint = cast_hint(ctx, facts, function->oid);
    if (!hint && refusal)
        hint = refusal->instead;
    return hint ? error_hint(error, "%s", hint) : error;
}

static struct error *impure(const void *ctx, const struct guard_finding *finding)
{
    if (finding->relation)
        return unseen(ctx, finding);
    return error_detail(error_create(ctx, ERROR_REFUSED, "Only SELECT queries are allowed"),
        "the query contains %s", finding->text);
}

static struct error *unknown(const void *ctx)
{
    struct error *error =
        error_create(ctx, ERROR_REFUSED, "the query uses something that is not known here yet");
    error->retryable = true;
    return error_hint(error_detail(error, "the schema of the database has just changed"),
        "send the query again");
}

struct error *guard_finding_error(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts, const struct guard_finding *finding)
{
    switch (finding->rule) {
    case GUARD_RULE_COLUMN:
        if (!finding->behind)
            return hidden_column(ctx, policy, facts, finding);
        break;
    case GUARD_RULE_FUNCTION:
    case GUARD_RULE_UNTRUSTED:
        return about_function(ctx, facts, finding);
    case GUARD_RULE_IMPURE:
        return impure(ctx, finding);
    case GUARD_RULE_UNKNOWN:
        return unknown(ctx);
    case GUARD_RULE_NONE:
        assert(finding->rule != GUARD_RULE_NONE);
        break;
    case GUARD_RULE_SCHEMA:
    case GUARD_RULE_BLOCKED:
    case GUARD_RULE_UNLISTED:
    case GUARD_RULE_CATALOG:
    case GUARD_RULE_FOREIGN:
    case GUARD_RULE_EXTENSION:
        break;
    }
    return about_relation(ctx, finding);
}

/* ---- for the operator ---- */

static const char *kind_name(const struct catalog_fact_relation *relation)
{
    switch (relation->kind) {
    case 'v':
        return "view";
    case 'm':
        return "materialized view";
    case 'f':
        return "foreign table";
    case 'S':
        return "sequence";
    default:
        return "table";
    }
}

static bool is_view(const struct catalog_fact_relation *relation)
{
    return relation->kind == 'v' || relation->kind == 'm';
}

/* The list that decides by the name. */
static const char *list_key(enum guard_rule rule)
{
    if (rule == GUARD_RULE_BLOCKED)
        return "in security.blocked_tables";
    if (rule == GUARD_RULE_COLUMN)
        return "in security.blocked_columns";
    return rule == GUARD_RULE_SCHEMA ? "not in security.allowed_schemas"
                                     : "not in security.allowed_tables";
}

static const char *relation_key(enum guard_rule rule, const struct catalog_fact_relation *relation)
{
    if (rule == GUARD_RULE_CATALOG)
        return guard_rule_is_sealed(relation) ? "a catalog that nothing opens"
                                              : "a catalog that security.catalog_access: all opens";
    if (rule == GUARD_RULE_FOREIGN)
        return "foreign: only by its full name in security.allowed_tables";
    if (rule == GUARD_RULE_EXTENSION)
        return is_view(relation)
                   ? "of an extension: only by its full name in security.allowed_views"
                   : "of an extension: only by its full name in security.allowed_tables";
    return list_key(rule);
}

static const char *relation_verb(const struct catalog_fact_relation *relation)
{
    if (is_view(relation))
        return "reads";
    return relation->kind == 'S' ? "belongs to" : "has rows in common with";
}

static char *relation_text(const void *ctx, const struct guard_finding *finding)
{
    const struct catalog_fact_relation *relation = finding->relation, *behind = finding->behind;
    if (!relation && finding->rule == GUARD_RULE_CATALOG)
        return talloc_strdup(ctx, "names of objects (catalogs that security.catalog_access opens)");
    if (!relation)
        return talloc_asprintf(ctx, "%s: %s", finding->name, list_key(finding->rule));
    const struct catalog_fact_relation *held = behind ? behind : relation;
    char *text = finding->type ? talloc_asprintf(ctx, "type %s.%s: ", finding->type->schema,
                                     finding->type->name)
                               : talloc_strdup(ctx, "");
    text = talloc_asprintf_append(text, "%s %s.%s", kind_name(relation), relation->schema,
        relation->name);
    if (behind)
        text = talloc_asprintf_append(text, " %s %s.%s", relation_verb(relation), behind->schema,
            behind->name);
    if (finding->column)
        text = talloc_asprintf_append(text, ", column %s", finding->column->name);
    text = talloc_asprintf_append(text, " (%s)", relation_key(finding->rule, held));
    return behind && is_view(relation)
               ? talloc_strdup_append(text, "; security.allowed_views would allow it")
               : text;
}

static char *function_text(const void *ctx, const struct guard_finding *finding)
{
    const struct catalog_fact_function *function = finding->function;
    const struct catalog_fact_relation *relation = finding->relation;
    char *text = talloc_strdup(ctx, "");
    if (relation)
        text = talloc_asprintf_append(text, "%s %s.%s: ", kind_name(relation), relation->schema,
            relation->name);
    if (finding->type)
        text = talloc_asprintf_append(text, "type %s.%s: ", finding->type->schema,
            finding->type->name);
    if (finding->op)
        text = talloc_asprintf_append(text, "operator %s.%s: ", finding->op->schema,
            finding->op->name);
    text = talloc_asprintf_append(text, "function %s.%s", function->schema, function->name);
    if (function->extension)
        text = talloc_asprintf_append(text, " of extension %s", function->extension);
    /* Else the matter is what it reaches, or where it is called. */
    const struct guard_refusal *refusal = guard_function_refusal(function);
    if (!refusal || strcmp(finding->text, refusal->why) != 0)
        return talloc_asprintf_append(text, " (%s)", finding->text);
    return talloc_asprintf_append(text,
        " (%s); security.allowed_functions: [%s.%s]%s would allow it", finding->text,
        function->schema, function->name,
        relation && is_view(relation) ? " or security.allowed_views" : "");
}

char *guard_finding_text(const void *ctx, const struct guard_finding *finding)
{
    switch (finding->rule) {
    case GUARD_RULE_FUNCTION:
    case GUARD_RULE_UNTRUSTED:
        return function_text(ctx, finding);
    case GUARD_RULE_IMPURE:
        return talloc_asprintf(ctx, "%s has %s, which is not part of a pure query",
            finding->relation ? finding->relation->name : "the query", finding->text);
    case GUARD_RULE_UNKNOWN:
        return talloc_asprintf(ctx, "object %u is not among those that were loaded", finding->oid);
    case GUARD_RULE_NONE:
    case GUARD_RULE_SCHEMA:
    case GUARD_RULE_BLOCKED:
    case GUARD_RULE_UNLISTED:
    case GUARD_RULE_COLUMN:
    case GUARD_RULE_CATALOG:
    case GUARD_RULE_FOREIGN:
    case GUARD_RULE_EXTENSION:
        break;
    }
    return relation_text(ctx, finding);
}
