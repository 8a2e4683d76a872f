/*
 * PostgreSQL's programs, run without a shell and without the terminal.
 *
 * The server is started directly rather than by pg_ctl, which would pass the directory's name
 * through /bin/sh. It is recognised by postmaster.pid only if that process works in our data
 * directory: process ids are used again, and a wrong one must not be signalled.
 */
#include "app/demo_postgres.h"

#include "app/demo_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

enum {
    PROGRAM_MS = 120000, /* a single program, on a slow disk */
    START_MS = 60000,
    STOP_MS = 15000,
};

static bool is_program(const void *ctx, const char *directory, const char *name)
{
    char *path = talloc_asprintf(ctx, "%s/%s", directory, name);
    bool found = euidaccess(path, X_OK) == 0;
    talloc_free(path);
    return found;
}

static bool has_server(const void *ctx, const char *directory)
{
    return is_program(ctx, directory, "initdb") && is_program(ctx, directory, "postgres");
}

/* The first directory of PATH that `fits`. */
static char *find_in_path(const void *ctx, bool (*fits)(const void *ctx, const char *directory))
{
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        char *directory = talloc_strndup(ctx, path, len);
        if (directory[0] == '/' && fits(ctx, directory))
            return directory;
        talloc_free(directory);
        path += len + (path[len] == ':');
    }
    return NULL;
}

static bool has_pg_config(const void *ctx, const char *directory)
{
    return is_program(ctx, directory, "pg_config");
}

/* `pg_config --bindir`: it may name a directory where only client programs are. */
static char *ask_pg_config(const void *ctx)
{
    char *directory = find_in_path(ctx, has_pg_config);
    int ends[2];
    if (!directory || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return NULL;
    char *argv[] = {talloc_asprintf(ctx, "%s/pg_config", directory), "--bindir", NULL};
    pid_t pid = demo_process_start(
        &(struct demo_command){.argv = argv, .in = -1, .out = ends[1], .err = -1});
    close(ends[1]);
    char answer[4096];
    ssize_t len = -1;
    if (pid > 0 && demo_process_wait(pid, demo_clock_ms() + PROGRAM_MS) == 0)
        len = read(ends[0], answer, sizeof answer - 1);
    close(ends[0]);
    if (len <= 0)
        return NULL;
    answer[len] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    return talloc_strdup(ctx, answer);
}

static char *find_package(const void *ctx)
{
    static const char *const patterns[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"};
    char *best = NULL;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t found;
        if (glob(patterns[i], 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++) {
            const char *directory = found.gl_pathv[k];
            if (has_server(ctx, directory) && (!best || strverscmp(directory, best) > 0))
                best = talloc_strdup(ctx, directory);
        }
        globfree(&found);
    }
    return best;
}

char *demo_postgres_find(const void *ctx)
{
    char *directory = ask_pg_config(ctx);
    if (directory && has_server(ctx, directory))
        return directory;
    directory = find_package(ctx);
    return directory ? directory : find_in_path(ctx, has_server);
}

/* The end of the log, which tells why a program failed. */
static char *log_tail(const void *ctx, const char *path)
{
    char tail[601];
    ssize_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        off_t end = lseek(fd, 0, SEEK_END);
        off_t start = end > (off_t)sizeof tail - 1 ? end - (off_t)sizeof tail + 1 : 0;
        len = pread(fd, tail, sizeof tail - 1, start);
        close(fd);
    }
    while (len > 0 && tail[len - 1] == '\n')
        len--;
    tail[len < 0 ? 0 : len] = '\0';
    return talloc_strdup(ctx, tail);
}

static struct error *program_error(const void *ctx, const struct demo_postgres *postgres,
    const char *program, int status)
{
    char *how = status == -1 ? talloc_strdup(ctx, "did not finish in time")
                             : demo_process_status(ctx, status);
    struct error *error = error_create(ctx, ERROR_UNAVAILABLE, "%s %s", program, how);
    error_detail(error, "the end of %s:\n%s", postgres->log, log_tail(ctx, postgres->log));
    return error_hint(error,
        "the log tells what is missing; the same command with --clean clears the way to start over");
}

/* Starts argv with the log as its output. */
static pid_t start_logged(const struct demo_postgres *postgres, char *const argv[], bool detached)
{
    int log = open(postgres->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_t pid = demo_process_start(&(
        struct demo_command){.argv = argv, .in = -1, .out = log, .err = log, .detached = detached});
    if (log >= 0)
        close(log);
    return pid;
}

bool demo_postgres_init(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err)
{
    char *argv[] = {talloc_asprintf(ctx, "%s/initdb", postgres->programs), "-D", postgres->data,
        "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=peer", "--no-sync", NULL};
    pid_t pid = start_logged(postgres, argv, false);
    int status = pid < 0 ? -1 : demo_process_wait(pid, demo_clock_ms() + PROGRAM_MS);
    if (status == 0)
        return true;
    if (status == -1 && pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return error_raise(ret_err, program_error(ctx, postgres, "initdb", status));
}

pid_t demo_postgres_pid(const struct demo_postgres *postgres)
{
    char path[4096], where[4096];
    snprintf(path, sizeof path, "%s/postmaster.pid", postgres->data);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    char *end, *line = fgets(where, sizeof where, file);
    fclose(file);
    long pid = line ? strtol(line, &end, 10) : 0;
    if (pid <= 1 || pid > INT32_MAX)
        return 0;
    snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
    ssize_t len = readlink(path, where, sizeof where - 1);
    if (len < 0)
        return 0;
    where[len] = '\0';
    return strcmp(where, postgres->data) == 0 ? (pid_t)pid : 0;
}

static bool answers(const struct demo_postgres *postgres)
{
    const char *const names[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {postgres->socket, DEMO_PORT, "postgres", "postgres", "5", NULL};
    return PQpingParams(names, values, 0) == PQPING_OK;
}

bool demo_postgres_start(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err)
{
    int64_t deadline = demo_clock_ms() + START_MS;
    pid_t child = 0;
    if (!demo_postgres_pid(postgres)) {
        char *argv[] = {talloc_asprintf(ctx, "%s/postgres", postgres->programs), "-D",
            postgres->data, NULL};
        child = start_logged(postgres, argv, true);
    }
    while (!answers(postgres)) {
        int status = child > 0 ? demo_process_wait(child, demo_clock_ms() + 20) : -1;
        if (status != -1 || child < 0 || demo_clock_ms() >= deadline)
            return error_raise(ret_err, program_error(ctx, postgres, "postgres", status));
        if (child == 0)
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

bool demo_postgres_stop(const struct demo_postgres *postgres, const void *ctx,
    struct error **ret_err)
{
    pid_t pid = demo_postgres_pid(postgres);
    if (!pid)
        return true;
    kill(pid, SIGQUIT);
    for (int64_t deadline = demo_clock_ms() + STOP_MS; demo_clock_ms() < deadline;) {
        if (waitpid(pid, NULL, WNOHANG) == pid || kill(pid, 0) < 0)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    struct error *error = error_create(ctx, ERROR_TIMEOUT, "could not stop PostgreSQL");
    error_detail(error, "process %d did not end within %d seconds", (int)pid, STOP_MS / 1000);
    return error_raise(ret_err, error_hint(error, "end it with `kill -9 %d`", (int)pid));
}
