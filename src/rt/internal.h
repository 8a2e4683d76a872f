/* What the files of rt/ need of each other; nobody else includes this. */
#ifndef PGPARLEY_RT_INTERNAL_H
#define PGPARLEY_RT_INTERNAL_H

#include "rt/rt.h"

void rt_alarm_set(int64_t deadline);

int64_t rt_timer_next(void); /* RT_FOREVER when none is armed */
void rt_timers_fire(int64_t now);

void rt_fibers_init(uv_loop_t *loop);
bool rt_fiber_ready(void); /* somebody could run now */

#endif
