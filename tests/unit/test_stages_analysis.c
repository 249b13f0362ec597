/* floor: analysis */
/* The stages of training from rows of a results file: made-up curves whose exponents, bends and rates are known. */
#include "results_files.h"

#include "fpsweep/figure.h"
#include "fpsweep/stages.h"

static void assert_close(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: got %.12g, expected %.12g within %g", what, got, expected, tolerance);
}

/* ---- power laws ---- */

enum { MOST = 24 };
static double eta[MOST], curve[MOST]; /* eta: ten per decade from 1 to 199.5 */

static void draw(double (*value)(double eta)) {
    for (int e = 0; e < MOST; e++) {
        eta[e] = pow(10, 0.1 * e);
        curve[e] = value(eta[e]);
    }
}

static fps_power_law fit(double low, double high) {
    return fps_power_law_fit(eta, curve, MOST, low, high);
}

static double cubic(double x) {
    return 7 * pow(x, -3);
}

static void exponent_and_window_of_a_power_law(void **state) {
    (void)state;
    draw(cubic);
    fps_power_law law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_POWER);
    assert_close(law.exponent, 3, 1e-12, "exponent");
    assert_close(law.bend, 0, 1e-11, "bend");
    assert_close(law.low, pow(10, 1.4), 1e-12, "low");
    assert_close(law.high, pow(10, 2.3), 1e-12, "high");
    assert_int_equal(law.points, 10);
    /* what is outside of the window does not matter */
    curve[3] *= 1e10;
    assert_close(fit(20, 200).exponent, 3, 1e-12, "exponent beside nonsense");
    /* the fit ends before the first value that is rounding */
    curve[20] = NAN;
    law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_POWER);
    assert_int_equal(law.points, 6);
    assert_close(law.high, pow(10, 1.9), 1e-12, "high before rounding");
}

static void too_few_thresholds_are_not_resolved(void **state) {
    (void)state;
    draw(cubic);
    curve[14 + FPS_LAW_POINTS] = NAN;
    assert_int_equal(fit(20, 200).law, FPS_LAW_POWER);
    curve[14 + FPS_LAW_POINTS - 1] = NAN;
    fps_power_law law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_UNRESOLVED);
    assert_int_equal(law.points, FPS_LAW_POINTS - 1);
    assert_true(isnan(law.exponent) && isnan(law.bend) && isnan(law.low));
    curve[0] = NAN;
    assert_int_equal(fit(0, 200).law, FPS_LAW_UNRESOLVED);
    assert_int_equal(fit(300, 400).law, FPS_LAW_UNRESOLVED); /* no threshold at all */
}

static double bent(double x) {
    return exp(-0.03 * x); /* local exponent 0.03 x */
}

static void a_bend_must_exceed_its_own_error(void **state) {
    (void)state;
    draw(bent);
    fps_power_law law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_STEEPER);
    assert_true(law.bend > FPS_LAW_BEND + 2 * law.bend_error);
    /* a sum of both signs, of which little may be left by chance */
    const double left[] = {0.3, 2, 0.4, 1.5, 1, 1, 2, 0.3, 1.8, 0.2};
    for (int e = 14; e < MOST; e++)
        curve[e] = pow(eta[e], -2) * left[e - 14];
    law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_POWER);
    if (!(law.bend > FPS_LAW_BEND)) /* else this tests nothing */
        fail_msg("the rough curve bends by %g only", law.bend);
    /* bending upwards is no fall: leakage takes over */
    for (int e = 0; e < MOST; e++)
        curve[e] = pow(eta[e], -7) + 1e-9 / eta[e];
    assert_int_equal(fit(3, 200).law, FPS_LAW_POWER);
}

static double smooth(double x) {
    return exp(-3 * x);
}

static double ninth(double x) {
    return pow(x, -9);
}

