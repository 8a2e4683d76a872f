/* `pgparley grants`: the SQL of a role that can read what the policy shows, and do no more. */
#ifndef PGPARLEY_APP_GRANTS_H
#define PGPARLEY_APP_GRANTS_H

#include <stdbool.h>

struct app_grants_options {
    const char *file; /* of the configuration, or NULL */
    const char *url;  /* connection string, or NULL */
    const char *role; /* NULL = pgparley_reader */
    bool harden;      /* write out what takes dangerous rights from PUBLIC, too */
};

/* Prints the script on standard output, whole or not at all. Returns the exit code: 1 when the
 * database cannot be reached, 2 when the configuration cannot be used. */
int app_grants(const struct app_grants_options *options);

#endif
