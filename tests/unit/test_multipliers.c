/* floor: experiment */
/* `keep: [multipliers]` of networks. At depth 0 on features Psi with Psi Psi^T = K, gd from 0 keeps the weights in the
 * rows' span: after t steps a = Psi^T lambda_t with lambda_{t+1} = lambda_t + c (y - K lambda_t), c = 2 eta / n, so
 * that |a|^2 = lambda_t^T K lambda_t. The limit is the solution of the variational problem, which `model: direct` has.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/lattice.h"
#include "fpsweep/trainer.h"
#include "tasks.h"

enum { N = 8, MOST_RECORDS = 40 };

/* Random labels at 8 jittered points of [0, 1]^d, frequency step 1/4. */
static fps_task linear_task(int dimension, double decay_rate, int64_t band_limit, int64_t steps) {
    fps_task task = plain_task();
    task.dimension = dimension;
    for (int a = 0; a < 3; a++) {
        task.domain[a][0] = 0;
        task.domain[a][1] = 1;
    }
    task.target = (fps_choice){.code = FPS_TARGET_RANDOM};
    task.sampling.code = FPS_SAMPLING_JITTERED;
    task.samples = dimension == 2 ? 4 : N;
    task.depth = 0;
    task.width = 0;
    task.bias.code = FPS_BIAS_NONE;
    task.initializer.code = FPS_INITIALIZER_ZERO;
    task.decay_rate = decay_rate;
    task.band_limit = band_limit;
    task.frequency_step = 0.25;
    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.9}};
    task.steps = steps;
    return task;
}

static void run(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec, fps_trajectory *trajectory) {
    assert_int_equal(fps_trainer_run(trainer, task, spec, NULL, trajectory), FPS_OK);
    assert_string_equal(trajectory->message, "");
    assert_int_equal(trajectory->outcome, FPS_DONE);
}

/* The same problem solved on a ladder. */
static void solve(fps_trainer *trainer, fps_task task, int32_t rungs, int64_t *ladder, fps_trajectory *trajectory) {
    fps_record_spec spec = plain_record(0, 1, FPS_ONLY_DIRECT | FPS_KEEP_MULTIPLIERS);
    spec.rungs = rungs;
    spec.ladder = ladder;
    task.model.code = FPS_MODEL_DIRECT;
    run(trainer, &task, &spec, trajectory);
}

/* K[n, n] of the points x[n, d]. */
static void kernel_of(const fps_task *task, int64_t n, const double *x, double *kernel) {
    double difference[N * N * 3];
    const int d = (int)task->dimension;
    for (int64_t i = 0; i < n * n; i++)
        for (int a = 0; a < d; a++)
            difference[i * d + a] = x[i / n * d + a] - x[i % n * d + a];
    const fps_lattice_spec spec = {d, task->frequency_step, 1, &task->band_limit, n * n, difference, true, false};
    fps_lattice *lattice;
    assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_OK);
    assert_int_equal(fps_lattice_shells(lattice, task->decay_rate, kernel), FPS_OK);
    fps_lattice_destroy(&lattice);
}

/* Largest deviation of the kept multipliers and energies from the plain recursion, each relative to its size at the
 * end. */
static double deviation(const fps_trajectory *t, const fps_task *task) {
    const int64_t n = task->samples;
    const double *y = t->value[FPS_RESULT_SAMPLE_Y], *multiplier = t->value[FPS_RESULT_MULTIPLIER];
    double kernel[N * N], lambda[N] = {0}, image[N], energy = 0, size = 0, worst = 0, worst_energy = 0;
    kernel_of(task, n, t->value[FPS_RESULT_SAMPLE_X], kernel);
    double c = 2 * t->value[FPS_RESULT_LEARNING_RATE_USED][0] / (double)n;
    for (int64_t step = 0, r = 0; r < t->records; step++) {
        energy = size = 0;
        for (int64_t i = 0; i < n; i++) {
            image[i] = 0;
            for (int64_t j = 0; j < n; j++)
                image[i] += kernel[i * n + j] * lambda[j];
            energy += lambda[i] * image[i];
            size = fmax(size, fabs(lambda[i]));
        }
        if ((double)step == t->value[FPS_RESULT_STEP][r]) {
            for (int64_t i = 0; i < n; i++)
                worst = fmax(worst, fabs(multiplier[r * n + i] - lambda[i]));
            worst_energy = fmax(worst_energy, fabs(t->value[FPS_RESULT_ENERGY][r] - energy));
            r++;
        }
        for (int64_t i = 0; i < n; i++)
            lambda[i] += c * (y[i] - image[i]);
    }
    return fmax(worst / size, worst_energy / energy);
}

