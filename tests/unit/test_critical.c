/* floor: analysis */
/* The estimator of alpha_c and the collapse, on lattice sums of one point, against their known deviations. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fpsweep/critical.h"
#include "fpsweep/lattice.h"

static void assert_close(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.10g is not %.10g within %g", what, a, b, tolerance);
}

/* One point, dxi = 1: alpha_c - d for the triples from M_0 = 4, 13, 40, 121, 364; the estimator's whole error is the
 * systematic one. */
static void one_point_has_the_known_deviation(void **state) {
    (void)state;
    enum { RUNGS = 7, TRIPLES = 5, ALPHAS = 5 };
    const double expected[3][TRIPLES] = {{9.29e-3, 1.05e-3, 1.16e-4, 1.29e-5, 1.44e-6},
                                         {1.52e-2, 1.71e-3, 1.90e-4, 2.12e-5, 2.35e-6},
                                         {1.95e-2, 2.20e-3, 2.45e-4, 2.72e-5, 3.02e-6}};
    const int64_t ladder[RUNGS] = {4, 13, 40, 121, 364, 1093, 3280};
    const double zero[3] = {0};
    for (int d = 1; d <= 3; d++) {
        const fps_lattice_spec spec = {d, 1, RUNGS, ladder, 1, zero, false, false};
        fps_lattice *lattice;
        double alpha[ALPHAS], theta[TRIPLES][ALPHAS], found[TRIPLES];
        assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_OK);
        for (int a = 0; a < ALPHAS; a++) {
            double shell[RUNGS];
            alpha[a] = d + 0.1 * (a - 2);
            assert_int_equal(fps_lattice_shells(lattice, alpha[a], shell), FPS_OK);
            for (int k = 0; k < TRIPLES; k++) /* D of one point is the shell between two rungs */
                theta[k][a] = fps_critical_theta(ladder + k, (double[]){shell[k + 1], shell[k + 2]});
        }
        for (int k = 0; k < TRIPLES; k++) {
            fps_critical_zero fit = fps_critical_solve(alpha, theta[k], ALPHAS);
            found[k] = fit.alpha_c;
            assert_close(fit.alpha_c - d, expected[d - 1][k], 0.006 * expected[d - 1][k], "alpha_c - d");
            assert_close(fit.slope, -1, k < 2 ? 0.02 : 2e-4, "slope");
            double systematic = fps_critical_systematic(d, 1, ladder[k], false);
            if (k > 1)
                assert_close(systematic, fit.alpha_c - d, 0.01 * systematic, "c_d / X_0^2");
        }
        /* the next order, 1/X^4, is left */
        assert_true(fabs(fps_critical_richardson(found[2], found[3]) - d) < 0.01 * (found[3] - d));
        fps_lattice_destroy(&lattice);
    }
}

static void constants_are_the_published_ones(void **state) {
    (void)state;
    const double quarter[] = {.16537, .27064, .34771}, one[] = {.19094, .31249, .40148};
    for (int d = 1; d <= 3; d++) { /* X_0 = dxi / 2 at M = 0 */
        assert_close(fps_critical_systematic(d, 0.25, 0, false) * 0.125 * 0.125, quarter[d - 1], 1e-5, "c_d(0.25)");
        assert_close(fps_critical_systematic(d, 1, 0, false) * 0.25, one[d - 1], 1e-5, "c_d(1)");
    }
}

/* dxi = 0.1, alpha in [0.3, 1.8]: largest deviation of beta L from z / (1 - e^-z). */
static void kinks_of_all_cutoffs_collapse(void **state) {
    (void)state;
    enum { RUNGS = 5, ALPHAS = 31 };
    const int64_t ladder[RUNGS] = {100, 1000, 10000, 100000, 1000000};
    const double expected[RUNGS] = {7.1e-3, 1.0e-4, 1.4e-6, 1.8e-8, 2.2e-10};
    const double x = 0;
    double worst[RUNGS] = {0}, alpha[ALPHAS], beta[RUNGS][ALPHAS];
    const fps_lattice_spec spec = {1, 0.1, RUNGS, ladder, 1, &x, false, false};
    fps_lattice *lattice;
    assert_int_equal(fps_lattice_create(&spec, &lattice), FPS_OK);
    for (int a = 0; a < ALPHAS; a++) {
        double shell[RUNGS], total = 0;
        alpha[a] = 0.3 + 0.05 * a;
        assert_int_equal(fps_lattice_shells(lattice, alpha[a], shell), FPS_OK);
        for (int k = 0; k < RUNGS; k++) {
            total += shell[k];
            beta[k][a] = fps_critical_beta(0.1, alpha[a], ladder[k], total);
            double l = fps_critical_log_cutoff(0.1, alpha[a], ladder[k]);
            worst[k] = fmax(worst[k], fabs(beta[k][a] * l - fps_critical_collapse((1 - alpha[a]) * l)));
        }
    }
    double before = INFINITY;
    for (int k = 0; k < RUNGS; k++) {
        assert_close(worst[k], expected[k], 0.05 * expected[k], "largest deviation from the collapse");
        double naive = fps_critical_naive(1, alpha, beta[k], ALPHAS);
        print_message("M = %lld: deviation %.2g, naive estimate %.4f\n", (long long)ladder[k], worst[k], naive);
        assert_true(naive > 1.001 && naive < before); /* biased upwards, slowly better */
        before = naive;
    }
    fps_lattice_destroy(&lattice);
}

static void zeros_of_simple_curves(void **state) {
    (void)state;
    const double alpha[] = {0.8, 0.9, 1, 1.1, 1.2};
    double theta[5];
    for (int i = 0; i < 5; i++)
        theta[i] = 1.03 - alpha[i];
    fps_critical_zero fit = fps_critical_solve(alpha, theta, 5);
    assert_close(fit.alpha_c, 1.03, 1e-15, "zero of a line");
    assert_close(fit.slope, -1, 1e-14, "its slope");
    for (int i = 0; i < 5; i++)
        theta[i] = pow(1.07 - alpha[i], 3) + 0.5 * (1.07 - alpha[i]);
    assert_close(fps_critical_solve(alpha, theta, 5).alpha_c, 1.07, 1e-14, "zero of a cubic");
    for (int i = 0; i < 5; i++)
        theta[i] = 1;
    assert_true(isnan(fps_critical_solve(alpha, theta, 5).alpha_c));
    theta[3] = NAN;
    assert_true(isnan(fps_critical_solve(alpha, theta, 5).alpha_c));
    assert_true(isnan(fps_critical_theta((int64_t[]){4, 13, 40}, (double[]){1, -1})));
    assert_close(fps_critical_collapse(1e-9), 1, 1e-9, "collapse at 0");
    double left = fps_critical_log_cutoff(0.1, 1 - 1.0001e-5, 100),
           right = fps_critical_log_cutoff(0.1, 1 - 0.9999e-5, 100);
    assert_close(left, right, 1e-8, "log cutoff across alpha = 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_point_has_the_known_deviation),
        cmocka_unit_test(constants_are_the_published_ones),
        cmocka_unit_test(kinks_of_all_cutoffs_collapse),
        cmocka_unit_test(zeros_of_simple_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
