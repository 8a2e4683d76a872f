/* How two results differ; see eval.h. */
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

/* Rows without the head. */
struct table {
    char **lines;
    size_t count, column_count;
};

static void table_read(const void *ctx, struct table *table, const char *text)
{
    char *rest = talloc_strdup(ctx, text), *head = strsep(&rest, "\n");
    *table = (struct table){.column_count = 1};
    for (; *head; head++)
        table->column_count += *head == '\t';
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (!rest) /* behind the last line feed */
            break;
        table->lines = talloc_realloc(ctx, table->lines, char *, (unsigned)table->count + 1);
        table->lines[table->count++] = canonical_line(ctx, line);
    }
}

static void sort(struct table *table)
{
    if (table->count > 0)
        qsort(table->lines, table->count, sizeof *table->lines, compare);
}

/* Rows of the one that the other has in the same place. */
static size_t count_same(const struct table *a, const struct table *b)
{
    size_t same = 0;
    for (size_t i = 0; i < a->count && i < b->count; i++)
        same += strcmp(a->lines[i], b->lines[i]) == 0;
    return same;
}

static char *difference(const void *ctx, struct table *expected, struct table *found, bool ordered)
{
    if (expected->count != found->count)
        return talloc_asprintf(ctx, "%zu row%s instead of %zu", found->count,
            found->count == 1 ? "" : "s", expected->count);
    bool same = count_same(expected, found) == found->count;
    sort(expected);
    sort(found);
    size_t right = count_same(expected, found);
    if (same || (!ordered && right == found->count))
        return NULL;
    if (right == found->count)
        return talloc_strdup(ctx, "the right rows in another order");
    if (expected->column_count != found->column_count)
        return talloc_asprintf(ctx, "%zu column%s instead of %zu", found->column_count,
            found->column_count == 1 ? "" : "s", expected->column_count);
    return talloc_asprintf(ctx, "%zu row%s as expected, with other values", found->count,
        found->count == 1 ? "" : "s");
}

char *app_eval_difference(const void *ctx, const char *expected, const char *found, bool ordered)
{
    void *scratch = talloc_new(ctx);
    struct table left, right;
    table_read(scratch, &left, expected);
    table_read(scratch, &right, found);
    char *text = difference(ctx, &left, &right, ordered);
    talloc_free(scratch);
    return text;
}
