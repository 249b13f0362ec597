/* blas.h (internal): OpenBLAS as a whole, and products for floors that do not see it. */
#ifndef FPSWEEP_NUMERIC_BLAS_H
#define FPSWEEP_NUMERIC_BLAS_H

#include <stdbool.h>
#include <stdint.h>

/* Let OpenBLAS compute on the calling thread alone: with more, sums are cut elsewhere and bits change. */
void fps_blas_use_one_thread(void);

/* C[m, n] <- alpha op(A) op(B) + beta C, all row-major with their rows lda, ldb, ldc apart; op(A) is A[m, k], or its
 * transpose where A is [k, m]; likewise B. */
void fps_blas_multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                       const double *a, int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

#endif
