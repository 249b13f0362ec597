/* rules.c: what the parameters of one task must obey together. One function per rule; a table of all. */
#include <math.h>

#include "fpsweep/expression.h"
#include "fpsweep/initializer.h"
#include "fpsweep/lattice.h"
#include "fpsweep/loss.h"
#include "fpsweep/memory.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "sweep/rules.h"

/* Largest network, grid and feature count that are accepted: beyond them no task fits a node's memory. */
static const double most_weights = 1 << 30, most_grid = 1 << 28, most_features = 1 << 24;

fps_status fps_rules_create(fps_rules **out) {
    return FPS_ALLOC(*out, 1);
}

void fps_rules_destroy(fps_rules **rules) {
    if (!rules || !*rules)
        return;
    fps_hashset_release(&(*rules)->targets);
    fps_hashset_release(&(*rules)->densities);
    fps_free(*rules);
    *rules = NULL;
}

/* ---- window ---- */

/* Only what has a transform of its own has a measuring grid to weight. */
static fps_status rule_window(const fps_rule_case *c) {
    if (fps_rule_has_grid(c->task) || c->task->window.code == FPS_WINDOW_NONE)
        return FPS_OK;
    return fps_plan_fail(c->plan, P(window), "window must be none where the target is %s: there is no grid to weight",
                         c->task->target.code == FPS_TARGET_RANDOM ? "random" : "a data file");
}

/* ---- samples ---- */

static fps_status rule_samples(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (!fps_rule_uses(c, P(samples)) || t->sampling.code == FPS_SAMPLING_RANDOM)
        return FPS_OK;
    int64_t side = fps_sampling_side(t->samples, (int)t->dimension);
    const char *word = fps_table_sampling.entry[t->sampling.code].name;
    if (side == 0) {
        double nearest = fmax(1, nearbyint(pow((double)t->samples, 1.0 / (double)t->dimension)));
        return fps_plan_fail(
            c->plan, P(samples),
            "samples is %lld; sampling %s in %lld dimensions needs a %s: the nearest is %.0f (%.0f per "
            "axis)",
            (long long)t->samples, word, (long long)t->dimension, t->dimension == 2 ? "square" : "cube",
            fps_rule_power(nearest, t->dimension), nearest);
    }
    if (t->sampling.code == FPS_SAMPLING_GRID && side < 2)
        return fps_plan_fail(c->plan, P(samples),
                             "sampling grid includes both ends of the domain: it needs at least 2 samples per axis");
    return FPS_OK;
}

static int64_t samples_of(const fps_task *task) {
    return task->dataset ? task->dataset->samples : task->samples;
}

static fps_status rule_batch(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (!fps_rule_uses(c, P(samples)) && !t->dataset) /* a data file that has not been read yet */
        return FPS_OK;
    if (t->batch_size <= samples_of(t))
        return FPS_OK;
    return fps_plan_fail(c->plan, P(batch_size), "batch_size is %lld, larger than samples = %lld; 0 is all samples",
                         (long long)t->batch_size, (long long)samples_of(t));
}

static fps_status rule_sobolev(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (t->loss.code != FPS_LOSS_SOBOLEV)
        return FPS_OK;
    bool placed = fps_rule_uses(c, P(sampling)) &&
                  (t->sampling.code == FPS_SAMPLING_MIDPOINT || t->sampling.code == FPS_SAMPLING_POPULATION);
    if (!placed)
        return fps_plan_fail(c->plan, P(loss), "loss sobolev needs sampling midpoint or population");
    if (t->batch_size > 0 && t->batch_size < t->samples)
        return fps_plan_fail(c->plan, P(loss), "loss sobolev needs the full batch: batch_size 0");
    return FPS_OK;
}

/* ---- network ---- */

static fps_status rule_antisymmetric(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (t->depth == 0 || t->antisymmetric.code != FPS_YES || t->widths[t->depth - 1] % 2 == 0)
        return FPS_OK;
    return fps_plan_fail(c->plan, P(antisymmetric),
                         "antisymmetric pairs the neurons of the last hidden layer: its width %d must be even",
                         t->widths[t->depth - 1]);
}

