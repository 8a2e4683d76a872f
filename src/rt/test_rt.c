/* Unit tests of rt/: order, deadlines, cancellation. Time is fake wherever it is waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "rt/rt.h"

static char trace[256];

static void note(const char *what)
{
    strncat(trace, what, sizeof trace - strlen(trace) - 1);
}

/* Runs `fn` on a fiber until it ends. */
struct job {
    void (*fn)(void);
};

static void run_job(void *arg)
{
    struct job *job = arg;
    job->fn();
    rt_stop(0);
}

static void on_fiber(void (*fn)(void))
{
    trace[0] = '\0';
    struct job job = {fn};
    rt_fiber_start(run_job, &job);
    rt_run();
}

static void sleeper(void *arg)
{
    const char *name = arg;
    rt_sleep(name[0] - '0');
    note(name);
}

static void sleep_sorts(void)
{
    int64_t start = rt_now();
    for (const char *const *p = (const char *const[]){"9", "3", "7", "1", "5", "2", NULL}; *p; p++)
        rt_fiber_start(sleeper, (void *)(uintptr_t)*p);
    assert_int_equal(rt_sleep(3600 * 1000), 0);
    assert_int_equal(rt_now() - start, 3600 * 1000);
    assert_string_equal(trace, "123579");
}

static void timers_fire_in_order_of_their_deadlines(void **state)
{
    (void)state;
    rt_clock_fake(true);
    on_fiber(sleep_sorts);
    rt_clock_fake(false);
}

static struct rt_event event;

static void waiter(void *arg)
{
    int rc = rt_event_wait(&event, rt_deadline(100));
    note(rc == 0 ? arg : rc == -ETIMEDOUT ? "T" : "C");
}

static void events_are_fair(void)
{
    rt_fiber_start(waiter, "a");
    struct rt_fiber *b = rt_fiber_start(waiter, "b");
    rt_fiber_start(waiter, "c");
    rt_fiber_start(waiter, "d");
    rt_yield();
    rt_event_signal(&event); /* a */
    rt_fiber_cancel(b);
    rt_yield();
    rt_event_signal(&event); /* c */
    rt_yield();
    rt_sleep(200); /* d times out */
    assert_string_equal(trace, "aCcT");
    assert_false(rt_event_signal(&event));
}

static void a_signal_goes_to_the_first_who_still_waits(void **state)
{
    (void)state;
    rt_clock_fake(true);
    on_fiber(events_are_fair);
    rt_clock_fake(false);
}

static void signal_then_cancel(void)
{
    struct rt_fiber *a = rt_fiber_start(waiter, "a");
    rt_fiber_start(waiter, "b");
    rt_yield();
    rt_fiber_cancel(a);      /* a is on its way out … */
    rt_event_signal(&event); /* … so the signal that finds it first must reach b */
    rt_yield();
    rt_yield();
    assert_string_equal(trace, "Cb");
}

static void a_cancelled_waiter_passes_the_signal_on(void **state)
{
    (void)state;
    rt_clock_fake(true);
    on_fiber(signal_then_cancel);
    rt_clock_fake(false);
}

static void cancelled(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        note(rt_sleep(1000) == -ECANCELED ? "C" : "-");
    note(rt_fiber_cancelled() ? "!" : "?");
}

static void cancel_is_sticky(void)
{
    struct rt_fiber *fiber = rt_fiber_start(cancelled, NULL);
    rt_yield();
    rt_fiber_cancel(fiber);
    rt_yield();
    assert_string_equal(trace, "CCC!");
}

static void cancellation_stays(void **state)
{
    (void)state;
    on_fiber(cancel_is_sticky);
}

static void write_later(void *arg)
{
    rt_sleep(5);
    assert_int_equal(write(*(int *)arg, "x", 1), 1);
}

static void poll_pipe(void)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct rt_poll *poll = rt_poll_create(NULL, fds[0]);
    assert_int_equal(rt_poll_wait(poll, UV_READABLE, rt_deadline(2)), -ETIMEDOUT);
    rt_fiber_start(write_later, &fds[1]);
    assert_int_equal(rt_poll_wait(poll, UV_READABLE, rt_deadline(5000)), 0);
    close(fds[1]);
    assert_int_equal(rt_poll_wait(poll, UV_READABLE, rt_deadline(5000)), 0);
    talloc_free(poll);
    close(fds[0]);
}

static void a_descriptor_wakes_its_fiber(void **state)
{
    (void)state;
    on_fiber(poll_pipe);
}

static int destroyed;

static int count_destroyed(int *job)
{
    (void)job;
    destroyed++;
    return 0;
}

static void work(void *job)
{
    usleep((useconds_t) * (int *)job * 1000);
    *(int *)job = 42;
}

static void offload_both_ways(void)
{
    int *quick = talloc(NULL, int);
    *quick = 1;
    assert_int_equal(rt_offload(work, quick, RT_FOREVER), 0);
    assert_int_equal(*quick, 42);
    talloc_free(quick);

    int *slow = talloc(NULL, int);
    *slow = 50;
    talloc_set_destructor(slow, count_destroyed);
    assert_int_equal(rt_offload(work, slow, rt_deadline(5)), -ETIMEDOUT);
    assert_int_equal(destroyed, 0);
    rt_sleep(150);
    assert_int_equal(destroyed, 1);
}

static void an_abandoned_job_is_freed_when_it_ends(void **state)
{
    (void)state;
    on_fiber(offload_both_ways);
}

static int depth_reached;

static int recurse(int depth)
{
    volatile char frame[1024];
    frame[0] = (char)depth;
    return depth == 0 ? frame[0] : recurse(depth - 1) + 1;
}

static void deep(void *arg)
{
    assert_null(rt_fiber_self());
    depth_reached = recurse(*(int *)arg);
}

static void deep_on_main(void)
{
    int depth = 4000; /* 4 MiB, sixteen fiber stacks */
    rt_run_on_main(deep, &depth);
    assert_int_equal(depth_reached, depth);
    assert_non_null(rt_fiber_self());
}

static void the_main_stack_is_deep(void **state)
{
    (void)state;
    on_fiber(deep_on_main);
}

static struct rt_event gate;

static void stand_in_line(void *arg)
{
    (void)arg;
    rt_event_wait(&gate, RT_FOREVER);
}

static void ten_thousand(void)
{
    size_t before = rt_fiber_count();
    for (int i = 0; i < 10000; i++)
        rt_fiber_start(stand_in_line, NULL);
    rt_yield();
    assert_int_equal(rt_fiber_count(), before + 10000);
    rt_event_broadcast(&gate);
    rt_yield();
    assert_int_equal(rt_fiber_count(), before);
}

static void ten_thousand_fibers_come_and_go(void **state)
{
    (void)state;
    on_fiber(ten_thousand);
}

int main(void)
{
    rt_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_of_their_deadlines),
        cmocka_unit_test(a_signal_goes_to_the_first_who_still_waits),
        cmocka_unit_test(a_cancelled_waiter_passes_the_signal_on),
        cmocka_unit_test(cancellation_stays),
        cmocka_unit_test(a_descriptor_wakes_its_fiber),
        cmocka_unit_test(an_abandoned_job_is_freed_when_it_ends),
        cmocka_unit_test(the_main_stack_is_deep),
        cmocka_unit_test(ten_thousand_fibers_come_and_go),
    };
    return cmocka_run_group_tests_name("rt", tests, NULL, NULL);
}
