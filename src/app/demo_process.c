/* Child processes with nothing inherited but what they were given. */
#include "app/demo_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

int64_t demo_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Runs in the child. What was a borrowed identity becomes the only one: no way back to root. */
static _Noreturn void become(const struct demo_command *command)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(command->in < 0 ? null : command->in, STDIN_FILENO);
    dup2(command->out < 0 ? null : command->out, STDOUT_FILENO);
    dup2(command->err < 0 ? null : command->err, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    signal(SIGPIPE, SIG_DFL);
    if (command->detached)
        setsid();
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0)
        execv(command->argv[0], command->argv);
    dprintf(STDERR_FILENO, "could not execute \"%s\": %s\n", command->argv[0], strerror(errno));
    _exit(127);
}

pid_t demo_process_start(const struct demo_command *command)
{
    pid_t pid = fork();
    if (pid == 0)
        become(command);
    return pid;
}

int demo_process_wait(pid_t pid, int64_t deadline_ms)
{
    for (;;) {
        int status;
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return status;
        if (ended < 0 && errno != EINTR)
            return -1;
        if (demo_clock_ms() >= deadline_ms)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

char *demo_process_status(const void *ctx, int status)
{
    if (WIFSIGNALED(status))
        return talloc_asprintf(ctx, "was ended by signal %d", WTERMSIG(status));
    return talloc_asprintf(ctx, "exited with code %d", WEXITSTATUS(status));
}
