/* schedule.h: which task next, to whom. Pure policy: no MPI, no clock; the farm drives it, tests and a simulator feed
 * it.
 *
 * Longest predicted first. Tasks predicted shorter than `ahead_s` are handed out in batches of about that length, so
 * that no worker waits for a message; the batches shrink near the end, so that none becomes a straggler. Predictions
 * are rescaled by what finished tasks really took.
 */
#ifndef FPSWEEP_SCHEDULE_H
#define FPSWEEP_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

typedef struct fps_schedule fps_schedule;

typedef struct fps_schedule_options {
    int workers;          /* ranks that run tasks, rank 0 counted if it may */
    double ahead_s;       /* seconds of work that a worker may hold in advance */
    int64_t batch_limit;  /* most tasks in one hand-out */
    int64_t first_worker; /* lowest worker number (0 if the coordinator trains too) */
} fps_schedule_options;

/* predicted_s[count] for tasks 0..count-1; copied. pending[count] (NULL: all) says which are still to be run. */
fps_status fps_schedule_create(const fps_schedule_options *options, int64_t count, const float *predicted_s,
                               const bool *pending, fps_schedule **out);
void fps_schedule_destroy(fps_schedule **schedule);

/* Fill task[limit] with what `worker` shall run next; returns how many (0: nothing is left for it). */
int64_t fps_schedule_next(fps_schedule *schedule, int worker, int64_t *task, int64_t limit);
/* Tell that a task ended after `seconds`. */
void fps_schedule_done(fps_schedule *schedule, int worker, int64_t task, double seconds);
/* Take back all unfinished tasks of a worker (it died); they are handed out again. Returns how many. */
int64_t fps_schedule_lost(fps_schedule *schedule, int worker);
/* Tasks not handed out yet; tasks handed out and not done; predicted seconds of work left, rescaled. */
int64_t fps_schedule_left(const fps_schedule *schedule);
int64_t fps_schedule_running(const fps_schedule *schedule);
double fps_schedule_seconds_left(const fps_schedule *schedule);
/* Should rank 0 train too? Decided from ranks and the predicted spread (simulator: tests/bench). */
bool fps_schedule_coordinator_trains(int ranks, int64_t tasks, double mean_s);

#endif
