/* floor: analysis */
/* The share of the target on a ladder of band limits: a made-up sweep in which 1/V grows by X^(a - alpha) from rung to
 * rung, so that theta = a - alpha exactly; a = 1 for tanh, 2 for relu. */
#include "results_files.h"

#include "fpsweep/figure.h"
#include "fpsweep/retention.h"

static const char sweep[] =
    "sweep: shares\n"
    "fixed: {target: \"sin(x) + x\", domain: [-pi, pi], samples: 8, grid_points: 250, width: 4,\n"
    "        precision: double, frequency_step: 0.5}\n"
    "grid:\n"
    "  decay_rate: [0.5, 1, 1.5, 2, 2.5]\n"
    "  depth: [1, 2]\n"
    "  band_limit: [13, 40, 121, 124]\n"
    "  seed: {from: 3, to: 6}\n"
    "zip:\n"
    "  - {activation: [tanh, relu], learning_rate: [0.1, 0.2]}\n"
    "record: {count: 2, frequencies: 4, keep: [spectrum]}\n";
enum { MODES = 4, SEEDS = 4, PENDING = 7 };

static fps_reader *reader;
static fps_row *row;
static fps_grouping *grouping;

/* V: the same on average over seeds 3 .. 6 for depth 1; depth 2 has a spread. */
static double share_of(const fps_task *task) {
    static const int64_t limit[] = {13, 40, 121, 124};
    double critical = task->activation.code == FPS_ACTIVATION_RELU ? 2 : 1, inverse = 1.5;
    for (int k = 0; limit[k] < task->band_limit; k++)
        inverse += pow((double)limit[k] + 0.5, critical - task->decay_rate) / 40;
    double spread = task->depth == 2 ? 1 + 0.001 * (double)(task->seed - 4) : 1;
    return spread / inverse;
}

static void make_row(const fps_plan *plan, const fps_task *task, fps_trajectory *t) {
    assert_ok(fps_trajectory_prepare(t, task, fps_plan_record(plan)));
    t->records = 2;
    t->outcome = FPS_DONE;
    for (int r = 0; r < 2; r++) {
        t->value[FPS_RESULT_STEP][r] = r * (double)task->steps;
        t->value[FPS_RESULT_TRAINING_LOSS][r] = r ? 1e-7 : 0.5;
        for (int k = 0; k < MODES; k++) {
            double v = r ? share_of(task) : 0, re = 1.0 / (1 + k), im = k - 1.5;
            t->value[FPS_RESULT_TARGET_RE][k] = re;
            t->value[FPS_RESULT_TARGET_IM][k] = im;
            t->value[FPS_RESULT_RESIDUAL_RE][r * MODES + k] =
                (v - 1) * re - 0.3 * im; /* a wrong phase does not count */
            t->value[FPS_RESULT_RESIDUAL_IM][r * MODES + k] = (v - 1) * im + 0.3 * re;
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
    const char *path = test_path("shares.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_row of;
        if (i == PENDING)
            continue;
        fps_plan_task(plan, i, &task);
        make_row(plan, &task, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &of));
        assert_ok(fps_results_sync(results));
        assert_ok(fps_results_commit(results, &of, 1));
    }
    assert_ok(fps_results_close(&results));
    assert_ok(fps_reader_open(path, &reader));
    row = calloc((size_t)fps_plan_count(plan), sizeof *row);
    assert_ok(fps_reader_rows(reader, row));
    assert_ok(fps_grouping_create_ladders(fps_reader_plan(reader), NULL, &grouping));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
    return 0;
}

static int remove_file(void **state) {
    fps_grouping_destroy(&grouping);
    free(row);
    fps_reader_close(&reader);
    MPI_Finalize();
    return remove_directory(state);
}

static void such_sweeps_are_known(void **state) {
    (void)state;
    static const char *const others[] = {
        "fixed: {target: \"sin(x)\"}\ngrid: {decay_rate: [1, 2, 3], band_limit: [4, 13, 40]}\n", /* no spectrum */
        "fixed: {target: random}\ngrid: {decay_rate: [1, 2, 3], band_limit: [4, 13, 40]}\nrecord: {keep: [spectrum]}\n",
        "fixed: {target: \"sin(x)\"}\ngrid: {decay_rate: [1, 2], band_limit: [4, 13, 40]}\nrecord: {keep: "
        "[spectrum]}\n",
        "fixed: {target: \"sin(x)\"}\ngrid: {decay_rate: [none, 1, 2, 3], band_limit: [4, 13, 40]}\n"
        "record: {keep: [spectrum]}\n"};
    assert_true(fps_retention_has(fps_reader_plan(reader), NULL));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char text[400];
        snprintf(text, sizeof text, "sweep: a\n%s", others[i]);
        fps_plan *plan = make_plan(text);
        if (fps_retention_has(plan, NULL))
            fail_msg("taken for a ladder with a target:\n%s", text);
        fps_plan_destroy(&plan);
    }
}

