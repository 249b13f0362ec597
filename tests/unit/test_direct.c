/* floor: experiment */
/* The variational problem of `model: direct`: known numbers, identities between its results, caching, refusals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/lattice.h"
#include "fpsweep/trainer.h"

/* Four points in 1-D, dxi = 0.25. */
static double four_x[] = {.1, .35, .6, .8}, four_y[] = {1, -.5, .75, .25};
static fps_dataset four = {.samples = 4, .dimension = 1, .x = four_x, .y = four_y, .hash = 1};

static fps_task task_of(const fps_dataset *data, double alpha, double frequency_step) {
    fps_task task = {.model = {.code = FPS_MODEL_DIRECT},
                     .dimension = data->dimension,
                     .target = {.code = FPS_TARGET_DATA},
                     .domain = {{0, 1}, {0, 1}, {0, 1}},
                     .samples = data->samples,
                     .data = "points.csv",
                     .dataset = data,
                     .decay_rate = alpha,
                     .frequency_step = frequency_step,
                     .grid_points = 10};
    return task;
}

static void run(fps_trainer *trainer, const fps_task *task, int32_t rungs, int64_t *ladder, unsigned keep,
                fps_trajectory *trajectory) {
    int32_t mode[] = {0, 1, 2, 5};
    const fps_record_spec spec = {
        .frequencies = 4, .mode = mode, .keep = FPS_ONLY_DIRECT | keep, .rungs = rungs, .ladder = ladder};
    assert_int_equal(fps_trainer_run(trainer, task, &spec, NULL, trajectory), FPS_OK);
}

static void assert_close(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.17g is not %.17g within %g", what, a, b, tolerance);
}

/* S, E, lambda, and h at .2, .5, .95, for three decay rates. */
static void four_points_have_the_known_numbers(void **state) {
    (void)state;
    const struct {
        double alpha;
        int64_t m;
        double s, e, lambda[4], h[3];
    } cases[] = {
        {0.5,
         50,
         11.823865815195,
         0.16258754177055,
         {0.08574686280444, -0.04835750011638, 0.06359142883342, 0.01987342913145},
         {0.160656392938, 0.1194944966857, 0.01032380369995}},
        {1.0,
         1000,
         12.4302240221459,
         0.15368055691996,
         {0.08153808737689, -0.04479087337377, 0.06051693568171, 0.01743732437965},
         {0.08811771726681, 0.06358788752245, 0.02568589969487}},
        {3.0,
         1000,
         1.99998401649377,
         1.6090614154838,
         {0.7438887805683, -0.7891026874908, 0.6693131457977, -0.1254542727128},
         {0.3838767386841, 0.2348373652673, 0.08609773200621}},
    };
    fps_trainer *trainer;
    fps_trajectory t = {.records = 0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const fps_task task = task_of(&four, cases[i].alpha, 0.25);
        int64_t ladder[] = {cases[i].m};
        run(trainer, &task, 1, ladder, FPS_KEEP_MULTIPLIERS, &t);
        assert_int_equal(t.outcome, FPS_DONE);
        assert_close(t.value[FPS_RESULT_KERNEL_AT_ZERO][0], cases[i].s, 1e-12 * cases[i].s, "S");
        assert_close(t.value[FPS_RESULT_ENERGY][0], cases[i].e, 1e-11 * cases[i].e, "E");
        for (int k = 0; k < 4; k++)
            assert_close(t.value[FPS_RESULT_MULTIPLIER][k], cases[i].lambda[k], 2e-13, "lambda");
        /* h from the multipliers and the kernel */
        const double at[3] = {.2, .5, .95};
        for (int p = 0; p < 3; p++) {
            double x[4], shell[4], h = 0;
            for (int k = 0; k < 4; k++)
                x[k] = at[p] - four_x[k];
            const fps_lattice_spec spec = {1, 0.25, 1, ladder, 4, x, false, false};
            fps_lattice *lattice;
            assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_OK);
            assert_int_equal(fps_lattice_shells(lattice, cases[i].alpha, shell), FPS_OK);
            for (int k = 0; k < 4; k++)
                h += t.value[FPS_RESULT_MULTIPLIER][k] * shell[k];
            assert_close(h, cases[i].h[p], 2e-13, "h");
            fps_lattice_destroy(&lattice);
        }
    }
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

