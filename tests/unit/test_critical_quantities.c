/* floor: analysis */
/* alpha_c, exponents, kinks and flags from ladders whose energies follow the law exactly, and their figures. */
#include "results_files.h"

#include "fpsweep/critical.h"
#include "fpsweep/critical_quantities.h"
#include "fpsweep/figure.h"

/* Two sample sizes, three data sets, seven decay rates; rungs whose cut-offs triple. */
static const char sweep[] = "sweep: made-up\n"
                            "fixed: {model: direct, target: random, domain: [0, 1], sampling: jittered, "
                            "frequency_step: 0.5}\n"
                            "grid:\n"
                            "  samples: [4, 9]\n"
                            "  decay_rate: [0.25, 0.5, 0.8, 0.9, 1, 1.1, 1.2]\n"
                            "  data_seed: [5, 6, 7]\n"
                            "record: {ladder: {from: 4, rungs: 5}, keep: [spike]}\n";
enum { ALPHAS = 7, SEEDS = 3, RUNGS = 5 };
static const double alphas[ALPHAS] = {0.25, 0.5, 0.8, 0.9, 1, 1.1, 1.2};
static const int64_t ladder[RUNGS] = {4, 13, 40, 121, 364};
/* alpha_c of the data sets: mean 1.002, standard deviation 0.001. */
static const double alpha_c[SEEDS] = {1.001, 1.002, 1.003};

/* An energy whose inverse grows like X^e: D_k = const (X_{k+1}^e - X_k^e), so that theta = e on any ladder. */
static double inverse_energy(double e, double x) {
    return 2 + (fabs(e) < 1e-12 ? log(x) : expm1(e * log(x)) / e);
}

/* Values of one rung; row[FPS_LADDERS_COUNT]. `next` is the cut-off of the rung above, NAN on the last. */
static void make_rung(double alpha, int s, double x, double next, double row[FPS_LADDERS_COUNT]) {
    double e = alpha_c[s] - alpha, energy = 1 / inverse_energy(e, x), above = 1 / inverse_energy(e, next);
    row[FPS_LADDERS_ENERGY] = energy;
    row[FPS_LADDERS_ENERGY_DROP] = energy - above;
    row[FPS_LADDERS_MULTIPLIER_PRODUCT] = energy * above;
    row[FPS_LADDERS_KERNEL_AT_ZERO] = 1 / energy;
    row[FPS_LADDERS_NORM] = 3 * pow(x, -0.25);
    row[FPS_LADDERS_RECIPROCAL_CONDITION] = alpha > 1.15 ? 1e-13 : 0.1;
    row[FPS_LADDERS_RESOLUTION] = 10 * x; /* below 40 on the lowest rung alone */
    row[FPS_LADDERS_OFF_DATA_VALUE] = (s == 2 ? -1 : 1) * pow(x, -0.125);
    row[FPS_LADDERS_SPIKE_WIDTH] = pow(x, -(0.5 + 2 * e));
}

static double cutoff(const int64_t *m, int k) {
    return ((double)m[k] + 0.5) * 0.5;
}

static void make_ladders(const int64_t *m, fps_ladders *l) {
    *l = (fps_ladders){
        .dimension = 1, .frequency_step = 0.5, .samples = 4, .alphas = ALPHAS, .data_sets = SEEDS, .rungs = RUNGS};
    l->outcome[FPS_DONE] = ALPHAS * SEEDS;
    assert_ok(fps_ladders_reserve(l));
    memcpy(l->alpha, alphas, sizeof alphas);
    memcpy(l->band_limit, m, RUNGS * sizeof *m);
    for (int a = 0; a < ALPHAS; a++)
        for (int s = 0; s < SEEDS; s++)
            for (int k = 0; k < RUNGS; k++) {
                double row[FPS_LADDERS_COUNT];
                make_rung(alphas[a], s, cutoff(m, k), k + 1 < RUNGS ? cutoff(m, k + 1) : NAN, row);
                for (int v = 0; v < FPS_LADDERS_COUNT; v++)
                    l->value[v][fps_ladders_at(l, a, s, k)] = row[v];
            }
}

static void assert_near(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: %.17g is not %.17g within %g", what, got, expected, tolerance);
}

