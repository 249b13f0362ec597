/* symmetric_eigen.h (internal): all eigenvalues and eigenvectors of a symmetric matrix, double precision. */
#ifndef FPSWEEP_NUMERIC_SYMMETRIC_EIGEN_H
#define FPSWEEP_NUMERIC_SYMMETRIC_EIGEN_H

#include <stdint.h>

#include "fpsweep/pulse.h"
#include "fpsweep/status.h"

/* Bring the n x n matrix to tridiagonal form (LAPACK's dsytrd, panel by panel, so that `pulse` is heard between them),
 * solve that (dstemr, relatively robust representations), and turn the vectors back. matrix[n, n] is overwritten;
 * value[n] increasing; row i of vector[n, n] is the eigenvector of value i, orthonormal to rounding. Needs 20 n + 64^2
 * numbers beside. FPS_STOPPED; FPS_ERROR_MEMORY; FPS_ERROR_NUMERIC if LAPACK fails, or the matrix is not finite. */
fps_status fps_symmetric_eigen(int64_t n, double *matrix, double *value, double *vector, const fps_pulse *pulse);

#endif
