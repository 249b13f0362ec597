/* loss_spectrum.h (per precision, internal): the loss of a network on a grid, and its rate, split by frequency.
 *
 * Legend: d dimension, N grid points per axis, G = N^d, L_a side of axis a, R directions and K modes as in spectrum.h,
 * E thresholds eta_1 < eta_2 < ... in cycles per unit length, h network, f target, t = dh/dt along some motion of the
 * weights, l the pointwise loss.
 *
 * Each point has the weight w_g >= 0, sum 1: the square of the task's window, normalised (none: 1/G; density: the
 * density; hann: sin^4). With dx the volume of a cell, w = rho dx. The transforms U, D, V of u = sqrt(w) (h - f),
 * sqrt(w) l'(h - f) and v = sqrt(w) t are unnormalised, so that, summed over all frequencies (both signs),
 *
 *     residual power    q = |U|^2 / G            sum q = sum_g w (h - f)^2, for mse the loss on the grid
 *     its rate          p = 2 Re(conj U V) / G   sum p = d/dt of that
 *     velocity power    |V|^2 / G                sum = sum_g w t^2
 *     drive power       |D|^2 / G                mse: 4 q
 *     rate of the loss  Re(conj D V) / G         mse: p; sum = d/dt sum_g w l(h - f)
 *
 * For sobolev(s), which is no pointwise loss, D = 2 <xi>^(2s) U: its loss on the grid is the sum of <xi>^(2s) q.
 * Spectra hold both signs of a frequency, each entry by itself where it is its own mirror image (0 and Nyquist); along
 * an axis the mode k there and 0 on the others, radially all modes of one bin. A threshold takes all k with
 * |xi_k| >= eta (to 1e-12), xi_k = (k_1/L_1, ..., k_d/L_d). Sums over frequencies carry Kahan's correction, in one
 * fixed order. (Luo, Ma, Xu, Zhang, Theory of the frequency principle, arXiv 1906.09235: L_eta^+ and its rate.)
 */
#ifndef FPSWEEP_NUMERIC_LOSS_SPECTRUM_H
#define FPSWEEP_NUMERIC_LOSS_SPECTRUM_H

#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/precision.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/status.h"

#ifndef FPS_LOSS_SPECTRUM_SPEC
#define FPS_LOSS_SPECTRUM_SPEC
typedef struct fps_loss_spectrum_spec {
    fps_spectrum_spec grid;
    fps_choice loss;
    int32_t thresholds;      /* E, may be 0 */
    const double *threshold; /* threshold[E], increasing; borrowed */
} fps_loss_spectrum_spec;

/* Where the residual's power lies. Borrowed from the object until it looks at the next residual. */
typedef struct fps_residual_power {
    double grid_loss;    /* sum_g w l(h - f) */
    const double *power; /* [R, K] q */
    const double *above; /* [E + 1] sums of q: of all frequencies, then from each threshold on */
    const double *drive; /* [E + 1] the same of the drive power */
} fps_residual_power;

/* Where a motion changes it. Borrowed until the next motion is looked at. */
typedef struct fps_residual_rate {
    const double *rate, *velocity;             /* [R, K] p and velocity power */
    const double *rate_above, *velocity_above; /* [E + 1] as above */
    const double *loss_rate_above;             /* [E + 1] sums of the rate of the loss */
} fps_residual_rate;
#endif

#define fps_loss_spectrum FPS_REAL_NAME(fps_loss_spectrum)
#define fps_loss_spectrum_create FPS_REAL_NAME(fps_loss_spectrum_create)
#define fps_loss_spectrum_destroy FPS_REAL_NAME(fps_loss_spectrum_destroy)
#define fps_loss_spectrum_residual FPS_REAL_NAME(fps_loss_spectrum_residual)
#define fps_loss_spectrum_rate FPS_REAL_NAME(fps_loss_spectrum_rate)

/* Opaque; owns its transforms (FFTW_ESTIMATE, no wisdom), weights and sums; copies the spec. */
typedef struct fps_loss_spectrum fps_loss_spectrum;

/* As fps_spectrum_create(); FPS_ERROR_NUMERIC also if thresholds do not increase from above 0. */
fps_status fps_loss_spectrum_create(const fps_loss_spectrum_spec *spec, fps_loss_spectrum **out);
void fps_loss_spectrum_destroy(fps_loss_spectrum **spectrum);

/* Look at h - f: both hold FPS_PADDED(G) numbers, those behind G do not count. */
fps_residual_power fps_loss_spectrum_residual(fps_loss_spectrum *spectrum, const real *h, const real *f);

/* Look at a motion t[G] of that residual. */
fps_residual_rate fps_loss_spectrum_rate(fps_loss_spectrum *spectrum, const real *t);

#endif
