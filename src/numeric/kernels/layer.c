/* What a layer needs beside gemms and activations: the affine map of few inputs, the linear output and their gradients,
 * each one pass over the activations. Arrays that callers of the network hand in (x, dout, out, and `a` of a network
 * without hidden layer) may lie anywhere; what the network owns is aligned. */
#include "kernel.h"

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

/* 16 `blocks` columns of the output, summed over the rows in `chains` independent chains that hide the latency of an
 * addition; both are constants wherever this is inlined. */
static inline __attribute__((always_inline)) void output_columns(int64_t rows, int64_t columns, const int blocks,
                                                                 const int chains, real scale, const real *v, real bias,
                                                                 const real *a, real *out) {
    lanes sum[8] = {{{{0}}}};
    int64_t j = 0;
    for (; j + chains <= rows; j += chains)
        for (int c = 0; c < chains; c++)
            for (int b = 0; b < blocks; b++)
                for (int k = 0; k < NVECTOR; k++)
                    sum[c * blocks + b].part[k] +=
                        v[j + c] * *(const vector_unaligned *)(a + (j + c) * columns + b * FPS_PADDING + k * LANES);
    for (; j < rows; j++)
        for (int b = 0; b < blocks; b++)
            for (int k = 0; k < NVECTOR; k++)
                sum[b].part[k] += v[j] * *(const vector_unaligned *)(a + j * columns + b * FPS_PADDING + k * LANES);
    for (int b = 0; b < blocks; b++)
        for (int k = 0; k < NVECTOR; k++) {
            vector total = sum[b].part[k];
            for (int c = 1; c < chains; c++)
                total += sum[c * blocks + b].part[k];
            *(vector_unaligned *)(out + b * FPS_PADDING + k * LANES) = scale * total + bias;
        }
}

void FPS_KERNEL(fps_output)(int64_t rows, int64_t columns, real scale, const real *v, real bias, const real *a,
                            real *out) {
    columns = whole(columns);
    int64_t p = 0;
    for (; p + 4 * FPS_PADDING <= columns; p += 4 * FPS_PADDING)
        output_columns(rows, columns, 4, NVECTOR == 1 ? 2 : 1, scale, v, bias, a + p, out + p);
    for (; p < columns; p += FPS_PADDING)
        output_columns(rows, columns, 1, 8 / NVECTOR, scale, v, bias, a + p, out + p);
}

void FPS_KERNEL(fps_output_gradient)(int64_t rows, int64_t columns, real scale, const real *a, const real *dout,
                                     real *dv) {
    columns = whole(columns);
    for (int64_t first = 0; first < rows; first += LANES) {
        const int64_t count = rows - first < LANES ? rows - first : LANES;
        lanes sum[LANES];
        for (int64_t r = 0; r < count; r++) {
            const real *row = a + (first + r) * columns;
            lanes product = {0};
            for (int64_t p = 0; p < columns; p += FPS_PADDING)
                for (int k = 0; k < NVECTOR; k++)
                    product.part[k] += *(const vector_unaligned *)(row + p + k * LANES) *
                                       *(const vector_unaligned *)(dout + p + k * LANES);
            sum[r] = product;
        }
        sum_rows(sum, count, scale, dv + first);
    }
}

void FPS_KERNEL(fps_output_backward)(int64_t rows, int64_t columns, real scale, const real *v, const real *a,
                                     const real *slope, const real *dout, real *dz, real *dv, real *db) {
    columns = whole(columns);
    for (int64_t first = 0; first < rows; first += LANES) {
        const int64_t count = rows - first < LANES ? rows - first : LANES;
        lanes sum_dv[LANES], sum_db[LANES];
        for (int64_t r = 0; r < count; r++) {
            const int64_t start = (first + r) * columns;
            const real factor = scale * v[first + r];
            lanes product = {0}, total = {0};
            for (int64_t p = 0; p < columns; p += FPS_PADDING)
                for (int k = 0; k < NVECTOR; k++) {
                    const int64_t q = p + k * LANES;
                    const vector d = *(const vector_unaligned *)(dout + q);
                    const vector delta = factor * d * *(const vector *)(slope + start + q);
                    *(vector *)(dz + start + q) = delta;
                    product.part[k] += *(const vector *)(a + start + q) * d;
                    total.part[k] += delta;
                }
            sum_dv[r] = product;
            sum_db[r] = total;
        }
        sum_rows(sum_dv, count, scale, dv + first);
        sum_rows(sum_db, count, 1, db + first);
    }
}

