/* density_kinds.h: what one kind of density provides. Internal to numeric.
 *
 * Every kind works in u = distance from the low end of the domain for values, and answers quantiles from both ends:
 * near p = 1 the probability that remains, q = 1 - p, carries the digits that p has lost.
 */
#ifndef FPSWEEP_NUMERIC_DENSITY_KINDS_H
#define FPSWEEP_NUMERIC_DENSITY_KINDS_H

#include "fpsweep/sampling.h"
#include "fpsweep/status.h"

typedef struct fps_density_shape {
    /* Build *state (owned by the density, may stay NULL) for `choice` over [low, high]. */
    fps_status (*create)(const fps_choice *choice, double low, double high, void **state);
    void (*destroy)(void *state);
    double (*value)(const void *state, double low, double high, double x);
    /* x with probability p below it and q = 1 - p above it, 0 < p < 1; either may be tiny. */
    double (*quantile)(const void *state, double low, double high, double p, double q);
} fps_density_shape;

extern const fps_density_shape fps_density_uniform, fps_density_normal, fps_density_beta, fps_density_expression;

#endif
