/* results_row.c: rows of a results file that a run has open: any rank writes, syncs and checks them by itself. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/version.h"
#include "store/results_internal.h"

/* MPI-IO says "input/output error" for a full disk as well; the disk itself knows better. */
static fps_status fail_writing(const fps_results *results, const fps_open_variable *open, double elements) {
    struct statvfs system;
    double bytes = elements * (double)fps_stored_size(open->variable.type);
    if (fstatvfs(fps_lock_descriptor(results->lock), &system) == 0 &&
        (double)system.f_bavail * (double)system.f_frsize < bytes) {
        H5Eclear2(H5E_DEFAULT);
        return fps_fail(FPS_ERROR_IO, "%s: writing %s failed: no space left on the disk; what is done is safe",
                        results->path, open->variable.name);
    }
    return fps_hdf5_fail(FPS_ERROR_IO, "%s: writing %s failed", results->path, open->variable.name);
}

fps_status fps_results_put(fps_results *results, fps_open_variable *open, const hsize_t *start, const hsize_t *size,
                           hsize_t elements, const void *values) {
    FPS_TRY(fps_variables_select(&results->variables, open, start, size, elements));
    if (H5Dwrite(open->dataset, fps_stored_hdf5(open->variable.type), results->variables.memory, open->space,
                 H5P_DEFAULT, values) < 0) {
        results->broken = true;
        return fail_writing(results, open, (double)elements);
    }
    return FPS_OK;
}

/* A trajectory that does not fit its row would damage a neighbour's. */
static fps_status check_fits(const fps_results *results, const fps_task *task, const fps_trajectory *trajectory) {
    const fps_extent *room = fps_plan_extent(results->plan), *extent = &trajectory->extent;
    bool fits = task->index >= 0 && task->index < fps_plan_count(results->plan) && trajectory->records >= 0 &&
                trajectory->records <= extent->size[FPS_RECORD];
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        fits = fits && extent->size[d] <= room->size[d];
    if (!fits)
        return fps_fail(FPS_ERROR_MISMATCH, "%s: task %" PRId64 " is larger than its row", results->path, task->index);
    return FPS_OK;
}

fps_status fps_results_write(fps_results *results, const fps_task *task, const fps_trajectory *trajectory,
                             fps_row *row) {
    FPS_TRY(check_fits(results, task, trajectory));
    *row = (fps_row){.task = task->index,
                     .identity = fps_identity_of(results->check.identity, task),
                     .outcome = trajectory->outcome,
                     .records = (int32_t)trajectory->records,
                     .seconds = trajectory->seconds,
                     .rank = results->rank,
                     .attempts = 1,
                     .version = FPSWEEP_NUMERICS_VERSION,
                     .kernel_class = (int8_t)fps_kernel_class_current()};
    fps_row_hash_begin(results->check.hash, row->identity, row->outcome, row->records);
    int number = 0;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &results->variables.result[r];
        const fps_result_field *field = &fps_result_fields[r];
        if (field->dimensions == 0) /* the coordinator writes it: no two ranks write into one small array */
            row->number[number++] = trajectory->value[r] ? trajectory->value[r][0] : (double)NAN;
        if (open->dataset < 0 || !trajectory->value[r])
            continue;
        fps_row_part part =
            fps_row_valid(field, &trajectory->extent, trajectory->records, results->variables.directions);
        if (part.elements == 0)
            continue;
        hsize_t start[FPS_VARIABLE_RANK] = {(hsize_t)task->index}, size[FPS_VARIABLE_RANK] = {1};
        for (int d = 0; d < part.rank; d++)
            size[d + 1] = part.size[d];
        fps_row_encode(open->variable.type, field->fill_zero, trajectory->value[r], part.elements,
                       results->check.buffer);
        fps_row_hash_add(results->check.hash, results->check.buffer,
                         (size_t)part.elements * fps_stored_size(open->variable.type));
        if (field->dimensions > 0)
            FPS_TRY(fps_results_put(results, open, start, size, (hsize_t)part.elements, results->check.buffer));
    }
    row->checksum = fps_row_hash_end(results->check.hash);
    return FPS_OK;
}

fps_status fps_results_sync(fps_results *results) {
    int failed;
    do
        failed = fdatasync(fps_lock_descriptor(results->lock));
    while (failed && errno == EINTR);
    if (failed) {
        results->broken = true;
        return fps_fail(FPS_ERROR_IO, "%s: syncing failed: %s", results->path, strerror(errno));
    }
    return FPS_OK;
}

fps_status fps_results_check(fps_results *results, int64_t task, bool *right) {
    if (task < 0 || task >= fps_plan_count(results->plan))
        return fps_fail(FPS_ERROR_USAGE, "%s: there is no task %" PRId64, results->path, task);
    fps_task looked_at;
    fps_plan_task(results->plan, task, &looked_at);
    return fps_row_check_all(&results->check, &looked_at, right);
}
