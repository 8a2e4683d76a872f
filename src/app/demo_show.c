/* The demo's output; see demo_show.h. */
#include "app/demo_show.h"

#include "app/demo_process.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum {
    CELL_MAX = 60, /* characters; a longer cell is cut and ends in ".." */
};

/* Escape sequences, "" without colours. */
static struct {
    const char *bold, *dim, *green, *blue, *yellow, *plain;
} look = {"", "", "", "", "", ""};

static int64_t step_start_ms; /* 0 between steps */
static int write_errno;       /* why stdout takes no more, 0 while it does */

void demo_show_init(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    setvbuf(stdout, NULL, _IOFBF, 1 << 16); /* so that only demo_show_flush writes */
    if (!isatty(STDOUT_FILENO) || (no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
        return;
    look.bold = "\033[1m";
    look.dim = "\033[2m";
    look.green = "\033[32m";
    look.blue = "\033[34m";
    look.yellow = "\033[33m";
    look.plain = "\033[0m";
}

/* Prints the format between two escape sequences. */
static void print_as(const char *start, const char *format, va_list args)
{
    fputs(start, stdout);
    vprintf(format, args);
    fputs(*start ? look.plain : "", stdout);
}

void demo_show_heading(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    putchar('\n');
    print_as(look.bold, format, args);
    putchar('\n');
    va_end(args);
}

void demo_show_text(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("  ", stdout);
    print_as("", format, args);
    putchar('\n');
    va_end(args);
}

void demo_show_step(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("  ", stdout);
    print_as("", format, args);
    fputs(" ...", stdout);
    va_end(args);
    demo_show_flush();
    step_start_ms = demo_clock_ms();
}

void demo_show_step_done(void)
{
    double seconds = (double)(demo_clock_ms() - step_start_ms) / 1000;
    printf(" %s%.1f s%s\n", look.green, seconds, look.plain);
    step_start_ms = 0;
}

void demo_show_step_failed(const char *reason)
{
    printf(" %s%s%s\n", look.yellow, reason, look.plain);
    step_start_ms = 0;
}

/* A copy of `text` that a terminal shows as one line and obeys in nothing. */
static char *clean(const void *ctx, const char *text)
{
    char *copy = talloc_strdup(ctx, text);
    for (unsigned char *c = (unsigned char *)copy; *c; c++) {
        if (*c < 0x20 || *c == 0x7f)
            *c = ' ';
        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F: control too */
            c[0] = c[1] = '?';
    }
    return copy;
}

void demo_show_call(const char *method, const char *arguments, double ms)
{
    char *shown = clean(NULL, arguments);
    printf("  %s->%s %s%s%s %s %s%.1f ms%s\n", look.blue, look.plain, look.bold, method, look.plain,
        shown, look.green, ms, look.plain);
    talloc_free(shown);
}

static void print_lines(const char *start, const char *text, const char *margin)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        char *line = talloc_strndup(NULL, text, len);
        char *shown = clean(line, line);
        printf("%s%s%s%s\n", margin, start, shown, *start ? look.plain : "");
        talloc_free(line);
        text += len + (text[len] == '\n');
    }
}

void demo_show_sql(const char *sql)
{
    print_lines(look.blue, sql, "     ");
}

void demo_show_quote(const char *text)
{
    print_lines(look.yellow, text, "   | ");
}

void demo_show_paste(const char *text)
{
    print_lines("", text, "");
}

/* Characters, not bytes: what is shown here has no wide or combining ones worth a table for. */
static size_t width(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Cuts after CELL_MAX characters. */
static char *fit(char *text)
{
    if (width(text) <= CELL_MAX)
        return text;
    char *end = text;
    for (size_t count = 0; count < CELL_MAX - 2; count++)
        end += text_utf8_sequence(end, strlen(end));
    memcpy(end, "..", 3);
    return text;
}

/* The cell as text under `ctx`. */
static char *cell_text(const void *ctx, const json_t *value)
{
    if (!value || json_is_null(value))
        return talloc_strdup(ctx, "null");
    if (json_is_string(value))
        return fit(clean(ctx, json_string_value(value)));
    char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    char *text = fit(clean(ctx, json ? json : ""));
    free(json);
    return text;
}

static bool is_number_type(const char *type)
{
    static const char *const names[] = {"smallint", "integer", "bigint", "numeric", "real",
        "double precision", "money", "oid", "int2", "int4", "int8", "float4", "float8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(type, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* One line of a table; nothing is padded after the last cell. */
static void print_row(const char *start, char *const *cells, const size_t *widths,
    const bool *numeric, size_t count)
{
    printf("     %s", start);
    for (size_t i = 0; i < count; i++) {
        int padding = (int)(widths[i] - width(cells[i]));
        if (numeric[i])
            printf("%*s%s", padding, "", cells[i]);
        else
            printf("%s%*s", cells[i], i + 1 < count ? padding : 0, "");
        if (i + 1 < count)
            fputs("  ", stdout);
    }
    printf("%s\n", *start ? look.plain : "");
}

void demo_show_table(const json_t *columns, const json_t *rows, size_t max_rows)
{
    size_t count = json_array_size(columns);
    size_t total = json_array_size(rows);
    size_t shown = total < max_rows ? total : max_rows;
    void *ctx = talloc_new(NULL);
    char **cells = talloc_array(ctx, char *, (unsigned)((shown + 2) * count));
    size_t *widths = talloc_zero_array(ctx, size_t, (unsigned)count);
    bool *numeric = talloc_array(ctx, bool, (unsigned)count);

    /* The rows of `cells`: the names, their underlines, the values. */
    for (size_t i = 0; i < count; i++) {
        const json_t *column = json_array_get(columns, i);
        const char *type = json_string_value(json_object_get(column, "type"));
        numeric[i] = type && is_number_type(type);
        for (size_t row = 0; row < shown + 2; row++) {
            const json_t *value = json_object_get(column, "name");
            if (row == 1)
                continue;
            if (row > 1)
                value = json_array_get(json_array_get(rows, row - 2), i);
            char *text = cells[row * count + i] = cell_text(ctx, value);
            widths[i] = width(text) > widths[i] ? width(text) : widths[i];
        }
        cells[count + i] = talloc_zero_size(ctx, widths[i] + 1);
        memset(cells[count + i], '-', widths[i]);
    }
    for (size_t row = 0; row < shown + 2; row++)
        print_row(row == 0   ? look.bold
                  : row == 1 ? look.dim
                             : "",
            cells + row * count, widths, numeric, count);
    if (total > shown)
        printf("     %s... and %zu more%s\n", look.dim, total - shown, look.plain);
    talloc_free(ctx);
}

void demo_show_error(const struct error *error)
{
    if (step_start_ms)
        demo_show_step_failed("failed");
    demo_show_flush();
    if (error->class == ERROR_CANCELED)
        return;
    char *text = error_text(NULL, error);
    log_error("%s", text);
    talloc_free(text);
}

bool demo_show_flush(void)
{
    if (!write_errno && fflush(stdout) != 0)
        write_errno = errno;
    errno = write_errno;
    return !write_errno;
}
