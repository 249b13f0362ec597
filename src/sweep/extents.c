/* extents.c: the largest sizes of results over all tasks, and what else the whole sweep decides. */
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "sweep/hashset.h"
#include "sweep/internal.h"

enum { DEFAULT_FREQUENCIES = 32, MOST_SEEN = 1 << 16 };

/* Modes 0 .. K - 1. */
static fps_status count_modes(fps_plan *plan, int32_t frequencies) {
    int32_t *mode = fps_arena_alloc(&plan->arena, (size_t)frequencies * sizeof *mode);
    if (!mode)
        return FPS_ERROR_MEMORY;
    for (int32_t k = 0; k < frequencies; k++)
        mode[k] = k;
    plan->record.mode = mode;
    plan->record.frequencies = frequencies;
    return FPS_OK;
}

fps_status fps_record_modes(fps_plan *plan) {
    if (plan->record.mode)
        return FPS_OK;
    return count_modes(plan, plan->record.frequencies ? plan->record.frequencies : DEFAULT_FREQUENCIES);
}

/* Everything that fps_task_extent reads, as a hash. */
static uint64_t extent_key(const fps_task *task) {
    int64_t key[10] = {task->dimension,  task->samples,     task->depth,      task->bias.code,
                       task->decay_rate >= 0 ? 1 : 0, task->band_limit, task->steps, task->grid_points,
                       task->target.code, task->dataset ? task->dataset->samples : -1};
    return XXH3_64bits(key, sizeof key) ^ XXH3_64bits_withSeed(task->widths, sizeof task->widths, 1);
}

static void enlarge(fps_extent *extent, const fps_extent *task) {
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        if (task->size[d] > extent->size[d])
            extent->size[d] = task->size[d];
}

fps_status fps_extents_measure(fps_plan *plan) {
    fps_hashset seen = {0};
    fps_status status = FPS_OK;
    fps_task task;
    int64_t smallest_grid = INT64_MAX;
    plan->extent = (fps_extent){0};
    plan->all_single = true;
    for (int64_t i = 0; i < plan->tasks.count && status == FPS_OK; i++) {
        fps_extent extent;
        bool is_new = true;
        fps_plan_task(plan, i, &task);
        plan->all_single = plan->all_single && task.precision.code == FPS_SINGLE;
        if (task.target.code == FPS_TARGET_EXPRESSION && task.grid_points < smallest_grid)
            smallest_grid = task.grid_points;
        if (seen.count < MOST_SEEN)
            status = fps_hashset_add(&seen, extent_key(&task), &is_new);
        if (!is_new)
            continue;
        fps_task_extent(&task, &plan->record, &extent);
        enlarge(&plan->extent, &extent);
    }
    fps_hashset_release(&seen);
    FPS_TRY(status);
    if (!plan->record_node && smallest_grid / 2 + 1 < plan->record.frequencies) { /* the default fits every grid */
        FPS_TRY(count_modes(plan, (int32_t)(smallest_grid / 2 + 1)));
        plan->extent.size[FPS_FREQUENCY] = plan->record.frequencies;
    }
    return FPS_OK;
}
