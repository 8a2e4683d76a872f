/*
 * A growing byte buffer with a mandatory maximum.
 *
 * Embedded in its owner; the bytes are a talloc child of the context given to str_init, so that
 * they go with it. An append that would pass the maximum adds nothing and sets `full`, which
 * stays set: a caller may append a whole reply and ask once at the end. The bytes are always
 * followed by a NUL that `len` does not count. Nothing here yields.
 */
#ifndef PGPARLEY_BASE_STR_H
#define PGPARLEY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
    char *data; /* NULL until the first append */
    size_t len;
    size_t cap;
    size_t max; /* bytes, the final NUL not counted */
    const void *ctx;
    bool full; /* an append was refused since the last str_reset */
};

void str_init(struct str *s, const void *ctx, size_t max);

/* Frees the bytes; the buffer is empty and usable again. */
void str_done(struct str *s);

/* Forgets the content, keeps the memory. */
void str_reset(struct str *s);

/* Cuts to `len` bytes (at most the present length) and clears `full`. */
void str_truncate(struct str *s, size_t len);

bool str_append(struct str *s, const void *data, size_t len);
bool str_puts(struct str *s, const char *text);
bool str_putc(struct str *s, char c);
bool str_printf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The content as a C string; "" when nothing was appended. Valid until the next append. */
const char *str_get(const struct str *s);

/* Moves the bytes to `ctx`; the buffer is empty afterwards. Never NULL. */
char *str_take(struct str *s, const void *ctx);

#endif
