/*
 * Layer 2b: exactly one statement, and a pure query at every level of it.
 *
 * The walk is generic: it looks at every member of every object, so that nothing hides in a list
 * inside a list.
 */
#include "guard/internal.h"

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
        {"VariableShowStmt", "SHOW"},
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

struct check {
    const void *ctx;
    struct error *error;
};

static bool visit(const char *key, const json_t *value, void *arg)
{
    static const char *const writers[] = {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"};
    struct check *check = arg;
    (void)value;
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        if (strcmp(key, writers[i]) == 0) {
            check->error = not_a_query(check->ctx,
                talloc_asprintf(check->ctx, "%s, also not inside WITH", keyword(check->ctx, key)));
            return false;
        }
    }
    if (strcmp(key, "intoClause") == 0)
        check->error = not_a_query(check->ctx, "SELECT INTO, which creates a table");
    else if (strcmp(key, "lockingClause") == 0)
        check->error = not_a_query(check->ctx, "SELECT … FOR UPDATE or FOR SHARE, which lock rows");
    else if (strcmp(key, "ParamRef") == 0)
        check->error =
            error_hint(error_create(check->ctx, ERROR_REFUSED, "the query has a parameter like $1"),
                "write the value itself into the query");
    return check->error == NULL;
}

/* The only member of a node object {"SelectStmt": {…}}: its type, and its fields in `*ret`. */
static const char *node_type(const json_t *node, const json_t **ret)
{
    void *member = json_object_iter((json_t *)(uintptr_t)node);
    *ret = member ? json_object_iter_value(member) : NULL;
    return member ? json_object_iter_key(member) : "nothing";
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

bool guard_structure(const void *ctx, const json_t *tree, const char *sql,
    struct guard_statement *ret, struct error **ret_err)
{
    const json_t *statements = json_object_get(tree, "stmts");
    if (json_array_size(statements) != 1)
        return error_raise(ret_err, statement_count(ctx, json_array_size(statements)));
    const json_t *raw = json_array_get(statements, 0);
    const json_t *fields;
    const char *type = node_type(json_object_get(raw, "stmt"), &fields);
    bool explain = strcmp(type, "ExplainStmt") == 0;
    if (explain)
        type = node_type(json_object_get(fields, "query"), &fields);
    if (strcmp(type, "SelectStmt") != 0)
        return error_raise(ret_err,
            not_a_query(ctx,
                talloc_asprintf(ctx, "%s%s", explain ? "EXPLAIN of " : "", keyword(ctx, type))));
    struct check check = {.ctx = ctx};
    if (!guard_walk(fields, visit, &check))
        return error_raise(ret_err, check.error);
    size_t start = (size_t)json_integer_value(json_object_get(raw, "stmt_location"));
    size_t len = (size_t)json_integer_value(json_object_get(raw, "stmt_len"));
    *ret = (struct guard_statement){
        .query = fields,
        .start = start,
        .len = len ? len : strlen(sql) - start,
        .explain = explain,
    };
    return true;
}
