/* floor: analysis */
/* Derived quantities against known values: first crossings, rank correlation, Student's t, censoring. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/analysis.h"

static void assert_close(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: got %.17g, expected %.17g within %g", what, got, expected, tolerance);
}

static void assert_nan(double got, const char *what) {
    if (!isnan(got))
        fail_msg("%s: got %.17g, expected NAN", what, got);
}

/* ---- tau ---- */

static void tau_interpolates_in_log_error(void **state) {
    (void)state;
    /* error = 2^-(step/10): below 0.3 at step 10 log2(1/0.3), exactly on a line in log error */
    double step[8], error[8];
    for (int r = 0; r < 8; r++) {
        step[r] = 10 * r;
        error[r] = pow(2, -r);
    }
    assert_close(fps_analysis_tau(step, error, 8, 1, 0.3), 10 * log2(1 / 0.3), 1e-12, "tau of an exponential");
    assert_close(fps_analysis_tau(step, error, 8, 1, 0.5), 10, 1e-12, "a record on the threshold is not below it");
    assert_nan(fps_analysis_tau(step, error, 8, 1, pow(2, -7)), "never below");
    assert_nan(fps_analysis_tau(step, error, 2, 1, 0.3), "censored by too few records");
    assert_close(fps_analysis_tau(step, error, 8, 1, 1.5), 0, 0, "below from the start");
}

static void tau_is_linear_towards_zero_and_skips_missing(void **state) {
    (void)state;
    double step[] = {0, 100, 200}, to_zero[] = {1, 0.8, 0};
    assert_close(fps_analysis_tau(step, to_zero, 3, 1, 0.4), 150, 1e-12, "linear where the error is 0");
    double gap[] = {1, NAN, 0.25};
    assert_close(fps_analysis_tau(step, gap, 3, 1, 0.5), 100, 1e-12, "across a missing record");
    double missing[] = {NAN, NAN, NAN};
    assert_nan(fps_analysis_tau(step, missing, 3, 1, 0.5), "missing throughout");
    double first_missing[] = {NAN, 0.2, 0.1};
    assert_close(fps_analysis_tau(step, first_missing, 3, 1, 0.5), 100, 0, "first number already below");
    double rises[] = {1, 0.25, 4};
    assert_close(fps_analysis_tau(step, rises, 3, 1, 0.5), 50, 1e-12, "the first crossing counts");
    assert_nan(fps_analysis_tau(step, rises, 0, 1, 0.5), "no record");
}

static void tau_reads_with_a_stride(void **state) {
    (void)state;
    double step[] = {0, 1, 2}, error[] = {1, 9, 1, 9, 0.25, 9};
    assert_close(fps_analysis_tau(step, error, 3, 2, 0.5), 1.5, 1e-12, "column 0");
    assert_nan(fps_analysis_tau(step, error + 1, 3, 2, 0.5), "column 1");
}

static void target_share_is_the_quotient(void **state) {
    (void)state;
    double error[] = {1, 0.5, 0.001, NAN}, residual[] = {0.2, 0.1, 0.0002, 0.1}, missing[] = {NAN, NAN, NAN, NAN};
    assert_close(fps_analysis_target_share(error, residual, 4, 1), 0.2, 1e-15, "share");
    assert_nan(fps_analysis_target_share(missing, residual, 4, 1), "no power");
}

static void xi_follows_the_sides(void **state) {
    (void)state;
    fps_task task = {.dimension = 2, .domain = {{-1, 1}, {0, 4}}};
    assert_close(fps_analysis_xi(&task, 0, 3), 1.5, 0, "axis 1");
    assert_close(fps_analysis_xi(&task, 1, 3), 0.75, 0, "axis 2");
    assert_close(fps_analysis_xi(&task, 2, 3), 0.75, 0, "radial");
}

/* ---- Kendall ---- */

/* Two-sided p by brute force: the share of all n! orders with |S| at least as large. */
static double permuted_p(int n, int64_t s) {
    int order[8];
    for (int i = 0; i < n; i++)
        order[i] = i;
    int64_t all = 0, extreme = 0;
    for (;;) {
        int64_t sum = 0;
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                sum += order[j] > order[i] ? 1 : -1;
        all++;
        extreme += llabs(sum) >= llabs(s);
        int i = n - 2; /* next permutation in lexicographic order */
        while (i >= 0 && order[i] > order[i + 1])
            i--;
        if (i < 0)
            return (double)extreme / (double)all;
        int j = n - 1;
        while (order[j] < order[i])
            j--;
        int swap = order[i];
        order[i] = order[j];
        order[j] = swap;
        for (int a = i + 1, b = n - 1; a < b; a++, b--) {
            swap = order[a];
            order[a] = order[b];
            order[b] = swap;
        }
    }
}