/* The end of every ladder, alpha = 2: E and h at .2, .5, .95 from the closed form of the kernel's limit. */
static void limit_has_the_known_numbers(void **state) {
    (void)state;
    double k[4][5];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++)
            k[i][j] = fps_lattice_limit(0.25, 2, four_x[i] - four_x[j]);
        k[i][4] = four_y[i];
    }
    for (int i = 0; i < 4; i++) /* Gauss-Jordan; the matrix is positive definite */
        for (int r = 0; r < 4; r++) {
            double factor = k[r][i] / k[i][i];
            for (int j = i; r != i && j < 5; j++)
                k[r][j] -= factor * k[i][j];
        }
    double energy = 0;
    for (int i = 0; i < 4; i++)
        energy += four_y[i] * k[i][4] / k[i][i];
    assert_close(energy, 0.728078926495973, 1e-11 * energy, "E of the limit");
    const double at[] = {.2, .5, .95}, known[] = {0.32724720332408, 0.20901662190925, 0.097415286496167};
    for (int p = 0; p < 3; p++) {
        double h = 0;
        for (int i = 0; i < 4; i++)
            h += k[i][4] / k[i][i] * fps_lattice_limit(0.25, 2, at[p] - four_x[i]);
        assert_close(h, known[p], 1e-11 * known[p], "h of the limit");
    }
}

/* Results of one run against each other, in one to three dimensions. */
static void results_agree_with_each_other(void **state) {
    (void)state;
    fps_trainer *trainer;
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    for (int d = 1; d <= 3; d++) {
        enum { N = 3 };
        double x[N * 3], y[N] = {1, -2, 0.5};
        for (int i = 0; i < N; i++)
            for (int a = 0; a < d; a++)
                x[i * d + a] = 0.1 + 0.3 * i + 0.05 * a * i;
        const fps_dataset data = {.samples = N, .dimension = d, .x = x, .y = y, .hash = 2};
        const fps_task task = task_of(&data, d + 0.5, 0.25);
        int64_t ladder[] = {4, 13, 40};
        fps_trajectory t = {.records = 0};
        run(trainer, &task, 3, ladder, FPS_KEEP_MULTIPLIERS | FPS_KEEP_SPECTRUM, &t);
        assert_int_equal(t.outcome, FPS_DONE);
        assert_int_equal(t.records, 3);
        for (int k = 0; k < 3; k++) {
            assert_true(t.value[FPS_RESULT_RUNG_BAND_LIMIT][k] == (double)ladder[k]);
            assert_true(t.value[FPS_RESULT_RECIPROCAL_CONDITION][k] > 1e-6);
            double energy = 0;
            for (int i = 0; i < N; i++)
                energy += y[i] * t.value[FPS_RESULT_MULTIPLIER][k * N + i];
            assert_close(t.value[FPS_RESULT_ENERGY][k], energy, 1e-14, "E = y . lambda");
            if (k < 2) {
                double drop = t.value[FPS_RESULT_ENERGY][k] - t.value[FPS_RESULT_ENERGY][k + 1];
                assert_close(t.value[FPS_RESULT_ENERGY_DROP][k], drop, 1e-12 * energy, "energy_drop");
            }
        }
        /* |phi_0| on every axis is |sum lambda| */
        int64_t directions = t.extent.size[FPS_DIRECTION];
        for (int64_t a = 0; a < directions; a++) {
            double sum = 0;
            for (int i = 0; i < N; i++)
                sum += t.value[FPS_RESULT_MULTIPLIER][2 * N + i];
            double phi = t.value[FPS_RESULT_INTERPOLANT_RE][(2 * directions + a) * 4];
            assert_close(fabs(phi), fabs(sum), 1e-14, "phi_0");
        }
        assert_true(isnan(t.value[FPS_RESULT_ENERGY_DROP][2]));
        fps_trajectory_release(&t);
    }
    fps_trainer_destroy(&trainer);
}

