/*
 * Verdicts on texts that were seen before, so that a query that comes again costs a look-up.
 *
 * The key is the whole text: what differs in a blank is another query. A verdict is as good as the
 * facts that it was reached with; one of an older version is as if it were not there.
 */
#include "guard/internal.h"

#include <string.h>
#include <talloc.h>
#include <uthash.h>

enum { ENTRIES_MAX = 1000, BYTES_MAX = 1 << 20 };

struct entry {
    struct guard_verdict verdict;
    size_t len;
    UT_hash_handle hh;
    char sql[];
};

struct guard_verdicts {
    struct entry *entries; /* the least recently used first */
    size_t bytes;
};

static void drop(struct guard_verdicts *v, struct entry *entry)
{
    HASH_DEL(v->entries, entry);
    v->bytes -= entry->len;
    talloc_free(entry);
}

static int destroy(struct guard_verdicts *v)
{
    HASH_CLEAR(hh, v->entries);
    return 0;
}

struct guard_verdicts *guard_verdicts_create(const void *ctx)
{
    struct guard_verdicts *v = talloc_zero(ctx, struct guard_verdicts);
    talloc_set_destructor(v, destroy);
    return v;
}

static struct entry *find(const struct guard_verdicts *v, const char *sql, size_t len)
{
    struct entry *entry;
    HASH_FIND(hh, v->entries, sql, len, entry);
    return entry;
}

const struct guard_verdict *guard_verdicts_find(struct guard_verdicts *v, const char *sql,
    size_t len, uint64_t version)
{
    struct entry *entry = find(v, sql, len);
    if (!entry)
        return NULL;
    if (entry->verdict.version != version) {
        drop(v, entry);
        return NULL;
    }
    HASH_DEL(v->entries, entry); /* and to the end: the order of insertion is that of use */
    HASH_ADD_KEYPTR(hh, v->entries, entry->sql, entry->len, entry);
    return &entry->verdict;
}

void guard_verdicts_put(struct guard_verdicts *v, const char *sql, size_t len,
    const struct guard_verdict *verdict)
{
    struct entry *entry = find(v, sql, len);
    if (entry)
        drop(v, entry);
    while (v->entries && (HASH_COUNT(v->entries) >= ENTRIES_MAX || v->bytes + len > BYTES_MAX))
        drop(v, v->entries);
    entry = talloc_size(v, sizeof *entry + len);
    entry->verdict = *verdict;
    entry->len = len;
    memcpy(entry->sql, sql, len);
    v->bytes += len;
    HASH_ADD_KEYPTR(hh, v->entries, entry->sql, entry->len, entry);
}