/* Make rounding of everything from eta = x on. */
static void sink(double x) {
    for (int e = 0; e < MOST; e++)
        curve[e] = eta[e] < x ? curve[e] : (double)NAN;
}

static void what_falls_into_rounding_is_steeper_than_any_power(void **state) {
    (void)state;
    draw(smooth);
    sink(15); /* before the window begins */
    fps_power_law law = fit(20, 200);
    assert_int_equal(law.law, FPS_LAW_STEEPER);
    assert_close(law.low, 1, 1e-12, "low");
    assert_close(law.high, pow(10, 1.1), 1e-12, "high");
    draw(smooth);
    sink(70); /* within it */
    assert_int_equal(fit(20, 200).law, FPS_LAW_STEEPER);
    /* a steep power law that sinks is not resolved: nobody knows how it goes on */
    draw(ninth);
    sink(15);
    assert_int_equal(fit(20, 200).law, FPS_LAW_UNRESOLVED);
    /* nor is a curve of which too little is seen */
    draw(smooth);
    sink(2.4);
    assert_int_equal(fit(20, 200).law, FPS_LAW_UNRESOLVED);
    /* a power law that ends with the thresholds has not sunk */
    draw(cubic);
    sink(70);
    assert_int_equal(fit(10, 60).law, FPS_LAW_POWER);
}

/* ---- spans ---- */

static void assert_span(const fps_stage_spans *spans, fps_stage stage, int64_t first, int64_t count) {
    const fps_stage_span *span = &spans->span[stage];
    if (span->count != count || (count > 0 && span->first != first))
        fail_msg("%s: %lld records from %lld on, expected %lld from %lld", fps_stage_name(stage),
                 (long long)span->count, (long long)span->first, (long long)count, (long long)first);
}

static void find(const double *loss, int records, fps_stage_spans *spans) {
    double step[64];
    for (int r = 0; r < records; r++)
        step[r] = 10 * r;
    fps_stages_find(loss, step, records, spans);
}

/* The loss of all made-up tasks that converge: initial 0 to 2, intermediate 3 to 8, final 11 to 15. */
enum { RECORDS = 16, STEPS = 150, INTERMEDIATE = 3 };
static const double falling[RECORDS] = {1,    0.96, 0.93, 0.88, 0.8,   0.72,  0.64,   0.58,
                                        0.52, 0.4,  0.25, 0.03, 0.022, .0205, 0.0202, 0.02};

static void stages_are_found_from_the_loss(void **state) {
    (void)state;
    fps_stage_spans spans;
    find(falling, RECORDS, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 3);
    assert_span(&spans, FPS_STAGE_INTERMEDIATE, 3, 6);
    assert_span(&spans, FPS_STAGE_FINAL, 11, 5);
    assert_span(&spans, FPS_STAGE_LATE, 0, 0);
}

