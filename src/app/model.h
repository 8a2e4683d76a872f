/* The model of the section llm: `serve`, `ask` and `eval` use it, `check` tries it. */
#ifndef PGPARLEY_APP_MODEL_H
#define PGPARLEY_APP_MODEL_H

#include "config/config.h"
#include "llm/llm.h"

/* `*ret` is NULL when the section names no service. Connects nothing. */
must_use bool app_model_create(const void *ctx, const struct config *config, struct llm **ret,
    struct error **ret_err);

#endif
