/* Whether two results are the same answer; see eval.h. */
#include "app/eval.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { CANONICAL_MAX_BYTES = 64 << 20, DIGITS = 9 };

/* A number in one form, whatever its type and scale were. */
static void put_cell(struct str *out, const char *cell)
{
    char *end;
    double number = strtod(cell, &end);
    bool is_number = end > cell && *end == '\0' && strpbrk(cell, "xXnN") == NULL;
    if (is_number)
        str_printf(out, "%.*g", DIGITS, number);
    else
        str_puts(out, cell);
    str_putc(out, '\t');
}

static char *canonical_line(const void *ctx, char *line)
{
    struct str out;
    str_init(&out, ctx, CANONICAL_MAX_BYTES);
    for (char *cell; (cell = strsep(&line, "\t")) != NULL;)
        put_cell(&out, cell);
    return str_take(&out, ctx);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The rows, without the head. */
static char **canonical(const void *ctx, const char *table, bool ordered, size_t *ret_count)
{
    char *rest = talloc_strdup(ctx, table);
    char **lines = talloc_array(ctx, char *, 1);
    size_t count = 0;
    strsep(&rest, "\n");
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (!rest) /* behind the last line feed */
            break;
        lines = talloc_realloc(ctx, lines, char *, (unsigned)count + 1);
        lines[count++] = canonical_line(ctx, line);
    }
    if (!ordered)
        qsort(lines, count, sizeof *lines, compare);
    *ret_count = count;
    return lines;
}

bool app_eval_same(const char *a, const char *b, bool ordered)
{
    void *ctx = talloc_new(NULL);
    size_t left_count, right_count;
    char **left = canonical(ctx, a, ordered, &left_count);
    char **right = canonical(ctx, b, ordered, &right_count);
    bool same = left_count == right_count;
    for (size_t i = 0; same && i < left_count; i++)
        same = strcmp(left[i], right[i]) == 0;
    talloc_free(ctx);
    return same;
}
