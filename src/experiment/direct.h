/* direct.h (internal): the variational problem of a task, solved exactly on every rung of a ladder (`model: direct`).
 *
 * Minimise Q(phi) = integral <xi>^alpha |phi|^2 over functions that interpolate the data (arXiv 2105.11675), band
 * limited to |j|_inf <= M: K lambda = y with the lattice kernel K (lattice.h), h(x) = sum_i lambda_i K(x - x_i), and
 * the energy E = min Q = y . lambda. Constrained, not regularised: a ridge would bias alpha > d. Legend: d dimension, n
 * samples, R rungs M_k, G points of the measuring grid, F frequencies.
 */
#ifndef FPSWEEP_EXPERIMENT_DIRECT_H
#define FPSWEEP_EXPERIMENT_DIRECT_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* Opaque; keeps the lattice sums' tables while consecutive tasks share samples, frequency step and ladder. */
typedef struct fps_direct fps_direct;

fps_status fps_direct_create(fps_direct **out);
void fps_direct_destroy(fps_direct **direct);

/* Solve a task and fill the trajectory: one record per rung. FPS_ERROR_NUMERIC, with the numbers that show it, where
 * the kernel is singular; FPS_STOPPED if the hook said so. */
fps_status fps_direct_solve(fps_direct *direct, const fps_task *task, const fps_record_spec *spec,
                            const fps_problem_view *problem, fps_pace *pace, fps_trajectory *trajectory);

#endif
