/* libFuzzer: any text as the URI of a resource; what is read of it survives being written. */
#include "tools/uri.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    void *ctx = talloc_new(NULL);
    struct tools_uri uri, again;
    if (tools_uri_parse(ctx, talloc_strndup(ctx, (const char *)data, len), &uri)) {
        assert(tools_uri_parse(ctx, tools_uri_text(ctx, &uri), &again));
        assert(same(uri.database, again.database) && same(uri.schema, again.schema) &&
               same(uri.table, again.table));
    }
    talloc_free(ctx);
    return 0;
}
