/* floor: experiment */
/* `optimizer: flow` in whole tasks: the closed form of the linear model, the limit of gd, records, stopping, kinks. */
#include <cblas.h>

#include "trainer_fixture.h"

/* LAPACK in OpenBLAS, column-major: eigenvalues w and eigenvectors (the columns of a) of a symmetric matrix. */
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
            const int *lwork, int *info);

static const double pi = 3.14159265358979323846;
enum { N = 16, GRID = 40 };

static fps_task flow_task(void) {
    fps_task task = plain_task();
    task.optimizer.code = FPS_OPTIMIZER_FLOW;
    return task;
}

/* ---- the linear model ---- */

/* h(x_i, t) = K (1 - exp(-2 eta t K / n)) K^-1 y at depth 0 from zero weights: kernel K = Psi Psi^T of the features at
 * samples and grid points. */
typedef struct linear {
    double eigenvalue[N], image[GRID * N], label[N]; /* K = V diag V^T; image = K(grid, samples) V; label = V^T y */
} linear;

static double kernel(const fps_task *task, double x, double z) {
    double sum = 0;
    for (int64_t j = -task->band_limit; j <= task->band_limit; j++) {
        double xi = (double)j * task->frequency_step;
        sum += pow(1 + xi * xi, -task->decay_rate / 2) * cos(2 * pi * xi * (x - z));
    }
    return sum * task->frequency_step;
}

static void solve(const fps_task *task, const fps_trajectory *t, linear *out) {
    const double *x = t->value[FPS_RESULT_SAMPLE_X], *y = t->value[FPS_RESULT_SAMPLE_Y];
    double v[N * N], rows[GRID * N];
    for (int i = 0; i < N * N; i++)
        v[i] = kernel(task, x[i / N], x[i % N]);
    for (int i = 0; i < GRID * N; i++)
        rows[i] = kernel(task, (i / N + 0.5) / GRID, x[i % N]);
    const int n = N, room = 64 * N;
    int info = -1;
    double work[64 * N];
    dsyev_("V", "U", &n, v, &n, out->eigenvalue, work, &room, &info);
    assert_int_equal(info, 0);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, N, N, 1, v, N, y, 1, 0, out->label, 1);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, GRID, N, N, 1, rows, N, v, N, 0, out->image, N);
}

static double value(const linear *l, int point, double rate, double step) {
    double h = 0;
    for (int i = 0; i < N; i++)
        h += l->image[point * N + i] * -expm1(-2 * rate * step * l->eigenvalue[i] / N) / l->eigenvalue[i] * l->label[i];
    return h;
}

static fps_task linear_task(double decay_rate) {
    fps_task task = flow_task();
    task.depth = task.width = 0;
    task.domain[0][0] = 0;
    task.domain[0][1] = 1;
    task.bias.code = FPS_BIAS_NONE;
    task.initializer.code = FPS_INITIALIZER_ZERO;
    task.decay_rate = decay_rate;
    task.band_limit = 60;
    task.frequency_step = 0.25;
    task.samples = N;
    task.sampling.code = FPS_SAMPLING_JITTERED;
    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.8}};
    task.steps = 3000;
    task.grid_points = GRID;
    task.flow_tolerance = 1e-10;
    return task;
}

/* Largest error of the function on the grid over all records; labels are of size 1. */
static double linear_error(fixture *f, const fps_task *task, fps_record_spec spec, double *evaluations) {
    linear exact;
    double worst = 0;
    spec.keep = FPS_KEEP_FUNCTION | FPS_KEEP_PARAMETERS | FPS_IF_FLOW;
    run(f, task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DONE);
    solve(task, &f->t, &exact);
    const double rate = f->t.value[FPS_RESULT_LEARNING_RATE_USED][0];
    for (int64_t r = 0; r < f->t.records; r++)
        for (int g = 0; g < GRID; g++) {
            double expected = value(&exact, g, rate, f->t.value[FPS_RESULT_STEP][r]);
            worst = fmax(worst, fabs(f->t.value[FPS_RESULT_NETWORK_ON_GRID][r * GRID + g] - expected));
        }
    *evaluations = f->t.value[FPS_RESULT_FLOW_EVALUATIONS][f->t.records - 1];
    return worst;
}

