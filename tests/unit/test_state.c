/* floor: experiment, with: reference.c */
/* A task that is interrupted, saved, and taken up again by another trainer ends with the bits of one that is not. */
#include "state_fixture.h"

/* ---- the tasks ---- */

/* 96 samples, tanh 2 x 32: about 140 steps from one call of the hook to the next. */
static fps_task base_task(void) {
    fps_task task = plain_task();
    task.samples = 96;
    task.width = 32;
    task.width_text = "32";
    for (int l = 0; l < FPS_MAX_DEPTH; l++)
        task.widths[l] = 32;
    task.learning_rate.argument[0] = 0.01;
    task.steps = 3000;
    return task;
}

typedef struct example {
    const char *name;
    void (*change)(fps_task *task);
    unsigned keep;
    int64_t interruptions; /* at least */
    bool several;          /* calls of the hook within one record or update */
} example;

static void no_change(fps_task *task) {
    (void)task;
}
static void momentum(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_MOMENTUM;
}
static void nesterov_single(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_NESTEROV;
    task->precision.code = FPS_SINGLE;
}
static void adam(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_ADAM;
    task->learning_rate.argument[0] = 1e-3;
}
static void adam_single_batches(fps_task *task) {
    adam(task);
    task->precision.code = FPS_SINGLE;
    task->batch_size = 40;
    task->steps = 6000;
}
static void rmsprop_batches(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_RMSPROP;
    task->learning_rate.argument[0] = 1e-3;
    task->batch_size = 40;
    task->steps = 6000;
}
static void rmsprop_single(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_RMSPROP;
    task->learning_rate.argument[0] = 1e-3;
    task->precision.code = FPS_SINGLE;
}
static void momentum_batches(fps_task *task) {
    momentum(task);
    task->learning_rate.argument[0] = 1e-3;
    task->batch_size = 40;
    task->steps = 6000;
}
static void unmet_tolerance(fps_task *task) {
    adam(task);
    task->tolerance = 1e-12;
}
/* Tolerances that are met on the way: their end is measured, and the hook called there. */
static void met_tolerance(fps_task *task) {
    adam(task);
    task->tolerance = 5e-3;
    task->steps = 100000;
}
static void met_tolerance_batches(fps_task *task) {
    met_tolerance(task);
    task->batch_size = 40;
}
static void stable_rate(fps_task *task) {
    task->learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.5}};
}
static void flow(fps_task *task) {
    task->optimizer.code = FPS_OPTIMIZER_FLOW;
    task->steps = 6000;
}
static void flow_tight(fps_task *task) {
    flow(task);
    task->flow_tolerance = 1e-11;
}
static void flow_relu_single(fps_task *task) {
    flow(task);
    task->activation.code = FPS_ACTIVATION_RELU;
    task->precision.code = FPS_SINGLE;
    task->steps = 100;
}
static void flow_relu2_biases(fps_task *task) {
    flow(task);
    task->activation.code = FPS_ACTIVATION_RELU2;
    task->train.code = FPS_TRAIN_BIASES;
    task->flow_tolerance = 1e-9;
    task->steps = 20000;
}
static void flow_met_tolerance(fps_task *task) {
    flow(task);
    task->tolerance = 5e-3;
    task->steps = 1000000;
}
static void sobolev(fps_task *task) {
    task->loss = (fps_choice){.code = FPS_LOSS_SOBOLEV, .argument = {-0.5}};
    task->sampling.code = FPS_SAMPLING_MIDPOINT;
}
static void features_alone(fps_task *task) {
    task->depth = 0;
    task->width = 0;
    task->width_text = "";
    task->decay_rate = 1.5;
    task->band_limit = 60;
    task->frequency_step = 0.1;
    task->bias.code = FPS_BIAS_NONE;
    task->initializer.code = FPS_INITIALIZER_ZERO;
    task->learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.9}};
    task->samples = 200;
    task->steps = 20000;
}
static void features_and_layers(fps_task *task) {
    task->decay_rate = 1;
    task->band_limit = 20;
    task->frequency_step = 0.1;
    task->learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {0.9}};
}
/* A linear model just above the stable rate: its error grows by 3 % a step, until it overflows. */
static void diverging(fps_task *task) {
    features_alone(task);
    task->learning_rate.argument[0] = 1.015;
}
static void output_alone(fps_task *task) {
    task->train.code = FPS_TRAIN_OUTPUT;
    task->optimizer.code = FPS_OPTIMIZER_ADAM;
}
static void random_labels(fps_task *task) {
    task->target = (fps_choice){.code = FPS_TARGET_RANDOM};
    task->dimension = 2;
    task->sampling.code = FPS_SAMPLING_JITTERED;
    task->samples = 100;
}
static void noisy_weighted(fps_task *task) {
    task->sampling.code = FPS_SAMPLING_POPULATION;
    task->density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0, 0.5}};
    task->noise = 0.1;
    task->batch_size = 30;
    task->steps = 6000;
}
/* Records long enough for several calls of the hook. */
static void long_records(fps_task *task) {
    task->dimension = 2;
    task->target.text = "sin(3*x1) * x2";
    task->samples = 100;
    task->sampling.code = FPS_SAMPLING_MIDPOINT;
    task->grid_points = 400;
    task->steps = 300;
    task->optimizer.code = FPS_OPTIMIZER_MOMENTUM;
}
static void long_records_batches(fps_task *task) {
    long_records(task);
    task->batch_size = 30;
}
static void long_records_met_tolerance(fps_task *task) {
    long_records(task);
    task->tolerance = 0.2;
    task->steps = 100000;
}
static void long_records_met_tolerance_batches(fps_task *task) {
    long_records_met_tolerance(task);
    task->batch_size = 30;
}

