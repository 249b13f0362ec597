#include "experiment/run.h"

#include <math.h>
#include <string.h>

#include "experiment/batches.h"
#include "experiment/heading.h"
#include "experiment/input.h"
#include "experiment/measure.h"
#include "fpsweep/memory.h"
#include "fpsweep/optimizer.h"
#include "numeric/flow.h"
#include "numeric/stepper.h"

struct fps_run {
    fps_measure *measure;
    fps_stepper *stepper;
    fps_flow *flow; /* NULL unless it is the optimizer */
    fps_batches batches;
    bool full_batch;
    double tolerance; /* -INFINITY: none */
    real *previous;   /* weights[W] before the last update, where a tolerance may take it back; else NULL */
    int64_t weights;
    double *multiplier; /* multiplier[n]: minus the sum of learning rate * dL/dh over the updates; NULL if not kept */
    int64_t samples;
    bool splits, varies; /* something of FPS_KEEP_SPLIT is kept; the variation is */
    fps_heading heading;
    double learning_rate;
    double step_operations;
    int64_t stride;   /* updates between two looks at the pace */
    fps_pulse pulse;  /* for updates so large that the hook is to be heard within */
    int64_t *planned; /* steps to record */
    int64_t planned_capacity;
    int64_t looked; /* mini-batches: the step at which the loss was last compared with the tolerance */
};

/* How a stretch of training ended. */
typedef enum stretch { ARRIVED, WITHIN_TOLERANCE, DIVERGED, STOPPED, FAILED } stretch;

static void destroy(fps_run **run) {
    fps_run *r = *run;
    if (!r)
        return;
    fps_flow_destroy(&r->flow);
    fps_stepper_destroy(&r->stepper);
    fps_measure_destroy(&r->measure);
    fps_batches_release(&r->batches);
    fps_heading_release(&r->heading);
    fps_free(r->previous);
    fps_free(r->multiplier);
    fps_free(r->planned);
    fps_free(r);
    *run = NULL;
}

static fps_status create(fps_run **out) {
    FPS_TRY(FPS_ALLOC(*out, 1));
    fps_status status = fps_measure_create(&(*out)->measure);
    if (status != FPS_OK)
        destroy(out);
    return status;
}

/* ---- preparing ---- */

/* Operations of one update: forward, weight gradient and, but for the first layer, input gradient. */
static double operations_of(const fps_network_shape *shape, int64_t columns) {
    double hidden = 0, weights = (double)fps_network_weights(shape);
    for (int l = 0; l < shape->depth; l++)
        hidden += shape->width[l];
    return FPS_PACE_PER_STEP + (double)columns * (6 * weights + FPS_PACE_PER_ACTIVATION * hidden) + 10 * weights;
}

static fps_status set_stepper(fps_run *r, const fps_task *task, const fps_network_shape *shape,
                              const fps_problem_view *problem, double learning_rate, fps_pace *pace) {
    int64_t n = problem->samples;
    r->full_batch = task->batch_size == 0 || task->batch_size >= n;
    fps_stepper_spec spec = {.shape = *shape,
                             .loss = task->loss,
                             .optimizer = (fps_optimizer)task->optimizer.code,
                             .learning_rate = learning_rate,
                             .momentum = task->momentum,
                             .beta1 = task->beta1,
                             .beta2 = task->beta2,
                             .epsilon = task->epsilon,
                             .trained = (fps_trained)task->train.code,
                             .samples = n,
                             .batch_size = r->full_batch ? 0 : task->batch_size,
                             .uniform_weights = problem->uniform_weights,
                             .dimension = problem->dimension,
                             .side = fps_sampling_side(n, problem->dimension)};
    memcpy(spec.domain, task->domain, sizeof spec.domain);
    if (spec.optimizer == FPS_OPTIMIZER_FLOW && !r->full_batch)
        return fps_fail(FPS_ERROR_NUMERIC, "optimizer flow needs all samples: batch_size 0");
    fps_flow_destroy(&r->flow);
    fps_stepper_destroy(&r->stepper);
    FPS_TRY(fps_stepper_create(&spec, &r->stepper));
    if (spec.optimizer == FPS_OPTIMIZER_FLOW)
        FPS_TRY(fps_flow_create(&spec, r->stepper, task->flow_tolerance, &r->flow));

    fps_input_map map = fps_input_map_of(task);
    FPS_TRY(fps_input_fill_all(&map, problem->x, n, pace, fps_stepper_input(r->stepper)));
    real *label = fps_stepper_label(r->stepper), *weight = fps_stepper_sample_weight(r->stepper);
    for (int64_t i = 0; i < n; i++) {
        label[i] = (real)problem->y[i];
        weight[i] = (real)problem->weight[i];
    }
    real *weights = fps_stepper_weights(r->stepper);
    for (int64_t i = 0; i < problem->weight_count; i++)
        weights[i] = (real)problem->weights[i];
    fps_stepper_ready(r->stepper);
    if (r->flow)
        fps_flow_start(r->flow, NULL);
    return FPS_OK;
}

