/* floor: experiment */
/* `keep: stages, variation, update`: identities that hold at every record, whatever the activation, depth, loss,
 * density and dimension: sums over frequencies are the grid's loss and its rate, the rate along gradient flow is minus
 * the squared gradient, R is below its Cauchy-Schwarz bound, the net change of L+ below its total variation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/trainer.h"
#include "tasks.h"

enum { MODES = 33, THRESHOLDS = 5, SPLIT = FPS_KEEP_SPLIT | FPS_KEEP_FUNCTION };
#define ROUNDING 1e-13

typedef struct fixture {
    fps_trainer *trainer;
    fps_trajectory t, other;
    int32_t mode[MODES];
    double threshold[THRESHOLDS];
} fixture;

static int set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f && fps_trainer_create(&f->trainer) == FPS_OK ? 0 : -1;
}

static int tear_down(void **state) {
    fixture *f = *state;
    fps_trajectory_release(&f->t);
    fps_trajectory_release(&f->other);
    fps_trainer_destroy(&f->trainer);
    free(f);
    return 0;
}

/* All modes of the grid, the lowest threshold below them all but 0, the others spread up to Nyquist's. */
static fps_record_spec spec_of(fixture *f, const fps_task *task, int64_t records, unsigned keep) {
    const double side = task->domain[0][1] - task->domain[0][0];
    const int32_t modes = (int32_t)task->grid_points / 2 + 1;
    assert_true(modes <= MODES);
    for (int32_t k = 0; k < modes; k++)
        f->mode[k] = k;
    for (int e = 0; e < THRESHOLDS; e++)
        f->threshold[e] = (e ? e * (modes - 1) / (THRESHOLDS - 1) : 0.5) / side;
    return (fps_record_spec){.count = records,
                             .spacing = FPS_SPACING_LINEAR,
                             .frequencies = modes,
                             .mode = f->mode,
                             .keep = keep,
                             .thresholds = THRESHOLDS,
                             .threshold = f->threshold};
}

static const char *about(const fps_task *task) {
    static char text[160];
    snprintf(text, sizeof text, "activation %d depth %d loss %d density %d window %d sampling %d dimension %d",
             task->activation.code, (int)task->depth, task->loss.code, task->density.code, task->window.code,
             task->sampling.code, (int)task->dimension);
    return text;
}

static void run(fixture *f, const fps_task *task, const fps_record_spec *spec, fps_trajectory *t) {
    assert_int_equal(fps_trainer_run(f->trainer, task, spec, NULL, t), FPS_OK);
    assert_string_equal(t->message, "");
    if (t->outcome != FPS_DONE)
        fail_msg("%s (%s)", fps_outcome_name(t->outcome), about(task));
}

static void near(const fps_task *task, const char *what, double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s (%s): %.17g and %.17g differ by %.2e, allowed %.2e", what, about(task), a, b, fabs(a - b),
                 tolerance);
}

static double of(const fps_trajectory *t, fps_result result, int64_t at) {
    return t->value[result][at];
}

/* Sum of a spectrum over all frequencies; 1-D. */
static double total(const fps_trajectory *t, fps_result result, int64_t record, int32_t modes) {
    double sum = 0;
    for (int32_t k = 0; k < modes; k++)
        sum += of(t, result, record * modes + k);
    return sum;
}