static void assert_triples(const fps_critical_quantities *q, const int64_t *m, bool tripling) {
    const double student = 4.302652729749464; /* t_.975 of two degrees of freedom */
    assert_int_equal(q->triples, RUNGS - 2);
    for (int k = 0; k < q->triples; k++) {
        const fps_critical_triple *t = &q->triple[k];
        double systematic = fps_critical_systematic(1, 0.5, m[k], false);
        assert_int_equal(t->band_limit, m[k]);
        assert_int_equal(t->alpha_c.n, SEEDS);
        assert_near(t->alpha_c.value, 1.002, 1e-10, "alpha_c");
        assert_near(t->sd, 0.001, 1e-9, "standard deviation");
        assert_near(t->systematic, systematic, 1e-15, "systematic deviation");
        assert_near(t->alpha_c.uncertainty, student * 0.001 / sqrt(3) + systematic, 1e-9, "uncertainty");
        assert_near(t->slope.value, -1, 1e-9, "slope");
        assert_near(t->spread, 0.001 * cutoff(m, k) / 4, 1e-7, "spread");
        if (k > 0 && tripling) /* (9 a - a) / 8 = a */
            assert_near(t->richardson.value, 1.002, 1e-10, "Richardson");
        else
            assert_true(isnan(t->richardson.value));
        assert_int_equal(t->unresolved, m[k] == 4 ? SEEDS : 0);
        for (int a = 0; a < ALPHAS; a++)
            assert_near(q->theta[k * ALPHAS + a].value, 1.002 - alphas[a], 1e-9, "theta");
    }
}

static void critical_rate_is_that_of_the_law(void **state) {
    (void)state;
    fps_ladders l;
    fps_critical_quantities q;
    make_ladders(ladder, &l);
    assert_ok(fps_critical_derive(&l, &q));
    assert_triples(&q, ladder, true);
    assert_int_equal(q.rows, ALPHAS * SEEDS * RUNGS);
    assert_int_equal(q.ill_conditioned, SEEDS * RUNGS); /* alpha = 1.2 */
    assert_int_equal(q.unresolved, ALPHAS * SEEDS);     /* the lowest rung */
    assert_near(q.smallest_condition, 1e-13, 0, "smallest condition");
    assert_near(q.smallest_resolution, 22.5, 1e-12, "smallest resolution");
    assert_false(q.kink);
    fps_critical_release(&q);
    fps_ladders_release(&l);
}

/* Rungs in no progression: theta is still the exponent. */
static void ladders_of_any_spacing(void **state) {
    (void)state;
    const int64_t uneven[RUNGS] = {4, 14, 100, 300, 5000};
    fps_ladders l;
    fps_critical_quantities q;
    make_ladders(uneven, &l);
    assert_ok(fps_critical_derive(&l, &q));
    assert_triples(&q, uneven, false);
    fps_critical_release(&q);
    fps_ladders_release(&l);
}

static void exponents_are_those_of_the_powers(void **state) {
    (void)state;
    fps_ladders l;
    fps_critical_quantities q;
    make_ladders(ladder, &l);
    assert_ok(fps_critical_derive(&l, &q));
    assert_int_equal(q.pairs, RUNGS - 1);
    for (int k = 0; k < q.pairs; k++) {
        for (int a = 0; a < ALPHAS; a++) {
            int at = k * ALPHAS + a;
            double mean = 0;
            for (int s = 0; s < SEEDS; s++) {
                double e = alpha_c[s] - alphas[a];
                mean += log(inverse_energy(e, cutoff(ladder, k + 1)) / inverse_energy(e, cutoff(ladder, k))) / log(3) /
                        SEEDS;
            }
            assert_near(q.exponent[FPS_CRITICAL_ENERGY][at].value, mean, 1e-12, "exponent of the energy");
            assert_near(q.exponent[FPS_CRITICAL_NORM][at].value, 0.25, 1e-12, "exponent of the norm");
            assert_near(q.exponent[FPS_CRITICAL_OFF_DATA][at].value, 0.125, 1e-12, "exponent off the data");
            assert_near(q.exponent[FPS_CRITICAL_SPIKE][at].value, 0.5 + 2 * (1.002 - alphas[a]), 1e-12, "of the width");
        }
        assert_near(q.spike_crossing[k].value, 1.002, 1e-10, "crossing of the width's exponent");
    }
    fps_critical_release(&q);
    fps_ladders_release(&l);
    /* the limits, with their kinks */
    assert_near(fps_critical_limit(FPS_CRITICAL_ENERGY, 2, 0.5), 1.5, 0, "energy below d");
    assert_near(fps_critical_limit(FPS_CRITICAL_ENERGY, 2, 2.5), 0, 0, "energy above d");
    assert_near(fps_critical_limit(FPS_CRITICAL_NORM, 2, 0.5), 1, 0, "norm below d/2");
    assert_near(fps_critical_limit(FPS_CRITICAL_NORM, 2, 1.5), 0.5, 0, "norm between d/2 and d");
    assert_true(isnan(fps_critical_limit(FPS_CRITICAL_SPIKE, 1, 0.9)));
}

