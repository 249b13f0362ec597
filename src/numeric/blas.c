#include "numeric/blas.h"

#include <cblas.h>

void fps_blas_use_one_thread(void) {
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
}

void fps_blas_multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                       const double *a, int64_t lda, const double *b, int64_t ldb, double beta, double *c,
                       int64_t ldc) {
    cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
                (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}