static void what_has_not_converged_is_late(void **state) {
    (void)state;
    double loss[RECORDS];
    fps_stage_spans spans;
    memcpy(loss, falling, sizeof loss);
    loss[15] = 0.017; /* by 15 % in the last 2 of 15 intervals */
    find(loss, RECORDS, &spans);
    assert_span(&spans, FPS_STAGE_FINAL, 0, 0);
    assert_span(&spans, FPS_STAGE_LATE, 11, 5);
    /* converged, but ten times its last value is within the intermediate stage: they overlap */
    const double high[] = {1, 0.95, 0.8, 0.6, 0.4, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    find(high, 12, &spans);
    assert_span(&spans, FPS_STAGE_INTERMEDIATE, 2, 2);
    assert_span(&spans, FPS_STAGE_LATE, 4, 8);
    assert_span(&spans, FPS_STAGE_FINAL, 0, 0);
    /* too few records to see whether it has: none in the last tenth but the last */
    const double few[] = {1, 0.3, 0.01};
    find(few, 3, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 1);
    assert_span(&spans, FPS_STAGE_INTERMEDIATE, 1, 0); /* stepped over */
    assert_span(&spans, FPS_STAGE_LATE, 2, 1);
}

/* step^-p falls by p tenths in the last tenth, however sparse the records are. */
static void converging_does_not_depend_on_the_records(void **state) {
    (void)state;
    for (int records = 20; records <= 160; records *= 2)
        for (int p = 0; p < 2; p++) {
            double loss[160], step[160];
            fps_stage_spans spans;
            for (int r = 0; r < records; r++) {
                step[r] = r == 0 ? 0 : pow(10, 4.0 * r / (records - 1));
                loss[r] = pow(1 + step[r], p == 0 ? -0.8 : -1.3);
            }
            fps_stages_find(loss, step, records, &spans);
            print_message("%d records, power %g: %d in the final stage\n", records, p == 0 ? -0.8 : -1.3,
                          (int)spans.span[FPS_STAGE_FINAL].count);
            assert_int_equal(spans.span[FPS_STAGE_FINAL].count > 0, p == 0);
            assert_int_equal(spans.span[FPS_STAGE_LATE].count > 0, p == 1);
        }
}

static void a_stage_once_left_is_not_entered_again(void **state) {
    (void)state;
    const double rising[] = {1, 0.89, 1.5, 0.95, 0.6, 0.45, 0.7, 0.02, 0.02, 0.02, 0.3, 0.02, 0.02, 0.02};
    fps_stage_spans spans;
    find(rising, 14, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 1);
    assert_span(&spans, FPS_STAGE_INTERMEDIATE, 1, 4);
    assert_span(&spans, FPS_STAGE_FINAL, 7, 7);
}

static void what_never_falls_is_initial(void **state) {
    (void)state;
    const double flat[] = {1, 1, 0.95, 2, 7}, one[] = {3}, zero[] = {0, 0}, nothing[] = {(double)NAN, 1};
    fps_stage_spans spans;
    find(flat, 5, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 5);
    assert_span(&spans, FPS_STAGE_LATE, 0, 0);
    find(one, 1, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 1);
    assert_span(&spans, FPS_STAGE_LATE, 0, 0);
    find(zero, 2, &spans); /* nothing to learn */
    for (int s = 0; s < FPS_STAGE_COUNT; s++)
        assert_span(&spans, (fps_stage)s, 0, 0);
    find(nothing, 2, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 0);
    find(one, 0, &spans);
    assert_span(&spans, FPS_STAGE_INITIAL, 0, 0);
}

/* ---- groups ---- */

/* relu: power laws; tanh: falls into rounding, and is late in one of three seeds; gelu: rounding where it matters, and
 * no telling why. */
static const char sweep[] =
    "sweep: stages\n"
    "fixed: {target: \"sin(x)\", domain: [-4, 4], density: \"normal(0, 0.3)\", window: density,\n"
    "        sampling: population, samples: 8192, grid_points: 8192, steps: 150, width: 4,\n"
    "        precision: double, optimizer: gd}\n"
    "grid:\n"
    "  activation: [relu, tanh, gelu]\n"
    "  seed: [1, 2, 3]\n"
    "record: {count: 16, spacing: linear, frequencies: 2, keep: [stages, variation],\n"
    "         thresholds: {from: 1, to: 200, factor: 1.2589254117941673}}\n";
enum { MODES = 2, SEEDS = 3 };
static const double rate = 0.5, time_exponent = 0.75, share_of_bound = 0.25;

static double residual(const fps_task *task, double x) {
    const double exponent = 3 + 0.1 * (double)(task->seed - 2);
    return task->activation.code == FPS_ACTIVATION_RELU   ? 1e-2 * pow(x, -exponent)
           : task->activation.code == FPS_ACTIVATION_TANH ? exp(-4 * x)
                                                          : (x < 15 ? pow(x, -9) : 1e-40);
}

static double velocity(const fps_task *task, double x) {
    return task->activation.code == FPS_ACTIVATION_RELU   ? 1 / x
           : task->activation.code == FPS_ACTIVATION_TANH ? exp(-3 * x)
                                                          : (x < 15 ? pow(x, -9) : 1e-40);
}

/* Factor of L+ at record r: its change since the intermediate stage began is the fall of the loss times a power of the
 * time. Before it L+ is as it was then. */
static double growth(int r) {
    double fall = falling[INTERMEDIATE] - falling[r];
    return r <= INTERMEDIATE ? 1 : 1 + 1e-4 * fall * pow(10.0 * (r - INTERMEDIATE), time_exponent);
}

static void make_row(const fps_plan *plan, const fps_task *task, fps_trajectory *t) {
    const fps_record_spec *spec = fps_plan_record(plan);
    const int64_t thresholds = spec->thresholds;
    assert_ok(fps_trajectory_prepare(t, task, spec));
    assert_int_equal(thresholds, MOST);
    t->records = RECORDS;
    t->outcome = FPS_DONE;
    for (int r = 0; r < RECORDS; r++) {
        const bool is_late = task->activation.code == FPS_ACTIVATION_TANH && task->seed == 2 && r == RECORDS - 1;
        t->value[FPS_RESULT_STEP][r] = 10 * r;
        t->value[FPS_RESULT_TRAINING_LOSS][r] = is_late ? 0.015 : falling[r];
        for (int k = 0; k < MODES; k++) {
            t->value[FPS_RESULT_RESIDUAL_POWER][r * MODES + k] = 0.3;
            t->value[FPS_RESULT_VELOCITY_POWER][r * MODES + k] = 0.3;
        }
        for (int64_t e = 0; e < thresholds; e++) {
            const double x = spec->threshold[e], l = growth(r) * residual(task, x), v = velocity(task, x);
            const int64_t cell = r * thresholds + e;
            t->value[FPS_RESULT_RESIDUAL_POWER_ABOVE][cell] = l;
            t->value[FPS_RESULT_VELOCITY_POWER_ABOVE][cell] = v;
            t->value[FPS_RESULT_LOSS_SHARE_BOUND][cell] = 2 * sqrt(l * v) / rate;
            t->value[FPS_RESULT_LOSS_SHARE_ABOVE][cell] = share_of_bound * 2 * sqrt(l * v) / rate;
            t->value[FPS_RESULT_RESIDUAL_POWER_VARIATION][cell] = (1 - falling[r]) * pow(x, -2.5);
        }
    }
}

static fps_reader *reader;
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
    fps_trajectory trajectory = {0};
    const char *path = test_path("stages.h5");
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
    assert_ok(fps_grouping_create(fps_reader_plan(reader), NULL, &grouping));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
    return 0;
}

