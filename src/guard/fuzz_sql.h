/* SQL made from a fuzzer's bytes: each byte is a choice among the ways to go on. */
#ifndef PGPARLEY_GUARD_FUZZ_SQL_H
#define PGPARLEY_GUARD_FUZZ_SQL_H

#include "base/str.h"

struct fuzz_words {
    const char *const *relations; /* NULL-terminated, all of them */
    const char *const *columns;
    const char *const *functions; /* with their arguments, # for an expression */
    const char *const *operators;
    const char *const *types;
};

/* Writes one statement. True when it is a pure query; false when something was put into it that no
 * guard may let through: a write, a lock, another statement. */
bool fuzz_sql_write(const unsigned char *data, size_t len, const struct fuzz_words *words,
    struct str *out);

#endif
