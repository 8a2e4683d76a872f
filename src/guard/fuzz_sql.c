/* Queries and what they read; see fuzz_sql.h. */
#include "guard/fuzz_internal.h"

#include <string.h>
#include <talloc.h>

enum { MORE_BYTES = 60 };

/* ---- FROM ---- */

static struct fuzz_source *add_source(struct fuzz_gen *g)
{
    /* The last place is given again and again; what was there can no longer be named. */
    if (g->source_count < FUZZ_SOURCES_MAX)
        g->source_count++;
    struct fuzz_source *source = &g->sources[g->source_count - 1];
    *source = (struct fuzz_source){.number = g->last_number++, .row_type = -1};
    return source;
}

static void own_columns(struct fuzz_source *source, const int *types, size_t count)
{
    static const char *const names[FUZZ_OWN_MAX] = {"a", "b", "c"};
    for (size_t i = 0; i < count; i++)
        source->own[i] = (struct fuzz_column){names[i], types[i]};
    source->columns = source->own;
    source->column_count = count;
}

static size_t any_types(struct fuzz_gen *g, int types[FUZZ_OWN_MAX])
{
    size_t count = 1 + fuzz_choose(g, FUZZ_OWN_MAX);
    for (size_t i = 0; i < count; i++)
        types[i] = fuzz_any_type(g);
    return count;
}

static void relation_source(struct fuzz_gen *g)
{
    const struct fuzz_relation *relation =
        &g->words->relations[fuzz_choose(g, g->words->relation_count)];
    str_printf(g->out, "%s%s", fuzz_rarely(g, 16) ? "ONLY " : "", relation->text);
    struct fuzz_source *source = add_source(g);
    str_printf(g->out, "%s t%d", fuzz_choose(g, 2) ? " AS" : "", source->number);
    source->row_type = relation->row_type;
    source->columns = relation->columns;
    source->column_count = relation->column_count;
    if (relation->column_count >= FUZZ_OWN_MAX && fuzz_rarely(g, 8)) {
        int types[FUZZ_OWN_MAX];
        for (size_t i = 0; i < FUZZ_OWN_MAX; i++)
            types[i] = relation->columns[i].type;
        own_columns(source, types, FUZZ_OWN_MAX);
        fuzz_put(g, " (a, b, c)");
    }
    if (fuzz_rarely(g, 32))
        fuzz_put(g, " TABLESAMPLE bernoulli (50)");
}

static void list_aliases(struct fuzz_gen *g, const int *types, size_t count)
{
    struct fuzz_source *source = add_source(g);
    own_columns(source, types, count);
    str_printf(g->out, " AS t%d (%.*s)", source->number, (int)(3 * count - 2), "a, b, c");
}

static void query_source(struct fuzz_gen *g, size_t siblings, bool lateral)
{
    int types[FUZZ_OWN_MAX];
    size_t count = any_types(g, types), visible = g->source_count;
    for (size_t i = siblings; i < visible; i++)
        g->sources[i].hidden = !lateral;
    fuzz_put(g, lateral ? "LATERAL (" : "(");
    fuzz_query(g, types, count);
    fuzz_put(g, ")");
    for (size_t i = siblings; i < visible; i++)
        g->sources[i].hidden = false;
    list_aliases(g, types, count);
}

static void set_source(struct fuzz_gen *g)
{
    int type = fuzz_any_type(g);
    for (size_t i = 0; i < g->words->type_count && !g->words->types[type].forms[FUZZ_SET].count;
         i++)
        type = (type + 1) % (int)g->words->type_count;
    const struct fuzz_forms *sets = &g->words->types[type].forms[FUZZ_SET];
    fuzz_put(g, "LATERAL ");
    fuzz_form(g, &sets->items[fuzz_choose(g, sets->count)], FUZZ_PLAIN);
    list_aliases(g, &type, 1);
}

static void cte_source(struct fuzz_gen *g)
{
    const struct fuzz_cte *cte = &g->ctes[fuzz_choose(g, g->cte_count)];
    fuzz_put(g, cte->name);
    list_aliases(g, cte->types, cte->type_count);
}

static void source(struct fuzz_gen *g, size_t siblings)
{
    size_t way = fuzz_choose(g, 8);
    if (way == 4 || way == 5)
        query_source(g, siblings, way == 5);
    else if (way == 6)
        set_source(g);
    else if (way == 7 && g->cte_count > 0)
        cte_source(g);
    else
        relation_source(g);
}

