/*
 * Writes JSON straight into a str: no tree, no second copy.
 *
 * Commas are the writer's business; nesting is the caller's, which closes what it opens. The
 * output never holds a raw line feed, so that a value can be one line on stdio or in an SSE
 * event. When the buffer is full the rest is dropped and `out->full` says so. Nothing yields.
 */
#ifndef PGPARLEY_BASE_JSON_WRITER_H
#define PGPARLEY_BASE_JSON_WRITER_H

#include "base/str.h"

#include <stdint.h>

struct json_writer {
    struct str *out;
    bool comma; /* the next value or key needs one before it */
};

void jw_init(struct json_writer *w, struct str *out);

void jw_begin_object(struct json_writer *w);
void jw_end_object(struct json_writer *w);
void jw_begin_array(struct json_writer *w);
void jw_end_array(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);

/* `text` is UTF-8; bytes that are not are written as U+FFFD. */
void jw_string(struct json_writer *w, const char *text);
void jw_string_n(struct json_writer *w, const char *text, size_t len);
void jw_int(struct json_writer *w, int64_t value);
void jw_double(struct json_writer *w, double value); /* finite */
void jw_bool(struct json_writer *w, bool value);
void jw_null(struct json_writer *w);

/* A value that is JSON already; line breaks in it (white space, by the grammar) become blanks. */
void jw_raw(struct json_writer *w, const char *json, size_t len);

/* Key and value in one; the string form writes nothing at all when `value` is NULL. */
void jw_member_string(struct json_writer *w, const char *key, const char *value);
void jw_member_int(struct json_writer *w, const char *key, int64_t value);
void jw_member_bool(struct json_writer *w, const char *key, bool value);

#endif
