/* floor: experiment, with: reference.c */
/* Whole runs of the trainer against the independent one: loss and spectra over 1000 steps.
 *
 * Two correct programs that sum in different orders drift apart at a speed which the problem decides. So a second plain
 * run, the shadow, sums downwards: where it stays within 1e-12 of the plain run, the trainer must stay within 1e-10;
 * elsewhere within 100 times the shadow's own deviation. */
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/choice.h"
#include "fpsweep/trainer.h"
#include "reference.h"
#include "tasks.h"

enum { RECORDS = 51, FREQUENCIES = 16, GRID = 64, STEPS = 1000 };

/* Loss and complex residual spectrum of a run. */
typedef struct course {
    double loss[RECORDS], test_loss[RECORDS];
    double _Complex residual[RECORDS][FREQUENCIES];
} course;

static double target(double x) { /* of plain_task() */
    return sin(3 * x) + 0.5 * cos(7 * x);
}

static void run_trainer(fps_trainer *trainer, const fps_task *task, fps_trajectory *trajectory, course *out) {
    fps_record_spec spec = plain_record(RECORDS, FREQUENCIES, FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS);
    assert_int_equal(fps_trainer_run(trainer, task, &spec, NULL, trajectory), FPS_OK);
    assert_string_equal(trajectory->message, "");
    assert_int_equal(trajectory->outcome, FPS_DONE);
    assert_int_equal(trajectory->records, RECORDS);
    for (int r = 0; r < RECORDS; r++) {
        assert_true(trajectory->value[FPS_RESULT_STEP][r] == r * (STEPS / (RECORDS - 1)));
        out->loss[r] = trajectory->value[FPS_RESULT_TRAINING_LOSS][r];
        out->test_loss[r] = trajectory->value[FPS_RESULT_TEST_LOSS][r];
        for (int k = 0; k < FREQUENCIES; k++)
            out->residual[r][k] = trajectory->value[FPS_RESULT_RESIDUAL_RE][r * FREQUENCIES + k] +
                                  I * trajectory->value[FPS_RESULT_RESIDUAL_IM][r * FREQUENCIES + k];
    }
}

static void run_reference(const fps_task *task, const fps_trajectory *start, bool downwards, course *out) {
    reference r;
    reference_from_task(&r, task, task->samples);
    r.downwards = downwards;
    memcpy(r.weights, start->value[FPS_RESULT_WEIGHTS_INITIAL], (size_t)r.count * sizeof(double));
    memcpy(r.input, start->value[FPS_RESULT_SAMPLE_X], (size_t)task->samples * sizeof(double));
    memcpy(r.label, start->value[FPS_RESULT_SAMPLE_Y], (size_t)task->samples * sizeof(double));
    double low = task->domain[0][0], side = task->domain[0][1] - low, weight[GRID];
    for (int record = 0, step = 0; record < RECORDS; record++) {
        double residual[GRID];
        for (int g = 0; g < GRID; g++) {
            double x = low + (g + 0.5) * side / GRID;
            residual[g] = reference_output(&r, &x) - target(x);
            weight[g] = 1.0 / GRID;
        }
        out->test_loss[record] = reference_loss(&r, residual, weight, GRID, GRID, NULL);
        for (int k = 0; k < FREQUENCIES; k++)
            out->residual[record][k] = reference_coefficient(residual, 1, GRID, 0, k, downwards);
        out->loss[record] = reference_gradient(&r, NULL, 0);
        for (int i = 0; i < STEPS / (RECORDS - 1) && step < STEPS; i++, step++)
            reference_step(&r, NULL, 0);
    }
    reference_release(&r);
}

/* Largest difference of losses and spectra, each relative to the largest such value of the run. */
static double distance(const course *a, const course *b) {
    double loss = 0, test_loss = 0, spectrum = 0, worst_loss = 0, worst_test = 0, worst_spectrum = 0;
    for (int r = 0; r < RECORDS; r++) {
        loss = fmax(loss, fabs(a->loss[r]));
        worst_loss = fmax(worst_loss, fabs(a->loss[r] - b->loss[r]));
        test_loss = fmax(test_loss, fabs(a->test_loss[r]));
        worst_test = fmax(worst_test, fabs(a->test_loss[r] - b->test_loss[r]));
        for (int k = 0; k < FREQUENCIES; k++) {
            spectrum = fmax(spectrum, cabs(a->residual[r][k]));
            worst_spectrum = fmax(worst_spectrum, cabs(a->residual[r][k] - b->residual[r][k]));
        }
    }
    return fmax(fmax(worst_loss / loss, worst_test / test_loss), worst_spectrum / spectrum);
}

/* Number of cases that the shadow could follow within 1e-12. */
static int compare(fps_trainer *trainer, const fps_task *task, fps_trajectory *trajectory) {
    static course ours, plain, shadow;
    run_trainer(trainer, task, trajectory, &ours);
    run_reference(task, trajectory, false, &plain);
    run_reference(task, trajectory, true, &shadow);
    double own = distance(&plain, &shadow), trainers = distance(&plain, &ours);
    bool calm = own < 1e-12;
    print_message("depth %d %-4s %-5s %-8s shadow %.1e trainer %.1e%s\n", (int)task->depth,
                  fps_table_activation.entry[task->activation.code].name, fps_table_loss.entry[task->loss.code].name,
                  fps_table_optimizer.entry[task->optimizer.code].name, own, trainers, calm ? "" : "  (100 x shadow)");
    if (!(trainers <= (calm ? 1e-10 : 100 * own)))
        fail_msg("the trainer deviates by %.1e, allowed %.1e", trainers, calm ? 1e-10 : 100 * own);
    return calm;
}

static void thousand_steps(void **state) {
    (void)state;
    static const int activations[] = {FPS_ACTIVATION_TANH, FPS_ACTIVATION_RELU, FPS_ACTIVATION_SIN};
    static const int losses[] = {FPS_LOSS_MSE, FPS_LOSS_MAE, FPS_LOSS_HUBER};
    static const struct {
        int code;
        double rate;
    } optimizers[] = {{FPS_OPTIMIZER_GD, 0.02}, {FPS_OPTIMIZER_MOMENTUM, 0.01}, {FPS_OPTIMIZER_ADAM, 2e-4}};
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    int calm = 0, cases = 0;
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    for (int depth = 1; depth <= 3; depth += 2)
        for (int a = 0; a < 3; a++)
            for (int l = 0; l < 3; l++)
                for (int o = 0; o < 3; o++, cases++) {
                    fps_task task = plain_task();
                    task.depth = depth;
                    task.steps = STEPS;
                    task.activation.code = activations[a];
                    task.loss = (fps_choice){.code = losses[l], .argument = {0.3}};
                    task.optimizer.code = optimizers[o].code;
                    task.learning_rate.argument[0] = optimizers[o].rate;
                    calm += compare(trainer, &task, &trajectory);
                }
    print_message("%d of %d cases within 1e-10\n", calm, cases);
    assert_true(calm >= 30);
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(thousand_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
