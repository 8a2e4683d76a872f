/* The prompt answer_question: a question in plain words, and what it takes to answer it. */
#include "tools/completion.h"
#include "tools/listing.h"
#include "tools/prompt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    RELATIONS_MAX = 30, /* chosen by the words of the question when not all fit */
    WORD_MIN_BYTES = 4, /* shorter ones are in everything */
    WORDS_MAX = 20,     /* each looks at every column */
};

/* ---- the tables that the question is about ---- */

struct candidate {
    const struct catalog_relation *relation;
    size_t words; /* of the question that it has */
};

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->words != right->words)
        return left->words < right->words ? 1 : -1;
    return (left->relation > right->relation) - (left->relation < right->relation);
}

/* The next word, in the singular as far as a final s tells; NULL after the last. */
static char *next_word(const void *ctx, const char **text)
{
    for (const char *p = *text; *p;) {
        const char *begin = p;
        while (isalnum((unsigned char)*p) || *p == '_' || (*p & 0x80))
            p++;
        size_t len = (size_t)(p - begin);
        p += *p != '\0';
        if (len < WORD_MIN_BYTES)
            continue;
        *text = p;
        return talloc_strndup(ctx, begin, begin[len - 1] == 's' ? len - 1 : len);
    }
    return NULL;
}

/* Keeps the relations that have most of the question's words. */
static void choose(const struct tools_prompt *p, const char *question,
    struct catalog_view *view) may_yield
{
    struct candidate *candidates =
        talloc_array(p->ctx, struct candidate, (unsigned)view->relation_count);
    for (size_t i = 0; i < view->relation_count; i++)
        candidates[i] = (struct candidate){view->relations[i], 0};
    const char *word;
    for (size_t n = 0; n < WORDS_MAX && (word = next_word(p->ctx, &question)) != NULL; n++) {
        for (size_t i = 0; i < view->relation_count; i++)
            candidates[i].words += catalog_matches(candidates[i].relation, word, &view->filter);
        rt_yield();
    }
    qsort(candidates, view->relation_count, sizeof *candidates, compare_candidates);
    const struct catalog *catalog = view->catalog;
    bool *chosen = talloc_zero_array(p->ctx, bool, (unsigned)catalog->relation_count);
    size_t count = 0;
    for (size_t i = 0; i < view->relation_count && i < RELATIONS_MAX; i++)
        chosen[candidates[i].relation - catalog->relations] = candidates[i].words > 0;
    for (size_t i = 0; i < view->relation_count; i++) {
        if (chosen[view->relations[i] - catalog->relations])
            view->relations[count++] = view->relations[i];
    }
    view->relation_count = count;
}

/* With their columns all tables, or those that seem to matter and the names of all. */
static void put_schema(struct tools_prompt *p, const char *question) may_yield
{
    struct catalog_view view = p->view;
    struct str trial;
    size_t max = tools_prompt_share(p, 1);
    view.detail = CATALOG_COLUMNS;
    view.may_shrink = false;
    str_init(&trial, p->ctx, max / 2);
    if (catalog_render_text(&view, &trial).omitted == 0) {
        tools_prompt_put_schema(p, &view, max);
        return;
    }
    view.detail = CATALOG_NAMES;
    tools_prompt_put_schema(p, &view, max / 4);
    view = tools_listing_of(p->ctx, &p->seen, NULL);
    choose(p, question, &view);
    view.detail = CATALOG_COLUMNS;
    view.may_shrink = false;
    if (view.relation_count == 0)
        return;
    str_puts(&p->out, "\nTables in which words of the question occur, with their columns:\n\n");
    tools_prompt_put_schema(p, &view, max / 2);
}

/* ---- the message ---- */

static bool compose(struct tools_prompt *p, struct error **ret_err)
{
    (void)ret_err;
    const char *question = mcp_call_string(p->call, "question");
    str_printf(&p->out, "Answer this question from %s:\n\n%s\n\n", tools_prompt_subject(p),
        question);
    put_schema(p, question);
    str_printf(&p->out,
        "\nHow to work here:\n"
        "- execute_sql_query runs one read-only statement a call and returns at most %d rows: "
        "aggregate in SQL, do not count rows yourself.\n"
        "- Use exactly the names above, with their quotes. get_database_schema with \"table\" has "
        "defaults, comments and what references a table; with \"search\" it finds tables.\n"
        "- Compare enums with the values that are listed. What else a text column may hold, look "
        "up before you filter on it.\n"
        "- Write ranges of time half open: >= start AND < end.\n"
        "- A join to the many side repeats rows: aggregate before it, or count distinct keys.\n"
        "- NOT IN finds nothing when there is a NULL in the list: use NOT EXISTS.\n"
        "- When a statement fails, its error says what to change. Check a surprising result with "
        "a second query.\n\n"
        "Give the answer first, then the SQL that it comes from, then what you assumed. If the "
        "data cannot answer the question, say so.\n",
        p->env->max_rows);
    return true;
}

static bool run(struct mcp_call *call, struct error **ret_err)
{
    return tools_prompt_run(call, compose, ret_err);
}

static const struct mcp_param params[] = {
    {.name = "question", .description = "in plain words", .required = true},
    {0},
};

const struct mcp_prompt tools_answer_question = {
    .name = "answer_question",
    .title = "Answer a question",
    .description = "Answers a question from the data, with the SQL that the answer comes from.",
    .params = params,
    .run = run,
    .complete = tools_complete_prompt,
};
