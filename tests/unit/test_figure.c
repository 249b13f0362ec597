/* floor: analysis */
/* From rows of a results file to groups, learning times, bands and figures: a made-up sweep whose errors decay
 * exponentially, so that everything is known in closed form. */
#include "results_files.h"

#include "analysis/band.h"
#include "analysis/drawing.h"
#include "analysis/palette.h"
#include "fpsweep/figure.h"
#include "fpsweep/log.h"
#include "fpsweep/quantities.h"

/* Modes 0, 1, 2, 3: the target has none of mode 0 (missing), amplitudes 1, 1/2 and 1/1000 of the others. */
static const char sweep[] =
    "sweep: decays\n"
    "about: \"Errors' decay, made up\"\n"
    "fixed: {target: \"sin(x)\", domain: [-pi, pi], samples: 16, grid_points: 16, steps: 1000, noise: 0.1, "
    "precision: double, width: 4}\n"
    "grid:\n"
    "  depth: [1, 2]\n"
    "  activation: [tanh, relu, sin]\n"
    "zip:\n"
    "  - {seed: [1, 2, 3], data_seed: [4, 5, 6]}\n"
    "record: {count: 40, spacing: log, frequencies: 4, keep: [function]}\n";
enum { MODES = 4, SEEDS = 3, GROUPS = 6 };
static const double share[MODES] = {NAN, 1, 0.5, 1e-3};

/* Decay time in steps. activation relu at depth 2 never learns mode 2 (slower than the run); activation sin learns mode
 * 2 before mode 1. */
static double decay_time(const fps_task *task, int mode) {
    double spread = 1 + 0.1 * (double)(task->seed - 2); /* 0.9, 1, 1.1 */
    if (task->activation.code == FPS_ACTIVATION_SIN)
        return spread * (mode == 2 ? 20 : 60);
    if (mode == 2 && task->depth == 2 && task->activation.code == FPS_ACTIVATION_RELU)
        return 1e5;
    return spread * 30 * mode / (double)task->depth;
}

static void make_decays(const fps_plan *plan, const fps_task *task, fps_trajectory *t) {
    int64_t step[64];
    assert_ok(fps_trajectory_prepare(t, task, fps_plan_record(plan)));
    t->records = fps_record_steps(fps_plan_record(plan), task->steps, step);
    t->outcome = FPS_DONE;
    t->seconds = 1;
    for (int64_t r = 0; r < t->records; r++) {
        t->value[FPS_RESULT_STEP][r] = (double)step[r];
        t->value[FPS_RESULT_TRAINING_LOSS][r] = 2.0 / (double)(1 + r);
        t->value[FPS_RESULT_TEST_LOSS][r] = (double)task->seed;
        for (int k = 0; k < MODES; k++) {
            double error = k ? exp(-(double)step[r] / decay_time(task, k)) : NAN;
            t->value[FPS_RESULT_FREQUENCY_ERROR][r * MODES + k] = error;
            t->value[FPS_RESULT_RESIDUAL_RELATIVE][r * MODES + k] = k ? error * share[k] : 1e-9;
        }
    }
    int64_t grid = t->extent.size[FPS_GRID];
    for (int64_t g = 0; g < grid; g++) {
        t->value[FPS_RESULT_TARGET_ON_GRID][g] = sin((double)g);
        for (int64_t r = 0; r < t->records; r++)
            t->value[FPS_RESULT_NETWORK_ON_GRID][r * grid + g] = (double)r;
    }
}

static fps_reader *reader; /* of the file, for all tests */

/* Write a file of the sweep with its first `done` tasks. */
static void write_results(const char *path, int64_t done) {
    fps_plan *plan = make_plan(sweep);
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = 0; i < done; i++) {
        fps_task task;
        fps_row row;
        fps_plan_task(plan, i, &task);
        make_decays(plan, &task, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &row));
        assert_ok(fps_results_sync(results));
        assert_ok(fps_results_commit(results, &row, 1));
    }
    assert_ok(fps_results_close(&results));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