/* What must hold in one dimension, where all modes are recorded: sums over them. */
static void check_sums(const fixture *f, const fps_task *task, const fps_trajectory *t, int64_t r) {
    const int32_t modes = (int32_t)task->grid_points / 2 + 1;
    const double side = task->domain[0][1] - task->domain[0][0];
    double power = total(t, FPS_RESULT_RESIDUAL_POWER, r, modes), speed = total(t, FPS_RESULT_VELOCITY_POWER, r, modes);
    double scale = 2 * sqrt(power * speed);
    for (int e = 0; e < THRESHOLDS; e++) {
        double q = 0, p = 0, v = 0;
        for (int32_t k = modes - 1; k >= 0 && k / side >= f->threshold[e] * (1 - 1e-12); k--) {
            q += of(t, FPS_RESULT_RESIDUAL_POWER, r * modes + k);
            p += of(t, FPS_RESULT_RESIDUAL_POWER_RATE, r * modes + k);
            v += of(t, FPS_RESULT_VELOCITY_POWER, r * modes + k);
        }
        near(task, "L+", of(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, r * THRESHOLDS + e), q, ROUNDING * power);
        near(task, "dL+/dt", of(t, FPS_RESULT_RESIDUAL_POWER_RATE_ABOVE, r * THRESHOLDS + e), p, ROUNDING * scale);
        near(task, "V+", of(t, FPS_RESULT_VELOCITY_POWER_ABOVE, r * THRESHOLDS + e), v, ROUNDING * speed);
        if (task->loss.code == FPS_LOSS_MSE)
            near(task, "loss rate+", of(t, FPS_RESULT_LOSS_RATE_ABOVE, r * THRESHOLDS + e), p, ROUNDING * scale);
    }
    if (task->loss.code == FPS_LOSS_MSE) {
        near(task, "grid loss", of(t, FPS_RESULT_GRID_LOSS, r), power, ROUNDING * power);
        near(task, "grid loss rate", of(t, FPS_RESULT_GRID_LOSS_RATE, r),
             total(t, FPS_RESULT_RESIDUAL_POWER_RATE, r, modes), ROUNDING * scale);
    }
}

/* What must hold everywhere. `exact`: the loss trained on is the loss on the grid. */
static void check_record(const fixture *f, const fps_task *task, const fps_trajectory *t, int64_t r, bool exact) {
    const int64_t row = t->extent.size[FPS_DIRECTION] * t->extent.size[FPS_FREQUENCY];
    double norm = of(t, FPS_RESULT_GRADIENT_NORM, r), square = norm * norm;
    double rate = of(t, FPS_RESULT_GRID_LOSS_RATE, r);
    double speed = of(t, FPS_RESULT_VELOCITY_POWER_ABOVE, r * THRESHOLDS) + of(t, FPS_RESULT_VELOCITY_POWER, r * row);
    double power = of(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, r * THRESHOLDS) + of(t, FPS_RESULT_RESIDUAL_POWER, r * row);
    double scale = fmax(2 * sqrt(power * speed), square);
    assert_true(norm > 0 && speed > 0 && power > 0);
    near(task, "rate of the training loss", of(t, FPS_RESULT_TRAINING_LOSS_RATE, r), -square, ROUNDING * scale);
    if (exact) {
        near(task, "rate of the grid loss", rate, -square, ROUNDING * scale);
        near(task, "grid loss", of(t, FPS_RESULT_GRID_LOSS, r), of(t, FPS_RESULT_TRAINING_LOSS, r),
             ROUNDING * of(t, FPS_RESULT_TRAINING_LOSS, r));
    }
    for (int e = 0; e < THRESHOLDS; e++) {
        const int64_t at = r * THRESHOLDS + e;
        double share = of(t, FPS_RESULT_LOSS_SHARE_ABOVE, at), bound = of(t, FPS_RESULT_LOSS_SHARE_BOUND, at);
        if (!(share <= bound + ROUNDING * scale / fabs(rate)))
            fail_msg("R %.17g is above its bound %.17g (%s)", share, bound, about(task));
        near(task, "R", share * fabs(rate), fabs(of(t, FPS_RESULT_LOSS_RATE_ABOVE, at)), ROUNDING * scale);
        if (task->loss.code == FPS_LOSS_MSE)
            near(task, "R_CS", bound * fabs(rate),
                 2 * sqrt(of(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, at) * of(t, FPS_RESULT_VELOCITY_POWER_ABOVE, at)),
                 ROUNDING * scale);
        double change = fabs(of(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, at) - of(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, e));
        double variation = of(t, FPS_RESULT_RESIDUAL_POWER_VARIATION, at);
        if (!(change <= variation + ROUNDING * power))
            fail_msg("L+ changed by %.17g, its variation is %.17g (%s)", change, variation, about(task));
    }
    /* gd: the next update goes along the flow. */
    near(task, "rate along the update", of(t, FPS_RESULT_UPDATE_GRID_LOSS_RATE, r), rate, 1e-12 * scale);
    near(task, "rate along the update", of(t, FPS_RESULT_UPDATE_TRAINING_LOSS_RATE, r), -square, 1e-12 * scale);
    if (task->dimension == 1)
        check_sums(f, task, t, r);
}

