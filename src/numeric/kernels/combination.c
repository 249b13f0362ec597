/* Linear combinations of a few long vectors, each element read once: the stages of an integrator. */
#include "kernel.h"

/* One combination, `terms` a constant wherever it is inlined. */
static inline __attribute__((always_inline)) void combine(int64_t count, const int terms, const real *c,
                                                          const real *const *k, const real *w, real *restrict out) {
    for (int64_t i = 0; i < count; i++) {
        real sum = c[0] * k[0][i];
        for (int j = 1; j < terms; j++)
            sum += c[j] * k[j][i];
        out[i] = w[i] + sum;
    }
}

void FPS_KERNEL(fps_combination)(int64_t count, int terms, const real *c, const real *const *k, const real *w,
                                 real *out) {
    real factor[FPS_KERNEL_TERMS]; /* out of the way of `out` */
    const real *source[FPS_KERNEL_TERMS];
    for (int j = 0; j < terms; j++) {
        factor[j] = c[j];
        source[j] = k[j];
    }
#define CASE(terms)                                                                                                    \
    case terms:                                                                                                        \
        combine(count, terms, factor, source, w, out);                                                                 \
        break;
    switch (terms) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
    }
#undef CASE
}

/* Columns whose squares are added in the 16 lanes of fps_sum(). */
void FPS_KERNEL(fps_squares)(int64_t count, int terms, const real *a, const real *b, const real *const *k,
                             double *sum) {
    double lane[2][FPS_PADDING] = {{0}};
    for (int64_t first = 0; first < count; first += FPS_PADDING) {
        const int64_t here = count - first < FPS_PADDING ? count - first : FPS_PADDING;
        real x[FPS_PADDING] = {0}, y[FPS_PADDING] = {0};
        if (here == FPS_PADDING)
            for (int j = 0; j < terms; j++)
                for (int l = 0; l < FPS_PADDING; l++) {
                    x[l] += a[j] * k[j][first + l];
                    y[l] += b[j] * k[j][first + l];
                }
        else
            for (int j = 0; j < terms; j++)
                for (int64_t l = 0; l < here; l++) {
                    x[l] += a[j] * k[j][first + l];
                    y[l] += b[j] * k[j][first + l];
                }
        for (int l = 0; l < FPS_PADDING; l++) {
            lane[0][l] += (double)x[l] * (double)x[l];
            lane[1][l] += (double)y[l] * (double)y[l];
        }
    }
    for (int s = 0; s < 2; s++) {
        for (int width = FPS_PADDING / 2; width > 0; width /= 2)
            for (int l = 0; l < width; l++)
                lane[s][l] += lane[s][l + width];
        sum[s] += lane[s][0];
    }
}
