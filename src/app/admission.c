/* An audit before the first query; see admission.h. */
#include "app/admission.h"

#include "app/audit.h"
#include "base/log.h"

#include <errno.h>
#include <talloc.h>

struct admission {
    const struct tools_env *env;
    bool enforce;
    bool is_running; /* for one call, while others wait */
    bool is_done;
    size_t danger_count;
    struct rt_event ended;
};

static void tell(const struct admission *a, const struct app_audit *audit)
{
    char *text =
        talloc_asprintf(NULL, "the role %s can do more than read what is shown.", audit->role);
    for (size_t i = 0; i < audit->finding_count; i++) {
        if (audit->findings[i].severity == APP_DANGER)
            text = talloc_asprintf_append(text, " %s", audit->findings[i].text);
    }
    if (a->enforce)
        log_error("%s No query is answered (security.require_least_privilege); \"pgparley check\" "
                  "says what to do",
            text);
    else
        log_warning("%s \"pgparley check\" says what to do", text);
    talloc_free(text);
}

static bool audit_once(struct admission *a, const void *ctx, int64_t deadline,
    struct error **ret_err) may_yield
{
    struct app_audit *audit;
    a->is_running = true;
    bool ok = app_audit_run(ctx, a->env, deadline, &audit, ret_err);
    a->is_running = false;
    a->is_done = ok || (!a->enforce && (*ret_err)->class == ERROR_STATEMENT);
    if (ok) {
        a->danger_count = audit->danger_count;
        if (audit->danger_count > 0)
            tell(a, audit);
        talloc_free(audit);
    }
    rt_event_broadcast(&a->ended);
    return ok;
}

/* A mere warning is no reason to fail: whether the database can be read, the query finds out. */
static bool pass(void *arg, const void *ctx, int64_t deadline, struct error **ret_err) may_yield
{
    struct admission *a = arg;
    int rc = 0;
    while (a->is_running && rc == 0)
        rc = rt_event_wait(&a->ended, deadline);
    if (rc != 0) {
        *ret_err = error_create(ctx, rc == -ETIMEDOUT ? ERROR_TIMEOUT : ERROR_CANCELED,
            "the role was still being looked at");
        return !a->enforce;
    }
    if (!a->is_done && !audit_once(a, ctx, deadline, ret_err))
        return !a->enforce;
    if (!a->enforce || a->danger_count == 0)
        return true;
    struct error *error = error_create(ctx, ERROR_REFUSED,
        "the database is not available: the role that this server uses can do more than it should");
    return error_raise(ret_err,
        error_hint(error, "no other query will do; the operator of this server finds the cause "
                          "with \"pgparley check\""));
}

void app_admission_install(const void *ctx, const struct tools_env *env, bool enforce)
{
    struct admission *a = talloc_zero(ctx, struct admission);
    a->env = env;
    a->enforce = enforce;
    guard_gate_set(env->guard, &(struct guard_gate){pass, a});
}