/* A missing task is a missing number, not a wrong one; a quantity that changes sign has no exponent. */
static void missing_rungs_are_left_out(void **state) {
    (void)state;
    fps_ladders l;
    fps_critical_quantities q;
    make_ladders(ladder, &l);
    for (int v = 0; v < FPS_LADDERS_COUNT; v++)
        for (int a = 0; a < ALPHAS; a++)
            for (int k = 0; k < RUNGS; k++)
                l.value[v][fps_ladders_at(&l, a, 0, k)] = NAN;
    l.value[FPS_LADDERS_OFF_DATA_VALUE][fps_ladders_at(&l, 0, 1, 3)] *= -1;
    assert_ok(fps_critical_derive(&l, &q));
    assert_int_equal(q.rows, ALPHAS * (SEEDS - 1) * RUNGS);
    for (int k = 0; k < q.triples; k++) {
        assert_int_equal(q.triple[k].alpha_c.n, SEEDS - 1);
        assert_near(q.triple[k].alpha_c.value, 1.0025, 1e-10, "alpha_c of two data sets");
    }
    assert_int_equal(q.exponent[FPS_CRITICAL_OFF_DATA][3 * ALPHAS].n, 1);
    assert_int_equal(q.exponent[FPS_CRITICAL_OFF_DATA][3 * ALPHAS + 1].n, 2);
    fps_critical_release(&q);
    fps_ladders_release(&l);
}

/* One sample in 1-D: the collapse of a kernel that obeys it exactly, and the naive line that misses. */
static void kink_of_one_sample(void **state) {
    (void)state;
    fps_ladders l;
    fps_critical_quantities q;
    make_ladders(ladder, &l);
    l.samples = 1;
    for (int a = 0; a < ALPHAS; a++)
        for (int k = 0; k < RUNGS; k++) {
            double length = fps_critical_log_cutoff(0.5, alphas[a], ladder[k]), z = (1 - alphas[a]) * length;
            double beta = fps_critical_collapse(z) / length; /* beta = .../S: choose S so that this comes out */
            double numerator = fps_critical_beta(0.5, alphas[a], ladder[k], 1);
            for (int s = 0; s < SEEDS; s++)
                l.value[FPS_LADDERS_KERNEL_AT_ZERO][fps_ladders_at(&l, a, s, k)] = numerator / beta;
        }
    assert_ok(fps_critical_derive(&l, &q));
    assert_true(q.kink);
    assert_int_equal(q.unresolved, 0); /* one sample has no distance */
    for (int k = 0; k < RUNGS; k++) {
        assert_int_equal(q.collapse[k].n, ALPHAS - 1); /* 0.25 is below 0.3 */
        assert_near(q.collapse[k].value, 0, 1e-14, "deviation from the collapse");
        assert_true(q.beta_naive[k] > 1.05);
        if (k > 0)
            assert_true(q.beta_naive[k] < q.beta_naive[k - 1]);
    }
    fps_critical_release(&q);
    fps_ladders_release(&l);
}

static void window_of_decay_rates(void **state) {
    (void)state;
    int64_t first;
    assert_int_equal(fps_critical_window(alphas, ALPHAS, 1, &first), 5);
    assert_int_equal(first, 2);
    const double coarse[] = {0.5, 1, 2, 10};
    assert_int_equal(fps_critical_window(coarse, 4, 1, &first), 3); /* 10 is out of reach */
    assert_int_equal(first, 0);
    double fine[41];
    for (int i = 0; i < 41; i++)
        fine[i] = 1.8 + 0.01 * i;
    assert_int_equal(fps_critical_window(fine, 41, 2, &first), 9); /* the nearest nine */
    assert_int_equal(first, 16);
    assert_int_equal(fps_critical_window(fine, 0, 2, &first), 0);
}