static fps_status set_loop(fps_run *r, const fps_task *task, const fps_network_shape *shape,
                           const fps_record_spec *spec, const fps_problem_view *problem, double learning_rate,
                           fps_pace *pace) {
    int64_t batch = r->full_batch ? problem->samples : task->batch_size;
    if (!r->full_batch)
        FPS_TRY(fps_batches_set(&r->batches, problem->samples, batch, (uint64_t)task->seed));
    double pass_operations = operations_of(shape, FPS_PADDED(problem->samples)); /* of all samples */
    r->step_operations = operations_of(shape, FPS_PADDED(batch));
    r->stride = (int64_t)fmax(1, floor(FPS_PACE_OPERATIONS / r->step_operations));
    r->pulse = fps_pace_pulse(pace);
    fps_stepper_set_pulse(r->stepper, pass_operations > FPS_PACE_OPERATIONS ? &r->pulse : NULL);
    r->weights = problem->weight_count;
    r->tolerance = task->tolerance > 0 ? task->tolerance : -INFINITY;
    r->looked = 0;
    fps_free(r->previous);
    r->previous = NULL;
    if (task->tolerance > 0 && r->full_batch && !r->flow)
        FPS_TRY(FPS_ALLOC(r->previous, r->weights));
    fps_free(r->multiplier);
    r->multiplier = NULL;
    r->samples = problem->samples;
    r->learning_rate = learning_rate;
    if ((spec->keep & FPS_KEEP_MULTIPLIERS) && r->full_batch && task->optimizer.code == FPS_OPTIMIZER_GD)
        FPS_TRY(FPS_ALLOC(r->multiplier, r->samples));
    r->splits = problem->has_grid && (spec->keep & FPS_KEEP_SPLIT) != 0;
    r->varies = problem->has_grid && (spec->keep & FPS_KEEP_VARIATION) != 0;
    FPS_TRY(fps_heading_set(&r->heading, r->splits ? spec->keep : 0, r->weights, r->samples, !r->full_batch));
    if (spec->count > r->planned_capacity) {
        fps_free(r->planned);
        r->planned_capacity = 0;
        FPS_TRY(FPS_ALLOC(r->planned, spec->count));
        r->planned_capacity = spec->count;
    }
    return FPS_OK;
}

/* ---- training ---- */

/* The update just made moved the weights by -learning rate * J^T dL/dh: sum the factors of the rows of J. At depth 0
 * J is the features Psi, so that weights which started at 0 are Psi^T multiplier. */
static void add_multipliers(fps_run *r) {
    const real *dloss = fps_stepper_output_gradient(r->stepper);
    for (int64_t i = 0; i < r->samples; i++)
        r->multiplier[i] -= r->learning_rate * (double)dloss[i];
}

/* The variation looks at the network before each update: unless the update's own forward pass has just seen the grid,
 * by evaluating it there. False: the hook said stop. */
static bool look_before(fps_run *r, fps_pace *pace) {
    if (!r->varies || (r->full_batch && fps_measure_samples_are_grid(r->measure)))
        return true;
    return fps_measure_observe(r->measure, fps_stepper_weights(r->stepper), pace) == FPS_OK;
}

