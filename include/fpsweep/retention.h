/* retention.h: how much of a smooth target a trained network has away from its few samples, on a ladder of band limits.
 *
 * The question of the critical decay rate for any trained network, with hidden layers too, without any kernel: below
 * it, what interpolates the samples is zero (or constant) between them the more, the more frequencies there are. The
 * observable is the share of the target that the network has on the measuring grid,
 *   V = Re sum_k H_k conj F_k / sum_k |F_k|^2
 * over the recorded modes of the first direction: 1 for the target itself, 0 for spikes at the samples (a constant
 * between them does not count where the target has mean 0 over the grid). With one point and features of <xi>^-alpha,
 * V is proportional to 1/K_M(0); so D_k = 1/V_{k+1} - 1/V_k grows like X^(d - alpha), X the cut-off, and
 * theta = log(D_{k+1}/D_k) / log(X_{k+1}/X_k) crosses zero at the critical decay rate, as for the energy (critical.h).
 * Whether it is a straight line in alpha for networks with hidden layers is measured, not known.
 * Legend: A decay rates, S seeds, R rungs. A group differs in decay rate, band limit and seeds alone
 * (fps_grouping_create_ladders).
 */
#ifndef FPSWEEP_RETENTION_H
#define FPSWEEP_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Uncertainties are half-widths of 95 % intervals over seeds: of theta and alpha_c by leaving out one seed after the
 * other (jackknife), for they derive from means. */
typedef struct fps_retention {
    int dimension;
    int64_t outcome[FPS_OUTCOME_COUNT];
    int64_t alphas, seeds;
    double *alpha; /* alpha[A], increasing */
    int rungs;
    int64_t *band_limit; /* band_limit[R], increasing */
    double *share;       /* V[A, S, R]; NAN where the task is not done */
    double loss;         /* largest training loss at the end, as a share of the first */
    int64_t complete;    /* seeds that have all decay rates and rungs: only these count below */
    fps_estimate *mean;  /* mean[R, A] of V */
    int triples;         /* R - 2, or 0 */
    fps_estimate *theta; /* theta[triples, A]; NAN where V does not fall along the three rungs, for any seed left out */
    fps_estimate *alpha_c; /* alpha_c[triples]: zero of the line through theta(alpha), weighted by 1/uncertainty^2; NAN
                              without at least three thetas known to better than 1, on both sides of the zero */
} fps_retention;

/* Are the selected tasks networks with decay_rate and band_limit axes (three values each or more), spectra kept, and a
 * target that is known on a grid? */
bool fps_retention_has(const fps_plan *plan, const bool *selected);

/* Read and derive group g; rows[tasks] as fps_reader_rows gives them. */
fps_status fps_retention_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                              fps_retention *out);
void fps_retention_release(fps_retention *retention);

#ifdef __cplusplus
}
#endif
#endif
