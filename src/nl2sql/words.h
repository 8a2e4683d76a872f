/*
 * Words of questions, comments and identifiers, in the one form in which they are compared.
 *
 * Identifiers and prose are split alike: at what is neither letter nor digit, at the humps of
 * camelCase and between letters and digits. Words are folded (lower case, no accents, ä → ae) and
 * stemmed lightly. Nothing here yields or allocates.
 */
#ifndef PGPARLEY_NL2SQL_WORDS_H
#define PGPARLEY_NL2SQL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { NL2SQL_WORD_BYTES = 40 }; /* with the NUL; longer words are cut */

/* Each word of `text`: folded as it is, and its stem. */
void nl2sql_words_each(const char *text, size_t len,
    void (*word)(void *arg, const char *folded, const char *stem), void *arg);

/* The stem of a folded word, into a buffer of NL2SQL_WORD_BYTES. */
void nl2sql_stem(const char *folded, char *ret);

/* What a word of a question is worth: 0 when it says nothing about tables, little when it only
 * says what to do with what is found, else 1. */
double nl2sql_word_worth(const char *folded);

/* What a short form in an identifier stands for, "qty" → "quantity"; NULL when it is none. */
const char *nl2sql_long_form(const char *folded);

/* The `n`th other word that people use for what the word with this stem means; NULL after the
 * last. The words are not stemmed. */
const char *nl2sql_synonym(const char *stem, size_t n);

/* How much two folded texts look alike, 0 to 1: by the trigrams of their beginnings, and by the
 * letters that have to change when these are few. */
double nl2sql_likeness(const char *a, const char *b);

#endif
