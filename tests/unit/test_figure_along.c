/* floor: analysis */
/* Figures along a direction: made-up errors that fall exponentially, in each direction at its own pace. */
#include "results_files.h"

#include "fpsweep/decay.h"
#include "fpsweep/direction.h"
#include "fpsweep/figure.h"

static const char sweep[] =
    "sweep: directions\n"
    "fixed: {target: \"sin(x1)\", domain: [[0, 1], [0, 4]], samples: 16, grid_points: 16, steps: 1000, width: 4,\n"
    "        precision: double, dimension: 2}\n"
    "grid: {activation: [tanh, sin], seed: [1, 2]}\n"
    "record: {count: 200, spacing: log, frequencies: 5, keep: [function]}\n";
enum { MODES = 5, DIRECTIONS = 3 };
static const char *const name[DIRECTIONS] = {"x1", "x2", "radial"};
static const double side[DIRECTIONS] = {1, 4, 4}; /* of the axis; the longest of the radial direction */
static fps_reader *reader;

/* Mode k of direction r is learnt at step 10 k^(1 + r/2). */
static double tau_of(int r, double k) {
    return 10 * pow(k, 1 + 0.5 * r);
}

static double error_of(int r, double k, double step) {
    return pow(0.5, step / tau_of(r, k > 0 ? k : 1));
}

