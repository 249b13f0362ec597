/* critical.h: the critical decay rate alpha_c from solved or trained models. Pure computation on numbers.
 *
 * Claim (arXiv 2105.11675): interpolants of smallest integral <xi>^alpha |phi|^2 keep their regularity above alpha_c =
 * d and degenerate to spikes at the data below it. On a ladder of cut-offs X_k = (M_k + 1/2) dxi the energy E falls
 * like X^-(d - alpha) below d and levels out above it; with D_k = 1/E_{k+1} - 1/E_k for one point, and D_k = (E_k -
 * E_{k+1}) / (lambda_k . lambda_{k+1}) for more, theta = log(D_{k+1}/D_k) / log(X_{k+1}/X_k) = d - alpha on both sides,
 * free of logarithms: its zero in alpha is alpha_c.
 */
#ifndef FPSWEEP_CRITICAL_H
#define FPSWEEP_CRITICAL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* theta of three rungs M[3] from D[2] (drop / product of the lower two): NAN unless both D are positive. Where the
 * cut-offs are not in geometric progression, theta is the exponent e for which D_1 / D_0 = (X_2^e - X_1^e) / (X_1^e -
 * X_0^e); with equal ratios that is log(D_1/D_0) / log(X_1/X_0). */
double fps_critical_theta(const int64_t *band_limit, const double *d);

/* Zero and slope of theta(alpha). */
typedef struct fps_critical_zero {
    double alpha_c; /* zero of the polynomial through all points; NAN if theta does not change sign */
    double slope;   /* of the least-squares line; the law says -1 */
} fps_critical_zero;

/* From 2 to 9 points (the usual five are d - 0.2, ..., d + 0.2); alpha increasing. */
fps_critical_zero fps_critical_solve(const double *alpha, const double *theta, int count);

/* Systematic deviation c_d / X_0^2 of alpha_c from d for one point, X_0 the cut-off of the triple's lowest rung M_0.
 * With `ball` (two dimensions) the cut-off is a disc, whose irregular number of lattice points adds to it. */
double fps_critical_systematic(int dimension, double frequency_step, int64_t band_limit, bool ball);

/* (9 a(3 M) - a(M)) / 8: removes the term 1/X^2 between two triples whose cut-offs differ by a factor of 3. */
double fps_critical_richardson(double at_m, double at_3m);

/* ---- one point in 1-D: the kink of the energy and its collapse ---- */

/* beta = -d log E / d log X of one point, the derivative 2 X (f - dxi^2 f''/24 + 7 dxi^4 f''''/5760) / S_M with
 * f = <X>^-alpha; `kernel_at_zero` = S_M. */
double fps_critical_beta(double frequency_step, double alpha, int64_t band_limit, double kernel_at_zero);

/* Logarithm of the cut-off in units of X_0(alpha), L = log(X / X_0): X_0 = exp(-[ln(pi)/2 + lgamma((alpha+1)/2) -
 * lgamma(alpha/2)] / (alpha - 1)), X_0(1) = 1/2. The collapse without a free parameter: beta L = z / (1 - e^-z),
 * z = (1 - alpha) L. */
double fps_critical_log_cutoff(double frequency_step, double alpha, int64_t band_limit);
double fps_critical_collapse(double z);

/* The naive estimator, as the contrast: beta goes like d - alpha well below d, so fit a line to beta(alpha) for alpha
 * within [0.2 d, 0.8 d] and extrapolate it to 0. The rounded kink biases it by 1 / log X. NAN with fewer than 2 points.
 */
double fps_critical_naive(int dimension, const double *alpha, const double *beta, int count);

#ifdef __cplusplus
}
#endif
#endif