static fps_status rule_train(const fps_rule_case *c) {
    const fps_task *t = c->task;
    bool has_biases = t->bias.code == FPS_BIAS_ALL || (t->bias.code == FPS_BIAS_HIDDEN && t->depth > 0);
    if (t->train.code != FPS_TRAIN_BIASES || has_biases)
        return FPS_OK;
    return fps_plan_fail(c->plan, P(train), "train is biases, but the network has none; choose another bias");
}

static double features_of(const fps_task *task) {
    return task->decay_rate >= 0 ? fps_rule_power(2 * (double)task->band_limit + 1, task->dimension)
                                 : (double)task->dimension;
}

static fps_status rule_features(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (t->decay_rate < 0)
        return FPS_OK;
    if (fps_rule_has_grid(t) && 2 * t->band_limit > t->grid_points)
        return fps_plan_fail(c->plan, P(band_limit),
                             "band_limit is %lld, but a grid of %lld points sees only %lld; raise grid_points",
                             (long long)t->band_limit, (long long)t->grid_points, (long long)(t->grid_points / 2));
    if (features_of(t) > most_features)
        return fps_plan_fail(c->plan, P(band_limit),
                             "band_limit %lld in %lld dimensions makes %.3g features; at most %.3g are accepted",
                             (long long)t->band_limit, (long long)t->dimension, features_of(t), most_features);
    return FPS_OK;
}

static fps_status rule_size(const fps_rule_case *c) {
    const fps_task *t = c->task;
    double in = features_of(t), weights = 0;
    for (int64_t l = 0; l < t->depth; l++) {
        weights += (in + 1) * t->widths[l];
        in = t->widths[l];
    }
    weights += in + 1;
    int culprit = c->plan->given & FPS_BIT(P(width)) ? P(width) : P(depth);
    if (weights > most_weights)
        return fps_plan_fail(c->plan, culprit, "a network of %.3g weights is too large; at most %.3g are accepted",
                             weights, most_weights);
    double grid = fps_rule_power((double)t->grid_points, t->dimension);
    if (fps_rule_has_grid(t) && grid > most_grid)
        return fps_plan_fail(c->plan, P(grid_points),
                             "a grid of %lld points in %lld dimensions has %.3g; at most %.3g are accepted",
                             (long long)t->grid_points, (long long)t->dimension, grid, most_grid);
    return FPS_OK;
}

/* ---- the variational problem ---- */

/* Largest decay rate: the L2 norm needs the lattice sums of twice the exponent. */
static const double most_decay = 0.5 * FPS_LATTICE_ALPHA;
enum { MOST_DIRECT_SAMPLES = 2000 };

static fps_status check_lattice(const fps_rule_case *c) {
    static const int64_t limits[] = FPS_LATTICE_LIMITS;
    const fps_task *t = c->task;
    const fps_record_spec *record = &c->plan->record;
    int64_t last = record->ladder[record->rungs - 1], limit = limits[t->dimension - 1];
    if (last > limit)
        return fps_sweep_fail(c->plan->name, c->plan->ladder_node->place,
                              "the ladder reaches %lld; in %lld dimensions at most %lld is accepted", (long long)last,
                              (long long)t->dimension, (long long)limit);
    if (t->dimension == 2 && t->cutoff.code == FPS_CUTOFF_BALL && last > FPS_LATTICE_BALL)
        return fps_sweep_fail(c->plan->name, c->plan->ladder_node->place,
                              "the ladder reaches %lld; with cutoff ball at most %d is accepted", (long long)last,
                              FPS_LATTICE_BALL);
    double period = 1 / t->frequency_step;
    for (int64_t axis = 0; axis < t->dimension; axis++)
        if (t->domain[axis][1] - t->domain[axis][0] > period * (1 + 1e-12))
            return fps_plan_fail(
                c->plan, P(frequency_step),
                "frequency_step %.6g makes everything periodic with 1/frequency_step = %.6g, less than "
                "the domain; lower it",
                t->frequency_step, period);
    return FPS_OK;
}

