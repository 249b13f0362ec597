/* linearised.h (internal): the training of a network's tangent at its initial weights, in closed form.
 *
 * Legend: n samples x_i of weight w_i and label y_i, eta learning rate, S = diag sqrt(w), Theta the tangent kernel
 * (numeric/tangent_kernel.h), h_0 the network at the start.
 *
 * The tangent h(x) = h_0(x) + dh/dw . (w - w_0), trained by gd on sum w_i (h(x_i) - y_i)^2, has after t steps, with the
 * eigenvalues l_i and eigenvectors v_i of S Theta S and c_i = v_i . S (h_0 - y),
 *
 *     h_t(x) = h_0(x) - sum_i [Theta(x, .) S v_i] g_i c_i,    g_i = (1 - f_i) / l_i,    f_i = (1 - 2 eta l_i)^t,
 *
 * loss sum (f_i c_i)^2, and weights w_0 - sum over samples of dh/dw (S v_i)_j g_i c_i; for flow f_i = exp(-2 eta l_i
 * t). It costs the same for any number of steps. What is recorded are the very results of a trained network.
 */
#ifndef FPSWEEP_EXPERIMENT_LINEARISED_H
#define FPSWEEP_EXPERIMENT_LINEARISED_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/network.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* Values of records on the grid that are held at a time, in numbers; at least one record's. */
#define FPS_LINEARISED_VALUES (INT64_C(1) << 24)

/* Opaque; owns the transforms, kept from task to task where they are unchanged. */
typedef struct fps_linearised fps_linearised;

fps_status fps_linearised_create(fps_linearised **out);
void fps_linearised_destroy(fps_linearised **linearised);

/* Solve a task whose problem is drawn and whose learning rate is known. Sets the outcome to done, or diverged where the
 * learning rate makes the loss overflow. FPS_STOPPED: the task starts over. */
fps_status fps_linearised_solve(fps_linearised *linearised, const fps_task *task, const fps_network_shape *shape,
                                const fps_record_spec *spec, const fps_problem_view *problem, double learning_rate,
                                fps_pace *pace, fps_trajectory *trajectory);

#endif
