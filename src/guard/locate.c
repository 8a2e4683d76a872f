/*
 * Where in the text something stands that PostgreSQL's trees tell of by OID only: the first place
 * that bears its name.
 */
#include "guard/internal.h"

#include <string.h>
#include <talloc.h>

struct search {
    const char *sql;
    const char *function, *op, *column; /* what is looked for; NULL = not that */
    const char *relation;
    json_int_t found; /* -1 = nowhere */
    const void *ctx;
    char *written; /* the column, as PostgreSQL would write it in an error */
};

static bool ends_in(const json_t *names, const char *wanted)
{
    const json_t *last = json_array_get(names, json_array_size(names) - 1);
    const char *name = json_string_value(json_object_get(json_object_get(last, "String"), "sval"));
    return name && wanted && strcmp(name, wanted) == 0;
}

static bool is_star(const json_t *fields)
{
    const json_t *last = json_array_get(fields, json_array_size(fields) - 1);
    return json_object_get(last, "A_Star") != NULL;
}

static char *column_text(const void *ctx, const json_t *fields)
{
    size_t count = json_array_size(fields);
    char *text = talloc_strdup(ctx, "");
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_object_get(json_array_get(fields, i), "String");
        text = talloc_asprintf_append(text, count == 1 ? "%s\"%s\"" : "%s%s", i > 0 ? "." : "",
            json_string_value(json_object_get(name, "sval")));
    }
    return text;
}

/* Parents come first, and a node's own place is its operator or its name. */
static bool visit(const char *key, const json_t *value, void *arg)
{
    struct search *search = arg;
    const json_t *fields = json_object_get(value, "fields");
    bool here = false;
    if (strcmp(key, "FuncCall") == 0)
        here = ends_in(json_object_get(value, "funcname"), search->function);
    else if (strcmp(key, "A_Expr") == 0)
        here = ends_in(json_object_get(value, "name"), search->op);
    else if (strcmp(key, "SubLink") == 0)
        here = ends_in(json_object_get(value, "operName"), search->op);
    else if (strcmp(key, "ColumnRef") == 0) /* a column, or the attribute notation of a call */
        here = ends_in(fields, search->column) || ends_in(fields, search->function) ||
               (search->column && (is_star(fields) || ends_in(fields, search->relation)));
    if (here && fields && ends_in(fields, search->column))
        search->written = column_text(search->ctx, fields);
    if (here)
        search->found = json_integer_value(json_object_get(value, "location"));
    return !here;
}

static void locate(void *arg)
{
    struct search *search = arg;
    json_t *tree = NULL;
    struct error *ignored = NULL;
    if (guard_parse(NULL, search->sql, &tree, &ignored))
        guard_walk(tree, visit, search);
    talloc_free(ignored);
    json_decref(tree);
}

int guard_locate(const void *ctx, const char *sql, struct guard_finding *finding)
{
    struct search search = {
        .sql = sql,
        .function = finding->function ? finding->function->name : NULL,
        .op = finding->op ? finding->op->name : NULL,
        .column = finding->column ? finding->column->name : NULL,
        .relation = finding->relation ? finding->relation->name : NULL,
        .found = -1,
        .ctx = ctx,
    };
    rt_run_on_main(locate, &search);
    finding->name = search.written;
    return guard_position(sql, search.found);
}
