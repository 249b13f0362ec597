#include "experiment/points.h"

#include <string.h>

fps_points fps_points_grid(const fps_task *task) {
    fps_points points = {.dimension = (int)task->dimension, .count = 1, .side = task->grid_points};
    for (int axis = 0; axis < points.dimension; axis++) {
        points.count *= points.side;
        points.domain[axis][0] = task->domain[axis][0];
        points.domain[axis][1] = task->domain[axis][1];
    }
    return points;
}

bool fps_points_are_samples(const fps_task *task) {
    return task->target.code == FPS_TARGET_EXPRESSION && task->samples == fps_points_grid(task).count &&
           (task->sampling.code == FPS_SAMPLING_MIDPOINT || task->sampling.code == FPS_SAMPLING_POPULATION);
}

fps_points fps_points_list(int dimension, int64_t count, const double *x) {
    return (fps_points){.dimension = dimension, .count = count, .x = x};
}

bool fps_points_same_grid(const fps_points *a, const fps_points *b) {
    if (a->x || b->x || a->dimension != b->dimension || a->side != b->side)
        return false;
    for (int axis = 0; axis < a->dimension; axis++)
        if (a->domain[axis][0] != b->domain[axis][0] || a->domain[axis][1] != b->domain[axis][1])
            return false;
    return true;
}

void fps_points_fill(const fps_points *points, int64_t first, int64_t count, double *x) {
    int d = points->dimension;
    if (points->x) {
        memcpy(x, points->x + first * d, (size_t)(count * d) * sizeof *x);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t rest = first + i;
        for (int axis = d - 1; axis >= 0; axis--) {
            double low = points->domain[axis][0], width = points->domain[axis][1] - low;
            x[i * d + axis] = low + ((double)(rest % points->side) + 0.5) * width / (double)points->side;
            rest /= points->side;
        }
    }
}
