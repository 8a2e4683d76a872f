/* Text for a person at a terminal, or for a file: plain then, and never with control bytes. */
#ifndef PGPARLEY_APP_PRINT_H
#define PGPARLEY_APP_PRINT_H

#include <stdbool.h>
#include <stdio.h>

/* Whether `out` is a terminal that may show emphasis (NO_COLOR, TERM=dumb). */
bool app_print_is_styled(FILE *out);

/* A heading, bold on a terminal. */
void app_print_heading(FILE *out, const char *text);

/*
 * `text` wrapped at 80 columns and indented, its paragraphs (separated by a line feed) set apart;
 * the first line is taken to stand at column `at` already. Ends the line.
 */
void app_print_wrapped(FILE *out, int indent, int at, const char *text);

/* `text` with control characters shown as "?", padded with blanks to `width` columns. */
void app_print_cell(FILE *out, const char *text, int width);

/* Lines of cells separated by tabs, in columns; the first line is the head. */
void app_print_table(FILE *out, const char *text);

/* Columns that `text` takes. */
int app_print_width(const char *text);

#endif
