/* loss_sobolev.h (per precision): the loss sobolev(s) on a grid of midpoints.
 *
 * L = sum_k <xi_k>^(2s) |R_k|^2, R_k = n^(-1/2) sum_i sqrt(w_i) r_i exp(-2 pi i k.i / side), xi_k = k / (high - low) on
 * each axis with k from -side/2 to side/2, <xi> = sqrt(1 + |xi|^2). With s = 0 this is sum_i w_i r_i^2 (Parseval).
 * dL/dr = 2 sqrt(w) F^-1[<xi>^(2s) R]. That the grid starts half a cell inside only turns phases.
 */
#ifndef FPSWEEP_NUMERIC_REAL_LOSS_SOBOLEV_H
#define FPSWEEP_NUMERIC_REAL_LOSS_SOBOLEV_H

#include "fpsweep/status.h"
#include "numeric/kernels.h"
#include "numeric/stepper.h"

#define fps_sobolev FPS_REAL_NAME(fps_sobolev)
#define fps_sobolev_create FPS_REAL_NAME(fps_sobolev_create)
#define fps_sobolev_destroy FPS_REAL_NAME(fps_sobolev_destroy)
#define fps_sobolev_set_weights FPS_REAL_NAME(fps_sobolev_set_weights)
#define fps_sobolev_evaluate FPS_REAL_NAME(fps_sobolev_evaluate)

/* Transforms, planned once (FFTW_ESTIMATE). Opaque; owns its arrays. */
typedef struct fps_sobolev fps_sobolev;

/* Uses loss.argument[0] = s, dimension, side, domain and samples of the spec. */
fps_status fps_sobolev_create(const fps_stepper_spec *spec, fps_sobolev **out);
void fps_sobolev_destroy(fps_sobolev **sobolev);

/* Take over the sample weights weight[P] (0 in the padding). */
void fps_sobolev_set_weights(fps_sobolev *sobolev, const real *weight);

/* Return L of h - y and fill doutput[P] = dL/dh; term[P] is scratch. All arrays [P], P = FPS_PADDED(samples). */
double fps_sobolev_evaluate(fps_sobolev *sobolev, const fps_kernels *kernels, const real *h, const real *y,
                            real *doutput, real *term);

#endif
