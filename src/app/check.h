/* `pgparley check`: validates a configuration, explains what it means, and audits the database. */
#ifndef PGPARLEY_APP_CHECK_H
#define PGPARLEY_APP_CHECK_H

#include <stdbool.h>

struct app_check_options {
    const char *file; /* of the configuration, or NULL */
    const char *url;  /* connection string, or NULL */
    bool offline;     /* do not connect */
};

/*
 * Reports on standard output. Returns the exit code: 1 when the database cannot be reached, 2 when
 * the configuration cannot be used, 3 when the role can do more than it must
 * (security.require_least_privilege).
 */
int app_check(const struct app_check_options *options);

#endif
