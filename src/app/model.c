/* From the section llm to a client; see model.h. */
#include "app/model.h"

bool app_model_create(const void *ctx, const struct config *config, struct llm **ret,
    struct error **ret_err)
{
    const struct config_llm *llm = &config->llm;
    if (!llm->base_url && !llm->model && !llm->api_key) {
        *ret = NULL;
        return true;
    }
    if (!llm->base_url)
        return error_raise(ret_err,
            error_hint(error_create(ctx, ERROR_CONFIG, "llm.base_url is not set"),
                "write the address of an OpenAI-compatible service, as https://api.example.com/v1"));
    const struct llm_options options = {
        .base_url = llm->base_url,
        .api_key = llm->api_key,
        .model = llm->model,
        .temperature = llm->temperature,
        .max_tokens = llm->max_tokens,
        .attempt_timeout_ms = llm->timeout_ms,
        .retries = llm->retries,
        .max_concurrent = (size_t)llm->max_concurrent,
        .max_response_bytes = (size_t)llm->max_response_bytes,
        .ca_file = llm->ca_file,
        .proxy = llm->proxy,
        .allow_plain_http = llm->allow_plain_http,
    };
    return llm_create(ctx, &options, ret, ret_err);
}

bool app_asker_create(const void *ctx, const struct config *config, struct tools_env *env,
    struct error **ret_err)
{
    const struct config_llm *llm = &config->llm;
    const struct nl2sql_asker_options options = {
        .max_rounds = llm->max_rounds,
        .max_plan_cost = llm->max_plan_cost,
        .max_plan_rows = llm->max_plan_rows,
        .context_tokens = (size_t)llm->context_tokens,
        .cache_entries = (size_t)llm->cache_entries,
        .data_samples = llm->data_samples,
    };
    struct llm *model = NULL;
    if (!app_model_create(ctx, config, &model, ret_err))
        return false;
    if (model)
        env->asker = nl2sql_asker_create(ctx, env->guard, env->cache, model, &options);
    return true;
}
