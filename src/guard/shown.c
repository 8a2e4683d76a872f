/*
 * System views about tables tell only of tables that the policy shows.
 *
 * pg_stat_user_tables, pg_views or information_schema.tables would tell that a hidden table exists,
 * how many rows it has, or what a hidden view compares with. In the text that is sent, each stands
 * as a subquery of the same name that leaves those rows out. These are views without keys or
 * system columns, so nothing else can be told apart.
 */
#include "guard/internal.h"

#include "base/str.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { TEXT_MAX = 1 << 20, PLACES_MAX = 100 };

struct view {
    const char *schema, *name;
    const char *oid; /* the column that says which table; or the two that name it */
    const char *table_schema, *table;
    bool tells; /* more than names: expressions and counts, which errors could show */
};

static const struct view views[] = {
    {"pg_catalog", "pg_stat_user_tables", "relid", NULL, NULL, true},
    {"pg_catalog", "pg_stat_user_indexes", "relid", NULL, NULL, true},
    {"pg_catalog", "pg_statio_user_tables", "relid", NULL, NULL, true},
    {"pg_catalog", "pg_statio_user_indexes", "relid", NULL, NULL, true},
    {"pg_catalog", "pg_tables", NULL, "schemaname", "tablename", false},
    {"pg_catalog", "pg_indexes", NULL, "schemaname", "tablename", true},
    {"pg_catalog", "pg_views", NULL, "schemaname", "viewname", true},
    {"pg_catalog", "pg_matviews", NULL, "schemaname", "matviewname", true},
    {"pg_catalog", "pg_sequences", NULL, "schemaname", "sequencename", true},
    {"information_schema", "tables", NULL, "table_schema", "table_name", false},
    {"information_schema", "columns", NULL, "table_schema", "table_name", false},
    {"information_schema", "views", NULL, "table_schema", "table_name", true},
    {"information_schema", "sequences", NULL, "sequence_schema", "sequence_name", false},
    {"information_schema", "table_constraints", NULL, "table_schema", "table_name", false},
    {"information_schema", "key_column_usage", NULL, "table_schema", "table_name", false},
    {"information_schema", "constraint_column_usage", NULL, "table_schema", "table_name", false},
    {"information_schema", "column_domain_usage", NULL, "table_schema", "table_name", false},
    {"information_schema", "element_types", NULL, "object_schema", "object_name", false},
};

static const struct view *find_view(const struct catalog_fact_relation *relation)
{
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (strcmp(relation->name, views[i].name) == 0 &&
            strcmp(relation->schema, views[i].schema) == 0)
            return &views[i];
    }
    return NULL;
}

bool guard_shown_concerns(const struct catalog_fact_relation *relation)
{
    return relation->oid < CATALOG_FIRST_USER_OID && find_view(relation);
}

const char *guard_shown_hidden(const void *ctx, const struct guard_policy *policy,
    const struct catalog_facts *facts)
{
    struct str list;
    struct guard_finding ignored;
    str_init(&list, ctx, TEXT_MAX);
    for (size_t i = 0; i < facts->relation_count; i++) {
        const struct catalog_fact_relation *relation = &facts->relations[i];
        if (relation->oid >= CATALOG_FIRST_USER_OID &&
            !guard_policy_relation(policy, facts, relation, &ignored))
            str_printf(&list, "%s%u", list.len ? "," : "{", relation->oid);
    }
    if (list.len == 0)
        return NULL;
    str_putc(&list, '}');
    return str_take(&list, ctx);
}

/* ---- the name in the text ---- */

static size_t identifier_length(const char *p)
{
    size_t len = 0;
    if (*p == '"') {
        for (len = 1; p[len] && (p[len] != '"' || p[len + 1] == '"'); len++)
            len += p[len] == '"';
        return p[len] ? len + 1 : len;
    }
    while (isalnum((unsigned char)p[len]) || p[len] == '_' || p[len] == '$' || p[len] & 0x80)
        len++;
    return len;
}

