/* Child processes of the demo: PostgreSQL's programs and the MCP server it talks to. */
#ifndef PGPARLEY_APP_DEMO_PROCESS_H
#define PGPARLEY_APP_DEMO_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Milliseconds of the monotonic clock. */
int64_t demo_clock_ms(void);

struct demo_command {
    char *const *argv; /* argv[0] is a path */
    int in, out, err;  /* -1 stands for /dev/null */
    bool detached;     /* lives on when we end, and Ctrl-C does not reach it */
};

/*
 * Starts a program as our effective user, with the three descriptors of the command and no other:
 * a server that lives on must not hold the terminal or a pipe of ours open. Returns -1 with errno
 * set when there is no process to be had; a program that cannot be executed exits with 127.
 */
pid_t demo_process_start(const struct demo_command *command);

/* Waits for a child of ours; returns its wait status, or -1 when it still runs at the deadline. */
int demo_process_wait(pid_t pid, int64_t deadline_ms);

/* "exited with code 1", "was ended by signal 9": for error messages, under `ctx`. */
char *demo_process_status(const void *ctx, int status);

#endif
