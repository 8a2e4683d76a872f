/* The choices, and expressions for the type that their place wants; see fuzz_sql.h. */
#include "guard/fuzz_internal.h"

#include <string.h>

/*
 * The next byte. When they are used up they seed some more, so that short inputs are not all plain;
 * then there are only zeros, the plainest way.
 */
static unsigned char next(struct fuzz_gen *g)
{
    unsigned char byte = 0;
    if (g->data < g->end)
        byte = *g->data++;
    else if (g->more-- > 0)
        byte = (unsigned char)(g->seed >> 24);
    g->seed = (g->seed ^ byte) * 0x01000193;
    return byte;
}

/* 0 to n - 1. */
size_t fuzz_choose(struct fuzz_gen *g, size_t n)
{
    size_t value = 0;
    for (size_t range = 1; range < n; range <<= 8)
        value = value << 8 | next(g);
    return n ? value % n : 0;
}

bool fuzz_rarely(struct fuzz_gen *g, size_t n)
{
    return fuzz_choose(g, n) == n - 1;
}

const char *fuzz_pick(struct fuzz_gen *g, const char *const *texts)
{
    size_t n = 0;
    while (texts[n])
        n++;
    return texts[fuzz_choose(g, n)];
}

void fuzz_put(struct fuzz_gen *g, const char *text)
{
    str_puts(g->out, text);
}

/* ---- values ---- */

static const char *type_name(const struct fuzz_gen *g, int type)
{
    return g->words->types[type].name;
}

static void subquery(struct fuzz_gen *g, int type)
{
    fuzz_put(g, "(");
    fuzz_query(g, &type, 1);
    fuzz_put(g, ")");
}

static void constant(struct fuzz_gen *g, int type)
{
    const struct fuzz_forms *values = &g->words->types[type].forms[FUZZ_VALUE];
    size_t n = 0;
    while (n < values->count && values->items[n].arg_count == 0)
        n++;
    if (n > 0)
        fuzz_put(g, values->items[fuzz_choose(g, n)].text);
    else
        str_printf(g->out, "NULL::%s", type_name(g, type));
}

void fuzz_form(struct fuzz_gen *g, const struct fuzz_form *form, enum fuzz_place place)
{
    enum fuzz_place before = g->place;
    const int *arg = form->args;
    g->place = place;
    for (const char *p = form->text; *p; p++) {
        if (*p == '`')
            fuzz_expression(g, *arg++);
        else
            str_putc(g->out, *p);
    }
    g->place = before;
}

static void call(struct fuzz_gen *g, int type)
{
    const struct fuzz_forms *forms = g->words->types[type].forms;
    enum fuzz_kind kind = FUZZ_VALUE;
    enum fuzz_place place = g->place == FUZZ_GROUPED ? FUZZ_GROUPED : FUZZ_PLAIN;
    if (g->place == FUZZ_GROUPED && forms[FUZZ_AGGREGATE].count && fuzz_choose(g, 4)) {
        kind = FUZZ_AGGREGATE;
        place = FUZZ_PLAIN;
    } else if (g->place == FUZZ_LISTED && fuzz_choose(g, 4) == 3) {
        kind = fuzz_choose(g, 2) ? FUZZ_WINDOW : FUZZ_SET;
    }
    if (forms[kind].count)
        fuzz_form(g, &forms[kind].items[fuzz_choose(g, forms[kind].count)], place);
    else
        constant(g, type);
}

static bool column_of(struct fuzz_gen *g, const struct fuzz_source *source, int type)
{
    size_t fitting = 0, wanted;
    for (size_t i = 0; i < source->column_count; i++)
        fitting += source->columns[i].type == type;
    if (source->row_type == type) {
        str_printf(g->out, "t%d", source->number);
        return true;
    }
    if (fitting == 0)
        return false;
    wanted = fuzz_choose(g, fitting);
    for (size_t i = 0; i < source->column_count; i++) {
        const struct fuzz_column *column = &source->columns[i];
        if (column->type != type || wanted-- != 0)
            continue;
        if (fuzz_rarely(g, 8))
            fuzz_put(g, column->name);
        else
            str_printf(g->out, "t%d.%s", source->number, column->name);
    }
    return true;
}

