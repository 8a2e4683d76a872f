/* Whether queries are answered at all: security.require_least_privilege, decided once. */
#ifndef PGPARLEY_APP_ADMISSION_H
#define PGPARLEY_APP_ADMISSION_H

#include "tools/tools.h"

/*
 * Has the role audited before the first query. What is dangerous goes to the log, once; with
 * `enforce` every query is refused then. `env` must outlive its guard.
 */
void app_admission_install(const void *ctx, const struct tools_env *env, bool enforce);

#endif
