/*
 * One error value for every layer: what happened, where, and what to do next.
 *
 * Written as PostgreSQL's style guide asks: `message` is one lower-case fact without a full stop,
 * `detail` gives the circumstances, `hint` says what to do. A function that can fail takes
 * `struct error **ret_err` as its last argument, returns false (or NULL) and leaves its other
 * outputs untouched. The error belongs to the talloc context that the function was given. It is
 * reported once, where it becomes a reply, an exit code or a log line.
 */
#ifndef PGPARLEY_BASE_ERROR_H
#define PGPARLEY_BASE_ERROR_H

#include <stdbool.h>

#define must_use __attribute__((warn_unused_result))

enum error_class {
    ERROR_ARGUMENT,    /* the caller's arguments are wrong */
    ERROR_REFUSED,     /* the guard or the policy says no */
    ERROR_STATEMENT,   /* PostgreSQL rejected or aborted the statement */
    ERROR_UNAVAILABLE, /* the database cannot be reached or went away */
    ERROR_TIMEOUT,     /* a deadline passed */
    ERROR_CANCELED,    /* the caller withdrew; never shown to anybody */
    ERROR_LIMIT,       /* a configured size or count was reached */
    ERROR_CONFIG,      /* configuration or command line; exit code 2 */
    ERROR_INTERNAL,    /* a defect or a broken environment */
};

struct error {
    enum error_class class;
    char sqlstate[6]; /* "" when there is none */
    char *message;
    char *detail;     /* NULL when there is none */
    char *hint;       /* NULL when there is none */
    int position;     /* 1-based character in the caller's statement, 0 = unknown */
    int line, column; /* the same for people, 1-based, 0 = unknown */
    bool retryable;
};

/* Allocates an error under `ctx`; UNAVAILABLE and TIMEOUT start out retryable. */
struct error *error_create(const void *ctx, enum error_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));

/* Sets the detail or the hint, replacing an earlier one; returns `error` for chaining. */
struct error *error_detail(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct error *error_hint(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Stores `error` in `*ret_err` and returns false: `return error_raise(ret_err, error_create(…));`
 */
bool error_raise(struct error **ret_err, struct error *error);

/* A deep copy under another context, for an error that several callers share. */
struct error *error_copy(const void *ctx, const struct error *error);

/* "message (SQLSTATE)\nDETAIL: …\nHINT: …" under `ctx`, for terminals, logs and models. */
char *error_text(const void *ctx, const struct error *error);

#endif
