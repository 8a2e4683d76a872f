/* A vocabulary; see fuzz_sql.h. */
#include "guard/fuzz_internal.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

static int add_type(struct fuzz_words *words, const char *name)
{
    for (size_t i = 0; i < words->type_count; i++) {
        if (strcmp(words->types[i].name, name) == 0)
            return (int)i;
    }
    size_t n = words->type_count++;
    words->types = talloc_realloc(words, words->types, struct fuzz_type, (unsigned)n + 1);
    words->types[n] = (struct fuzz_type){.name = talloc_strdup(words, name)};
    return (int)n;
}

struct fuzz_words *fuzz_words_create(const void *ctx)
{
    struct fuzz_words *words = talloc_zero(ctx, struct fuzz_words);
    add_type(words, "boolean");
    add_type(words, "text");
    return words;
}

static char *field(char **rest)
{
    return strsep(rest, "\t");
}

static void add_relation(struct fuzz_words *words, int row_type, const char *text, char *rest)
{
    size_t n = words->relation_count++;
    words->relations =
        talloc_realloc(words, words->relations, struct fuzz_relation, (unsigned)n + 1);
    struct fuzz_relation *relation = &words->relations[n];
    *relation = (struct fuzz_relation){.text = text, .row_type = row_type};
    for (char *name; (name = field(&rest));) {
        size_t i = relation->column_count++;
        relation->columns =
            talloc_realloc(words, relation->columns, struct fuzz_column, (unsigned)i + 1);
        relation->columns[i] = (struct fuzz_column){name, add_type(words, field(&rest))};
    }
}

static void add_form(struct fuzz_words *words, enum fuzz_kind kind, int type, const char *text,
    char *rest)
{
    struct fuzz_form form = {.text = text};
    for (char *name; (name = field(&rest));) {
        assert(form.arg_count < FUZZ_ARGS_MAX);
        form.args[form.arg_count++] = add_type(words, name);
    }
    struct fuzz_forms *forms = &words->types[type].forms[kind];
    size_t n = forms->count++;
    forms->items = talloc_realloc(words, forms->items, struct fuzz_form, (unsigned)n + 1);
    forms->items[n] = form;
}

void fuzz_words_add(struct fuzz_words *words, const char *line)
{
    static const char *const kinds[] = {
        [FUZZ_VALUE] = "value",
        [FUZZ_AGGREGATE] = "aggregate",
        [FUZZ_WINDOW] = "window",
        [FUZZ_SET] = "set",
    };
    char *rest = talloc_strdup(words, line);
    const char *kind = field(&rest);
    int type = add_type(words, field(&rest));
    const char *text = field(&rest);
    enum fuzz_kind k = FUZZ_VALUE;
    while (k < FUZZ_KINDS && strcmp(kinds[k], kind) != 0)
        k++;
    if (k == FUZZ_KINDS)
        add_relation(words, type, text, rest);
    else
        add_form(words, k, type, text, rest);
}
