/* spectrum.h (per precision): discrete Fourier coefficients of a real function on a uniform grid of midpoints.
 *
 * Legend: d dimension, N grid points per axis, x_g = a + (g + 1/2) (b - a)/N, L = b - a the side of an axis.
 * c_k = N^-d sum_g w_g f(x_g) exp(-2 pi i k . (x_g - a)/L): unit of f, so that sin(2 pi k (x - a)/L) has |c_k| = 1/2.
 * The window w has mean 1 for `none`; hann is the product over the axes of sin^2(pi (x - a)/L); density is
 * sqrt(rho(x)), rho normalised to mean 1 on the grid (so that |c_k|^2 is the density-weighted power).
 * Directions: 0 .. d-1 are the axes (k along one axis, 0 along the others); in d > 1 direction d is radial:
 * |c|(r) = sqrt(sum of |c_k|^2 over all k, both signs, with |xi_k| / dxi_min rounded to r), dxi_min = 1 / the longest
 * side, stored as a real number. xi_k = (k_1/L_1, ...); halves are rounded up; on the grid k_a = -N/2 + 1 .. N/2 (N
 * even: +N/2 and -N/2 are one), in non-uniform sums all integers.
 */
#ifndef FPSWEEP_SPECTRUM_H
#define FPSWEEP_SPECTRUM_H

#include <complex.h>
#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/precision.h"
#include "fpsweep/pulse.h"
#include "fpsweep/sampling.h"
#include "fpsweep/status.h"

typedef enum fps_window { FPS_WINDOW_NONE, FPS_WINDOW_HANN, FPS_WINDOW_DENSITY, FPS_WINDOW_COUNT } fps_window;

typedef struct fps_spectrum_spec {
    int dimension;
    int32_t grid_points; /* N per axis */
    double domain[FPS_MAX_DIMENSION][2];
    fps_window window;
    fps_choice density;  /* used by FPS_WINDOW_DENSITY */
    int32_t frequencies; /* K */
    const int32_t *mode; /* mode[K], each 0 .. N/2, increasing; borrowed */
} fps_spectrum_spec;

/* Directions that are measured: 1 in one dimension, d + 1 in more. */
int fps_spectrum_directions(int dimension);

#define fps_spectrum FPS_REAL_NAME(fps_spectrum)
#define fps_spectrum_create FPS_REAL_NAME(fps_spectrum_create)
#define fps_spectrum_destroy FPS_REAL_NAME(fps_spectrum_destroy)
#define fps_spectrum_input FPS_REAL_NAME(fps_spectrum_input)
#define fps_spectrum_measure FPS_REAL_NAME(fps_spectrum_measure)

/* A transform, planned (FFTW_ESTIMATE, no wisdom) once. Opaque; owns its arrays; copies the spec. */
typedef struct fps_spectrum fps_spectrum;

/* FPS_ERROR_NUMERIC if the modes do not increase or exceed N/2, or the window's density cannot be used. */
fps_status fps_spectrum_create(const fps_spectrum_spec *spec, fps_spectrum **out);
void fps_spectrum_destroy(fps_spectrum **spectrum);

/* The array to fill with f[N^d] (last axis fastest); measuring multiplies it by the window in place. Borrowed. */
real *fps_spectrum_input(fps_spectrum *spectrum);

/* Transform the input and fill coefficient[directions, K]; the input is overwritten. */
void fps_spectrum_measure(fps_spectrum *spectrum, double _Complex *coefficient);

/* Non-uniform sums for `target: random` and `data`: coefficient[directions, K], axis directions as above with
 * c_k = sum_i w_i f_i exp(-2 pi i k (x_i - a)/L) (no window); the radial direction over all integer vectors k. Double.
 * `pulse` (NULL: none) is called within; FPS_STOPPED if it says so. */
fps_status fps_spectrum_nonuniform(const fps_spectrum_spec *spec, int64_t samples, const double *x,
                                   const double *weight, const double *f, const fps_pulse *pulse,
                                   double _Complex *coefficient);

#endif
