/* floor: experiment, with: reference.c */
/* Depth 0 on Fourier features with a prescribed decay, full-batch gd from zero: the trained trajectory has a closed
 * form.
 *
 * With K = Psi Psi^T and loss mean (Psi a - y)^2 the residual after t steps of size eta is -(I - (2 eta/n) K)^t y, and
 * the trained function f_t(x) = k(x)^T V diag((1 - (1 - c l)^t) / l) V^T y, K = V diag(l) V^T, c = 2 eta/n. On a full
 * periodic grid each Fourier mode's residual shrinks by exactly 1 - 2 eta <xi>^-alpha per step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/trainer.h"
#include "reference.h"
#include "tasks.h"

static const double pi = 3.14159265358979323846;

static fps_task feature_task(double decay_rate, int64_t band_limit, double step) {
    fps_task task = plain_task();
    task.depth = 0;
    task.width = 0;
    task.domain[0][0] = task.domain[1][0] = task.domain[2][0] = 0;
    task.domain[0][1] = task.domain[1][1] = task.domain[2][1] = 1;
    task.bias.code = FPS_BIAS_NONE;
    task.initializer.code = FPS_INITIALIZER_ZERO;
    task.decay_rate = decay_rate;
    task.band_limit = band_limit;
    task.frequency_step = step;
    return task;
}

static void run(const fps_task *task, const fps_record_spec *spec, fps_trajectory *trajectory) {
    fps_trainer *trainer = NULL;
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    assert_int_equal(fps_trainer_run(trainer, task, spec, NULL, trajectory), FPS_OK);
    assert_string_equal(trajectory->message, "");
    assert_int_equal(trajectory->outcome, FPS_DONE);
    fps_trainer_destroy(&trainer);
}

/* dxi^d sum over the whole lattice of <xi>^-alpha cos(2 pi xi.(x - z)), d = 1 or 2. */
static double kernel(const fps_task *task, const double *x, const double *z) {
    int64_t m = task->band_limit, second = task->dimension > 1 ? m : 0;
    double sum = 0, step = task->frequency_step;
    for (int64_t j = -m; j <= m; j++)
        for (int64_t k = -second; k <= second; k++) {
            double u = (double)j * step, v = (double)k * step;
            double turns = u * (x[0] - z[0]) + (second ? v * (x[1] - z[1]) : 0);
            sum += pow(1 + u * u + v * v, -task->decay_rate / 2) * cos(2 * pi * turns);
        }
    return sum * pow(step, (double)task->dimension);
}

/* Eigenvalues a[i][i] and eigenvectors (columns of v) of a symmetric matrix, by Jacobi rotations. */
static void eigen(int n, double *a, double *v) {
    for (int i = 0; i < n * n; i++)
        v[i] = i / n == i % n;
    for (int sweep = 0; sweep < 60; sweep++)
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                if (a[p * n + q] == 0)
                    continue;
                double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
                double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
                double c = 1 / sqrt(t * t + 1), s = t * c;
                for (int i = 0; i < n; i++) {
                    double ip = a[i * n + p], iq = a[i * n + q];
                    a[i * n + p] = c * ip - s * iq;
                    a[i * n + q] = s * ip + c * iq;
                }
                for (int i = 0; i < n; i++) {
                    double pi_ = a[p * n + i], qi = a[q * n + i];
                    a[p * n + i] = c * pi_ - s * qi;
                    a[q * n + i] = s * pi_ + c * qi;
                    double vp = v[i * n + p], vq = v[i * n + q];
                    v[i * n + p] = c * vp - s * vq;
                    v[i * n + q] = s * vp + c * vq;
                }
            }
}

/* Largest deviation of loss (relative to the first) and function (relative to the largest label) over the trajectory.
 */
static double deviation(const fps_task *task, double *condition) {
    enum { N = 16 };
    fps_record_spec spec = plain_record(60, 6, FPS_KEEP_FUNCTION | FPS_KEEP_PARAMETERS);
    spec.spacing = FPS_SPACING_LOG;
    fps_trajectory t = {0};
    run(task, &spec, &t);
    int d = (int)task->dimension, side = (int)task->grid_points, points = d == 1 ? side : side * side;
    const double *x = t.value[FPS_RESULT_SAMPLE_X], *y = t.value[FPS_RESULT_SAMPLE_Y];
    double k[N * N], v[N * N], l[N], z[N], largest = 0, most = 0, least = INFINITY, worst = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            k[i * N + j] = kernel(task, x + i * d, x + j * d);
    eigen(N, k, v);
    for (int i = 0; i < N; i++) {
        l[i] = k[i * N + i];
        most = fmax(most, l[i]);
        least = fmin(least, l[i]);
        largest = fmax(largest, fabs(y[i]));
        z[i] = 0;
        for (int j = 0; j < N; j++)
            z[i] += v[j * N + i] * y[j];
    }
    *condition = most / least;
    /* the learning rate is 0.8 times the stable one, whose eigenvalue is 2/n times K's */
    double rate = t.value[FPS_RESULT_LEARNING_RATE_USED][0], c = 2 * rate / N;
    assert_true(fabs(rate * 2 * most / N / (0.8 * 2) - 1) < 2e-6);
    double *waves = malloc(sizeof *waves * (size_t)points * N); /* k(x)^T V */
    for (int g = 0; g < points; g++) {
        double at[2] = {d == 1 ? (g + 0.5) / side : (g / side + 0.5) / side, (g % side + 0.5) / side}, row[N];
        for (int j = 0; j < N; j++)
            row[j] = kernel(task, at, x + j * d);
        for (int i = 0; i < N; i++) {
            waves[g * N + i] = 0;
            for (int j = 0; j < N; j++)
                waves[g * N + i] += row[j] * v[j * N + i];
        }
    }
    double first = t.value[FPS_RESULT_TRAINING_LOSS][0];
    for (int64_t r = 0; r < t.records; r++) {
        double step = t.value[FPS_RESULT_STEP][r], loss = 0, gain[N];
        for (int i = 0; i < N; i++) {
            double power = step == 0 ? 1 : pow(1 - c * l[i], step);
            gain[i] = z[i] * (1 - power) / l[i];
            loss += z[i] * z[i] * power * power / N;
        }
        worst = fmax(worst, fabs(t.value[FPS_RESULT_TRAINING_LOSS][r] - loss) / first);
        for (int g = 0; g < points; g++) {
            double f = 0;
            for (int i = 0; i < N; i++)
                f += waves[g * N + i] * gain[i];
            worst = fmax(worst, fabs(t.value[FPS_RESULT_NETWORK_ON_GRID][r * points + g] - f) / largest);
        }
    }
    free(waves);
    fps_trajectory_release(&t);
    return worst;
}