static void make_row(const fps_plan *plan, const fps_task *task, fps_trajectory *t) {
    int64_t step[256];
    assert_ok(fps_trajectory_prepare(t, task, fps_plan_record(plan)));
    assert_int_equal(t->extent.size[FPS_DIRECTION], DIRECTIONS);
    t->records = fps_record_steps(fps_plan_record(plan), task->steps, step);
    t->outcome = FPS_DONE;
    for (int64_t i = 0; i < t->records; i++) {
        t->value[FPS_RESULT_STEP][i] = (double)step[i];
        for (int p = 0; p < DIRECTIONS * MODES; p++) {
            const double error = error_of(p / MODES, p % MODES, (double)step[i]);
            t->value[FPS_RESULT_FREQUENCY_ERROR][i * DIRECTIONS * MODES + p] = error;
            t->value[FPS_RESULT_RESIDUAL_RELATIVE][i * DIRECTIONS * MODES + p] = error;
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
    const char *path = test_path("directions.h5");
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

static void assert_close(double got, double expected, const char *what) {
    if (!(fabs(got - expected) <= 2e-5 * fabs(expected)))
        fail_msg("%s: got %.12g, expected %.12g", what, got, expected);
}

/* Draw along a direction (NULL: without) and return the text; free it. */
static char *draw(const char *figure, const char *direction, const char *file) {
    const char *path = test_path(file);
    char *text = calloc(1, 1 << 20);
    assert_ok(direction ? fps_figure_draw_along(reader, figure, NULL, direction, path)
                        : fps_figure_draw(reader, figure, NULL, path));
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
    fclose(in);
    return text;
}

/* What a line of a figure's data has to say: xi from the comment of its block (trajectories, axes, tau) or its line. */
static void check_line(const char *figure, int r, double xi, const double *v) {
    if (strcmp(figure, "trajectories") == 0)
        assert_close(v[1], error_of(r, xi * side[r], v[0]), "trajectories");
    else if (strcmp(figure, "axes") == 0)
        assert_close(v[1], error_of(r, xi * side[r], 1000), "axes");
    else if (strcmp(figure, "tau") == 0)
        assert_close(v[1], tau_of(r, xi > 0 ? xi * side[r] : 1), "tau");
    else if (strcmp(figure, "heatmap") == 0)
        assert_close(v[6], error_of(r, v[1] * side[r], v[0]), "heatmap");
    else
        assert_close(v[1], tau_of(r, v[0] * side[r]), "decay");
}

static void data_are_those_of_the_direction(void **state) {
    (void)state;
    static const char *const figures[] = {"trajectories", "heatmap", "axes", "tau", "decay"};
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (int r = 0; r < DIRECTIONS; r++) {
            char *text = draw(figures[f], name[r], "along.txt"), *rest = text;
            double xi = NAN, v[7] = {0};
            int lines = 0;
            for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                const char *comment = strstr(line, "xi=");
                if (line[0] == '#') {
                    xi = comment ? strtod(comment + 3, NULL) : (double)NAN;
                    continue;
                }
                assert_true(sscanf(line, "%lf %lf %lf %lf %lf %lf %lf", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6) >=
                            4);
                check_line(figures[f], r, xi, v);
                lines++;
            }
            assert_true(lines >= MODES - 1);
            free(text);
        }
}

static void without_a_direction_it_is_the_first(void **state) {
    (void)state;
    for (const fps_figure *figure = fps_figures; figure->name; figure++) {
        if (!figure->directed)
            continue;
        char *plain = draw(figure->name, NULL, "a.gp"), *first = draw(figure->name, "x1", "a.gp"),
             *radial = draw(figure->name, "radial", "a.gp"), *second = draw(figure->name, "x2", "a.gp");
        assert_string_equal(plain, first);
        assert_non_null(strstr(plain, "along axis 1"));
        assert_non_null(strstr(second, "along axis 2"));
        assert_non_null(strstr(radial, "in the radial direction"));
        assert_null(strstr(radial, "along axis"));
        free(plain);
        free(first);
        free(radial);
        free(second);
    }
}

static void decay_rates_are_those_of_the_direction(void **state) {
    (void)state;
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    assert_ok(fps_learning_create(reader, 0.5, 0.01, &learning));
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    for (int r = 0; r < DIRECTIONS; r++) {
        fps_decay d;
        assert_ok(fps_decay_derive_along(learning, grouping, 0, name[r], &d));
        assert_close(d.alpha.value, 1 + 0.5 * r, "alpha");
        assert_close(d.frequency[0].xi, 1 / side[r], "xi");
        fps_decay_release(&d);
    }
    fps_decay d;
    assert_refused(fps_decay_derive_along(learning, grouping, 0, "x3", &d), FPS_ERROR_USAGE, "no direction x3");
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
}

static void other_directions_are_refused(void **state) {
    (void)state;
    const char *path = test_path("no.txt");
    struct stat status;
    assert_refused(fps_figure_draw_along(reader, "tau", NULL, "x3", path), FPS_ERROR_USAGE,
                   "it has dimension 2 and x1, x2, radial");
    assert_refused(fps_figure_draw_along(reader, "tau", NULL, "y", path), FPS_ERROR_USAGE, "no direction 'y'");
    assert_refused(fps_figure_draw_along(reader, "function", NULL, "x1", path), FPS_ERROR_USAGE,
                   "these are: trajectories, heatmap, axes, tau, decay");
    assert_int_equal(stat(path, &status), -1);
}

static void names(void **state) {
    (void)state;
    fps_task task = {.dimension = 1};
    assert_int_equal(fps_direction_find(&task, "x1"), 0);
    assert_int_equal(fps_direction_find(&task, "x2"), -1);
    assert_int_equal(fps_direction_find(&task, "radial"), -1);
    task.dimension = 3;
    for (int r = 0; fps_direction_names[r]; r++) {
        assert_int_equal(fps_direction_find(&task, fps_direction_names[r]), r);
        assert_string_equal(fps_direction_name(&task, r), fps_direction_names[r]);
    }
    task.dimension = 2;
    assert_int_equal(fps_direction_find(&task, "radial"), 2);
    assert_int_equal(fps_direction_find(&task, "x3"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_are_those_of_the_direction),
        cmocka_unit_test(without_a_direction_it_is_the_first),
        cmocka_unit_test(decay_rates_are_those_of_the_direction),
        cmocka_unit_test(other_directions_are_refused),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests_name("figures along a direction", tests, write_file, remove_file);
}
