/* The vocabulary of a database: all its functions, operators, casts and relations, with types, and
 * what only the grammar has. */
#ifndef PGPARLEY_GUARD_FUZZ_GUARD_WORDS_H
#define PGPARLEY_GUARD_FUZZ_GUARD_WORDS_H

#include "guard/fuzz_sql.h"

#include "pg/pg.h"

/* Ends the program when the database does not tell. */
struct fuzz_words *fuzz_guard_words(const void *ctx, PGconn *conn);

#endif
