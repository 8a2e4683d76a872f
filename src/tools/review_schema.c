/* The prompt review_schema: what the catalog tells of a design's weak places, and all of it. */
#include "tools/completion.h"
#include "tools/prompt.h"
#include "tools/storage.h"

#include <talloc.h>

enum {
    RELATIONS_MAX = 1000, /* whose indexes are looked at */
    FINDING_BYTES = 2000, /* of one kind */
};

/* ---- findings ---- */

struct finding {
    struct str list; /* a line for each */
    size_t found, of;
};

static void init(struct finding *finding, const struct tools_prompt *p)
{
    *finding = (struct finding){.found = 0};
    str_init(&finding->list, p->ctx, FINDING_BYTES);
}

static void add(struct finding *finding, const char *line)
{
    finding->found++;
    str_printf(&finding->list, "  %s\n", line);
}

static void put_finding(struct tools_prompt *p, const struct finding *finding, const char *what)
{
    str_printf(&p->out, "%s: %zu of %zu\n%s%s", what, finding->found, finding->of,
        str_get(&finding->list), finding->list.full ? "  …\n" : "");
}

/* Only of a table that is shown whole: the key may be in what is hidden. */
static void check_primary_key(const struct tools_prompt *p, const struct catalog_relation *relation,
    struct finding *finding)
{
    bool stores = relation->kind == CATALOG_TABLE || relation->kind == CATALOG_PARTITIONED_TABLE;
    if (!stores || !catalog_shows_whole(&p->view.filter, relation))
        return;
    finding->of++;
    for (size_t i = 0; i < relation->key_count; i++) {
        if (relation->keys[i].kind == CATALOG_PRIMARY)
            return;
    }
    add(finding, catalog_qualified_name(p->ctx, p->seen.catalog, relation));
}

/* "public.orders (customer_id) → public.customers" */
static const char *key_text(const struct tools_prompt *p, const struct catalog_relation *relation,
    const struct catalog_key *key)
{
    struct str out;
    str_init(&out, p->ctx, FINDING_BYTES);
    str_puts(&out, catalog_qualified_name(p->ctx, p->seen.catalog, relation));
    for (size_t i = 0; i < key->column_count; i++) {
        str_puts(&out, i == 0 ? " (" : ", ");
        catalog_put_name(&out, p->seen.catalog, key->columns[i]->name);
    }
    str_printf(&out, ") → %s", catalog_qualified_name(p->ctx, p->seen.catalog, key->target));
    return str_get(&out);
}

static void check_foreign_keys(const struct tools_prompt *p,
    const struct catalog_relation *relation, const struct tools_storage *storage,
    struct finding *finding)
{
    for (size_t i = 0; i < relation->key_count; i++) {
        const struct catalog_key *key = &relation->keys[i];
        if (key->kind != CATALOG_FOREIGN || !catalog_shows_key(&p->view.filter, relation, key))
            continue;
        finding->of++;
        if (!tools_storage_serves(storage, key))
            add(finding, key_text(p, relation, key));
    }
}

static void check_indexes(const struct tools_prompt *p, const struct catalog_relation *relation,
    const struct tools_storage *storage, struct finding *finding)
{
    for (size_t i = 0; i < storage->index_count; i++) {
        const struct tools_index *index = &storage->indexes[i];
        if (!tools_index_shown(&p->view.filter, relation, index))
            continue;
        finding->of++;
        if (!index->valid)
            add(finding, talloc_asprintf(p->ctx, "%s of %s", index->name,
                             catalog_qualified_name(p->ctx, p->seen.catalog, relation)));
    }
}

static void put_findings(struct tools_prompt *p, const struct tools_storage *storage)
{
    struct finding keyless, unindexed, invalid;
    init(&keyless, p);
    init(&unindexed, p);
    init(&invalid, p);
    for (size_t i = 0; i < p->view.relation_count; i++) {
        const struct catalog_relation *relation = p->view.relations[i];
        check_primary_key(p, relation, &keyless);
        check_foreign_keys(p, relation, &storage[i], &unindexed);
        check_indexes(p, relation, &storage[i], &invalid);
    }
    str_puts(&p->out, "\nFound in the system catalogs:\n\n");
    put_finding(p, &keyless, "tables without a primary key");
    put_finding(p, &unindexed,
        "foreign keys whose columns no full index begins with, so that a "
        "change of what they reference reads the whole table");
    put_finding(p, &invalid, "indexes that are not valid");
}

/* ---- the message ---- */

static bool compose(struct tools_prompt *p, struct error **ret_err)
{
    struct tools_storage *storage;
    size_t all = p->view.relation_count;
    if (all > RELATIONS_MAX)
        p->view.relation_count = RELATIONS_MAX;
    mcp_call_progress(p->call, "reading the indexes");
    if (!tools_storage_load(p->ctx, p->env->pool, p->view.relations, p->view.relation_count,
            mcp_call_deadline(p->call), &storage, ret_err))
        return false;
    str_printf(&p->out, "Review the design of %s.\n\n", tools_prompt_subject(p));
    if (all > RELATIONS_MAX)
        str_printf(&p->out,
            "These are the first %d of %zu tables; review one schema at a time.\n\n", RELATIONS_MAX,
            all);
    p->view.detail = CATALOG_COLUMNS;
    tools_prompt_put_schema(p, &p->view, tools_prompt_share(p, 2));
    tools_prompt_put_storage(p, &p->view, storage, tools_prompt_share(p, 4));
    put_findings(p, storage);
    str_puts(&p->out,
        "\n1. Judge these findings: which of them matter here, given the sizes?\n"
        "2. Look for what a catalog cannot tell: types that do not fit their content, constraints "
        "that are missing (NOT NULL, UNIQUE, CHECK, foreign keys between columns that belong "
        "together), one thing under several names, tables with several subjects, indexes that "
        "another one makes needless.\n"
        "3. Check each suspicion on the data with execute_sql_query before you report it.\n"
        "4. List what you would change, the most important first, each with the SQL and its risk. "
        "Here you can only read: give the statements to me.\n");
    return true;
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return tools_prompt_run(call, compose, ret_err);
}

const struct mcp_prompt tools_review_schema = {
    .name = "review_schema",
    .title = "Review the schema",
    .description = "Reviews tables, keys and indexes: missing primary keys, foreign keys without "
                   "an index, and what their design may lack.",
    .params = tools_prompt_schema_params,
    .run = run,
    .complete = tools_complete_prompt,
};
