#include "experiment/heading.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/sum.h"

static const unsigned asked_by[FPS_HEADINGS] = {
    [FPS_HEADING_FLOW] = FPS_KEEP_STAGES, [FPS_HEADING_UPDATE] = FPS_KEEP_UPDATE};

static const fps_result loss_rate[FPS_HEADINGS] = {
    [FPS_HEADING_FLOW] = FPS_RESULT_TRAINING_LOSS_RATE, [FPS_HEADING_UPDATE] = FPS_RESULT_UPDATE_TRAINING_LOSS_RATE};

void fps_heading_release(fps_heading *heading) {
    for (int k = 0; k < FPS_HEADINGS; k++) {
        fps_free(heading->direction[k]);
        fps_free(heading->toutput[k]);
    }
    fps_free(heading->scratch);
    fps_free(heading->gradient);
    *heading = (fps_heading){0};
}

fps_status fps_heading_set(fps_heading *heading, unsigned keep, int64_t weights, int64_t samples, bool has_batches) {
    const int64_t padded = FPS_PADDED(weights);
    fps_status status = FPS_OK;
    fps_heading_release(heading);
    heading->weights = weights;
    heading->samples = samples;
    for (int k = 0; k < FPS_HEADINGS; k++) {
        heading->wanted[k] = (keep & asked_by[k]) != 0;
        if (!heading->wanted[k])
            continue;
        FPS_TRY_GOTO(status, FPS_ALLOC(heading->direction[k], padded), fail);
        FPS_TRY_GOTO(status, FPS_ALLOC(heading->toutput[k], FPS_PADDED(samples)), fail);
    }
    if (heading->wanted[FPS_HEADING_UPDATE] && has_batches)
        FPS_TRY_GOTO(status, FPS_ALLOC(heading->gradient, padded), fail);
    if (heading->wanted[FPS_HEADING_UPDATE])
        FPS_TRY_GOTO(status, FPS_ALLOC(heading->scratch, 2 * padded), fail);
    return FPS_OK;
fail:
    fps_heading_release(heading);
    return status;
}

/* sum_i a_i b_i in double: blocks of a fixed size in fixed lanes, added up with Kahan's correction. */
static double dot(const real *a, const real *b, int64_t count) {
    enum { LANES = 16, BLOCK = 64 * LANES };
    fps_sum sum = {0};
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t end = count - first < BLOCK ? count : first + BLOCK;
        double lane[LANES] = {0};
        int64_t i = first;
        for (; i + LANES <= end; i += LANES)
            for (int l = 0; l < LANES; l++)
                lane[l] += (double)a[i + l] * (double)b[i + l];
        for (int l = 0; i + l < end; l++)
            lane[l] += (double)a[i + l] * (double)b[i + l];
        for (int width = LANES / 2; width > 0; width /= 2)
            for (int l = 0; l < width; l++)
                lane[l] += lane[l + width];
        fps_sum_add(&sum, lane[0]);
    }
    return sum.total;
}

static void write(fps_trajectory *trajectory, fps_result result, int64_t record, double value) {
    if (trajectory->value[result])
        trajectory->value[result][record] = value;
}

/* How the samples' outputs and the training loss move along one direction. */
static fps_status follow(fps_heading *heading, int k, fps_stepper *stepper, fps_trajectory *trajectory,
                         int64_t record) {
    FPS_TRY(fps_stepper_tangent(stepper, heading->direction[k], heading->toutput[k]));
    write(trajectory, loss_rate[k], record,
          dot(fps_stepper_output_gradient(stepper), heading->toutput[k], heading->samples));
    return FPS_OK;
}

fps_status fps_heading_take(fps_heading *heading, fps_stepper *stepper, const int32_t *batch,
                            fps_trajectory *trajectory, int64_t record) {
    const bool flow = heading->wanted[FPS_HEADING_FLOW], update = heading->wanted[FPS_HEADING_UPDATE];
    const real *gradient = NULL;
    /* A batch comes first: what the stepper keeps of its last evaluation must be of all samples. */
    if (update && batch) {
        fps_stepper_batch_gradient(stepper, batch, heading->gradient);
        if (fps_stepper_stopped(stepper))
            return FPS_STOPPED;
    }
    if (flow || update)
        fps_stepper_hold(stepper, &gradient);
    else
        fps_stepper_loss(stepper);
    if (fps_stepper_stopped(stepper))
        return FPS_STOPPED;
    heading->output = fps_stepper_output(stepper);
    heading->label = fps_stepper_label(stepper);
    if (!gradient)
        return FPS_OK;
    write(trajectory, FPS_RESULT_GRADIENT_NORM, record, sqrt(dot(gradient, gradient, heading->weights)));
    for (int64_t i = 0; flow && i < heading->weights; i++)
        heading->direction[FPS_HEADING_FLOW][i] = -gradient[i];
    if (update)
        fps_stepper_heading(stepper, batch ? heading->gradient : gradient, heading->scratch,
                            heading->direction[FPS_HEADING_UPDATE]);
    for (int k = 0; k < FPS_HEADINGS; k++)
        if (heading->wanted[k])
            FPS_TRY(follow(heading, k, stepper, trajectory, record));
    return FPS_OK;
}
