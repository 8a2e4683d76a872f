/* libFuzzer: any bytes as SQL; the guard must answer, not crash, and allow only what parses. */
#include "guard/guard.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    const struct guard_policy policy = {.max_query_bytes = 32768,
        .allowed_schemas = (const char *const[]){"public", NULL},
        .blocked_tables = (const struct guard_name[]){{NULL, "users"}},
        .blocked_count = 1};
    void *ctx = talloc_new(NULL);
    struct guard_verdict verdict;
    struct error *error = NULL;
    rt_init();
    if (guard_check(ctx, &policy, (const char *)data, len, &verdict, &error))
        assert(strlen(verdict.statement) <= len);
    else
        assert(error && error->message[0]);
    talloc_free(ctx);
    return 0;
}