static fps_status rule_direct(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (t->model.code != FPS_MODEL_DIRECT)
        return FPS_OK;
    if (!(t->decay_rate > 0) || t->decay_rate > most_decay)
        return fps_plan_fail(c->plan, P(decay_rate),
                             "model direct needs a decay_rate above 0 and at most %.0f; it is %s", most_decay,
                             t->decay_rate < 0   ? "none"
                             : t->decay_rate > 0 ? "larger"
                                                 : "0");
    if (samples_of(t) > MOST_DIRECT_SAMPLES)
        return fps_plan_fail(c->plan, P(samples), "model direct solves for at most %d samples, not %lld",
                             MOST_DIRECT_SAMPLES, (long long)samples_of(t));
    if ((c->plan->record.keep & FPS_KEEP_SPIKE) && t->dimension != 1)
        return fps_sweep_fail(c->plan->name, c->plan->keep_node->place,
                              "keep: spike is measured in one dimension only");
    return check_lattice(c);
}

/* ---- measuring ---- */

static fps_status rule_frequencies(const fps_rule_case *c) {
    const fps_record_spec *record = &c->plan->record;
    if (!c->plan->record_node || !fps_rule_has_grid(c->task) || c->task->model.code != FPS_MODEL_NETWORK)
        return FPS_OK;
    int32_t last = record->mode[record->frequencies - 1];
    if (last <= c->task->grid_points / 2)
        return FPS_OK;
    return fps_sweep_fail(c->plan->name, c->plan->record_node->place,
                          "frequencies reach mode %d, but grid_points = %lld sees only %lld; raise grid_points", last,
                          (long long)c->task->grid_points, (long long)(c->task->grid_points / 2));
}

/* Multipliers of networks: sums over the updates of gd on all samples. */
static fps_status rule_multipliers(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (!(c->plan->record.keep & FPS_KEEP_MULTIPLIERS) || t->model.code != FPS_MODEL_NETWORK)
        return FPS_OK;
    if (t->optimizer.code != FPS_OPTIMIZER_GD)
        return fps_plan_fail(c->plan, P(optimizer),
                             "keep: multipliers sums the residuals of gd, for which alone they are multipliers; the "
                             "optimizer is %s",
                             fps_table_optimizer.entry[t->optimizer.code].name);
    if (t->batch_size > 0)
        return fps_plan_fail(c->plan, P(batch_size), "keep: multipliers needs all samples at every step: batch_size 0");
    return FPS_OK;
}

/* What splits the loss by frequency: on the grid, below its Nyquist frequency. */
static fps_status rule_split(const fps_rule_case *c) {
    const fps_task *t = c->task;
    const fps_record_spec *record = &c->plan->record;
    if (!(record->keep & FPS_KEEP_SPLIT) || t->model.code != FPS_MODEL_NETWORK)
        return FPS_OK;
    if (!fps_rule_has_grid(t))
        return fps_plan_fail(c->plan, P(target),
                             "keep: stages, variation and update need a target that is known on the whole grid, an "
                             "expression");
    if (t->linearised.code == FPS_YES)
        return fps_sweep_fail(c->plan->name, c->plan->keep_node->place,
                              "keep: stages, variation and update are not for linearised tasks");
    if ((record->keep & FPS_KEEP_VARIATION) && t->optimizer.code == FPS_OPTIMIZER_FLOW)
        return fps_sweep_fail(c->plan->name, c->plan->keep_node->place,
                              "keep: variation is summed over updates, and optimizer flow makes none");
    /* beside other optimizers, flow's rows repeat those of stages, so that all can be compared */
    if ((record->keep & FPS_KEEP_UPDATE) && t->optimizer.code == FPS_OPTIMIZER_FLOW &&
        c->plan->axis[P(optimizer)].count == 1)
        return fps_sweep_fail(c->plan->name, c->plan->keep_node->place,
                              "optimizer flow has no update; it moves along minus the gradient, which is keep: stages");
    double nyquist = fps_thresholds_nyquist(t);
    if (!c->plan->threshold_node || record->threshold[record->thresholds - 1] <= nyquist)
        return FPS_OK;
    return fps_sweep_fail(c->plan->name, c->plan->threshold_node->place,
                          "thresholds reach %.6g, but grid_points = %lld sees no frequency above %.6g per unit length; "
                          "raise grid_points",
                          record->threshold[record->thresholds - 1], (long long)t->grid_points, nyquist);
}