static int remove_file(void **state) {
    fps_grouping_destroy(&grouping);
    fps_reader_close(&reader);
    MPI_Finalize();
    return remove_directory(state);
}

/* Half-width of the 95 % interval of three values that are `step` apart. */
static double half_width(double step) {
    return fps_analysis_student(2) * step / sqrt(3);
}

static void exponents_of_a_group(void **state) {
    (void)state;
    static const double exponent[FPS_CURVE_COUNT] = {3, 1, 2, 2, 2.5}, step[FPS_CURVE_COUNT] = {0.1, 0, 0.05, 0.05, 0};
    fps_stages s;
    assert_true(fps_stages_has(fps_reader_plan(reader)));
    assert_ok(fps_stages_derive(reader, grouping, 0, 20, 200, &s));
    assert_int_equal(s.outcome[FPS_DONE], SEEDS);
    assert_int_equal(s.smoothness, 1);
    assert_int_equal(s.thresholds, MOST);
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++) {
        const bool is_there = stage != FPS_STAGE_LATE;
        assert_int_equal(s.present[stage], is_there ? SEEDS : 0);
        for (int c = 0; c < FPS_CURVE_COUNT; c++) {
            const fps_stage_law *law = &s.law[stage][c];
            assert_int_equal(law->power, is_there ? SEEDS : 0);
            assert_int_equal(law->steeper + law->unresolved, 0);
            if (!is_there)
                continue;
            assert_close(law->exponent.value, exponent[c], 1e-9, fps_stage_curve_name((fps_stage_curve)c));
            assert_close(law->exponent.uncertainty, half_width(step[c]), 1e-9, "its uncertainty");
            assert_close(law->bend, 0, 1e-8, "bend");
            assert_close(law->low, pow(10, 1.4), 1e-9, "low");
            assert_close(law->high, pow(10, 2.3), 1e-9, "high");
            if (c == FPS_CURVE_VARIATION)
                assert_true(isnan(law->least));
            else
                assert_close(law->least, exponent[c] - step[c], 1e-9, "least");
        }
    }
    assert_close(s.steps[FPS_STAGE_INTERMEDIATE].value, 80, 1e-12, "last step of the intermediate stage");
    /* the curve of TV is its growth over the stage by the fall of the loss: the variation here is that fall itself */
    assert_close(s.law[FPS_STAGE_INTERMEDIATE][FPS_CURVE_VARIATION].curve[10], pow(10, -2.5), 1e-12, "TV at eta = 10");
    /* the geometric mean over seeds of L+ in the initial stage */
    assert_close(s.law[FPS_STAGE_INITIAL][FPS_CURVE_RESIDUAL].curve[10], 1e-5, 1e-14, "L+ at eta = 10");
    fps_stages_release(&s);
}

