/* floor: experiment, with: reference.c */
/* What the trainer promises beside right numbers: how tasks end, what is recorded, the same bits in any order. */
#include <complex.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "fpsweep/trainer.h"
#include "reference.h"
#include "tasks.h"

/* Count the library's allocations: fps_alloc() calls this one. */
static int64_t allocations;
void *aligned_alloc(size_t alignment, size_t size) {
    allocations++;
    return memalign(alignment, size);
}

static const unsigned keep_all = FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS | FPS_KEEP_FUNCTION | FPS_KEEP_FINAL_FUNCTION;

typedef struct fixture {
    fps_trainer *trainer;
    fps_trajectory t, other;
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

static void run(fixture *f, const fps_task *task, const fps_record_spec *spec, fps_trajectory *t) {
    assert_int_equal(fps_trainer_run(f->trainer, task, spec, NULL, t), FPS_OK);
    assert_string_equal(t->message, "");
}

/* A reference with the weights, samples and labels that a trajectory reports. */
static void reference_of(reference *r, const fps_task *task, const fps_trajectory *t, fps_result weights) {
    int64_t n = t->extent.size[FPS_SAMPLE], d = task->dimension;
    reference_from_task(r, task, n);
    memcpy(r->weights, t->value[weights], (size_t)r->count * sizeof(double));
    memcpy(r->label, t->value[FPS_RESULT_SAMPLE_Y], (size_t)n * sizeof(double));
    for (int64_t i = 0; i < n; i++)
        if (task->decay_rate >= 0)
            reference_features((int)d, task->band_limit, task->frequency_step, task->decay_rate,
                               t->value[FPS_RESULT_SAMPLE_X] + i * d, r->input + i * r->shape.inputs);
        else
            memcpy(r->input + i * d, t->value[FPS_RESULT_SAMPLE_X] + i * d, (size_t)d * sizeof(double));
}

static void near(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.17g and %.17g differ by %.1e", what, a, b, fabs(a - b));
}

/* ---- batches ---- */

/* Steps of mini-batches by the words of batches.h. */
static void permutation(uint64_t seed, int64_t epoch, int32_t *order, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        order[i] = (int32_t)i;
    for (int64_t p = 0; p < n - 1; p++) {
        uint64_t bits = fps_random_bits(seed, FPS_PURPOSE_BATCHES, 0, (uint64_t)(epoch * n + p));
        int64_t q = p + (int64_t)((unsigned __int128)bits * (uint64_t)(n - p) >> 64);
        int32_t held = order[p];
        order[p] = order[q];
        order[q] = held;
    }
}

static void batches_are_permutations(void **state) {
    fixture *f = *state;
    fps_task task = plain_task();
    task.batch_size = 8;
    task.steps = 57;
    task.optimizer.code = FPS_OPTIMIZER_MOMENTUM;
    fps_record_spec spec = plain_record(7, 8, keep_all);
    run(f, &task, &spec, &f->t);
    reference r;
    reference_of(&r, &task, &f->t, FPS_RESULT_WEIGHTS_INITIAL);
    int32_t order[41];
    int64_t record = 0;
    for (int64_t step = 0;; step++) {
        if (step == (int64_t)f->t.value[FPS_RESULT_STEP][record]) {
            double loss = reference_gradient(&r, NULL, 0);
            near(f->t.value[FPS_RESULT_TRAINING_LOSS][record++], loss, 1e-13, "loss of all samples between batches");
        }
        if (step == task.steps)
            break;
        if (step % (41 / 8) == 0)
            permutation((uint64_t)task.seed, step / (41 / 8), order, 41);
        reference_step(&r, order + step % (41 / 8) * 8, 8);
    }
    assert_int_equal(record, f->t.records);
    for (int64_t i = 0; i < r.count; i++)
        near(f->t.value[FPS_RESULT_WEIGHTS_FINAL][i], r.weights[i], 1e-12, "final weight");
    reference_release(&r);
    bool seen[41] = {false};
    permutation(7, 3, order, 41);
    for (int i = 0; i < 41; i++)
        seen[order[i]] = true;
    for (int i = 0; i < 41; i++)
        assert_true(seen[i]);
    task.batch_size = 41; /* all samples: the full batch */
    run(f, &task, &spec, &f->t);
    task.batch_size = 0;
    run(f, &task, &spec, &f->other);
    for (int64_t i = 0; i < f->t.extent.size[FPS_WEIGHT]; i++)
        assert_true(f->t.value[FPS_RESULT_WEIGHTS_FINAL][i] == f->other.value[FPS_RESULT_WEIGHTS_FINAL][i]);
}

/* ---- how tasks end ---- */

static void tolerance_stops_at_the_first_step_below_it(void **state) {
    fixture *f = *state;
    for (int64_t batch = 0; batch <= 8; batch += 8) {
        fps_task task = plain_task();
        task.steps = 1000;
        fps_record_spec spec = plain_record(1001, 4, keep_all); /* every step */
        task.batch_size = batch;
        run(f, &task, &spec, &f->other);
        const double *loss = f->other.value[FPS_RESULT_TRAINING_LOSS];
        int64_t stop = 0, every = batch ? 41 / 8 : 1;
        task.tolerance = 0.5 * (loss[300] + loss[301]);
        spec.count = 5; /* 0, 250, 500, ... : batches are looked at after each epoch and at records */
        for (int64_t step = 0; step <= 1000 && !stop; step++)
            if (loss[step] < task.tolerance && (step % every == 0 || step % 250 == 0))
                stop = step;
        run(f, &task, &spec, &f->t);
        assert_int_equal(f->t.outcome, FPS_DONE);
        int64_t last = f->t.records - 1;
        assert_true(last >= 1 && stop > 250);
        assert_true(f->t.value[FPS_RESULT_STEP][last] == (double)stop);
        assert_true(f->t.value[FPS_RESULT_TRAINING_LOSS][last] == loss[stop]);
        assert_true(f->t.value[FPS_RESULT_TEST_LOSS][last] == f->other.value[FPS_RESULT_TEST_LOSS][stop]);
        task.tolerance = 0; /* the weights are those of that very step */
        task.steps = stop;
        spec.count = 2;
        run(f, &task, &spec, &f->other);
        for (int64_t i = 0; i < f->t.extent.size[FPS_WEIGHT]; i++)
            assert_true(f->t.value[FPS_RESULT_WEIGHTS_FINAL][i] == f->other.value[FPS_RESULT_WEIGHTS_FINAL][i]);
    }
}

static void a_tolerance_met_at_once_leaves_one_record(void **state) {
    fixture *f = *state;
    fps_task task = plain_task();
    task.tolerance = 1e9;
    fps_record_spec spec = plain_record(10, 4, keep_all);
    run(f, &task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DONE);
    assert_int_equal(f->t.records, 1);
    for (int64_t i = 0; i < f->t.extent.size[FPS_WEIGHT]; i++)
        assert_true(f->t.value[FPS_RESULT_WEIGHTS_FINAL][i] == f->t.value[FPS_RESULT_WEIGHTS_INITIAL][i]);
}

static void a_diverging_task_is_a_result(void **state) {
    fixture *f = *state;
    for (int precision = FPS_SINGLE; precision <= FPS_DOUBLE; precision++)
        for (int64_t batch = 0; batch <= 8; batch += 8) {
            fps_task task = plain_task();
            task.precision.code = precision;
            task.batch_size = batch;
            task.activation.code = FPS_ACTIVATION_RELU;
            task.learning_rate.argument[0] = 1e3;
            task.steps = 500;
            fps_record_spec spec = plain_record(501, 8, keep_all);
            run(f, &task, &spec, &f->t);
            assert_int_equal(f->t.outcome, FPS_DIVERGED);
            assert_in_range(f->t.records, 2, 400);
            for (int64_t r = 0; r < f->t.records; r++)
                assert_true(isfinite(f->t.value[FPS_RESULT_TRAINING_LOSS][r]));
            assert_true(f->t.value[FPS_RESULT_TRAINING_LOSS][f->t.records - 1] > 1e3);
            /* the function kept is that of the last row that counts */
            int64_t grid = task.grid_points, row = (f->t.records - 1) * grid;
            for (int64_t g = 0; g < grid; g++)
                assert_true(f->t.value[FPS_RESULT_NETWORK_ON_GRID_FINAL][g] ==
                            f->t.value[FPS_RESULT_NETWORK_ON_GRID][row + g]);
        }
}

static void what_cannot_run_fails_with_a_reason(void **state) {
    fixture *f = *state;
    fps_record_spec spec = plain_record(5, 4, keep_all);
    fps_task task = plain_task();
    task.target.text = "1/x";
    task.domain[0][0] = -1;
    task.domain[0][1] = 1;
    task.samples = 3; /* x = 0 is a sample */
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);
    assert_non_null(strstr(f->t.message, "1/x"));
    assert_non_null(strstr(f->t.message, "x = 0"));
    assert_int_equal(f->t.records, 0);

    task = plain_task(); /* nothing that is trained moves the output */
    task.initializer.code = FPS_INITIALIZER_ZERO;
    task.bias.code = FPS_BIAS_NONE;
    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {1}};
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);
    assert_non_null(strstr(f->t.message, "stable"));

    task = plain_task();
    task.grid_points = 6; /* mode 63 does not exist there */
    spec.frequencies = 64;
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);

    task = plain_task(); /* and the trainer goes on */
    spec.frequencies = 4;
    run(f, &task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DONE);
}

