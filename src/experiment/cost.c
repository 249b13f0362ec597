/* cost.c: what a task will cost, from its parameters and the machine's calibrated speed.
 *
 * Legend: d dimension, D inputs of the network, P columns of a step (samples or batch, padded), G points of the grid, W
 * weights, R directions, K frequencies. A layer of `in` and `out` neurons costs in out P multiply-adds three times a
 * step (forward, weight gradient, input gradient), the first layer twice, a record's forward pass once. Layers of up to
 * three inputs or one output are not gemms: their cost is in the activations' share.
 */
#include <math.h>

#include "experiment/cost_direct.h"
#include "experiment/cost_linearised.h"
#include "experiment/cost_split.h"
#include "experiment/evaluator.h"
#include "experiment/input.h"
#include "experiment/speed.h"
#include "experiment/state.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/trainer.h"
#include "numeric/flow.h"

/* Share of an adam update that others cost. */
static const double update_share[FPS_OPTIMIZER_COUNT] = {
    [FPS_OPTIMIZER_GD] = FPS_SPEED_GD_SHARE, [FPS_OPTIMIZER_MOMENTUM] = 0.6,
    [FPS_OPTIMIZER_NESTEROV] = 0.6,          [FPS_OPTIMIZER_ADAM] = 1,
    [FPS_OPTIMIZER_RMSPROP] = 0.8,           [FPS_OPTIMIZER_FLOW] = 1.5};

/* Measured on one core, as shares of other times. */
#define FORWARD_ELEMENT_SHARE 0.55 /* of an activation's cost, when slope and gradient are not needed */
#define TANGENT_ELEMENT_SHARE 0.3  /* of the same, for a tangent */
#define GATHER_PER_VALUE 1.5e-9    /* s to copy one number of a mini-batch */
#define SHUFFLE_PER_SAMPLE 1.5e-8  /* s to draw one sample of a mini-batch */
#define CACHE_BYTES 6e5            /* weights, gradient and state beyond this are not all near the core */
#define FAR_BYTES 6e6              /* ... and beyond this none is */
#define NEAR_BYTES 1.0e5           /* activations and slopes beyond this leave the near caches */
#define AWAY_BYTES 1.5e6           /* ... and beyond this, they are never there */
#define LANCZOS_VECTORS 40         /* that a stable learning rate usually takes */
#define FIXED_BYTES 1e6            /* tables, plans and small buffers */
#define MOST_TRANSPOSED 31250.0    /* numbers of a block of inputs that is transposed for its weights' gradient */

/* Inputs of up to this many rows go through fps_kernels.affine. */
#define SMALL_INPUTS 3

/* Numbers of a network that the estimate needs. */
typedef struct outline {
    double gemm;     /* sum over gemm layers of in out s/multiply-add, times 3 (first layer 2) */
    double forward;  /* the same, forward only */
    double products; /* sum of in out over all layers */
    double hidden;   /* sum of widths */
    double first;    /* width of the first layer */
    double widest, weights, inputs;
} outline;

/* s per multiply-add in a layer whose in out is `square`: linear in log(width) between the calibrated widths. */
static double gemm_speed(const double *gemm, double square) {
    static const double log_width[] = {2.0794, 2.9957, 3.9120, 4.6052, 5.2983, 6.2146};
    double x = 0.5 * log(square);
    if (x <= log_width[0])
        return gemm[0] * exp(log_width[0] - x); /* what a smaller layer costs is mostly the call */
    for (int i = 1; i < FPS_CALIBRATION_WIDTH_COUNT; i++)
        if (x <= log_width[i]) {
            double share = (x - log_width[i - 1]) / (log_width[i] - log_width[i - 1]);
            return gemm[i - 1] + share * (gemm[i] - gemm[i - 1]);
        }
    return gemm[FPS_CALIBRATION_WIDTH_COUNT - 1];
}

static outline outline_of(const fps_task *task, const fps_network_shape *shape, const fps_speed *speed) {
    outline o = {.inputs = shape->inputs, .widest = 1};
    double in = shape->inputs, known_square = -1, known_speed = 0;
    bool hidden_bias = shape->hidden_bias;
    for (int64_t l = 0; l < task->depth; l++) {
        double out = shape->width[l], square = in * out;
        if (in > SMALL_INPUTS) {
            if (square != known_square) {
                known_square = square;
                known_speed = gemm_speed(speed->gemm, square);
            }
            o.forward += square * known_speed;
            o.gemm += (l == 0 ? 2 : 3) * square * known_speed;
        }
        o.products += square;
        o.hidden += out;
        o.first = l == 0 ? out : o.first;
        o.weights += square + (hidden_bias ? out : 0);
        o.widest = fmax(o.widest, out);
        in = out;
    }
    if (task->depth == 0 && in > SMALL_INPUTS) { /* one long product */
        o.forward = in * speed->gemm[2];
        o.gemm = 2 * o.forward;
    }
    o.products += in;
    o.weights += in + (shape->output_bias ? 1 : 0);
    return o;
}