/* Updates so large that the hook is called within. */
static void large_updates(fps_task *task) {
    task->samples = 9000;
    task->width = 64;
    task->width_text = "64";
    for (int l = 0; l < FPS_MAX_DEPTH; l++)
        task->widths[l] = 64;
    task->optimizer.code = FPS_OPTIMIZER_NESTEROV;
    task->precision.code = FPS_SINGLE;
    task->steps = 14;
}
static void large_updates_tolerance(fps_task *task) {
    large_updates(task);
    task->tolerance = 0.56;
    task->steps = 1000;
}
static void large_updates_batches(fps_task *task) {
    large_updates(task);
    task->samples = 13500;
    task->batch_size = 4500;
    task->tolerance = 1e-6;
    task->steps = 24;
}

/* What splits the loss by frequency: with a grid of its own, and where the samples are the grid. */
static void split(fps_task *task) {
    task->steps = 900;
}
static void split_population(fps_task *task) {
    task->sampling.code = FPS_SAMPLING_POPULATION;
    task->samples = task->grid_points;
    task->density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0.2, 0.3}};
    task->window.code = FPS_WINDOW_DENSITY;
    task->loss = (fps_choice){.code = FPS_LOSS_LOGCOSH};
}
static void split_adam_batches(fps_task *task) {
    adam_single_batches(task);
    task->steps = 1800;
}
static void split_large(fps_task *task) {
    large_updates(task);
    split_population(task);
    task->grid_points = task->samples = 9000;
    task->steps = 7;
}
static void split_tolerance(fps_task *task) {
    split_population(task);
    adam(task);
    task->tolerance = 0.01;
    task->steps = 100000;
}

