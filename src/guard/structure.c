/*
 * Layer 2b: exactly one statement, and a pure query at every level of it.
 *
 * The walk is generic: it looks at every member of every object, so that nothing hides in a list
 * inside a list.
 */
#include "guard/internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

bool guard_walk(const json_t *tree, bool (*visit)(const char *key, const json_t *value, void *arg),
    void *arg)
{
    if (json_is_array(tree)) {
        for (size_t i = 0; i < json_array_size(tree); i++) {
            if (!guard_walk(json_array_get(tree, i), visit, arg))
                return false;
        }
        return true;
    }
    json_t *object = (json_t *)(uintptr_t)tree;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const json_t *value = json_object_iter_value(i);
        if (!visit(json_object_iter_key(i), value, arg) || !guard_walk(value, visit, arg))
            return false;
    }
    return true;
}

int guard_position(const char *sql, json_int_t byte_offset)
{
    if (byte_offset < 0)
        return 0;
    int position = 1;
    for (json_int_t i = 0; i < byte_offset && sql[i]; i++)
        position += ((unsigned char)sql[i] & 0xc0) != 0x80;
    return position;
}

/* "DropStmt" → "DROP", for the message; the grammar's names are close to the keywords. */
static char *keyword(const void *ctx, const char *node)
{
    static const struct {
        const char *node, *keyword;
    } special[] = {
        {"CreateTableAsStmt", "CREATE TABLE AS"},
        {"TransactionStmt", "transaction control"},
        {"VariableSetStmt", "SET"},
        {"CreateStmt", "CREATE TABLE"},
        {"ViewStmt", "CREATE VIEW"},
        {"IndexStmt", "CREATE INDEX"},
        {"DeclareCursorStmt", "DECLARE"},
        {"ClosePortalStmt", "CLOSE"},
        {"CreateFunctionStmt", "CREATE FUNCTION"},
    };
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        if (strcmp(node, special[i].node) == 0)
            return talloc_strdup(ctx, special[i].keyword);
    }
    char *text = talloc_strdup(ctx, "");
    const char *end = strstr(node, "Stmt");
    for (const char *p = node; *p && p != end; p++) {
        bool word = p > node && *p >= 'A' && *p <= 'Z';
        text = talloc_asprintf_append(text, word ? " %c" : "%c",
            *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    return text;
}

static struct error *not_a_query(const void *ctx, const char *what)
{
    return error_hint(
        error_detail(error_create(ctx, ERROR_REFUSED, "Only SELECT queries are allowed"),
            "this server is read-only; it does not run %s", what),
        "write one SELECT, VALUES, TABLE or WITH … SELECT, or EXPLAIN of one");
}

/* Nodes of the grammars of PostgreSQL 13 to 18 that a pure query is made of. */
static const char *const query_nodes[] = {"A_ArrayExpr", "A_Const", "A_Expr", "A_Indices",
    "A_Indirection", "A_Star", "Alias", "BitString", "BoolExpr", "Boolean", "BooleanTest",
    "CTECycleClause", "CTESearchClause", "CaseExpr", "CaseWhen", "CoalesceExpr", "CollateClause",
    "ColumnDef", "ColumnRef", "CommonTableExpr", "DefElem", "Float", "FuncCall", "GroupingFunc",
    "GroupingSet", "Integer", "JoinExpr", "JsonAggConstructor", "JsonArgument", "JsonArrayAgg",
    "JsonArrayConstructor", "JsonArrayQueryConstructor", "JsonBehavior", "JsonConstructorExpr",
    "JsonFormat", "JsonFuncExpr", "JsonIsPredicate", "JsonKeyValue", "JsonObjectAgg",
    "JsonObjectConstructor", "JsonOutput", "JsonParseExpr", "JsonReturning", "JsonScalarExpr",
    "JsonSerializeExpr", "JsonTable", "JsonTableColumn", "JsonTablePathSpec", "JsonValueExpr",
    "List", "MinMaxExpr", "NamedArgExpr", "Null", "NullTest", "RangeFunction", "RangeSubselect",
    "RangeTableFunc", "RangeTableFuncCol", "RangeTableSample", "RangeVar", "ResTarget", "RowExpr",
    "SQLValueFunction", "SelectStmt", "SortBy", "String", "SubLink", "TypeCast", "TypeName",
    "WindowDef", "WithClause", "XmlExpr", "XmlSerialize"};

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static bool is_query_node(const char *name)
{
    return bsearch(name, query_nodes, sizeof query_nodes / sizeof query_nodes[0],
               sizeof query_nodes[0], compare_names) != NULL;
}

static struct error *parameter(const void *ctx)
{
    return error_hint(error_create(ctx, ERROR_REFUSED, "the query has a parameter like $1"),
        "write the value itself into the query");
}

/* PostgreSQL plans a chain of WITH queries in more than quadratic time and cannot be interrupted.
 */
static struct error *too_many_ctes(const void *ctx, int max)
{
    return error_hint(
        error_create(ctx, ERROR_LIMIT, "the query has more than %d WITH queries", max),
        "write it with fewer, or in several calls");
}

/* `name` NULL: it is computed. */
static struct error *closed_setting(const void *ctx, const char *name)
{
    struct error *error =
        name ? error_create(ctx, ERROR_REFUSED, "the setting \"%s\" is not available here", name)
             : error_create(ctx, ERROR_REFUSED, "current_setting() needs a constant here");
    return error_hint(error,
        "settings that tell of the server's version, formats and limits, of its "
        "planner and of the search path can be read");
}

struct check {
    const void *ctx;
    const char *sql;
    size_t ctes;
    struct error *error;
};

static struct error *unknown_node(const void *ctx, const char *name)
{
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, "Stmt") == 0)
        return not_a_query(ctx,
            talloc_asprintf(ctx, "%s, also not inside WITH", keyword(ctx, name)));
    struct error *error =
        error_create(ctx, ERROR_REFUSED, "the query has a part that is not known here: %s", name);
    return error_hint(error, "write it without; pgparley knows the grammar of PostgreSQL %s",
        guard_grammar_version());
}

