/* floor: experiment, with: reference.c */
/* A task that is interrupted, saved, and taken up again by another trainer ends with the bits of one that is not. */
#include <time.h>

#include "experiment/state.h"
#include "trainer_fixture.h"

/* ---- interrupting ---- */

/* Listens to the hook, saves at every call, and stops at call number `stop_at` of those with something to save. */
typedef struct listener {
    const fps_trainer *trainer;
    fps_state state;
    int64_t calls, stop_at; /* 0: never */
    int64_t last_step;
    int64_t saved_in_records; /* calls at which the step was that of a record not yet counted */
} listener;

static bool listen(void *context, int64_t step, int64_t steps) {
    listener *l = context;
    assert_true(step >= l->last_step && step <= steps);
    assert_int_equal(fps_trainer_save(l->trainer, &l->state), FPS_OK);
    if (l->state.size == 0)
        return false;
    l->last_step = step;
    return ++l->calls == l->stop_at;
}

static void assert_same_state(const fps_state *a, const fps_state *b) {
    fps_state_head head[2];
    assert_int_equal(a->size, b->size);
    memcpy(&head[0], a->bytes, sizeof *head);
    memcpy(&head[1], b->bytes, sizeof *head);
    assert_true(head[1].seconds >= head[0].seconds);
    assert_int_equal(head[0].step, head[1].step);
    assert_int_equal(head[0].records, head[1].records);
    assert_memory_equal(a->bytes + sizeof *head, b->bytes + sizeof *head, a->size - sizeof *head);
}

static void assert_same_results(const fps_trajectory *a, const fps_trajectory *b, const char *what) {
    if (a->outcome != b->outcome || a->records != b->records)
        fail_msg("%s: ends %s with %lld records, undisturbed %s with %lld", what, fps_outcome_name(b->outcome),
                 (long long)b->records, fps_outcome_name(a->outcome), (long long)a->records);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        assert_true(!a->value[r] == !b->value[r]);
        if (!a->value[r])
            continue;
        int64_t elements = fps_result_elements(field, &a->extent);
        if (field->dimensions > 0 && field->dimension[0] == FPS_RECORD)
            elements = elements / a->extent.size[FPS_RECORD] * a->records;
        if (memcmp(a->value[r], b->value[r], (size_t)elements * sizeof(double)) != 0)
            fail_msg("%s: other bits in %s", what, field->name);
    }
}

/* Run until finished, each time in a new trainer. Interruption number i comes at call 1 + i % cycle. Returns how many
 * interruptions there were. */
