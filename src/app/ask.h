/* `pgparley ask`: a question in plain language, answered on the terminal. */
#ifndef PGPARLEY_APP_ASK_H
#define PGPARLEY_APP_ASK_H

#include <stdbool.h>

struct app_ask_options {
    const char *file; /* of the configuration, or NULL */
    const char *question;
    bool dry_run;
};

/* Rows go to standard output, all else to standard error. Returns the exit code: 1 when there is no
 * answer, 2 when the configuration cannot be used, 4 when the model asks back or says that the
 * data cannot tell. */
int app_ask(const struct app_ask_options *options);

#endif
