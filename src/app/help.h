/* `pgparley help`, `--help` and the manual page, all printed from the tables. */
#ifndef PGPARLEY_APP_HELP_H
#define PGPARLEY_APP_HELP_H

/*
 * Explains `topic`, the name of a command or "config", or the program when it is NULL, on
 * standard output. Returns the exit code: 2 for an unknown topic.
 */
int app_help(const char *topic);

/* Prints the manual page pgparley(1) in mdoc(7). */
void app_man(void);

#endif
