/* real/features.c: the lattice of Fourier features, one pair of rows per lattice point. */
#include "fpsweep/features.h"

#include <math.h>
#include <stdbool.h>

/* Fraction of j t in [-1/2, 1/2] without losing the digits of a large product: p = j t, its rounding error by fma. */
static double exact_phase(double j, double t) {
    double p = j * t, e = fma(j, t, -p);
    return (p - rint(p)) + e;
}

/* Repeat the last of `count` columns up to `stride`. */
static void pad(real *row, int64_t count, int64_t stride) {
    for (int64_t i = count; i < stride; i++)
        row[i] = row[count - 1];
}

/* Rows cos and sin of one lattice point j. */
static void fill_pair(const fps_features *f, const int64_t *j, const double *x, int64_t count, int64_t stride,
                      real *row) {
    const int d = f->dimension;
    double square = 0;
    for (int k = 0; k < d; k++)
        square += (double)j[k] * f->frequency_step * ((double)j[k] * f->frequency_step);
    /* sqrt(2 dxi^d) <xi>^(-alpha/2), <xi>^2 = 1 + |xi|^2 */
    double amplitude = sqrt(2 * pow(f->frequency_step, d)) * pow(1 + square, -0.25 * f->decay_rate);
    for (int64_t i = 0; i < count; i++) {
        double phase = 0, sine, cosine;
        for (int k = 0; k < d; k++)
            phase += exact_phase((double)j[k], f->frequency_step * x[i * d + k]);
        sincos(2 * M_PI * phase, &sine, &cosine);
        row[i] = (real)(amplitude * cosine);
        row[stride + i] = (real)(amplitude * sine);
    }
    pad(row, count, stride);
    pad(row + stride, count, stride);
}

/* Step to the next lattice point, last axis fastest, each coordinate in -M .. M; false after the last. */
static bool next_point(int64_t *j, int dimension, int64_t limit) {
    for (int k = dimension - 1; k >= 0; k--) {
        if (j[k] < limit) {
            j[k]++;
            return true;
        }
        j[k] = -limit;
    }
    return false;
}

void fps_features_fill(const fps_features *features, const double *x, int64_t count, int64_t stride, real *out) {
    int64_t j[3] = {0, 0, 0}; /* the origin; all points after it are lexicographically positive */
    double constant = sqrt(pow(features->frequency_step, features->dimension));
    for (int64_t i = 0; i < stride; i++)
        out[i] = (real)constant;
    for (real *row = out + stride; next_point(j, features->dimension, features->band_limit); row += 2 * stride)
        fill_pair(features, j, x, count, stride, row);
}
