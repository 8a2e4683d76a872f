/* What became of the items of the semantic layer; see context.h. */
#include "nl2sql/asking.h"
#include "nl2sql/internal.h"

#include <talloc.h>

struct nl2sql_items nl2sql_items_get(const struct nl2sql_subject *subject)
{
    return subject->index->items;
}

bool nl2sql_item_check(const void *ctx, struct guard *guard, const struct nl2sql_subject *subject,
    const struct nl2sql_item *item, int64_t deadline, const char **ret, struct error **ret_err)
{
    struct nl2sql_details details;
    struct error *error = NULL;
    *ret = item->slip;
    if (!item->sql || item->hidden ||
        nl2sql_plan_get(ctx, guard, subject, item->sql, deadline, &details, &error))
        return true;
    if (error->class != ERROR_STATEMENT && error->class != ERROR_REFUSED)
        return error_raise(ret_err, error);
    *ret =
        error->hint ? talloc_asprintf(ctx, "%s; %s", error->message, error->hint) : error->message;
    return true;
}