/* How many records there will be: of logarithmic ones, those whose spacing is below one step coincide. */
static double records_of(const fps_record_spec *spec, int64_t steps) {
    double count = (double)spec->count, most = (double)steps + 1;
    if (count > 2 && steps > 1 && spec->spacing == FPS_SPACING_LOG) {
        double length = log((double)steps), dense = (count - 2) / length;
        if (dense > 1)
            count = 2 + dense + (count - 2) * fmax(0, 1 - log(dense) / length);
    }
    return fmin(count, most);
}

static double points_of(const fps_task *task) {
    double points = 1;
    for (int64_t axis = 0; axis < task->dimension; axis++)
        points *= (double)task->grid_points;
    return points;
}

/* How far `bytes` lie between two sizes of caches: 0 up to the first, 1 from the second on, on a logarithmic scale. */
static double beyond(double bytes, double first, double second) {
    return bytes <= first ? 0 : bytes >= second ? 1 : log(bytes / first) / log(second / first);
}

/* Activations of one sample, s: all of the first layer's, of the others what they cost more than relu. */
static double element_seconds(const fps_task *task, const outline *o, const fps_speed *speed) {
    double element = speed->element[task->activation.code], relu = speed->element[FPS_ACTIVATION_RELU];
    return o->first * element + (o->hidden - o->first) * fmax(0, element - relu);
}

/* One update of `columns` samples of a network, s. */
static double step_seconds(const fps_task *task, const outline *o, double columns, bool batch,
                           const fps_calibration *calibration) {
    const fps_speed *speed = &calibration->speed[task->precision.code];
    double size = task->precision.code == FPS_SINGLE ? 4 : 8, rows = FPS_SPEED_ELEMENT_COLUMNS(columns);
    double far = beyond(2 * columns * o->hidden * size, NEAR_BYTES, AWAY_BYTES) * speed->element_far;
    double bytes = size * o->weights * (2 + fps_optimizer_states((fps_optimizer)task->optimizer.code));
    double weight = speed->weight + beyond(bytes, CACHE_BYTES, FAR_BYTES) * (speed->weight_far - speed->weight);
    double seconds = calibration->step_overhead + FPS_SPEED_GEMM_COLUMNS(columns) * o->gemm +
                     rows * (element_seconds(task, o, speed) + o->hidden * far) +
                     o->weights * weight * update_share[task->optimizer.code];
    if (task->loss.code == FPS_LOSS_SOBOLEV)
        seconds += 2 * columns * log2(columns) * speed->transform;
    if (batch)
        seconds += columns * (GATHER_PER_VALUE * (o->inputs + 2) + SHUFFLE_PER_SAMPLE);
    return seconds;
}

/* Gradients of a task, at most: one per step; of flow as many as its stability asks for where eta lambda = 2 c, lambda
 * the largest curvature. Of a learning rate given as a number that is not known: it is taken for the largest at which
 * gd would be stable, so that the prediction is an upper bound for all that gd could run with. Across kinks where
 * gradients jump, inner steps can be as short as they ever need to be. Each record costs one inner step more. */
static double gradients_of(const fps_task *task, double records) {
    if (task->optimizer.code != FPS_OPTIMIZER_FLOW)
        return (double)task->steps;
    const double c = task->learning_rate.code == FPS_RATE_STABLE ? task->learning_rate.argument[0] : 1;
    double inner = 2 * c / FPS_FLOW_STABILITY;
    if (task->depth > 0 && fps_activation_kink((fps_activation)task->activation.code) == 1)
        inner = fmax(inner, 1 / FPS_FLOW_KINK_SIZE);
    return 1 + FPS_FLOW_EVALUATIONS * (inner * (double)task->steps + records);
}

bool fps_cost_may_end_early(const fps_task *task) {
    return task->model.code == FPS_MODEL_NETWORK && task->tolerance > 0 && task->steps > 0;
}

bool fps_cost_bounds_flow(const fps_task *task) {
    return task->model.code == FPS_MODEL_NETWORK && task->optimizer.code == FPS_OPTIMIZER_FLOW &&
           task->linearised.code != FPS_YES && task->steps > 0 &&
           (task->learning_rate.code != FPS_RATE_STABLE ||
            (task->depth > 0 && fps_activation_kink((fps_activation)task->activation.code) == 1));
}

