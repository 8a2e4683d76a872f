/* Fuzzer of the reader of semantic files. */
#include "nl2sql/semantics.h"

#include <stdint.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *ctx = talloc_new(NULL);
    struct nl2sql_semantics *semantics;
    struct error *error;
    if (!nl2sql_semantics_parse(ctx, "fuzz.yaml", (const char *)data, size, &semantics, &error))
        error_text(ctx, error);
    talloc_free(ctx);
    return 0;
}