static void the_trajectory_is_the_closed_form(void **state) {
    (void)state;
    static const double decay_rates[] = {0.5, 1, 2, 3};
    for (int a = 0; a < 4; a++)
        for (int d = 1; d <= 2; d++) {
            fps_task task = feature_task(decay_rates[a], d == 1 ? 60 : 9, 0.25);
            task.dimension = d;
            task.target = (fps_choice){.code = FPS_TARGET_EXPRESSION,
                                       .text = d == 1 ? "sin(3*x) + 0.5*cos(7*x)" : "sin(3*x1) + 0.5*cos(7*x2)"};
            task.samples = 16;
            task.sampling.code = FPS_SAMPLING_JITTERED;
            task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.8}};
            task.steps = 3000;
            task.grid_points = d == 1 ? 40 : 12;
            double condition, worst = deviation(&task, &condition);
            print_message("%d-D, alpha %.1f: cond(K) %.1e, 3000 steps within %.1e of the closed form\n", d,
                          decay_rates[a], condition, worst);
            assert_true(worst <= 1e-10);
        }
}

/* Residual spectrum at every step; the rate from step 0 to t is (R_t / R_0)^(1/t). */
static double worst_rate(const fps_task *task, int *compared) {
    enum { RECORDS = 41 };
    fps_record_spec spec = plain_record(RECORDS, (int32_t)task->band_limit + 1, FPS_KEEP_SPECTRUM);
    fps_trajectory t = {0};
    run(task, &spec, &t);
    double eta = task->learning_rate.argument[0], worst = 0;
    int64_t frequencies = spec.frequencies, directions = t.extent.size[FPS_DIRECTION];
    *compared = 0;
    for (int64_t k = 0; k < frequencies; k++)
        for (int axis = 0; axis < task->dimension; axis++) {
            double xi = (double)k * task->frequency_step,
                   expected = 1 - 2 * eta * pow(1 + xi * xi, -task->decay_rate / 2);
            int64_t place = axis * frequencies + k, row = directions * frequencies;
            const double *re = t.value[FPS_RESULT_RESIDUAL_RE], *im = t.value[FPS_RESULT_RESIDUAL_IM];
            double start = hypot(re[place], im[place]);
            if (start < 1e-3)
                continue;
            for (int64_t r = 1; r < RECORDS; r++) {
                double size = hypot(re[r * row + place], im[r * row + place]);
                if (size < 0.01 * start)
                    break;
                double sign = re[r * row + place] * re[place] + im[r * row + place] * im[place] < 0 ? -1 : 1;
                worst = fmax(worst, fabs(sign * pow(size / start, 1.0 / (double)r) - expected));
                ++*compared;
            }
        }
    fps_trajectory_release(&t);
    return worst;
}

static void every_mode_of_a_periodic_grid_has_its_rate(void **state) {
    (void)state;
    static const double decay_rates[] = {0.5, 1, 2, 3};
    for (int a = 0; a < 4; a++)
        for (int d = 1; d <= 2; d++) {
            fps_task task = feature_task(decay_rates[a], d == 1 ? 20 : 5, 1);
            task.dimension = d;
            task.target.text = d == 1 ? "x + 0.3*sin(40*x)" : "(x1 + 0.2)*(x2 + 0.3)*exp(x1)";
            task.sampling.code = FPS_SAMPLING_MIDPOINT;
            task.grid_points = d == 1 ? 64 : 16;
            task.samples = d == 1 ? 64 : 256;
            task.learning_rate.argument[0] = 0.4;
            task.steps = 40;
            int compared;
            double worst = worst_rate(&task, &compared);
            print_message("%d-D, alpha %.1f: %d rates within %.1e\n", d, decay_rates[a], compared, worst);
            assert_true(compared > 50);
            assert_true(worst <= 1e-12);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trajectory_is_the_closed_form),
        cmocka_unit_test(every_mode_of_a_periodic_grid_has_its_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