static int write_file(void **state) {
    int initialised;
    if (make_directory(state) != 0)
        return -1;
    MPI_Initialized(&initialised);
    if (!initialised)
        MPI_Init(NULL, NULL);
    const char *path = test_path("decays.h5");
    write_results(path, GROUPS * SEEDS);
    assert_ok(fps_reader_open(path, &reader));
    return 0;
}

static int remove_file(void **state) {
    fps_reader_close(&reader);
    MPI_Finalize();
    return remove_directory(state);
}

static void assert_close(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: got %.17g, expected %.17g within %g of it", what, got, expected, tolerance);
}

/* ---- groups ---- */

static void groups_differ_in_all_but_seeds(void **state) {
    (void)state;
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    char label[128];
    assert_ok(fps_grouping_create(plan, NULL, &grouping));
    assert_int_equal(grouping->groups, GROUPS);
    assert_int_equal(grouping->axes, 2);
    bool seen[64] = {false};
    for (int64_t g = 0; g < GROUPS; g++) {
        assert_int_equal(fps_grouping_size(grouping, g), SEEDS);
        fps_task first, task;
        fps_plan_task(plan, fps_grouping_task(grouping, g, 0), &first);
        for (int64_t j = 0; j < SEEDS; j++) {
            int64_t i = fps_grouping_task(grouping, g, j);
            assert_false(seen[i]);
            seen[i] = true;
            fps_plan_task(plan, i, &task);
            assert_int_equal(task.depth, first.depth);
            assert_int_equal(task.activation.code, first.activation.code);
            assert_int_equal(task.seed, j + 1);
        }
    }
    fps_grouping_label(grouping, 0, true, label, sizeof label);
    assert_string_equal(label, "depth=1 activation=tanh");
    fps_grouping_label(grouping, 0, false, label, sizeof label);
    assert_string_equal(label, "");
    fps_grouping_destroy(&grouping);
}

static void selecting_fixes_an_axis(void **state) {
    (void)state;
    const fps_plan *plan = fps_reader_plan(reader);
    bool selected[64];
    char label[128];
    fps_grouping *grouping = NULL;
    assert_ok(fps_plan_select(plan, "activation == relu && seed > 1", selected));
    assert_ok(fps_grouping_create(plan, selected, &grouping));
    assert_int_equal(grouping->groups, 2);
    assert_int_equal(fps_grouping_size(grouping, 1), 2);
    fps_grouping_label(grouping, 1, true, label, sizeof label);
    assert_string_equal(label, "depth=2");
    fps_grouping_label(grouping, 1, false, label, sizeof label);
    assert_string_equal(label, "activation=relu");
    assert_int_equal(fps_grouping_label(grouping, 1, false, label, 5), (int)strlen("activation=relu"));
    assert_string_equal(label, "acti");
    fps_grouping_destroy(&grouping);
}

/* ---- learning ---- */