/* Sums over the samples that replace the transform: terms along the axes and, in d > 1, over half of all vectors. */
static double nonuniform_seconds(const fps_task *task, const fps_record_spec *spec, double samples,
                                 const fps_calibration *calibration) {
    double largest = spec->frequencies > 0 ? (double)spec->mode[spec->frequencies - 1] : 0;
    double seconds = samples * (double)task->dimension * spec->frequencies * calibration->feature * 2;
    if (task->dimension == 1)
        return seconds;
    double vectors = 0.5 * pow(2 * largest + 1, (double)task->dimension);
    return 2 * (seconds + samples * vectors * calibration->feature * 0.2);
}

/* Points at which the network is evaluated for a record. */
static double record_columns(const fps_task *task, double samples, bool has_grid, bool batch) {
    double points = has_grid ? points_of(task) : samples;
    return points + (batch ? samples : 0); /* the loss of all samples is a pass of its own */
}

/* One record, s. */
static double record_seconds(const fps_task *task, const fps_record_spec *spec, const outline *o, double samples,
                             bool has_grid, bool batch, const fps_calibration *calibration) {
    const fps_speed *speed = &calibration->speed[task->precision.code];
    double points = has_grid ? points_of(task) : samples, size = task->precision.code == FPS_SINGLE ? 4 : 8;
    double columns = record_columns(task, samples, has_grid, batch);
    double seconds = columns * (o->forward + FORWARD_ELEMENT_SHARE * element_seconds(task, o, speed));
    if (task->decay_rate >= 0 && o->inputs * points * size > (double)FPS_EVALUATOR_BYTES)
        seconds += o->inputs * points * calibration->feature;
    if (has_grid)
        seconds += (task->dimension > 1 ? 2 : 1) * points * log2(points + 1) * speed->transform;
    else
        seconds += nonuniform_seconds(task, spec, samples, calibration);
    return seconds + calibration->step_overhead;
}

/* Numbers in a network's workspace for so many columns: activations and slopes, and a few layers of one block. */
static double network_numbers(const outline *o, double columns) {
    const double block = 256;
    double transposed = fmin(fmin(columns, block), MOST_TRANSPOSED / o->inputs) * o->inputs;
    if (o->hidden == 0 || o->inputs <= SMALL_INPUTS)
        transposed = 0;
    return 2 * o->hidden * columns + 3 * o->widest * block + transposed + (columns > block ? o->weights : 0);
}

/* Bytes of the trainer's arrays for one task: stepper, evaluator, problem, transforms. */
static double trainer_bytes(const fps_task *task, const outline *o, double samples, double columns, bool batch,
                            bool has_grid) {
    double size = task->precision.code == FPS_SINGLE ? 4 : 8, d = (double)task->dimension;
    double states = fps_optimizer_states((fps_optimizer)task->optimizer.code);
    double points = has_grid ? points_of(task) : samples, block = fmin(points, FPS_EVALUATOR_BLOCK);
    bool flow = task->optimizer.code == FPS_OPTIMIZER_FLOW;
    bool kinks = flow && fps_activation_kink((fps_activation)task->activation.code) > 0;
    double extra = flow ? FPS_FLOW_VECTORS : task->tolerance > 0 ? 1 : 0;
    double stepper = network_numbers(o, batch ? samples : columns) + o->weights * (2 + states + extra) +
                     (o->inputs + 5) * samples + (batch ? (o->inputs + 2) * columns : 0);
    bool whole = o->inputs * points * size <= (double)FPS_EVALUATOR_BYTES;
    double evaluator = network_numbers(o, block) + o->inputs * (whole ? points : block) + points;
    double transforms = has_grid ? 4 * points : 0, filled = (double)FPS_INPUT_FILLED;
    double features = task->decay_rate >= 0 && o->inputs * samples > filled ? fmax(filled, 16 * o->inputs) : 0;
    double problem = 8 * (samples * (2 * d + 2) + o->weights + (has_grid ? points : 0));
    double stable = 0; /* a network in double, and the Lanczos vectors */
    if (task->learning_rate.code == FPS_RATE_STABLE)
        stable = 8 * (network_numbers(o, samples) + o->weights + samples * (o->inputs + 3 + LANCZOS_VECTORS));
    return FIXED_BYTES + size * (stepper + evaluator + transforms + features) + problem + stable +
           (kinks ? o->hidden * columns : 0);
}

/* Bytes of a task's results, at 8 bytes per number. */
typedef struct result_bytes {
    double valid; /* of its row */
    double room;  /* of the trajectory that holds them */
    double state; /* of those in its checkpoint */
} result_bytes;

static result_bytes bytes_of_results(const fps_record_spec *spec, const fps_extent *extent, double records) {
    result_bytes bytes = {0};
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        if (!fps_result_kept(field, spec->keep))
            continue;
        double elements = (double)fps_result_elements(field, extent);
        bool by_record = field->dimensions > 0 && field->dimension[0] == FPS_RECORD;
        double valid = 8 * elements * (by_record ? records / (double)extent->size[FPS_RECORD] : 1);
        bytes.room += 8 * elements;
        bytes.valid += valid;
        bytes.state += fps_state_holds((fps_result)r) ? valid : 0;
    }
    return bytes;
}

