/* Configurations at work, and their end; see generation.h. */
#include "app/generation.h"

#include "app/admission.h"
#include "app/model.h"
#include "app/wiring.h"
#include "base/log.h"

#include <talloc.h>

static size_t living;
static int64_t close_deadline = RT_FOREVER;
static struct rt_event closed;

static void close_pool(void *arg)
{
    struct app_generation *generation = arg;
    pg_pool_close(generation->env.pool, close_deadline);
    /* At the process's end some statement may still be about to be cancelled. */
    if (close_deadline == RT_FOREVER)
        talloc_free(generation);
    living--;
    rt_event_broadcast(&closed);
}

/* Nobody refers to it any more; it outlives that until its pool is closed. */
static int let_go(struct app_generation *generation)
{
    talloc_set_destructor(generation, NULL);
    talloc_steal(NULL, generation);
    rt_fiber_start(close_pool, generation);
    return -1;
}

bool app_generation_create(const void *ctx, const char *file, const char *url,
    struct app_generation **ret, struct error **ret_err)
{
    struct app_generation *generation = talloc_zero(NULL, struct app_generation);
    struct config *config;
    struct error *error = NULL;
    if (!config_load(generation, file, url, &config, &error) ||
        !app_wire(generation, config, &generation->env, &error)) {
        talloc_steal(ctx, error);
        talloc_free(generation);
        return error_raise(ret_err, error);
    }
    for (size_t i = 0; i < config->warnings.count; i++)
        log_warning("%s", config->warnings.items[i]);
    if (!app_asker_create(generation, config, &generation->env, &error))
        log_warning("questions in plain language are off: %s", error_text(generation, error));
    app_admission_install(generation, &generation->env, config->security.enforce_least_privilege);
    generation->config = config;
    talloc_set_destructor(generation, let_go);
    living++;
    *ret = generation;
    return true;
}

void app_generation_leave(struct app_generation *generation)
{
    talloc_unlink(NULL, generation);
}

void app_generations_close(int64_t ms)
{
    enum { CLOSING_MS = 10 };
    close_deadline = rt_deadline(ms);
    int64_t deadline = rt_deadline(ms + CLOSING_MS);
    while (living > 0 && rt_event_wait(&closed, deadline) == 0)
        ;
}