static void bound_and_time(void **state) {
    (void)state;
    fps_stages s;
    double low[SEEDS], high[SEEDS], factor = sqrt(growth(RECORDS - 1));
    assert_ok(fps_stages_derive(reader, grouping, 0, 20, 200, &s));
    for (int seed = 1; seed <= SEEDS;
         seed++) { /* R_CS eta falls like 1 / eta^(1 +- 0.05): largest where each half begins */
        const fps_task task = {.activation.code = FPS_ACTIVATION_RELU, .seed = seed};
        const double first = pow(10, 1.4), middle = pow(10, 1.9);
        low[seed - 1] = factor * 2 * sqrt(residual(&task, first) * velocity(&task, first)) / rate * first;
        high[seed - 1] = factor * 2 * sqrt(residual(&task, middle) * velocity(&task, middle)) / rate * middle;
    }
    assert_close(s.constant_low.value, fps_analysis_mean(low, SEEDS).value, 1e-9, "constant of the lower half");
    assert_close(s.constant_high.value, fps_analysis_mean(high, SEEDS).value, 1e-9, "constant of the upper half");
    assert_true(s.constant_high.value < s.constant_low.value);
    assert_close(s.time_exponent.value, time_exponent, 1e-6, "time exponent");
    fps_stages_release(&s);
}

static void smooth_activations_have_no_power_law(void **state) {
    (void)state;
    fps_stages s;
    assert_ok(fps_stages_derive(reader, grouping, 1, 20, 200, &s));
    assert_int_equal(s.smoothness, 0);
    assert_int_equal(s.present[FPS_STAGE_FINAL], SEEDS - 1);
    assert_int_equal(s.present[FPS_STAGE_LATE], 1);
    for (int c = 0; c < FPS_CURVE_VARIATION; c++) {
        const fps_stage_law *law = &s.law[FPS_STAGE_INITIAL][c];
        assert_int_equal(law->steeper, SEEDS);
        assert_int_equal(law->power + law->unresolved, 0);
        assert_true(isnan(law->exponent.value) && isnan(law->least));
        assert_close(law->low, 1, 1e-12, "low");
        assert_true(law->high < 20 && law->high > 10);
        assert_true(isnan(fps_stage_curve_expected((fps_stage_curve)c, s.smoothness)));
    }
    assert_true(isnan(s.constant_low.value));
    fps_stages_release(&s);
}