static void join(struct fuzz_gen *g, size_t siblings)
{
    static const char *const joins[] = {" JOIN ", " LEFT JOIN ", " FULL JOIN ", " CROSS JOIN ",
        ", ", " NATURAL JOIN ", " JOIN ", NULL};
    size_t way = fuzz_choose(g, 7);
    fuzz_put(g, joins[way]);
    source(g, siblings);
    const struct fuzz_source *last = &g->sources[g->source_count - 1];
    if (way < 3) {
        fuzz_put(g, " ON ");
        fuzz_condition(g);
    } else if (way == 6) {
        str_printf(g->out, " USING (%s)",
            last->column_count ? last->columns[fuzz_choose(g, last->column_count)].name : "id");
    }
}

static void from(struct fuzz_gen *g)
{
    size_t siblings = g->source_count;
    fuzz_put(g, " FROM ");
    source(g, siblings);
    while (fuzz_rarely(g, 3) && g->source_count - siblings < 4)
        join(g, siblings);
}

/* ---- SELECT ---- */

static void impurity(struct fuzz_gen *g)
{
    static const char *const locks[] = {" FOR UPDATE", " FOR SHARE SKIP LOCKED",
        " FOR NO KEY UPDATE OF t0", " FOR KEY SHARE NOWAIT", NULL};
    if (!fuzz_rarely(g, 128))
        return;
    g->pure = false;
    fuzz_put(g, fuzz_pick(g, locks));
}

static void expressions(struct fuzz_gen *g, const int *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fuzz_put(g, i ? ", " : "");
        fuzz_expression(g, types[i]);
    }
}

static void clauses(struct fuzz_gen *g, bool grouped)
{
    enum fuzz_place before = g->place;
    g->place = FUZZ_PLAIN;
    if (fuzz_rarely(g, 3)) {
        fuzz_put(g, " WHERE ");
        fuzz_condition(g);
    }
    if (grouped && fuzz_choose(g, 2)) {
        fuzz_put(g, fuzz_choose(g, 2) ? " GROUP BY ROLLUP (" : " GROUP BY (");
        fuzz_expression(g, fuzz_any_type(g));
        fuzz_put(g, ")");
    }
    if (grouped && fuzz_rarely(g, 3)) {
        fuzz_put(g, " HAVING ");
        g->place = FUZZ_GROUPED;
        fuzz_condition(g);
    }
    g->place = before;
}

static void everything(struct fuzz_gen *g, const struct fuzz_source *source)
{
    size_t way = fuzz_choose(g, 4);
    if (way == 0)
        fuzz_put(g, "*");
    else
        str_printf(g->out, way == 3 ? "(t%d).*" : way == 2 ? "t%d.*" : "t%d", source->number);
}

/* What is selected: values of these types, or everything if there are none. */
static void select_from(struct fuzz_gen *g, const int *types, size_t count)
{
    struct str *out = g->out, tail;
    enum fuzz_place before = g->place;
    size_t outside = g->source_count;
    bool grouped = count > 0 && fuzz_rarely(g, 4), distinct = fuzz_rarely(g, 8);
    str_init(&tail, NULL, out->max);
    g->out = &tail;
    g->place = FUZZ_PLAIN;
    if (count == 0 || fuzz_choose(g, 8))
        from(g);
    clauses(g, grouped);
    g->out = out;
    fuzz_put(g, distinct ? "SELECT DISTINCT " : "SELECT ");
    g->place = grouped ? FUZZ_GROUPED : FUZZ_LISTED;
    if (count > 0)
        expressions(g, types, count);
    else
        everything(g, &g->sources[g->source_count - 1]);
    if (fuzz_rarely(g, 128)) {
        g->pure = false;
        fuzz_put(g, " INTO TEMP made");
    }
    fuzz_put(g, str_get(&tail));
    str_done(&tail);
    g->place = before;
    if (fuzz_rarely(g, 4))
        fuzz_put(g, fuzz_choose(g, 2) ? " ORDER BY 1 DESC NULLS LAST" : " ORDER BY 1");
    if (fuzz_rarely(g, 4))
        fuzz_put(g, fuzz_choose(g, 2) ? " FETCH FIRST 2 ROWS ONLY" : " LIMIT 3");
    impurity(g);
    g->source_count = outside;
}

void fuzz_any_query(struct fuzz_gen *g)
{
    if (++g->depth > FUZZ_DEPTH_MAX)
        fuzz_put(g, "SELECT");
    else if (fuzz_choose(g, 3))
        select_from(g, NULL, 0);
    else
        str_printf(g->out, "TABLE %s",
            g->words->relations[fuzz_choose(g, g->words->relation_count)].text);
    g->depth--;
}

