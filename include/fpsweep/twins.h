/* twins.h: trained ladders and, beside them, the solutions of the same variational problems.
 *
 * Networks of depth 0 on features with a prescribed decay, trained by gd from 0, end in the interpolant of smallest
 * energy (arXiv 2105.11675): their weights' squared norm is its energy E, their summed residuals are its multipliers
 * lambda. A ladder is then a set of tasks along the axis band_limit. From what training left behind - |a|^2, lambda and
 * the points - come E_k - E_{k+1} = lambda_k^T dK lambda_{k+1}, dK the features' shell between two band limits (for one
 * point |a_k|^2 - |a_{k+1}|^2, without any kernel), and the
 * same estimate of alpha_c as for `model: direct`. A group is everything that differs in decay rate, band limit and
 * data set alone (fps_grouping_create_ladders).
 */
#ifndef FPSWEEP_TWINS_H
#define FPSWEEP_TWINS_H

#include <stdbool.h>

#include "fpsweep/grouping.h"
#include "fpsweep/ladders.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A group of trained ladders beside the solutions of the same problems. */
typedef struct fps_twins {
    fps_ladders trained; /* ENERGY, ENERGY_DROP, MULTIPLIER_PRODUCT, RESOLUTION; all else NAN */
    fps_ladders solved;  /* the same problems by `model: direct`, where the points are known */
    double residual;     /* largest sqrt(training loss at the end / at the start): how far training is from its limit */
    double energy;       /* largest relative deviation of the trained from the solved E; NAN without any */
    double drop;         /* the same of (E_k - E_{k+1}) / (lambda_k . lambda_{k+1}) */
} fps_twins;

/* Are all selected tasks (selected[tasks], NULL: all) of this kind, with their multipliers kept, on at least three band
 * limits? */
bool fps_twins_has(const fps_plan *plan, const bool *selected);

/* Read group g and solve its problems (milliseconds); rows[tasks] as fps_reader_rows gives them. Tasks that are not
 * done are counted and left NAN. */
fps_status fps_twins_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                          fps_twins *out);
void fps_twins_release(fps_twins *twins);

#ifdef __cplusplus
}
#endif
#endif
