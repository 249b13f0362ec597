/* floor: experiment, with: reference.c */
/* What the trainer promises beside right numbers: how tasks end, that the hook is heard, the same bits in any order. */
#include <malloc.h>
#include <math.h>
#include <time.h>

#include "fpsweep/random.h"
#include "trainer_fixture.h"

/* Count the library's allocations: fps_alloc() calls this one. */
static int64_t allocations;
void *aligned_alloc(size_t alignment, size_t size) {
    allocations++;
    return memalign(alignment, size);
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
    assert_non_null(strstr(f->t.message, "x = 0: '1/x' is infinite at x = 0"));
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
    task.batch_size =
        i % 5 == 4 && task.loss.code != FPS_LOSS_SOBOLEV && task.optimizer.code != FPS_OPTIMIZER_FLOW ? 7 : 0;
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
    fps_record_spec spec = plain_record(6, 4, keep_all | FPS_IF_FLOW);
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
    const struct CMUnitTest tests[] = {
        TEST(batches_are_permutations),
        TEST(tolerance_stops_at_the_first_step_below_it),
        TEST(a_tolerance_met_at_once_leaves_one_record),
        TEST(a_diverging_task_is_a_result),
        TEST(what_cannot_run_fails_with_a_reason),
        TEST(the_hook_is_heard_and_obeyed),
        TEST(steps_and_records_allocate_nothing),
        TEST(any_order_gives_the_same_bits),
        TEST(single_precision_follows_double),
        TEST(the_self_test_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
