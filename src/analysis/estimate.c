/* estimate.c: means, medians and quantiles, with their uncertainty. */
#include <math.h>
#include <stdlib.h>

#include "fpsweep/analysis.h"

static const double pi = 3.14159265358979323846;

/* P(|T| <= t) for `freedom` degrees: the finite sums of Abramowitz and Stegun 26.7.3 (odd) and 26.7.4 (even). */
static double student_within(double t, int64_t freedom) {
    double nu = (double)freedom, theta = atan(t / sqrt(nu)), cosine2 = nu / (nu + t * t);
    double term = freedom % 2 ? sqrt(cosine2) : 1, sum = freedom == 1 ? 0 : term;
    for (int64_t k = freedom % 2 ? 2 : 1; k <= freedom - 3; k += 2) {
        term *= cosine2 * (double)k / (double)(k + 1);
        sum += term;
    }
    return freedom % 2 ? 2 / pi * (theta + sin(theta) * sum) : sin(theta) * sum;
}

/* Density of Student's t. */
static double student_density(double t, int64_t freedom) {
    double nu = (double)freedom;
    return exp(lgamma((nu + 1) / 2) - lgamma(nu / 2) - (nu + 1) / 2 * log1p(t * t / nu)) / sqrt(nu * pi);
}

/* Cornish-Fisher expansion about the normal quantile z (Abramowitz and Stegun 26.7.5); relative error < 1e-13 from 1000
 * degrees on. */
static double student_expansion(double z, double nu) {
    double z2 = z * z;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / nu) / nu) / nu) / nu;
}

double fps_analysis_student(int64_t freedom) {
    const double z = 1.959963984540054, within = 0.95;
    if (freedom < 1)
        return NAN;
    if (freedom > 1000)
        return student_expansion(z, (double)freedom);
    /* P(|T| <= t) is concave in t > 0, so that Newton's steps from the left of the root never overshoot. */
    double t = z;
    for (int i = 0; i < 100; i++) {
        double step = (within - student_within(t, freedom)) / (2 * student_density(t, freedom));
        t += step;
        if (fabs(step) <= 1e-14 * t)
            break;
    }
    return t;
}

fps_estimate fps_analysis_mean(const double *value, int64_t n) {
    fps_estimate out = {.value = NAN, .uncertainty = NAN, .n = 0};
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(value[i])) {
            sum += value[i];
            out.n++;
        }
    if (out.n == 0)
        return out;
    out.value = sum / (double)out.n;
    if (out.n < 2)
        return out;
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            squares += (value[i] - out.value) * (value[i] - out.value);
    out.uncertainty = fps_analysis_student(out.n - 1) * sqrt(squares / (double)(out.n - 1) / (double)out.n);
    return out;
}

/* Increasing, NANs last. */
static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return (isnan(x) ? 1 : 0) - (isnan(y) ? 1 : 0);
    return (x > y) - (x < y);
}

double fps_analysis_quantile(double *value, int64_t n, double q) {
    qsort(value, (size_t)n, sizeof *value, by_value);
    while (n > 0 && isnan(value[n - 1]))
        n--;
    if (n == 0)
        return NAN;
    double place = q * (double)(n - 1);
    int64_t below = (int64_t)floor(place);
    if (below >= n - 1)
        return value[n - 1];
    double share = place - (double)below;
    double low = value[below], high = value[below + 1];
    return share == 0 || low == high ? low : low + share * (high - low); /* two infinities are equal */
}

double fps_analysis_median_censored(double *value, int64_t n) {
    if (n < 1)
        return NAN;
    qsort(value, (size_t)n, sizeof *value, by_value);
    double low = value[(n - 1) / 2], high = value[n / 2]; /* a NAN stays a NAN */
    return low + (high - low) / 2;
}
