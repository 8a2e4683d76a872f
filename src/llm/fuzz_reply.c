/* Fuzzer of what reads a service's replies. */
#include "llm/internal.h"

#include "base/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *ctx = talloc_new(NULL);
    struct str body;
    struct llm_answer answer;
    bool complains;
    const char *problem;
    str_init(&body, ctx, size);
    str_append(&body, data, size);
    if (llm_reply_read(ctx, &body, &answer, &complains, &problem))
        assert(answer.text);
    else
        assert(complains || problem);
    struct llm_complaint complaint = llm_complaint_read(ctx, &body, "key");
    size_t len = strlen(complaint.text);
    assert(!strstr(complaint.text, "key") && text_utf8_check(complaint.text, len) == len);
    talloc_free(ctx);
    return 0;
}