/* Where a name of so many parts ends; NULL when it is written in a way that is not understood. */
static const char *name_end(const char *p, int parts)
{
    for (;;) {
        size_t len = identifier_length(p);
        if (len == 0 || (strncasecmp(p, "u&\"", 3) == 0))
            return NULL;
        p += len;
        if (--parts == 0)
            return p;
        p = guard_skip_blank(p);
        if (*p != '.')
            return NULL;
        p = guard_skip_blank(p + 1);
    }
}

/* "TABLE name" is a query of its own, which takes nothing but a name. */
static const char *table_command(const char *from, const char *name)
{
    const char *p = name;
    while (p > from && isspace((unsigned char)p[-1]))
        p--;
    bool found = p - from >= 5 && strncasecmp(p - 5, "table", 5) == 0 &&
                 (p - from == 5 || !(isalnum((unsigned char)p[-6]) || p[-6] == '_'));
    return found ? p - 5 : NULL;
}

static size_t characters(const char *from, const char *to)
{
    return (size_t)guard_position(from, to - from) - 1;
}

/* Where it matters OFFSET keeps the planner from running the query's own conditions on the rows
 * left out. */
static void put_subquery(struct str *out, const struct view *view)
{
    str_printf(out, "(SELECT * FROM %s.%s AS v WHERE ", view->schema, view->name);
    if (view->oid)
        str_printf(out, "v.%s <> ALL ($1::pg_catalog.oid[])", view->oid);
    else
        str_printf(out,
            "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::pg_catalog.oid[])"
            " AND n.nspname = v.%s AND c.relname = v.%s)",
            view->table_schema, view->table);
    str_puts(out, view->tells ? " OFFSET 0)" : ")");
}

bool guard_shown_rewrite(const void *ctx, const char *sql, struct guard_place *places, size_t count,
    const char **ret, struct error **ret_err)
{
    struct str out;
    str_init(&out, ctx, TEXT_MAX);
    if (count > PLACES_MAX)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_LIMIT,
                           "the query names system views more than %d times", PLACES_MAX),
                "name each once, in a WITH query"));
    const char *done = sql;
    for (size_t i = 0; i < count; i++) {
        struct guard_place *place = &places[i];
        const char *name = sql + place->start, *end = name_end(name, place->parts);
        const char *table = place->reference ? NULL : table_command(done, name);
        if (end && place->reference)
            end = guard_skip_blank(guard_skip_blank(end) + 1); /* and the dot */
        if (!end)
            return error_raise(ret_err, error_hint(error_create(ctx, ERROR_REFUSED,
                                                       "the name of a system view is written "
                                                       "in an unusual way"),
                                            "write it plainly, as in %s.%s",
                                            place->relation->schema, place->relation->name));
        const char *from = table ? table : name;
        str_append(&out, done, (size_t)(from - done));
        place->from = characters(sql, from);
        place->to = characters(sql, end);
        place->out_from = characters(str_get(&out), str_get(&out) + out.len);
        if (table)
            str_puts(&out, "SELECT * FROM ");
        if (!place->reference)
            put_subquery(&out, find_view(place->relation));
        if (!place->reference && !place->aliased)
            str_printf(&out, " AS %s", place->relation->name);
        place->out_to = characters(str_get(&out), str_get(&out) + out.len);
        done = end;
    }
    str_puts(&out, done); /* 100 subqueries and a query fit */
    *ret = str_take(&out, ctx);
    return true;
}

int guard_shown_position(const struct guard_place *places, size_t count, int position)
{
    size_t at = (size_t)position - 1;
    for (size_t i = count; i-- > 0;) {
        if (at >= places[i].out_to)
            return (int)(at - places[i].out_to + places[i].to) + 1;
        if (at >= places[i].out_from)
            return (int)places[i].from + 1;
    }
    return position;
}
