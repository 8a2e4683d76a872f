/* Fuzzer of the configuration's reader: YAML, references and values. */
#include "config/config.h"

#include <stdint.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *ctx = talloc_new(NULL);
    struct config *config;
    struct error *error;
    if (!config_parse(ctx, "fuzz.yaml", (const char *)data, size, &config, &error))
        error_text(ctx, error);
    talloc_free(ctx);
    return 0;
}
