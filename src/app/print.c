/* Text for a person; see print.h. */
#include "app/print.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum { LINE_COLUMNS = 80 };

bool app_print_is_styled(FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

void app_print_heading(FILE *out, const char *text)
{
    fprintf(out, app_print_is_styled(out) ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

static int columns(const char *text, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

int app_print_width(const char *text)
{
    return columns(text, strlen(text));
}

void app_print_wrapped(FILE *out, int indent, int at, const char *text)
{
    bool at_start = true;
    while (*text) {
        size_t len = strcspn(text, " \n");
        int width = columns(text, len);
        if (!at_start && at + 1 + width > LINE_COLUMNS) {
            fputc('\n', out);
            at_start = true;
            at = 0;
        }
        if (at < indent) {
            fprintf(out, "%*s", indent - at, "");
            at = indent;
        } else if (!at_start) {
            fputc(' ', out);
            at++;
        }
        fwrite(text, 1, len, out);
        at += width;
        at_start = false;
        text += len;
        if (*text == '\n') {
            fputs("\n\n", out);
            at_start = true;
            at = 0;
        }
        text += *text != '\0';
    }
    fputc('\n', out);
}

void app_print_cell(FILE *out, const char *text, int width)
{
    size_t len = strlen(text);
    for (size_t i = 0, n; i < len; i += n) {
        bool plain;
        n = text_step(text + i, len - i, &plain);
        if (plain)
            fwrite(text + i, 1, n, out);
        else
            fputc('?', out);
    }
    int padding = width - app_print_width(text);
    if (padding > 0)
        fprintf(out, "%*s", padding, "");
}

enum { TABLE_COLUMNS_MAX = 100 };

static void measure(const char *text, int widths[TABLE_COLUMNS_MAX])
{
    for (int column = 0; *text;) {
        size_t len = strcspn(text, "\t\n");
        int width = columns(text, len);
        if (column < TABLE_COLUMNS_MAX && width > widths[column])
            widths[column] = width;
        text += len;
        column = *text == '\t' ? column + 1 : 0;
        text += *text != '\0';
    }
}

static void print_rule(FILE *out, const int widths[TABLE_COLUMNS_MAX], int count)
{
    for (int i = 0; i < count && i < TABLE_COLUMNS_MAX; i++) {
        for (int at = 0; at < widths[i]; at++)
            fputs("─", out);
        fputs(i + 1 < count ? "  " : "", out);
    }
    fputc('\n', out);
}

void app_print_table(FILE *out, const char *text)
{
    int widths[TABLE_COLUMNS_MAX] = {0};
    bool is_head = true;
    measure(text, widths);
    for (int column = 0; *text;) {
        size_t len = strcspn(text, "\t\n");
        bool last = text[len] != '\t';
        char *cell = talloc_strndup(NULL, text, len);
        app_print_cell(out, cell, last || column >= TABLE_COLUMNS_MAX ? 0 : widths[column]);
        talloc_free(cell);
        fputs(last ? "\n" : "  ", out);
        column++;
        if (last && is_head)
            print_rule(out, widths, column);
        if (last) {
            is_head = false;
            column = 0;
        }
        text += len + (text[len] != '\0');
    }
}
