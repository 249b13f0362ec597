/* What a layer needs beside gemms and activations: the affine map of few inputs, the linear output and their gradients,
 * each one pass over the activations. Arrays that callers of the network hand in (x, dout, out, and `a` of a network
 * without hidden layer) may lie anywhere; what the network owns is aligned. */
#include "kernel.h"

/* Rows of `a` that one pass of the output sum reads. */
enum { OUTPUT_ROWS = 4 };

void FPS_KERNEL(fps_affine)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *weights,
                            const real *x, int64_t stride, real *z) {
    columns = whole(columns);
    const real *restrict x0 = x;
    const real *restrict x1 = inputs > 1 ? x + stride : x;
    const real *restrict x2 = inputs > 2 ? x + 2 * stride : x;
    for (int64_t j = 0; j < rows; j++) {
        real *restrict row = __builtin_assume_aligned(z + j * columns, 64);
        const real *w = weights + j * inputs;
        const real w0 = scale * w[0], w1 = inputs > 1 ? scale * w[1] : 0, w2 = inputs > 2 ? scale * w[2] : 0;
        if (inputs == 1)
            for (int64_t p = 0; p < columns; p++)
                row[p] = w0 * x0[p];
        else if (inputs == 2)
            for (int64_t p = 0; p < columns; p++)
                row[p] = w0 * x0[p] + w1 * x1[p];
        else
            for (int64_t p = 0; p < columns; p++)
                row[p] = w0 * x0[p] + w1 * x1[p] + w2 * x2[p];
    }
}

void FPS_KERNEL(fps_output)(int64_t rows, int64_t columns, real scale, const real *v, real bias, const real *restrict a,
                            real *out) {
    columns = whole(columns);
    real *restrict sum = out;
    for (int64_t p = 0; p < columns; p++)
        sum[p] = bias;
    int64_t j = 0;
    for (; j + OUTPUT_ROWS <= rows; j += OUTPUT_ROWS) {
        const real *restrict a0 = a + j * columns;
        const real *restrict a1 = a0 + columns;
        const real *restrict a2 = a1 + columns;
        const real *restrict a3 = a2 + columns;
        const real v0 = scale * v[j], v1 = scale * v[j + 1], v2 = scale * v[j + 2], v3 = scale * v[j + 3];
        for (int64_t p = 0; p < columns; p++)
            sum[p] += (v0 * a0[p] + v1 * a1[p]) + (v2 * a2[p] + v3 * a3[p]);
    }
    for (; j < rows; j++) {
        const real *restrict a0 = a + j * columns;
        const real v0 = scale * v[j];
        for (int64_t p = 0; p < columns; p++)
            sum[p] += v0 * a0[p];
    }
}

void FPS_KERNEL(fps_output_gradient)(int64_t rows, int64_t columns, real scale, const real *a, const real *dout,
                                     real *dv) {
    columns = whole(columns);
    for (int64_t j = 0; j < rows; j++) {
        const real *row = a + j * columns;
        lanes sum = {0};
        for (int64_t p = 0; p < columns; p += FPS_PADDING)
            for (int k = 0; k < NVECTOR; k++)
                sum.part[k] += *(const vector_unaligned *)(row + p + k * LANES) *
                               *(const vector_unaligned *)(dout + p + k * LANES);
        dv[j] = scale * sum_lanes(sum);
    }
}

void FPS_KERNEL(fps_output_backward)(int64_t rows, int64_t columns, real scale, const real *v, const real *a,
                                     const real *slope, const real *dout, real *dz, real *dv, real *db) {
    columns = whole(columns);
    for (int64_t j = 0; j < rows; j++) {
        const int64_t start = j * columns;
        const real factor = scale * v[j];
        lanes sum_dv = {0}, sum_db = {0};
        for (int64_t p = 0; p < columns; p += FPS_PADDING)
            for (int k = 0; k < NVECTOR; k++) {
                const int64_t q = p + k * LANES;
                const vector d = *(const vector_unaligned *)(dout + q);
                const vector delta = factor * d * *(const vector *)(slope + start + q);
                *(vector *)(dz + start + q) = delta;
                sum_dv.part[k] += *(const vector *)(a + start + q) * d;
                sum_db.part[k] += delta;
            }
        dv[j] = scale * sum_lanes(sum_dv);
        db[j] = sum_lanes(sum_db);
    }
}

