/* thresholds.c: record.thresholds, the frequencies from which on the loss is summed. */
#include <math.h>
#include <stdlib.h>

#include "sweep/internal.h"

enum { MOST_THRESHOLDS = 1000, DEFAULT_THRESHOLDS = 33 };

/* Share of the Nyquist frequency up to which the default goes: beyond it a sum feels the frequencies that are missing.
 */
static const double resolved_share = 0.2;

/* How thresholds are read and checked: as any number of the sweep. */
static const fps_parameter threshold = {.name = "thresholds",
                                        .kind = FPS_KIND_REAL,
                                        .unit = "1/length",
                                        .minimum = 0,
                                        .maximum = 1e12,
                                        .open_minimum = true};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

fps_status fps_thresholds_read(fps_plan *plan, const fps_node *node) {
    fps_value_reader reader = fps_plan_reader(plan);
    fps_axis axis = {0};
    if (node->kind == FPS_NODE_SCALAR)
        return fps_sweep_fail(plan->name, node->place,
                              "thresholds must be a list or a range, for example {from: 1, to: 100, factor: 1.25}");
    FPS_TRY(fps_axis_read_list(&reader, &threshold, node, &axis));
    if (axis.count > MOST_THRESHOLDS)
        return fps_sweep_fail(plan->name, node->place, "thresholds has %lld values; at most %d are accepted",
                              (long long)axis.count, MOST_THRESHOLDS);
    double *values = fps_arena_alloc(&plan->arena, (size_t)axis.count * sizeof *values);
    if (!values)
        return FPS_ERROR_MEMORY;
    for (int64_t e = 0; e < axis.count; e++) {
        if (axis.value && axis.value[e].number[0].formula >= 0)
            return fps_sweep_fail(plan->name, axis.value[e].place,
                                  "thresholds must be constants: they are the same for all tasks");
        values[e] = axis.value ? axis.value[e].number[0].value : fps_axis_number(&axis, e);
    }
    qsort(values, (size_t)axis.count, sizeof *values, compare);
    for (int64_t e = 1; e < axis.count; e++)
        if (values[e] == values[e - 1])
            return fps_sweep_fail(plan->name, node->place, "thresholds names %.6g twice; remove one", values[e]);
    plan->record.threshold = values;
    plan->record.thresholds = (int32_t)axis.count;
    plan->threshold_node = node;
    return FPS_OK;
}

double fps_thresholds_nyquist(const fps_task *task) {
    return (double)task->grid_points / (2 * fps_evaluate_side(task));
}

fps_status fps_thresholds_default(fps_plan *plan, double lowest, double nyquist) {
    const double to = fmax(lowest, resolved_share * nyquist);
    const int32_t count = to > lowest ? DEFAULT_THRESHOLDS : 1;
    double *values = fps_arena_alloc(&plan->arena, (size_t)count * sizeof *values);
    if (!values)
        return FPS_ERROR_MEMORY;
    values[0] = lowest;
    for (int32_t e = 1; e < count; e++)
        values[e] = e == count - 1 ? to : lowest * pow(to / lowest, (double)e / (count - 1));
    plan->record.threshold = values;
    plan->record.thresholds = count;
    return FPS_OK;
}

bool fps_thresholds_resolved(const fps_record_spec *record, const fps_task *task) {
    return record->thresholds == 0 || task->target.code != FPS_TARGET_EXPRESSION ||
           record->threshold[record->thresholds - 1] <= resolved_share * fps_thresholds_nyquist(task) * (1 + 1e-9);
}
