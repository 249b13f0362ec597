/* critical_quantities.h (internal): the parts of fps_critical_derive. All memory is reserved by the caller. */
#ifndef FPSWEEP_ANALYSIS_CRITICAL_QUANTITIES_H
#define FPSWEEP_ANALYSIS_CRITICAL_QUANTITIES_H

#include "fpsweep/critical_quantities.h"

/* X_k = (M_k + 1/2) dxi */
double fps_critical_cutoff(const fps_ladders *ladders, int rung);

/* scratch[S]; single[triples, S]: alpha_c of single data sets. */
void fps_critical_triples(const fps_ladders *ladders, double *scratch, double *single, fps_critical_quantities *out);
/* scratch[max(S, A)] */
void fps_critical_exponents(const fps_ladders *ladders, double *scratch, fps_critical_quantities *out);
void fps_critical_kink(const fps_ladders *ladders, fps_critical_quantities *out);

#endif