/* ---- the hook ---- */

typedef struct listener {
    int64_t calls, stop_after, last_step, steps;
    double last_s, longest_s;
} listener;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool listen(void *context, int64_t step, int64_t steps) {
    listener *l = context;
    double now = now_s();
    assert_true(step >= l->last_step);
    l->longest_s = l->calls ? fmax(l->longest_s, now - l->last_s) : 0;
    l->last_s = now;
    l->last_step = step;
    l->steps = steps;
    return ++l->calls == l->stop_after;
}

static void the_hook_is_heard_and_obeyed(void **state) {
    fixture *f = *state;
    for (int64_t batch = 0; batch <= 16; batch += 16) {
        listener l = {.stop_after = 4};
        fps_hook hook = {.call = listen, .context = &l};
        fps_task task = plain_task();
        task.batch_size = batch;
        task.steps = 1000000000;
        fps_record_spec spec = plain_record(20, 4, keep_all);
        spec.spacing = FPS_SPACING_LOG;
        assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, &hook, &f->t), FPS_STOPPED);
        assert_int_equal(f->t.outcome, FPS_PENDING);
        assert_int_equal(l.steps, task.steps);
        assert_true(f->t.records > 3 && f->t.value[FPS_RESULT_STEP][f->t.records - 1] <= (double)l.last_step);
        /* 50 ms is the promise on a quiet core; ten times that on one that tests share */
        assert_true(l.longest_s < 0.5);
    }
    listener l = {.stop_after = 2}; /* within one record: a large grid */
    fps_hook hook = {.call = listen, .context = &l};
    fps_task task = plain_task();
    task.dimension = 2;
    task.samples = 36;
    task.sampling.code = FPS_SAMPLING_MIDPOINT;
    task.target.text = "sin(x1)*x2";
    task.grid_points = 600;
    fps_record_spec spec = plain_record(2, 4, 0);
    task.steps = 1;
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, &hook, &f->t), FPS_STOPPED);
    assert_int_equal(f->t.records, 0);
    run(f, &task, &spec, &f->t); /* a task stopped half-way leaves nothing behind */
    assert_int_equal(f->t.outcome, FPS_DONE);
}

