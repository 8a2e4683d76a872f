/* A vocabulary, and the state of writing a statement with it. */
#ifndef PGPARLEY_GUARD_FUZZ_INTERNAL_H
#define PGPARLEY_GUARD_FUZZ_INTERNAL_H

#include "guard/fuzz_sql.h"

#include <stdint.h>

enum {
    FUZZ_ARGS_MAX = 8,
    FUZZ_DEPTH_MAX = 7,
    FUZZ_SOURCES_MAX = 24,
    FUZZ_CTES_MAX = 8,
    FUZZ_OWN_MAX = 3, /* columns of a query */
};
enum { FUZZ_BOOLEAN, FUZZ_TEXT }; /* types that the grammar asks for */

struct fuzz_form {
    const char *text;
    int args[FUZZ_ARGS_MAX];
    size_t arg_count;
};

enum fuzz_kind { FUZZ_VALUE, FUZZ_AGGREGATE, FUZZ_WINDOW, FUZZ_SET, FUZZ_KINDS };

struct fuzz_type {
    const char *name;
    struct fuzz_forms {
        struct fuzz_form *items;
        size_t count;
    } forms[FUZZ_KINDS];
};

struct fuzz_column {
    const char *name;
    int type;
};

struct fuzz_relation {
    const char *text;
    int row_type;
    struct fuzz_column *columns;
    size_t column_count;
};

struct fuzz_words {
    struct fuzz_type *types;
    size_t type_count;
    struct fuzz_relation *relations;
    size_t relation_count;
};

/* What columns belong to. Those of a query or of a list of aliases are called a, b, c. */
struct fuzz_source {
    int number; /* t0, t1, … */
    const struct fuzz_column *columns;
    size_t column_count;
    int row_type; /* or -1 */
    struct fuzz_column own[FUZZ_OWN_MAX];
    bool hidden;
};

struct fuzz_cte {
    const char *name;
    int types[FUZZ_OWN_MAX];
    size_t type_count;
};

struct fuzz_gen {
    const unsigned char *data, *end;
    uint32_t seed; /* of what follows them */
    int more;      /* bytes of that */
    const struct fuzz_words *words;
    struct str *out;
    int depth;
    bool pure;
    enum fuzz_place {
        FUZZ_PLAIN,
        FUZZ_LISTED,  /* window functions and sets can be called, too */
        FUZZ_GROUPED, /* columns can be named within aggregates only */
    } place;
    int last_number;
    size_t source_count, cte_count;
    struct fuzz_source sources[FUZZ_SOURCES_MAX];
    struct fuzz_cte ctes[FUZZ_CTES_MAX];
};

/* The next choice among `n` ways, 0 to n - 1. */
size_t fuzz_choose(struct fuzz_gen *g, size_t n);
/* Once in `n` times. */
bool fuzz_rarely(struct fuzz_gen *g, size_t n);
/* One of the texts, which end with NULL. */
const char *fuzz_pick(struct fuzz_gen *g, const char *const *texts);
/* A type of a column in scope, or one of the first, which are the usual ones, or any. */
int fuzz_any_type(struct fuzz_gen *g);

/* Each writes what it is named after. */
void fuzz_put(struct fuzz_gen *g, const char *text);
void fuzz_form(struct fuzz_gen *g, const struct fuzz_form *form, enum fuzz_place place);
void fuzz_expression(struct fuzz_gen *g, int type);
void fuzz_condition(struct fuzz_gen *g);
void fuzz_query(struct fuzz_gen *g, const int *types, size_t count);
void fuzz_any_query(struct fuzz_gen *g);

#endif
