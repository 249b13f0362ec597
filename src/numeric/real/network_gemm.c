/* The matrix products of a layer, in the shapes that the BLAS is quickest at. Every choice looks at the shape and the
 * kernel class alone, never at a clock. */
#include "network_internal.h"

#define gemm FPS_BLAS(gemm)

/* Rows of a slice: at least SLICE_LEAST, else slicing does not pay; below `in` TRANSPOSE_FROM transposing does not. */
enum { SLICE_LEAST = 32, TRANSPOSE_FROM = 32 };

/* How many rows of C at a time: all, or slices small enough for the BLAS's path without packing. */
static int64_t slice_rows(const fps_network *network, int64_t m, int64_t n, int64_t k) {
    const int64_t most = network->kernels->small_gemm / (n * k);
    return m <= most || most < SLICE_LEAST ? m : most / FPS_PADDING * FPS_PADDING;
}

/* C[m, n] <- alpha op(A) B + beta C in slices of rows. A is [m, k] with row stride lda, or transposed [k, m]. */
static void multiply(const fps_network *network, CBLAS_TRANSPOSE transpose_a, int64_t m, int64_t n, int64_t k,
                     real alpha, const real *a, int64_t lda, const real *b, int64_t ldb, real beta, real *c,
                     int64_t ldc) {
    const int64_t slice = slice_rows(network, m, n, k), step = transpose_a == CblasTrans ? 1 : lda;
    for (int64_t i = 0; i < m; i += slice)
        gemm(CblasRowMajor, transpose_a, CblasNoTrans, (int)(m - i < slice ? m - i : slice), (int)n, (int)k, alpha,
             a + i * step, (int)lda, b, (int)ldb, beta, c + i * ldc, (int)ldc);
}

void fps_network_multiply(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                          const real *w, const real *x, int64_t stride, real beta, real *z) {
    multiply(network, CblasNoTrans, out, columns, in, scale, w, in, x, stride, beta, z, columns);
}

void fps_network_multiply_transposed(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                                     const real *w, const real *dz, real *da) {
    multiply(network, CblasTrans, in, columns, out, scale, w, in, dz, columns, 0, da, columns);
}

/* The dot over samples is the slow shape of a gemm. Where the other shape can do without packing, transposing `a` first
 * and multiplying in that one is quicker although the copy counts. */
static bool transposes(const fps_network *network, int64_t in, int64_t columns) {
    return in >= TRANSPOSE_FROM && SLICE_LEAST * in * columns <= network->kernels->small_gemm;
}

int64_t fps_network_transposed_size(const fps_network *network, int64_t in) {
    const int64_t most = network->kernels->small_gemm / (SLICE_LEAST * in);
    const int64_t block = network->columns < FPS_NETWORK_BLOCK ? network->columns : FPS_NETWORK_BLOCK;
    return in < TRANSPOSE_FROM ? 0 : FPS_PADDED(in) * (most < block ? most : block);
}

void fps_network_weight_gradient(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                                 const real *dz, const real *a, int64_t stride, real *dw) {
    if (transposes(network, in, columns)) {
        network->kernels->transpose(in, columns, a, stride, network->transposed);
        multiply(network, CblasNoTrans, out, in, columns, scale, dz, columns, network->transposed, FPS_PADDED(in), 0,
                 dw, in);
    } else
        gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)out, (int)in, (int)columns, scale, dz, (int)columns, a,
             (int)stride, 0, dw, (int)in);
}