static void steps_and_records_allocate_nothing(void **state) {
    fixture *f = *state;
    for (int64_t batch = 0; batch <= 8; batch += 8) {
        int64_t counted[2];
        for (int i = 0; i < 2; i++) {
            fps_task task = plain_task();
            task.batch_size = batch;
            task.steps = i ? 2000 : 20;
            fps_record_spec spec = plain_record(21, 8, keep_all);
            run(f, &task, &spec, &f->t);
            int64_t before = allocations;
            run(f, &task, &spec, &f->t);
            counted[i] = allocations - before;
        }
        assert_true(counted[0] > 0);
        assert_int_equal(counted[0], counted[1]);
    }
}

/* ---- what is recorded ---- */

/* Network and target on the grid, spectra, errors and losses of a task, recomputed by plain sums. */
static void check_records(fixture *f, const fps_task *task, double (*target)(const double *x)) {
    int d = (int)task->dimension, frequencies = (int)task->grid_points / 2;
    fps_record_spec spec = plain_record(3, frequencies, keep_all);
    run(f, task, &spec, &f->t);
    const fps_trajectory *t = &f->t;
    int64_t side = task->grid_points, grid = t->extent.size[FPS_GRID], directions = d == 1 ? 1 : d + 1;
    int64_t last = t->records - 1, row = directions * frequencies;
    assert_int_equal(t->extent.size[FPS_DIRECTION], directions);
    assert_true(t->value[FPS_RESULT_STEP][last] == (double)task->steps);
    reference r;
    reference_of(&r, task, t, FPS_RESULT_WEIGHTS_FINAL);
    double *residual = malloc(sizeof *residual * (size_t)grid), *goal = malloc(sizeof *goal * (size_t)grid);
    double *weight = malloc(sizeof *weight * (size_t)grid), *input = malloc(sizeof *input * (size_t)r.shape.inputs);
    for (int64_t g = 0; g < grid; g++) {
        double x[3];
        int64_t rest = g;
        for (int a = d - 1; a >= 0; a--) {
            x[a] = task->domain[a][0] +
                   ((double)(rest % side) + 0.5) * (task->domain[a][1] - task->domain[a][0]) / (double)side;
            rest /= side;
        }
        if (task->decay_rate >= 0)
            reference_features(d, task->band_limit, task->frequency_step, task->decay_rate, x, input);
        else
            memcpy(input, x, sizeof *x * (size_t)d);
        goal[g] = target(x);
        residual[g] = reference_output(&r, input) - goal[g];
        weight[g] = 1.0 / (double)grid;
        near(t->value[FPS_RESULT_TARGET_ON_GRID][g], goal[g], 1e-14, "target on the grid");
        near(t->value[FPS_RESULT_NETWORK_ON_GRID][last * grid + g], residual[g] + goal[g], 1e-12, "network");
        assert_true(t->value[FPS_RESULT_NETWORK_ON_GRID_FINAL][g] ==
                    t->value[FPS_RESULT_NETWORK_ON_GRID][last * grid + g]);
    }
    near(t->value[FPS_RESULT_TEST_LOSS][last], reference_loss(&r, residual, weight, grid, side, NULL), 1e-12,
         "test loss");
    near(t->value[FPS_RESULT_TRAINING_LOSS][last], reference_gradient(&r, NULL, 0), 1e-12, "training loss");
    double largest = 0;
    for (int64_t i = 0; i < row; i++)
        largest = fmax(largest, hypot(t->value[FPS_RESULT_TARGET_RE][i], t->value[FPS_RESULT_TARGET_IM][i]));
    int missing = 0;
    for (int axis = 0; axis < d; axis++)
        for (int64_t k = 0; k < frequencies; k++) {
            int64_t i = axis * frequencies + k, at = last * row + i;
            double _Complex F = reference_coefficient(goal, d, side, axis, k, false);
            double _Complex R = reference_coefficient(residual, d, side, axis, k, false);
            near(cabs(t->value[FPS_RESULT_TARGET_RE][i] + I * t->value[FPS_RESULT_TARGET_IM][i] - F), 0, 1e-13, "F");
            near(cabs(t->value[FPS_RESULT_RESIDUAL_RE][at] + I * t->value[FPS_RESULT_RESIDUAL_IM][at] - R), 0, 1e-13,
                 "H - F");
            near(t->value[FPS_RESULT_RESIDUAL_RELATIVE][at], cabs(R) / largest, 1e-12, "residual relative");
            near(t->value[FPS_RESULT_FREQUENCY_ERROR_AMPLITUDE][at], fabs(cabs(R + F) - cabs(F)) / (cabs(F) + 1e-5),
                 1e-7, "amplitude error");
            double error = t->value[FPS_RESULT_FREQUENCY_ERROR][at];
            if (cabs(F) > 2e-12 * largest)
                near(error / (cabs(R) / cabs(F)), 1, 1e-13 * largest / cabs(F) + 1e-12 / cabs(R), "frequency error");
            else if (cabs(F) < 5e-13 * largest)
                assert_true(isnan(error));
            missing += isnan(error);
        }
    for (int64_t k = 0; k < frequencies && d > 1; k++) { /* radial: amplitudes, and errors made from them */
        int64_t i = d * frequencies + k, at = last * row + i;
        assert_true(t->value[FPS_RESULT_TARGET_RE][i] >= 0 && t->value[FPS_RESULT_TARGET_IM][i] == 0);
        near(t->value[FPS_RESULT_RESIDUAL_RELATIVE][at], t->value[FPS_RESULT_RESIDUAL_RE][at] / largest, 1e-13,
             "radial");
    }
    assert_true(missing < row / 2);
    free(input);
    free(weight);
    free(goal);
    free(residual);
    reference_release(&r);
}

