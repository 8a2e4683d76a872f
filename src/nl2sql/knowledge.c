/* Subjects, made once for each state of the catalog; see context.h. */
#include "base/log.h"
#include "nl2sql/internal.h"

#include <talloc.h>

enum { TOLD_MAX = 10 };

struct nl2sql_knowledge {
    struct pg_pool *pool;
    const struct nl2sql_semantics *semantics;
    bool data_samples;
    struct state *state; /* the latest; NULL before the first */
    bool told;           /* what is wrong with the semantic layer */
};

/* A talloc object that also holds the filter's, and by it the catalog. */
struct state {
    struct nl2sql_subject subject;
};

struct nl2sql_knowledge *nl2sql_knowledge_create(const void *ctx, struct pg_pool *pool,
    const struct nl2sql_semantics *semantics, bool data_samples)
{
    struct nl2sql_knowledge *knowledge = talloc(ctx, struct nl2sql_knowledge);
    *knowledge = (struct nl2sql_knowledge){pool, semantics, data_samples, NULL, false};
    return knowledge;
}

/* The operator learns once what is not used; `pgparley check` tells it at any time. */
static void tell(struct nl2sql_knowledge *knowledge, const struct nl2sql_items *items)
{
    size_t told = 0;
    for (size_t i = 0; i < items->count && !knowledge->told; i++) {
        const struct nl2sql_item *item = &items->items[i];
        if (item->slip && item->hidden)
            log_info("%s:%zu is not used: %s", items->file, item->line, item->slip);
        else if (item->slip && ++told <= TOLD_MAX)
            log_warning("%s:%zu is not used: %s", items->file, item->line, item->slip);
    }
    if (told > TOLD_MAX)
        log_warning("%s has %zu more such lines; \"pgparley check\" lists them", items->file,
            told - TOLD_MAX);
    knowledge->told = true;
}

static struct state *make(const void *ctx, struct nl2sql_knowledge *knowledge,
    const struct catalog *catalog, const struct catalog_filter *filter, int64_t deadline,
    struct error **ret_err) may_yield
{
    struct state *state = talloc_zero(ctx, struct state);
    struct nl2sql_statistics *statistics = NULL;
    talloc_reference(state, filter->arg);
    if (knowledge->data_samples &&
        !nl2sql_statistics_load(state, knowledge->pool, catalog, deadline, &statistics, ret_err)) {
        talloc_steal(ctx, *ret_err);
        talloc_free(state);
        return NULL;
    }
    state->subject = (struct nl2sql_subject){catalog, *filter, statistics,
        nl2sql_index_create(state, catalog, filter, statistics, knowledge->semantics)};
    return state;
}

bool nl2sql_knowledge_get(const void *ctx, struct nl2sql_knowledge *knowledge,
    const struct catalog *catalog, const struct catalog_filter *filter, int64_t deadline,
    struct nl2sql_subject *ret, struct error **ret_err)
{
    struct state *state = knowledge->state;
    if (!state || state->subject.catalog != catalog || state->subject.filter.arg != filter->arg) {
        state = make(ctx, knowledge, catalog, filter, deadline, ret_err);
        if (!state)
            return false;
        talloc_steal(knowledge, state);
        if (knowledge->state)
            talloc_unlink(knowledge, knowledge->state);
        knowledge->state = state;
        tell(knowledge, &state->subject.index->items);
    }
    talloc_reference(ctx, state);
    *ret = state->subject;
    return true;
}