static void labels_leave_out_what_others_determine(void **state) {
    (void)state;
    static const char *const expected[] = {"depth=1 activation=tanh", "depth=1 activation=relu",
                                           "depth=2 activation=tanh", "depth=2 activation=relu"};
    assert_int_equal(grouping->groups, 4);
    for (int64_t g = 0; g < 4; g++) {
        char label[128];
        assert_ok(fps_grouping_label_short(grouping, g, label, sizeof label));
        assert_string_equal(label, expected[g]);
    }
}

static void assert_close(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: got %.12g, expected %.12g within %g", what, got, expected, tolerance);
}

static void theta_and_its_zero_are_found(void **state) {
    (void)state;
    for (int64_t g = 0; g < 4; g++) {
        fps_retention r;
        fps_task task;
        fps_plan_task(fps_reader_plan(reader), fps_grouping_task(grouping, g, 0), &task);
        assert_ok(fps_retention_read(reader, row, grouping, g, &r));
        const double critical = task.activation.code == FPS_ACTIVATION_RELU ? 2 : 1;
        bool hole = false;
        for (int64_t j = 0; j < fps_grouping_size(grouping, g); j++)
            hole |= fps_grouping_task(grouping, g, j) == PENDING;
        assert_int_equal(r.outcome[FPS_PENDING], hole);
        assert_int_equal(r.complete, SEEDS - hole); /* a seed with a hole counts nowhere */
        assert_int_equal(r.rungs, 4);
        assert_int_equal(r.alphas, 5);
        assert_close(r.loss, 2e-7, 1e-20, "loss");
        for (int64_t a = 0; a < r.alphas; a++) {
            const fps_estimate theta = r.theta[a], mean = r.mean[2 * r.alphas + a];
            task.depth = 1;
            task.decay_rate = r.alpha[a];
            task.band_limit = 121;
            if (g < 2)
                assert_close(mean.value, share_of(&task), 1e-14, "V");
            assert_close(theta.value, critical - r.alpha[a], g < 2 ? 1e-6 : 0.05, "theta");
            assert_true(theta.uncertainty < (g < 2 ? 1e-6 : 0.05));
        }
        assert_close(r.alpha_c[0].value, critical, g < 2 ? 1e-6 : 0.01, "alpha_c");
        assert_true(r.alpha_c[0].uncertainty < (g < 2 ? 1e-6 : 0.01));
        fps_retention_release(&r);
    }
}

/* V that grows on a rung has no theta; with fewer than three there is no alpha_c. */
static void what_does_not_fall_is_not_resolved(void **state) {
    (void)state;
    bool *selected = calloc((size_t)fps_plan_count(fps_reader_plan(reader)), sizeof *selected);
    fps_grouping *part = NULL;
    fps_retention r;
    assert_ok(
        fps_plan_select(fps_reader_plan(reader), "activation == relu && decay_rate < 1.75 && depth == 1", selected));
    assert_ok(fps_grouping_create_ladders(fps_reader_plan(reader), selected, &part));
    assert_int_equal(part->groups, 1);
    assert_ok(fps_retention_read(reader, row, part, 0, &r));
    assert_int_equal(r.alphas, 3);
    assert_true(r.theta[0].value > 0 && isnan(r.alpha_c[0].value)); /* all on one side */
    fps_retention_release(&r);
    fps_grouping_destroy(&part);
    free(selected);
}

static void the_figure_has_all_panels(void **state) {
    (void)state;
    const char *path = test_path("retained.txt");
    assert_ok(fps_figure_draw(reader, "retained", NULL, path));
    FILE *file = fopen(path, "r");
    char text[40000];
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    assert_non_null(strstr(text, "depth=2 activation=relu M = 121"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(such_sweeps_are_known),        cmocka_unit_test(labels_leave_out_what_others_determine),
        cmocka_unit_test(theta_and_its_zero_are_found), cmocka_unit_test(what_does_not_fall_is_not_resolved),
        cmocka_unit_test(the_figure_has_all_panels),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
