/*
 * The local resolver's view of columns: which are read, what may be none, which are blocked.
 *
 * Names are compared wherever they stand, without scopes: a name counts as a table's column only
 * if every table that it could be qualified with has it.
 */
#include "guard/local.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void add_name(struct local *l, struct local_names *names, const char *name)
{
    if (!name)
        return;
    if ((names->count & (names->count - 1)) == 0)
        names->items = talloc_realloc(l, names->items, const char *,
            (unsigned)(names->count ? 2 * names->count : 1));
    names->items[names->count++] = name;
}

static void add_names(struct local *l, struct local_names *names, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        add_name(l, names, local_string(json_array_get(list, i)));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct local_names *names)
{
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, by_text);
}

static bool has(const struct local_names *sorted, const char *name)
{
    return sorted->count && bsearch(&name, sorted->items, sorted->count, sizeof name, by_text);
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void add_range(struct local *l, struct local_range range)
{
    if (!range.name)
        return;
    if ((l->range_count & (l->range_count - 1)) == 0)
        l->ranges = talloc_realloc(l, l->ranges, struct local_range,
            (unsigned)(l->range_count ? 2 * l->range_count : 1));
    l->ranges[l->range_count++] = range;
}

static void gather_range(struct local *l, const char *key, const json_t *value)
{
    const json_t *alias = json_object_get(value, "alias");
    struct local_range range = {.name = member(alias, "aliasname"),
        .columns = json_object_get(alias, "colnames"),
        .kind = LOCAL_OTHER};
    if (strcmp(key, "RangeVar") == 0) {
        range.kind = LOCAL_TABLE;
        range.schema = member(value, "schemaname");
        range.relname = member(value, "relname");
        if (!range.name)
            range.name = range.relname;
    } else if (strcmp(key, "JoinExpr") == 0) {
        range.kind = LOCAL_JOIN;
        l->star |= json_is_true(json_object_get(value, "isNatural"));
        add_names(l, &l->columns, json_object_get(value, "usingClause"));
        const json_t *merged = json_object_get(value, "join_using_alias");
        add_range(l, (struct local_range){.name = member(merged, "aliasname"), .kind = LOCAL_JOIN});
    } else if (!range.name) {
        l->unnamed = true;
    }
    l->star |= range.columns && range.kind != LOCAL_OTHER;
    add_range(l, range);
}

static void gather_reference(struct local *l, const json_t *value)
{
    const json_t *fields = json_object_get(value, "fields");
    size_t count = json_array_size(fields);
    const char *last = local_name(fields, NULL);
    add_name(l, &l->columns, last);
    if (count == 1)
        add_name(l, &l->rows, last);
    else if (!last)
        add_name(l, &l->rows, local_string(json_array_get(fields, count - 2)));
    l->star |= !last && count == 1;
}

void local_columns_gather(struct local *l, const char *key, const json_t *value)
{
    static const char *const ranges[] = {"RangeVar", "JoinExpr", "RangeSubselect", "RangeFunction",
        "RangeTableFunc", "JsonTable"};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(key, ranges[i]) == 0)
            gather_range(l, key, value);
    }
    if (strcmp(key, "CommonTableExpr") == 0) {
        add_name(l, &l->ctes, member(value, "ctename"));
    } else if (strcmp(key, "ColumnRef") == 0) {
        gather_reference(l, value);
    } else if (strcmp(key, "FuncCall") == 0) {
        add_name(l, &l->columns, local_name(json_object_get(value, "funcname"), NULL));
    } else if (strcmp(key, "A_Indirection") == 0) {
        add_names(l, &l->columns, json_object_get(value, "indirection"));
    }
}

bool local_columns_reads(const struct local *l, const char *column)
{
    return l->star || has(&l->columns, column);
}

static int by_relation(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct local_table *)a)->relation;
    uintptr_t right = (uintptr_t)((const struct local_table *)b)->relation;
    return (left > right) - (left < right);
}