static const example examples[] = {
    {"gd", no_change, keep_all, 10, false},
    {"gd, multipliers", no_change, keep_all | FPS_KEEP_MULTIPLIERS, 10, false},
    {"momentum", momentum, keep_all, 10, false},
    {"momentum, batches", momentum_batches, FPS_KEEP_SPECTRUM, 18, false},
    {"nesterov, single", nesterov_single, FPS_KEEP_PARAMETERS, 10, false},
    {"adam", adam, keep_all, 10, false},
    {"adam, single, batches", adam_single_batches, keep_all, 18, false},
    {"rmsprop, batches", rmsprop_batches, FPS_KEEP_PARAMETERS | FPS_KEEP_FINAL_FUNCTION, 18, false},
    {"rmsprop, single", rmsprop_single, FPS_KEEP_FUNCTION, 10, false},
    {"tolerance not met", unmet_tolerance, keep_all, 10, false},
    {"tolerance met", met_tolerance, keep_all, 3, false},
    {"tolerance met, batches", met_tolerance_batches, keep_all, 4, false},
    {"stable rate", stable_rate, keep_all | FPS_KEEP_MULTIPLIERS, 10, false},
    {"flow", flow, keep_all | FPS_IF_FLOW, 3, false},
    {"flow, small tolerance", flow_tight, keep_all | FPS_IF_FLOW, 10, false},
    {"flow, relu, single", flow_relu_single, keep_all | FPS_IF_FLOW, 3, false},
    {"flow, relu2, biases", flow_relu2_biases, keep_all | FPS_IF_FLOW, 10, false},
    {"flow, tolerance met", flow_met_tolerance, keep_all | FPS_IF_FLOW, 3, false},
    {"sobolev", sobolev, keep_all, 10, false},
    {"features, depth 0", features_alone, keep_all | FPS_KEEP_MULTIPLIERS, 10, false},
    {"features, depth 2", features_and_layers, keep_all, 15, false},
    {"diverging", diverging, keep_all, 5, false},
    {"output layer", output_alone, keep_all, 10, false},
    {"random labels", random_labels, keep_all, 10, false},
    {"population, noise, batches", noisy_weighted, keep_all, 12, false},
    {"long records", long_records, FPS_KEEP_FINAL_FUNCTION | FPS_KEEP_PARAMETERS, 6, true},
    {"long records, batches", long_records_batches, FPS_KEEP_FINAL_FUNCTION | FPS_KEEP_PARAMETERS, 6, true},
    {"long records, tolerance met", long_records_met_tolerance, FPS_KEEP_PARAMETERS, 4, true},
    {"long records, tolerance met, batches", long_records_met_tolerance_batches, FPS_KEEP_PARAMETERS, 4, true},
    {"large updates", large_updates, keep_all, 5, true},
    {"large updates, tolerance met", large_updates_tolerance, FPS_KEEP_PARAMETERS, 3, true},
    {"large updates, batches", large_updates_batches, keep_all, 5, true},
    {"stages", split, keep_all | FPS_KEEP_SPLIT, 5, false},
    {"stages, population", split_population, keep_all | FPS_KEEP_SPLIT, 10, false},
    {"variation, population, tolerance met", split_tolerance, FPS_KEEP_VARIATION, 2, false},
    {"stages, adam, batches", split_adam_batches, FPS_KEEP_SPLIT, 5, false},
    {"stages, large updates", split_large, FPS_KEEP_SPLIT, 3, true},
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static fps_record_spec base_record(const example *e) {
    static double threshold[] = {0.5, 1.1, 2, 4.4};
    fps_record_spec spec = plain_record(e->several ? 4 : 14, 10, e->keep);
    spec.thresholds = e->keep & FPS_KEEP_SPLIT ? 4 : 0;
    spec.threshold = threshold;
    if (e->change == met_tolerance || e->change == met_tolerance_batches || e->change == split_tolerance)
        spec.spacing = FPS_SPACING_LOG;
    return spec;
}

static fps_task task_of(const example *e) {
    fps_task task = base_task();
    e->change(&task);
    return task;
}

/* ---- tests ---- */

/* What fps_cost_estimate() says of the checkpoint at the end, from the last one that there was and the rows behind it:
 * exact, unless a task ends before its time. */
static void assert_predicted(const example *e, const fps_task *task, const fps_record_spec *spec, const fps_state *last,
                             const fps_trajectory *trajectory) {
    static const fps_calibration any = {0};
    fps_cost cost;
    fps_state_head head;
    double bytes = (double)last->size;
    memcpy(&head, last->bytes, sizeof head);
    fps_cost_estimate(task, spec, &any, &cost);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        if (trajectory->value[r] && field->dimensions > 0 && field->dimension[0] == FPS_RECORD)
            bytes += 8 * (double)(trajectory->records - head.records) *
                     (double)fps_result_elements(field, &trajectory->extent) /
                     (double)trajectory->extent.size[FPS_RECORD];
    }
    const bool early = trajectory->value[FPS_RESULT_STEP][trajectory->records - 1] < (double)task->steps;
    if (early ? cost.state < bytes : cost.state != bytes)
        fail_msg("%s: a checkpoint of %.0f bytes is predicted, it is one of %.0f", e->name, cost.state, bytes);
}

