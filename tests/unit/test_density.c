/* floor: numeric */
/* Densities: quantiles against inverses found in long double from closed forms, normalisation, refusals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/sampling.h"

static fps_density *create(const fps_choice *choice, double low, double high) {
    fps_density *density = NULL;
    if (fps_density_create(choice, low, high, &density) != FPS_OK)
        fail_msg("%s", fps_error_message());
    return density;
}

/* A distribution function on [low, high] in long double; q: the probability above x, where that is more exact. */
typedef struct law {
    const char *name;
    fps_choice choice;
    double low, high;
    long double (*below)(long double x), (*above)(long double x);
    double bar; /* error of a quantile, in widths */
} law;

static long double normal_tail(long double z) {
    return 0.5L * erfcl(z / sqrtl(2));
}

/* normal(0, 1) on [-3, 5] */
static long double normal_below(long double x) {
    return (normal_tail(-x) - normal_tail(3)) / (1 - normal_tail(3) - normal_tail(5));
}
static long double normal_above(long double x) {
    return (normal_tail(x) - normal_tail(5)) / (1 - normal_tail(3) - normal_tail(5));
}

/* normal(2, 0.05) on [-1, 1]: only its tail, 20 to 60 standard deviations off */
static long double tail_below(long double x) {
    return (normal_tail((2 - x) / 0.05L) - normal_tail(60)) / (normal_tail(20) - normal_tail(60));
}
static long double tail_above(long double x) {
    return 1 - tail_below(x);
}

static long double linear_below(long double x) { /* beta(1, 1) on [0, 1] */
    return x;
}
static long double linear_above(long double x) {
    return 1 - x;
}

static long double binomial_sum(int a, int b, long double x) { /* beta with whole numbers */
    long double sum = 0;
    int n = a + b - 1;
    for (int j = a; j <= n; j++)
        sum += expl(lgammal(n + 1) - lgammal(j + 1) - lgammal(n - j + 1)) * powl(x, j) * powl(1 - x, n - j);
    return sum;
}
static long double beta25_below(long double x) {
    return binomial_sum(2, 5, x);
}
static long double beta25_above(long double x) {
    return binomial_sum(5, 2, 1 - x);
}
static long double beta4060_below(long double x) {
    return binomial_sum(40, 60, x);
}
static long double beta4060_above(long double x) {
    return binomial_sum(60, 40, 1 - x);
}

static long double arcsine_below(long double x) { /* beta(.5, .5) on [0, 1] */
    return 2 / acosl(-1) * asinl(sqrtl(x));
}
static long double arcsine_above(long double x) {
    return arcsine_below(1 - x);
}

static long double power_below(long double x) { /* beta(.05, 1) on [0, 1] */
    return powl(x, 0.05L);
}
static long double power_above(long double x) {
    return -expm1l(0.05L * logl(x));
}

/* exp(-(x+1)^2/.08) + 6 exp(-(x-1)^2/.02) on [-2.5, 2]: sd .2 and .1, masses 1 and 3, so that no p below falls
 * into the valley between them, where a quantile cannot be better determined than p is rounded */
static long double bumps(long double x) {
    return normal_tail((-1 - x) / 0.2L) + 3 * normal_tail((1 - x) / 0.1L);
}
static long double bumps_below(long double x) {
    return (bumps(x) - bumps(-2.5L)) / (bumps(2) - bumps(-2.5L));
}
static long double bumps_left(long double x) {
    return normal_tail((x + 1) / 0.2L) + 3 * normal_tail((x - 1) / 0.1L);
}
static long double bumps_above(long double x) {
    return (bumps_left(x) - bumps_left(2)) / (bumps(2) - bumps(-2.5L));
}

static long double step_below(long double x) { /* x > .1 ? 3 : 1 on [-1, 1] */
    return (x <= 0.1L ? x + 1 : 1.1L + 3 * (x - 0.1L)) / 3.8L;
}
static long double step_above(long double x) {
    return 1 - step_below(x);
}

