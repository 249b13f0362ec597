#include "numeric/stepper.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "loss_sobolev.h"
#include "network_internal.h"
#include "optimizer.h"

enum { MAX_STATES = 2 };

/* Weights that are updated: `count` from `offset`. */
typedef struct range {
    int64_t offset, count;
} range;

struct fps_stepper {
    fps_stepper_spec spec;
    const fps_kernels *kernels;
    fps_network *network;
    fps_sobolev *sobolev; /* NULL unless it is the loss */
    int64_t weight_count, columns, batch_columns, updates;
    real argument; /* of the loss */
    real *weights, *gradient, *state[MAX_STATES];
    range trained[FPS_MAX_DEPTH + 1];
    int ranges;
    real *input, *label, *sample_weight;                   /* [D, P], [P], [P] */
    real *batch_input, *batch_label, *batch_sample_weight; /* the same of a batch; NULL without */
    real *output, *doutput, *term;                         /* [P] */
    bool sensitive; /* the network has turned its slopes into sensitivities since the last evaluation */
    bool held; /* held_loss, gradient and what the evaluation kept are those of all samples at the present weights */
    double held_loss;
    bool stopped; /* by the pulse, in the last pass */
};

static fps_status check(const fps_stepper_spec *spec) {
    if (spec->samples < 1 || spec->samples > INT32_MAX - FPS_PADDING)
        return fps_fail(FPS_ERROR_NUMERIC, "%lld samples cannot be trained on", (long long)spec->samples);
    if (spec->batch_size < 0 || spec->batch_size > spec->samples)
        return fps_fail(FPS_ERROR_NUMERIC, "batch_size %lld: needs 0 (all) to samples = %lld",
                        (long long)spec->batch_size, (long long)spec->samples);
    if ((unsigned)spec->loss.code >= FPS_LOSS_COUNT || (unsigned)spec->optimizer >= FPS_OPTIMIZER_COUNT ||
        (unsigned)spec->trained >= FPS_TRAIN_COUNT)
        return fps_fail(FPS_ERROR_NUMERIC, "unknown loss, optimizer or choice of weights to train");
    return FPS_OK;
}

/* List the weights that are updated. The whole block is one range, rounded up to the padding behind it, which is 0 and
 * has gradient 0. */
static void list_ranges(fps_stepper *stepper) {
    const fps_network_shape *shape = &stepper->spec.shape;
    if (stepper->spec.trained == FPS_TRAIN_ALL)
        stepper->trained[stepper->ranges++] = (range){0, FPS_PADDED(stepper->weight_count)};
    else if (stepper->spec.trained == FPS_TRAIN_OUTPUT) {
        const int64_t offset = fps_network_layer(shape, shape->depth).weights;
        stepper->trained[stepper->ranges++] = (range){offset, stepper->weight_count - offset};
    } else
        for (int l = 0; l <= shape->depth; l++) {
            const fps_layer_view view = fps_network_layer(shape, l);
            if (view.bias >= 0)
                stepper->trained[stepper->ranges++] = (range){view.bias, view.out};
        }
}

fps_status fps_stepper_create(const fps_stepper_spec *spec, fps_stepper **out) {
    fps_status status = FPS_OK;
    fps_stepper *stepper = NULL;
    *out = NULL;
    FPS_TRY(check(spec));
    FPS_TRY(FPS_ALLOC(stepper, 1));
    const int64_t columns = FPS_PADDED(spec->samples), inputs = spec->shape.inputs;
    stepper->spec = *spec;
    stepper->kernels = fps_kernels_current();
    stepper->columns = columns;
    stepper->argument = (real)spec->loss.argument[0];
    FPS_TRY_GOTO(status, fps_network_create(&spec->shape, columns, &stepper->network), fail);
    stepper->weight_count = fps_network_weights(&spec->shape);
    const int64_t padded = FPS_PADDED(stepper->weight_count);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->weights, padded), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->gradient, padded), fail);
    for (int k = 0; k < fps_optimizer_states(spec->optimizer); k++)
        FPS_TRY_GOTO(status, FPS_ALLOC(stepper->state[k], padded), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->input, inputs * columns), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->label, columns), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->sample_weight, columns), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->output, columns), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->doutput, columns), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(stepper->term, columns), fail);
    if (spec->batch_size > 0) {
        stepper->batch_columns = FPS_PADDED(spec->batch_size);
        FPS_TRY_GOTO(status, FPS_ALLOC(stepper->batch_input, inputs * stepper->batch_columns), fail);
        FPS_TRY_GOTO(status, FPS_ALLOC(stepper->batch_label, stepper->batch_columns), fail);
        FPS_TRY_GOTO(status, FPS_ALLOC(stepper->batch_sample_weight, stepper->batch_columns), fail);
    }
    if (spec->loss.code == FPS_LOSS_SOBOLEV)
        FPS_TRY_GOTO(status, fps_sobolev_create(spec, &stepper->sobolev), fail);
    list_ranges(stepper);
    *out = stepper;
    return FPS_OK;
