/* floor: analysis */
/* The effective decay rate from rows of a results file: made-up errors that fall exponentially, tau known exactly. */
#include "results_files.h"

#include "fpsweep/decay.h"
#include "fpsweep/figure.h"

/* tanh: learnt as 10 xi^2 (1 + spread), twice as late as its tangent; relu: the highest two frequencies never; sin: the
 * highest never by one seed. */
static const char sweep[] =
    "sweep: decay\n"
    "fixed: {target: \"sin(x)\", domain: [0, 1], samples: 32, grid_points: 64, steps: 10000, width: 4,\n"
    "        precision: double, optimizer: gd}\n"
    "grid: {activation: [tanh, relu, sin], linearised: [no, yes], seed: [1, 2, 3]}\n"
    "record: {count: 200, spacing: log, frequencies: [0, 1, 2, 4, 8, 16]}\n";
enum { MODES = 6, SEEDS = 3 };
static const int mode[MODES] = {0, 1, 2, 4, 8, 16};
static fps_reader *reader;

static double tau_of(const fps_task *task, int k) {
    const double exponent = 2 + 0.1 * (double)(task->seed - 2);
    const bool linearised = task->linearised.code == FPS_YES;
    if (!linearised && task->activation.code == FPS_ACTIVATION_RELU && mode[k] > 4)
        return 1e6;
    if (!linearised && task->activation.code == FPS_ACTIVATION_SIN && mode[k] == 16 && task->seed == 3)
        return 1e6;
    return (linearised ? 5 : 10) * pow(mode[k], exponent);
}

static void make_row(const fps_plan *plan, const fps_task *task, fps_trajectory *t) {
    int64_t step[256];
    assert_ok(fps_trajectory_prepare(t, task, fps_plan_record(plan)));
    t->records = fps_record_steps(fps_plan_record(plan), task->steps, step);
    t->outcome = FPS_DONE;
    for (int64_t r = 0; r < t->records; r++) {
        t->value[FPS_RESULT_STEP][r] = (double)step[r];
        for (int k = 0; k < MODES; k++) {
            const double error = pow(0.5, (double)step[r] / tau_of(task, k ? k : 1));
            t->value[FPS_RESULT_FREQUENCY_ERROR][r * MODES + k] = error;
            t->value[FPS_RESULT_RESIDUAL_RELATIVE][r * MODES + k] = error;
        }
    }
}

static int write_file(void **state) {
    int initialised;
    if (make_directory(state) != 0)
        return -1;
    MPI_Initialized(&initialised);
    if (!initialised)
        MPI_Init(NULL, NULL);
    fps_plan *plan = make_plan(sweep);
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    const char *path = test_path("decay.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_row row;
        fps_plan_task(plan, i, &task);
        make_row(plan, &task, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &row));
        assert_ok(fps_results_sync(results));
        assert_ok(fps_results_commit(results, &row, 1));
    }
    assert_ok(fps_results_close(&results));
    assert_ok(fps_reader_open(path, &reader));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
    return 0;
}

static int remove_file(void **state) {
    fps_reader_close(&reader);
    MPI_Finalize();
    return remove_directory(state);
}

static void assert_close(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: got %.12g, expected %.12g within %g", what, got, expected, tolerance);
}

static void derive(int64_t g, fps_decay *out) {
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    assert_ok(fps_learning_create(reader, 0.5, 0.01, &learning));
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    assert_ok(fps_decay_derive(learning, grouping, g, out));
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
}

static void slopes(void **state) {
    (void)state;
    const double xi[] = {0, 1, 2, 4, 8}, tau[] = {3, 7, 28, INFINITY, 448}, flat[] = {2, 2, 2};
    assert_close(fps_decay_slope(xi, tau, 5), 2, 1e-12, "slope without mode 0 and what is never learnt");
    assert_true(isnan(fps_decay_slope(xi, tau, 3))); /* two points */
    assert_true(isnan(fps_decay_slope(flat, tau, 3)));
}