/* The table of the query that a range is, unless it is a CTE. */
static struct local_table *find_table(const struct local *l, const struct local_range *range)
{
    if (range->kind != LOCAL_TABLE || l->table_count == 0)
        return NULL;
    const struct local_table wanted = {
        .relation = catalog_facts_find_relation(l->facts, range->schema, range->relname)};
    return bsearch(&wanted, l->tables, l->table_count, sizeof wanted, by_relation);
}

static bool may_be_cte(const struct local *l, const struct local_range *range)
{
    return range->kind == LOCAL_TABLE && !range->schema && has(&l->ctes, range->relname);
}

/* The first of its columns that is blocked, NULL when none is. */
static const struct catalog_fact_column *blocked_column(const struct local *l,
    const struct catalog_fact_relation *relation)
{
    for (size_t i = 0; l->policy->blocked_columns.count && i < relation->column_count; i++) {
        const struct catalog_fact_column *column = &relation->columns[i];
        if (!guard_policy_column(l->policy, l->facts, relation, column->name))
            return column;
    }
    return NULL;
}

/* Every relation once, in the order of by_relation(). */
static void resolve_tables(struct local *l, const struct catalog_fact_relation *const *relations,
    size_t count)
{
    l->tables = talloc_array(l, struct local_table, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++)
        l->tables[i] = (struct local_table){.relation = relations[i]};
    if (count > 0)
        qsort(l->tables, count, sizeof *l->tables, by_relation);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_fact_relation *relation = l->tables[i].relation;
        if (l->table_count > 0 && l->tables[l->table_count - 1].relation == relation)
            continue;
        const struct catalog_fact_column *blocked = blocked_column(l, relation);
        l->tables[l->table_count++] = (struct local_table){relation, blocked, false};
        l->blocked |= blocked != NULL;
    }
}

void local_columns_resolve(struct local *l, const struct catalog_fact_relation *const *relations,
    size_t count)
{
    sort(&l->ctes);
    sort(&l->columns);
    sort(&l->rows);
    resolve_tables(l, relations, count);
    for (size_t i = 0; i < l->range_count; i++) {
        struct local_range *range = &l->ranges[i];
        struct local_table *table = find_table(l, range);
        range->table = table;
        bool row = has(&l->rows, range->name);
        if (table)
            table->row |= row;
        l->star |= row && range->kind == LOCAL_JOIN;
    }
}

static bool has_column(const struct catalog_fact_relation *relation, const char *name)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        if (strcmp(relation->columns[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Calls for each range that the field before the last one can mean; false when one fails, or
 * when there is none. */
static bool all_qualified(const struct local *l, const json_t *fields,
    bool (*test)(const struct local *l, const struct local_range *range, const char *column))
{
    const char *qualifier = local_string(json_array_get(fields, json_array_size(fields) - 2));
    const char *column = local_name(fields, NULL);
    bool found = false;
    for (size_t i = 0; qualifier && i < l->range_count; i++) {
        if (strcmp(l->ranges[i].name, qualifier) != 0)
            continue;
        if (!test(l, &l->ranges[i], column))
            return false;
        found = true;
    }
    return found;
}

static bool is_column_of(const struct local *l, const struct local_range *range, const char *column)
{
    return range->table && !range->columns && !may_be_cte(l, range) &&
           has_column(range->table->relation, column);
}

bool local_is_column(const struct local *l, const json_t *fields)
{
    return !l->unnamed && all_qualified(l, fields, is_column_of);
}

/* What a range's row has was checked where it was read, or is no blocked column. */
static bool is_free(const struct local *l, const struct local_range *range, const char *column)
{
    if (range->kind == LOCAL_JOIN)
        return false;
    if (range->kind == LOCAL_OTHER)
        return true;
    if (range->table)
        return !range->table->blocked || (column && has_column(range->table->relation, column));
    return may_be_cte(l, range);
}

/* `written`: as the query names it, or NULL. */
static bool deny(struct local *l, const struct catalog_fact_relation *relation,
    const struct catalog_fact_column *column, const char *written, json_int_t location)
{
    struct guard_finding finding = {.rule = GUARD_RULE_COLUMN,
        .relation = relation,
        .column = column,
        .name = written};
    return local_deny(l, location, &finding);
}

static bool check_name(struct local *l, const char *name, json_int_t location)
{
    for (size_t i = 0; name && i < l->table_count; i++) {
        const struct local_table *table = &l->tables[i];
        struct catalog_fact_column column = {.name = name};
        if (table->blocked && !guard_policy_column(l->policy, l->facts, table->relation, name))
            return deny(l, table->relation, &column, talloc_asprintf(l->ctx, "\"%s\"", name),
                location);
    }
    return true;
}

static bool check_names(struct local *l, const json_t *list, json_int_t location)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!check_name(l, local_string(json_array_get(list, i)), location))
            return false;
    }
    return true;
}

