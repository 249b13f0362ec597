/* cost_split.c: what splitting the loss by frequency costs. The passes it counts: real/heading.c, real/measure.c and
 * real/stages.c; the sums: numeric/real/loss_spectrum.c. */
#include "experiment/cost_split.h"

#include "experiment/points.h"
#include "fpsweep/loss.h"

/* Measured on one core: s to add up one quantity at one point of the grid, and to take one pointwise loss. */
#define QUANTITY_PER_POINT 3e-9
#define LOSS_PER_POINT 5e-9

static int directions_of(const fps_record_spec *spec) {
    return ((spec->keep & FPS_KEEP_STAGES) != 0) + ((spec->keep & FPS_KEEP_UPDATE) != 0);
}

/* Losses that are neither mse nor follow from its spectrum have transforms of their own. */
static bool has_drive(const fps_task *task) {
    return task->loss.code != FPS_LOSS_MSE && task->loss.code != FPS_LOSS_SOBOLEV;
}

/* One look at the residual, and at one motion of it. */
static double residual_seconds(const fps_task *task, const fps_split_outline *o) {
    double seconds = o->transform + QUANTITY_PER_POINT * o->points;
    return has_drive(task) ? 2 * seconds + LOSS_PER_POINT * o->points : seconds;
}

static double rate_seconds(const fps_task *task, const fps_split_outline *o) {
    return o->transform + (has_drive(task) ? 3 : 2) * QUANTITY_PER_POINT * o->points;
}

double fps_cost_split_seconds(const fps_task *task, const fps_record_spec *spec, const fps_split_outline *o) {
    const int directions = directions_of(spec);
    const bool shared = fps_points_are_samples(task);
    if (!(spec->keep & FPS_KEEP_SPLIT) || o->points == 0)
        return 0;
    double record = residual_seconds(task, o) + directions * (rate_seconds(task, o) + o->samples * o->sample_tangent);
    record += shared ? -o->points * o->forward : directions * o->points * o->tangent;
    double seconds = 0;
    if (directions == 0) /* the samples are evaluated; with batches their loss has been counted */
        record += o->batch ? 0 : o->samples * o->forward;
    else if (o->batch)
        record += o->samples * (o->gradient - o->forward);
    else /* the update takes the gradient over, but for the last record */
        seconds += o->samples * o->gradient;
    seconds += o->records * record;
    if (spec->keep & FPS_KEEP_VARIATION)
        seconds += o->steps * (residual_seconds(task, o) + (shared && !o->batch ? 0 : o->points * o->forward));
    return seconds;
}

double fps_cost_split_bytes(const fps_task *task, const fps_record_spec *spec, const fps_split_outline *o) {
    const double size = task->precision.code == FPS_SINGLE ? 4 : 8, half = 0.5 * o->points;
    const int directions = directions_of(spec);
    if (!(spec->keep & FPS_KEEP_SPLIT) || o->points == 0)
        return 0;
    double numbers =
        directions * (o->weights + o->samples) + (fps_points_are_samples(task) ? 0 : directions * o->points);
    if (spec->keep & FPS_KEEP_UPDATE)
        numbers += (o->batch ? 3 : 2) * o->weights;
    numbers += (4 + (has_drive(task) ? 2 : 0)) * o->points; /* weights, input, two transforms; terms and a third */
    return size * numbers + (task->dimension > 1 ? 8 : 4) * half + (task->loss.code == FPS_LOSS_SOBOLEV ? 8 * half : 0);
}

double fps_cost_split_state_bytes(const fps_record_spec *spec) {
    return spec->keep & FPS_KEEP_VARIATION ? 8 * (1 + 2 * (double)spec->thresholds) : 0;
}
