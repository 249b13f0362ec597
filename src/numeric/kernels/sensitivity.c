/* The elementwise work of a network's sensitivities (real/network_sensitivity.c). All that it reads and writes but
 * dout and out is the network's own and aligned. */
#include "kernel.h"

/* The rows of fps_sensitivity(), with the output layer's weights or without, a constant wherever it is inlined. */
static inline __attribute__((always_inline)) void sensitivity_rows(int64_t rows, int64_t columns, const int has_v,
                                                                   real scale, const real *v, const real *dout, real *s,
                                                                   real *dz, real *db) {
    for (int64_t first = 0; first < rows; first += LANES) {
        const int64_t count = rows - first < LANES ? rows - first : LANES;
        lanes sum[LANES];
        for (int64_t r = 0; r < count; r++) {
            const int64_t start = (first + r) * columns;
            const real factor = has_v ? scale * v[first + r] : 1;
            lanes total = {0};
            for (int64_t p = 0; p < columns; p += FPS_PADDING)
                for (int k = 0; k < NVECTOR; k++) {
                    const int64_t q = p + k * LANES;
                    vector above = *(const vector *)(s + start + q);
                    if (has_v)
                        above *= factor;
                    else
                        above *= *(const vector *)(dz + start + q);
                    const vector delta = above * *(const vector_unaligned *)(dout + q);
                    *(vector *)(s + start + q) = above;
                    *(vector *)(dz + start + q) = delta;
                    total.part[k] += delta;
                }
            sum[r] = total;
        }
        sum_rows(sum, count, 1, db + first);
    }
}

void FPS_KERNEL(fps_sensitivity)(int64_t rows, int64_t columns, real scale, const real *v, const real *dout, real *s,
                                 real *dz, real *db) {
    columns = whole(columns);
    if (v)
        sensitivity_rows(rows, columns, 1, scale, v, dout, s, dz, db);
    else
        sensitivity_rows(rows, columns, 0, scale, db, dout, s, dz, db);
}

/* 16 `blocks` columns, summed over the rows in `chains` independent chains; both are constants wherever this is
 * inlined. */
static inline __attribute__((always_inline)) void contract_columns(int64_t rows, int64_t columns, const int blocks,
                                                                   const int chains, const real *tbias, const real *s,
                                                                   const real *t, real *out) {
    lanes sum[8] = {{{{0}}}};
    int64_t j = 0;
#define TERM(row, b, k)                                                                                                \
    (*(const vector *)(s + (row)*columns + (b)*FPS_PADDING + (k)*LANES) *                                              \
     (*(const vector *)(t + (row)*columns + (b)*FPS_PADDING + (k)*LANES) + tbias[row]))
    for (; j + chains <= rows; j += chains)
        for (int c = 0; c < chains; c++)
            for (int b = 0; b < blocks; b++)
                for (int k = 0; k < NVECTOR; k++)
                    sum[c * blocks + b].part[k] += TERM(j + c, b, k);
    for (; j < rows; j++)
        for (int b = 0; b < blocks; b++)
            for (int k = 0; k < NVECTOR; k++)
                sum[b].part[k] += TERM(j, b, k);
#undef TERM
    for (int b = 0; b < blocks; b++)
        for (int k = 0; k < NVECTOR; k++) {
            vector total = sum[b].part[k];
            for (int c = 1; c < chains; c++)
                total += sum[c * blocks + b].part[k];
            *(vector_unaligned *)(out + b * FPS_PADDING + k * LANES) += total;
        }
}

void FPS_KERNEL(fps_contract)(int64_t rows, int64_t columns, const real *tbias, const real *s, const real *t,
                              real *out) {
    columns = whole(columns);
    int64_t p = 0;
    for (; p + 4 * FPS_PADDING <= columns; p += 4 * FPS_PADDING)
        contract_columns(rows, columns, 4, NVECTOR == 1 ? 2 : 1, tbias, s + p, t + p, out + p);
    for (; p < columns; p += FPS_PADDING)
        contract_columns(rows, columns, 1, 8 / NVECTOR, tbias, s + p, t + p, out + p);
}