/* ---- from a results file ---- */

static fps_reader *reader;

static int write_file(void **state) {
    if (make_directory(state) != 0)
        return -1;
    MPI_Init(NULL, NULL);
    fps_plan *plan = make_plan(sweep);
    fps_results *results = NULL;
    fps_trajectory t = {0};
    const char *path = test_path("made_up.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    static const fps_result result[FPS_LADDERS_COUNT] = {
        [FPS_LADDERS_ENERGY] = FPS_RESULT_ENERGY,
        [FPS_LADDERS_ENERGY_DROP] = FPS_RESULT_ENERGY_DROP,
        [FPS_LADDERS_MULTIPLIER_PRODUCT] = FPS_RESULT_MULTIPLIER_PRODUCT,
        [FPS_LADDERS_KERNEL_AT_ZERO] = FPS_RESULT_KERNEL_AT_ZERO,
        [FPS_LADDERS_NORM] = FPS_RESULT_NORM,
        [FPS_LADDERS_RECIPROCAL_CONDITION] = FPS_RESULT_RECIPROCAL_CONDITION,
        [FPS_LADDERS_RESOLUTION] = FPS_RESULT_RESOLUTION,
        [FPS_LADDERS_OFF_DATA_VALUE] = FPS_RESULT_OFF_DATA_VALUE,
        [FPS_LADDERS_SPIKE_WIDTH] = FPS_RESULT_SPIKE_WIDTH,
    };
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_row row;
        fps_plan_task(plan, i, &task);
        assert_ok(fps_trajectory_prepare(&t, &task, fps_plan_record(plan)));
        t.outcome = FPS_DONE;
        t.records = RUNGS;
        for (int k = 0; k < RUNGS; k++) {
            double value[FPS_LADDERS_COUNT];
            make_rung(task.decay_rate, (int)task.data_seed - 5, cutoff(ladder, k),
                      k + 1 < RUNGS ? cutoff(ladder, k + 1) : NAN, value);
            t.value[FPS_RESULT_RUNG_BAND_LIMIT][k] = (double)ladder[k];
            for (int v = 0; v < FPS_LADDERS_COUNT; v++)
                t.value[result[v]][k] = value[v];
        }
        if (task.samples == 9 && task.data_seed == 7 && task.decay_rate == 1) { /* one that failed */
            t.outcome = FPS_FAILED;
            t.records = 0;
        }
        assert_ok(fps_results_write(results, &task, &t, &row));
        assert_ok(fps_results_sync(results));
        assert_ok(fps_results_commit(results, &row, 1));
    }
    assert_ok(fps_results_close(&results));
    assert_ok(fps_reader_open(path, &reader));
    fps_trajectory_release(&t);
    fps_plan_destroy(&plan);
    return 0;
}

static int remove_file(void **state) {
    fps_reader_close(&reader);
    MPI_Finalize();
    return remove_directory(state);
}

static void ladders_come_from_the_file(void **state) {
    (void)state;
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    fps_row row[2 * ALPHAS * SEEDS];
    char label[64];
    assert_int_equal(fps_plan_count(plan), 2 * ALPHAS * SEEDS);
    assert_ok(fps_reader_rows(reader, row));
    assert_ok(fps_grouping_create_curves(plan, NULL, &grouping));
    assert_int_equal(grouping->groups, 2);
    for (int64_t g = 0; g < 2; g++) {
        fps_ladders l, expected;
        assert_ok(fps_ladders_read(reader, row, grouping, g, &l));
        make_ladders(ladder, &expected);
        fps_grouping_label(grouping, g, true, label, sizeof label);
        assert_string_equal(label, g == 0 ? "samples=4" : "samples=9");
        assert_int_equal(l.samples, g == 0 ? 4 : 9);
        assert_int_equal(l.dimension, 1);
        assert_near(l.frequency_step, 0.5, 0, "frequency step");
        assert_int_equal(l.alphas, ALPHAS);
        assert_int_equal(l.data_sets, SEEDS);
        assert_int_equal(l.rungs, RUNGS);
        assert_memory_equal(l.band_limit, ladder, sizeof ladder);
        assert_memory_equal(l.alpha, alphas, sizeof alphas);
        assert_int_equal(l.outcome[FPS_FAILED], g);
        for (int v = 0; v < FPS_LADDERS_COUNT; v++)
            for (int a = 0; a < ALPHAS; a++)
                for (int s = 0; s < SEEDS; s++)
                    for (int k = 0; k < RUNGS; k++) {
                        int64_t at = fps_ladders_at(&l, a, s, k);
                        bool failed = g == 1 && s == 2 && a == 4;
                        assert_same_number(l.value[v][at], failed ? (double)NAN : expected.value[v][at], "value", s, k);
                    }
        fps_ladders_release(&expected);
        fps_ladders_release(&l);
    }
    fps_grouping_destroy(&grouping);
}

