/*
 * How often each principal may ask: a token bucket each, kept as the one moment at which it would
 * be full again (the generic cell rate algorithm).
 */
#include "transport/http_internal.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

/* More than these are forgotten, the least recently used first. */
enum { BUCKETS_MAX = 4096 };

struct transport_bucket {
    double full_at; /* rt_now() milliseconds */
    UT_hash_handle hh;
    char owner[];
};

struct transport_owner transport_owner_of(const struct http_request *request, const char *principal)
{
    struct transport_owner owner;
    const char *text = principal ? principal : http_request_peer(request);
    struct in6_addr address;
    snprintf(owner.text, sizeof owner.text, "%s", text);
    if (!principal && inet_pton(AF_INET6, text, &address) == 1 && !IN6_IS_ADDR_V4MAPPED(&address)) {
        memset(&address.s6_addr[8], 0, 8); /* whoever has one address of a /64 has them all */
        inet_ntop(AF_INET6, &address, owner.text, sizeof owner.text);
    }
    return owner;
}

static struct transport_bucket *bucket_of(struct transport_http *t, const char *owner)
{
    struct transport_bucket *bucket;
    HASH_FIND_STR(t->buckets, owner, bucket);
    if (bucket) {
        HASH_DEL(t->buckets, bucket);
    } else {
        if (HASH_COUNT(t->buckets) >= BUCKETS_MAX) {
            struct transport_bucket *oldest = t->buckets;
            HASH_DEL(t->buckets, oldest);
            talloc_free(oldest);
        }
        size_t len = strlen(owner);
        bucket = talloc_zero_size(t, sizeof *bucket + len + 1);
        memcpy(bucket->owner, owner, len);
    }
    HASH_ADD_STR(t->buckets, owner, bucket);
    return bucket;
}

int64_t transport_rate_take(struct transport_http *transport, const char *owner)
{
    const struct transport_http_options *options = transport->options;
    if (options->rate_per_minute == 0)
        return 0;
    struct transport_bucket *bucket = bucket_of(transport, owner);
    double interval = 60e3 / (double)options->rate_per_minute;
    double room = interval * (double)(options->rate_burst > 1 ? options->rate_burst - 1 : 0);
    double now = (double)rt_now();
    double behind = fmax(bucket->full_at - now, 0);
    if (behind > room)
        return (int64_t)ceil(behind - room);
    bucket->full_at = now + behind + interval;
    return 0;
}

void transport_rate_forget(struct transport_http *transport)
{
    HASH_CLEAR(hh, transport->buckets);
}