static void learning_times_are_those_of_the_decays(void **state) {
    (void)state;
    fps_learning *learning = NULL;
    assert_ok(fps_learning_create(reader, 0.5, 0.01, &learning));
    for (int64_t i = 0; i < fps_plan_count(fps_reader_plan(reader)); i++) {
        assert_ok(fps_learning_read(learning, i));
        assert_int_equal(learning->frequencies, MODES);
        assert_int_equal(learning->directions, 1);
        assert_false(learning->learnable[0]); /* missing */
        assert_true(learning->learnable[1] && learning->learnable[2]);
        assert_false(learning->learnable[3]); /* 0.001 of the largest */
        assert_close(learning->share[2], 0.5, 1e-12, "share");
        assert_close(learning->xi[2], 2 / (2 * 3.14159265358979323846), 1e-12, "xi");
        assert_true(isnan(learning->tau[0]) && isnan(learning->tau[3]));
        /* interpolation in log error is exact for exponentials */
        assert_close(learning->tau[1], log(2) * decay_time(&learning->task, 1), 1e-9, "tau");
        double slow = log(2) * decay_time(&learning->task, 2);
        if (slow > 1000)
            assert_true(isnan(learning->tau[2]));
        else
            assert_close(learning->tau[2], slow, 1e-9, "tau of mode 2");
        assert_close(learning->error[1], exp(-1000 / decay_time(&learning->task, 1)), 1e-9, "error at the end");
        assert_close(learning->training_loss, 2.0 / (double)learning->records, 1e-12, "training loss");
    }
    int64_t place[4];
    assert_int_equal(fps_learning_choose(learning, 0, 4, place), 2);
    assert_true(place[0] == 1 && place[1] == 2);
    assert_int_equal(fps_learning_choose(learning, 0, 1, place), 1);
    fps_learning_destroy(&learning);
    assert_ok(fps_learning_create(reader, 0.5, 0.0005, &learning));
    assert_ok(fps_learning_read(learning, 0));
    assert_int_equal(fps_learning_choose(learning, 0, 2, place), 2);
    assert_true(place[0] == 1 && place[1] == 3); /* the lowest and the highest */
    fps_learning_destroy(&learning);
}

/* ---- quantities ---- */

static void quantities_average_over_seeds(void **state) {
    (void)state;
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    const double half_width = 4.302652729911275 * 0.1 / sqrt(3); /* of .9, 1, 1.1: t(2) sd / sqrt 3 */
    assert_ok(fps_learning_create(reader, 0.5, 0.01, &learning));
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    for (int64_t g = 0; g < GROUPS; g++) {
        fps_quantities q;
        fps_task task;
        assert_ok(fps_quantities_derive(learning, grouping, g, &q));
        fps_plan_task(grouping->plan, fps_grouping_task(grouping, g, 1), &task); /* seed 2: spread 1 */
        bool censored = task.depth == 2 && task.activation.code == FPS_ACTIVATION_RELU;
        bool reversed = task.activation.code == FPS_ACTIVATION_SIN;
        assert_int_equal(q.outcome[FPS_DONE], SEEDS);
        assert_int_equal(q.places, 2);
        assert_int_equal(q.frequency[0].mode, 1);
        assert_int_equal(q.frequency[0].n, SEEDS);
        double tau = log(2) * decay_time(&task, 1);
        assert_close(q.frequency[0].tau.value, tau, 1e-9, "mean of tau");
        assert_close(q.frequency[0].tau.uncertainty, tau * half_width, 1e-9, "its uncertainty");
        assert_close(q.frequency[0].tau_median, tau, 1e-9, "median of tau");
        assert_int_equal(q.frequency[1].censored, censored ? SEEDS : 0);
        assert_true(isnan(q.frequency[1].tau.value) == censored && isnan(q.frequency[1].tau_median) == censored);
        assert_int_equal(q.order[0].pairs, 1);
        assert_int_equal(q.order[0].violations, reversed ? 1 : 0);
        if (reversed) {
            assert_close(q.order[0].violation[0].earlier, q.frequency[1].xi, 1e-12, "learnt first");
            assert_close(q.order[0].violation[0].later, q.frequency[0].xi, 1e-12, "learnt afterwards");
        }
        assert_close(q.test_loss.value, 2, 1e-12, "mean of the test loss");
        assert_close(q.test_loss.uncertainty, 4.302652729911275 / sqrt(3), 1e-9, "its uncertainty");
        fps_quantities_release(&q);
    }
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
}

static void partly_censored_frequencies_have_a_median_only(void **state) {
    (void)state;
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    fps_quantities q;
    /* Mode 2 of depth 1, tanh: decay times 54, 60, 66; a threshold that the slowest just misses in 1000 steps. */
    assert_ok(fps_learning_create(reader, exp(-1000.0 / 63), 0.01, &learning));
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    assert_ok(fps_quantities_derive(learning, grouping, 0, &q));
    assert_int_equal(q.frequency[1].n, 3);
    assert_int_equal(q.frequency[1].censored, 1);
    assert_true(isnan(q.frequency[1].tau.value));
    assert_close(q.frequency[1].tau_median, 60 * 1000.0 / 63, 1e-9, "median with one censored");
    fps_quantities_release(&q);
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
}