static void check_task(fixture *f, const fps_task *task, bool exact) {
    const fps_record_spec spec = spec_of(f, task, 4, SPLIT);
    run(f, task, &spec, &f->t);
    assert_int_equal(f->t.records, 4);
    for (int64_t r = 0; r < f->t.records; r++)
        check_record(f, task, &f->t, r, exact);
}

/* The population of a normal density on the measuring grid, and the same as window: the theory's setting. */
static fps_task population_task(void) {
    fps_task task = plain_task();
    task.sampling.code = FPS_SAMPLING_POPULATION;
    task.samples = task.grid_points;
    task.density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0.2, 0.4}};
    task.window.code = FPS_WINDOW_DENSITY;
    task.learning_rate.argument[0] = 2e-3;
    task.steps = 30;
    return task;
}

static const fps_choice densities[] = {{.code = FPS_DENSITY_UNIFORM},
                                       {.code = FPS_DENSITY_NORMAL, .argument = {0.2, 0.15}},
                                       {.code = FPS_DENSITY_BETA, .argument = {2, 3}},
                                       {.code = FPS_DENSITY_EXPRESSION, .text = "exp(-8*(x-0.5)^2)+exp(-9*(x+0.3)^2)"}};
enum { DENSITIES = sizeof densities / sizeof *densities };

/* The population task in one or two dimensions, with another density. */
static fps_task task_in(int64_t dimension, int density) {
    fps_task task = population_task();
    task.density = densities[density];
    task.dimension = dimension;
    task.target.text = dimension == 1 ? "sin(3*x)+0.5*cos(7*x)" : "sin(3*x1)*cos(2*x2)";
    task.grid_points = dimension == 1 ? 64 : 12;
    task.samples = dimension == 1 ? 64 : 144;
    return task;
}

/* On the grid, and on other samples. */
static void check_both(fixture *f, fps_task task) {
    check_task(f, &task, true);
    task.sampling.code = FPS_SAMPLING_RANDOM;
    task.samples = 37;
    if (task.loss.code != FPS_LOSS_SOBOLEV)
        check_task(f, &task, false);
}

static void test_activations(void **state) {
    fixture *f = *state;
    for (int a = 0; a < FPS_ACTIVATION_COUNT; a++)
        for (int64_t depth = 0; depth <= 3; depth++)
            for (int d = 0; d < DENSITIES; d++)
                for (int64_t dimension = 1; dimension <= 2; dimension++) {
                    fps_task task = task_in(dimension, d);
                    task.activation.code = a;
                    task.depth = depth;
                    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.3}};
                    check_both(f, task);
                }
}

static void test_losses(void **state) {
    fixture *f = *state;
    static const fps_choice losses[] = {{.code = FPS_LOSS_MSE},
                                        {.code = FPS_LOSS_LP, .argument = {4}},
                                        {.code = FPS_LOSS_LP, .argument = {1.5}},
                                        {.code = FPS_LOSS_HUBER, .argument = {0.3}},
                                        {.code = FPS_LOSS_LOGCOSH},
                                        {.code = FPS_LOSS_MAE},
                                        {.code = FPS_LOSS_SOBOLEV, .argument = {0.5}},
                                        {.code = FPS_LOSS_SOBOLEV, .argument = {-1}}};
    static const int activations[] = {FPS_ACTIVATION_TANH, FPS_ACTIVATION_RELU, FPS_ACTIVATION_GELU,
                                      FPS_ACTIVATION_SIN};
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
        for (int a = 0; a < 4; a++)
            for (int64_t depth = 0; depth <= 3; depth++)
                for (int d = 0; d < DENSITIES; d++)
                    for (int64_t dimension = 1; dimension <= 2; dimension++) {
                        fps_task task = task_in(dimension, d);
                        task.loss = losses[l];
                        task.activation.code = activations[a];
                        task.depth = depth;
                        check_both(f, task);
                    }
}

