/* commit.c: the coordinator's part: the numbers per task, the outcomes, signs of life.
 *
 * Order is everything: checksums and the other scalars, sync, then outcomes. A row is "done" only when everything that
 * it says is on the disk. The scalars are kept in memory too, so that rows near each other are written in one call;
 * writing a neighbour along repeats the bytes that it already has.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/results_internal.h"

/* Rows at most this far apart are written in one call. */
enum { GAP = 256 };

void fps_mirror_release(fps_results *results) {
    fps_scalars_release(&results->mirror);
    fps_free(results->committed);
    results->committed = NULL;
    results->committed_room = 0;
}

/* ---- writing runs of rows ---- */

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Write one variable's committed rows from its array in the mirror, in runs. */
static fps_status write_runs(fps_results *results, fps_open_variable *open, const char *values, int64_t count) {
    const int64_t *task = results->committed;
    for (int64_t first = 0, last; first < count; first = last + 1) {
        for (last = first; last + 1 < count && task[last + 1] - task[last] <= GAP;)
            last++;
        hsize_t start = (hsize_t)task[first], size = (hsize_t)(task[last] - task[first] + 1);
        FPS_TRY(fps_results_put(results, open, &start, &size, size,
                                values + (size_t)start * fps_stored_size(open->variable.type)));
    }
    return FPS_OK;
}

static fps_status write_outcomes(fps_results *results, int64_t count) {
    return write_runs(results, &results->variables.scalar[FPS_SCALAR_OUTCOME], (const char *)results->mirror.outcome,
                      count);
}

/* Everything but the outcomes. */
static fps_status write_others(fps_results *results, int64_t count) {
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        if (s != FPS_SCALAR_OUTCOME)
            FPS_TRY(write_runs(results, &results->variables.scalar[s],
                               fps_scalars_array(&results->mirror, (fps_scalar)s), count));
    for (int n = 0; n < FPS_ROW_NUMBERS; n++)
        if (results->mirror.number[n])
            FPS_TRY(write_runs(results, results->mirror.source[n], results->mirror.number[n], count));
    return FPS_OK;
}

/* Make room for `count` task numbers. */
static fps_status prepare(fps_results *results, int64_t count) {
    if (!results->mirror.outcome)
        return fps_fail(FPS_ERROR_USAGE, "%s: only the coordinator commits rows", results->path);
    if (count <= results->committed_room)
        return FPS_OK;
    fps_free(results->committed);
    results->committed_room = 0;
    FPS_TRY(FPS_ALLOC(results->committed, count));
    results->committed_room = count;
    return FPS_OK;
}

static fps_status note_task(fps_results *results, int64_t i, int64_t task) {
    if (task < 0 || task >= fps_plan_count(results->plan))
        return fps_fail(FPS_ERROR_MISMATCH, "%s: there is no task %" PRId64, results->path, task);
    results->committed[i] = task;
    return FPS_OK;
}

/* The row with what the caller left open: identity, version, time. */
static fps_row completed(fps_results *results, const fps_row *row, double now_s) {
    fps_row whole = *row;
    if (whole.identity == 0) {
        fps_task task;
        fps_plan_task(results->plan, row->task, &task);
        whole.identity = fps_identity_of(results->check.identity, &task);
    }
    whole.version = row->version ? row->version : FPSWEEP_NUMERICS_VERSION;
    whole.finished = row->finished > 0 ? row->finished : now_s;
    return whole;
}

fps_status fps_results_commit(fps_results *results, const fps_row *row, int64_t count) {
    fps_scalars *mirror = &results->mirror;
    double time_s = fps_clock_date_s();
    FPS_TRY(prepare(results, count));
    for (int64_t i = 0; i < count; i++)
        FPS_TRY(note_task(results, i, row[i].task));
    for (int64_t i = 0; i < count; i++) {
        int8_t *outcome = &mirror->outcome[row[i].task], before = *outcome;
        fps_row whole = completed(results, &row[i], time_s);
        fps_scalars_set(mirror, row[i].task, &whole);
        *outcome = before;
    }
    qsort(results->committed, (size_t)count, sizeof *results->committed, by_number);
    FPS_TRY(write_others(results, count));
    FPS_TRY(fps_results_sync(results));
    for (int64_t i = 0; i < count; i++)
        mirror->outcome[row[i].task] = (int8_t)row[i].outcome;
    return write_outcomes(results, count);
}

fps_status fps_results_reset(fps_results *results, const int64_t *task, int64_t count) {
    fps_scalars *mirror = &results->mirror;
    const fps_row none = {.outcome = FPS_PENDING};
    FPS_TRY(prepare(results, count));
    for (int64_t i = 0; i < count; i++)
        FPS_TRY(note_task(results, i, task[i]));
    qsort(results->committed, (size_t)count, sizeof *results->committed, by_number);
    for (int64_t i = 0; i < count; i++)
        mirror->outcome[task[i]] = FPS_PENDING;
    FPS_TRY(write_outcomes(results, count));
    FPS_TRY(fps_results_sync(results));
    for (int64_t i = 0; i < count; i++) {
        fps_scalars_set(mirror, task[i], &none);
        mirror->scalars_checksum[task[i]] = 0;
    }
    return write_others(results, count);
}

/* ---- signs of life, and what the file says ---- */

fps_status fps_results_live(fps_results *results, double heartbeat, int64_t running, double rate) {
    const hsize_t one = 1;
    fps_open_variable *live = results->variables.live;
    FPS_TRY(fps_results_put(results, &live[FPS_LIVE_HEARTBEAT], &one, &one, 1, &heartbeat));
    FPS_TRY(fps_results_put(results, &live[FPS_LIVE_RUNNING], &one, &one, 1, &running));
    FPS_TRY(fps_results_put(results, &live[FPS_LIVE_RATE], &one, &one, 1, &rate));
    return fps_lock_beat(results->lock);
}

fps_status fps_results_rows(fps_results *results, fps_row *row) {
    if (!results->mirror.outcome)
        return fps_fail(FPS_ERROR_USAGE, "%s: only the coordinator knows all rows", results->path);
    memset(row, 0, (size_t)fps_plan_count(results->plan) * sizeof *row);
    for (int64_t i = 0; i < fps_plan_count(results->plan); i++) {
        row[i].task = i;
        fps_scalars_get(&results->mirror, i, &row[i]);
    }
    return FPS_OK;
}

fps_status fps_results_outcomes(fps_results *results, int8_t *outcome) {
    const hsize_t start = 0, tasks = (hsize_t)fps_plan_count(results->plan);
    FPS_TRY(fps_variables_read(&results->variables, &results->variables.scalar[FPS_SCALAR_OUTCOME],
                               fps_stored_hdf5(FPS_STORED_INT8), &start, &tasks, tasks, outcome));
    for (int64_t i = 0; i < fps_plan_count(results->plan); i++)
        if (outcome[i] < 0 || outcome[i] >= FPS_OUTCOME_COUNT)
            return fps_fail(FPS_ERROR_INPUT, "%s is damaged: task %" PRId64 " has outcome %d", results->path, i,
                            outcome[i]);
    return FPS_OK;
}
