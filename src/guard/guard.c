/* The layers in their order; see guard.h. */
#include "guard/internal.h"

#include <string.h>
#include <talloc.h>

struct job {
    const void *ctx;
    const struct guard_policy *policy;
    const char *sql;
    struct guard_verdict *verdict;
    struct error *error;
    bool ok;
};

/* Everything that recurses as deep as the query is nested: walking the tree, and freeing it. */
static void check_tree(void *arg)
{
    struct job *job = arg;
    json_t *tree = NULL;
    struct guard_statement statement;
    job->ok = guard_parse(job->ctx, job->sql, &tree, &job->error) &&
              guard_structure(job->ctx, tree, job->sql, &statement, &job->error) &&
              guard_names(job->ctx, job->policy, statement.query, job->sql, &job->error);
    if (job->ok)
        *job->verdict = (struct guard_verdict){
            .statement = talloc_strndup(job->ctx, job->sql + statement.start, statement.len),
            .offset = (size_t)guard_position(job->sql, (json_int_t)statement.start) - 1,
            .explain = statement.explain,
        };
    json_decref(tree);
}

bool guard_check(const void *ctx, const struct guard_policy *policy, const char *sql, size_t len,
    struct guard_verdict *ret, struct error **ret_err)
{
    if (!guard_text(ctx, policy, sql, len, ret_err))
        return false;
    struct job job = {.ctx = ctx,
        .policy = policy,
        .sql = talloc_strndup(ctx, sql, len),
        .verdict = ret};
    rt_run_on_main(check_tree, &job);
    return job.ok || error_raise(ret_err, job.error);
}