static void column(struct fuzz_gen *g, int type)
{
    size_t first = fuzz_choose(g, g->source_count);
    for (size_t i = 0; i < g->source_count && g->place != FUZZ_GROUPED; i++) {
        const struct fuzz_source *source = &g->sources[(first + i) % g->source_count];
        if (!source->hidden && column_of(g, source, type))
            return;
    }
    call(g, type);
}

/* One of a column in scope, or one of the first, which are the usual ones, or any. */
int fuzz_any_type(struct fuzz_gen *g)
{
    enum { USUAL = 14 };
    if (g->source_count > 0 && fuzz_choose(g, 4)) {
        const struct fuzz_source *source = &g->sources[fuzz_choose(g, g->source_count)];
        if (source->column_count > 0)
            return source->columns[fuzz_choose(g, source->column_count)].type;
    }
    size_t count = g->words->type_count;
    return (int)fuzz_choose(g, count > USUAL && fuzz_choose(g, 8) ? USUAL : count);
}

static int array_of(const struct fuzz_gen *g, int type)
{
    size_t len = strlen(type_name(g, type));
    for (size_t i = 0; i < g->words->type_count; i++) {
        const char *name = g->words->types[i].name;
        if (strncmp(name, type_name(g, type), len) == 0 && strcmp(name + len, "[]") == 0)
            return (int)i;
    }
    return -1;
}

void fuzz_condition(struct fuzz_gen *g)
{
    static const char *const comparisons[] = {"=", "<", "<>", ">=", "IS DISTINCT FROM",
        "OPERATOR(pg_catalog.=)", NULL};
    int type = fuzz_any_type(g);
    size_t way = fuzz_choose(g, 7);
    if (way == 1) {
        fuzz_put(g, fuzz_choose(g, 2) ? "EXISTS (" : "NOT EXISTS (");
        fuzz_any_query(g);
        fuzz_put(g, ")");
        return;
    }
    fuzz_put(g, "(");
    fuzz_expression(g, type);
    switch (way) {
    case 0:
        fuzz_put(g, " IS NOT NULL");
        break;
    case 2:
        fuzz_put(g, fuzz_choose(g, 2) ? " NOT IN " : " = ANY ");
        subquery(g, type);
        break;
    case 3:
        fuzz_put(g, " BETWEEN ");
        fuzz_expression(g, type);
        fuzz_put(g, " AND ");
        fuzz_expression(g, type);
        break;
    case 4:
        fuzz_put(g, " IN (");
        fuzz_expression(g, type);
        fuzz_put(g, ", ");
        fuzz_expression(g, type);
        fuzz_put(g, ")");
        break;
    default:
        str_printf(g->out, " %s ", fuzz_pick(g, comparisons));
        fuzz_expression(g, type);
    }
    fuzz_put(g, ")");
}

/* What the grammar has for every type. */
static void syntax(struct fuzz_gen *g, int type)
{
    int array;
    switch (fuzz_choose(g, 5)) {
    case 0:
        subquery(g, type);
        break;
    case 1:
        fuzz_put(g, "CASE WHEN ");
        fuzz_condition(g);
        fuzz_put(g, " THEN ");
        fuzz_expression(g, type);
        fuzz_put(g, " ELSE ");
        fuzz_expression(g, type);
        fuzz_put(g, " END");
        break;
    case 2:
        fuzz_put(g, fuzz_choose(g, 2) ? "coalesce(" : "nullif(");
        fuzz_expression(g, type);
        fuzz_put(g, ", ");
        fuzz_expression(g, type);
        fuzz_put(g, ")");
        break;
    default:
        array = array_of(g, type);
        if (array >= 0) {
            fuzz_put(g, "(");
            fuzz_expression(g, array);
            fuzz_put(g, ")[1]");
        } else {
            fuzz_put(g, "CAST(");
            fuzz_expression(g, FUZZ_TEXT);
            str_printf(g->out, " AS %s)", type_name(g, type));
        }
    }
}

void fuzz_expression(struct fuzz_gen *g, int type)
{
    if (++g->depth > FUZZ_DEPTH_MAX) {
        constant(g, type);
    } else {
        switch (fuzz_choose(g, 8)) {
        case 0:
            constant(g, type);
            break;
        case 1:
        case 2:
        case 3:
            column(g, type);
            break;
        case 6:
            syntax(g, type);
            break;
        case 7:
            if (type == FUZZ_BOOLEAN)
                fuzz_condition(g);
            else
                syntax(g, type);
            break;
        default:
            call(g, type);
        }
    }
    g->depth--;
}