/* Along the whole trajectory to 1e-10, and at its end |a|^2 = E to 1e-10 and lambda to 1e-8 of the solved problem. */
static void multipliers_follow_the_closed_form_to_the_solution(void **state) {
    (void)state;
    static const struct {
        int dimension;
        double decay_rate;
        int64_t band_limit, steps;
    } cases[] = {{1, 0.5, 40, 300}, {1, 1, 121, 400}, {1, 2, 364, 2000}, {1, 3, 121, 20000},
                 {2, 1, 13, 300},   {2, 2, 13, 400},  {3, 3, 4, 600}};
    fps_trainer *trainer;
    fps_trajectory trained = {0}, solved = {0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_task task = linear_task(cases[i].dimension, cases[i].decay_rate, cases[i].band_limit, cases[i].steps);
        fps_record_spec spec = plain_record(MOST_RECORDS, 1, FPS_KEEP_MULTIPLIERS);
        spec.spacing = FPS_SPACING_LOG;
        run(trainer, &task, &spec, &trained);
        solve(trainer, task, 1, &task.band_limit, &solved);
        const int64_t last = trained.records - 1, n = task.samples;
        double e = solved.value[FPS_RESULT_ENERGY][0], error = 0, size = 0, along = deviation(&trained, &task);
        double energy = fabs(trained.value[FPS_RESULT_ENERGY][last] / e - 1);
        for (int64_t s = 0; s < n; s++) {
            double lambda = solved.value[FPS_RESULT_MULTIPLIER][s];
            error = fmax(error, fabs(trained.value[FPS_RESULT_MULTIPLIER][last * n + s] - lambda));
            size = fmax(size, fabs(lambda));
        }
        print_message("%d-D, alpha %.1f, M %lld: along %lld steps %.1e; at the end |a|^2/E - 1 %.1e, lambda %.1e\n",
                      cases[i].dimension, cases[i].decay_rate, (long long)cases[i].band_limit,
                      (long long)cases[i].steps, along, energy, error / size);
        assert_true(along <= 1e-10);
        assert_true(energy <= 1e-10);
        assert_true(error <= 1e-8 * size);
        assert_true(trained.value[FPS_RESULT_ENERGY][0] == 0);
        assert_true(trained.value[FPS_RESULT_MULTIPLIER][0] == 0);
    }
    fps_trajectory_release(&trained);
    fps_trajectory_release(&solved);
    fps_trainer_destroy(&trainer);
}