/* Flow is the motion of all samples together, and cannot be followed below rounding. */
static fps_status rule_flow(const fps_rule_case *c) {
    static const double least_single = 1e-6;
    const fps_task *t = c->task;
    if (t->model.code != FPS_MODEL_NETWORK || t->optimizer.code != FPS_OPTIMIZER_FLOW || t->linearised.code == FPS_YES)
        return FPS_OK;
    if (t->batch_size > 0 && t->batch_size < samples_of(t))
        return fps_plan_fail(c->plan, P(batch_size),
                             "optimizer flow needs all samples: batch_size 0; mini-batches have no gradient flow");
    if (t->loss.code == FPS_LOSS_MAE || (t->loss.code == FPS_LOSS_LP && t->loss.argument[0] <= 1))
        return fps_plan_fail(
            c->plan, P(loss),
            "the slope of loss %s jumps where a residual is zero, and the flow would slide along that: "
            "choose another, for example huber(0.1)",
            fps_table_loss.entry[t->loss.code].name);
    if (t->precision.code == FPS_SINGLE && t->flow_tolerance < least_single)
        return fps_plan_fail(c->plan, P(flow_tolerance),
                             "flow_tolerance is %.3g; precision single cannot do better than %.0e: set precision: "
                             "double",
                             t->flow_tolerance, least_single);
    return FPS_OK;
}

/* What is known in closed form. The eigenvalue problem has the size of the samples. */
static fps_status rule_linearised(const fps_rule_case *c) {
    enum { MOST_SAMPLES = 4096 };
    const fps_task *t = c->task;
    if (t->model.code != FPS_MODEL_NETWORK || t->linearised.code != FPS_YES)
        return FPS_OK;
    if (t->loss.code != FPS_LOSS_MSE)
        return fps_plan_fail(c->plan, P(loss), "linearised needs loss mse, not %s: only that has a closed form",
                             fps_table_loss.entry[t->loss.code].name);
    if (t->optimizer.code != FPS_OPTIMIZER_GD && t->optimizer.code != FPS_OPTIMIZER_FLOW)
        return fps_plan_fail(c->plan, P(linearised), "linearised needs optimizer gd or flow, not %s",
                             fps_table_optimizer.entry[t->optimizer.code].name);
    if (t->batch_size > 0 && t->batch_size < samples_of(t))
        return fps_plan_fail(c->plan, P(batch_size), "linearised needs all samples at every step: batch_size 0");
    if (samples_of(t) > MOST_SAMPLES)
        return fps_plan_fail(c->plan, P(samples), "linearised solves for at most %d samples, not %lld", MOST_SAMPLES,
                             (long long)samples_of(t));
    if (c->plan->record.keep & FPS_KEEP_MULTIPLIERS)
        return fps_sweep_fail(c->plan->name, c->plan->keep_node->place,
                              "keep: multipliers is not for linearised tasks");
    return FPS_OK;
}

static fps_status (*const rules[])(const fps_rule_case *) = {
    rule_features,    rule_size,        rule_samples,       rule_batch,      rule_sobolev,     rule_window,
    fps_rule_target,  fps_rule_density, rule_antisymmetric, rule_train,      rule_frequencies, rule_direct,
    rule_multipliers, rule_split,       rule_flow,          rule_linearised,
};

fps_status fps_rules_check(fps_rules *memory, const fps_plan *plan, uint64_t used) {
    const fps_rule_case c = {.rules = memory, .plan = plan, .task = &plan->evaluator->task, .used = used};
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
        FPS_TRY(rules[r](&c));
    return FPS_OK;
}
