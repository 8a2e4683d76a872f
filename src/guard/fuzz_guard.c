/* libFuzzer: any bytes as SQL; the guard must answer, not crash. */
#include "guard/guard.h"

#include <assert.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    void *ctx = talloc_new(NULL);
    struct error *error = NULL;
    rt_init();
    if (!guard_examine(ctx, 32768, (const char *)data, len, &error))
        assert(error && error->message[0]);
    talloc_free(ctx);
    return 0;
}