/* Bytes of a checkpoint but the results: head and number of updates, weights and the optimizer's vectors, multipliers.
 */
static double training_bytes(const fps_task *task, const fps_record_spec *spec, double weights, double samples,
                             bool batch) {
    double size = task->precision.code == FPS_SINGLE ? 4 : 8;
    bool multipliers = (spec->keep & FPS_KEEP_MULTIPLIERS) && !batch && task->optimizer.code == FPS_OPTIMIZER_GD;
    return sizeof(fps_state_head) + sizeof(int64_t) +
           size * weights * (1 + fps_optimizer_states((fps_optimizer)task->optimizer.code)) +
           (multipliers ? 8 * samples : 0) +
           (task->optimizer.code == FPS_OPTIMIZER_FLOW ? (double)sizeof(fps_flow_clock) : 0);
}

static fps_split_outline split_of(const fps_task *task, const outline *o, double samples, double points, double records,
                                  bool batch, const fps_speed *speed) {
    const double element = element_seconds(task, o, speed);
    const double tangent = 2 * o->forward + TANGENT_ELEMENT_SHARE * element;
    const bool sensitive = batch && task->train.code == FPS_TRAIN_ALL && task->depth > 0;
    return (fps_split_outline){.samples = samples,
                               .points = points,
                               .weights = o->weights,
                               .records = records,
                               .steps = (double)task->steps,
                               .batch = batch,
                               .forward = o->forward + FORWARD_ELEMENT_SHARE * element,
                               .gradient = o->gemm + element,
                               .tangent = tangent,
                               .sample_tangent = tangent - (sensitive ? o->forward : 0),
                               .transform = points * log2(points + 1) * speed->transform};
}

void fps_cost_estimate(const fps_task *task, const fps_record_spec *spec, const fps_calibration *calibration,
                       fps_cost *cost) {
    fps_network_shape shape;
    fps_extent extent;
    fps_task_shape(task, &shape);
    fps_task_extent(task, spec, &extent);
    *cost = (fps_cost){0};
    if (task->model.code == FPS_MODEL_DIRECT) {
        fps_cost_direct(task, spec, &extent, calibration, cost);
        result_bytes results = bytes_of_results(spec, &extent, spec->rungs);
        cost->row_bytes = results.valid;
        cost->memory += results.room;
        return;
    }
    if (task->linearised.code == FPS_YES) {
        double count = records_of(spec, task->steps);
        fps_cost_linearised(task, &shape, &extent, count, calibration, cost);
        result_bytes results = bytes_of_results(spec, &extent, count);
        cost->row_bytes = results.valid;
        cost->memory += results.room;
        return;
    }
    const fps_speed *speed = &calibration->speed[task->precision.code];
    outline o = outline_of(task, &shape, speed);
    bool has_grid = extent.size[FPS_GRID] > 0;
    double samples = (double)extent.size[FPS_SAMPLE];
    bool batch = task->batch_size > 0 && task->batch_size < extent.size[FPS_SAMPLE];
    int64_t used = batch ? task->batch_size : extent.size[FPS_SAMPLE], padded = FPS_PADDED(used);
    double columns = (double)padded, records = records_of(spec, task->steps);

    double gradients = gradients_of(task, records);
    cost->operations = 6 * o.products * (double)used * gradients +
                       2 * o.products * records * record_columns(task, samples, has_grid, batch);
    cost->seconds = calibration->task + gradients * step_seconds(task, &o, columns, batch, calibration) +
                    records * record_seconds(task, spec, &o, samples, has_grid, batch, calibration);
    if (has_grid)
        cost->seconds += (points_of(task) + samples) * calibration->expression;
    if (task->decay_rate >= 0)
        cost->seconds += o.inputs * (samples + (has_grid ? points_of(task) : samples)) * calibration->feature;

    const double points = has_grid ? points_of(task) : 0;
    const fps_split_outline split = split_of(task, &o, samples, points, records, batch, speed);
    cost->seconds += fps_cost_split_seconds(task, spec, &split);
    double bytes =
        trainer_bytes(task, &o, samples, columns, batch, has_grid) + fps_cost_split_bytes(task, spec, &split);
    cost->seconds += calibration->memory * (bytes - FIXED_BYTES);
    result_bytes results = bytes_of_results(spec, &extent, records);
    cost->row_bytes = results.valid;
    cost->memory = results.room + bytes;
    cost->state = results.state + training_bytes(task, spec, o.weights, samples, batch) +
                  (has_grid ? fps_cost_split_state_bytes(spec) : 0);
}