fail:
    fps_stepper_destroy(&stepper);
    return status;
}

void fps_stepper_destroy(fps_stepper **stepper) {
    fps_stepper *old = *stepper;
    if (!old)
        return;
    fps_sobolev_destroy(&old->sobolev);
    fps_free(old->batch_sample_weight);
    fps_free(old->batch_label);
    fps_free(old->batch_input);
    fps_free(old->term);
    fps_free(old->doutput);
    fps_free(old->output);
    fps_free(old->sample_weight);
    fps_free(old->label);
    fps_free(old->input);
    for (int k = MAX_STATES - 1; k >= 0; k--)
        fps_free(old->state[k]);
    fps_free(old->gradient);
    fps_free(old->weights);
    fps_network_destroy(&old->network);
    fps_free(old);
    *stepper = NULL;
}

real *fps_stepper_weights(fps_stepper *stepper) {
    return stepper->weights;
}

real *fps_stepper_state(fps_stepper *stepper, int which) {
    return which >= 0 && which < MAX_STATES ? stepper->state[which] : NULL;
}

real *fps_stepper_input(fps_stepper *stepper) {
    return stepper->input;
}

real *fps_stepper_label(fps_stepper *stepper) {
    return stepper->label;
}

real *fps_stepper_sample_weight(fps_stepper *stepper) {
    return stepper->sample_weight;
}

int64_t fps_stepper_updates(const fps_stepper *stepper) {
    return stepper->updates;
}

void fps_stepper_set_updates(fps_stepper *stepper, int64_t updates) {
    stepper->updates = updates;
}

void fps_stepper_set_learning_rate(fps_stepper *stepper, double learning_rate) {
    stepper->spec.learning_rate = learning_rate;
}

void fps_stepper_set_pulse(fps_stepper *stepper, const fps_pulse *pulse) {
    fps_network_set_pulse(stepper->network, pulse);
}

bool fps_stepper_stopped(const fps_stepper *stepper) {
    return stepper->stopped;
}

void fps_stepper_ready(fps_stepper *stepper) {
    for (int64_t p = stepper->spec.samples; p < stepper->columns; p++) {
        for (int64_t d = 0; d < stepper->spec.shape.inputs; d++)
            stepper->input[d * stepper->columns + p] = stepper->input[d * stepper->columns];
        stepper->label[p] = stepper->label[0];
        stepper->sample_weight[p] = 0;
    }
    if (stepper->sobolev)
        fps_sobolev_set_weights(stepper->sobolev, stepper->sample_weight);
}

/* The columns that a step works on: all samples, or a gathered batch. */
typedef struct columns {
    int64_t count;
    const real *input, *label, *weight;
} columns;

static columns all_columns(const fps_stepper *stepper) {
    return (columns){stepper->columns, stepper->input, stepper->label, stepper->sample_weight};
}

/* Gather the samples batch[B]; padding repeats the first with weight 0. Weights are divided by their sum; a batch that
 * weighs nothing has loss 0. */
