/* problem.h (internal): what a task is trained on and measured against, in double precision, before any network exists.
 *
 * Legend: d dimension, n samples, G = N^d points of the measuring grid, W weights.
 * Consecutive tasks of a sweep mostly share target, grid and sample positions: what is unchanged is not computed again.
 */
#ifndef FPSWEEP_EXPERIMENT_PROBLEM_H
#define FPSWEEP_EXPERIMENT_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/pace.h"
#include "experiment/points.h"
#include "fpsweep/network.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"

/* Opaque; owns everything below. */
typedef struct fps_problem fps_problem;

/* The present problem. Borrowed from it; valid until the next fps_problem_set(). */
typedef struct fps_problem_view {
    int dimension;
    int64_t samples;
    bool uniform_weights;  /* all sample weights are 1/n */
    const double *x;       /* x[n, d], rounded to the task's precision */
    const double *y;       /* y[n], noise included, rounded likewise */
    const double *weight;  /* weight[n], sum 1 */
    bool has_grid;         /* the target is known everywhere */
    fps_points grid;       /* G points; count 0 without a grid */
    const double *target;  /* target[G], in double */
    uint64_t target_stamp; /* differs whenever `target` does */
    const double *weights; /* initial weights[W], rounded to the task's precision */
    int64_t weight_count;  /* W */
} fps_problem_view;

fps_status fps_problem_create(fps_problem **out);
void fps_problem_destroy(fps_problem **problem);

/* Draw samples, labels and initial weights of a task, and its target on the grid. FPS_STOPPED if the hook said so;
 * FPS_ERROR_NUMERIC where the target is not finite or the density unusable. */
fps_status fps_problem_set(fps_problem *problem, const fps_task *task, const fps_network_shape *shape, fps_pace *pace,
                           fps_problem_view *view);

#endif