static void look_behind(fps_run *r, int64_t step) {
    if (r->varies && fps_measure_samples_are_grid(r->measure))
        fps_measure_observe_samples(r->measure, fps_stepper_output(r->stepper), fps_stepper_label(r->stepper), step);
}

/* Update number step + 1, on all samples. Returns the loss before it; when that is within the tolerance, the update is
 * taken back. */
static double update_full(fps_run *r, int64_t step) {
    real *weights = fps_stepper_weights(r->stepper);
    if (r->previous)
        memcpy(r->previous, weights, (size_t)r->weights * sizeof *weights);
    double loss = fps_stepper_step(r->stepper, NULL);
    if (loss < r->tolerance)
        memcpy(weights, r->previous, (size_t)r->weights * sizeof *weights);
    else if (r->multiplier && isfinite(loss))
        add_multipliers(r);
    if (isfinite(loss))
        look_behind(r, step);
    return loss;
}

/* Why the last loss is not finite. */
static stretch broken_off(const fps_run *r) {
    return fps_stepper_stopped(r->stepper) ? STOPPED : DIVERGED;
}

/* Train on all samples up to step `until`; pace->step moves along. */
static stretch advance_full(fps_run *r, fps_pace *pace, int64_t until) {
    while (pace->step < until) {
        int64_t left = until - pace->step, end = pace->step + (left < r->stride ? left : r->stride);
        double operations = (double)(end - pace->step) * r->step_operations;
        for (; pace->step < end; pace->step++) {
            if (!look_before(r, pace))
                return STOPPED;
            double loss = update_full(r, pace->step);
            if (!isfinite(loss))
                return broken_off(r);
            if (loss < r->tolerance)
                return WITHIN_TOLERANCE;
        }
        if (fps_pace_spend(pace, operations))
            return STOPPED;
    }
    return ARRIVED;
}

/* The same along the flow, in inner steps. Training within the tolerance ends at the next whole step. */
static stretch advance_flow(fps_run *r, fps_pace *pace, int64_t until) {
    const fps_flow_clock *clock = fps_flow_clock_of(r->flow);
    for (;;) {
        const int64_t next = clock->landed + (int64_t)ceil(clock->since);
        double loss;
        pace->step = clock->landed + (int64_t)floor(clock->since);
        if (fps_flow_evaluate(r->flow, &r->pulse, r->step_operations, &loss) != FPS_OK)
            return STOPPED;
        if (!isfinite(loss))
            return DIVERGED;
        if (loss < r->tolerance && next < until)
            until = next;
        if (clock->landed == until)
            return loss < r->tolerance ? WITHIN_TOLERANCE : ARRIVED;
        const fps_status status = fps_flow_attempt(r->flow, until, &r->pulse, r->step_operations);
        if (status != FPS_OK)
            return status == FPS_STOPPED ? STOPPED : FAILED;
    }
}

/* The same on mini-batches. The loss of all samples is compared with the tolerance after each epoch; before the next
 * update is made, so that a task taken up again there compares too. */
static stretch advance_batches(fps_run *r, fps_pace *pace, int64_t until) {
    for (;;) {
        if (r->tolerance > 0 && pace->step != r->looked && pace->step % r->batches.per_epoch == 0) {
            double loss = fps_stepper_loss(r->stepper);
            if (fps_stepper_stopped(r->stepper))
                return STOPPED;
            if (loss < r->tolerance)
                return WITHIN_TOLERANCE;
            r->looked = pace->step;
        }
        if (pace->step >= until)
            return ARRIVED;
        if (!look_before(r, pace))
            return STOPPED;
        const int32_t *batch;
        if (fps_batches_at(&r->batches, pace->step, &r->pulse, &batch) != FPS_OK)
            return STOPPED;
        double loss = fps_stepper_step(r->stepper, batch);
        if (!isfinite(loss))
            return broken_off(r);
        pace->step++;
        if (fps_pace_spend(pace, r->step_operations))
            return STOPPED;
    }
}

/* Squared norm of the output layer's weights, and the multipliers, where they are kept. The weights are those which
 * multiply the last layer's values: with parametrisation ntk divided by sqrt(fan_in). */