static double target_1d(const double *x) {
    return sin(3 * x[0]) + 0.5 * cos(7 * x[0]);
}
static double target_2d(const double *x) {
    return sin(3 * x[0]) * cos(2 * x[1]) + x[1];
}
static double target_3d(const double *x) {
    return sin(3 * x[0]) * cos(2 * x[1]) + x[1] * x[2];
}

static void records_in_all_dimensions(void **state) {
    fixture *f = *state;
    static const char *const texts[] = {"sin(3*x) + 0.5*cos(7*x)", "sin(3*x1)*cos(2*x2) + x2",
                                        "sin(3*x1)*cos(2*x2) + x2*x3"};
    double (*const targets[])(const double *) = {target_1d, target_2d, target_3d};
    for (int d = 1; d <= 3; d++)
        for (int features = 0; features <= 1; features++)
            for (int loss = 0; loss < FPS_LOSS_COUNT; loss++) {
                fps_task task = plain_task();
                task.dimension = d;
                task.domain[1][1] = 0.7;
                task.target.text = texts[d - 1];
                task.sampling.code = FPS_SAMPLING_MIDPOINT;
                task.samples = d == 3 ? 27 : 25;
                task.grid_points = d == 1 ? 40 : d == 2 ? 18 : 8;
                task.decay_rate = features ? 1 : -1;
                task.band_limit = d == 1 ? 6 : 2;
                task.frequency_step = 0.2;
                task.loss = (fps_choice){.code = loss, .argument = {loss == FPS_LOSS_LP ? 3 : 0.5}};
                task.learning_rate.argument[0] = 1e-3;
                task.steps = 20;
                check_records(f, &task, targets[d - 1]);
            }
}

