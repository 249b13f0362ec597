/* direct_spike.h (internal): how narrow the interpolant is around a data point.
 *
 * Below the critical decay rate the interpolant degenerates to spikes at the data. The raw width is useless (Gibbs
 * ripples), so the interpolant is averaged over one ripple, of length 1/(M dxi): phi_j is multiplied by
 * sinc(j/M) = sin(pi j/M)/(pi j/M). One dimension.
 */
#ifndef FPSWEEP_EXPERIMENT_DIRECT_SPIKE_H
#define FPSWEEP_EXPERIMENT_DIRECT_SPIKE_H

#include <stdint.h>

#include "fpsweep/status.h"

/* Largest band limit for which a width is measured: its cost grows with M. */
#define FPS_SPIKE_BAND_LIMIT 131072

/* Half-width of the averaged interpolant sum_i lambda_i K(x - x_i) around x_p: the smallest delta at which the mean of
 * its values at x_p + delta and x_p - delta is half of its value at x_p. NAN where there is none within half a period.
 */
fps_status fps_spike_width(double frequency_step, double alpha, int64_t band_limit, int64_t samples, const double *x,
                           const double *lambda, int64_t p, double *width);

#endif
