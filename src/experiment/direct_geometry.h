/* direct_geometry.h (internal): where data lie relative to each other.
 *
 * Legend: d dimension, n samples, G grid points.
 */
#ifndef FPSWEEP_EXPERIMENT_DIRECT_GEOMETRY_H
#define FPSWEEP_EXPERIMENT_DIRECT_GEOMETRY_H

#include <stdint.h>

/* Displacements of n samples among themselves: number 0 is the zero vector, then x_i - x_j for j < i row by row. */
int64_t fps_geometry_pairs(int64_t n);           /* 1 + n (n - 1) / 2 */
int64_t fps_geometry_pair(int64_t i, int64_t j); /* number of (i, j), either order; 0 if i = j */
void fps_geometry_displacements(int d, int64_t n, const double *x, double *displacement /* [pairs, d] */);

/* Displacements p_g - x_i, number g n + i, of m points p[m, d] from the samples x[n, d]. */
void fps_geometry_from_points(int d, int64_t m, const double *p, int64_t n, const double *x, double *displacement);

/* Smallest distance between two samples on the torus of side `period`; the period itself for n = 1. */
double fps_geometry_smallest(int d, int64_t n, const double *x, double period);

/* The point of a 65^d grid over the domain that is farthest from all samples (the first of equals): where a
 * degenerate interpolant is seen to vanish. */
void fps_geometry_far_point(int d, const double domain[][2], int64_t n, const double *x, double *point);

#endif
