/*
 * Completion; see completion.h.
 *
 * Names that begin with what was typed come first, then those in which a word does, then those that
 * have it anywhere; when there are none at all, those that are spelled nearly so.
 */
#include "tools/completion.h"

#include "base/text.h"
#include "tools/listing.h"
#include "tools/mentioned.h"
#include "tools/tools.h"
#include "tools/uri.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { SQL_BYTES = 2000 }; /* each value repeats the text: a longer one is not completed */

enum rank { BEGINS, WORD_BEGINS, CONTAINS, NEAR, OTHER };

struct match {
    enum rank rank;
    const char *name;
};

struct matches {
    void *ctx;
    struct visible_catalog seen;
    const char *typed;
    struct match *items;
    size_t count;
};

/* ---- matching ---- */

static enum rank rank_of(const char *name, const char *typed)
{
    size_t len = strlen(typed);
    enum rank rank = OTHER;
    if (strncasecmp(name, typed, len) == 0)
        return BEGINS;
    for (const char *p = name + 1; *p && rank > WORD_BEGINS; p++) {
        if (strncasecmp(p, typed, len) == 0)
            rank = isalnum((unsigned char)p[-1]) || (p[-1] & 0x80) ? CONTAINS : WORD_BEGINS;
    }
    if (rank < OTHER)
        return rank;
    struct text_nearest nearest = text_nearest_to(typed);
    text_nearest_offer(&nearest, name);
    return nearest.best ? NEAR : OTHER;
}

static void offer(struct matches *m, const char *name)
{
    enum rank rank = rank_of(name, m->typed);
    if (rank == OTHER)
        return;
    if ((m->count & (m->count - 1)) == 0)
        m->items =
            talloc_realloc(m->ctx, m->items, struct match, (unsigned)(m->count ? 2 * m->count : 1));
    m->items[m->count++] = (struct match){rank, name};
}

static int compare(const void *a, const void *b)
{
    const struct match *left = a, *right = b;
    return left->rank == right->rank ? strcmp(left->name, right->name)
                                     : (int)left->rank - (int)right->rank;
}

/* Each name once, `before` standing before it. */
static void answer(struct mcp_call *call, struct matches *m, const char *before)
{
    if (m->count > 0)
        qsort(m->items, m->count, sizeof *m->items, compare);
    for (size_t i = 0; i < m->count; i++) {
        const struct match *match = &m->items[i];
        if (match->rank == NEAR && m->items[0].rank < NEAR)
            break;
        if (i == 0 || strcmp(match->name, match[-1].name) != 0)
            mcp_add_completion(call,
                *before ? talloc_asprintf(m->ctx, "%s%s", before, match->name) : match->name);
    }
}

/* ---- names as they are ---- */

static void offer_schemas(struct matches *m)
{
    struct catalog_view view = tools_listing_of(m->ctx, &m->seen, NULL);
    for (size_t i = 0; i < view.relation_count; i++) {
        if (i == 0 || view.relations[i - 1]->schema != view.relations[i]->schema)
            offer(m, view.relations[i]->schema->name);
    }
}

/* `schema` NULL: those of all. */
static void offer_tables(struct matches *m, const char *schema)
{
    struct catalog_view view = tools_listing_of(m->ctx, &m->seen, schema);
    for (size_t i = 0; i < view.relation_count; i++)
        offer(m, view.relations[i]->name);
}

/* ---- names as SQL wants them ---- */

static void offer_quoted(struct matches *m, const char *name)
{
    struct str out;
    str_init(&out, m->ctx, SQL_BYTES);
    catalog_put_name(&out, m->seen.catalog, name);
    offer(m, str_take(&out, m->ctx));
}

static void offer_columns(struct matches *m, const struct catalog_relation *relation)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        const struct catalog_column *column = &relation->columns[i];
        if (catalog_shows_column(&m->seen.filter, relation, column))
            offer_quoted(m, column->name);
    }
}

/* With their schemas, unless the name alone means them. */
static void offer_sql_tables(struct matches *m)
{
    struct catalog_view view = tools_listing_of(m->ctx, &m->seen, NULL);
    for (size_t i = 0; i < view.relation_count; i++) {
        const struct catalog_relation *relation = view.relations[i];
        const struct catalog_fact_relation *meant =
            catalog_facts_find_relation(m->seen.facts, NULL, relation->name);
        if (meant && meant->oid == relation->oid)
            offer_quoted(m, relation->name);
        else
            offer(m, catalog_qualified_name(m->ctx, view.catalog, relation));
    }
}