static void kendall_is_exact_for_small_n(void **state) {
    (void)state;
    for (int n = 3; n <= 7; n++) {
        for (int k = 0; k < n; k++) { /* rotations: several values of S */
            double x[8], y[8];
            int64_t s = 0;
            for (int i = 0; i < n; i++) {
                x[i] = i;
                y[i] = (i + k) % n;
            }
            for (int i = 0; i < n; i++)
                for (int j = i + 1; j < n; j++)
                    s += y[j] > y[i] ? 1 : -1;
            fps_kendall got = fps_analysis_kendall(x, y, n);
            assert_close(got.tau, (double)s / (n * (n - 1) / 2.0), 1e-15, "tau");
            assert_close(got.p, permuted_p(n, s), 1e-14, "p against all permutations");
            assert_int_equal(got.violations, (n * (n - 1) / 2 - s) / 2);
            assert_int_equal(got.n, n);
        }
    }
    /* all in order, n = 10: p = 2/10! */
    double x[10], y[10];
    for (int i = 0; i < 10; i++)
        x[i] = y[i] = i;
    assert_close(fps_analysis_kendall(x, y, 10).p, 2.0 / 3628800, 1e-18, "p of perfect order");
}

static void kendall_handles_ties_and_censoring(void **state) {
    (void)state;
    /* x 1..6, y 1 2 2 3 3 3: pairs 15, tied in y 1 + 3, S = 11; tau-b = 11/sqrt(15 * 11);
     * variance: (6*5*17 - 2*1*9 - 3*2*11)/18 + 0 + 0 = 426/18 */
    double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2, 2, 3, 3, 3};
    fps_kendall got = fps_analysis_kendall(x, y, 6);
    assert_close(got.tau, 11 / sqrt(15.0 * 11), 1e-15, "tau-b");
    assert_close(got.p, erfc(11 / sqrt(2 * 426 / 18.0)), 1e-15, "p with ties");
    assert_int_equal(got.violations, 0);
    /* censored values are later than every other and tied among themselves */
    double censored[] = {1, 2, 2, NAN, NAN, NAN};
    fps_kendall same = fps_analysis_kendall(x, censored, 6);
    assert_close(same.tau, got.tau, 0, "censored tau");
    assert_close(same.p, got.p, 0, "censored p");
    double early[] = {NAN, 2, 3, 4, 5, 6};
    assert_int_equal(fps_analysis_kendall(x, early, 6).violations, 5);
    /* ties in both: x 1 1 2 2, y 1 2 1 2: S = 2 (of the pairs untied in both), 6 pairs, 2 tied each */
    double x2[] = {1, 1, 2, 2}, y2[] = {1, 2, 1, 2};
    assert_close(fps_analysis_kendall(x2, y2, 4).tau, 0, 1e-15, "balanced ties");
    double flat[] = {1, 1, 1, 1};
    assert_nan(fps_analysis_kendall(x, flat, 4).tau, "all tied");
    assert_nan(fps_analysis_kendall(x, y, 2).tau, "two pairs");
    assert_nan(fps_analysis_kendall(x, y, 2).p, "two pairs");
}

static void kendall_passes_from_exact_to_normal_smoothly(void **state) {
    (void)state;
    /* A weakly ordered sequence of 50: exact and approximate p agree within a few per cent. */
    double x[51], y[51], p[2];
    for (int i = 0; i < 51; i++) {
        x[i] = i;
        y[i] = (i * 22) % 51;
    }
    p[0] = fps_analysis_kendall(x, y, 50).p;
    double variance = 50.0 * 49 * 105 / 18, s = fps_analysis_kendall(x, y, 50).tau * 50 * 49 / 2;
    p[1] = erfc((fabs(s) - 1) / sqrt(2 * variance)); /* with continuity correction */
    printf("exact p %.6g, normal p %.6g\n", p[0], p[1]);
    assert_true(p[0] > 0.01 && p[0] < 0.5);
    assert_close(p[0] / p[1], 1, 0.05, "exact over normal");
}

/* ---- estimates ---- */

