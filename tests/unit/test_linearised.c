/* floor: experiment, with: reference.c */
/* `linearised: yes`: what a trained network does where it is its own tangent, and where it is nearly so. */
#include "trainer_fixture.h"

/* Largest difference between two runs in every result that both have; of training loss relative to the first. */
static double deviation(const fps_trajectory *a, const fps_trajectory *b) {
    static const fps_result compared[] = {FPS_RESULT_TRAINING_LOSS,   FPS_RESULT_TEST_LOSS,
                                          FPS_RESULT_FREQUENCY_ERROR, FPS_RESULT_RESIDUAL_RELATIVE,
                                          FPS_RESULT_RESIDUAL_RE,     FPS_RESULT_NETWORK_ON_GRID,
                                          FPS_RESULT_WEIGHTS_FINAL,   FPS_RESULT_NETWORK_ON_GRID_FINAL};
    double worst = 0;
    assert_int_equal(a->records, b->records);
    assert_int_equal(a->outcome, b->outcome);
    for (int64_t r = 0; r < a->records; r++)
        assert_true(a->value[FPS_RESULT_STEP][r] == b->value[FPS_RESULT_STEP][r]);
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        const fps_result_field *field = &fps_result_fields[compared[i]];
        const double *u = a->value[compared[i]], *v = b->value[compared[i]];
        int64_t elements = u ? fps_result_elements(field, &a->extent) : 0;
        if (u && field->dimension[0] == FPS_RECORD)
            elements = elements / a->extent.size[FPS_RECORD] * a->records;
        for (int64_t e = 0; e < elements; e++)
            if (!isnan(u[e]) || !isnan(v[e]))
                worst = isnan(u[e] - v[e]) ? INFINITY : fmax(worst, fabs(u[e] - v[e]));
    }
    return worst;
}

static fps_task linear_task(int dimension, double decay_rate) {
    fps_task task = plain_task();
    task.dimension = dimension;
    if (dimension == 2)
        task.target.text = "sin(3*x1) + 0.5*cos(4*x2)";
    task.depth = task.width = 0;
    task.decay_rate = decay_rate;
    task.band_limit = dimension == 1 ? 40 : 6;
    task.frequency_step = 0.2;
    task.samples = dimension == 1 ? 20 : 16;
    task.sampling.code = FPS_SAMPLING_JITTERED;
    task.bias.code = FPS_BIAS_ALL; /* h is not 0 at the start */
    task.initializer = (fps_choice){.code = FPS_INITIALIZER_NORMAL, .argument = {0.3}};
    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.9}};
    task.grid_points = dimension == 1 ? 64 : 16;
    task.steps = 3000;
    return task;
}

/* ---- depth 0: the network is its own tangent ---- */

static double against_training(fixture *f, fps_task task, fps_record_spec spec) {
    run(f, &task, &spec, &f->t);
    task.linearised.code = FPS_YES;
    run(f, &task, &spec, &f->other);
    return deviation(&f->t, &f->other);
}

static void at_depth_0_it_is_what_training_does(void **state) {
    fps_record_spec spec = plain_record(40, 8, keep_all);
    spec.spacing = FPS_SPACING_LOG;
    double worst = 0;
    for (int dimension = 1; dimension <= 2; dimension++)
        for (int kind = 0; kind < 6; kind++) {
            fps_task task = linear_task(dimension, 1 + kind % 3);
            if (kind == 1) {
                task.sampling.code = FPS_SAMPLING_POPULATION;
                task.density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0.1, 0.5}};
            }
            if (kind == 2)
                task.target = (fps_choice){.code = FPS_TARGET_RANDOM};
            if (kind == 3)
                task.noise = 0.3;
            if (kind == 4)
                task.window.code = FPS_WINDOW_HANN;
            if (kind == 5)
                task.train.code = FPS_TRAIN_OUTPUT;
            double here = against_training(*state, task, spec);
            if (!(here < 1e-10))
                fail_msg("dimension %d, kind %d: training and closed form differ by %.1e", dimension, kind, here);
            worst = fmax(worst, here);
        }
    print_message("12 linear tasks, 3000 steps: closed form within %.1e of training in all results\n", worst);
}

