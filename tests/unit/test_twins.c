/* floor: analysis */
/* The critical decay rate from trained networks: a small ladder is trained, written, read, and held against the solved
 * problem. */
#include "results_files.h"

#include "fpsweep/critical_quantities.h"
#include "fpsweep/figure.h"
#include "fpsweep/trainer.h"
#include "fpsweep/twins.h"

static const char sweep[] =
    "sweep: ladders\n"
    "fixed: {target: random, domain: [0, 1], sampling: jittered, frequency_step: 0.25, depth: 0,\n"
    "        optimizer: gd, learning_rate: stable(0.9), tolerance: 1e-26, steps: 20000,\n"
    "        precision: double}\n"
    "grid:\n"
    "  samples: [1, 8]\n"
    "  data_seed: {from: 0, to: 15}\n"
    "  decay_rate: [0.8, 0.9, 1, 1.1, 1.2]\n"
    "  band_limit: [40, 121, 364, 1093]\n"
    "where: \"samples > 1 || data_seed == 0\"\n"
    "record: {count: 3, keep: [multipliers]}\n";
enum { GROUPS = 2, MISSING = 30 }; /* this task is left out */

static fps_reader *reader; /* of the file, for all tests */
static fps_row *row;
static fps_grouping *grouping;

static int write_file(void **state) {
    int initialised;
    if (make_directory(state) != 0)
        return -1;
    MPI_Initialized(&initialised);
    if (!initialised)
        MPI_Init(NULL, NULL);
    fps_plan *plan = make_plan(sweep);
    fps_results *results = NULL;
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    const char *path = test_path("ladders.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    assert_ok(fps_trainer_create(&trainer));
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_row of;
        if (i == MISSING)
            continue;
        fps_plan_task(plan, i, &task);
        assert_ok(fps_trainer_run(trainer, &task, fps_plan_record(plan), NULL, &trajectory));
        assert_int_equal(trajectory.outcome, FPS_DONE);
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
    fps_trainer_destroy(&trainer);
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
    static const char *const others[] = {"fixed: {target: random, depth: 0, optimizer: gd, decay_rate: 1}\n"
                                         "grid: {band_limit: [4, 13, 40]}\n",
                                         "fixed: {target: random, depth: 0, optimizer: gd, decay_rate: 1}\n"
                                         "grid: {band_limit: [4, 13]}\nrecord: {keep: [multipliers]}\n",
                                         "fixed: {target: random, depth: 1, optimizer: gd, decay_rate: 1}\n"
                                         "grid: {band_limit: [4, 13, 40]}\nrecord: {keep: [multipliers]}\n",
                                         "fixed: {target: random, depth: 0, optimizer: gd, decay_rate: 1, bias: all}\n"
                                         "grid: {band_limit: [4, 13, 40]}\nrecord: {keep: [multipliers]}\n"};
    assert_true(fps_twins_has(fps_reader_plan(reader), NULL));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char text[400];
        snprintf(text, sizeof text, "sweep: a\n%s", others[i]);
        fps_plan *plan = make_plan(text);
        if (fps_twins_has(plan, NULL))
            fail_msg("taken for a ladder of networks:\n%s", text);
        fps_plan_destroy(&plan);
    }
    bool *selected = calloc((size_t)fps_plan_count(fps_reader_plan(reader)), sizeof *selected);
    assert_ok(fps_plan_select(fps_reader_plan(reader), "band_limit < 300", selected));
    assert_false(fps_twins_has(fps_reader_plan(reader), selected));
    free(selected);
}

static void assert_within(double value, double bound, const char *what) {
    print_message("%s: %.2e, bound %.1e\n", what, value, bound);
    if (!(fabs(value) <= bound))
        fail_msg("%s: %.3e is not within %.1e", what, value, bound);
}