/* All columns of what `name` qualifies, or of everything in FROM. */
static bool refuse_row(struct local *l, const char *name, json_int_t location)
{
    for (size_t i = 0; i < l->range_count; i++) {
        const struct local_range *range = &l->ranges[i];
        bool meant = name ? strcmp(range->name, name) == 0 : l->range_count == 1;
        if (meant && range->table && range->table->blocked && !may_be_cte(l, range))
            return deny(l, range->table->relation, range->table->blocked, NULL, location);
    }
    return local_refuse(l, location, "a table of the query has columns that are not",
        "all columns%s%s are not available here at once", name ? " of " : "", name ? name : "");
}

static bool check_reference(struct local *l, const json_t *value)
{
    const json_t *fields = json_object_get(value, "fields");
    size_t count = json_array_size(fields);
    json_int_t location = local_location(value);
    const char *last = local_name(fields, NULL);
    if (!last && count == 1)
        return refuse_row(l, NULL, location);
    if (last && !check_name(l, last, location))
        return false;
    if (count > 1)
        return all_qualified(l, fields, is_free) ||
               refuse_row(l, local_string(json_array_get(fields, count - 2)), location);
    for (size_t i = 0; last && i < l->range_count; i++) {
        if (strcmp(l->ranges[i].name, last) == 0 && !is_free(l, &l->ranges[i], NULL))
            return refuse_row(l, last, location);
    }
    return true;
}

static bool check_join(struct local *l, const json_t *value)
{
    if (!check_names(l, json_object_get(value, "usingClause"), -1))
        return false;
    const char *detail = "a table of the query has columns that are not available";
    if (json_is_true(json_object_get(value, "isNatural")))
        return local_refuse(l, -1, detail, "NATURAL JOIN is not available here");
    if (json_object_get(json_object_get(value, "alias"), "colnames"))
        return local_refuse(l, -1, detail, "new names for a join's columns are not available here");
    return true;
}

static bool check_table(struct local *l, const json_t *value)
{
    if (json_object_get(json_object_get(value, "alias"), "colnames")) {
        struct local_range range = {.kind = LOCAL_TABLE,
            .schema = member(value, "schemaname"),
            .relname = member(value, "relname")};
        range.table = find_table(l, &range);
        if (!is_free(l, &range, NULL))
            return local_refuse(l, local_location(value),
                "it has columns that are not available, by whatever name",
                "new names for the columns of table \"%s\" are not available here", range.relname);
    }
    return true;
}

bool local_columns_check(struct local *l, const char *key, const json_t *value)
{
    if (!l->blocked)
        return true;
    if (strcmp(key, "ColumnRef") == 0)
        return check_reference(l, value);
    if (strcmp(key, "JoinExpr") == 0)
        return check_join(l, value);
    if (strcmp(key, "RangeVar") == 0)
        return check_table(l, value);
    if (strcmp(key, "FuncCall") == 0)
        return check_name(l, local_name(json_object_get(value, "funcname"), NULL),
            local_location(value));
    if (strcmp(key, "A_Indirection") == 0)
        return check_names(l, json_object_get(value, "indirection"), local_location(value));
    return true;
}
