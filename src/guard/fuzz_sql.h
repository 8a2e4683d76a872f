/*
 * SQL made from a fuzzer's bytes: each byte is a choice among the ways to go on.
 *
 * Expressions are made for the type that their place wants, columns are those of what is in scope;
 * so most statements are valid wherever the vocabulary is that of a real database.
 */
#ifndef PGPARLEY_GUARD_FUZZ_SQL_H
#define PGPARLEY_GUARD_FUZZ_SQL_H

#include "base/str.h"

/* Types, what makes values of them, and relations. */
struct fuzz_words;
struct fuzz_words *fuzz_words_create(const void *ctx);

/*
 * Adds one line, whose fields are separated by tabs:
 *
 *   KIND  TYPE  TEXT  ARGUMENT-TYPE…   a way to write a value of TYPE, ` in TEXT for each argument.
 *                                      KIND is "value", "aggregate", "window" or "set"
 *   from  TYPE  TEXT  NAME TYPE …      a relation, its row type, and its columns
 *
 * The first values of a type are those without arguments; a type that has none gets NULL. There
 * must be a relation and a set.
 */
void fuzz_words_add(struct fuzz_words *words, const char *line);

/* Writes one statement. True when it is a pure query; false when something was put into it that no
 * guard may let through: a write, a lock, another statement. */
bool fuzz_sql_write(const unsigned char *data, size_t len, const struct fuzz_words *words,
    struct str *out);

#endif