static const law laws[] = {
    {"normal(0, 1) on [-3, 5]", {FPS_DENSITY_NORMAL, {0, 1}, NULL}, -3, 5, normal_below, normal_above, 1e-15},
    {"normal(2, .05) on [-1, 1]", {FPS_DENSITY_NORMAL, {2, 0.05}, NULL}, -1, 1, tail_below, tail_above, 1e-15},
    {"exp(-x^2/2) on [-3, 5]",
     {FPS_DENSITY_EXPRESSION, {0, 0}, "exp(-x^2/2)"},
     -3,
     5,
     normal_below,
     normal_above,
     1e-14},
    {"beta(1, 1)", {FPS_DENSITY_BETA, {1, 1}, NULL}, 0, 1, linear_below, linear_above, 1e-15},
    {"beta(2, 5)", {FPS_DENSITY_BETA, {2, 5}, NULL}, 0, 1, beta25_below, beta25_above, 2e-15},
    {"beta(40, 60)", {FPS_DENSITY_BETA, {40, 60}, NULL}, 0, 1, beta4060_below, beta4060_above, 1e-14},
    {"beta(.5, .5)", {FPS_DENSITY_BETA, {0.5, 0.5}, NULL}, 0, 1, arcsine_below, arcsine_above, 2e-15},
    {"beta(.05, 1)", {FPS_DENSITY_BETA, {0.05, 1}, NULL}, 0, 1, power_below, power_above, 5e-14},
    {"two bumps",
     {FPS_DENSITY_EXPRESSION, {0, 0}, "exp(-(x+1)^2/0.08) + 6*exp(-(x-1)^2/0.02)"},
     -2.5,
     2,
     bumps_below,
     bumps_above,
     1e-12},
    {"a jump", {FPS_DENSITY_EXPRESSION, {0, 0}, "x > 0.1 ? 3 : 1"}, -1, 1, step_below, step_above, 1e-14},
    {"uniform", {FPS_DENSITY_UNIFORM, {0, 0}, NULL}, 0, 1, linear_below, linear_above, 2e-16},
};
enum { LAWS = sizeof laws / sizeof *laws };

/* x with below(x) = p by bisection in long double, on the smaller probability. */
static long double inverse(const law *l, double p) {
    long double left = l->low, right = l->high;
    for (int i = 0; i < 75; i++) {
        long double x = 0.5L * (left + right);
        bool too_small = p <= 0.5 ? l->below(x) < p : l->above(x) > 1 - (long double)p;
        if (too_small)
            left = x;
        else
            right = x;
    }
    return left;
}

static void quantiles(void **state) {
    (void)state;
    for (int i = 0; i < LAWS; i++) {
        const law *l = &laws[i];
        fps_density *density = create(&l->choice, l->low, l->high);
        double worst = 0, worst_p = 0;
        enum { N = 301 };
        for (int j = 0; j < N + 8; j++) {
            double p = j < N ? (j + 0.5) / N : j < N + 4 ? pow(10, -3 * (j - N + 1)) : 1 - pow(10, -3 * (j - N - 3));
            double x = fps_density_quantile(density, p);
            double error = (double)fabsl(x - inverse(l, p)) / (l->high - l->low);
            if (error > worst)
                worst = error, worst_p = p;
        }
        print_message("%-26s worst error of a quantile %.2g of the width, at p = %g\n", l->name, worst, worst_p);
        if (!(worst <= l->bar))
            fail_msg("%s: error %.3g > %.3g at p = %g: got %.17g, expected %.17Lg", l->name, worst, l->bar, worst_p,
                     fps_density_quantile(density, worst_p), inverse(l, worst_p));
        assert_true(fps_density_quantile(density, 0) == l->low);
        assert_true(fps_density_quantile(density, 1) == l->high);
        fps_density_destroy(&density);
    }
}

/* rho is the derivative of the distribution function: differences of the latter over the former's midpoint. */
static void values(void **state) {
    (void)state;
    for (int i = 0; i < LAWS; i++) {
        const law *l = &laws[i];
        fps_density *density = create(&l->choice, l->low, l->high);
        for (int j = 1; j < 40; j++) {
            long double x = l->low + (l->high - l->low) * (j + 0.137L) / 41, h = 1e-5L * (l->high - l->low);
            double expected =
                (double)((8 * (l->below(x + h) - l->below(x - h)) - (l->below(x + 2 * h) - l->below(x - 2 * h))) /
                         (12 * h));
            double got = fps_density_value(density, (double)x);
            double scale = 1 / (l->high - l->low);
            if (!(fabs(got - expected) <= 1e-9 * fmax(expected, scale)))
                fail_msg("%s at %.6Lg: %.15g, expected %.15g", l->name, x, got, expected);
        }
        assert_true(fps_density_value(density, l->low - 1) == 0);
        assert_true(fps_density_value(density, l->high + 1) == 0);
        fps_density_destroy(&density);
    }
}