/* ---- figures ---- */

static void bands_are_quantiles(void **state) {
    (void)state;
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    fps_band band;
    assert_ok(fps_learning_create(reader, 0.5, 0.01, &learning));
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    assert_ok(fps_band_gather(learning, grouping, 0, FPS_BAND_RESIDUAL, &band));
    assert_int_equal(band.tasks, SEEDS);
    for (int64_t r = 0; r < band.records; r++) {
        double e[SEEDS]; /* increasing with the seed */
        for (int s = 0; s < SEEDS; s++)
            e[s] = share[2] * exp(-band.step[r] / (60 * (0.9 + 0.1 * s)));
        assert_close(band.median[r * MODES + 2], e[1], 1e-9, "median");
        assert_close(band.low[r * MODES + 2], e[0] + 0.2 * (e[1] - e[0]), 1e-9, "10 %");
        assert_close(band.high[r * MODES + 2], e[1] + 0.8 * (e[2] - e[1]), 1e-9, "90 %");
    }
    fps_band_release(&band);
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
}

/* Size of a file in bytes; -1 if there is none. */
static long file_size(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (long)status.st_size : -1;
}

/* Read a whole text file. */
static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void every_figure_is_drawn_in_every_format(void **state) {
    (void)state;
    static const struct {
        const char *ending, *magic;
    } formats[] = {{".png", "\x89PNG"}, {".svg", "<?xml"}, {".pdf", "%PDF"}, {".txt", "# "}, {".gp", "if ("}};
    for (const fps_figure *figure = fps_figures; figure->name; figure++) {
        if (figure->kind == FPS_FIGURE_LADDER) { /* drawn in test_twins and test_retention */
            assert_refused(fps_figure_draw(reader, figure->name, NULL, test_path("a.txt")), FPS_ERROR_INPUT,
                           figure->name);
            continue;
        }
        if (figure->kind == FPS_FIGURE_STAGES) { /* drawn in tests/app */
            assert_refused(fps_figure_draw(reader, figure->name, NULL, test_path("a.txt")), FPS_ERROR_INPUT, "stages");
            continue;
        }
        if (figure->kind == FPS_FIGURE_DIRECT) { /* drawn in test_critical_quantities and in tests/app */
            assert_refused(fps_figure_draw(reader, figure->name, NULL, test_path("a.txt")), FPS_ERROR_USAGE,
                           "model network");
            continue;
        }
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            char name[64], first[5] = "";
            snprintf(name, sizeof name, "%s%s", figure->name, formats[f].ending);
            const char *path = test_path(name);
            assert_ok(fps_figure_draw(reader, figure->name, NULL, path));
            if (file_size(path) < 600)
                fail_msg("%s has %ld bytes", name, file_size(path));
            FILE *file = fopen(path, "rb");
            assert_int_equal(fread(first, 1, strlen(formats[f].magic) < 4 ? 2 : 4, file),
                             strlen(formats[f].magic) < 4 ? 2 : 4);
            fclose(file);
            if (strncmp(first, formats[f].magic, strlen(formats[f].magic) < 4 ? 2 : 4) != 0)
                fail_msg("%s begins with '%s'", name, first);
        }
    }
}

