/* Subjects of what is visible; see subject.h. */
#include "tools/subject.h"

bool tools_subject_get(const void *ctx, const struct tools_env *env, int64_t deadline,
    struct nl2sql_subject *ret, struct error **ret_err)
{
    struct visible_catalog seen;
    return visible_get(ctx, env->visible, deadline, &seen, ret_err) &&
           nl2sql_knowledge_get(ctx, env->knowledge, seen.catalog, &seen.filter, deadline, ret,
               ret_err);
}