/* Features, biases alone, the output alone, parametrisation ntk, antisymmetric outputs, no biases; uniform weights. */
static void test_networks(void **state) {
    fixture *f = *state;
    fps_task task = population_task();
    task.decay_rate = 2;
    task.band_limit = 8;
    task.frequency_step = 0.3;
    check_task(f, &task, true);
    task.depth = 0;
    check_task(f, &task, true);
    for (int train = 0; train < FPS_TRAIN_COUNT; train++) {
        task = population_task();
        task.train.code = train;
        check_task(f, &task, true);
    }
    task = population_task();
    task.initializer.code = FPS_INITIALIZER_NTK;
    check_task(f, &task, true);
    task.antisymmetric.code = FPS_YES;
    check_task(f, &task, true);
    task = population_task();
    task.bias.code = FPS_BIAS_NONE;
    check_task(f, &task, true);
    task = population_task();
    task.sampling.code = FPS_SAMPLING_MIDPOINT;
    task.window.code = FPS_WINDOW_NONE;
    check_task(f, &task, true);
    task.window.code = FPS_WINDOW_HANN;
    check_task(f, &task, false);
}

/* ---- beside the identities ---- */

static fps_task elsewhere(fps_task task) {
    task.sampling.code = FPS_SAMPLING_QUANTILE;
    task.samples = 37;
    return task;
}

/* Looking changes nothing: the same weights and losses with and without, whoever computes the gradient. */
static void test_training_is_untouched(void **state) {
    fixture *f = *state;
    for (int kind = 0; kind < 12; kind++) {
        fps_task task = kind % 2 ? population_task() : elsewhere(population_task());
        task.optimizer.code = kind / 2 % 3 == 0 ? FPS_OPTIMIZER_GD : FPS_OPTIMIZER_ADAM;
        task.batch_size = kind / 2 % 3 == 2 ? 16 : 0;
        task.precision.code = kind < 6 ? FPS_DOUBLE : FPS_SINGLE;
        fps_record_spec spec = spec_of(f, &task, 7, SPLIT | FPS_KEEP_PARAMETERS);
        run(f, &task, &spec, &f->t);
        spec = spec_of(f, &task, 7, FPS_KEEP_FUNCTION | FPS_KEEP_PARAMETERS);
        run(f, &task, &spec, &f->other);
        const fps_extent *e = &f->t.extent;
        assert_memory_equal(f->t.value[FPS_RESULT_WEIGHTS_FINAL], f->other.value[FPS_RESULT_WEIGHTS_FINAL],
                            (size_t)e->size[FPS_WEIGHT] * sizeof(double));
        assert_memory_equal(f->t.value[FPS_RESULT_TRAINING_LOSS], f->other.value[FPS_RESULT_TRAINING_LOSS],
                            (size_t)f->t.records * sizeof(double));
        if (kind % 2 == 0) /* on a grid of its own everything else is the same bits too */
            for (int r = 0; r < FPS_RESULT_COUNT; r++)
                if (f->other.value[r] && fps_result_fields[r].dimension[0] == FPS_RECORD)
                    assert_memory_equal(f->t.value[r], f->other.value[r],
                                        (size_t)fps_result_elements(&fps_result_fields[r], e) * sizeof(double));
    }
}

/* Records at every step: the variation is the sum of what they differ by, to the last bit. */
static void test_variation(void **state) {
    fixture *f = *state;
    for (int kind = 0; kind < 4; kind++) {
        fps_task task = kind % 2 ? population_task() : elsewhere(population_task());
        task.batch_size = kind < 2 ? 0 : 16;
        task.learning_rate.argument[0] = 0.05;
        fps_record_spec spec = spec_of(f, &task, task.steps + 1, FPS_KEEP_VARIATION);
        run(f, &task, &spec, &f->t);
        assert_int_equal(f->t.records, task.steps + 1);
        spec = spec_of(f, &task, 2, FPS_KEEP_VARIATION);
        run(f, &task, &spec, &f->other);
        for (int e = 0; e < THRESHOLDS; e++) {
            double sum = 0, last = of(&f->t, FPS_RESULT_RESIDUAL_POWER_ABOVE, e);
            for (int64_t r = 0; r < f->t.records; r++) {
                double now = of(&f->t, FPS_RESULT_RESIDUAL_POWER_ABOVE, r * THRESHOLDS + e);
                sum += fabs(now - last);
                last = now;
                assert_true(of(&f->t, FPS_RESULT_RESIDUAL_POWER_VARIATION, r * THRESHOLDS + e) == sum);
            }
            assert_true(sum > 0);
            /* With batches on the grid itself, records read the samples and the steps between them the grid: rounding.
             */
            near(&task, "variation", of(&f->other, FPS_RESULT_RESIDUAL_POWER_VARIATION, THRESHOLDS + e), sum,
                 kind == 3 ? 1e-12 : 0);
        }
    }
}

