/* The model of the section llm: `serve`, `ask` and `eval` use it, `check` tries it. */
#ifndef PGPARLEY_APP_MODEL_H
#define PGPARLEY_APP_MODEL_H

#include "config/config.h"
#include "llm/llm.h"
#include "tools/tools.h"

/* `*ret` is NULL when the section names no service. Connects nothing. */
must_use bool app_model_create(const void *ctx, const struct config *config, struct llm **ret,
    struct error **ret_err);

/* What answers questions: env->asker, which stays NULL when the section names no service. */
must_use bool app_asker_create(const void *ctx, const struct config *config, struct tools_env *env,
    struct error **ret_err);

#endif