/* Draw a figure's data and return the text; fps_free it. */
static char *draw(const char *figure) {
    char *text;
    size_t length;
    char name[64];
    snprintf(name, sizeof name, "%s.txt", figure);
    const char *path = test_path(name);
    assert_ok(fps_figure_draw(reader, figure, NULL, path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    length = (size_t)ftell(file);
    rewind(file);
    text = calloc(length + 1, 1);
    assert_int_equal(fread(text, 1, length, file), length);
    fclose(file);
    return text;
}

/* The line of a block that begins with a number: its second column. */
static double read_line(const char *text, const char *block, double first) {
    char head[64];
    snprintf(head, sizeof head, "# %s:", block);
    const char *at = strstr(text, head);
    if (!at)
        fail_msg("no block %s", block);
    for (at = strchr(at, '\n') + 1; *at && *at != '\n'; at = strchr(at, '\n') + 1) {
        double x, y;
        if (sscanf(at, "%lf %lf", &x, &y) == 2 && fabs(x - first) < 1e-9)
            return y;
    }
    fail_msg("no line of %g in block %s", first, block);
    return NAN;
}

static void figures_hold_the_numbers(void **state) {
    (void)state;
    char *text = draw("theta");
    assert_near(read_line(text, "theta0", 0.9), 0.102, 1e-6, "theta");
    assert_near(read_line(text, "theta1", 1.1), -0.098, 1e-6, "theta");
    assert_near(read_line(text, "approach0", 13), 0.002, 1e-7, "|alpha_c - d|");
    free(text);
    text = draw("kink");
    double mean = 0;
    for (int s = 0; s < SEEDS; s++) /* from M = 121, the highest */
        mean += log(inverse_energy(alpha_c[s] - 0.5, cutoff(ladder, 4)) /
                    inverse_energy(alpha_c[s] - 0.5, cutoff(ladder, 3))) /
                log(3) / SEEDS;
    assert_near(read_line(text, "g0_m3", 0.5), mean, 1e-6, "exponent of the energy");
    free(text);
    text = draw("exponents");
    assert_near(read_line(text, "p0_m3", 0.5), mean, 1e-6, "exponent of the energy");
    assert_near(read_line(text, "p1_m3", 0.5), 0.25, 1e-6, "exponent of the norm");
    free(text);
    text = draw("spikes");
    assert_near(read_line(text, "p0_m0", 1.2), 0.5 + 2 * (1.002 - 1.2), 1e-6, "exponent of the width");
    free(text);
}

static void figures_that_the_file_cannot_have(void **state) {
    (void)state;
    assert_refused(fps_figure_draw(reader, "collapse", NULL, test_path("a.txt")), FPS_ERROR_INPUT, "samples 1");
    assert_refused(fps_figure_draw(reader, "interpolants", NULL, test_path("a.txt")), FPS_ERROR_INPUT,
                   "keep: [function]");
    assert_refused(fps_figure_draw(reader, "heatmap", NULL, test_path("a.txt")), FPS_ERROR_USAGE,
                   "interpolants, kink, collapse, theta, exponents, spikes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critical_rate_is_that_of_the_law),
        cmocka_unit_test(ladders_of_any_spacing),
        cmocka_unit_test(exponents_are_those_of_the_powers),
        cmocka_unit_test(missing_rungs_are_left_out),
        cmocka_unit_test(kink_of_one_sample),
        cmocka_unit_test(window_of_decay_rates),
        cmocka_unit_test(ladders_come_from_the_file),
        cmocka_unit_test(figures_hold_the_numbers),
        cmocka_unit_test(figures_that_the_file_cannot_have),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