/* A pure sine has two coefficients; all others are rounding and must be called missing. */
static void noise_has_no_frequency_error(void **state) {
    fixture *f = *state;
    for (int precision = FPS_SINGLE; precision <= FPS_DOUBLE; precision++) {
        fps_task task = plain_task();
        task.domain[0][0] = -1;
        task.domain[0][1] = 1;
        task.target.text = "sin(3*pi*x)"; /* mode 3 of [-1, 1] */
        task.precision.code = precision;
        fps_record_spec spec = plain_record(2, 16, 0);
        run(f, &task, &spec, &f->t);
        for (int k = 0; k < 16; k++) {
            assert_int_equal(isnan(f->t.value[FPS_RESULT_FREQUENCY_ERROR][k]), k != 3);
            assert_true(isfinite(f->t.value[FPS_RESULT_RESIDUAL_RELATIVE][k]));
            assert_true(isfinite(f->t.value[FPS_RESULT_FREQUENCY_ERROR_AMPLITUDE][k]));
        }
    }
}

/* Labels without a transform: sums over the samples, along the axes. */
static void check_sums(fixture *f, const fps_task *task, const double *y, int64_t n) {
    enum { FREQUENCIES = 6 };
    fps_record_spec spec = plain_record(3, FREQUENCIES, keep_all);
    run(f, task, &spec, &f->t);
    int d = (int)task->dimension, row = (d == 1 ? 1 : d + 1) * FREQUENCIES;
    int64_t last = f->t.records - 1;
    assert_int_equal(f->t.extent.size[FPS_GRID], 0);
    assert_null(f->t.value[FPS_RESULT_NETWORK_ON_GRID]);
    assert_true(isnan(f->t.value[FPS_RESULT_TEST_LOSS][last]));
    reference r;
    reference_of(&r, task, &f->t, FPS_RESULT_WEIGHTS_FINAL);
    near(f->t.value[FPS_RESULT_TRAINING_LOSS][last], reference_gradient(&r, NULL, 0), 1e-12, "training loss");
    for (int axis = 0; axis < d; axis++)
        for (int k = 0; k < FREQUENCIES; k++) {
            double _Complex F = 0, R = 0;
            for (int64_t i = 0; i < n; i++) {
                const double *x = f->t.value[FPS_RESULT_SAMPLE_X] + i * d;
                double length = task->domain[axis][1] - task->domain[axis][0];
                double _Complex wave = cexp(-2 * M_PI * I * k * (x[axis] - task->domain[axis][0]) / length) / (double)n;
                near(f->t.value[FPS_RESULT_SAMPLE_Y][i], y[i], 0, "label");
                F += wave * y[i];
                R += wave * (reference_output(&r, x) - y[i]);
            }
            int64_t i = axis * FREQUENCIES + k, at = last * row + i;
            near(cabs(f->t.value[FPS_RESULT_TARGET_RE][i] + I * f->t.value[FPS_RESULT_TARGET_IM][i] - F), 0, 1e-12,
                 "F");
            near(cabs(f->t.value[FPS_RESULT_RESIDUAL_RE][at] + I * f->t.value[FPS_RESULT_RESIDUAL_IM][at] - R), 0,
                 1e-12, "H - F");
            near(f->t.value[FPS_RESULT_FREQUENCY_ERROR][at], cabs(R) / cabs(F), 1e-10 / cabs(F), "frequency error");
        }
    reference_release(&r);
}

