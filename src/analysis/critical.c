#include "fpsweep/critical.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double cutoff(double frequency_step, int64_t band_limit) {
    return ((double)band_limit + 0.5) * frequency_step;
}

/* log[(e^(e b) - 1) / (e^(e a) - 1)] + e a: D of the upper two rungs over D of the lower two if the energy's inverse
 * grows like X^e; a and b are the logarithmic distances. Increasing in e. */
static double log_ratio_of_drops(double e, double a, double b) {
    if (fabs(e) * (a + b) < 1e-8)
        return log(b / a) + 0.5 * e * (a + b);
    return log(expm1(e * b) / expm1(e * a)) + e * a;
}

double fps_critical_theta(const int64_t *band_limit, const double *d) {
    if (!(d[0] > 0) || !(d[1] > 0))
        return NAN;
    double a = log(((double)band_limit[1] + 0.5) / ((double)band_limit[0] + 0.5));
    double b = log(((double)band_limit[2] + 0.5) / ((double)band_limit[1] + 0.5)), ratio = log(d[1] / d[0]);
    if (fabs(a - b) <= 1e-12 * a)
        return ratio / a;
    double low = -100 / (a + b), high = 100 / (a + b);
    if (log_ratio_of_drops(low, a, b) > ratio || log_ratio_of_drops(high, a, b) < ratio)
        return NAN;
    for (int i = 0; i < 200; i++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            break;
        if (log_ratio_of_drops(middle, a, b) < ratio)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* The polynomial through all points, by Neville's scheme. */
static double interpolate(const double *x, const double *y, int count, double at) {
    double p[9];
    for (int i = 0; i < count; i++)
        p[i] = y[i];
    for (int step = 1; step < count; step++)
        for (int i = 0; i + step < count; i++)
            p[i] = ((at - x[i + step]) * p[i] + (x[i] - at) * p[i + 1]) / (x[i] - x[i + step]);
    return p[0];
}

static double line_slope(const double *x, const double *y, int count) {
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (int i = 0; i < count; i++) {
        mx += x[i] / count;
        my += y[i] / count;
    }
    for (int i = 0; i < count; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / xx;
}

fps_critical_zero fps_critical_solve(const double *alpha, const double *theta, int count) {
    fps_critical_zero zero = {NAN, NAN};
    if (count < 2 || count > 9)
        return zero;
    for (int i = 0; i < count; i++)
        if (!isfinite(theta[i]))
            return zero;
    zero.slope = line_slope(alpha, theta, count);
    int at = -1; /* the last change from positive to negative; theta falls with alpha */
    for (int i = 0; i + 1 < count; i++)
        if (theta[i] > 0 && theta[i + 1] <= 0)
            at = i;
    if (at < 0)
        return zero;
    double low = alpha[at], high = alpha[at + 1];
    for (int i = 0; i < 200 && high - low > 1e-16 * fabs(high); i++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high)
            break;
        if (interpolate(alpha, theta, count, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    zero.alpha_c = 0.5 * (low + high);
    return zero;
}

/* c_d = (64/81)/(ln 3)^2 d a_d (1/4 + dxi^2/24): a_d is the expansion of the cube's shell in 1/X^2. */
double fps_critical_systematic(int dimension, double frequency_step, int64_t band_limit) {
    const double a[] = {1, 0.5 + 1 / PI, 1.0 / 3 + 2 / (sqrt(3) * PI)};
    double x = cutoff(frequency_step, band_limit), ln3 = log(3);
    double c = 64.0 / 81 / (ln3 * ln3) * dimension * a[dimension - 1] * (0.25 + frequency_step * frequency_step / 24);
    return c / (x * x);
}

double fps_critical_richardson(double at_m, double at_3m) {
    return (9 * at_3m - at_m) / 8;
}

/* ---- one point in 1-D ---- */

double fps_critical_beta(double frequency_step, double alpha, int64_t band_limit, double kernel_at_zero) {
    double x = cutoff(frequency_step, band_limit), a[5] = {pow(1 + x * x, -0.5 * alpha)};
    for (int p = 0; p < 4; p++) /* Taylor coefficients of (1 + x^2)^(-alpha/2) */
        a[p + 1] = -((alpha + 2 * p) * x * a[p] + (p ? (alpha + p - 1) * a[p - 1] : 0)) / ((1 + x * x) * (p + 1));
    double step2 = frequency_step * frequency_step, second = 2 * a[2], fourth = 24 * a[4];
    return 2 * x * (a[0] - step2 * second / 24 + 7 * step2 * step2 * fourth / 5760) / kernel_at_zero;
}

double fps_critical_log_cutoff(double frequency_step, double alpha, int64_t band_limit) {
    double e = alpha - 1, log_x0;
    if (fabs(e) < 1e-5) /* lgamma expanded around alpha = 1 */
        log_x0 = -log(2) + e * PI * PI / 24;
    else
        log_x0 = -(0.5 * log(PI) + lgamma(0.5 * (alpha + 1)) - lgamma(0.5 * alpha)) / e;
    return log(cutoff(frequency_step, band_limit)) - log_x0;
}

double fps_critical_collapse(double z) {
    return fabs(z) < 1e-8 ? 1 + 0.5 * z : z / -expm1(-z);
}

double fps_critical_naive(int dimension, const double *alpha, const double *beta, int count) {
    enum { MOST = 1000 };
    double x[MOST], y[MOST], mx = 0, my = 0;
    int used = 0;
    for (int i = 0; i < count && used < MOST; i++) {
        double share = alpha[i] / dimension;
        if (share < 0.2 - 1e-9 || share > 0.8 + 1e-9 || !isfinite(beta[i]))
            continue;
        x[used] = alpha[i];
        y[used++] = beta[i];
    }
    if (used < 2)
        return NAN;
    for (int i = 0; i < used; i++) {
        mx += x[i] / used;
        my += y[i] / used;
    }
    return mx - my / line_slope(x, y, used);
}
