/* points.h (internal): sets of points in the domain: the midpoints of the measuring grid, or a list.
 *
 * Legend: d dimension, N points of the grid per axis; the last axis runs fastest.
 */
#ifndef FPSWEEP_EXPERIMENT_POINTS_H
#define FPSWEEP_EXPERIMENT_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/sampling.h"
#include "fpsweep/task.h"

typedef struct fps_points {
    int dimension;
    int64_t count;
    const double *x; /* x[count, d], borrowed; NULL: the midpoints of a grid */
    int64_t side;    /* N, of a grid */
    double domain[FPS_MAX_DIMENSION][2];
} fps_points;

/* The measuring grid of a task: x = a + (g + 1/2) (b - a)/N along every axis. */
fps_points fps_points_grid(const fps_task *task);

/* Are the training samples of a task the points of its measuring grid, one by one and in order (sampling midpoint or
 * population, with as many)? Coordinates agree to rounding. */
bool fps_points_are_samples(const fps_task *task);

/* A list of points. Borrows x. */
fps_points fps_points_list(int dimension, int64_t count, const double *x);

/* Are two grids the same? A list equals nothing: its positions may have changed behind the pointer. */
bool fps_points_same_grid(const fps_points *a, const fps_points *b);

/* Fill x[count, d] with the points first .. first + count - 1. */
void fps_points_fill(const fps_points *points, int64_t first, int64_t count, double *x);

#endif