static columns batch_columns(fps_stepper *stepper, const int32_t *batch) {
    const int64_t count = stepper->spec.batch_size, padded = stepper->batch_columns;
    for (int64_t d = 0; d < stepper->spec.shape.inputs; d++) {
        const real *from = stepper->input + d * stepper->columns;
        real *to = stepper->batch_input + d * padded;
        for (int64_t p = 0; p < count; p++)
            to[p] = from[batch[p]];
        for (int64_t p = count; p < padded; p++)
            to[p] = to[0];
    }
    double sum = stepper->spec.uniform_weights ? (double)count : 0;
    for (int64_t p = 0; p < count && !stepper->spec.uniform_weights; p++)
        sum += (double)stepper->sample_weight[batch[p]];
    for (int64_t p = 0; p < padded; p++) {
        const int32_t sample = batch[p < count ? p : 0];
        const double share = stepper->spec.uniform_weights ? 1 : (double)stepper->sample_weight[sample];
        stepper->batch_label[p] = stepper->label[sample];
        stepper->batch_sample_weight[p] = p < count && sum > 0 ? (real)(share / sum) : 0;
    }
    return (columns){padded, stepper->batch_input, stepper->batch_label, stepper->batch_sample_weight};
}

/* Forward pass and loss at weights[W]; fills doutput. NAN if it was stopped. */
static double evaluate(fps_stepper *stepper, const real *weights, columns at) {
    stepper->held = stepper->sensitive = false;
    stepper->stopped =
        fps_network_forward_training(stepper->network, weights, at.input, at.count, stepper->output) != FPS_OK;
    if (stepper->stopped)
        return NAN;
    if (stepper->sobolev)
        return fps_sobolev_evaluate(stepper->sobolev, stepper->kernels, stepper->output, at.label, stepper->doutput,
                                    stepper->term);
    stepper->kernels->loss[stepper->spec.loss.code](at.count, stepper->argument, stepper->output, at.label, at.weight,
                                                    stepper->doutput, stepper->term);
    return stepper->kernels->sum(at.count, stepper->term);
}

double fps_stepper_step(fps_stepper *stepper, const int32_t *batch) {
    const columns at = batch ? batch_columns(stepper, batch) : all_columns(stepper);
    const bool held = stepper->held && !stepper->sensitive && !batch;
    const double loss = held ? stepper->held_loss : evaluate(stepper, stepper->weights, at);
    stepper->held = false;
    if (!isfinite(loss))
        return loss;
    stepper->stopped =
        !held && fps_network_gradient(stepper->network, stepper->weights, at.input, at.count, stepper->doutput,
                                      stepper->spec.trained, stepper->gradient) != FPS_OK;
    if (stepper->stopped)
        return NAN;
    fps_optimizer_constants constants;
    fps_optimizer_prepare(&stepper->spec, ++stepper->updates, &constants);
    for (int r = 0; r < stepper->ranges; r++) {
        const int64_t offset = stepper->trained[r].offset;
        stepper->kernels->update[stepper->spec.optimizer](stepper->trained[r].count, &constants,
                                                          stepper->gradient + offset, stepper->weights + offset,
                                                          stepper->state[0] ? stepper->state[0] + offset : NULL,
                                                          stepper->state[1] ? stepper->state[1] + offset : NULL);
    }
    return loss;
}

double fps_stepper_loss(fps_stepper *stepper) {
    return stepper->held ? stepper->held_loss : evaluate(stepper, stepper->weights, all_columns(stepper));
}

const real *fps_stepper_output(const fps_stepper *stepper) {
    return stepper->output;
}

const real *fps_stepper_output_gradient(const fps_stepper *stepper) {
    return stepper->doutput;
}

static double gradient_at(fps_stepper *stepper, const real *weights, columns at, real *gradient) {
    const double loss = evaluate(stepper, weights, at);
    if (!stepper->stopped)
        stepper->stopped = fps_network_backward(stepper->network, weights, at.input, at.count, stepper->doutput,
                                                stepper->spec.trained, gradient) != FPS_OK;
    return stepper->stopped ? NAN : loss;
}

double fps_stepper_gradient(fps_stepper *stepper, real *gradient) {
    return gradient_at(stepper, stepper->weights, all_columns(stepper), gradient);
}

double fps_stepper_batch_gradient(fps_stepper *stepper, const int32_t *batch, real *gradient) {
    return gradient_at(stepper, stepper->weights, batch_columns(stepper, batch), gradient);
}

/* Updates of batches do not take the gradient over: its bits are free, and it may be had so that tangents are cheap.
 */