static void random_labels_and_data(void **state) {
    fixture *f = *state;
    double x[3 * 30], y[30];
    for (int d = 1; d <= 3; d++) {
        fps_task task = plain_task();
        task.dimension = d;
        task.samples = 30;
        task.sampling.code = FPS_SAMPLING_RANDOM;
        task.target = (fps_choice){.code = FPS_TARGET_RANDOM};
        for (int i = 0; i < 30; i++)
            y[i] = fps_random_normal((uint64_t)task.data_seed, FPS_PURPOSE_LABELS, 0, (uint64_t)i);
        check_sums(f, &task, y, 30);
        for (int i = 0; i < 30 * d; i++)
            x[i] = -0.9 + 2.2 * fps_random_uniform(9, FPS_PURPOSE_DATA, 0, (uint64_t)i);
        fps_dataset data = {.samples = 30, .dimension = d, .x = x, .y = y};
        task.target.code = FPS_TARGET_DATA;
        task.dataset = &data;
        task.data = "points.csv";
        check_sums(f, &task, y, 30);
        for (int i = 0; i < 30 * d; i++)
            assert_true(f->t.value[FPS_RESULT_SAMPLE_X][i] == x[i]);
    }
    fps_task task = plain_task();
    task.target.code = FPS_TARGET_DATA;
    task.data = "points.csv"; /* never read */
    fps_record_spec spec = plain_record(3, 4, 0);
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);
    assert_non_null(strstr(f->t.message, "points.csv"));
}