/* Behind "name.": the tables of that schema, the columns of that table in the query. */
static void offer_members(struct matches *m, const char *name,
    const struct catalog_relation *const *relations, size_t count)
{
    struct catalog_view view = tools_listing_of(m->ctx, &m->seen, name);
    for (size_t i = 0; i < view.relation_count; i++)
        offer_quoted(m, view.relations[i]->name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(relations[i]->name, name) == 0)
            offer_columns(m, relations[i]);
    }
}

/* Where the name that ends before `end` begins. */
static const char *name_before(const char *sql, const char *end)
{
    while (end > sql &&
           (isalnum((unsigned char)end[-1]) || strchr("_$\"", end[-1]) || (end[-1] & 0x80)))
        end--;
    return end;
}

static bool follows(const char *sql, const char *place, const char *word)
{
    while (place > sql && isspace((unsigned char)place[-1]))
        place--;
    const char *begin = name_before(sql, place);
    return (size_t)(place - begin) == strlen(word) && strncasecmp(begin, word, strlen(word)) == 0;
}

static void complete_sql(struct mcp_call *call, struct matches *m)
{
    const char *sql = m->typed;
    const char *begin = name_before(sql, sql + strlen(sql));
    const char *before = begin > sql && begin[-1] == '.' ? name_before(sql, begin - 1) : begin;
    const char *schema, *name;
    const struct catalog_relation **relations = talloc_array(m->ctx,
        const struct catalog_relation *, (unsigned)m->seen.catalog->relation_count);
    size_t count = tools_mentioned(m->ctx, &m->seen, sql, relations);
    m->typed = begin;
    if (before < begin) {
        const char *written = talloc_strndup(m->ctx, before, (size_t)(begin - 1 - before));
        if (catalog_parse_name(m->ctx, written, &schema, &name))
            offer_members(m, name, relations, count);
    } else if (follows(sql, begin, "from") || follows(sql, begin, "join")) {
        offer_sql_tables(m);
    } else {
        for (size_t i = 0; i < count; i++)
            offer_columns(m, relations[i]);
        if (*m->typed)
            offer_sql_tables(m);
    }
    answer(call, m, talloc_strndup(m->ctx, sql, (size_t)(begin - sql)));
}

/* ---- the two kinds of references ---- */

/* On success `ret->ctx` is to be freed, with the hold on the catalog. */
static bool see(struct mcp_call *call, const char *typed, struct matches *ret,
    struct error **ret_err) may_yield
{
    const struct tools_env *env = mcp_call_host(call);
    int64_t deadline = mcp_call_deadline(call);
    *ret = (struct matches){.ctx = talloc_new(call), .typed = typed};
    if (guard_gate_pass(call, env->guard, deadline, ret_err) &&
        visible_get(ret->ctx, env->visible, deadline, &ret->seen, ret_err))
        return true;
    talloc_steal(call, *ret_err);
    talloc_free(ret->ctx);
    return false;
}

bool tools_complete_uri(struct mcp_call *call, const char *reference, const char *argument,
    const char *value, struct error **ret_err)
{
    (void)reference;
    struct matches m;
    if (!see(call, value, &m, ret_err))
        return false;
    const char *here = m.seen.catalog->database;
    const char *database = mcp_completed_argument(call, "database");
    if (strcmp(argument, "database") == 0)
        offer(&m, here);
    else if (database && *database && strcmp(database, here) != 0)
        ; /* there is nothing in another one */
    else if (strcmp(argument, "schema") == 0)
        offer_schemas(&m);
    else if (strcmp(argument, "table") == 0)
        offer_tables(&m, mcp_completed_argument(call, "schema"));
    answer(call, &m, "");
    talloc_free(m.ctx);
    return true;
}

bool tools_complete_prompt(struct mcp_call *call, const char *reference, const char *argument,
    const char *value, struct error **ret_err)
{
    (void)reference;
    struct matches m;
    bool schema = strcmp(argument, "schema") == 0;
    bool query = strcmp(argument, "query") == 0 && *value && strlen(value) <= SQL_BYTES;
    if (!schema && !query)
        return true;
    if (!see(call, value, &m, ret_err))
        return false;
    if (query) {
        complete_sql(call, &m);
    } else {
        offer_schemas(&m);
        answer(call, &m, "");
    }
    talloc_free(m.ctx);
    return true;
}
