/* The activations: value and derivative. Adding one is a line in FPS_ACTIVATION_LIST and its two functions here.
 *
 * The value of f alone and together with f' is computed by the same operations: bits agree.
 * Written without branches, so that the loops vectorize, and so that a lane which is not selected may overflow but
 * never multiplies: NaN and infinity in z come out as NaN or infinity, large finite |z| gives finite values and slopes.
 */
#include "kernel.h"
#include "vector_math.h"

typedef struct pair {
    real a, slope;
} pair;

#define SQRT_HALF ((real)0.70710678118654752440)
#define INVERSE_SQRT_2PI ((real)0.39894228040143267794)

/* 1 / (1 + exp(-z)) and its complement, each accurate in its own tail. */
typedef struct logistic {
    real sigmoid, complement;
} logistic;
static inline logistic logistic_of(real z) {
    real e = real_exp(-real_abs(z)), r = 1 / (1 + e), er = e * r;
    return (logistic){z < 0 ? er : r, z < 0 ? r : er};
}

static inline real identity_value(real z) {
    return z;
}
static inline pair identity_pair(real z) {
    return (pair){z, 1};
}

/* `z < 0 ? 0 : z` and not its mirror: a NaN must stay. */
static inline real relu_value(real z) {
    return z < 0 ? 0 : z;
}
static inline pair relu_pair(real z) {
    return (pair){relu_value(z), z > 0 ? (real)1 : (real)0};
}
static inline real relu2_value(real z) {
    real m = relu_value(z);
    return m * m;
}
static inline pair relu2_pair(real z) {
    real m = relu_value(z);
    return (pair){m * m, 2 * m};
}
static inline real relu3_value(real z) {
    real m = relu_value(z);
    return m * m * m;
}
static inline pair relu3_pair(real z) {
    real m = relu_value(z), square = m * m;
    return (pair){square * m, 3 * square};
}
static inline real leaky_relu_value(real z) {
    return z > 0 ? z : (real)0.01 * z;
}
static inline pair leaky_relu_pair(real z) {
    return (pair){leaky_relu_value(z), z > 0 ? (real)1 : (real)0.01};
}
static inline real elu_value(real z) {
    real below = real_expm1(z);
    return z > 0 ? z : below;
}
static inline pair elu_pair(real z) {
    real below = real_expm1(z);
    return (pair){z > 0 ? z : below, z > 0 ? (real)1 : below + 1};
}
static inline real softplus_value(real z) {
    return relu_value(z) + real_log1p(real_exp(-real_abs(z)));
}
static inline pair softplus_pair(real z) {
    real e = real_exp(-real_abs(z)), r = 1 / (1 + e);
    return (pair){relu_value(z) + real_log1p(e), z < 0 ? e * r : r};
}
static inline real silu_value(real z) {
    return z * logistic_of(z).sigmoid;
}
static inline pair silu_pair(real z) {
    logistic l = logistic_of(z);
    return (pair){z * l.sigmoid, l.sigmoid * (1 + z * l.complement)};
}
static inline real gelu_value(real z) {
    return z * ((real)0.5 * (1 + real_erf(SQRT_HALF * z)));
}
static inline pair gelu_pair(real z) {
    real cumulative = (real)0.5 * (1 + real_erf(SQRT_HALF * z));
    real density = INVERSE_SQRT_2PI * real_exp((real)-0.5 * z * z);
    return (pair){z * cumulative, cumulative + z * density};
}
static inline real tanh_value(real z) {
    return real_tanh(z);
}
static inline pair tanh_pair(real z) {
    real a = real_tanh(z);
    return (pair){a, 1 - a * a};
}
static inline real sigmoid_value(real z) {
    return logistic_of(z).sigmoid;
}
static inline pair sigmoid_pair(real z) {
    logistic l = logistic_of(z);
    return (pair){l.sigmoid, l.sigmoid * l.complement};
}
static inline real sin_value(real z) {
    return real_sin(z);
}
static inline pair sin_pair(real z) {
    return (pair){real_sin(z), real_cos(z)};
}
static inline real gaussian_value(real z) {
    return real_exp((real)-0.5 * z * z);
}
static inline pair gaussian_pair(real z) {
    real a = real_exp((real)-0.5 * z * z);
    return (pair){a, -z * a};
}
static inline real softsign_value(real z) {
    return z * (1 / (1 + real_abs(z)));
}
static inline pair softsign_pair(real z) {
    real r = 1 / (1 + real_abs(z));
    return (pair){z * r, r * r};
}

/* The three loops of each activation. */
#define X(NAME, name, odd, kink, sentence)                                                                             \
    void FPS_KERNEL(fps_forward_##name)(int64_t rows, int64_t columns, const real *bias, real *a) {                    \
        columns = whole(columns);                                                                                      \
        for (int64_t j = 0; j < rows; j++) {                                                                           \
            real *restrict row = __builtin_assume_aligned(a + j * columns, 64);                                        \
            const real shift = bias[j];                                                                                \
            for (int64_t p = 0; p < columns; p++)                                                                      \
                row[p] = name##_value(row[p] + shift);                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    void FPS_KERNEL(fps_forward_slope_##name)(int64_t rows, int64_t columns, const real *bias, real *a, real *slope) { \
        columns = whole(columns);                                                                                      \
        for (int64_t j = 0; j < rows; j++) {                                                                           \
            real *restrict row = __builtin_assume_aligned(a + j * columns, 64);                                        \
            real *restrict row_slope = __builtin_assume_aligned(slope + j * columns, 64);                              \
            const real shift = bias[j];                                                                                \
            for (int64_t p = 0; p < columns; p++) {                                                                    \
                pair value = name##_pair(row[p] + shift);                                                              \
                row[p] = value.a;                                                                                      \
                row_slope[p] = value.slope;                                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    void FPS_KERNEL(fps_forward_tangent_##name)(int64_t rows, int64_t columns, const real *bias, const real *tbias,    \
                                                real *a, real *t) {                                                    \
        columns = whole(columns);                                                                                      \
        for (int64_t j = 0; j < rows; j++) {                                                                           \
            real *restrict row = __builtin_assume_aligned(a + j * columns, 64);                                        \
            real *restrict row_t = __builtin_assume_aligned(t + j * columns, 64);                                      \
            const real shift = bias[j], shift_t = tbias[j];                                                            \
            for (int64_t p = 0; p < columns; p++) {                                                                    \
                pair value = name##_pair(row[p] + shift);                                                              \
                row[p] = value.a;                                                                                      \
                row_t[p] = (row_t[p] + shift_t) * value.slope;                                                         \
            }                                                                                                          \
        }                                                                                                              \
    }
FPS_ACTIVATION_LIST(X)
#undef X
