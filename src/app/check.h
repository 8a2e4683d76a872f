/* `pgparley check`: validates a configuration and explains what it means. */
#ifndef PGPARLEY_APP_CHECK_H
#define PGPARLEY_APP_CHECK_H

/*
 * Reports on standard output what `file` and `url`, either of which may be NULL, amount to.
 * Returns the exit code: 2 when the configuration cannot be used.
 */
int app_check(const char *file, const char *url);

#endif
