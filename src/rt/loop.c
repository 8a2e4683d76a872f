/* The loop and its clock; see rt.h. */
#include "rt/internal.h"

#include <assert.h>
#include <malloc.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    MAIN_STACK_BYTES = 16 << 20,
    /* Blocks above it go back to the system when they are freed. Left to itself, glibc raises the
     * limit with the first large result, and keeps the memory of later ones. */
    OWN_BLOCK_BYTES = 256 << 10,
};

static uv_loop_t loop;
static uv_timer_t alarm_clock;
static int exit_code;
static bool fake;
static int64_t fake_now;

/* Time that is fake must not jump over what a busy machine has not let the loop hear yet. */
static bool has_input(void)
{
    struct pollfd epoll = {.fd = uv_backend_fd(&loop), .events = POLLIN};
    return poll(&epoll, 1, 0) > 0;
}

static void alarm_rings(uv_timer_t *timer)
{
    (void)timer;
    if (fake && (rt_fiber_ready() || has_input())) {
        uv_timer_start(&alarm_clock, alarm_rings, 1, 0); /* 0 would be due in this same turn */
        return;
    }
    if (fake && rt_timer_next() > fake_now)
        fake_now = rt_timer_next();
    rt_timers_fire(rt_now());
}

/* Sets the one libuv timer to the earliest of ours; called by timer.c when that changes. */
void rt_alarm_set(int64_t deadline)
{
    if (deadline == RT_FOREVER) {
        uv_timer_stop(&alarm_clock);
        return;
    }
    int64_t left = deadline - rt_now();
    uv_update_time(&loop);
    uv_timer_start(&alarm_clock, alarm_rings, fake || left < 1 ? 1 : (uint64_t)left, 0);
}

void rt_init(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    mallopt(M_MMAP_THRESHOLD, OWN_BLOCK_BYTES);
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < MAIN_STACK_BYTES) {
        limit.rlim_cur = MAIN_STACK_BYTES;
        setrlimit(RLIMIT_STACK, &limit);
    }
    char threads[8];
    snprintf(threads, sizeof threads, "%d", RT_OFFLOAD_THREADS);
    setenv("UV_THREADPOOL_SIZE", threads, 1);
    int rc = uv_loop_init(&loop);
    assert(rc == 0);
    uv_timer_init(&loop, &alarm_clock);
    rt_fibers_init(&loop);
}

static void trim(void *arg)
{
    enum { KEPT_BYTES = 256 << 10 };
    (void)arg;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = ((uintptr_t)__builtin_frame_address(0) - KEPT_BYTES) & ~(page - 1);
    /* What of it was never touched is not mapped, which madvise() says and otherwise ignores. */
    madvise((void *)(end - MAIN_STACK_BYTES), MAIN_STACK_BYTES, MADV_DONTNEED);
    malloc_trim(0);
}

void rt_trim(void)
{
    rt_run_on_main(trim, NULL);
}

int rt_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    return exit_code;
}

void rt_stop(int code)
{
    exit_code = code;
    uv_stop(&loop);
}

uv_loop_t *rt_loop(void)
{
    return &loop;
}

int64_t rt_now(void)
{
    return fake ? fake_now : (int64_t)(uv_hrtime() / 1000000);
}

int64_t rt_deadline(int64_t ms)
{
    int64_t now = rt_now();
    return ms < 0 || ms > RT_FOREVER - now ? RT_FOREVER : now + ms;
}

void rt_clock_fake(bool on)
{
    fake_now = rt_now();
    fake = on;
}
