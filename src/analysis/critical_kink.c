/* critical_kink.c: one point in 1-D: the rounded kink of the energy's exponent, its collapse, and the naive estimate.
 */
#include <math.h>

#include "analysis/critical_quantities.h"
#include "fpsweep/critical.h"

/* S_M(alpha): the same for all data sets; of the first that has it. */
static double kernel_at_zero(const fps_ladders *l, int64_t a, int k) {
    for (int64_t s = 0; s < l->data_sets; s++) {
        double value = l->value[FPS_LADDERS_KERNEL_AT_ZERO][fps_ladders_at(l, a, s, k)];
        if (!isnan(value))
            return value;
    }
    return NAN;
}

void fps_critical_kink(const fps_ladders *l, fps_critical_quantities *out) {
    const double lowest = 0.3 - 1e-9, highest = 1.8 + 1e-9;
    for (int k = 0; k < l->rungs; k++) {
        double *beta = out->beta + k * l->alphas, *log_cutoff = out->log_cutoff + k * l->alphas;
        fps_estimate worst = {NAN, NAN, 0};
        for (int64_t a = 0; a < l->alphas; a++) {
            double alpha = l->alpha[a];
            beta[a] = fps_critical_beta(l->frequency_step, alpha, l->band_limit[k], kernel_at_zero(l, a, k));
            log_cutoff[a] = fps_critical_log_cutoff(l->frequency_step, alpha, l->band_limit[k]);
            if (isnan(beta[a]) || alpha < lowest || alpha > highest)
                continue;
            double law = fps_critical_collapse((1 - alpha) * log_cutoff[a]);
            worst.value = fmax(worst.value, fabs(beta[a] * log_cutoff[a] - law)); /* fmax passes NAN over */
            worst.n++;
        }
        out->collapse[k] = worst;
        out->beta_naive[k] = fps_critical_naive(1, l->alpha, beta, (int)l->alphas);
    }
}
