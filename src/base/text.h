/* Small text questions: UTF-8, positions, and which known name was probably meant. */
#ifndef PGPARLEY_BASE_TEXT_H
#define PGPARLEY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Length (1–4) of the valid UTF-8 sequence at `text`, 0 when there is none (RFC 3629). */
size_t text_utf8_sequence(const char *text, size_t len);

/* Offset of the first byte that is not valid UTF-8; `len` when all of it is. */
size_t text_utf8_check(const char *text, size_t len);

/* The longest prefix of at most `max` bytes that does not split a character. */
size_t text_utf8_cut(const char *text, size_t len, size_t max);

/* The beginning of `text` under `ctx`, of at most `max` bytes, and "…" for what is left out. */
enum { TEXT_QUOTED_BYTES = 200 }; /* as much as an error quotes of a query */
char *text_excerpt(const void *ctx, const char *text, size_t max);

/* Whether the UTF-8 sequence moves a terminal's cursor, or turns the order of what is read: C0,
 * DEL, C1, the marks of direction, and those that end a line. */
bool text_is_control(const char *sequence, size_t len);

/* The length of what comes first in `text`, a sequence or a byte that begins none, and whether it
 * may be shown: a sequence that is no control. `len` is not 0. */
size_t text_step(const char *text, size_t len, bool *ret_plain);

/* A byte of a UTF-8 sequence that is not its first. */
bool text_is_continuation(char c);

/* Where the 1-based character `position` begins; the end when the text is shorter. */
const char *text_character(const char *text, int position);

/* 1-based line and column (in characters) of the 1-based character `position`. */
void text_line_column(const char *text, int position, int *ret_line, int *ret_column);

/*
 * Keeps the candidate nearest to `wanted` (ASCII case ignored) over several offers:
 *     struct text_nearest n = text_nearest_to("naem");
 *     for (…) text_nearest_offer(&n, candidate);
 *     n.best is NULL or near enough to be suggested; it is the pointer that was offered.
 */
struct text_nearest {
    const char *wanted;
    const char *best;
    size_t distance; /* of the best so far, or of what is too far */
};
struct text_nearest text_nearest_to(const char *wanted);
void text_nearest_offer(struct text_nearest *nearest, const char *candidate);

#endif