/* E, D and alpha_c of trained and solved ladders; the mean over data sets within its uncertainty. */
static void trained_ladders_are_the_solved_ones(void **state) {
    (void)state;
    assert_int_equal(grouping->groups, GROUPS);
    for (int64_t g = 0; g < GROUPS; g++) {
        fps_twins twins;
        fps_critical_quantities trained, solved;
        assert_ok(fps_twins_read(reader, row, grouping, g, &twins));
        assert_ok(fps_critical_derive(&twins.trained, &trained));
        assert_ok(fps_critical_derive(&twins.solved, &solved));
        const fps_ladders *l = &twins.trained;
        assert_int_equal(l->samples, g == 0 ? 1 : 8);
        assert_int_equal(l->data_sets, g == 0 ? 1 : 16);
        assert_int_equal(l->rungs, 4);
        assert_int_equal(l->outcome[FPS_DONE], (g == 0 ? 20 : 320) - (g == 1));
        assert_int_equal(l->outcome[FPS_PENDING], g == 1);
        assert_within(twins.residual, 1e-12, "residual at the end");
        assert_within(twins.energy, 1e-10, "|a|^2 / E - 1");
        assert_within(twins.drop, 1e-8, "D trained / solved - 1");
        assert_int_equal(trained.triples, 2);
        for (int k = 0; k < trained.triples; k++) {
            const fps_critical_triple *t = &trained.triple[k];
            if (g == 0)
                assert_within((t->alpha_c.value - 1) / t->systematic - 1, 0.01, "(alpha_c - 1) X0^2 / c_1 - 1");
            else
                assert_within(t->alpha_c.value - 1, t->alpha_c.uncertainty, "mean of alpha_c - 1");
            if (g == 0) /* the task left out changes alpha_c of its data set */
                assert_within(t->alpha_c.value - solved.triple[k].alpha_c.value, 1e-9, "alpha_c trained - solved");
            else
                assert_within(t->alpha_c.value - solved.triple[k].alpha_c.value, 1e-6, "alpha_c trained - solved");
        }
        fps_critical_release(&solved);
        fps_critical_release(&trained);
        fps_twins_release(&twins);
    }
}

/* The task that was left out is missing where it is needed and nowhere else. */
static void missing_tasks_are_missing(void **state) {
    (void)state;
    fps_twins twins;
    fps_task task;
    fps_plan_task(fps_reader_plan(reader), MISSING, &task);
    assert_int_equal(task.samples, 8);
    assert_ok(fps_twins_read(reader, row, grouping, 1, &twins));
    const fps_ladders *l = &twins.trained;
    int64_t energies = 0, drops = 0, all = l->alphas * l->data_sets * l->rungs;
    for (int64_t i = 0; i < all; i++) {
        energies += isnan(l->value[FPS_LADDERS_ENERGY][i]);
        drops += isnan(l->value[FPS_LADDERS_ENERGY_DROP][i]);
    }
    bool inner = task.band_limit > 40 && task.band_limit < 1093;
    assert_int_equal(energies, 1);
    assert_int_equal(drops, l->alphas * l->data_sets + (inner ? 2 : 1));
    fps_twins_release(&twins);
}

static void the_figure_has_both(void **state) {
    (void)state;
    const char *path = test_path("trained.txt");
    assert_ok(fps_figure_draw(reader, "trained", NULL, path));
    FILE *file = fopen(path, "r");
    char text[20000];
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    assert_non_null(strstr(text, "samples=1 trained"));
    assert_non_null(strstr(text, "samples=8 solved"));
    bool *selected = calloc((size_t)fps_plan_count(fps_reader_plan(reader)), sizeof *selected);
    assert_ok(fps_plan_select(fps_reader_plan(reader), "band_limit < 300", selected));
    assert_refused(fps_figure_draw(reader, "trained", selected, path), FPS_ERROR_INPUT, "three band limits or more");
    free(selected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(such_sweeps_are_known),
        cmocka_unit_test(trained_ladders_are_the_solved_ones),
        cmocka_unit_test(missing_tasks_are_missing),
        cmocka_unit_test(the_figure_has_both),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
