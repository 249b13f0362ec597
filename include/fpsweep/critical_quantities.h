/* critical_quantities.h: what a group of solved tasks says about the critical decay rate, with its uncertainty.
 *
 * Legend: d dimension, A decay rates, S data sets, R rungs M_k with cut-offs X_k = (M_k + 1/2) dxi. Estimates average
 * over the data sets that have a number; an uncertainty is the half-width of the 95 % Student interval.
 */
#ifndef FPSWEEP_CRITICAL_QUANTITIES_H
#define FPSWEEP_CRITICAL_QUANTITIES_H

#include <stdint.h>

#include "fpsweep/analysis.h"
#include "fpsweep/ladders.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Below this reciprocal condition number, or this resolution 2 pi X min|x_i - x_j|, a rung is flagged (one sample
 * has no distance). */
#define FPS_CRITICAL_CONDITION 1e-12
#define FPS_CRITICAL_RESOLUTION 40.0

/* Three consecutive rungs. */
typedef struct fps_critical_triple {
    int64_t band_limit;   /* M of the lowest rung */
    fps_estimate alpha_c; /* uncertainty u = t_.975 sd / sqrt(n) + systematic; NAN for fewer than 2 data sets, unless
                             there is one sample: then the systematic alone */
    double sd;            /* over data sets */
    double systematic;    /* c_d / X_0^2 (critical.h) */
    double spread;        /* sd X_0 / samples: the same for all cut-offs and sizes if the spread collapses */
    fps_estimate slope;   /* of theta(alpha); the law says -1 */
    fps_estimate
        richardson;     /* from this and the preceding triple; NAN for the first, or if the cut-offs are not 1 : 3 */
    int64_t unresolved; /* data sets whose lowest rung is below FPS_CRITICAL_RESOLUTION */
} fps_critical_triple;

/* Quantities of one decay rate between two consecutive rungs, -dlog(quantity)/dlog X, and their limits. */
typedef enum fps_critical_exponent {
    FPS_CRITICAL_ENERGY,   /* max(d - alpha, 0) */
    FPS_CRITICAL_NORM,     /* min(d / 2, max(d - alpha, 0)): a second kink at d / 2 */
    FPS_CRITICAL_OFF_DATA, /* of |interpolant| far from the data: max(d - alpha, 0) */
    FPS_CRITICAL_SPIKE,    /* of the ripple-averaged width of a spike: 1/2 at d, in 1-D */
    FPS_CRITICAL_EXPONENTS
} fps_critical_exponent;

/* What a group of ladders tells about the critical decay rate. */
typedef struct fps_critical_quantities {
    int triples; /* R - 2, or 0 */
    fps_critical_triple *triple;
    fps_estimate *theta;                            /* theta[triples, A] */
    int pairs;                                      /* R - 1 */
    fps_estimate *exponent[FPS_CRITICAL_EXPONENTS]; /* [pairs, A] */
    fps_estimate *spike_crossing;                   /* [pairs]: decay rate at which the width's exponent is 1/2 */
    fps_estimate *naive; /* [pairs]: line through the energy's exponents, extrapolated to 0 (critical.h) */
    bool kink;           /* one sample in 1-D: */
    double *beta;        /* beta[R, A]: the energy's exponent as a derivative */
    double *log_cutoff;  /* log_cutoff[R, A]: L = log(X / X_0(alpha)) */
    double *beta_naive;  /* beta_naive[R] */
    fps_estimate
        *collapse; /* collapse[R]: largest |beta L - z / (1 - e^-z)| for alpha in [0.3, 1.8]; n = decay rates */
    int64_t rows;  /* solved (decay rate, data set, rung) */
    int64_t ill_conditioned;                        /* of which below FPS_CRITICAL_CONDITION */
    int64_t unresolved;                             /* of which below FPS_CRITICAL_RESOLUTION */
    double smallest_condition, smallest_resolution; /* of all rows; NAN without rows */
} fps_critical_quantities;

/* Derive everything from the ladders of a group; release what comes out. FPS_ERROR_MEMORY. */
fps_status fps_critical_derive(const fps_ladders *ladders, fps_critical_quantities *out);
void fps_critical_release(fps_critical_quantities *quantities);

/* The limit X -> infinity of an exponent; NAN where it has none (the spike's width away from d). */
double fps_critical_limit(fps_critical_exponent exponent, int dimension, double alpha);

/* Name of an exponent in JSON: "energy_exponent". */
const char *fps_critical_exponent_name(fps_critical_exponent exponent);

/* The decay rates that alpha_c is interpolated from: of alpha[A] (increasing) those within 0.3 of d, at most 9, the
 * nearest; if these are fewer than 3, up to 5 within 1. Sets *first; returns how many. */
int fps_critical_window(const double *alpha, int64_t alphas, int dimension, int64_t *first);

#ifdef __cplusplus
}
#endif
#endif