static bool has_use_for_gradient(const fps_stepper *stepper) {
    return stepper->spec.batch_size == 0 || stepper->spec.trained != FPS_TRAIN_ALL || stepper->spec.shape.depth == 0;
}

double fps_stepper_hold(fps_stepper *stepper, const real **gradient) {
    *gradient = stepper->gradient;
    if (has_use_for_gradient(stepper)) {
        stepper->held_loss = gradient_at(stepper, stepper->weights, all_columns(stepper), stepper->gradient);
    } else {
        stepper->held_loss = evaluate(stepper, stepper->weights, all_columns(stepper));
        stepper->sensitive = true;
        if (!stepper->stopped)
            stepper->stopped =
                fps_network_backward_sensitivity(stepper->network, stepper->weights, stepper->input, stepper->columns,
                                                 stepper->doutput, stepper->gradient) != FPS_OK;
    }
    stepper->held = !stepper->stopped;
    return stepper->stopped ? NAN : stepper->held_loss;
}

fps_status fps_stepper_tangent(fps_stepper *stepper, const real *direction, real *toutput) {
    return stepper->sensitive
               ? fps_network_tangent_sensitivity(stepper->network, direction, stepper->input, stepper->columns, toutput)
               : fps_network_tangent(stepper->network, stepper->weights, direction, stepper->input, stepper->columns,
                                     toutput);
}

/* The update of weights that are all 0, by copies of the optimizer's state: no digits are lost against the weights. */
void fps_stepper_heading(const fps_stepper *stepper, const real *gradient, real *scratch, real *direction) {
    const int64_t padded = FPS_PADDED(stepper->weight_count);
    real *state[MAX_STATES] = {NULL};
    fps_optimizer_constants constants;
    memset(direction, 0, (size_t)padded * sizeof *direction);
    if (stepper->spec.optimizer >= FPS_OPTIMIZER_UPDATES) { /* flow follows minus the gradient */
        for (int64_t i = 0; i < stepper->weight_count; i++)
            direction[i] = -gradient[i];
        return;
    }
    fps_optimizer_prepare(&stepper->spec, stepper->updates + 1, &constants);
    for (int k = 0; k < MAX_STATES && stepper->state[k]; k++) {
        state[k] = scratch + k * padded;
        memcpy(state[k], stepper->state[k], (size_t)padded * sizeof *direction);
    }
    for (int r = 0; r < stepper->ranges; r++) {
        const int64_t offset = stepper->trained[r].offset;
        stepper->kernels->update[stepper->spec.optimizer](stepper->trained[r].count, &constants, gradient + offset,
                                                          direction + offset, state[0] ? state[0] + offset : NULL,
                                                          state[1] ? state[1] + offset : NULL);
    }
    for (int64_t i = 0; i < stepper->weight_count; i++)
        direction[i] = (real)((double)direction[i] / stepper->spec.learning_rate);
}

double fps_stepper_gradient_at(fps_stepper *stepper, const real *weights, real *gradient) {
    return gradient_at(stepper, weights, all_columns(stepper), gradient);
}

bool fps_stepper_trained(const fps_stepper *stepper, int which, int64_t *offset, int64_t *count) {
    if (which >= stepper->ranges)
        return false;
    *offset = stepper->trained[which].offset;
    *count = stepper->trained[which].count;
    return true;
}

/* Activations have the sign of their pre-activations in everything that has a kink: relu and its powers, elu, ... */
int64_t fps_stepper_cross_kinks(const fps_stepper *stepper, bool update, signed char *sign) {
    const fps_network *network = stepper->network;
    int64_t crossed = 0;
    for (int l = 0; l < network->shape.depth; l++)
        for (int64_t p = 0, rows = network->layer[l].out; p < stepper->columns;
             p += fps_network_block(network, stepper->columns, p)) {
            const int64_t count = fps_network_block(network, stepper->columns, p), left = stepper->spec.samples - p;
            for (int64_t j = 0; j < rows; j++, sign += count) {
                const real *a = network->activation[l] + rows * p + j * count;
                for (int64_t i = 0; i < count; i++) {
                    const signed char now = a[i] > 0;
                    crossed += i < left && now != sign[i];
                    sign[i] = update ? now : sign[i];
                }
            }
        }
    return crossed;
}