/* A record in the middle must not change what is summed, nor a tolerance, which takes the last update back. */
static void records_and_tolerance_do_not_disturb_the_sums(void **state) {
    (void)state;
    fps_task task = linear_task(1, 1, 40, 100);
    fps_trainer *trainer;
    fps_trajectory few = {0}, many = {0};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    fps_record_spec two = plain_record(2, 1, FPS_KEEP_MULTIPLIERS), all = plain_record(101, 1, FPS_KEEP_MULTIPLIERS);
    run(trainer, &task, &two, &few);
    run(trainer, &task, &all, &many);
    assert_int_equal(many.records, 101);
    assert_memory_equal(few.value[FPS_RESULT_MULTIPLIER] + N, many.value[FPS_RESULT_MULTIPLIER] + 100 * N,
                        N * sizeof(double));
    assert_true(few.value[FPS_RESULT_ENERGY][1] == many.value[FPS_RESULT_ENERGY][100]);

    task.tolerance = many.value[FPS_RESULT_TRAINING_LOSS][20] * (1 + 1e-9);
    run(trainer, &task, &all, &few); /* stops at step 20 */
    assert_int_equal(few.records, 21);
    assert_memory_equal(few.value[FPS_RESULT_MULTIPLIER], many.value[FPS_RESULT_MULTIPLIER], 21 * N * sizeof(double));
    all.count = 3; /* steps 0, 50, 100: stops between records, with the update taken back */
    run(trainer, &task, &all, &few);
    assert_int_equal(few.records, 2);
    assert_true(few.value[FPS_RESULT_STEP][1] == 20);
    assert_memory_equal(few.value[FPS_RESULT_MULTIPLIER] + N, many.value[FPS_RESULT_MULTIPLIER] + 20 * N,
                        N * sizeof(double));
    assert_true(few.value[FPS_RESULT_ENERGY][1] == many.value[FPS_RESULT_ENERGY][20]);

    fps_trajectory_release(&few);
    fps_trajectory_release(&many);
    fps_trainer_destroy(&trainer);
}

/* Other optimizers and batches have no such sums: missing, never wrong (a sweep is refused earlier). */
static void other_training_has_no_multipliers(void **state) {
    (void)state;
    fps_trainer *trainer;
    fps_trajectory t = {0};
    const fps_record_spec spec = plain_record(3, 1, FPS_KEEP_MULTIPLIERS), plain = plain_record(3, 1, 0);
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    fps_task adam = linear_task(1, 1, 40, 10), batch = adam;
    adam.optimizer.code = FPS_OPTIMIZER_ADAM;
    batch.batch_size = 4;
    run(trainer, &adam, &spec, &t);
    assert_true(isnan(t.value[FPS_RESULT_MULTIPLIER][2 * N]) && isnan(t.value[FPS_RESULT_ENERGY][2]));
    run(trainer, &batch, &spec, &t);
    assert_true(isnan(t.value[FPS_RESULT_MULTIPLIER][2 * N]) && isnan(t.value[FPS_RESULT_ENERGY][2]));
    run(trainer, &adam, &plain, &t);
    assert_null(t.value[FPS_RESULT_MULTIPLIER]);
    assert_null(t.value[FPS_RESULT_ENERGY]);
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

/* With hidden layers the output layer alone is meant; its bias is not part of it. Energy from the kept weights. */
static void energy_is_the_output_layers(void **state) {
    (void)state;
    fps_trainer *trainer;
    fps_trajectory t = {0};
    const fps_record_spec spec = plain_record(3, 1, FPS_KEEP_MULTIPLIERS | FPS_KEEP_PARAMETERS);
    const int initializers[] = {FPS_INITIALIZER_GLOROT, FPS_INITIALIZER_NTK};
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    for (int k = 0; k < 2; k++) {
        fps_task task = plain_task();
        task.initializer.code = initializers[k];
        task.steps = 20;
        run(trainer, &task, &spec, &t);
        fps_network_shape shape;
        fps_task_shape(&task, &shape);
        fps_layer_view last = fps_network_layer(&shape, shape.depth);
        double square = 0;
        for (int i = 0; i < last.in; i++)
            square += pow(t.value[FPS_RESULT_WEIGHTS_FINAL][last.weights + i], 2) / (shape.ntk ? last.in : 1);
        assert_true(fabs(t.value[FPS_RESULT_ENERGY][2] / square - 1) < 1e-14);
    }
    fps_trajectory_release(&t);
    fps_trainer_destroy(&trainer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipliers_follow_the_closed_form_to_the_solution),
        cmocka_unit_test(records_and_tolerance_do_not_disturb_the_sums),
        cmocka_unit_test(other_training_has_no_multipliers),
        cmocka_unit_test(energy_is_the_output_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