/* A name of its own, or one that a relation has, which it then hides. */
static const char *cte_name(struct fuzz_gen *g)
{
    static const char *const names[] = {"c0", "c1", "c2", NULL};
    if (!fuzz_rarely(g, 3))
        return fuzz_pick(g, names);
    const char *text = g->words->relations[fuzz_choose(g, g->words->relation_count)].text;
    const char *dot = strchr(text, '.');
    return dot ? dot + 1 : text;
}

static void with(struct fuzz_gen *g)
{
    static const char *const writes[] = {"DELETE FROM x RETURNING *",
        "UPDATE x SET a = 1 RETURNING a", "INSERT INTO x VALUES (1) RETURNING *", NULL};
    static const char *const hints[] = {"", "", "MATERIALIZED ", "NOT MATERIALIZED ", NULL};
    bool recursive = fuzz_choose(g, 2);
    struct fuzz_cte cte = {.name = cte_name(g)};
    cte.type_count = any_types(g, cte.types);
    int columns = (int)(3 * cte.type_count - 2);
    str_printf(g->out, "WITH %s%s (%.*s) AS %s(", recursive ? "RECURSIVE " : "", cte.name, columns,
        "a, b, c", fuzz_pick(g, hints));
    if (fuzz_rarely(g, 48)) {
        g->pure = false;
        fuzz_put(g, fuzz_pick(g, writes));
    } else {
        fuzz_put(g, "(");
        fuzz_query(g, cte.types, cte.type_count);
        fuzz_put(g, ")");
        if (recursive && fuzz_choose(g, 2))
            str_printf(g->out, " UNION SELECT %.*s FROM %s AS r", columns, "a, b, c", cte.name);
    }
    fuzz_put(g, ") ");
    if (g->cte_count < FUZZ_CTES_MAX)
        g->ctes[g->cte_count++] = cte;
}

static void values(struct fuzz_gen *g, const int *types, size_t count)
{
    fuzz_put(g, "VALUES (");
    expressions(g, types, count);
    if (fuzz_choose(g, 2)) {
        fuzz_put(g, "), (");
        expressions(g, types, count);
    }
    fuzz_put(g, ")");
}

void fuzz_query(struct fuzz_gen *g, const int *types, size_t count)
{
    static const char *const sets[] = {" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT ALL ",
        NULL};
    size_t ctes = g->cte_count;
    enum fuzz_place before = g->place;
    g->place = FUZZ_PLAIN;
    if (++g->depth > FUZZ_DEPTH_MAX) {
        fuzz_put(g, "SELECT ");
        expressions(g, types, count);
    } else {
        if (fuzz_rarely(g, 6))
            with(g);
        switch (fuzz_choose(g, 8)) {
        case 6:
            values(g, types, count);
            break;
        case 7:
            fuzz_put(g, "(");
            select_from(g, types, count);
            str_printf(g->out, ")%s(", fuzz_pick(g, sets));
            fuzz_query(g, types, count);
            fuzz_put(g, ")");
            break;
        default:
            select_from(g, types, count);
        }
    }
    g->depth--;
    g->place = before;
    g->cte_count = ctes;
}

bool fuzz_sql_write(const unsigned char *data, size_t len, const struct fuzz_words *words,
    struct str *out)
{
    static const char *const starts[] = {"", "", "", "", "", "", "", "EXPLAIN ",
        "EXPLAIN (ANALYZE, COSTS off) ", "EXPLAIN ANALYZE VERBOSE /* ( */ ", "-- first\n",
        "/* /* */ */ ", ";;", NULL};
    static const char *const ends[] = {"", "", "", ";", " -- end", "; -- end", " /* ; */", NULL};
    static const char *const more[] = {"; COMMIT", "; SET TRANSACTION READ WRITE", ";DROP TABLE x;",
        "; SELECT 2", NULL};
    struct fuzz_gen *g = talloc(NULL, struct fuzz_gen);
    *g = (struct fuzz_gen){.data = data,
        .end = data + len,
        .seed = 0x811c9dc5,
        .more = MORE_BYTES,
        .words = words,
        .out = out,
        .pure = true};
    int types[FUZZ_OWN_MAX];
    fuzz_put(g, fuzz_pick(g, starts));
    if (fuzz_rarely(g, 6))
        fuzz_any_query(g);
    else
        fuzz_query(g, types, any_types(g, types));
    if (fuzz_rarely(g, 64)) {
        g->pure = false;
        fuzz_put(g, fuzz_pick(g, more));
    }
    fuzz_put(g, fuzz_pick(g, ends));
    bool pure = g->pure;
    talloc_free(g);
    return pure;
}