/* Stretching: the same beta on another domain is the same point of it. */
static void stretched(void **state) {
    (void)state;
    fps_choice choice = {FPS_DENSITY_BETA, {0.3, 2.5}, NULL};
    fps_density *unit = create(&choice, 0, 1), *wide = create(&choice, -3, 7);
    for (double p = 0.2; p < 1; p += 0.01) { /* below, -3 + 10 x has lost digits of x */
        double x = fps_density_quantile(unit, p), y = fps_density_quantile(wide, p);
        assert_true(fabs(-3 + 10 * x - y) <= 1e-14 * 10);
        assert_true(fabs(fps_density_value(unit, x) / (10 * fps_density_value(wide, y)) - 1) <= 1e-10);
    }
    fps_density_destroy(&unit);
    fps_density_destroy(&wide);
}

/* No mass, no samples: the quantiles of a density that vanishes on a part of the domain lie in the rest. */
static void gaps(void **state) {
    (void)state;
    fps_choice choice = {FPS_DENSITY_EXPRESSION, {0, 0}, "x > 0 && x < 0.25 || x > 0.5"};
    fps_density *density = create(&choice, -1, 1);
    for (int i = 0; i < 300; i++) {
        double p = (i + 0.5) / 300, x = fps_density_quantile(density, p), expected = p * 0.75;
        expected += expected > 0.25 ? 0.25 : 0;
        if (fabs(x - expected) > 1e-13)
            fail_msg("p = %g: %.17g, expected %.17g", p, x, expected);
    }
    fps_density_destroy(&density);
    fps_density_destroy(&density);
    fps_density_destroy(NULL);
}

static void refusals(void **state) {
    (void)state;
    const struct {
        fps_choice choice;
        double low, high;
        fps_status status;
        const char *message;
    } cases[] = {
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "x"}, -1, 1, FPS_ERROR_NUMERIC, "density 'x': it is negative (-1) at x = -1"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "1/x"}, 0, 1, FPS_ERROR_NUMERIC, "density '1/x': '1/x' is infinite at x = 0"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "0*x"}, 0, 1, FPS_ERROR_NUMERIC, "not a positive number"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "sqrt(x)"}, -1, 1, FPS_ERROR_NUMERIC, "is not a number"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "x = 2"}, 0, 1, FPS_ERROR_SWEEP, "would assign"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "y"}, 0, 1, FPS_ERROR_SWEEP, "unknown name 'y'"},
        {{FPS_DENSITY_EXPRESSION, {0, 0}, "mod(x*1e6, 1)"}, 0, 1, FPS_ERROR_NUMERIC, "too rough"},
        {{FPS_DENSITY_NORMAL, {50, 1}, NULL}, 0, 1, FPS_ERROR_NUMERIC, "zero on the domain"},
        {{FPS_DENSITY_NORMAL, {0, 0}, NULL}, 0, 1, FPS_ERROR_NUMERIC, "must be positive"},
        {{FPS_DENSITY_BETA, {0, 1}, NULL}, 0, 1, FPS_ERROR_NUMERIC, "must be positive"},
        {{FPS_DENSITY_UNIFORM, {0, 0}, NULL}, 1, 1, FPS_ERROR_NUMERIC, "empty or infinite"},
        {{FPS_DENSITY_UNIFORM, {0, 0}, NULL}, 0, INFINITY, FPS_ERROR_NUMERIC, "empty or infinite"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_density *density = NULL;
        fps_status status = fps_density_create(&cases[i].choice, cases[i].low, cases[i].high, &density);
        if (status != cases[i].status || !strstr(fps_error_message(), cases[i].message) || density)
            fail_msg("case %zu: %s '%s', expected %s '%s'", i, fps_status_name(status), fps_error_message(),
                     fps_status_name(cases[i].status), cases[i].message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles), cmocka_unit_test(values),   cmocka_unit_test(stretched),
        cmocka_unit_test(gaps),      cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
