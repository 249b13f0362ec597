/* extents.c: the largest sizes of results over all tasks, and what else the whole sweep decides. */
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/optimizer.h"
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
    int64_t key[11] = {task->model.code,
                       task->dimension,
                       task->samples,
                       task->depth,
                       task->bias.code,
                       task->decay_rate >= 0 ? 1 : 0,
                       task->band_limit,
                       task->steps,
                       task->grid_points,
                       task->target.code,
                       task->dataset ? task->dataset->samples : -1};
    return XXH3_64bits(key, sizeof key) ^ XXH3_64bits_withSeed(task->widths, sizeof task->widths, 1);
}

static void enlarge(fps_extent *extent, const fps_extent *task) {
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        if (task->size[d] > extent->size[d])
            extent->size[d] = task->size[d];
}

/* Factors on which anything below depends. */
static uint64_t factors_that_matter(const fps_plan *plan) {
    const int parameters[] = {FPS_P(dimension), FPS_P(samples),    FPS_P(data),       FPS_P(depth),
                              FPS_P(width),     FPS_P(bias),       FPS_P(steps),      FPS_P(grid_points),
                              FPS_P(target),    FPS_P(decay_rate), FPS_P(band_limit), FPS_P(precision),
                              FPS_P(optimizer), FPS_P(linearised), FPS_P(domain)};
    uint64_t factors = 0;
    for (size_t k = 0; k < sizeof parameters / sizeof *parameters; k++)
        factors |= plan->factors_of[parameters[k]];
    return factors;
}

fps_status fps_extents_measure(fps_plan *plan) {
    fps_hashset seen = {0};
    fps_status status = FPS_OK;
    fps_task task;
    int64_t smallest_grid = INT64_MAX, i = 0;
    double longest_side = 0, lowest_nyquist = INFINITY;
    uint64_t matter = factors_that_matter(plan), changed = UINT64_MAX;
    plan->extent = (fps_extent){0};
    plan->all_single = true;
    for (int64_t c = 0; c < plan->combinations && status == FPS_OK; c++) {
        if (!fps_survivors_has(&plan->tasks, c))
            continue;
        changed |= fps_evaluate_seek(plan, c);
        i++;
        if (!(changed & matter) && i > 1)
            continue;
        changed = 0;
        fps_extent extent;
        bool is_new = true;
        fps_plan_task(plan, i - 1, &task);
        plan->all_single = plan->all_single && fps_task_is_single(&task);
        if (task.model.code == FPS_MODEL_NETWORK && task.optimizer.code == FPS_OPTIMIZER_FLOW)
            plan->record.keep |= FPS_IF_FLOW;
        if (task.model.code == FPS_MODEL_NETWORK && task.linearised.code == FPS_YES)
            plan->record.keep |= FPS_IF_LINEARISED;
        if (task.target.code == FPS_TARGET_EXPRESSION && task.grid_points < smallest_grid)
            smallest_grid = task.grid_points;
        longest_side = fmax(longest_side, fps_evaluate_side(&task));
        lowest_nyquist = fmin(lowest_nyquist, fps_thresholds_nyquist(&task));
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
    if ((plan->record.keep & FPS_KEEP_SPLIT) && !plan->threshold_node) {
        FPS_TRY(fps_thresholds_default(plan, 1 / longest_side, lowest_nyquist));
        plan->extent.size[FPS_THRESHOLD] = plan->record.thresholds;
    }
    return FPS_OK;
}

/* ---- size of the results file ---- */

enum { SAMPLED = 1000, PER_VARIABLE = 1200, SCALARS = 46, TEXTS = 28 }; /* TEXTS: identity, layers */

/* Bytes per task of the parameters' columns: texts as long as the longest of up to SAMPLED tasks, evenly chosen. */
static double parameter_bytes(const fps_plan *plan) {
    int longest[FPS_PARAMETERS] = {0};
    double bytes = 0;
    fps_task task;
    int64_t count = plan->tasks.count, step = count / SAMPLED + 1;
    for (int64_t i = 0; i < count; i += step) {
        char text[2 * FPS_TEXT_LIMIT];
        fps_plan_task(plan, i, &task);
        for (int p = 0; p < fps_parameter_count; p++) {
            bool is_text = fps_parameters[p].kind == FPS_KIND_CHOICE || fps_parameters[p].kind == FPS_KIND_TEXT;
            int length = is_text ? fps_parameter_format(&fps_parameters[p], &task, text, sizeof text) : 8;
            if (fps_parameters[p].kind == FPS_KIND_DOMAIN)
                length = (int)(16 * plan->extent.size[FPS_AXIS]);
            if (length > longest[p])
                longest[p] = length;
        }
    }
    for (int p = 0; p < fps_parameter_count; p++)
        bytes += longest[p];
    return bytes;
}

double fps_plan_file_bytes(const fps_plan *plan) {
    double row = parameter_bytes(plan) + SCALARS + TEXTS;
    int variables = fps_parameter_count;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *result = &fps_result_fields[r];
        if (!fps_result_kept(result, plan->record.keep))
            continue;
        double size = result->type == FPS_TYPE_FLOAT && plan->all_single ? 4 : 8;
        row += size * (double)fps_result_elements(result, &plan->extent);
        variables++;
    }
    return row * (double)plan->tasks.count + (double)plan->length + PER_VARIABLE * variables;
}
