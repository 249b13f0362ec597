/* critical_exponents.c: what the theory says of energy, norm, off-data value and spike width, without the estimator's
 * built-in law: local slopes between consecutive rungs. */
#include <math.h>

#include "analysis/critical_quantities.h"
#include "fpsweep/critical.h"

const char *fps_critical_exponent_name(fps_critical_exponent exponent) {
    static const char *const name[FPS_CRITICAL_EXPONENTS] = {"energy_exponent", "norm_exponent", "off_data_exponent",
                                                             "spike_exponent"};
    return name[exponent];
}

double fps_critical_limit(fps_critical_exponent exponent, int dimension, double alpha) {
    double energy = fmax(dimension - alpha, 0);
    switch (exponent) {
    case FPS_CRITICAL_NORM:
        return fmin(0.5 * dimension, energy);
    case FPS_CRITICAL_ENERGY:
    case FPS_CRITICAL_OFF_DATA:
        return energy;
    case FPS_CRITICAL_SPIKE:
    case FPS_CRITICAL_EXPONENTS:
        break;
    }
    return dimension == 1 && alpha == 1 ? 0.5 : (double)NAN;
}

/* Log of a quantity on the rung above over here. The energy's from its drop, which is exact where totals agree to many
 * digits. NAN where the quantity changes sign. */
static double log_ratio(const fps_ladders *l, fps_critical_exponent exponent, int64_t at) {
    static const fps_ladders_value value[FPS_CRITICAL_EXPONENTS] = {
        FPS_LADDERS_ENERGY, FPS_LADDERS_NORM, FPS_LADDERS_OFF_DATA_VALUE, FPS_LADDERS_SPIKE_WIDTH};
    const double *q = l->value[value[exponent]];
    if (exponent == FPS_CRITICAL_ENERGY)
        return log1p(-l->value[FPS_LADDERS_ENERGY_DROP][at] / q[at]);
    double ratio = q[at + 1] / q[at];
    return ratio > 0 ? log(ratio) : NAN;
}

static double slope(const fps_ladders *l, fps_critical_exponent exponent, int64_t a, int64_t s, int k) {
    double length = log(((double)l->band_limit[k + 1] + 0.5) / ((double)l->band_limit[k] + 0.5));
    return -log_ratio(l, exponent, fps_ladders_at(l, a, s, k)) / length;
}

/* The decay rate at which the exponent of one data set's spike width is 1/2 (above: narrower spikes). */
static double crossing(const fps_ladders *l, int64_t first, int window, int64_t s, int k) {
    double alpha[9], excess[9];
    int count = 0;
    for (int64_t a = first; a < first + window; a++) {
        excess[count] = slope(l, FPS_CRITICAL_SPIKE, a, s, k) - 0.5;
        alpha[count] = l->alpha[a];
        count += !isnan(excess[count]);
    }
    return fps_critical_solve(alpha, excess, count).alpha_c;
}

void fps_critical_exponents(const fps_ladders *l, double *scratch, fps_critical_quantities *out) {
    int64_t first;
    int window = fps_critical_window(l->alpha, l->alphas, l->dimension, &first);
    for (int k = 0; k < out->pairs; k++) {
        for (int e = 0; e < FPS_CRITICAL_EXPONENTS; e++)
            for (int64_t a = 0; a < l->alphas; a++) {
                for (int64_t s = 0; s < l->data_sets; s++)
                    scratch[s] = slope(l, (fps_critical_exponent)e, a, s, k);
                out->exponent[e][k * l->alphas + a] = fps_analysis_mean(scratch, l->data_sets);
            }
        for (int64_t s = 0; s < l->data_sets; s++)
            scratch[s] = crossing(l, first, window, s, k);
        out->spike_crossing[k] = fps_analysis_mean(scratch, l->data_sets);
        const fps_estimate *energy = out->exponent[FPS_CRITICAL_ENERGY] + k * l->alphas;
        for (int64_t a = 0; a < l->alphas; a++)
            scratch[a] = energy[a].value;
        out->naive[k] =
            (fps_estimate){fps_critical_naive(l->dimension, l->alpha, scratch, (int)l->alphas), NAN, l->data_sets};
    }
}
