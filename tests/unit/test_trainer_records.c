/* floor: experiment, with: reference.c */
/* What a record holds, recomputed by plain sums: losses, spectra and errors in every dimension, labels without a
 * transform, and the learning rate that was used. */
#include <complex.h>

#include "fpsweep/random.h"
#include "trainer_fixture.h"

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
        /* Where no recorded mode has power all are noise, the largest too. */
        int32_t without[] = {2, 4, 5};
        spec.frequencies = 3;
        spec.mode = without;
        run(f, &task, &spec, &f->t);
        for (int k = 0; k < 3; k++) {
            assert_true(isnan(f->t.value[FPS_RESULT_FREQUENCY_ERROR][k]));
            assert_true(isnan(f->t.value[FPS_RESULT_RESIDUAL_RELATIVE][k]));
            assert_true(f->t.value[FPS_RESULT_FREQUENCY_ERROR_AMPLITUDE][k] >= 0);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(records_in_all_dimensions),         TEST(noise_has_no_frequency_error), TEST(random_labels_and_data),
        TEST(noise_is_added_once_per_data_seed), TEST(stable_rates_are_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