/* Interruption number i comes at call 1 + i % cycle after the last one: at every call, or, where several belong to one
 * record or update, so that it gets past them. */
static void tasks_in_pieces_end_with_the_same_bits(void **state) {
    fixture *f = *state;
    int64_t sum = 0;
    for (int i = 0; i < EXAMPLES; i++) {
        const example *e = &examples[i];
        fps_task task = task_of(e);
        fps_record_spec spec = base_record(e);
        run(f, &task, &spec, &f->t);
        listener l = {0};
        fps_state from = {0};
        int64_t pieces = 0, again = 0;
        while (run_with(&l, &task, &spec, &from, e->several ? 1 + pieces % 9 : 1, &f->other) == FPS_STOPPED) {
            fps_state swap = from;
            from = l.state;
            l.state = swap;
            again += l.again;
            pieces++;
            soil(&f->other);
        }
        assert_same_results(&f->t, &f->other, e->name);
        print_message("%-40s %3lld interruptions, %lld calls within updates and records, %s after %lld steps\n",
                      e->name, (long long)pieces, (long long)again, fps_outcome_name(f->t.outcome),
                      (long long)f->t.value[FPS_RESULT_STEP][f->t.records - 1]);
        if (pieces < e->interruptions || (e->several && again < 2))
            fail_msg("%s: %lld interruptions, at least %lld were to be tested", e->name, (long long)pieces,
                     (long long)e->interruptions);
        sum += pieces;
        assert_predicted(e, &task, &spec, &from, &f->t);
        fps_state_release(&l.state);
        fps_state_release(&from);
    }
    assert_true(sum >= 250);
}

static void saving_changes_nothing(void **state) {
    fixture *f = *state;
    for (int i = 0; i < EXAMPLES; i += 3) {
        fps_task task = task_of(&examples[i]);
        fps_record_spec spec = base_record(&examples[i]);
        run(f, &task, &spec, &f->t);
        listener l = {0};
        assert_int_equal(run_with(&l, &task, &spec, NULL, 0, &f->other), FPS_OK);
        assert_true(l.calls >= 3);
        assert_same_results(&f->t, &f->other, examples[i].name);
        fps_state_release(&l.state);
    }
}

/* One interruption at each of all the calls that there are, the rest in one go: in updates, in records, and in the last
 * record of a task that its tolerance ends. */
static void any_call_may_be_the_last(void **state) {
    fixture *f = *state;
    int tested = 0;
    for (int i = 0; i < EXAMPLES; i++) {
        const example *e = &examples[i];
        fps_task task = task_of(e);
        if (!e->several || !(task.tolerance > 0))
            continue;
        fps_record_spec spec = base_record(e);
        run(f, &task, &spec, &f->t);
        for (int64_t stop_at = 1;; stop_at++, tested++) {
            listener first = {0}, second = {0};
            fps_status status = run_with(&first, &task, &spec, NULL, stop_at, &f->other);
            if (status == FPS_STOPPED) {
                soil(&f->other);
                status = run_with(&second, &task, &spec, &first.state, 0, &f->other);
            }
            assert_int_equal(status, FPS_OK);
            assert_same_results(&f->t, &f->other, e->name);
            bool finished = first.calls < stop_at;
            fps_state_release(&first.state);
            fps_state_release(&second.state);
            if (finished)
                break;
        }
    }
    print_message("%d calls\n", tested);
    assert_true(tested >= 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(tasks_in_pieces_end_with_the_same_bits),
        TEST(saving_changes_nothing),
        TEST(any_call_may_be_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
