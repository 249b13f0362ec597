/* trajectory.c: the table of result variables, the planned records, and the memory of a trajectory. */
#include "fpsweep/trajectory.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/spectrum.h"

#define COUNT_OF(...) ((int)(sizeof((fps_dimension[]){__VA_ARGS__}) / sizeof(fps_dimension)))

/* The list's dimensions end here; __VA_OPT__ keeps the scalar (none) well-formed. */
const fps_result_field fps_result_fields[FPS_RESULT_COUNT] = {
#define X(NAME, word, kind, zero, kept, units, words, ...)                                                             \
    [FPS_RESULT_##NAME] = {.name = #word,                                                                              \
                           .type = FPS_TYPE_##kind,                                                                    \
                           .fill_zero = zero,                                                                          \
                           .keep = kept,                                                                               \
                           .unit = units,                                                                              \
                           .long_name = words,                                                                         \
                           .dimensions = 0 __VA_OPT__(+COUNT_OF(__VA_ARGS__)),                                         \
                           .dimension = {__VA_ARGS__}},
    FPS_RESULT_LIST(X)
#undef X
};

const char *fps_outcome_name(fps_outcome outcome) {
    static const char *const names[FPS_OUTCOME_COUNT] = {"pending", "done", "diverged", "failed"};
    return (unsigned)outcome < FPS_OUTCOME_COUNT ? names[outcome] : "unknown";
}

const char *fps_dimension_name(fps_dimension dimension) {
    static const char *const names[FPS_DIMENSION_COUNT] = {"record", "direction", "frequency", "sample",
                                                           "axis",   "grid",      "weight",    "threshold"};
    return (unsigned)dimension < FPS_DIMENSION_COUNT ? names[dimension] : "unknown";
}

/* Step of record r: exp-spaced from 1 to `steps` behind the first, or evenly spaced. */
static int64_t planned_step(const fps_record_spec *spec, int64_t steps, int64_t r) {
    if (r == 0)
        return 0;
    int64_t last = spec->count - 1;
    if (r == last)
        return steps;
    if (spec->spacing == FPS_SPACING_LINEAR)
        return (int64_t)llround((double)steps * (double)r / (double)last);
    if (last == 1 || steps == 0)
        return steps;
    return (int64_t)llround(exp(log((double)steps) * (double)(r - 1) / (double)(last - 1)));
}

int64_t fps_record_steps(const fps_record_spec *spec, int64_t steps, int64_t *step) {
    int64_t records = 0;
    for (int64_t r = 0; r < spec->count; r++) {
        int64_t next = planned_step(spec, steps, r);
        if (records == 0 || next > step[records - 1])
            step[records++] = next;
    }
    return records;
}

void fps_task_extent(const fps_task *task, const fps_record_spec *spec, fps_extent *extent) {
    fps_network_shape shape;
    fps_task_shape(task, &shape);
    int64_t grid = 0;
    if (task->target.code == FPS_TARGET_EXPRESSION) {
        grid = 1;
        for (int64_t axis = 0; axis < task->dimension; axis++)
            grid *= task->grid_points;
    }
    bool direct = task->model.code == FPS_MODEL_DIRECT;
    extent->size[FPS_RECORD] = direct ? spec->rungs : spec->count <= task->steps ? spec->count : task->steps + 1;
    extent->size[FPS_DIRECTION] = fps_spectrum_directions((int)task->dimension);
    extent->size[FPS_FREQUENCY] = spec->frequencies;
    extent->size[FPS_SAMPLE] = task->dataset ? task->dataset->samples : task->samples;
    extent->size[FPS_AXIS] = task->dimension;
    extent->size[FPS_GRID] = grid;
    extent->size[FPS_WEIGHT] = direct ? 0 : fps_network_weights(&shape);
    extent->size[FPS_THRESHOLD] = grid > 0 ? spec->thresholds : 0;
}

int64_t fps_result_elements(const fps_result_field *field, const fps_extent *extent) {
    int64_t elements = 1;
    for (int d = 0; d < field->dimensions; d++)
        elements *= extent->size[field->dimension[d]];
    return elements;
}

bool fps_result_kept(const fps_result_field *field, unsigned keep) {
    const unsigned not_asked = FPS_ONLY_NETWORK | FPS_ONLY_DIRECT | FPS_ALWAYS_DIRECT;
    bool direct = keep & FPS_ONLY_DIRECT;
    if (field->keep & (direct ? FPS_ONLY_NETWORK : FPS_ONLY_DIRECT))
        return false;
    if (direct && (field->keep & FPS_ALWAYS_DIRECT))
        return true;
    unsigned asked = field->keep & ~not_asked;
    return asked == 0 || (asked & keep) != 0;
}

fps_status fps_trajectory_prepare(fps_trajectory *trajectory, const fps_task *task, const fps_record_spec *spec) {
    fps_task_extent(task, spec, &trajectory->extent);
    trajectory->outcome = FPS_PENDING;
    trajectory->records = 0;
    trajectory->seconds = 0;
    trajectory->message[0] = '\0';
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        int64_t elements = fps_result_kept(field, spec->keep) ? fps_result_elements(field, &trajectory->extent) : 0;
        if (elements == 0) {
            fps_free(trajectory->value[r]);
            trajectory->value[r] = NULL;
            trajectory->capacity[r] = 0;
            continue;
        }
        if (elements > trajectory->capacity[r]) {
            fps_free(trajectory->value[r]);
            trajectory->capacity[r] = 0;
            FPS_TRY(FPS_ALLOC(trajectory->value[r], elements));
            trajectory->capacity[r] = elements;
        }
        for (int64_t i = 0; i < elements; i++)
            trajectory->value[r][i] = NAN;
    }
    return FPS_OK;
}

void fps_trajectory_release(fps_trajectory *trajectory) {
    if (!trajectory)
        return;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        fps_free(trajectory->value[r]);
    memset(trajectory, 0, sizeof *trajectory);
}

uint64_t fps_record_identity(const fps_record_spec *spec) {
    const int64_t head[] = {spec->count, spec->spacing, spec->frequencies, (int64_t)spec->keep, spec->rungs};
    uint64_t hash = XXH3_64bits(head, sizeof head);
    if (spec->frequencies > 0)
        hash = XXH3_64bits_withSeed(spec->mode, (size_t)spec->frequencies * sizeof *spec->mode, hash);
    if (spec->rungs > 0)
        hash = XXH3_64bits_withSeed(spec->ladder, (size_t)spec->rungs * sizeof *spec->ladder, hash);
    if (spec->thresholds > 0)
        hash = XXH3_64bits_withSeed(spec->threshold, (size_t)spec->thresholds * sizeof *spec->threshold, hash);
    return hash;
}
