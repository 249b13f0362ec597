/* critical_triples.c: alpha_c from every three consecutive rungs. */
#include <math.h>

#include "analysis/critical_quantities.h"
#include "fpsweep/critical.h"

/* theta of one decay rate, data set and triple; NAN where a rung is missing or the energy does not fall. */
static double theta_of(const fps_ladders *l, int64_t a, int64_t s, int triple) {
    const double *drop = l->value[FPS_LADDERS_ENERGY_DROP], *product = l->value[FPS_LADDERS_MULTIPLIER_PRODUCT];
    double d[2];
    for (int i = 0; i < 2; i++) {
        int64_t at = fps_ladders_at(l, a, s, triple + i);
        d[i] = drop[at] / product[at];
    }
    return fps_critical_theta(l->band_limit + triple, d);
}

/* alpha_c and slope of one data set, from the decay rates of the window that it has. */
static fps_critical_zero solve(const fps_ladders *l, int64_t first, int window, int64_t s, int triple) {
    double alpha[9], theta[9];
    int count = 0;
    for (int64_t a = first; a < first + window; a++) {
        theta[count] = theta_of(l, a, s, triple);
        alpha[count] = l->alpha[a];
        count += !isnan(theta[count]);
    }
    return fps_critical_solve(alpha, theta, count);
}

/* Standard deviation behind a mean's uncertainty: NAN for fewer than two. */
static double deviation(fps_estimate mean) {
    return mean.uncertainty * sqrt((double)mean.n) / fps_analysis_student(mean.n - 1);
}

static void count_unresolved(const fps_ladders *l, int64_t a, int k, fps_critical_triple *t) {
    for (int64_t s = 0; s < l->data_sets; s++)
        t->unresolved += l->value[FPS_LADDERS_RESOLUTION][fps_ladders_at(l, a, s, k)] < FPS_CRITICAL_RESOLUTION;
}

/* Richardson's value of every data set from its numbers of the triples k - 1 and k. */
static fps_estimate extrapolate(const fps_ladders *l, const double *single, int k, double *scratch) {
    if (k == 0 || fabs(fps_critical_cutoff(l, k) / fps_critical_cutoff(l, k - 1) - 3) > 1e-12)
        return (fps_estimate){NAN, NAN, 0};
    for (int64_t s = 0; s < l->data_sets; s++)
        scratch[s] = fps_critical_richardson(single[(k - 1) * l->data_sets + s], single[k * l->data_sets + s]);
    return fps_analysis_mean(scratch, l->data_sets);
}

void fps_critical_triples(const fps_ladders *l, double *scratch, double *single, fps_critical_quantities *out) {
    int64_t first;
    int window = fps_critical_window(l->alpha, l->alphas, l->dimension, &first);
    for (int k = 0; k < out->triples; k++) {
        fps_critical_triple *t = &out->triple[k];
        t->band_limit = l->band_limit[k];
        for (int64_t a = 0; a < l->alphas; a++) {
            for (int64_t s = 0; s < l->data_sets; s++)
                scratch[s] = theta_of(l, a, s, k);
            out->theta[k * l->alphas + a] = fps_analysis_mean(scratch, l->data_sets);
        }
        for (int64_t s = 0; s < l->data_sets; s++) {
            fps_critical_zero zero = solve(l, first, window, s, k);
            single[k * l->data_sets + s] = zero.alpha_c;
            scratch[s] = zero.slope;
        }
        t->slope = fps_analysis_mean(scratch, l->data_sets);
        t->alpha_c = fps_analysis_mean(single + k * l->data_sets, l->data_sets);
        t->sd = deviation(t->alpha_c);
        t->systematic = fps_critical_systematic(l->dimension, l->frequency_step, t->band_limit, l->ball);
        t->spread = t->sd * fps_critical_cutoff(l, k) / (double)l->samples;
        double random = l->samples == 1 && t->alpha_c.n > 0 ? 0 : t->alpha_c.uncertainty; /* one sample: all the same */
        t->alpha_c.uncertainty = random + t->systematic;
        t->richardson = extrapolate(l, single, k, scratch);
        if (l->alphas > 0 && l->samples > 1)
            count_unresolved(l, first, k, t);
    }
}