static void write_multipliers(const fps_run *r, const fps_network_shape *shape, fps_trajectory *trajectory,
                              int64_t row) {
    if (!r->multiplier)
        return;
    const fps_layer_view last = fps_network_layer(shape, shape->depth);
    const real *weights = fps_stepper_weights(r->stepper) + last.weights;
    double square = 0;
    for (int32_t i = 0; i < last.in; i++)
        square += (double)weights[i] * (double)weights[i];
    trajectory->value[FPS_RESULT_ENERGY][row] = shape->ntk ? square / last.in : square;
    memcpy(trajectory->value[FPS_RESULT_MULTIPLIER] + row * r->samples, r->multiplier,
           (size_t)r->samples * sizeof *r->multiplier);
}

/* What following the flow has cost so far, and the kinks that were passed. */
static void write_flow(const fps_run *r, fps_trajectory *trajectory, int64_t row) {
    double *evaluations = trajectory->value[FPS_RESULT_FLOW_EVALUATIONS];
    double *crossings = trajectory->value[FPS_RESULT_KINK_CROSSINGS];
    if (!r->flow || !evaluations || !crossings)
        return;
    const fps_flow_clock *clock = fps_flow_clock_of(r->flow);
    evaluations[row] = (double)clock->evaluations;
    crossings[row] = clock->crossings >= 0 ? (double)clock->crossings : NAN;
}

/* Record the present weights, and return the loss there. On all samples, unless this is the end, the loss comes from
 * the next update's own forward pass, so that it costs nothing: *updated says that this update was made. */
static fps_status record(fps_run *r, const fps_task *task, const fps_network_shape *shape, bool last, fps_pace *pace,
                         fps_trajectory *trajectory, bool *updated, double *loss) {
    int64_t row = trajectory->records;
    write_multipliers(r, shape, trajectory, row);
    const int32_t *batch = NULL;
    if (r->splits && !r->full_batch)
        FPS_TRY(fps_batches_at(&r->batches, pace->step, &r->pulse, &batch));
    if (r->splits)
        FPS_TRY(fps_heading_take(&r->heading, r->stepper, batch, trajectory, row));
    FPS_TRY(fps_measure_record(r->measure, fps_stepper_weights(r->stepper), r->splits ? &r->heading : NULL, pace,
                               trajectory, row));
    bool update = r->full_batch && !r->flow && !last && pace->step < task->steps;
    if (r->flow)
        FPS_TRY(fps_flow_evaluate(r->flow, &r->pulse, r->step_operations, loss));
    else
        *loss = update ? update_full(r, pace->step) : fps_stepper_loss(r->stepper);
    *updated = update && *loss >= r->tolerance;
    if (!isfinite(*loss)) /* diverged: this row does not count */
        return broken_off(r) == STOPPED ? FPS_STOPPED : FPS_OK;
    trajectory->value[FPS_RESULT_STEP][row] = (double)pace->step;
    trajectory->value[FPS_RESULT_TRAINING_LOSS][row] = *loss;
    write_flow(r, trajectory, row);
    trajectory->records++;
    fps_measure_accept(r->measure, trajectory);
    return FPS_OK;
}

/* Does a task have so many records while it is at `step`? */
static bool reaches(const int64_t *planned, int64_t count, int64_t records, int64_t step) {
    return records <= count && (records == 0 || step >= planned[records - 1]) &&
           (records == count || step <= planned[records]);
}

