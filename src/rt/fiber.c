/*
 * Fibers on ucontext, which makes their stacks; once there, they switch with setjmp(), which
 * unlike swapcontext() makes no system call. A fiber that has ended is used again as it is.
 *
 *   start ──▶ READY ──▶ running ──park──▶ PARKED ──wake, deadline, cancel──▶ READY
 *                          └────────── fn returns ──▶ stack to the free list
 *
 * Ready fibers run from the loop's prepare and check phases, that is after timers and after I/O;
 * a turn runs those that were ready when it began, so that a yielding fiber starves nobody.
 */
/* Its longjmp() would take a jump to another stack for an error. */
#undef _FORTIFY_SOURCE

#include "rt/internal.h"

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
enum { STACK_BYTES = 1 << 20 };
#else
enum { STACK_BYTES = 256 << 10 };
#endif

enum { SPARE_STACKS = 64 };
enum state { READY, RUNNING, PARKED };

struct rt_fiber {
    jmp_buf context;
    void *stack; /* the mapping, guard page first */
    bool begun;  /* `context` is valid */
    void (*fn)(void *arg);
    void *arg;
    enum state state;
    bool ended;
    bool cancelled;
    int result; /* of the present park */
    struct rt_timer timer;
    struct rt_fiber *next; /* in the ready queue or on the free list */
    void *asan_stack;
};

static struct rt_fiber *running;
static struct rt_fiber *ready_first, **ready_last = &ready_first;
static struct rt_fiber *spare;
static size_t spare_count, fiber_count;
static jmp_buf main_context;
static void (*main_fn)(void *arg); /* what the running fiber wants run on the main stack */
static void *main_arg;
static uv_prepare_t prepare;
static uv_check_t check;
static uv_idle_t idle;

/* ---- stacks ---- */

static struct rt_fiber *fiber_take(void)
{
    struct rt_fiber *fiber = spare;
    if (fiber) {
        spare = fiber->next;
        spare_count--;
        fiber->ended = fiber->cancelled = false;
        return fiber;
    }
    fiber = calloc(1, sizeof *fiber);
    long page = sysconf(_SC_PAGESIZE);
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (!fiber || stack == MAP_FAILED || mprotect(stack, (size_t)page, PROT_NONE) != 0)
        abort();
    fiber->stack = stack;
    return fiber;
}

static void fiber_give(struct rt_fiber *fiber)
{
    fiber_count--;
#ifdef WITH_ASAN
    __asan_unpoison_memory_region((char *)fiber->stack + sysconf(_SC_PAGESIZE),
        STACK_BYTES - (size_t)sysconf(_SC_PAGESIZE));
#endif
    if (spare_count < SPARE_STACKS) {
        fiber->next = spare;
        spare = fiber;
        spare_count++;
        return;
    }
    munmap(fiber->stack, STACK_BYTES);
    free(fiber);
}

/* ---- switching ---- */

#ifdef WITH_ASAN
static const void *main_bottom;
static size_t main_size;
static void *main_asan_stack;
#define ASAN_LEAVE(save, bottom, size) __sanitizer_start_switch_fiber(save, bottom, size)
#define ASAN_ARRIVE(saved, bottom, size) __sanitizer_finish_switch_fiber(saved, bottom, size)
#else
#define ASAN_LEAVE(save, bottom, size) ((void)0)
#define ASAN_ARRIVE(saved, bottom, size) ((void)0)
#endif

/* From a fiber back to the loop. */
static void switch_to_main(void)
{
    struct rt_fiber *self = running;
    ASAN_LEAVE(&self->asan_stack, main_bottom, main_size);
    if (_setjmp(self->context) == 0)
        _longjmp(main_context, 1);
    ASAN_ARRIVE(self->asan_stack, &main_bottom, &main_size);
}

/* The bottom of every fiber's stack. */
static void live(void)
{
    ASAN_ARRIVE(NULL, &main_bottom, &main_size);
    for (;;) {
        running->fn(running->arg);
        running->ended = true;
        switch_to_main();
    }
}

__attribute__((noreturn)) static void begin(struct rt_fiber *fiber)
{
    fiber->begun = true;
    static ucontext_t context; /* on the stack it would never be left */
    getcontext(&context);
    context.uc_stack.ss_sp = fiber->stack;
    context.uc_stack.ss_size = STACK_BYTES;
    context.uc_link = NULL;
    makecontext(&context, live, 0);
    setcontext(&context);
    abort();
}

