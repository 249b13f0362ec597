/* commit.c: the coordinator's part: the numbers per task, the outcomes, signs of life.
 *
 * Order is everything: checksums and the other scalars, sync, then outcomes. A row is "done" only when everything that
 * it says is on the disk. The scalars are kept in memory too, so that rows near each other are written in one call;
 * writing a neighbour along repeats the bytes that it already has.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/results_internal.h"

/* Rows at most this far apart are written in one call. */
enum { GAP = 256 };

/* The mirror's array of a scalar. */
static char *mirror_of(fps_results *results, fps_scalar scalar) {
    switch (scalar) {
#define X(NAME, name, ...)                                                                                             \
    case FPS_SCALAR_##NAME:                                                                                            \
        return (char *)results->mirror.name;
        FPS_SCALAR_LIST(X)
#undef X
    case FPS_SCALAR_COUNT:
        break;
    }
    return NULL;
}

fps_status fps_mirror_load(fps_results *results) {
    int64_t tasks = fps_plan_count(results->plan);
#define X(NAME, name, ...) FPS_TRY(FPS_ALLOC(results->mirror.name, tasks));
    FPS_SCALAR_LIST(X)
#undef X
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_open_variable *open = &results->scalar[s];
        if (H5Dread(open->dataset, fps_stored_hdf5(open->variable.type), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                    mirror_of(results, (fps_scalar)s)) < 0)
            return fps_hdf5_fail(FPS_ERROR_IO, "%s: reading %s failed", results->path, open->variable.name);
    }
    return FPS_OK;
}

void fps_mirror_release(fps_results *results) {
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        fps_free(mirror_of(results, (fps_scalar)s));
    fps_free(results->committed);
    memset(&results->mirror, 0, sizeof results->mirror);
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Write one scalar's committed rows from the mirror, in runs. */
static fps_status write_scalar(fps_results *results, fps_scalar scalar, int64_t count) {
    fps_open_variable *open = &results->scalar[scalar];
    const int64_t *task = results->committed;
    const char *values = mirror_of(results, scalar);
    for (int64_t first = 0, last; first < count; first = last + 1) {
        for (last = first; last + 1 < count && task[last + 1] - task[last] <= GAP;)
            last++;
        hsize_t start = (hsize_t)task[first], size = (hsize_t)(task[last] - task[first] + 1);
        FPS_TRY(fps_results_put(results, open, &start, &size, size,
                                values + (size_t)start * fps_stored_size(open->variable.type)));
    }
    return FPS_OK;
}

fps_status fps_results_commit(fps_results *results, const fps_row *row, int64_t count) {
    fps_mirror *mirror = &results->mirror;
    if (!mirror->outcome)
        return fps_fail(FPS_ERROR_USAGE, "%s: only the coordinator commits rows", results->path);
    if (count < 1)
        return FPS_OK;
    if (count > results->committed_room) {
        fps_free(results->committed);
        results->committed_room = 0;
        FPS_TRY(FPS_ALLOC(results->committed, count));
        results->committed_room = count;
    }
    for (int64_t i = 0; i < count; i++) {
        if (row[i].task < 0 || row[i].task >= fps_plan_count(results->plan))
            return fps_fail(FPS_ERROR_MISMATCH, "%s: there is no task %" PRId64, results->path, row[i].task);
        results->committed[i] = row[i].task;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t task = row[i].task;
        mirror->checksum[task] = row[i].checksum;
        mirror->records[task] = row[i].records;
        mirror->seconds[task] = row[i].seconds;
        mirror->rank[task] = row[i].rank;
        mirror->attempts[task] = row[i].attempts;
        mirror->version[task] = FPSWEEP_NUMERICS_VERSION;
    }
    qsort(results->committed, (size_t)count, sizeof *results->committed, by_number);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        if (s != FPS_SCALAR_OUTCOME)
            FPS_TRY(write_scalar(results, (fps_scalar)s, count));
    FPS_TRY(fps_results_sync(results));
    for (int64_t i = 0; i < count; i++)
        mirror->outcome[row[i].task] = (int8_t)row[i].outcome;
    return write_scalar(results, FPS_SCALAR_OUTCOME, count);
}

fps_status fps_results_live(fps_results *results, double heartbeat, int64_t running, double rate) {
    const hsize_t one = 1;
    FPS_TRY(fps_results_put(results, &results->live[FPS_LIVE_HEARTBEAT], &one, &one, 1, &heartbeat));
    FPS_TRY(fps_results_put(results, &results->live[FPS_LIVE_RUNNING], &one, &one, 1, &running));
    FPS_TRY(fps_results_put(results, &results->live[FPS_LIVE_RATE], &one, &one, 1, &rate));
    fps_lock_beat(results->lock);
    return FPS_OK;
}

fps_status fps_results_outcomes(fps_results *results, int8_t *outcome) {
    if (H5Dread(results->scalar[FPS_SCALAR_OUTCOME].dataset, fps_stored_hdf5(FPS_STORED_INT8), H5S_ALL, H5S_ALL,
                H5P_DEFAULT, outcome) < 0)
        return fps_hdf5_fail(FPS_ERROR_IO, "%s: reading the outcomes failed", results->path);
    for (int64_t i = 0; i < fps_plan_count(results->plan); i++)
        if (outcome[i] < 0 || outcome[i] >= FPS_OUTCOME_COUNT)
            return fps_fail(FPS_ERROR_INPUT, "%s is damaged: task %" PRId64 " has outcome %d", results->path, i,
                            outcome[i]);
    return FPS_OK;
}