static void noise_is_added_once_per_data_seed(void **state) {
    fixture *f = *state;
    fps_task task = plain_task();
    task.noise = 0.3;
    task.data_seed = 12;
    fps_record_spec spec = plain_record(2, 4, FPS_KEEP_PARAMETERS);
    run(f, &task, &spec, &f->t);
    for (int i = 0; i < 41; i++)
        near(f->t.value[FPS_RESULT_SAMPLE_Y][i],
             target_1d(&f->t.value[FPS_RESULT_SAMPLE_X][i]) +
                 0.3 * fps_random_normal(12, FPS_PURPOSE_NOISE, 0, (uint64_t)i),
             1e-14, "noisy label");
}

/* ---- learning rate ---- */

/* Largest eigenvalue of 2/n J J^T by many plain power iterations with the reference's gradients. */
static void stable_rates_are_stable(void **state) {
    fixture *f = *state;
    for (int trained = 0; trained < FPS_TRAIN_COUNT; trained++)
        for (int depth = 0; depth <= 3; depth += 1 + (depth > 0)) {
            fps_task task = plain_task();
            task.depth = depth;
            task.train.code = trained;
            task.steps = 1;
            task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.7}};
            fps_record_spec spec = plain_record(2, 4, keep_all);
            run(f, &task, &spec, &f->t);
            reference r;
            reference_of(&r, &task, &f->t, FPS_RESULT_WEIGHTS_INITIAL);
            r.loss = (fps_choice){.code = FPS_LOSS_MAE}; /* its gradient is sum of sign(residual) dh/dw / n */
            int64_t n = task.samples, w = r.count;
            double *jacobian = malloc(sizeof *jacobian * (size_t)(n * w)), u[64], v[64], value = 0;
            for (int32_t i = 0; i < n; i++) {
                double sign = reference_output(&r, r.input + i) > r.label[i] ? 1 : -1;
                reference_gradient(&r, &i, 1);
                for (int64_t k = 0; k < w; k++)
                    jacobian[i * w + k] = sign * r.gradient[k];
                u[i] = 1 + 0.3 * sin(i);
            }
            for (int iteration = 0; iteration < 3000; iteration++) {
                double norm = 0;
                for (int64_t i = 0; i < n; i++)
                    v[i] = 0;
                for (int64_t k = 0; k < w; k++) {
                    double sum = 0;
                    for (int64_t i = 0; i < n; i++)
                        sum += jacobian[i * w + k] * u[i];
                    for (int64_t i = 0; i < n; i++)
                        v[i] += jacobian[i * w + k] * sum * 2 / (double)n;
                }
                for (int64_t i = 0; i < n; i++)
                    norm += v[i] * v[i];
                value = sqrt(norm);
                for (int64_t i = 0; i < n; i++)
                    u[i] = v[i] / value;
            }
            near(f->t.value[FPS_RESULT_LEARNING_RATE_USED][0] * value / (0.7 * 2), 1, 2e-6, "stable learning rate");
            free(jacobian);
            reference_release(&r);
        }
}

/* ---- the same bits ---- */

static fps_task task_of_many(int i) {
    fps_task task = plain_task();
    task.dimension = 1 + i % 3;
    static const char *const texts[] = {"sin(3*x)", "sin(3*x1) + x2", "x1*x2*x3"};
    task.target.text = texts[i % 3];
    task.samples = i % 3 == 2 ? 27 : 25;
    task.sampling.code = i % 2 ? FPS_SAMPLING_JITTERED : FPS_SAMPLING_POPULATION;
    task.density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0.1 * (i % 4), 0.8}};
    task.depth = i % 4;
    task.widths[0] = 5 + i % 7;
    task.activation.code = i % FPS_ACTIVATION_COUNT;
    task.loss = (fps_choice){.code = i % FPS_LOSS_COUNT, .argument = {2}};
    if (task.loss.code == FPS_LOSS_SOBOLEV)
        task.sampling.code = FPS_SAMPLING_MIDPOINT;
    task.optimizer.code = i % FPS_OPTIMIZER_COUNT;
    task.learning_rate.argument[0] = 1e-4;
    task.precision.code = i / 2 % 2;
    task.batch_size = i % 5 == 4 && task.loss.code != FPS_LOSS_SOBOLEV ? 7 : 0;
    task.decay_rate = i % 4 == 3 ? 1.5 : -1;
    task.band_limit = 3;
    task.frequency_step = 0.25;
    task.grid_points = 8 + 2 * (i % 3);
    task.steps = 30 + i;
    return task;
}