__attribute__((noreturn)) static void switch_to(struct rt_fiber *fiber)
{
    if (fiber->begun)
        _longjmp(fiber->context, 1);
    begin(fiber);
}

/* From the loop to a fiber, until it parks, yields or ends. */
static void run(struct rt_fiber *fiber)
{
    running = fiber;
    fiber->state = RUNNING;
    for (;;) {
        ASAN_LEAVE(&main_asan_stack, fiber->stack, STACK_BYTES);
        if (_setjmp(main_context) == 0)
            switch_to(fiber);
        ASAN_ARRIVE(main_asan_stack, NULL, NULL);
        if (!main_fn)
            break;
        void (*fn)(void *) = main_fn;
        main_fn = NULL;
        running = NULL;
        fn(main_arg);
        running = fiber;
    }
    running = NULL;
    if (fiber->ended)
        fiber_give(fiber);
}

/* ---- the ready queue ---- */

static void make_ready(struct rt_fiber *fiber)
{
    fiber->state = READY;
    fiber->next = NULL;
    *ready_last = fiber;
    ready_last = &fiber->next;
}

static void run_nothing(uv_idle_t *handle)
{
    (void)handle;
}

static void run_ready(void)
{
    struct rt_fiber *fiber = ready_first;
    ready_first = NULL;
    ready_last = &ready_first;
    while (fiber) {
        struct rt_fiber *next = fiber->next;
        run(fiber);
        fiber = next;
    }
    /* An active idle handle keeps the loop from blocking while somebody is ready. */
    if (ready_first)
        uv_idle_start(&idle, run_nothing);
    else
        uv_idle_stop(&idle);
}

bool rt_fiber_ready(void)
{
    return ready_first != NULL;
}

static void on_prepare(uv_prepare_t *handle)
{
    (void)handle;
    run_ready();
}

static void on_check(uv_check_t *handle)
{
    (void)handle;
    run_ready();
}

void rt_fibers_init(uv_loop_t *loop)
{
    uv_prepare_init(loop, &prepare);
    uv_prepare_start(&prepare, on_prepare);
    uv_check_init(loop, &check);
    uv_check_start(&check, on_check);
    uv_idle_init(loop, &idle);
}

/* ---- public ---- */

struct rt_fiber *rt_fiber_start(void (*fn)(void *arg), void *arg)
{
    struct rt_fiber *fiber = fiber_take();
    fiber_count++;
    fiber->fn = fn;
    fiber->arg = arg;
    make_ready(fiber);
    return fiber;
}

struct rt_fiber *rt_fiber_self(void)
{
    return running;
}

bool rt_fiber_cancelled(void)
{
    return running && running->cancelled;
}

size_t rt_fiber_count(void)
{
    return fiber_count;
}

void rt_fiber_cancel(struct rt_fiber *fiber)
{
    fiber->cancelled = true;
    rt_wake(fiber, -ECANCELED);
}

static void on_deadline(struct rt_timer *timer)
{
    struct rt_fiber *fiber = rt_owner(timer, struct rt_fiber, timer);
    rt_wake(fiber, -ETIMEDOUT);
}

int rt_park(int64_t deadline)
{
    struct rt_fiber *self = running;
    assert(self);
    if (self->cancelled)
        return -ECANCELED;
    rt_timer_arm(&self->timer, deadline, on_deadline);
    self->state = PARKED;
    switch_to_main();
    return self->result;
}

void rt_wake(struct rt_fiber *fiber, int result)
{
    if (fiber->state != PARKED)
        return;
    rt_timer_disarm(&fiber->timer);
    fiber->result = result;
    make_ready(fiber);
}

void rt_yield(void)
{
    assert(running);
    make_ready(running);
    switch_to_main();
}

int rt_sleep(int64_t ms)
{
    int rc = rt_park(rt_deadline(ms));
    return rc == -ETIMEDOUT ? 0 : rc;
}

void rt_run_on_main(void (*fn)(void *arg), void *arg)
{
    if (!running) {
        fn(arg);
        return;
    }
    main_fn = fn;
    main_arg = arg;
    switch_to_main();
}
