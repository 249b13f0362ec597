/* floor: experiment */
/* Predictions for the variational problem: time within a loose factor, memory, and what keeps tasks together that share
 * their tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "fpsweep/lattice.h"
#include "fpsweep/trainer.h"
#include "tasks.h"

static double core_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static fps_task direct_task(int64_t dimension, int64_t samples) {
    fps_task task = plain_task();
    task.model.code = FPS_MODEL_DIRECT;
    task.dimension = dimension;
    task.target = (fps_choice){.code = FPS_TARGET_RANDOM, .text = ""};
    for (int64_t a = 0; a < dimension; a++) {
        task.domain[a][0] = 0;
        task.domain[a][1] = 1;
    }
    task.sampling.code = FPS_SAMPLING_JITTERED;
    task.samples = samples;
    task.frequency_step = 0.25;
    task.decay_rate = (double)dimension;
    return task;
}

static fps_record_spec ladder_spec(int32_t rungs, int64_t *ladder, unsigned keep) {
    static int32_t mode[] = {0, 1};
    for (int32_t k = 0; k < rungs; k++)
        ladder[k] = k ? 3 * ladder[k - 1] + 1 : 364;
    return (fps_record_spec){
        .frequencies = 2, .mode = mode, .keep = keep | FPS_ONLY_DIRECT, .rungs = rungs, .ladder = ladder};
}

static void time_within_a_loose_factor(void **state) {
    (void)state;
    static const struct {
        int64_t dimension, samples;
        int32_t rungs;
        unsigned keep;
    } cases[] = {{1, 16, 12, 0}, {1, 64, 12, 0}, {1, 4, 6, FPS_KEEP_SPIKE}, {2, 9, 4, 0}, {3, 8, 4, 0}};
    const double allowed = 4;
    int64_t ladder[16];
    fps_calibration calibration;
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    assert_int_equal(fps_calibrate(&calibration), FPS_OK);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        fps_task task = direct_task(cases[c].dimension, cases[c].samples);
        fps_record_spec spec = ladder_spec(cases[c].rungs, ladder, cases[c].keep);
        fps_cost cost;
        double first = INFINITY, next = INFINITY;
        for (int turn = 0; turn < 3; turn++) {
            assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
            double start = core_s();
            assert_int_equal(fps_trainer_run(trainer, &task, &spec, NULL, &trajectory), FPS_OK);
            first = fmin(first, core_s() - start);
            assert_int_equal(trajectory.outcome, FPS_DONE);
            task.decay_rate += 0.1; /* the same tables */
            start = core_s();
            assert_int_equal(fps_trainer_run(trainer, &task, &spec, NULL, &trajectory), FPS_OK);
            next = fmin(next, core_s() - start);
            task.decay_rate -= 0.1;
            fps_trainer_destroy(&trainer);
        }
        fps_cost_estimate(&task, &spec, &calibration, &cost);
        double alone = cost.seconds, behind = cost.seconds - cost.shared;
        print_message("d=%d n=%2d: predicted %6.2f ms, took %6.2f ms; behind another %6.2f ms, %6.2f ms\n",
                      (int)cases[c].dimension, (int)cases[c].samples, 1e3 * alone, 1e3 * first, 1e3 * behind,
                      1e3 * next);
        if (fmax(alone / first, first / alone) > allowed || fmax(behind / next, next / behind) > allowed)
            fail_msg("the prediction is off by more than a factor of %g", allowed);
    }
    fps_trajectory_release(&trajectory);
}

/* A schedule runs tasks of equal cost in the order of the plan: those that share tables must cost the same. */
static void decay_rates_and_data_do_not_matter(void **state) {
    (void)state;
    int64_t ladder[8];
    fps_record_spec spec = ladder_spec(5, ladder, 0);
    fps_calibration even = {.lattice = {1e-8, 1e-9, 1e-7, 1e-9, 1e-10, 1e-8}};
    for (int64_t d = 1; d <= 3; d++) {
        fps_task a = direct_task(d, 8), b = a;
        fps_cost one, other;
        if (d == 2)
            a.samples = b.samples = 9;
        fps_cost_estimate(&a, &spec, &even, &one);
        assert_true(one.seconds > one.shared && one.shared > 0);
        assert_true(one.memory > 1e6 && one.row_bytes > 0 && one.operations > 0);
        b.decay_rate *= 0.5;
        fps_cost_estimate(&b, &spec, &even, &other);
        assert_true(one.seconds == other.seconds && one.shared == other.shared);
        assert_true(fps_cost_shares(&a, &b));
        b.data_seed = a.data_seed + 1;
        fps_cost_estimate(&b, &spec, &even, &other);
        assert_true(one.seconds == other.seconds);
        assert_false(fps_cost_shares(&a, &b));
        b = a;
        b.frequency_step = 0.5;
        assert_false(fps_cost_shares(&a, &b));
        a.model.code = b.model.code = FPS_MODEL_NETWORK;
        assert_false(fps_cost_shares(&a, &b));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_within_a_loose_factor),
        cmocka_unit_test(decay_rates_and_data_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
