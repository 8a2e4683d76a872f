/*
 * The runtime: one thread, one libuv loop, and fibers that make waiting read like a call.
 *
 * A fiber is a coroutine with a stack of its own (256 KiB of address space, touched pages only
 * become memory, a guard page below). It runs until it waits; nothing preempts it, so data needs
 * no locks between two waits. Functions marked `may_yield` may let other fibers run and must be
 * called on a fiber. Everything here belongs to the loop's thread.
 *
 * Deadlines are absolute, in milliseconds of rt_now(). A wait returns 0, -ETIMEDOUT or
 * -ECANCELED. Cancelling a fiber is sticky: the present wait and every later one return
 * -ECANCELED, so that it unwinds by itself; what must still happen then (telling PostgreSQL to
 * stop, say) is handed to a fresh fiber.
 */
#ifndef PGPARLEY_RT_RT_H
#define PGPARLEY_RT_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Documents that a function may let other fibers run. */
#define may_yield

#define RT_FOREVER INT64_MAX

/* ---- the loop (loop.c) ---- */

/* Once per process, before anything else here. Raises the soft stack limit to 16 MiB. */
void rt_init(void);

/* Runs until rt_stop(); returns what was given to rt_stop(). */
int rt_run(void);
void rt_stop(int exit_code);

uv_loop_t *rt_loop(void);

/* Milliseconds of a clock that never jumps. */
int64_t rt_now(void);

/* now + ms, saturating; a negative `ms` means RT_FOREVER. */
int64_t rt_deadline(int64_t ms);

/* For tests: time stands still and jumps to the next deadline when nothing else can run. */
void rt_clock_fake(bool on);

/* The struct that `pointer` is the `member` of. */
#define rt_owner(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- timers (timer.c): embedded in their owner, fire once on the main stack ---- */

struct rt_timer {
    int64_t deadline;
    void (*fire)(struct rt_timer *timer);
    size_t slot; /* 1-based place in the heap, 0 = not armed */
};
void rt_timer_arm(struct rt_timer *timer, int64_t deadline, void (*fire)(struct rt_timer *));
void rt_timer_disarm(struct rt_timer *timer); /* also when not armed */

/* ---- fibers (fiber.c) ---- */

struct rt_fiber;

/* Starts `fn(arg)` on a fiber of its own, at the loop's next turn. The handle is valid until
 * `fn` returns; who keeps it learns of that from `fn` itself. */
struct rt_fiber *rt_fiber_start(void (*fn)(void *arg), void *arg);
struct rt_fiber *rt_fiber_self(void); /* NULL on the main stack */
void rt_fiber_cancel(struct rt_fiber *fiber);
bool rt_fiber_cancelled(void); /* the running fiber; false on the main stack */

/* Suspends the running fiber until rt_wake(), the deadline or cancellation. */
int rt_park(int64_t deadline) may_yield;
/* Lets a parked fiber's rt_park() return `result`; nothing happens if it is no longer parked. */
void rt_wake(struct rt_fiber *fiber, int result);

/* Lets everybody else who is ready run. */
void rt_yield(void) may_yield;
int rt_sleep(int64_t ms) may_yield;

/* Runs `fn(arg)` on the 16 MiB main stack, where deep recursion is safe; called anywhere. */
void rt_run_on_main(void (*fn)(void *arg), void *arg);

/* Gives back to the system what deep recursion and large work have left: free heap, and the part of
 * the main stack that is not in use. Costs up to a millisecond. */
void rt_trim(void);

/* How many fibers exist, for tests and limits. */
size_t rt_fiber_count(void);

/* ---- waits (wait.c) ---- */

/* Waiters in the order of their arrival. Zero-initialised. */
struct rt_event {
    struct rt_waiter *first, *last;
};
int rt_event_wait(struct rt_event *event, int64_t deadline) may_yield;
bool rt_event_signal(struct rt_event *event); /* wakes the first; false when nobody waits */
void rt_event_broadcast(struct rt_event *event);

/* A watched descriptor. A talloc object: freeing it stops the watch at once; free it before the
 * descriptor is closed. One fiber at a time may wait on it. */
struct rt_poll;
struct rt_poll *rt_poll_create(const void *ctx, int fd); /* NULL when the fd cannot be watched */
/* `events`: UV_READABLE | UV_WRITABLE | UV_DISCONNECT. Any error on the fd counts as ready. */
int rt_poll_wait(struct rt_poll *poll, int events, int64_t deadline) may_yield;

/* So many jobs run at once. */
enum { RT_OFFLOAD_THREADS = 8 };

/* Runs `fn(job)` in the thread pool and waits for its end. `job` is a talloc object that the call
 * takes over: on 0 it is the caller's again; after -ETIMEDOUT or -ECANCELED it is freed, with its
 * destructor, once `fn` has ended. `fn` must not allocate with talloc. */
int rt_offload(void (*fn)(void *job), void *job, int64_t deadline) may_yield;
/* How many are still running, waited for or not. */
size_t rt_offloaded(void);

#endif
