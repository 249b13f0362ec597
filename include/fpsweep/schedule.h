/* schedule.h: which task next, to whom. Pure policy without MPI or clock: the farm drives it, tests and a simulator
 * feed it.
 *
 * Longest predicted first. Beyond the task that a worker is busy with, it may hold up to `ahead_s` seconds of further
 * tasks, so that it never waits for a message; a task longer than that is never handed out in advance, nor anything
 * behind it. The advance shrinks with the work that is left (guided self-scheduling: Polychronopoulos and Kuck, IEEE
 * Trans. Comput. C-36, 1987), so that nobody sits on a queue while others have run dry. Predictions are rescaled by
 * what finished tasks really took.
 *
 * Memory: 12 bytes per task (24 while it is created) and 16 per worker. Handing out, finishing: O(1); O(log n) for
 * tasks that came back from a lost worker.
 */
#ifndef FPSWEEP_SCHEDULE_H
#define FPSWEEP_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* What the farm uses, chosen with the simulator (tests/bench/bench_schedule.c). */
#define FPS_SCHEDULE_AHEAD_S 1.0
#define FPS_SCHEDULE_BATCH_LIMIT 4096

/* Opaque; owns copies of the predictions. */
typedef struct fps_schedule fps_schedule;

typedef struct fps_schedule_options {
    int workers;          /* ranks that run tasks, rank 0 counted if it may */
    double ahead_s;       /* seconds of work that a worker may hold in advance */
    int64_t batch_limit;  /* most tasks in one hand-out */
    int64_t first_worker; /* lowest worker number (0 if the coordinator trains too) */
} fps_schedule_options;

/* predicted_s[count] for tasks 0..count-1; copied. pending[count] (NULL: all) says which are still to be run. Equal
 * predictions keep their order. A prediction that is not a number counts as very long, one below a nanosecond as that.
 * FPS_ERROR_USAGE for no workers, a negative `ahead_s`, a `batch_limit` below 1 or more than 2^32 - 1 tasks. */
fps_status fps_schedule_create(const fps_schedule_options *options, int64_t count, const float *predicted_s,
                               const bool *pending, fps_schedule **out);
void fps_schedule_destroy(fps_schedule **schedule);

/* Hand out these waiting tasks before all others, the longest first: work that was begun is brought to its end. Before
 * the first hand-out; O(n). Tasks that are not waiting are passed over. FPS_ERROR_MEMORY. */
fps_status fps_schedule_prefer(fps_schedule *schedule, const int64_t *task, int64_t count);

/* From now on hand out only what is predicted to end within `within_s` seconds, on a worker that first runs what it
 * holds. Tasks that are too long even for an idle worker are set aside for good: time only gets shorter. */
void fps_schedule_end_within(fps_schedule *schedule, double within_s);

/* Fill task[limit] with what `worker` shall run next, in this order; returns how many. A worker that holds nothing gets
 * at least one task unless none is left; one that still holds some may get none: it asks again when it has run dry. */
int64_t fps_schedule_next(fps_schedule *schedule, int worker, int64_t *task, int64_t limit);

/* How many tasks of a hand-out `task[count]` may be unstarted when the worker asks again: half of it, so that the
 * answer is there in time; -1 (ask when dry) if its last task is too long for the next one to be handed out in advance.
 */
int64_t fps_schedule_ask_at(const fps_schedule *schedule, const int64_t *task, int64_t count);

/* Tell that a worker has run a task, in `seconds`. Its result may still get lost with the worker. */
void fps_schedule_finished(fps_schedule *schedule, int worker, int64_t task, double seconds);
/* Tell that a task ended after `seconds` and its result is safe (includes fps_schedule_finished unless told before). */
void fps_schedule_done(fps_schedule *schedule, int worker, int64_t task, double seconds);
/* Take back all tasks of a worker that are not done (it died); they are handed out again. Returns how many, or
 * -1 if there is no memory for their list. O(n). */
int64_t fps_schedule_lost(fps_schedule *schedule, int worker);

/* Tasks not handed out yet; those of them that were not set aside; tasks handed out and not done. */
int64_t fps_schedule_left(const fps_schedule *schedule);
int64_t fps_schedule_waiting(const fps_schedule *schedule);
int64_t fps_schedule_running(const fps_schedule *schedule);
/* Workers that hold a task which they have not finished. */
int64_t fps_schedule_busy(const fps_schedule *schedule);
/* Predicted seconds of all tasks that are not finished (nor set aside); of one task. Rescaled. */
double fps_schedule_seconds_left(const fps_schedule *schedule);
double fps_schedule_predicted(const fps_schedule *schedule, int64_t task);

/* Should rank 0 train too? Its core is worth 1/ranks of the whole. But while it trains it answers late (between its
 * tasks, or after FPS_SCHEDULE_HOOK_S): every worker waits at each task that is too long to be handed out in advance,
 * and at the last hand-outs. And with very many ranks answering is work enough. Always true for one rank.
 * bench_schedule prints the evidence. */
#define FPS_SCHEDULE_HOOK_S 0.05
bool fps_schedule_coordinator_trains(int ranks, int64_t tasks, double mean_s);

#endif
