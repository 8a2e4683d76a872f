/* libFuzzer: any bytes as a node tree; what is read of it is sorted, and every column belongs to a
 * relation. */
#include "catalog/uses.h"

#include <assert.h>
#include <talloc.h>

static void check_oids(const struct catalog_oids *oids)
{
    for (size_t i = 0; i < oids->count; i++)
        assert(oids->items[i] > (i ? oids->items[i - 1] : 0));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct catalog_uses *uses;
    if (!catalog_uses_read(NULL, (const char *)data, len, &uses))
        return 0;
    check_oids(&uses->functions);
    check_oids(&uses->operators);
    check_oids(&uses->types);
    check_oids(&uses->regclasses);
    for (size_t i = 0; i < uses->relation_count; i++) {
        const struct catalog_used_relation *relation = &uses->relations[i];
        assert(relation->oid > (i ? uses->relations[i - 1].oid : 0));
        for (size_t j = 0; j < relation->column_count; j++)
            assert(relation->columns[j] > (j ? relation->columns[j - 1] : 0));
    }
    talloc_free(uses);
    return 0;
}