/* current_setting() of anything but a constant could tell of secrets that settings hold. */
static struct error *check_function(const void *ctx, const json_t *call)
{
    const json_t *names = json_object_get(call, "funcname");
    const json_t *last = json_array_get(names, json_array_size(names) - 1);
    const char *name = json_string_value(json_object_get(json_object_get(last, "String"), "sval"));
    if (!name || strcmp(name, "current_setting") != 0)
        return NULL;
    const json_t *argument = json_array_get(json_object_get(call, "args"), 0);
    const json_t *constant = json_object_get(argument, "A_Const");
    const char *setting =
        json_string_value(json_object_get(json_object_get(constant, "sval"), "sval"));
    if (setting && guard_setting_is_open(setting))
        return NULL;
    return closed_setting(ctx, setting);
}

/* x.current_setting calls the function as well. */
static struct error *check_attribute(const void *ctx, const json_t *names, size_t first)
{
    for (size_t i = first; i < json_array_size(names); i++) {
        const json_t *node = json_object_get(json_array_get(names, i), "String");
        const char *name = json_string_value(json_object_get(node, "sval"));
        if (name && strcmp(name, "current_setting") == 0)
            return closed_setting(ctx, NULL);
    }
    return NULL;
}

static bool visit(const char *key, const json_t *value, void *arg)
{
    enum { CTES_MAX = 250 };
    struct check *check = arg;
    if (key[0] >= 'A' && key[0] <= 'Z' && !is_query_node(key))
        check->error =
            strcmp(key, "ParamRef") == 0 ? parameter(check->ctx) : unknown_node(check->ctx, key);
    else if (strcmp(key, "intoClause") == 0)
        check->error = not_a_query(check->ctx, "SELECT INTO, which creates a table");
    else if (strcmp(key, "lockingClause") == 0)
        check->error = not_a_query(check->ctx, "SELECT … FOR UPDATE or FOR SHARE, which lock rows");
    else if (strcmp(key, "FuncCall") == 0)
        check->error = check_function(check->ctx, value);
    else if (strcmp(key, "ColumnRef") == 0)
        check->error = check_attribute(check->ctx, json_object_get(value, "fields"), 1);
    else if (strcmp(key, "A_Indirection") == 0)
        check->error = check_attribute(check->ctx, json_object_get(value, "indirection"), 0);
    else if (strcmp(key, "CommonTableExpr") == 0 && ++check->ctes > CTES_MAX)
        check->error = too_many_ctes(check->ctx, CTES_MAX);
    if (check->error)
        check->error->position =
            guard_position(check->sql, json_is_object(value) && json_object_get(value, "location")
                                           ? json_integer_value(json_object_get(value, "location"))
                                           : -1);
    return check->error == NULL;
}

