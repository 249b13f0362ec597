/* lattice.h: sums over the lattice of frequencies, K_M(x) = dxi^d sum_{|j|_inf <= M} <xi_j>^-alpha cos(2 pi xi_j . x).
 *
 * The kernel of the variational problem min integral <xi>^alpha |phi|^2 (arXiv 2105.11675), xi_j = j dxi. It is wanted
 * on a ladder of band limits M_0 < M_1 < ..., as shells K_{M_k} - K_{M_{k-1}} without cancellation, for displacements x
 * between data, for many alpha. The cheapest exact way is chosen by the numbers alone (never by time): direct    the
 * sum itself, largest frequency first; below j* = 400 / (2 pi dxi |x|), at x = 0 below 100 / dxi boundary  1-D, above
 * j*: asymptotic boundary terms of summation by parts; at x = 0 the midpoint (Euler-Maclaurin) formula; cost
 * independent of M theta     2-D and 3-D: K_M(x) = 1/Gamma(alpha/2) integral t^(alpha/2-1) e^-t prod_a theta_M(t; x_a)
 * dt with theta_M(t; x) = dxi sum_{|j| <= M} e^(-t j^2 dxi^2) cos(2 pi j dxi x), trapezoid in log t What does not
 * depend on alpha (cosines, theta tables) is kept in the object and computed once. Errors: at most 1e-13 K(0) of a sum,
 * 1e-14 of a shell's value at 0 of that shell.
 */
#ifndef FPSWEEP_LATTICE_H
#define FPSWEEP_LATTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/sampling.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Largest band limits per axis that are admitted, by dimension 1, 2, 3. */
#define FPS_LATTICE_LIMITS                                                                                             \
    { INT64_C(1000000000), 100000, 10000 }

/* Largest exponent for which the errors above hold. */
#define FPS_LATTICE_ALPHA 24

/* Largest band limit of sums over a ball: their cost grows with M^2. */
#define FPS_LATTICE_BALL 10000

/* Which sums are wanted. */
typedef struct fps_lattice_spec {
    int dimension;              /* d, 1 to 3 */
    double frequency_step;      /* dxi, cycles per unit length */
    int rungs;                  /* R */
    const int64_t *band_limit;  /* M[R], increasing, >= 1; borrowed during creation */
    int64_t displacements;      /* P */
    const double *displacement; /* x[P, d] row-major; borrowed during creation */
    bool direct_only;           /* the plain sum for everything: the reference, and slow */
    bool ball;                  /* sum over |j|_2 <= M + 1/2 instead of the cube; d = 2, M <= FPS_LATTICE_BALL */
} fps_lattice_spec;

/* Opaque; owns its tables. */
typedef struct fps_lattice fps_lattice;

/* FPS_ERROR_NUMERIC if a band limit is not increasing or beyond FPS_LATTICE_LIMITS; FPS_ERROR_MEMORY. */
fps_status fps_lattice_create(const fps_lattice_spec *spec, fps_lattice **out);
void fps_lattice_destroy(fps_lattice **lattice);

/* Have `pulse` called during the sums, about every million operations: true stops them (FPS_STOPPED; nothing of the
 * tables is lost but what was being filled). NULL: none. */
void fps_lattice_set_pulse(fps_lattice *lattice, bool (*pulse)(void *context, double operations), void *context);

/* Fill shell[R, P]: row 0 is K_{M_0}, row k is K_{M_k} - K_{M_{k-1}}. Bits depend on the spec and alpha alone, not on
 * what was asked before. 0 < alpha <= FPS_LATTICE_ALPHA. */
fps_status fps_lattice_shells(fps_lattice *lattice, double alpha, double *shell);

/* Cosine terms that the plain sum over all displacements and rungs would need, and those evaluated here. */
void fps_lattice_terms(const fps_lattice *lattice, double *plain, double *ours);

/* K_inf(x) in 1-D, alpha > 0, x != 0 modulo 1/dxi (alpha > 1: any x): periodised Bessel potential. */
double fps_lattice_limit(double frequency_step, double alpha, double x);

#ifdef __cplusplus
}
#endif
#endif
