#include "experiment/direct_spike.h"

#include <math.h>

#include "fpsweep/memory.h"

static const double PI = 3.14159265358979323846;

/* amplitude[0 .. m] of an even trigonometric sum. */
typedef struct even_sum {
    double *amplitude;
    int64_t m;
    double frequency_step;
} even_sum;

/* sum_j amplitude_j cos(2 pi j dxi delta), by Clenshaw's recurrence in the form that is stable at small angles
 * (Reinsch). */
static double value_at(const even_sum *sum, double delta) {
    double half = sin(PI * sum->frequency_step * delta), b = 0, db = 0;
    double factor = -4 * half * half;
    for (int64_t j = sum->m; j >= 1; j--) {
        db = sum->amplitude[j] + factor * b + db;
        b = b + db;
    }
    /* sum = a_0 + cos(theta) b_1 - b_2, b_2 = b_1 - db_1 */
    return sum->amplitude[0] + db + 0.5 * factor * b;
}

static fps_status make_sum(double dxi, double alpha, int64_t m, int64_t n, const double *x, const double *lambda,
                           int64_t p, even_sum *sum) {
    sum->m = m;
    sum->frequency_step = dxi;
    FPS_TRY(FPS_ALLOC(sum->amplitude, m + 1));
    for (int64_t j = 0; j <= m; j++) {
        double xi = (double)j * dxi, ripple = PI * (double)j / (double)m, cosines = 0;
        for (int64_t i = 0; i < n; i++) {
            double turn = (double)j * (dxi * (x[i] - x[p]));
            cosines += lambda[i] * (i == p ? 1.0 : cos(2 * PI * (turn - rint(turn))));
        }
        double weight = exp(-0.5 * alpha * log1p(xi * xi)) * (j ? 2 * sin(ripple) / ripple : 1);
        sum->amplitude[j] = dxi * weight * cosines;
    }
    return FPS_OK;
}

fps_status fps_spike_width(double frequency_step, double alpha, int64_t band_limit, int64_t samples, const double *x,
                           const double *lambda, int64_t p, double *width) {
    even_sum sum;
    *width = NAN;
    FPS_TRY(make_sum(frequency_step, alpha, band_limit, samples, x, lambda, p, &sum));
    const double half = 0.5 * value_at(&sum, 0), sign = half < 0 ? -1 : 1, end = 0.5 / frequency_step;
    double low = 0, high = 0.05 / ((double)band_limit * frequency_step);
    while (high < end && sign * (value_at(&sum, high) - half) > 0) {
        low = high;
        high *= 1.25;
    }
    if (high < end) {
        while (high - low > 1e-13 * high) {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
                break;
            if (sign * (value_at(&sum, middle) - half) > 0)
                low = middle;
            else
                high = middle;
        }
        *width = 0.5 * (low + high);
    }
    fps_free(sum.amplitude);
    return FPS_OK;
}
