/* Fuzzer of what strangers write into Host, Origin, Authorization and Accept. */
#include "transport/http_internal.h"

#include <stdint.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct transport_token tokens[] = {{"alice", "0123456789abcdef"}, {NULL, NULL}};
    static const char *const names[] = {"example.com", "[::2]:80", "::3", NULL};
    static struct transport_http_options *options;
    struct error *error;
    if (!options)
        options = transport_options_copy(NULL,
            &(struct transport_http_options){.path = "/mcp",
                .tokens = tokens,
                .allowed_hosts = names,
                .allowed_origins = names},
            &error);
    char *text = talloc_strndup(NULL, (const char *)data, size);
    transport_host_allowed(options, text);
    transport_origin_allowed(options, text);
    transport_token_principal(options, text);
    transport_accepts(text, "application/json");
    talloc_free(text);
    return 0;
}
