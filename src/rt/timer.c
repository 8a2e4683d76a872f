/* Timers: a binary heap of pointers, the earliest on top; see rt.h. */
#include "rt/internal.h"

#include <stdlib.h>

static struct rt_timer **heap; /* heap[1..count] */
static size_t count, room;
static bool firing; /* the alarm is set once, after the last one fired */

static void place(struct rt_timer *timer, size_t slot)
{
    heap[slot] = timer;
    timer->slot = slot;
}

/* Moves `timer` from the hole at `slot` to where the order wants it. */
static void settle(struct rt_timer *timer, size_t slot)
{
    while (slot > 1 && timer->deadline < heap[slot / 2]->deadline) {
        place(heap[slot / 2], slot);
        slot /= 2;
    }
    for (;;) {
        size_t child = slot * 2;
        if (child < count && heap[child + 1]->deadline < heap[child]->deadline)
            child++;
        if (child > count || heap[child]->deadline >= timer->deadline)
            break;
        place(heap[child], slot);
        slot = child;
    }
    place(timer, slot);
}

static void set_alarm(int64_t before)
{
    if (!firing && rt_timer_next() != before)
        rt_alarm_set(rt_timer_next());
}

int64_t rt_timer_next(void)
{
    return count > 0 ? heap[1]->deadline : RT_FOREVER;
}

void rt_timer_arm(struct rt_timer *timer, int64_t deadline, void (*fire)(struct rt_timer *))
{
    rt_timer_disarm(timer);
    timer->deadline = deadline;
    timer->fire = fire;
    if (deadline == RT_FOREVER)
        return;
    int64_t before = rt_timer_next();
    if (count + 1 >= room) {
        room = room ? room * 2 : 64;
        heap = realloc(heap, room * sizeof(struct rt_timer *));
        if (!heap)
            abort();
    }
    count++;
    settle(timer, count);
    set_alarm(before);
}

void rt_timer_disarm(struct rt_timer *timer)
{
    size_t slot = timer->slot;
    if (slot == 0)
        return;
    int64_t before = rt_timer_next();
    timer->slot = 0;
    struct rt_timer *last = heap[count--];
    if (last != timer)
        settle(last, slot);
    set_alarm(before);
}

void rt_timers_fire(int64_t now)
{
    firing = true;
    while (count > 0 && heap[1]->deadline <= now) {
        struct rt_timer *timer = heap[1];
        rt_timer_disarm(timer);
        timer->fire(timer);
    }
    firing = false;
    rt_alarm_set(rt_timer_next());
}
