/* density_beta.c: beta(a, b) stretched over the domain, also with singular ends (a < 1 or b < 1). */
#include <math.h>

#include "fpsweep/memory.h"
#include "numeric/density_kinds.h"

typedef struct beta {
    double a, b;
    double log_beta; /* log B(a, b) */
    double half;     /* probability below the middle of the domain */
} beta;

/* Continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz algorithm: the factor behind
 * u^a (1-u)^b / (a B(a, b)), for u < (a + 1)/(a + b + 2), in O(sqrt(max(a, b))) steps. */
static double fraction(double a, double b, double u) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * u / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * u / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 + even * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + even / c;
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        double odd = -(a + m) * (a + b + m) * u / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + odd * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + odd / c;
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return f;
}

/* log of the regularised incomplete beta function I_u(a, b), u = e^y <= 1/2; no underflow for tiny u or small a. */
static double log_lower(double a, double b, double log_beta, double y) {
    double u = exp(y), front = a * y + b * log1p(-u) - log_beta;
    if (u < (a + 1) / (a + b + 2))
        return front - log(a) + log(fraction(a, b, u));
    return log1p(-exp(front - log(b)) * fraction(b, a, 1 - u));
}

/* u in (0, 1/2] with I_u(a, b) = p: Newton on the logarithms of both within a bracket. Near a singular end the relation
 * is a straight line there, so this is exact in one step. */
static double solve_lower(double a, double b, double log_beta, double p) {
    double goal = log(p), right = -M_LN2, left = -INFINITY;
    double y = fmin((goal + log(a) + log_beta) / a, right);
    if (y < -800) /* below any double: the corrections are smaller still */
        return 0;
    for (int i = 0; i < 200; i++) {
        double u = exp(y), value = log_lower(a, b, log_beta, y), error = value - goal;
        if (error < 0)
            left = y;
        else
            right = y;
        /* d log I / d log u = u f(u) / I */
        double slope = exp(a * y + (b - 1) * log1p(-u) - log_beta - value), next = y - error / slope;
        if (!(next >= left && next <= right))
            next = isinf(left) ? 2 * y - 1 : 0.5 * (left + right);
        if (fabs(next - y) <= 2e-16 * fabs(y) || right - left <= 2e-16 * fabs(y)) {
            y = next;
            break;
        }
        y = next;
    }
    return exp(y);
}

static fps_status create(const fps_choice *choice, double low, double high, void **state) {
    (void)low, (void)high;
    beta *t;
    FPS_TRY(FPS_ALLOC(t, 1));
    *state = t;
    t->a = choice->argument[0];
    t->b = choice->argument[1];
    if (!(t->a > 0 && t->b > 0 && t->a <= 1e6 && t->b <= 1e6))
        return fps_fail(FPS_ERROR_NUMERIC, "density beta(%g, %g): both numbers must be positive (at most 1e6)", t->a,
                        t->b);
    t->log_beta = lgamma(t->a) + lgamma(t->b) - lgamma(t->a + t->b);
    t->half = exp(log_lower(t->a, t->b, t->log_beta, -M_LN2));
    return FPS_OK;
}

static double value(const void *state, double low, double high, double x) {
    const beta *t = state;
    double width = high - low, u = (x - low) / width, v = (high - x) / width;
    /* a = 1 or b = 1: 0 * log 0 must not arise at the ends */
    double left = t->a == 1 ? 0 : (t->a - 1) * log(u), right = t->b == 1 ? 0 : (t->b - 1) * log(v);
    return exp(left + right - t->log_beta) / width;
}

static double quantile(const void *state, double low, double high, double p, double q) {
    const beta *t = state;
    if (p <= t->half)
        return low + (high - low) * solve_lower(t->a, t->b, t->log_beta, p);
    return high - (high - low) * solve_lower(t->b, t->a, t->log_beta, q);
}

const fps_density_shape fps_density_beta = {create, fps_free, value, quantile};