static void of_flow_too(void **state) {
    fps_record_spec spec = plain_record(20, 8, keep_all);
    fps_task task = linear_task(1, 1);
    task.optimizer.code = FPS_OPTIMIZER_FLOW;
    task.flow_tolerance = 1e-12;
    double worst = against_training(*state, task, spec);
    print_message("flow: closed form within %.1e\n", worst);
    assert_true(worst < 1e-10);
}

static void a_tolerance_ends_it_at_the_same_step(void **state) {
    fixture *f = *state;
    fps_record_spec spec = plain_record(40, 8, keep_all);
    fps_task task = linear_task(1, 2);
    spec.spacing = FPS_SPACING_LOG;
    for (int digits = 0; digits <= 4; digits++) {
        task.tolerance = 3 * pow(10, -digits);
        double worst = against_training(f, task, spec);
        print_message("tolerance %g: ends at step %.0f\n", task.tolerance,
                      f->other.value[FPS_RESULT_STEP][f->other.records - 1]);
        assert_true(worst < 1e-10);
    }
    assert_true(f->t.value[FPS_RESULT_STEP][f->t.records - 1] < (double)task.steps); /* it was met */
}

/* A learning rate above the stable one grows as training does, and beyond all numbers diverges. */
static void an_unstable_rate_diverges(void **state) {
    fixture *f = *state;
    fps_record_spec spec = plain_record(11, 8, 0);
    fps_task task = linear_task(1, 1);
    task.learning_rate.argument[0] = 1.05;
    task.steps = 100;
    double worst = against_training(f, task, spec);
    double scale = f->t.value[FPS_RESULT_TRAINING_LOSS][f->t.records - 1];
    assert_true(scale > 10 && worst < 1e-9 * scale);
    task.steps = 100000;
    task.linearised.code = FPS_YES;
    run(f, &task, &spec, &f->t);
    assert_int_equal(f->t.outcome, FPS_DIVERGED);
}

/* ---- networks ---- */

static fps_task wide_task(int train) {
    fps_task task = plain_task();
    task.domain[0][0] = -1;
    task.domain[0][1] = 1;
    task.target.text = "1e-5*(sin(pi*2*x) + cos(pi*3*x) + sin(pi*5*x))";
    task.sampling.code = FPS_SAMPLING_MIDPOINT;
    task.samples = 40;
    task.depth = 1;
    task.width = task.widths[0] = 512;
    task.width_text = "512";
    task.activation.code = FPS_ACTIVATION_RELU;
    task.initializer = (fps_choice){.code = FPS_INITIALIZER_SIGN, .argument = {1}};
    task.bias_initializer = (fps_choice){.code = FPS_BIAS_INITIALIZER_STRATIFIED, .argument = {1}};
    task.antisymmetric.code = FPS_YES;
    task.train.code = train;
    task.window.code = FPS_WINDOW_HANN;
    task.learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.9}};
    task.steps = 2000;
    return task;
}

/* First step at which mode k's error is below a half, interpolated between records. */
static double tau(const fps_trajectory *t, int64_t k) {
    const int64_t frequencies = t->extent.size[FPS_FREQUENCY];
    const double *error = t->value[FPS_RESULT_FREQUENCY_ERROR], *step = t->value[FPS_RESULT_STEP];
    for (int64_t r = 1; r < t->records; r++) {
        double before = error[(r - 1) * frequencies + k], here = error[r * frequencies + k];
        if (here < 0.5)
            return step[r - 1] + (before - 0.5) / (before - here) * (step[r] - step[r - 1]);
    }
    return INFINITY;
}

static void a_lazy_network_follows_its_tangent(void **state) {
    fixture *f = *state;
    fps_record_spec spec = plain_record(200, 8, 0);
    spec.spacing = FPS_SPACING_LOG;
    for (int train = 0; train < FPS_TRAIN_COUNT; train++) {
        fps_task task = wide_task(train);
        run(f, &task, &spec, &f->t);
        task.linearised.code = FPS_YES;
        run(f, &task, &spec, &f->other);
        static const int64_t mode[] = {2, 3, 5};
        for (int i = 0; i < (train == FPS_TRAIN_OUTPUT ? 1 : 3); i++) {
            double trained = tau(&f->t, mode[i]), predicted = tau(&f->other, mode[i]);
            print_message("train %s, mode %lld: learnt at step %.2f, predicted %.2f\n",
                          fps_table_train.entry[train].name, (long long)mode[i], trained, predicted);
            assert_true(fabs(trained / predicted - 1) < 0.02);
        }
    }
}

