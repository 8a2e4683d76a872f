/* Fuzzer of what is read from a model's answer, and from the conditions of a plan. */
#include "nl2sql/asking.h"

#include "base/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *ctx = talloc_new(NULL);
    char *text = talloc_strndup(ctx, (const char *)data, size);
    struct nl2sql_answer answer;
    struct nl2sql_details details = {.literal_count = 0};
    struct error *error = NULL;
    text[text_utf8_check(text, strlen(text))] = '\0'; /* a service's answer is JSON, so UTF-8 */
    if (nl2sql_answer_read(ctx, text, size % 2, &answer, &error))
        assert((answer.verdict == NL2SQL_ANSWERED) == (answer.sql != NULL));
    else
        assert(error->hint);
    nl2sql_literals_read(ctx, "s", "r", text, &details);
    talloc_free(ctx);
    return 0;
}
