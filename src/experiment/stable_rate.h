/* stable_rate.h (internal): the largest stable learning rate at the start, for `learning_rate: stable(c)`.
 *
 * Gradient descent on the mean squared error, linearised at the initial weights, contracts while eta < 2 / lambda_max,
 * lambda_max the largest eigenvalue of 2 S J J^T S: J[n, W] the derivatives of the outputs by the trained weights,
 * S = diag(sqrt(sample weight)). It is the Gauss-Newton part of the loss's Hessian; for depth 0 the Hessian itself.
 */
#ifndef FPSWEEP_EXPERIMENT_STABLE_RATE_H
#define FPSWEEP_EXPERIMENT_STABLE_RATE_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/network.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"

/* Find lambda_max to 1e-6 by Lanczos iteration with full reorthogonalisation, in double whatever the task's precision.
 * FPS_ERROR_NUMERIC if the derivatives vanish or are not finite; FPS_STOPPED. */
fps_status fps_stable_rate_eigenvalue(const fps_task *task, const fps_network_shape *shape,
                                      const fps_problem_view *problem, fps_pace *pace, double *lambda_max);

#endif