/* Groups: tanh no, tanh yes, relu no, relu yes, sin no, sin yes. */
static void all_learnt(void **state) {
    (void)state;
    fps_decay d;
    derive(0, &d);
    const double half_width = fps_analysis_student(SEEDS - 1) * 0.1 / sqrt(SEEDS);
    assert_int_equal(d.frequencies, MODES - 1); /* mode 0 has no logarithm */
    assert_int_equal(d.learnable, SEEDS * (MODES - 1));
    assert_int_equal(d.censored, 0);
    assert_true(isnan(d.expected)); /* smooth */
    assert_close(d.alpha.value, 2, 1e-9, "alpha");
    assert_close(d.alpha.uncertainty, half_width, 1e-9, "its uncertainty");
    assert_close(d.linearised.value, 2, 1e-9, "of the tangent");
    assert_int_equal(d.windows, 2);
    assert_close(d.window[1].low, 2, 1e-12, "second window");
    assert_close(d.window[1].high, 16, 1e-12, "second window");
    assert_close(d.window[1].alpha.value, 2, 1e-9, "alpha of the second window");
    for (int64_t k = 0; k < d.frequencies; k++) {
        const fps_decay_frequency *f = &d.frequency[k];
        assert_int_equal(f->n, SEEDS);
        assert_close(f->median, 10 * f->xi * f->xi, 1e-9 * f->median, "median of tau");
        assert_close(f->ratio.value, 2, 1e-9, "ratio");
        assert_close(f->ratio.uncertainty, 0, 1e-9, "ratio's uncertainty");
    }
    fps_decay_release(&d);
    /* a tangent has no tangent */
    derive(1, &d);
    assert_close(d.alpha.value, 2, 1e-9, "alpha of the tangent itself");
    assert_int_equal(d.linearised.n, 0);
    assert_true(isnan(d.frequency[0].ratio.value));
    fps_decay_release(&d);
}

static void never_learnt_is_counted(void **state) {
    (void)state;
    fps_decay d;
    derive(2, &d);
    assert_int_equal(d.frequencies, MODES - 1);
    assert_int_equal(d.censored, 2 * SEEDS);
    assert_close(d.expected, 2, 0, "expected");
    assert_close(d.alpha.value, 2, 1e-9, "alpha of what is learnt");
    assert_true(isnan(d.window[0].alpha.value)); /* no window is complete */
    assert_close(d.window[0].linearised.value, 2, 1e-9, "the tangent's is");
    assert_true(isnan(d.frequency[3].median) && isnan(d.frequency[3].ratio.value));
    assert_int_equal(d.frequency[3].censored, SEEDS);
    assert_close(d.frequency[3].tau_linearised.value, 5 * (pow(8, 1.9) + pow(8, 2) + pow(8, 2.1)) / 3, 1e-6, "tangent");
    fps_decay_release(&d);
}

/* Does the script of figure decay of the selected tasks contain these words? */
static bool figure_has(const char *where, const char *words) {
    static char text[1 << 18];
    bool selected[64];
    const char *path = test_path("decay.gp");
    assert_ok(fps_plan_select(fps_reader_plan(reader), where, selected));
    assert_ok(fps_figure_draw(reader, "decay", selected, path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return strstr(text, words) != NULL;
}

static void a_figure_says_what_was_left_out(void **state) {
    (void)state;
    const char *const all = "activation == tanh && linearised == no",
                      *const one = "activation == sin && linearised == no",
                      *const half = "activation == relu && linearised == no",
                      *const tangent = "activation == tanh && linearised == yes";
    assert_true(figure_has(all, "_eff 2.00"));
    assert_false(figure_has(all, "left out"));
    assert_true(figure_has(one, ", 1 of 15 left out'"));
    assert_true(figure_has(half, "tangent 2.00"));
    assert_false(figure_has(half, "_eff 2.00"));
    /* the legend has what is drawn */
    assert_true(figure_has(half, "title 'not reached by half'") && figure_has(half, "title 'expected slope'"));
    assert_false(figure_has(one, "title 'not reached by half'") || figure_has(one, "title 'expected slope'"));
    assert_true(figure_has(all, "title 'tangent"));
    assert_false(figure_has(tangent, "title 'tangent"));
}

static void theory(void **state) {
    (void)state;
    static const struct {
        int activation, train;
        double expected;
    } cases[] = {{FPS_ACTIVATION_RELU, FPS_TRAIN_ALL, 2},     {FPS_ACTIVATION_RELU, FPS_TRAIN_BIASES, 2},
                 {FPS_ACTIVATION_RELU, FPS_TRAIN_OUTPUT, 4},  {FPS_ACTIVATION_RELU2, FPS_TRAIN_ALL, 4},
                 {FPS_ACTIVATION_RELU2, FPS_TRAIN_OUTPUT, 6}, {FPS_ACTIVATION_TANH, FPS_TRAIN_ALL, NAN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_task task;
        fps_plan_task(fps_reader_plan(reader), 0, &task);
        task.activation.code = cases[i].activation;
        task.train.code = cases[i].train;
        const double expected = fps_decay_expected(&task);
        assert_true(expected == cases[i].expected || (isnan(expected) && isnan(cases[i].expected)));
        task.depth = 2;
        assert_true(isnan(fps_decay_expected(&task)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes),
        cmocka_unit_test(all_learnt),
        cmocka_unit_test(never_learnt_is_counted),
        cmocka_unit_test(a_figure_says_what_was_left_out),
        cmocka_unit_test(theory),
    };
    return cmocka_run_group_tests_name("effective decay rate", tests, write_file, remove_file);
}
