/* spectrum.h: what uniform and non-uniform spectra of both precisions share. Internal to numeric. */
#ifndef FPSWEEP_NUMERIC_SPECTRUM_H
#define FPSWEEP_NUMERIC_SPECTRUM_H

#include <stdint.h>

#include "fpsweep/spectrum.h"
#include "fpsweep/status.h"

/* Check the spec's dimension, domain and modes (`limit`: the largest mode allowed). */
fps_status fps_spectrum_check(const fps_spectrum_spec *spec, int64_t limit);

/* Fill window[N] along one axis: 1, sin^2(pi (x - a)/L), or sqrt(rho) with rho of mean 1. */
fps_status fps_spectrum_window(const fps_spectrum_spec *spec, int axis, double *window);

/* Bins of radial frequency: r = |xi_k| / dxi_min = sqrt(sum_a (k_a longest/L_a)^2), rounded (half up). */
typedef struct fps_radial {
    int dimension;
    double stretch[FPS_MAX_DIMENSION]; /* longest side / side of the axis */
    int64_t limit;                     /* the largest mode */
    int32_t *place;                    /* [limit + 1] place of a mode in the list of modes, -1 if it is not wanted */
} fps_radial;

fps_status fps_radial_create(const fps_spectrum_spec *spec, fps_radial *radial);
void fps_radial_release(fps_radial *radial);
/* Place in the list of modes of lattice point k[dimension]; -1 if it is not wanted. */
int32_t fps_radial_place(const fps_radial *radial, const int64_t *k);

#endif
