/* clock.h: the three clocks, in seconds. */
#ifndef FPSWEEP_BASE_CLOCK_H
#define FPSWEEP_BASE_CLOCK_H

#include <time.h>

static inline double fps_clock_read(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds since some moment of the past, the same for all processes of a machine; nobody sets this clock. For how long
 * something takes. */
static inline double fps_clock_now_s(void) {
    return fps_clock_read(CLOCK_MONOTONIC);
}

/* Seconds since 1970 (UTC), which differ between machines and may jump. For what is written down. */
static inline double fps_clock_date_s(void) {
    return fps_clock_read(CLOCK_REALTIME);
}

/* Processor time of this thread. For how fast something is, whatever else the machine does. */
static inline double fps_clock_thread_s(void) {
    return fps_clock_read(CLOCK_THREAD_CPUTIME_ID);
}

#endif
