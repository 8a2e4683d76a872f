/* What there is to know for questions in plain words, as the policy lets a client see it. */
#ifndef PGPARLEY_TOOLS_SUBJECT_H
#define PGPARLEY_TOOLS_SUBJECT_H

#include "tools/tools.h"

/* It stays valid as long as `ctx` lives. */
must_use bool tools_subject_get(const void *ctx, const struct tools_env *env, int64_t deadline,
    struct nl2sql_subject *ret, struct error **ret_err) may_yield;

#endif