/* Far beyond any training: the samples are interpolated, and the eigenvalues are those of the kernel. */
static void after_very_many_steps_the_samples_are_met(void **state) {
    fixture *f = *state;
    fps_task task = wide_task(FPS_TRAIN_ALL);
    fps_record_spec spec = plain_record(30, 8, FPS_IF_LINEARISED | FPS_KEEP_PARAMETERS);
    spec.spacing = FPS_SPACING_LOG;
    task.steps = 1000000000000;
    task.linearised.code = FPS_YES;
    run(f, &task, &spec, &f->t);
    const double *loss = f->t.value[FPS_RESULT_TRAINING_LOSS], *value = f->t.value[FPS_RESULT_TANGENT_EIGENVALUE];
    assert_true(f->t.value[FPS_RESULT_STEP][f->t.records - 1] == 1e12);
    assert_true(loss[f->t.records - 1] < 1e-20 * loss[0]);
    for (int64_t r = 1; r < f->t.records; r++)
        assert_true(loss[r] <= loss[r - 1]);
    for (int64_t i = 1; i < task.samples; i++)
        assert_true(value[i] <= value[i - 1] && value[i] >= 0);
    /* stable(c) is c / largest eigenvalue: lambda_max of the squared error's Gauss-Newton matrix is twice that */
    near(f->t.value[FPS_RESULT_LEARNING_RATE_USED][0] * value[0], 0.9, 1e-5, "rate times eigenvalue");
}

/* The grid's records are made in several turns where they are many; single precision only stores. */
static void many_values_are_made_in_turns(void **state) {
    fixture *f = *state;
    fps_task task = linear_task(2, 1);
    fps_record_spec spec = plain_record(20, 4, 0), few = plain_record(2, 4, 0);
    task.grid_points = 1100;
    task.band_limit = 2;
    task.linearised.code = FPS_YES;
    assert_true(20 * task.grid_points * task.grid_points > 16777216);
    run(f, &task, &spec, &f->t);
    run(f, &task, &few, &f->other);
    const int64_t row = f->t.extent.size[FPS_FREQUENCY] * f->t.extent.size[FPS_DIRECTION];
    for (int64_t i = 0; i < row; i++)
        near(f->t.value[FPS_RESULT_RESIDUAL_RELATIVE][(f->t.records - 1) * row + i],
             f->other.value[FPS_RESULT_RESIDUAL_RELATIVE][row + i], 1e-12, "last record");
    near(f->t.value[FPS_RESULT_TEST_LOSS][0], f->other.value[FPS_RESULT_TEST_LOSS][0], 1e-12, "first record");
}

static bool stop_at_third(void *context, int64_t step, int64_t steps) {
    assert_true(step >= 0 && step <= steps);
    return ++*(int *)context == 3;
}

/* The hook is heard between blocks, and a stopped task starts over. */
static void it_can_be_stopped(void **state) {
    fixture *f = *state;
    fps_task task = linear_task(2, 1);
    fps_record_spec spec = plain_record(10, 4, 0);
    task.grid_points = 400;
    task.linearised.code = FPS_YES;
    int calls = 0;
    fps_hook hook = {stop_at_third, &calls};
    fps_state saved = {0};
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, &hook, &f->t), FPS_STOPPED);
    assert_int_equal(calls, 3);
    assert_int_equal(fps_trainer_save(f->trainer, &saved), FPS_OK);
    assert_int_equal(saved.size, 0);
    fps_state_release(&saved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(at_depth_0_it_is_what_training_does),  TEST(of_flow_too),
        TEST(a_tolerance_ends_it_at_the_same_step), TEST(an_unstable_rate_diverges),
        TEST(a_lazy_network_follows_its_tangent),   TEST(after_very_many_steps_the_samples_are_met),
        TEST(many_values_are_made_in_turns),        TEST(it_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
