/* SQL of earlier questions, the least recently used given up first; see asking.h. */
#include "nl2sql/asking.h"

#include <ctype.h>
#include <string.h>
#include <talloc.h>
#include <uthash.h>

struct entry {
    char *key;
    uint64_t version; /* of the catalog */
    struct nl2sql_answer answer;
    UT_hash_handle hh; /* in the order of their use */
};

struct nl2sql_memory {
    struct entry *entries;
    size_t max;
};

/* The table is uthash's own. */
static int clear(struct nl2sql_memory *memory)
{
    HASH_CLEAR(hh, memory->entries);
    return 0;
}

struct nl2sql_memory *nl2sql_memory_create(const void *ctx, size_t max_entries)
{
    struct nl2sql_memory *memory = talloc_zero(ctx, struct nl2sql_memory);
    memory->max = max_entries;
    talloc_set_destructor(memory, clear);
    return memory;
}

/* Blanks, the first capital and the end of the sentence make no other question; further capitals
 * may, as in "sales in US". */
static void put_normalised(struct str *out, const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n?.!", text[len - 1]))
        len--;
    bool blank = false, first = true;
    for (size_t i = 0; i < len; i++) {
        if (isspace((unsigned char)text[i])) {
            blank = !first;
            continue;
        }
        if (blank)
            str_putc(out, ' ');
        str_putc(out, first ? (char)tolower((unsigned char)text[i]) : text[i]);
        blank = first = false;
    }
    str_putc(out, '\n');
}

static char *key_of(const void *ctx, const struct nl2sql_request *request)
{
    const struct nl2sql_exchange *exchange = request->exchange;
    size_t max = strlen(request->question) + 1; /* each with its line feed */
    if (exchange)
        max += strlen(exchange->question) + 1 + strlen(exchange->answer) + 1;
    struct str key;
    str_init(&key, ctx, max);
    put_normalised(&key, request->question);
    if (exchange) {
        put_normalised(&key, exchange->question);
        put_normalised(&key, exchange->answer);
    }
    return str_take(&key, ctx);
}

static struct entry *find(struct nl2sql_memory *memory, const struct nl2sql_request *request)
{
    char *key = key_of(memory, request);
    struct entry *entry;
    HASH_FIND_STR(memory->entries, key, entry);
    talloc_free(key);
    return entry;
}

static void drop(struct nl2sql_memory *memory, struct entry *entry)
{
    HASH_DEL(memory->entries, entry);
    talloc_free(entry);
}

static struct nl2sql_list copy_list(const void *ctx, const struct nl2sql_list *list)
{
    struct nl2sql_list copy = {0};
    for (size_t i = 0; i < list->count; i++)
        nl2sql_list_add(ctx, &copy, talloc_strdup(ctx, list->items[i]));
    return copy;
}

static struct nl2sql_answer copy_answer(const void *ctx, const struct nl2sql_answer *answer)
{
    return (struct nl2sql_answer){
        .verdict = NL2SQL_ANSWERED,
        .sql = talloc_strdup(ctx, answer->sql),
        .reading = talloc_strdup(ctx, answer->reading),
        .assumptions = copy_list(ctx, &answer->assumptions),
        .loose = answer->loose,
    };
}

bool nl2sql_memory_get(const void *ctx, struct nl2sql_memory *memory,
    const struct nl2sql_request *request, uint64_t version, struct nl2sql_answer *ret)
{
    struct entry *entry = find(memory, request);
    if (!entry)
        return false;
    if (entry->version != version) {
        drop(memory, entry);
        return false;
    }
    HASH_DEL(memory->entries, entry);
    HASH_ADD_KEYPTR(hh, memory->entries, entry->key, strlen(entry->key), entry);
    *ret = copy_answer(ctx, &entry->answer);
    return true;
}

void nl2sql_memory_drop(struct nl2sql_memory *memory, const struct nl2sql_request *request)
{
    struct entry *entry = find(memory, request);
    if (entry)
        drop(memory, entry);
}

void nl2sql_memory_put(struct nl2sql_memory *memory, const struct nl2sql_request *request,
    uint64_t version, const struct nl2sql_answer *answer)
{
    nl2sql_memory_drop(memory, request);
    if (memory->max == 0)
        return;
    if (HASH_COUNT(memory->entries) >= memory->max)
        drop(memory, memory->entries);
    struct entry *entry = talloc(memory, struct entry);
    entry->key = key_of(entry, request);
    entry->version = version;
    entry->answer = copy_answer(entry, answer);
    HASH_ADD_KEYPTR(hh, memory->entries, entry->key, strlen(entry->key), entry);
}