/* From planned record to planned record, to the end. The next one is that behind those which the trajectory has. */
static fps_status follow(fps_run *r, const fps_task *task, const fps_network_shape *shape, const fps_record_spec *spec,
                         fps_pace *pace, fps_trajectory *trajectory) {
    int64_t planned = fps_record_steps(spec, task->steps, r->planned);
    stretch (*advance)(fps_run *, fps_pace *, int64_t) = r->flow         ? advance_flow
                                                         : r->full_batch ? advance_full
                                                                         : advance_batches;
    trajectory->outcome = FPS_PENDING;
    if (!reaches(r->planned, planned, trajectory->records, pace->step))
        return fps_fail(FPS_ERROR_MISMATCH,
                        "the checkpoint does not fit its task, which has other records after %lld "
                        "updates; the task has to start over",
                        (long long)pace->step);
    for (int64_t next = trajectory->records;; next++) {
        stretch end = advance(r, pace, next < planned ? r->planned[next] : task->steps);
        if (end == STOPPED)
            return FPS_STOPPED;
        if (end == FAILED) /* its message is kept */
            return FPS_ERROR_NUMERIC;
        if (end == DIVERGED)
            break;
        bool last = end == WITHIN_TOLERANCE || next >= planned, updated = false;
        double loss = NAN;
        if (next < planned) {
            FPS_TRY(record(r, task, shape, last, pace, trajectory, &updated, &loss));
            if (!isfinite(loss))
                break;
            pace->step += updated;
            last = last || loss < r->tolerance;
        }
        if (last || (next == planned - 1 && pace->step >= task->steps)) {
            trajectory->outcome = FPS_DONE;
            return FPS_OK;
        }
    }
    trajectory->outcome = FPS_DIVERGED;
    return FPS_OK;
}

static void write_numbers(double *out, const double *values, int64_t count) {
    if (out)
        memcpy(out, values, (size_t)count * sizeof *out);
}

static fps_status prepare(fps_run *r, const fps_task *task, const fps_network_shape *shape, const fps_record_spec *spec,
                          const fps_problem_view *problem, double learning_rate, fps_pace *pace,
                          fps_trajectory *trajectory) {
    write_numbers(trajectory->value[FPS_RESULT_LEARNING_RATE_USED], &learning_rate, 1);
    write_numbers(trajectory->value[FPS_RESULT_SAMPLE_X], problem->x, problem->samples * problem->dimension);
    write_numbers(trajectory->value[FPS_RESULT_SAMPLE_Y], problem->y, problem->samples);
    write_numbers(trajectory->value[FPS_RESULT_WEIGHTS_INITIAL], problem->weights, problem->weight_count);
    FPS_TRY(set_stepper(r, task, shape, problem, learning_rate, pace));
    FPS_TRY(set_loop(r, task, shape, spec, problem, learning_rate, pace));
    return fps_measure_set(r->measure, task, shape, spec, problem, pace, trajectory);
}

/* The list of everything that training changes. */
static void visit(fps_run *r, fps_state_walk *walk) {
    int64_t updates = fps_stepper_updates(r->stepper), size = r->weights * (int64_t)sizeof(real);
    fps_state_visit(walk, &updates, sizeof updates);
    fps_stepper_set_updates(r->stepper, updates);
    fps_state_visit(walk, fps_stepper_weights(r->stepper), size);
    for (int k = 0; fps_stepper_state(r->stepper, k); k++)
        fps_state_visit(walk, fps_stepper_state(r->stepper, k), size);
    if (r->flow) {
        fps_flow_clock clock = *fps_flow_clock_of(r->flow);
        fps_state_visit(walk, &clock, sizeof clock);
        if (walk->restore)
            fps_flow_start(r->flow, &clock);
    }
    fps_state_visit(walk, r->multiplier, r->multiplier ? r->samples * (int64_t)sizeof *r->multiplier : 0);
    int64_t numbers;
    double *variation = fps_measure_variation(r->measure, &numbers);
    fps_state_visit(walk, variation, numbers * (int64_t)sizeof *variation);
}

static fps_status train(fps_run *r, const fps_task *task, const fps_network_shape *shape, const fps_record_spec *spec,
                        fps_pace *pace, fps_trajectory *trajectory) {
    FPS_TRY(follow(r, task, shape, spec, pace, trajectory));
    double *final = trajectory->value[FPS_RESULT_WEIGHTS_FINAL];
    const real *weights = fps_stepper_weights(r->stepper);
    for (int64_t i = 0; final && i < r->weights; i++)
        final[i] = (double)weights[i];
    return FPS_OK;
}

const fps_run_methods FPS_REAL_NAME(fps_run_methods) = {
    .create = create, .destroy = destroy, .prepare = prepare, .visit = visit, .train = train};