void FPS_KERNEL(fps_hidden_backward)(int64_t rows, int64_t columns, const real *slope, real *dz, real *db) {
    columns = whole(columns);
    for (int64_t j = 0; j < rows; j++) {
        const int64_t start = j * columns;
        lanes sum = {0};
        for (int64_t p = 0; p < columns; p += FPS_PADDING)
            for (int k = 0; k < NVECTOR; k++) {
                const int64_t q = start + p + k * LANES;
                const vector delta = *(const vector *)(dz + q) * *(const vector *)(slope + q);
                *(vector *)(dz + q) = delta;
                sum.part[k] += delta;
            }
        db[j] = sum_lanes(sum);
    }
}

/* One row of first_backward; `inputs` and `has_slope` are constants wherever it is inlined. */
static inline __attribute__((always_inline)) void first_row(int64_t columns, const int inputs, const int has_slope,
                                                            real scale, const real *x, const real *slope,
                                                            const real *dz, real *dw, real *db) {
    lanes sum = {0}, product[FPS_KERNEL_INPUTS] = {{{{0}}}};
    for (int64_t p = 0; p < columns; p += FPS_PADDING)
        for (int k = 0; k < NVECTOR; k++) {
            const int64_t q = p + k * LANES;
            vector delta = *(const vector *)(dz + q);
            if (has_slope)
                delta *= *(const vector *)(slope + q);
            sum.part[k] += delta;
            for (int d = 0; d < inputs; d++)
                product[d].part[k] += delta * *(const vector_unaligned *)(x + d * columns + q);
        }
    *db = sum_lanes(sum);
    for (int d = 0; d < inputs; d++)
        dw[d] = scale * sum_lanes(product[d]);
}

void FPS_KERNEL(fps_first_backward)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *x,
                                    const real *slope, const real *dz, real *dw, real *db) {
    columns = whole(columns);
#define ROWS(D, S)                                                                                                     \
    for (int64_t j = 0; j < rows; j++)                                                                                 \
    first_row(columns, D, S, scale, x, (S) ? slope + j *columns : dz, dz + j * columns, dw + j * (D), db + j)
    if (slope && inputs == 1)
        ROWS(1, 1);
    else if (slope && inputs == 2)
        ROWS(2, 1);
    else if (slope)
        ROWS(3, 1);
    else if (inputs == 1)
        ROWS(1, 0);
    else if (inputs == 2)
        ROWS(2, 0);
    else
        ROWS(3, 0);
#undef ROWS
}

void FPS_KERNEL(fps_tangent)(int64_t rows, int64_t columns, const real *tbias, const real *slope, real *t) {
    columns = whole(columns);
    for (int64_t j = 0; j < rows; j++) {
        const real *restrict row_slope = __builtin_assume_aligned(slope + j * columns, 64);
        real *restrict row = __builtin_assume_aligned(t + j * columns, 64);
        const real shift = tbias[j];
        for (int64_t p = 0; p < columns; p++)
            row[p] = (row[p] + shift) * row_slope[p];
    }
}

void FPS_KERNEL(fps_combine)(int64_t columns, real shift, const real *restrict x, real *restrict y) {
    columns = whole(columns);
    for (int64_t p = 0; p < columns; p++)
        y[p] = (y[p] + x[p]) + shift;
}

double FPS_KERNEL(fps_sum)(int64_t columns, const real *x) {
    columns = whole(columns);
    double lane[FPS_PADDING] = {0};
    for (int64_t p = 0; p < columns; p += FPS_PADDING)
        for (int l = 0; l < FPS_PADDING; l++)
            lane[l] += (double)x[p + l];
    for (int width = FPS_PADDING / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++)
            lane[l] += lane[l + width];
    return lane[0];
}