static void data_of_a_figure_are_the_numbers(void **state) {
    (void)state;
    bool selected[64];
    assert_ok(fps_plan_select(fps_reader_plan(reader), "activation == tanh && depth == 1", selected));
    const char *path = test_path("one.txt");
    assert_ok(fps_figure_draw(reader, "trajectories", selected, path));
    char *text = read_text(path);
    int curves = 0, points = 0;
    double step, median, low, high;
    int time = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (line[0] == '#') {
            curves++;
            time = curves == 1 ? 30 : 60; /* modes 1 and 2 */
        } else if (sscanf(line, "%lf %lf %lf %lf", &step, &median, &low, &high) == 4) {
            points++;
            assert_close(median, exp(-step / time), 1e-6, "median in the file");
            assert_true(low <= median && median <= high);
            assert_true(step > 0);
        }
    }
    assert_int_equal(curves, 2);
    assert_true(points > 50);
    free(text);
}

/* relu at depth 2 never learns mode 2: no number in the data, a mark instead. */
static void what_is_never_reached_is_no_number(void **state) {
    (void)state;
    bool selected[64];
    const char *path = test_path("tau.txt");
    int half_never = 0, rows = 0;
    assert_ok(fps_plan_select(fps_reader_plan(reader), "depth == 2", selected));
    assert_ok(fps_figure_draw(reader, "tau", selected, path));
    char *text = read_text(path);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        double place, median, low, high;
        int never;
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%lf %lf %lf %lf %d", &place, &median, &low, &high, &never), 5);
        rows++;
        half_never += never;
        assert_int_equal(never, isnan(median));
        assert_true(never || (low <= median && (isnan(high) || median <= high)));
        assert_true(isnan(high) || high < 50); /* the slowest that is learnt: 1.1 * 60 log 2 */
    }
    free(text);
    assert_true(rows > 3);
    assert_int_equal(half_never, 1);
    /* the script clips */
    assert_ok(fps_figure_draw(reader, "tau", selected, test_path("tau.gp")));
    text = read_text(test_path("tau.gp"));
    assert_non_null(strstr(text, "to(c) = strcol(c) eq 'NaN' ? "));
    free(text);
}

/* Depth 1 or 2 above each other, three activations side by side; panels that are no such rows are laid out as usual. */
static void columns_are_the_values_of_the_last_axis(void **state) {
    (void)state;
    static const struct {
        const char *where;
        int columns;
    } cases[] = {{"depth > 0", 3}, {"activation != sin", 2}, {"depth == 1", 3}, {"depth == 1 || activation != sin", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool selected[64];
        fps_drawing d = {.plan = fps_reader_plan(reader)};
        assert_ok(fps_plan_select(d.plan, cases[i].where, selected));
        assert_ok(fps_grouping_create(d.plan, selected, &d.grouping));
        assert_int_equal(fps_drawing_group_columns(&d, (int)d.grouping->groups), cases[i].columns);
        fps_grouping_destroy(&d.grouping);
    }
}

/* A log sink: keep the last line. */
static void keep_line(void *context, fps_log_level level, const char *text) {
    (void)level;
    snprintf(context, 256, "%s", text);
}

static void a_partial_file_is_said_to_be_one(void **state) {
    (void)state;
    static const char *const figures[] = {"trajectories", "heatmap", "function", "decay"};
    fps_reader *partial = NULL;
    char line[256] = "";
    write_results(test_path("partial.h5"), SEEDS + 1);
    assert_ok(fps_reader_open(test_path("partial.h5"), &partial));
    fps_log_set(keep_line, line);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        line[0] = '\0';
        assert_ok(fps_figure_draw(partial, figures[i], NULL, test_path("partial.gp")));
        assert_string_equal(line, "4 of 18 tasks are done");
        char *text = read_text(test_path("partial.gp"));
        assert_non_null(strstr(text, "'4 of 18 tasks are done. "));
        int empty = 0;
        for (const char *at = text; (at = strstr(at, "'nothing yet'")) != NULL; at++)
            empty++;
        assert_int_equal(empty, GROUPS - 2);
        free(text);
    }
    line[0] = '\0';
    assert_ok(fps_figure_draw(reader, "trajectories", NULL, test_path("partial.gp")));
    fps_log_set(NULL, NULL);
    assert_string_equal(line, "");
    fps_reader_close(&partial);
}

