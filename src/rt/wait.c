/* Waiting for events, descriptors and the thread pool; see rt.h. */
#include "rt/internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <talloc.h>

/* ---- events ---- */

struct rt_waiter {
    struct rt_fiber *fiber; /* NULL once it was woken */
    struct rt_waiter *next, *previous;
};

static void event_remove(struct rt_event *event, struct rt_waiter *w)
{
    *(w->previous ? &w->previous->next : &event->first) = w->next;
    *(w->next ? &w->next->previous : &event->last) = w->previous;
}

int rt_event_wait(struct rt_event *event, int64_t deadline)
{
    struct rt_waiter self = {.fiber = rt_fiber_self(), .previous = event->last};
    *(event->last ? &event->last->next : &event->first) = &self;
    event->last = &self;
    int rc = rt_park(deadline);
    if (self.fiber)
        event_remove(event, &self);
    else if (rc != 0)
        rt_event_signal(event); /* woken and cancelled at once: the signal was for somebody */
    return rc;
}

bool rt_event_signal(struct rt_event *event)
{
    struct rt_waiter *w = event->first;
    if (!w)
        return false;
    event_remove(event, w);
    rt_wake(w->fiber, 0);
    w->fiber = NULL;
    return true;
}

void rt_event_broadcast(struct rt_event *event)
{
    while (rt_event_signal(event))
        ;
}

/* ---- descriptors ---- */

struct rt_poll {
    uv_poll_t *handle; /* outlives this object until libuv has closed it */
    struct rt_fiber *waiting;
    int watched; /* events; 0 = the watch is stopped */
};

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static int poll_destroy(struct rt_poll *poll)
{
    poll->handle->data = NULL;
    uv_poll_stop(poll->handle);
    uv_close((uv_handle_t *)poll->handle, free_handle);
    return 0;
}

struct rt_poll *rt_poll_create(const void *ctx, int fd)
{
    uv_poll_t *handle = calloc(1, sizeof *handle);
    if (!handle)
        abort();
    if (uv_poll_init(rt_loop(), handle, fd) != 0) {
        free(handle);
        return NULL;
    }
    struct rt_poll *poll = talloc_zero(ctx, struct rt_poll);
    poll->handle = handle;
    handle->data = poll;
    talloc_set_destructor(poll, poll_destroy);
    return poll;
}

/* The watch goes on between two waits: who waits for an answer will mostly wait for another, and
 * starting and stopping cost a system call each. It stops when something comes unawaited. */
static void on_poll(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct rt_poll *poll = handle->data;
    if (poll && poll->waiting) {
        rt_wake(poll->waiting, 0);
    } else {
        uv_poll_stop(handle);
        if (poll)
            poll->watched = 0;
    }
}

int rt_poll_wait(struct rt_poll *poll, int events, int64_t deadline)
{
    assert(!poll->waiting);
    if (poll->watched != events)
        uv_poll_start(poll->handle, events, on_poll);
    poll->watched = events;
    poll->waiting = rt_fiber_self();
    int rc = rt_park(deadline);
    poll->waiting = NULL;
    return rc;
}

/* ---- the thread pool ---- */

struct offload {
    uv_work_t work;
    void (*fn)(void *job);
    void *job;
    struct rt_fiber *waiting; /* NULL once the caller gave up */
    bool ended;
};

static size_t offloaded;

static void offload_run(uv_work_t *work)
{
    struct offload *offload = work->data;
    offload->fn(offload->job);
}

static void offload_end(uv_work_t *work, int status)
{
    (void)status;
    struct offload *offload = work->data;
    offloaded--;
    offload->ended = true;
    if (offload->waiting) {
        rt_wake(offload->waiting, 0);
        return;
    }
    talloc_free(offload->job);
    free(offload);
}

int rt_offload(void (*fn)(void *job), void *job, int64_t deadline)
{
    struct offload *offload = calloc(1, sizeof *offload);
    if (!offload)
        abort();
    *offload = (struct offload){.fn = fn, .job = job, .waiting = rt_fiber_self()};
    offload->work.data = offload;
    offloaded++;
    void *parent = talloc_parent(job);
    talloc_steal(NULL, job);
    if (uv_queue_work(rt_loop(), &offload->work, offload_run, offload_end) != 0)
        abort();
    int rc = rt_park(deadline);
    if (offload->ended) { /* even if a deadline or a cancellation came in the same turn */
        talloc_steal(parent, job);
        free(offload);
        return 0;
    }
    offload->waiting = NULL;
    return rc;
}

size_t rt_offloaded(void)
{
    return offloaded;
}
