/* The layers in their order; see guard.h. */
#include "guard/internal.h"

#include <talloc.h>

bool guard_check(const void *ctx, const struct guard_policy *policy, const char *sql, size_t len,
    struct guard_verdict *ret, struct error **ret_err)
{
    struct guard_tree *tree = NULL;
    struct guard_statement statement;
    if (!guard_text(ctx, policy, sql, len, ret_err))
        return false;
    const char *text = talloc_strndup(ctx, sql, len);
    bool ok = guard_parse(ctx, text, &tree, ret_err) &&
              guard_structure(ctx, tree, text, &statement, ret_err) &&
              guard_names(ctx, policy, statement.query, text, ret_err);
    if (ok)
        *ret = (struct guard_verdict){
            .statement = talloc_strndup(ctx, text + statement.start, statement.len),
            .offset = (size_t)guard_position(text, (json_int_t)statement.start) - 1,
            .explain = statement.explain,
        };
    talloc_free(tree);
    return ok;
}
