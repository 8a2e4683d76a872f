/*
 * What the policy makes of the database: what is shown, what is hidden and why, and what of the
 * policy speaks of nothing that is there.
 */
#ifndef PGPARLEY_APP_EXPOSURE_H
#define PGPARLEY_APP_EXPOSURE_H

#include "app/audit.h"
#include "config/config.h"

struct app_hidden {
    const struct catalog_fact_relation *relation;
    const char *reason; /* with the key that would allow it */
    bool by_itself;     /* for its own name, and not for what it reads */
};

/* An entry of a list that matches nothing: a typing error, most likely. */
struct app_unmatched {
    const char *key, *entry;
    const char *nearest; /* what there is instead, or NULL */
};

struct app_exposure {
    size_t shown;              /* relations that the role may read, too */
    size_t unreadable;         /* that the policy shows, and the role may not read */
    struct app_hidden *hidden; /* of the schemas that may be read: surprising ones first, by name */
    size_t hidden_count;
    const struct catalog_fact_function **refused; /* functions of this database's own, by name */
    size_t refused_count;
    struct app_unmatched *unmatched;
    size_t unmatched_count;
};

/* `*ret` belongs to `ctx`, and so do the facts that it borrows from. */
must_use bool app_exposure_get(const void *ctx, const struct tools_env *env,
    const struct config_security *security, const struct app_audit *audit, int64_t deadline,
    struct app_exposure **ret, struct error **ret_err) may_yield;

/* Of a kind and in a schema that a policy speaks about: tables and views that came not with
 * PostgreSQL. */
bool app_exposure_concerns(const struct catalog_fact_relation *relation);

#endif