static void any_order_gives_the_same_bits(void **state) {
    fixture *f = *state;
    enum { TASKS = 84 };
    static fps_trajectory forward[TASKS];
    fps_record_spec spec = plain_record(6, 4, keep_all);
    for (int i = 0; i < TASKS; i++) {
        fps_task task = task_of_many(i);
        run(f, &task, &spec, &forward[i]);
        assert_int_equal(forward[i].outcome, FPS_DONE);
    }
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < TASKS; k++) {
            int i = pass ? (k * 37 + 11) % TASKS : TASKS - 1 - k;
            fps_task task = task_of_many(i);
            run(f, &task, &spec, &f->t);
            assert_int_equal(f->t.records, forward[i].records);
            for (int r = 0; r < FPS_RESULT_COUNT; r++) {
                int64_t elements = fps_result_elements(&fps_result_fields[r], &f->t.extent);
                if (f->t.value[r] && memcmp(f->t.value[r], forward[i].value[r], (size_t)elements * sizeof(double)) != 0)
                    fail_msg("task %d gives another %s after other tasks", i, fps_result_fields[r].name);
            }
        }
    for (int i = 0; i < TASKS; i++)
        fps_trajectory_release(&forward[i]);
}

static void single_precision_follows_double(void **state) {
    fixture *f = *state;
    fps_task task = plain_task();
    fps_record_spec spec = plain_record(11, 12, keep_all);
    run(f, &task, &spec, &f->t);
    task.precision.code = FPS_SINGLE;
    run(f, &task, &spec, &f->other);
    for (int64_t r = 0; r < f->t.records; r++) {
        near(f->other.value[FPS_RESULT_TRAINING_LOSS][r] / f->t.value[FPS_RESULT_TRAINING_LOSS][r], 1, 1e-5, "loss");
        for (int k = 0; k < 12; k++)
            near(f->other.value[FPS_RESULT_RESIDUAL_RE][r * 12 + k], f->t.value[FPS_RESULT_RESIDUAL_RE][r * 12 + k],
                 1e-5, "spectrum");
    }
    for (int64_t i = 0; i < f->other.extent.size[FPS_WEIGHT]; i++) { /* what is stored is what was trained from */
        double w = f->other.value[FPS_RESULT_WEIGHTS_INITIAL][i];
        assert_true(w == (double)(float)w);
    }
}

static void the_self_test_repeats(void **state) {
    (void)state;
    uint64_t first = 0, second = 1;
    assert_int_equal(fps_self_test(&first), FPS_OK);
    assert_int_equal(fps_self_test(&second), FPS_OK);
    assert_true(first == second);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(batches_are_permutations),
        TEST(tolerance_stops_at_the_first_step_below_it),
        TEST(a_tolerance_met_at_once_leaves_one_record),
        TEST(a_diverging_task_is_a_result),
        TEST(what_cannot_run_fails_with_a_reason),
        TEST(the_hook_is_heard_and_obeyed),
        TEST(steps_and_records_allocate_nothing),
        TEST(records_in_all_dimensions),
        TEST(noise_has_no_frequency_error),
        TEST(random_labels_and_data),
        TEST(noise_is_added_once_per_data_seed),
        TEST(stable_rates_are_stable),
        TEST(any_order_gives_the_same_bits),
        TEST(single_precision_follows_double),
        TEST(the_self_test_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