/* In 1-D: E = dxi sum <xi>^alpha |phi|^2 and |h|^2 = dxi sum |phi|^2 by the plain sums over all frequencies. */
static void energy_and_norm_are_those_of_the_spectrum(void **state) {
    (void)state;
    enum { M = 40 };
    int32_t mode[M + 1];
    for (int j = 0; j <= M; j++)
        mode[j] = j;
    int64_t ladder[] = {M};
    const fps_record_spec spec = {
        .frequencies = M + 1, .mode = mode, .keep = FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM, .rungs = 1, .ladder = ladder};
    fps_trainer *trainer;
    fps_trajectory t = {.records = 0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    const fps_task task = task_of(&four, 1.3, 0.25);
    assert_int_equal(fps_trainer_run(trainer, &task, &spec, NULL, &t), FPS_OK);
    double energy = 0, square = 0;
    for (int j = 0; j <= M; j++) {
        double re = t.value[FPS_RESULT_INTERPOLANT_RE][j], im = t.value[FPS_RESULT_INTERPOLANT_IM][j];
        double xi = 0.25 * j, power = (j ? 2 : 1) * 0.25 * (re * re + im * im);
        energy += pow(1 + xi * xi, 0.65) * power;
        square += power;
    }
    assert_close(t.value[FPS_RESULT_ENERGY][0], energy, 1e-13, "E");
    assert_close(t.value[FPS_RESULT_NORM][0], sqrt(square), 1e-13, "norm");
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

/* One point: h is K(x)/K(0); its averaged half-width against the plain definition. */
static void spike_width_is_where_the_averaged_interpolant_is_half(void **state) {
    (void)state;
    double x = 0.3, y = 2;
    const fps_dataset one = {.samples = 1, .dimension = 1, .x = &x, .y = &y, .hash = 3};
    const fps_task task = task_of(&one, 0.8, 0.1);
    int64_t ladder[] = {500, 2000};
    fps_trainer *trainer;
    fps_trajectory t = {.records = 0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    run(trainer, &task, 2, ladder, FPS_KEEP_SPIKE, &t);
    for (int k = 0; k < 2; k++) {
        double width = t.value[FPS_RESULT_SPIKE_WIDTH][k], at_zero = 0.5, at_width = 0.5;
        for (int64_t j = 1; j <= ladder[k]; j++) {
            double xi = 0.1 * (double)j, ripple = 3.14159265358979323846 * (double)j / (double)ladder[k];
            double weight = pow(1 + xi * xi, -0.4) * sin(ripple) / ripple;
            at_zero += weight;
            at_width += weight * cos(2 * 3.14159265358979323846 * xi * width);
        }
        assert_close(at_width / at_zero, 0.5, 1e-10, "averaged interpolant at its width");
    }
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

/* The tables kept between tasks must not change a bit. */
static void neighbours_do_not_change_bits(void **state) {
    (void)state;
    int64_t ladder[] = {40, 121};
    fps_trainer *used, *fresh;
    fps_trajectory a = {.records = 0}, b = {.records = 0};
    assert_int_equal(fps_trainer_create(&used), FPS_OK);
    const double alphas[] = {2.5, 0.7, 1.3};
    for (int i = 0; i < 3; i++) {
        const fps_task task = task_of(&four, alphas[i], 0.25);
        run(used, &task, 2, ladder, FPS_KEEP_MULTIPLIERS, &a);
    }
    assert_int_equal(fps_trainer_create(&fresh), FPS_OK);
    const fps_task task = task_of(&four, alphas[2], 0.25);
    run(fresh, &task, 2, ladder, FPS_KEEP_MULTIPLIERS, &b);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (a.value[r])
            assert_memory_equal(a.value[r], b.value[r],
                                (size_t)fps_result_elements(&fps_result_fields[r], &a.extent) * sizeof(double));
    fps_trajectory_release(&a);
    fps_trajectory_release(&b);
    fps_trainer_destroy(&used);
    fps_trainer_destroy(&fresh);
}

static void equal_points_fail_with_the_numbers(void **state) {
    (void)state;
    double x[] = {.25, .25}, y[] = {1, 2};
    const fps_dataset twice = {.samples = 2, .dimension = 1, .x = x, .y = y, .hash = 4};
    const fps_task task = task_of(&twice, 2, 0.25);
    int64_t ladder[] = {40};
    fps_trainer *trainer;
    fps_trajectory t = {.records = 0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    run(trainer, &task, 1, ladder, 0, &t);
    assert_int_equal(t.outcome, FPS_FAILED);
    assert_non_null(strstr(t.message, "singular at band limit 40"));
    assert_non_null(strstr(t.message, ": spread the samples or raise the ladder")); /* the advice is not cut off */
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_points_have_the_known_numbers),
        cmocka_unit_test(limit_has_the_known_numbers),
        cmocka_unit_test(results_agree_with_each_other),
        cmocka_unit_test(energy_and_norm_are_those_of_the_spectrum),
        cmocka_unit_test(spike_width_is_where_the_averaged_interpolant_is_half),
        cmocka_unit_test(neighbours_do_not_change_bits),
        cmocka_unit_test(equal_points_fail_with_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