static void a_tight_tolerance_gives_the_closed_form(void **state) {
    static const double decay_rates[] = {0.5, 1, 2, 3};
    fps_record_spec spec = plain_record(60, 6, 0);
    spec.spacing = FPS_SPACING_LOG;
    for (int a = 0; a < 4; a++) {
        fps_task task = linear_task(decay_rates[a]);
        double evaluations, error = linear_error(*state, &task, spec, &evaluations);
        print_message("alpha %.1f, tolerance 1e-10: error %.1e, %.1f gradients per step\n", decay_rates[a], error,
                      evaluations / (double)task.steps);
        assert_true(error < 1e-8);
        assert_true(evaluations / (double)task.steps < 1.3 * 6 / 3.3 * 2 * 0.8);
    }
}

/* The error follows the tolerance down. */
static void the_error_follows_the_tolerance(void **state) {
    fps_task task = linear_task(1);
    double last = INFINITY, evaluations;
    for (int digits = 4; digits <= 12; digits += 2) {
        task.flow_tolerance = pow(10, -digits);
        double error = linear_error(*state, &task, plain_record(20, 6, 0), &evaluations);
        print_message("tolerance %.0e: error %.1e, %.0f gradients\n", task.flow_tolerance, error, evaluations);
        assert_true(error < 100 * task.flow_tolerance && error < 0.2 * last);
        last = error;
    }
}

/* Single precision stays within its own rounding of the double one. */
static void single_precision_follows_double(void **state) {
    fixture *f = *state;
    fps_task task = linear_task(1);
    fps_record_spec spec = plain_record(10, 6, FPS_KEEP_FUNCTION);
    task.flow_tolerance = 1e-6;
    run(f, &task, &spec, &f->other);
    task.precision.code = FPS_SINGLE;
    run(f, &task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DONE);
    for (int64_t i = 0; i < f->t.records * GRID; i++)
        near(f->t.value[FPS_RESULT_NETWORK_ON_GRID][i], f->other.value[FPS_RESULT_NETWORK_ON_GRID][i], 3e-5,
             "function");
}

/* ---- the limit of gd ---- */

/* Largest distance on the grid at the end between gd and flow, learning rate 0.02 / halvings. */
static double distance(fixture *f, fps_task task, int refinement) {
    fps_record_spec spec = plain_record(2, 4, FPS_KEEP_FINAL_FUNCTION);
    task.learning_rate.argument[0] /= refinement;
    task.steps *= refinement;
    double worst = 0;
    run(f, &task, &spec, &f->t);
    task.optimizer.code = FPS_OPTIMIZER_FLOW;
    task.flow_tolerance = 1e-10;
    run(f, &task, &spec, &f->other);
    assert_int_equal(f->other.outcome, FPS_DONE);
    for (int64_t g = 0; g < task.grid_points; g++)
        worst = fmax(worst, fabs(f->t.value[FPS_RESULT_NETWORK_ON_GRID_FINAL][g] -
                                 f->other.value[FPS_RESULT_NETWORK_ON_GRID_FINAL][g]));
    return worst;
}

static void gd_converges_to_it_at_first_order(void **state) {
    for (int a = 0; a < FPS_ACTIVATION_COUNT; a++) {
        if (fps_activation_kink((fps_activation)a) > 0)
            continue;
        fps_task task = plain_task();
        task.activation.code = a;
        task.learning_rate.argument[0] = 0.004;
        task.steps = 100;
        double d[3];
        for (int r = 0; r < 3; r++)
            d[r] = distance(*state, task, 1 << r);
        double order[2] = {log2(d[0] / d[1]), log2(d[1] / d[2])};
        print_message("%-9s gd - flow %.1e, %.1e, %.1e: order %.3f, %.3f\n", fps_table_activation.entry[a].name, d[0],
                      d[1], d[2], order[0], order[1]);
        assert_true(fabs(order[0] - 1) < 0.1 && fabs(order[1] - 1) < 0.1);
    }
}

/* ---- records, stopping, kinks ---- */