static int64_t run_in_pieces(const fps_task *task, const fps_record_spec *spec, int64_t first, int64_t cycle,
                             fps_trajectory *trajectory) {
    listener l = {0};
    fps_state after = {0};
    fps_status status = FPS_STOPPED;
    int64_t interruptions = first;
    for (; status == FPS_STOPPED; interruptions++) {
        fps_trainer *trainer;
        assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
        l.trainer = trainer;
        l.calls = 0;
        l.stop_at = 1 + interruptions % cycle;
        fps_hook hook = {.call = listen, .context = &l};
        status = fps_trainer_resume(trainer, task, spec, &after, &hook, trajectory);
        if (status == FPS_STOPPED) {
            assert_int_equal(trajectory->outcome, FPS_PENDING);
            assert_int_equal(fps_trainer_save(trainer, &after), FPS_OK);
            assert_same_state(&l.state, &after);
            for (int r = 0; r < FPS_RESULT_COUNT; r++) /* nothing may be taken from the old memory */
                for (int64_t i = 0; i < trajectory->capacity[r]; i++)
                    trajectory->value[r][i] = -12345;
        } else {
            assert_int_equal(fps_trainer_save(trainer, &l.state), FPS_OK);
            assert_int_equal(l.state.size, 0); /* a finished task has none */
        }
        fps_trainer_destroy(&trainer);
    }
    assert_int_equal(status, FPS_OK);
    fps_state_release(&l.state);
    fps_state_release(&after);
    return interruptions - 1 - first;
}

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
static void diverging(fps_task *task) {
    task->activation.code = FPS_ACTIVATION_RELU;
    task->learning_rate = (fps_choice){.code = FPS_RATE_VALUE, .argument = {0.01}};
    task->optimizer.code = FPS_OPTIMIZER_MOMENTUM;
    task->momentum = 1.005;
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
    task->grid_points = 450;
    task->steps = 500;
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

static const example examples[] = {
    {"gd", no_change, keep_all, 10},
    {"gd, multipliers", no_change, keep_all | FPS_KEEP_MULTIPLIERS, 10},
    {"momentum", momentum, keep_all, 10},
    {"momentum, batches", momentum_batches, FPS_KEEP_SPECTRUM, 18},
    {"nesterov, single", nesterov_single, FPS_KEEP_PARAMETERS, 10},
    {"adam", adam, keep_all, 10},
    {"adam, single, batches", adam_single_batches, keep_all, 18},
    {"rmsprop, batches", rmsprop_batches, FPS_KEEP_PARAMETERS | FPS_KEEP_FINAL_FUNCTION, 18},
    {"rmsprop, single", rmsprop_single, FPS_KEEP_FUNCTION, 10},
    {"tolerance not met", unmet_tolerance, keep_all, 10},
    {"tolerance met", met_tolerance, keep_all, 3},
    {"tolerance met, batches", met_tolerance_batches, keep_all, 4},
    {"stable rate", stable_rate, keep_all | FPS_KEEP_MULTIPLIERS, 10},
    {"flow", flow, keep_all | FPS_IF_FLOW, 3},
    {"flow, small tolerance", flow_tight, keep_all | FPS_IF_FLOW, 10},
    {"flow, relu, single", flow_relu_single, keep_all | FPS_IF_FLOW, 3},
    {"flow, relu2, biases", flow_relu2_biases, keep_all | FPS_IF_FLOW, 10},
    {"flow, tolerance met", flow_met_tolerance, keep_all | FPS_IF_FLOW, 3},
    {"sobolev", sobolev, keep_all, 10},
    {"features, depth 0", features_alone, keep_all | FPS_KEEP_MULTIPLIERS, 10},
    {"features, depth 2", features_and_layers, keep_all, 15},
    {"diverging", diverging, keep_all, 5},
    {"output layer", output_alone, keep_all, 10},
    {"random labels", random_labels, keep_all, 10},
    {"population, noise, batches", noisy_weighted, keep_all, 12},
    {"long records", long_records, FPS_KEEP_FINAL_FUNCTION | FPS_KEEP_PARAMETERS, 15},
    {"long records, batches", long_records_batches, FPS_KEEP_FINAL_FUNCTION | FPS_KEEP_PARAMETERS, 15},
    {"long records, tolerance met", long_records_met_tolerance, FPS_KEEP_PARAMETERS, 7},
    {"long records, tolerance met, batches", long_records_met_tolerance_batches, FPS_KEEP_PARAMETERS, 7},
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static fps_record_spec base_record(const example *e) {
    fps_record_spec spec =
        plain_record(e->change == long_records || e->change == long_records_batches ? 4 : 14, 10, e->keep);
    if (e->change == met_tolerance || e->change == met_tolerance_batches)
        spec.spacing = FPS_SPACING_LOG;
    return spec;
}

static fps_task task_of(const example *e) {
    fps_task task = base_task();
    e->change(&task);
    return task;
}

/* ---- tests ---- */

static void tasks_in_pieces_end_with_the_same_bits(void **state) {
    fixture *f = *state;
    int64_t sum = 0;
    for (int i = 0; i < EXAMPLES; i++) {
        const example *e = &examples[i];
        fps_task task = task_of(e);
        fps_record_spec spec = base_record(e);
        run(f, &task, &spec, &f->t);
        int64_t cycle = strstr(e->name, "long records") ? 9 : 1;
        int64_t interruptions = run_in_pieces(&task, &spec, 0, cycle, &f->other);
        assert_same_results(&f->t, &f->other, e->name);
        if (interruptions < e->interruptions)
            fail_msg("%s: %lld interruptions, at least %lld were to be tested", e->name, (long long)interruptions,
                     (long long)e->interruptions);
        sum += interruptions;
        print_message("%-40s %3lld interruptions, %s after %lld steps\n", e->name, (long long)interruptions,
                      fps_outcome_name(f->t.outcome), (long long)f->t.value[FPS_RESULT_STEP][f->t.records - 1]);
    }
    assert_true(sum >= 250);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(tasks_in_pieces_end_with_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
