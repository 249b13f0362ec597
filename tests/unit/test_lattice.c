/* floor: numeric */
/* Lattice sums: published digits, agreement of all ways of summation, shells against the plain sum, order of asking. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/lattice.h"
#include "fpsweep/random.h"

enum { POINTS = 10, MOST_RUNGS = 6 };

static void assert_close(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.17g is not %.17g within %g", what, a, b, tolerance);
}

static void make(fps_lattice **lattice, int d, double dxi, int rungs, const int64_t *ladder, int64_t points,
                 const double *x, bool direct) {
    const fps_lattice_spec spec = {d, dxi, rungs, ladder, points, x, direct, false};
    assert_int_equal(fps_lattice_create(&spec, lattice), FPS_OK);
}

/* Exact to the digits shown, dxi = 0.1, x = 0. */
static void totals_at_zero_have_the_known_digits(void **state) {
    (void)state;
    const double zero[3] = {0};
    const struct {
        int d;
        double alpha;
        int rungs;
        int64_t ladder[3];
        double total[3];
    } cases[] = {
        {1, 0.5, 3, {1000, 1000000, 1000000000}, {37.6140517717205, 1262.51509983616, 39997.6037295305}},
        {1, 1.0, 3, {1000, 1000000, 1000000000}, {10.5976845145833, 24.4121462911102, 38.2276558500246}},
        {1, 1.5, 3, {1000, 1000000, 1000000000}, {4.84422107579763, 5.23146600110603, 5.24371510858433}},
        {2, 2.0, 2, {100, 10000}, {15.2156046495494, 44.0943330046252}},
        {3, 3.0, 2, {100, 10000}, {27.6239519266233, 85.3669761649658}},
        {3, 5.0, 2, {100, 10000}, {4.145586315254, 4.18878580143464}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_lattice *lattice;
        double shell[3], total = 0;
        make(&lattice, cases[i].d, 0.1, cases[i].rungs, cases[i].ladder, 1, zero, false);
        assert_int_equal(fps_lattice_shells(lattice, cases[i].alpha, shell), FPS_OK);
        for (int k = 0; k < cases[i].rungs; k++) {
            total += shell[k];
            assert_close(total, cases[i].total[k], 1e-14 * cases[i].total[k], "S_M");
        }
        fps_lattice_destroy(&lattice);
    }
}

/* Every way against the plain sum: sums to 1e-13 K(0), shells to 1e-14 of the shell at 0. */
static void every_way_equals_the_plain_sum(void **state) {
    (void)state;
    const int64_t ladders[3][MOST_RUNGS] = {{40, 121, 364, 1093, 3280, 9841}, {40, 121, 364}, {4, 13, 40}};
    const int rungs[] = {6, 3, 3};
    const double alphas[] = {0.3, 1, 2.5, 10, 20}, steps[] = {0.25, 1, 0.1};
    double worst_shell = 0, worst_sum = 0;
    for (int d = 1; d <= 3; d++)
        for (size_t s = 0; s < 3; s++) {
            double x[POINTS * 3] = {0}; /* the first displacement is 0 */
            for (int i = d; i < POINTS * d; i++)
                x[i] = 0.02 + 0.9 * fps_random_uniform(7, FPS_PURPOSE_DATA, (uint32_t)d, (uint64_t)i);
            fps_lattice *ours, *plain;
            make(&ours, d, steps[s], rungs[d - 1], ladders[d - 1], POINTS, x, false);
            make(&plain, d, steps[s], rungs[d - 1], ladders[d - 1], POINTS, x, true);
            for (size_t a = 0; a < 5; a++) {
                double left[MOST_RUNGS * POINTS], right[MOST_RUNGS * POINTS], at_zero = 0;
                double sum_left[POINTS] = {0}, sum_right[POINTS] = {0};
                assert_int_equal(fps_lattice_shells(ours, alphas[a], left), FPS_OK);
                assert_int_equal(fps_lattice_shells(plain, alphas[a], right), FPS_OK);
                for (int k = 0; k < rungs[d - 1]; k++) {
                    at_zero += right[k * POINTS];
                    for (int p = 0; p < POINTS; p++) {
                        double error = fabs(left[k * POINTS + p] - right[k * POINTS + p]) / right[k * POINTS];
                        worst_shell = fmax(worst_shell, error);
                        sum_left[p] += left[k * POINTS + p];
                        sum_right[p] += right[k * POINTS + p];
                        worst_sum = fmax(worst_sum, fabs(sum_left[p] - sum_right[p]) / at_zero);
                    }
                }
            }
            fps_lattice_destroy(&ours);
            fps_lattice_destroy(&plain);
        }
    print_message("largest error: %.2g of the shell at 0, %.2g of K(0)\n", worst_shell, worst_sum);
    assert_true(worst_shell <= 1e-14);
    assert_true(worst_sum <= 1e-13);
}

/* A disc instead of the square, against its plain sum. */
static void discs_equal_their_plain_sums(void **state) {
    (void)state;
    const int64_t ladder[] = {10, 31, 94};
    const double x[] = {0, 0, 0.3, 0.1, 0.25, 0.7};
    const fps_lattice_spec spec = {2, 0.25, 3, ladder, 3, x, false, true},
                           plain = {2, 0.25, 3, ladder, 3, x, true, true};
    fps_lattice *ours, *reference;
    assert_int_equal(fps_lattice_create(&spec, &ours), FPS_OK);
    assert_int_equal(fps_lattice_create(&plain, &reference), FPS_OK);
    const double alphas[] = {0.5, 2, 6};
    for (int a = 0; a < 3; a++) {
        double left[9], right[9];
        assert_int_equal(fps_lattice_shells(ours, alphas[a], left), FPS_OK);
        assert_int_equal(fps_lattice_shells(reference, alphas[a], right), FPS_OK);
        for (int k = 0; k < 3; k++)
            for (int p = 0; p < 3; p++)
                assert_close(left[3 * k + p], right[3 * k + p], 1e-14 * right[3 * k], "shell of a disc");
    }
    fps_lattice_destroy(&ours);
    fps_lattice_destroy(&reference);
    const int64_t large[] = {20000};
    const fps_lattice_spec beyond = {2, 0.25, 1, large, 3, x, false, true},
                           in_1d = {1, 0.25, 3, ladder, 3, x, false, true};
    assert_int_equal(fps_lattice_create(&beyond, &ours), FPS_ERROR_NUMERIC);
    assert_int_equal(fps_lattice_create(&in_1d, &ours), FPS_ERROR_NUMERIC);
}

static void bits_do_not_depend_on_what_was_asked_before(void **state) {
    (void)state;
    const int64_t ladder[] = {40, 121, 364};
    const double x[] = {0, 0, 0.3, 0.1, 0.25, 0.7};
    for (int d = 1; d <= 2; d++) {
        fps_lattice *fresh, *used;
        double first[9], again[9];
        make(&fresh, d, 0.25, 3, ladder, 3, x, false);
        make(&used, d, 0.25, 3, ladder, 3, x, false);
        assert_int_equal(fps_lattice_shells(fresh, 1.9, first), FPS_OK);
        const double others[] = {4.0, 0.4, 9.0};
        for (int i = 0; i < 3; i++)
            assert_int_equal(fps_lattice_shells(used, others[i], again), FPS_OK);
        assert_int_equal(fps_lattice_shells(used, 1.9, again), FPS_OK);
        assert_memory_equal(first, again, (size_t)(3 * 3) * sizeof *first);
        fps_lattice_destroy(&fresh);
        fps_lattice_destroy(&used);
    }
}

static void limit_is_the_closed_form_and_the_end_of_the_ladder(void **state) {
    (void)state;
    const double pi = 3.14159265358979323846;
    const double steps[] = {0.1, 0.25, 1};
    for (int s = 0; s < 3; s++)
        for (double x = 0.05; x < 0.5; x += 0.05) {
            double dxi = steps[s], closed = pi * cosh(2 * pi * (0.5 / dxi - x)) / sinh(pi / dxi);
            assert_close(fps_lattice_limit(dxi, 2, x), closed, 1e-13 * closed, "K_inf, alpha = 2");
            const int64_t ladder[] = {1000000000};
            fps_lattice *lattice;
            double shell;
            make(&lattice, 1, dxi, 1, ladder, 1, &x, false);
            assert_int_equal(fps_lattice_shells(lattice, 3, &shell), FPS_OK);
            assert_close(shell, fps_lattice_limit(dxi, 3, x), 1e-14, "K_M at M = 1e9 against K_inf, alpha = 3");
            fps_lattice_destroy(&lattice);
        }
    assert_close(fps_lattice_limit(0.25, 2, 0), pi / tanh(pi / 0.25), 1e-13, "K_inf(0), alpha = 2");
}

/* Adding the shells from either end must not matter beyond rounding. */
static void shells_add_up_in_any_order(void **state) {
    (void)state;
    enum { RUNGS = 14 };
    int64_t ladder[RUNGS] = {40};
    for (int k = 1; k < RUNGS; k++)
        ladder[k] = 3 * ladder[k - 1] + 1;
    const double x[] = {0, 0.3, 0.47};
    fps_lattice *lattice;
    double shell[RUNGS * 3];
    make(&lattice, 1, 0.25, RUNGS, ladder, 3, x, false);
    for (double alpha = 0.3; alpha < 3; alpha += 0.3) {
        assert_int_equal(fps_lattice_shells(lattice, alpha, shell), FPS_OK);
        double at_zero = 0;
        for (int p = 0; p < 3; p++) {
            double up = 0, down = 0;
            for (int k = 0; k < RUNGS; k++) {
                up += shell[3 * k + p];
                down += shell[3 * (RUNGS - 1 - k) + p];
            }
            at_zero = p ? at_zero : up;
            assert_close(up, down, 1e-13 * at_zero, "sum of shells");
        }
    }
    fps_lattice_destroy(&lattice);
}

static bool stop_at_third(void *context, double operations) {
    assert_true(operations > 0);
    return ++*(int *)context >= 3;
}

/* A sum that was stopped leaves nothing half-filled behind. */
static void stopped_sums_start_again(void **state) {
    (void)state;
    const int64_t ladder[] = {40, 121, 364};
    const double x[] = {0, 0, 0.3, 0.1, 0.25, 0.7};
    for (int ball = 0; ball < 2; ball++) {
        const fps_lattice_spec spec = {2, 0.25, 3, ladder, 3, x, false, ball};
        fps_lattice *stopped, *fresh;
        double left[9], right[9];
        int beats = 0;
        assert_int_equal(fps_lattice_create(&spec, &stopped), FPS_OK);
        assert_int_equal(fps_lattice_create(&spec, &fresh), FPS_OK);
        fps_lattice_set_pulse(stopped, stop_at_third, &beats);
        assert_int_equal(fps_lattice_shells(stopped, 1.9, left), FPS_STOPPED);
        assert_int_equal(beats, 3);
        fps_lattice_set_pulse(stopped, NULL, NULL);
        assert_int_equal(fps_lattice_shells(stopped, 1.9, left), FPS_OK);
        assert_int_equal(fps_lattice_shells(fresh, 1.9, right), FPS_OK);
        assert_memory_equal(left, right, sizeof left);
        fps_lattice_destroy(&stopped);
        fps_lattice_destroy(&fresh);
    }
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    fps_lattice *lattice;
    const double x = 0;
    const int64_t falling[] = {121, 40}, large[] = {2000000000};
    fps_lattice_spec spec = {1, 0.25, 2, falling, 1, &x, false, false};
    assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_ERROR_NUMERIC);
    assert_null(lattice);
    spec.rungs = 1;
    spec.band_limit = large;
    assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "2000000000"));
    const int64_t fine[] = {40};
    spec.band_limit = fine;
    assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_OK);
    double shell;
    assert_int_equal(fps_lattice_shells(lattice, 0, &shell), FPS_ERROR_NUMERIC);
    assert_int_equal(fps_lattice_shells(lattice, 25, &shell), FPS_ERROR_NUMERIC);
    fps_lattice_destroy(&lattice);
    fps_lattice_destroy(&lattice);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_at_zero_have_the_known_digits),
        cmocka_unit_test(every_way_equals_the_plain_sum),
        cmocka_unit_test(discs_equal_their_plain_sums),
        cmocka_unit_test(bits_do_not_depend_on_what_was_asked_before),
        cmocka_unit_test(limit_is_the_closed_form_and_the_end_of_the_ladder),
        cmocka_unit_test(shells_add_up_in_any_order),
        cmocka_unit_test(stopped_sums_start_again),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