/* A tolerance of the loss ends the task at a whole step, below it; a finer time gives the same moment. */
static void a_small_loss_ends_it(void **state) {
    fixture *f = *state;
    fps_task task = flow_task();
    fps_record_spec spec = plain_record(50, 4, FPS_IF_FLOW);
    task.tolerance = 0.3;
    task.steps = 100000;
    spec.spacing = FPS_SPACING_LOG;
    run(f, &task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DONE);
    const double *loss = f->t.value[FPS_RESULT_TRAINING_LOSS], *step = f->t.value[FPS_RESULT_STEP];
    const int64_t last = f->t.records - 1;
    assert_true(loss[last] < 0.3 && loss[last - 1] >= 0.3 && step[last] < 100000);
    for (int64_t r = 1; r <= last; r++)
        assert_true(step[r] > step[r - 1] && loss[r] < loss[r - 1]);
    task.learning_rate.argument[0] /= 10;
    task.steps *= 10;
    run(f, &task, &spec, &f->other);
    const double same = f->other.value[FPS_RESULT_STEP][f->other.records - 1] / 10;
    print_message("loss below 0.3 at step %.0f; in steps ten times finer %.1f\n", step[last], same);
    assert_true(fabs(same / step[last] - 1) < 0.1);
}

/* gd and flow of relu end near each other, flow at two learning rates much nearer; kinks only add up. */
static void kinks_are_counted(void **state) {
    fixture *f = *state;
    fps_task task = flow_task();
    fps_record_spec spec = plain_record(20, 4, FPS_KEEP_FINAL_FUNCTION | FPS_IF_FLOW);
    double function[3][64];
    task.activation.code = FPS_ACTIVATION_RELU;
    task.steps = 400;
    task.learning_rate.argument[0] = 0.01;
    for (int c = 0; c < 3; c++) {
        task.optimizer.code = c == 0 ? FPS_OPTIMIZER_GD : FPS_OPTIMIZER_FLOW;
        if (c == 2) {
            task.learning_rate.argument[0] /= 4;
            task.steps *= 4;
        }
        run(f, &task, &spec, &f->t);
        assert_int_equal(f->t.outcome, FPS_DONE);
        memcpy(function[c], f->t.value[FPS_RESULT_NETWORK_ON_GRID_FINAL], sizeof function[c]);
        const double *crossings = f->t.value[FPS_RESULT_KINK_CROSSINGS];
        const double *evaluations = f->t.value[FPS_RESULT_FLOW_EVALUATIONS];
        for (int64_t r = 0; r < f->t.records; r++) {
            if (c == 0)
                assert_true(isnan(crossings[r]) && isnan(evaluations[r]));
            else
                assert_true(r == 0 ? crossings[r] == 0 && evaluations[r] == 1
                                   : crossings[r] >= crossings[r - 1] && evaluations[r] > evaluations[r - 1]);
        }
        if (c > 0) {
            print_message("relu: %.0f kinks, %.1f gradients per step\n", crossings[f->t.records - 1],
                          evaluations[f->t.records - 1] / (double)task.steps);
            assert_true(crossings[f->t.records - 1] > 0);
            assert_true(evaluations[f->t.records - 1] / (double)task.steps < 60);
        }
    }
    double far = 0, near_by = 0;
    for (int g = 0; g < 64; g++) {
        far = fmax(far, fabs(function[0][g] - function[2][g]));
        near_by = fmax(near_by, fabs(function[1][g] - function[2][g]));
    }
    print_message("relu: gd is %.1e away from the flow, the flow in coarser time %.1e\n", far, near_by);
    assert_true(near_by < 0.3 * far);
}

/* What the trainer is given without a plan is refused all the same. */
static void batches_are_refused(void **state) {
    fixture *f = *state;
    fps_task task = flow_task();
    fps_record_spec spec = plain_record(5, 4, 0);
    task.batch_size = 8;
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);
    assert_string_equal(f->t.message, "optimizer flow needs all samples: batch_size 0");
    task.batch_size = 0;
    task.learning_rate.argument[0] = 1e6;
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_FAILED);
    assert_non_null(strstr(f->t.message, "lower learning_rate"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_tight_tolerance_gives_the_closed_form),
        TEST(the_error_follows_the_tolerance),
        TEST(single_precision_follows_double),
        TEST(gd_converges_to_it_at_first_order),
        TEST(a_small_loss_ends_it),
        TEST(kinks_are_counted),
        TEST(batches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
