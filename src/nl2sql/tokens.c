/*
 * How many tokens a text is, without anybody's vocabulary; see context.h.
 *
 * The weights were fitted to what o200k_base makes of contexts: words and runs of punctuation are
 * about a token each, long words and those in capitals more, digits one for three of them. Then
 * some percent are added, so that a text of other words is not above its budget.
 */
#include "nl2sql/context.h"

#include <ctype.h>
#include <string.h>

static const double of_word = 0.9, of_letter_beyond = 0.17, of_capital_beyond = 0.35,
                    of_digits = 1.25, of_underscore = 0.1, of_punctuation = 1.15, of_line = 1.4,
                    of_other_script = 0.7, reserve = 1.07;

enum { SHORT_WORD = 7, DIGITS = 3 };

static bool is_punctuation(char c)
{
    return ispunct((unsigned char)c) && c != '_';
}

/* Bytes at the beginning of the text that belong together; what they cost is added. */
static size_t next_run(const char *text, size_t len, double *tokens)
{
    size_t run = 1;
    if (isupper((unsigned char)text[0]) && len > 1 && isupper((unsigned char)text[1])) {
        while (run < len && isupper((unsigned char)text[run]))
            run++;
        *tokens += of_word + (double)(run - 1) * of_capital_beyond;
    } else if (isalpha((unsigned char)text[0])) {
        while (run < len && islower((unsigned char)text[run]))
            run++;
        *tokens += of_word + (run > SHORT_WORD ? (double)(run - SHORT_WORD) * of_letter_beyond : 0);
    } else if (isdigit((unsigned char)text[0])) {
        while (run < len && run < DIGITS && isdigit((unsigned char)text[run]))
            run++;
        *tokens += of_digits;
    } else if (is_punctuation(text[0])) {
        while (run < len && is_punctuation(text[run]))
            run++;
        *tokens += of_punctuation;
    } else if (text[0] == '_') {
        *tokens += len > 1 && isdigit((unsigned char)text[1]) ? of_word : of_underscore;
    } else if (text[0] == '\n') {
        *tokens += of_line;
    } else if ((text[0] & 0xc0) == 0xc0) {
        *tokens += of_other_script;
    }
    return run;
}

size_t nl2sql_tokens(const char *text, size_t len)
{
    double tokens = 0;
    for (size_t i = 0; i < len;)
        i += next_run(text + i, len - i, &tokens);
    return (size_t)(tokens * reserve) + 1;
}
