/* Statements from bytes; see fuzz_sql.h. */
#include "guard/fuzz_sql.h"

enum { DEPTH_MAX = 6 };

struct gen {
    const unsigned char *data, *end;
    const struct fuzz_words *words;
    struct str *out;
    int depth;
    bool pure;
};

/* 0 to n - 1; 0, the plainest way, when the bytes are used up. */
static unsigned choose(struct gen *g, unsigned n)
{
    return g->data < g->end ? *g->data++ % n : 0;
}

static const char *pick(struct gen *g, const char *const *words)
{
    unsigned n = 0;
    while (words[n])
        n++;
    return words[choose(g, n)];
}

static void put(struct gen *g, const char *text)
{
    str_puts(g->out, text);
}

static void query(struct gen *g);
static void expression(struct gen *g);

static void in_parentheses(struct gen *g, void (*part)(struct gen *g))
{
    put(g, "(");
    part(g);
    put(g, ")");
}

static void constant(struct gen *g)
{
    static const char *const constants[] = {"1", "'a'", "NULL", "2.5", "true", "'2024-01-01'",
        "B'101'", "$$x$$", "U&'\\0061'", "E'\\n'", "'{1,2}'", "'{\"a\": 1}'", "-1", "''", NULL};
    put(g, pick(g, constants));
}

static void call(struct gen *g)
{
    for (const char *p = pick(g, g->words->functions); *p; p++) {
        if (*p == '#')
            expression(g);
        else
            str_putc(g->out, *p);
    }
}

static void operation(struct gen *g)
{
    expression(g);
    str_printf(g->out, " %s ", pick(g, g->words->operators));
    expression(g);
}

static void cast(struct gen *g)
{
    bool function = choose(g, 2);
    put(g, function ? "CAST(" : "(");
    expression(g);
    str_printf(g->out, function ? " AS %s)" : ")::%s", pick(g, g->words->types));
}

static void conditional(struct gen *g)
{
    put(g, "CASE WHEN ");
    expression(g);
    put(g, " THEN ");
    expression(g);
    put(g, " ELSE ");
    expression(g);
    put(g, " END");
}

static void membership(struct gen *g)
{
    expression(g);
    put(g, choose(g, 2) ? " IN " : " = ANY ");
    in_parentheses(g, query);
}

static void row_or_array(struct gen *g)
{
    put(g, choose(g, 2) ? "ROW(" : "ARRAY[");
    char close = str_get(g->out)[g->out->len - 1] == '(' ? ')' : ']';
    expression(g);
    put(g, ", ");
    expression(g);
    str_putc(g->out, close);
}

static void column(struct gen *g)
{
    if (choose(g, 2))
        put(g, "t.");
    put(g, pick(g, g->words->columns));
}

static void expression(struct gen *g)
{
    if (++g->depth > DEPTH_MAX) {
        constant(g);
    } else {
        switch (choose(g, 12)) {
        case 0:
            constant(g);
            break;
        case 1:
        case 2:
            column(g);
            break;
        case 3:
        case 4:
            call(g);
            break;
        case 5:
            in_parentheses(g, operation);
            break;
        case 6:
            cast(g);
            break;
        case 7:
            in_parentheses(g, query);
            break;
        case 8:
            conditional(g);
            break;
        case 9:
            in_parentheses(g, membership);
            break;
        case 10:
            row_or_array(g);
            break;
        default:
            put(g, "EXISTS ");
            in_parentheses(g, query);
        }
    }
    g->depth--;
}

static void source(struct gen *g)
{
    switch (choose(g, 6)) {
    case 3:
        in_parentheses(g, query);
        break;
    case 4:
        put(g, "LATERAL ");
        call(g);
        break;
    case 5:
        put(g, "c");
        break;
    default:
        put(g, pick(g, g->words->relations));
    }
    put(g, choose(g, 4) ? " AS t" : " AS t (a, b)");
}

static void impurity(struct gen *g)
{
    static const char *const after_from[] = {" FOR UPDATE", " FOR SHARE SKIP LOCKED",
        " FOR NO KEY UPDATE OF t", " FOR KEY SHARE NOWAIT", NULL};
    if (choose(g, 64) != 63)
        return;
    g->pure = false;
    put(g, pick(g, after_from));
}

static void select_list(struct gen *g)
{
    if (choose(g, 4) == 3)
        put(g, "*");
    else
        expression(g);
    if (choose(g, 2)) {
        put(g, " AS a, ");
        expression(g);
        put(g, " AS b");
    }
}

static void plain_select(struct gen *g)
{
    put(g, choose(g, 4) == 3 ? "SELECT DISTINCT " : "SELECT ");
    select_list(g);
    if (choose(g, 96) == 95) {
        g->pure = false;
        put(g, " INTO TEMP made");
    }
    if (choose(g, 4)) {
        put(g, " FROM ");
        source(g);
        if (choose(g, 3) == 2) {
            put(g, " JOIN LATERAL ");
            in_parentheses(g, query);
            put(g, " AS u ON ");
            expression(g);
        }
    }
    if (choose(g, 3) == 2) {
        put(g, " WHERE ");
        expression(g);
    }
    if (choose(g, 6) == 5) {
        put(g, " GROUP BY ");
        expression(g);
    }
    if (choose(g, 4) == 3) {
        put(g, " ORDER BY ");
        expression(g);
    }
    if (choose(g, 4) == 3)
        put(g, " LIMIT 3");
    impurity(g);
}

static void with(struct gen *g)
{
    static const char *const writes[] = {"DELETE FROM x RETURNING *",
        "UPDATE x SET a = 1 RETURNING a", "INSERT INTO x VALUES (1) RETURNING *", NULL};
    put(g, choose(g, 2) ? "WITH RECURSIVE c AS (" : "WITH c (a) AS MATERIALIZED (");
    if (choose(g, 48) == 47) {
        g->pure = false;
        put(g, pick(g, writes));
    } else {
        query(g);
    }
    put(g, ") ");
}

static void query(struct gen *g)
{
    if (++g->depth > DEPTH_MAX) {
        put(g, "SELECT 1");
    } else {
        if (choose(g, 6) == 5)
            with(g);
        switch (choose(g, 8)) {
        case 5:
            put(g, "VALUES (");
            expression(g);
            put(g, ", ");
            expression(g);
            put(g, ")");
            break;
        case 6:
            str_printf(g->out, "TABLE %s", pick(g, g->words->relations));
            break;
        case 7:
            in_parentheses(g, plain_select);
            put(g, choose(g, 2) ? " UNION ALL " : " EXCEPT ");
            in_parentheses(g, query);
            break;
        default:
            plain_select(g);
        }
    }
    g->depth--;
}

bool fuzz_sql_write(const unsigned char *data, size_t len, const struct fuzz_words *words,
    struct str *out)
{
    static const char *const starts[] = {"", "", "", "", "EXPLAIN ",
        "EXPLAIN (ANALYZE, COSTS off) ", "EXPLAIN ANALYZE VERBOSE /* ( */ ", "-- first\n",
        "/* /* */ */ ", ";;", NULL};
    static const char *const ends[] = {"", "", "", ";", " -- end", "; -- end", " /* ; */", NULL};
    static const char *const more[] = {"; COMMIT", "; SET TRANSACTION READ WRITE", ";DROP TABLE x;",
        "; SELECT 2", NULL};
    struct gen g = {data, data + len, words, out, 0, true};
    put(&g, pick(&g, starts));
    query(&g);
    if (choose(&g, 32) == 31) {
        g.pure = false;
        put(&g, pick(&g, more));
    }
    put(&g, pick(&g, ends));
    return g.pure;
}
