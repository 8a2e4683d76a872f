/*
 * What the role could do in the database if nothing but PostgreSQL stopped it, held against the
 * policy. The guard refuses all of it anyway; a role that cannot is the wall behind the guard.
 */
#ifndef PGPARLEY_APP_AUDIT_H
#define PGPARLEY_APP_AUDIT_H

#include "tools/tools.h"

enum app_severity {
    APP_FINE,
    APP_WARNING,
    APP_DANGER, /* it could change data, read what is hidden, or reach beyond the database */
};

struct app_finding {
    enum app_severity severity;
    const char *text; /* a sentence: what it is, and what that means */
    const char *cure; /* the SQL or the key that changes it; NULL when there is nothing to do */
};

struct app_audit {
    const char *role, *database, *server_version;
    const char **schemas; /* that exist, system ones included */
    size_t schema_count;
    struct catalog_oids readable; /* tables and views that the role may read, wholly or in part */
    struct app_finding *findings; /* in the order of their subjects */
    size_t finding_count;
    size_t danger_count;
};

/* Asks PostgreSQL in one round trip, besides the facts of the cache. `*ret` belongs to `ctx`. */
must_use bool app_audit_run(const void *ctx, const struct tools_env *env, int64_t deadline,
    struct app_audit **ret, struct error **ret_err) may_yield;

/* One of those that everybody may call, though nobody who only reads has to: of PostgreSQL, or of
 * an extension. Others that the guard refuses are part of what clients and tools do. */
bool app_audit_is_dispensable(const struct catalog_fact_function *function);

/* "danger", "warning", "fine". */
const char *app_severity_name(enum app_severity severity);

#endif