/* A small update changes the losses by its rate times the learning rate, whatever the optimizer and its state. */
static void test_updates(void **state) {
    fixture *f = *state;
    for (int optimizer = 0; optimizer < FPS_OPTIMIZER_COUNT; optimizer++)
        for (int batch = 0; batch < (optimizer < FPS_OPTIMIZER_UPDATES ? 2 : 1); batch++) { /* flow has no batches */
            fps_task task = population_task();
            task.optimizer.code = optimizer;
            task.batch_size = batch ? 16 : 0;
            task.learning_rate.argument[0] = 1e-9;
            task.steps = 6;
            fps_record_spec spec = spec_of(f, &task, 7, SPLIT);
            run(f, &task, &spec, &f->t);
            for (int64_t r = 0; r + 1 < f->t.records; r++) {
                double change = of(&f->t, FPS_RESULT_GRID_LOSS, r + 1) - of(&f->t, FPS_RESULT_GRID_LOSS, r);
                double rate = of(&f->t, FPS_RESULT_UPDATE_GRID_LOSS_RATE, r);
                near(&task, "change by an update", change / 1e-9, rate, 2e-5 * fabs(rate));
                near(&task, "rates on samples and grid", of(&f->t, FPS_RESULT_UPDATE_TRAINING_LOSS_RATE, r), rate,
                     1e-12 * fabs(rate));
                change = of(&f->t, FPS_RESULT_RESIDUAL_POWER, (r + 1) * 33 + 2) -
                         of(&f->t, FPS_RESULT_RESIDUAL_POWER, r * 33 + 2);
                rate = of(&f->t, FPS_RESULT_UPDATE_RESIDUAL_POWER_RATE, r * 33 + 2);
                near(&task, "change of a frequency", change / 1e-9, rate, 1e-4 * fabs(rate) + 1e-6);
            }
        }
}

/* Single precision is the same to its rounding. */
static void test_single(void **state) {
    fixture *f = *state;
    for (int kind = 0; kind < 2; kind++) {
        fps_task task = kind ? population_task() : elsewhere(population_task());
        fps_record_spec spec = spec_of(f, &task, 3, SPLIT);
        run(f, &task, &spec, &f->t);
        task.precision.code = FPS_SINGLE;
        run(f, &task, &spec, &f->other);
        static const fps_result results[] = {
            FPS_RESULT_GRID_LOSS,           FPS_RESULT_GRID_LOSS_RATE,  FPS_RESULT_GRADIENT_NORM,
            FPS_RESULT_TRAINING_LOSS_RATE,  FPS_RESULT_RESIDUAL_POWER,  FPS_RESULT_RESIDUAL_POWER_RATE,
            FPS_RESULT_VELOCITY_POWER,      FPS_RESULT_LOSS_RATE_ABOVE, FPS_RESULT_UPDATE_GRID_LOSS_RATE,
            FPS_RESULT_VELOCITY_POWER_ABOVE};
        for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
            int64_t elements = fps_result_elements(&fps_result_fields[results[i]], &f->t.extent);
            double largest = 0;
            for (int64_t k = 0; k < elements; k++)
                largest = fmax(largest, fabs(of(&f->t, results[i], k)));
            for (int64_t k = 0; k < elements; k++)
                near(&task, fps_result_fields[results[i]].name, of(&f->other, results[i], k), of(&f->t, results[i], k),
                     1e-5 * largest);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_activations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_losses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_networks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_training_is_untouched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_variation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_updates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_single, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