static void what_sinks_like_a_power_is_not_resolved(void **state) {
    (void)state;
    fps_stages s;
    assert_ok(fps_stages_derive(reader, grouping, 2, 20, 200, &s));
    for (int c = 0; c < FPS_CURVE_VARIATION; c++) {
        assert_int_equal(s.law[FPS_STAGE_FINAL][c].unresolved, SEEDS);
        assert_true(isnan(s.law[FPS_STAGE_FINAL][c].exponent.value));
        assert_true(isnan(s.law[FPS_STAGE_FINAL][c].curve[20]));
    }
    fps_stages_release(&s);
    /* below 15 it is the power law that it is */
    assert_ok(fps_stages_derive(reader, grouping, 2, 2, 14, &s));
    assert_int_equal(s.law[FPS_STAGE_INITIAL][FPS_CURVE_RESIDUAL].power, SEEDS);
    assert_close(s.law[FPS_STAGE_INITIAL][FPS_CURVE_RESIDUAL].exponent.value, 9, 1e-9, "exponent");
    fps_stages_release(&s);
}

/* Size of the data of a figure, and whether it contains some words. */
static void assert_drawn(const char *figure, const char *words) {
    char text[1 << 16];
    const char *path = test_path("figure.txt");
    assert_ok(fps_figure_draw(reader, figure, NULL, path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    if (!strstr(text, words))
        fail_msg("%s: no '%s' in its data", figure, words);
}

static void figures_have_the_numbers(void **state) {
    (void)state;
    assert_drawn("verdict", "\"3.00 \xc2\xb1 0.25 (3)\"");
    assert_drawn("verdict", "\"none\"");
    assert_drawn("share", "the power law fitted to R_CS");
    assert_drawn("share", "activation=tanh, late stage");
    assert_drawn("stages", "\n151 0.02 2\n"); /* the last record of a task that has converged */
    assert_drawn("stages", "\n151 0.015 3\n");
}

static void theory(void **state) {
    (void)state;
    for (int s = 1; s <= 3; s++) {
        assert_close(fps_stage_curve_expected(FPS_CURVE_RESIDUAL, s), 2 * s + 1, 0, "L+");
        assert_close(fps_stage_curve_expected(FPS_CURVE_VELOCITY, s), 2 * s - 1, 0, "V+");
        assert_close(fps_stage_curve_expected(FPS_CURVE_BOUND, s), 2 * s, 0, "R_CS");
        assert_true(isnan(fps_stage_curve_expected(FPS_CURVE_SHARE, s)));
    }
    fps_task task = {.depth = 2, .activation.code = FPS_ACTIVATION_RELU2};
    assert_int_equal(fps_stages_smoothness(&task), 2);
    task.depth = 0;
    assert_int_equal(fps_stages_smoothness(&task), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponent_and_window_of_a_power_law),
        cmocka_unit_test(too_few_thresholds_are_not_resolved),
        cmocka_unit_test(a_bend_must_exceed_its_own_error),
        cmocka_unit_test(what_falls_into_rounding_is_steeper_than_any_power),
        cmocka_unit_test(stages_are_found_from_the_loss),
        cmocka_unit_test(what_has_not_converged_is_late),
        cmocka_unit_test(converging_does_not_depend_on_the_records),
        cmocka_unit_test(a_stage_once_left_is_not_entered_again),
        cmocka_unit_test(what_never_falls_is_initial),
        cmocka_unit_test(exponents_of_a_group),
        cmocka_unit_test(bound_and_time),
        cmocka_unit_test(smooth_activations_have_no_power_law),
        cmocka_unit_test(what_sinks_like_a_power_is_not_resolved),
        cmocka_unit_test(figures_have_the_numbers),
        cmocka_unit_test(theory),
    };
    return cmocka_run_group_tests_name("stages of training", tests, write_file, remove_file);
}
