/* features.h (per precision): the lattice of Fourier features with a prescribed decay.
 *
 * psi_0 = sqrt(dxi^d), psi_{j,cos} = sqrt(2 dxi^d) <xi_j>^(-alpha/2) cos(2 pi xi_j . x), psi_{j,sin} likewise, over
 * half of the lattice xi_j = j dxi, |j|_inf <= M (j lexicographically positive), so that Psi Psi^T = K (arXiv
 * 2105.11675). Order of rows: psi_0, then for each j (last axis fastest) cos, sin. (2M+1)^d rows in all. Phases are
 * exact: p = j*t, e = fma(j, t, -p), (p - rint p) + e, with t = dxi x in double.
 */
#ifndef FPSWEEP_FEATURES_H
#define FPSWEEP_FEATURES_H

#include <stdint.h>

#include "fpsweep/precision.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define fps_features_fill FPS_REAL_NAME(fps_features_fill)

/* The lattice of features of a task. */
typedef struct fps_features {
    int dimension;
    int32_t band_limit;    /* M */
    double frequency_step; /* dxi, cycles per unit length */
    double decay_rate;     /* alpha */
} fps_features;

/* Number of features (2M+1)^d; INT64_MAX if that is too large a number. The same in both precisions. */
int64_t fps_features_count(const fps_features *features);

/* Fill out[features, stride]: column i is point x[i, dimension], i < count; columns count..stride-1 repeat the last. */
void fps_features_fill(const fps_features *features, const double *x, int64_t count, int64_t stride, real *out);

#ifdef __cplusplus
}
#endif
#endif
