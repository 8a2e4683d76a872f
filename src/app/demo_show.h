/*
 * How the demo looks: headings, steps with their time, SQL, aligned tables.
 *
 * Everything goes to stdout, in colour when that is a terminal and NO_COLOR is not set. Text that
 * came from the server or the database is cleaned of control characters before it is shown.
 */
#ifndef PGPARLEY_APP_DEMO_SHOW_H
#define PGPARLEY_APP_DEMO_SHOW_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

/* Decides on colours; call it first. */
void demo_show_init(void);

void demo_show_heading(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line, indented below its heading. */
void demo_show_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A step that may take a while: its text at once, its time or its failure when it ends. */
void demo_show_step(const char *format, ...) __attribute__((format(printf, 1, 2)));
void demo_show_step_done(void);
void demo_show_step_failed(const char *reason);

/* A request and how long its answer took. */
void demo_show_call(const char *method, const char *arguments, double ms);

/* A statement as it is written, each line indented. */
void demo_show_sql(const char *sql);

/* A refusal or another explanation of several lines, set off from our own words. */
void demo_show_quote(const char *text);

/* Text to be copied: indented by nothing, coloured by nothing. */
void demo_show_paste(const char *text);

/*
 * A table: `columns` is an array of {"name", "type"}, `rows` an array of arrays of any JSON.
 * Numbers are set to the right; rows beyond `max_rows` are only counted.
 */
void demo_show_table(const json_t *columns, const json_t *rows, size_t max_rows);

/* The error, on stderr; a canceled one is not shown. */
void demo_show_error(const struct error *error);

/* Writes out what is buffered; false, with errno set, when the output cannot take it. */
bool demo_show_flush(void);

#endif