void FPS_KERNEL(fps_hidden_backward)(int64_t rows, int64_t columns, const real *slope, real *dz, real *db) {
    columns = whole(columns);
    for (int64_t first = 0; first < rows; first += LANES) {
        const int64_t count = rows - first < LANES ? rows - first : LANES;
        lanes sum[LANES];
        for (int64_t r = 0; r < count; r++) {
            const int64_t start = (first + r) * columns;
            lanes total = {0};
            for (int64_t p = 0; p < columns; p += FPS_PADDING)
                for (int k = 0; k < NVECTOR; k++) {
                    const int64_t q = start + p + k * LANES;
                    const vector delta = *(const vector *)(dz + q) * *(const vector *)(slope + q);
                    *(vector *)(dz + q) = delta;
                    total.part[k] += delta;
                }
            sum[r] = total;
        }
        sum_rows(sum, count, 1, db + first);
    }
}

/* first_backward for `inputs` inputs with or without slopes, constants wherever it is inlined. */
static inline __attribute__((always_inline)) void first_rows(int64_t rows, int64_t columns, const int inputs,
                                                             const int has_slope, real scale, const real *x,
                                                             int64_t stride, const real *slope, const real *dz,
                                                             real *dw, real *db) {
    for (int64_t first = 0; first < rows; first += LANES) {
        const int64_t count = rows - first < LANES ? rows - first : LANES;
        lanes sum[LANES], sum_x[FPS_KERNEL_INPUTS][LANES];
        real gradient[LANES];
        for (int64_t r = 0; r < count; r++) {
            const int64_t start = (first + r) * columns;
            lanes total = {0}, product[FPS_KERNEL_INPUTS] = {{{{0}}}};
            for (int64_t p = 0; p < columns; p += FPS_PADDING)
                for (int k = 0; k < NVECTOR; k++) {
                    const int64_t q = p + k * LANES;
                    vector delta = *(const vector *)(dz + start + q);
                    if (has_slope)
                        delta *= *(const vector *)(slope + start + q);
                    total.part[k] += delta;
                    for (int d = 0; d < inputs; d++)
                        product[d].part[k] += delta * *(const vector_unaligned *)(x + d * stride + q);
                }
            sum[r] = total;
            for (int d = 0; d < inputs; d++)
                sum_x[d][r] = product[d];
        }
        sum_rows(sum, count, 1, db + first);
        for (int d = 0; d < inputs; d++) {
            sum_rows(sum_x[d], count, scale, gradient);
            for (int64_t r = 0; r < count; r++)
                dw[(first + r) * inputs + d] = gradient[r];
        }
    }
}

void FPS_KERNEL(fps_first_backward)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *x,
                                    int64_t stride, const real *slope, const real *dz, real *dw, real *db) {
    columns = whole(columns);
    if (slope && inputs == 1)
        first_rows(rows, columns, 1, 1, scale, x, stride, slope, dz, dw, db);
    else if (slope && inputs == 2)
        first_rows(rows, columns, 2, 1, scale, x, stride, slope, dz, dw, db);
    else if (slope)
        first_rows(rows, columns, 3, 1, scale, x, stride, slope, dz, dw, db);
    else if (inputs == 1)
        first_rows(rows, columns, 1, 0, scale, x, stride, dz, dz, dw, db);
    else if (inputs == 2)
        first_rows(rows, columns, 2, 0, scale, x, stride, dz, dz, dw, db);
    else
        first_rows(rows, columns, 3, 0, scale, x, stride, dz, dz, dw, db);
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

void FPS_KERNEL(fps_add)(int64_t count, const real *restrict x, real *restrict y) {
    for (int64_t i = 0; i < count; i++)
        y[i] += x[i];
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
