/* power_law.c: a straight line through logarithms, and whether it is one. */
#include <math.h>

#include "fpsweep/stages.h"

/* Least-squares slope of log y over log x, count >= 2. */
static double slope(const double *x, const double *y, int64_t count) {
    double mean_x = 0, mean_y = 0, covariance = 0, variance = 0;
    for (int64_t i = 0; i < count; i++) {
        mean_x += log(x[i]) / (double)count;
        mean_y += log(y[i]) / (double)count;
    }
    for (int64_t i = 0; i < count; i++) {
        double dx = log(x[i]) - mean_x;
        covariance += dx * (log(y[i]) - mean_y);
        variance += dx * dx;
    }
    return covariance / variance;
}

/* First i with eta[i] >= bound. */
static int64_t find(const double *eta, int64_t count, double bound) {
    int64_t i = 0;
    while (i < count && eta[i] < bound)
        i++;
    return i;
}

/* Exponent over a part of the points; widened to two if there are fewer. */
static double part(const double *eta, const double *y, int64_t first, int64_t end, int64_t count) {
    while (end - first < 2 && (first > 0 || end < count)) {
        first -= first > 0;
        end += end - first < 2 && end < count;
    }
    return -slope(eta + first, y + first, end - first);
}

fps_power_law fps_power_law_fit(const double *eta, const double *y, const double *floor, int64_t count) {
    fps_power_law out = {.law = FPS_LAW_UNRESOLVED, .exponent = NAN, .bend = NAN, .low = NAN, .high = NAN};
    int64_t n = 0;
    while (n < count && isfinite(y[n]) && y[n] > floor[n])
        n++;
    out.points = (int)n;
    if (n < FPS_LAW_POINTS)
        return out;
    double third = log(eta[n - 1] / eta[0]) / 3;
    out.low = eta[0];
    out.high = eta[n - 1];
    out.exponent = -slope(eta, y, n);
    out.bend = part(eta, y, find(eta, n, eta[n - 1] * exp(-third) * (1 - 1e-12)), n, n) -
               part(eta, y, 0, find(eta, n, eta[0] * exp(third) * (1 + 1e-12)), n);
    out.law = out.bend > FPS_LAW_BEND ? FPS_LAW_STEEPER : FPS_LAW_POWER;
    return out;
}