static void wrong_figures_are_refused(void **state) {
    (void)state;
    assert_refused(fps_figure_draw(reader, "pie", NULL, test_path("a.png")), FPS_ERROR_USAGE, "no figure 'pie'");
    assert_refused(fps_figure_draw(reader, "axes", NULL, test_path("a.jpg")), FPS_ERROR_USAGE, ".png, .svg, .pdf");
    assert_refused(fps_figure_draw(reader, "axes", NULL, ".png"), FPS_ERROR_USAGE, "ends with");
    assert_refused(fps_figure_draw(reader, "axes", NULL, test_path("missing/a.png")), FPS_ERROR_IO, "missing/a.png: ");
    /* one dimension: one direction */
    assert_refused(fps_figure_draw_along(reader, "tau", NULL, "radial", test_path("a.png")), FPS_ERROR_USAGE,
                   "it has dimension 1 and x1 alone");
    assert_int_equal(file_size(test_path("a.png")), -1);
    assert_ok(fps_figure_draw_along(reader, "tau", NULL, "x1", test_path("a.txt")));
}

static void missing_gnuplot_is_said(void **state) {
    (void)state;
    char *path = strdup(getenv("PATH"));
    setenv("PATH", test_directory, 1);
    fps_status status = fps_figure_draw(reader, "axes", NULL, test_path("b.png"));
    fps_status data = fps_figure_draw(reader, "axes", NULL, test_path("b.txt"));
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(status, FPS_ERROR_SYSTEM);
    assert_int_equal(data, FPS_OK); /* needs no gnuplot */
    assert_int_equal(file_size(test_path("b.png")), -1);
}

static void an_old_figure_stays_until_the_new_one_is_there(void **state) {
    (void)state;
    const char *path = test_path("kept.png");
    FILE *file = fopen(path, "w");
    fputs("old", file);
    fclose(file);
    char *search = strdup(getenv("PATH"));
    setenv("PATH", test_directory, 1);
    assert_int_equal(fps_figure_draw(reader, "axes", NULL, path), FPS_ERROR_SYSTEM);
    setenv("PATH", search, 1);
    free(search);
    assert_int_equal(file_size(path), 3);
    assert_ok(fps_figure_draw(reader, "axes", NULL, path));
    assert_true(file_size(path) > 600);
}

static void curves_have_different_colours(void **state) {
    (void)state;
    for (int n = 1; n <= 8; n++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++) {
                char a[8], b[8];
                unsigned x, y;
                sscanf(fps_palette_curve(i, n, a), "#%x", &x);
                sscanf(fps_palette_curve(j, n, b), "#%x", &y);
                int apart = 0;
                for (int shift = 0; shift < 24; shift += 8)
                    apart += abs((int)(x >> shift & 255) - (int)(y >> shift & 255));
                if (apart < 30)
                    fail_msg("curves %d and %d of %d: %s and %s", i, j, n, a, b);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_differ_in_all_but_seeds),
        cmocka_unit_test(selecting_fixes_an_axis),
        cmocka_unit_test(learning_times_are_those_of_the_decays),
        cmocka_unit_test(quantities_average_over_seeds),
        cmocka_unit_test(partly_censored_frequencies_have_a_median_only),
        cmocka_unit_test(bands_are_quantiles),
        cmocka_unit_test(every_figure_is_drawn_in_every_format),
        cmocka_unit_test(data_of_a_figure_are_the_numbers),
        cmocka_unit_test(what_is_never_reached_is_no_number),
        cmocka_unit_test(columns_are_the_values_of_the_last_axis),
        cmocka_unit_test(a_partial_file_is_said_to_be_one),
        cmocka_unit_test(wrong_figures_are_refused),
        cmocka_unit_test(missing_gnuplot_is_said),
        cmocka_unit_test(an_old_figure_stays_until_the_new_one_is_there),
        cmocka_unit_test(curves_have_different_colours),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