/* The only member of a node object {"SelectStmt": {…}}: its type, and its fields in `*ret`. */
static const char *node_type(const json_t *node, const json_t **ret)
{
    void *member = json_object_iter((json_t *)(uintptr_t)node);
    *ret = member ? json_object_iter_value(member) : NULL;
    return member ? json_object_iter_key(member) : "nothing";
}

static bool is_verbose(const json_t *options)
{
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *option = json_object_get(json_array_get(options, i), "DefElem");
        const char *name = json_string_value(json_object_get(option, "defname"));
        if (name && strcmp(name, "verbose") == 0)
            return true;
    }
    return false;
}

static struct error *statement_count(const void *ctx, size_t count)
{
    if (count == 0)
        return error_hint(error_create(ctx, ERROR_REFUSED, "the query is empty"),
            "write one SELECT statement");
    return error_hint(error_detail(error_create(ctx, ERROR_REFUSED,
                                       "Only SELECT queries are allowed, one at a "
                                       "time"),
                          "the text has %zu statements", count),
        "send each statement in a call of its own");
}

static size_t statement_len(const json_t *raw, const char *sql, size_t start)
{
    size_t len = (size_t)json_integer_value(json_object_get(raw, "stmt_len"));
    return len ? len : strlen(sql) - start;
}

bool guard_structure(const void *ctx, const json_t *tree, const char *sql,
    struct guard_statement *ret, struct error **ret_err)
{
    const json_t *statements = json_object_get(tree, "stmts");
    if (json_array_size(statements) != 1)
        return error_raise(ret_err, statement_count(ctx, json_array_size(statements)));
    const json_t *raw = json_array_get(statements, 0);
    const json_t *fields;
    const char *type = node_type(json_object_get(raw, "stmt"), &fields);
    size_t start = (size_t)json_integer_value(json_object_get(raw, "stmt_location"));
    *ret = (struct guard_statement){
        .start = start,
        .len = statement_len(raw, sql, start),
        .query_start = start,
    };
    if (strcmp(type, "VariableShowStmt") == 0) {
        const char *name = json_string_value(json_object_get(fields, "name"));
        ret->kind = GUARD_SHOW;
        return (name && guard_setting_is_open(name)) ||
               error_raise(ret_err, closed_setting(ctx, name ? name : ""));
    }
    if (strcmp(type, "ExplainStmt") == 0) {
        ret->kind = GUARD_EXPLAIN;
        ret->verbose = is_verbose(json_object_get(fields, "options"));
        type = node_type(json_object_get(fields, "query"), &fields);
    }
    if (strcmp(type, "SelectStmt") != 0)
        return error_raise(ret_err,
            not_a_query(ctx,
                talloc_asprintf(ctx, "%s%s", ret->kind == GUARD_EXPLAIN ? "EXPLAIN of " : "",
                    keyword(ctx, type))));
    struct check check = {.ctx = ctx, .sql = sql};
    if (!guard_walk(fields, visit, &check))
        return error_raise(ret_err, check.error);
    ret->query = fields;
    ret->limited = json_object_get(fields, "limitCount");
    return true;
}