static void student_quantiles_are_the_tables(void **state) {
    (void)state;
    static const struct {
        int64_t freedom;
        double t;
    } known[] = {{1, 12.706204736432095}, {2, 4.302652729911275},  {3, 3.182446305284263},   {4, 2.776445105198096},
                 {5, 2.570581835636314},  {7, 2.364624251592785},  {10, 2.228138851964939},  {15, 2.131449545559323},
                 {30, 2.042272456301238}, {60, 2.000297821058262}, {100, 1.983971518523552}, {1000, 1.962339080726407}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char what[32];
        snprintf(what, sizeof what, "t(%ld)", (long)known[i].freedom);
        assert_close(fps_analysis_student(known[i].freedom), known[i].t, 1e-9, what);
    }
    assert_close(fps_analysis_student(1), tan(3.14159265358979323846 * 0.475), 1e-12, "t(1), closed form");
    assert_close(fps_analysis_student(2), 1.9 / sqrt(2 * 0.975 * 0.025) / 2, 1e-12, "t(2), closed form");
    /* both formulas meet at their border */
    double step = fps_analysis_student(1000) - fps_analysis_student(1001);
    assert_true(step > 0 && step < 4e-6);
    assert_close(fps_analysis_student(1000000000), 1.959963984540054, 1e-8, "t(infinity)");
    assert_nan(fps_analysis_student(0), "t(0)");
}

static void mean_has_students_interval(void **state) {
    (void)state;
    double value[] = {1, NAN, 2, 3, 4, NAN};
    fps_estimate got = fps_analysis_mean(value, 6);
    assert_int_equal(got.n, 4);
    assert_close(got.value, 2.5, 1e-15, "mean");
    assert_close(got.uncertainty, 3.182446305284263 * sqrt(5.0 / 3 / 4), 1e-9, "half-width");
    assert_nan(fps_analysis_mean(value, 1).uncertainty, "one value");
    assert_close(fps_analysis_mean(value, 1).value, 1, 0, "one value");
    assert_nan(fps_analysis_mean(value + 1, 1).value, "no value");
    assert_int_equal(fps_analysis_mean(value + 1, 1).n, 0);
}

static void quantiles_skip_missing(void **state) {
    (void)state;
    double value[] = {4, NAN, 1, 3, NAN, 2};
    assert_close(fps_analysis_quantile(value, 6, 0.5), 2.5, 1e-15, "median");
    assert_close(fps_analysis_quantile(value, 6, 0), 1, 0, "smallest");
    assert_close(fps_analysis_quantile(value, 6, 1), 4, 0, "largest");
    assert_close(fps_analysis_quantile(value, 6, 0.1), 1.3, 1e-15, "decile");
    double infinite[] = {1, INFINITY, INFINITY};
    assert_true(isinf(fps_analysis_quantile(infinite, 3, 1)));
    assert_true(isinf(fps_analysis_quantile(infinite, 3, 0.75)));
    double none[] = {NAN, NAN};
    assert_nan(fps_analysis_quantile(none, 2, 0.5), "nothing");
}

static void median_counts_censored_as_later(void **state) {
    (void)state;
    double odd[] = {NAN, 5, 1, NAN, 3}, even[] = {NAN, 5, 1, 3}, half[] = {NAN, 5, 1, NAN}, most[] = {NAN, NAN, 2};
    assert_close(fps_analysis_median_censored(odd, 5), 5, 0, "two of five censored");
    assert_close(fps_analysis_median_censored(even, 4), 4, 0, "one of four censored");
    assert_nan(fps_analysis_median_censored(half, 4), "half censored");
    assert_nan(fps_analysis_median_censored(most, 3), "most censored");
    assert_nan(fps_analysis_median_censored(most, 0), "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tau_interpolates_in_log_error),
        cmocka_unit_test(tau_is_linear_towards_zero_and_skips_missing),
        cmocka_unit_test(tau_reads_with_a_stride),
        cmocka_unit_test(target_share_is_the_quotient),
        cmocka_unit_test(xi_follows_the_sides),
        cmocka_unit_test(kendall_is_exact_for_small_n),
        cmocka_unit_test(kendall_handles_ties_and_censoring),
        cmocka_unit_test(kendall_passes_from_exact_to_normal_smoothly),
        cmocka_unit_test(student_quantiles_are_the_tables),
        cmocka_unit_test(mean_has_students_interval),
        cmocka_unit_test(quantiles_skip_missing),
        cmocka_unit_test(median_counts_censored_as_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
