/*
 * Sessions of the handshake era: a peer that outlives connections, found by a random id.
 *
 *   created ──initialize succeeded──▶ in `sessions` ──DELETE, idle, no room, renewal──▶ ended
 *
 * One with nothing open is in `idle` as well, where the first is the next to go. An id is no
 * proof of who somebody is: a session is found only by the principal that made it.
 */
#include "base/log.h"
#include "transport/http_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>
#include <utlist.h>

static void on_timer(struct rt_timer *timer);

static void arm_timer(struct transport_http *t)
{
    if (t->idle)
        rt_timer_arm(&t->session_timer, t->idle->idle_since + t->options->session_idle_ms,
            on_timer);
    else
        rt_timer_disarm(&t->session_timer);
}

static void on_timer(struct rt_timer *timer)
{
    struct transport_http *t = rt_owner(timer, struct transport_http, session_timer);
    while (t->idle && t->idle->idle_since + t->options->session_idle_ms <= rt_now()) {
        log_debug("session of %s ends: idle", t->idle->owner);
        transport_session_end(t->idle);
    }
    arm_timer(t);
}

/* ---- room ---- */

static size_t count_of(const struct transport_http *t, const char *owner)
{
    size_t count = 0;
    for (struct transport_session *s = t->sessions; s; s = s->hh.next)
        count += strcmp(s->owner, owner) == 0;
    return count;
}

bool transport_session_make_room(struct transport_http *transport, const char *owner)
{
    size_t max = transport->options->max_sessions;
    while (HASH_COUNT(transport->sessions) >= max) {
        bool greedy = count_of(transport, owner) > max / 4;
        struct transport_session *victim = transport->idle;
        while (greedy && victim && strcmp(victim->owner, owner) != 0)
            victim = victim->next;
        if (!victim)
            return false;
        log_debug("session of %s ends: another one needs its place", victim->owner);
        transport_session_end(victim);
    }
    return true;
}

/* ---- life ---- */

static void make_id(char id[33])
{
    unsigned char random[16];
    ssize_t got = getrandom(random, sizeof random, 0);
    assert(got == sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(id + 2 * i, 3, "%02x", random[i]);
}

struct transport_session *transport_session_create(struct transport_http *transport,
    const char *principal, const char *owner)
{
    struct transport_session *session = talloc_zero(transport, struct transport_session);
    session->transport = transport;
    session->principal = talloc_strdup(session, principal);
    session->owner = talloc_strdup(session, owner);
    session->peer = mcp_peer_create(transport, transport->mcp, session->principal);
    session->idle_since = rt_now();
    make_id(session->id);
    return session;
}

void transport_session_publish(struct transport_session *session)
{
    assert(session->open > 0);
    HASH_ADD_STR(session->transport->sessions, id, session);
}

struct transport_session *transport_session_find(struct transport_http *transport, const char *id,
    const char *principal)
{
    struct transport_session *session;
    HASH_FIND_STR(transport->sessions, id, session);
    if (!session || !session->principal != !principal ||
        (principal && strcmp(session->principal, principal) != 0))
        return NULL;
    return session;
}

void transport_session_hold(struct transport_session *session)
{
    if (session->open++ == 0 && session->prev) {
        DL_DELETE(session->transport->idle, session);
        session->prev = NULL;
        arm_timer(session->transport);
    }
}

void transport_session_let(struct transport_session *session)
{
    assert(session->open > 0);
    if (--session->open > 0)
        return;
    session->idle_since = rt_now();
    DL_APPEND(session->transport->idle, session);
    arm_timer(session->transport);
}

void transport_session_end(struct transport_session *session)
{
    static const struct transport_refusal ended = {404, TRANSPORT_SESSION_NOT_FOUND, NULL, NULL};
    struct transport_http *t = session->transport;
    if (session->hh.tbl)
        HASH_DEL(t->sessions, session);
    if (session->prev)
        DL_DELETE(t->idle, session);
    arm_timer(t);
    struct transport_exchange *exchange, *next;
    DL_FOREACH_SAFE(t->exchanges, exchange, next)
        if (exchange->session == session) {
            exchange->session = NULL;
            transport_exchange_abandon(exchange, ended, "The session has ended.");
        }
    mcp_peer_close(session->peer);
    talloc_free(session);
}

void transport_session_end_streams(struct transport_http *transport)
{
    static const struct transport_refusal none = {0};
    for (struct transport_session *s = transport->sessions; s; s = s->hh.next)
        if (s->stream)
            transport_exchange_abandon(s->stream, none, "");
}

void transport_session_end_all(struct transport_http *transport, bool unknown_only)
{
    struct transport_session *session, *next;
    HASH_ITER(hh, transport->sessions, session, next)
        if (!unknown_only || !transport_is_principal(transport->options, session->principal))
            transport_session_end(session);
    arm_timer(transport); /* session_idle_ms may be another one */
}
