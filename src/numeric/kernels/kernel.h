/* kernel.h: what every kernel file includes. Each is compiled once per instruction set (FPS_KERNEL_CLASS) and
 * precision; FPS_KERNEL(name) gives its functions names of their own, kernels/table.c collects them. */
#ifndef FPSWEEP_NUMERIC_KERNELS_KERNEL_H
#define FPSWEEP_NUMERIC_KERNELS_KERNEL_H

/* The vectorizer at full strength in every optimised build: at -O2 gcc leaves some loops scalar, with other bits. */
#if defined(__OPTIMIZE__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#include <stdint.h>

#include "numeric/kernels.h"

#if FPS_PRECISION == 32
#define FPS_KERNEL_PASTE(name, class) name##_##class##_single
#else
#define FPS_KERNEL_PASTE(name, class) name##_##class##_double
#endif
#define FPS_KERNEL_EXPAND(name, class) FPS_KERNEL_PASTE(name, class)
#define FPS_KERNEL(name) FPS_KERNEL_EXPAND(name, FPS_KERNEL_CLASS)

/* The functions, in the order of the table that they fill (kernels.h says what each does). */
#define X(NAME, name, odd, kink, sentence)                                                                             \
    void FPS_KERNEL(fps_forward_##name)(int64_t rows, int64_t columns, const real *bias, real *a);                     \
    void FPS_KERNEL(fps_forward_slope_##name)(int64_t rows, int64_t columns, const real *bias, real *a, real *slope);  \
    void FPS_KERNEL(fps_forward_tangent_##name)(int64_t rows, int64_t columns, const real *bias, const real *tbias,    \
                                                real *a, real *t);
FPS_ACTIVATION_LIST(X)
#undef X
void FPS_KERNEL(fps_affine)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *weights,
                            const real *x, int64_t stride, real *z);
void FPS_KERNEL(fps_output)(int64_t rows, int64_t columns, real scale, const real *v, real bias, const real *a,
                            real *out);
void FPS_KERNEL(fps_output_gradient)(int64_t rows, int64_t columns, real scale, const real *a, const real *dout,
                                     real *dv);
void FPS_KERNEL(fps_output_backward)(int64_t rows, int64_t columns, real scale, const real *v, const real *a,
                                     const real *slope, const real *dout, real *dz, real *dv, real *db);
void FPS_KERNEL(fps_hidden_backward)(int64_t rows, int64_t columns, const real *slope, real *dz, real *db);
void FPS_KERNEL(fps_first_backward)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *x,
                                    int64_t stride, const real *slope, const real *dz, real *dw, real *db);
void FPS_KERNEL(fps_tangent)(int64_t rows, int64_t columns, const real *tbias, const real *slope, real *t);
void FPS_KERNEL(fps_sensitivity)(int64_t rows, int64_t columns, real scale, const real *v, const real *dout, real *s,
                                 real *dz, real *db);
void FPS_KERNEL(fps_contract)(int64_t rows, int64_t columns, const real *tbias, const real *s, const real *t,
                              real *out);
void FPS_KERNEL(fps_transpose)(int64_t rows, int64_t columns, const real *a, int64_t stride, real *out);
void FPS_KERNEL(fps_add)(int64_t count, const real *x, real *y);
void FPS_KERNEL(fps_combine)(int64_t columns, real shift, const real *x, real *y);
double FPS_KERNEL(fps_sum)(int64_t columns, const real *x);
#define X(NAME, name, arguments, sentence)                                                                             \
    void FPS_KERNEL(fps_loss_##name)(int64_t columns, real argument, const real *h, const real *y, const real *w,      \
                                     real *dout, real *term);
FPS_LOSS_LIST(X)
#undef X
#define X(NAME, name, states, sentence)                                                                                \
    void FPS_KERNEL(fps_update_##name)(int64_t count, const fps_optimizer_constants *constants, const real *gradient,  \
                                       real *weights, real *state0, real *state1);
FPS_OPTIMIZER_UPDATE_LIST(X)
#undef X
void FPS_KERNEL(fps_combination)(int64_t count, int terms, const real *c, const real *const *k, const real *w,
                                 real *out);
void FPS_KERNEL(fps_squares)(int64_t count, int terms, const real *a, const real *b, const real *const *k, double *sum);
extern const fps_kernels FPS_KERNEL(fps_kernel_table);

/* A register of this instruction set. FPS_PADDING columns are NVECTOR registers. */
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
typedef real vector __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef real vector_unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));
enum { LANES = VECTOR_BYTES / sizeof(real), NVECTOR = FPS_PADDING / LANES };

/* Indices of a two-register shuffle: 0 .. LANES-1 name the first operand's elements, the rest the second's. */
#if FPS_PRECISION == 32
typedef int32_t index;
#else
typedef int64_t index;
#endif
typedef index indices __attribute__((vector_size(VECTOR_BYTES), may_alias));
#if defined(__clang__)
static inline vector shuffle(vector a, vector b, indices order) {
    vector out;
    for (int l = 0; l < LANES; l++)
        out[l] = order[l] < LANES ? a[order[l]] : b[order[l] - LANES];
    return out;
}
#else
#define shuffle(a, b, order) __builtin_shuffle(a, b, order)
#endif
/* { F(x, 0), F(x, 1), ... } for every lane. */
#if VECTOR_BYTES == 64 && FPS_PRECISION == 32
#define EACH_LANE(F, x)                                                                                                \
    {                                                                                                                  \
        F(x, 0), F(x, 1), F(x, 2), F(x, 3), F(x, 4), F(x, 5), F(x, 6), F(x, 7), F(x, 8), F(x, 9), F(x, 10), F(x, 11),  \
            F(x, 12), F(x, 13), F(x, 14), F(x, 15)                                                                     \
    }
#elif VECTOR_BYTES * 32 / FPS_PRECISION == 32
#define EACH_LANE(F, x)                                                                                                \
    { F(x, 0), F(x, 1), F(x, 2), F(x, 3), F(x, 4), F(x, 5), F(x, 6), F(x, 7) }
#elif VECTOR_BYTES * 32 / FPS_PRECISION == 16
#define EACH_LANE(F, x)                                                                                                \
    { F(x, 0), F(x, 1), F(x, 2), F(x, 3) }
#else
#define EACH_LANE(F, x)                                                                                                \
    { F(x, 0), F(x, 1) }
#endif

/* FPS_PADDING columns: lane l of the block is lane l mod LANES of register l / LANES. */
typedef struct lanes {
    vector part[NVECTOR];
} lanes;

/* Tell the compiler that the columns are a multiple of FPS_PADDING, so that no loop needs a remainder. */
static inline int64_t whole(int64_t columns) {
    return columns & ~(int64_t)(FPS_PADDING - 1);
}

typedef real lanes8 __attribute__((vector_size(8 * sizeof(real)), may_alias));
typedef real lanes4 __attribute__((vector_size(4 * sizeof(real)), may_alias));
typedef real lanes2 __attribute__((vector_size(2 * sizeof(real)), may_alias));

/* Add the 16 lanes: l to l + 8, then l to l + 4, l + 2, l + 1, whatever the register width. */
static inline real sum_lanes(lanes x) {
    union {
        lanes whole;
        lanes8 half[2];
    } sixteen = {x};
    union {
        lanes8 whole;
        lanes4 half[2];
    } eight = {sixteen.half[0] + sixteen.half[1]};
    union {
        lanes4 whole;
        lanes2 half[2];
    } four = {eight.half[0] + eight.half[1]};
    const lanes2 two = four.half[0] + four.half[1];
    return two[0] + two[1];
}

/* Add the lanes of x[rows], rows <= LANES: out[r] <- factor sum_lanes(x[r]), by the same additions. */
static inline __attribute__((always_inline)) void sum_rows(const lanes *x, int64_t rows, real factor, real *out) {
#if defined(__AVX512F__)
    if (rows == LANES) {
        /* All rows at once. A register holds segments of 2w lanes, one per row; a round adds their upper to their lower
         * halves, so that two registers become one with twice the segments: element e of the result comes from
         * segment e / w of the pair. */
#define SEGMENT(w, e) ((e) / (w) / (LANES / (2 * (w))) * LANES + (e) / (w) % (LANES / (2 * (w))) * 2 * (w) + (e) % (w))
#define LOWER(w, e) SEGMENT(w, e)
#define UPPER(w, e) (SEGMENT(w, e) + (w))
#define ROUND(w)                                                                                                       \
    if (LANES > (w)) {                                                                                                 \
        const indices lower = EACH_LANE(LOWER, w), upper = EACH_LANE(UPPER, w);                                        \
        for (int r = 0; r < (w); r++)                                                                                  \
            sum[r] = shuffle(sum[2 * r], sum[2 * r + 1], lower) + shuffle(sum[2 * r], sum[2 * r + 1], upper);          \
    }
        vector sum[LANES];
        for (int r = 0; r < LANES; r++) {
            sum[r] = x[r].part[0];
            for (int k = 1; k < NVECTOR; k++) /* at most one: lane l + 8 to lane l */
                sum[r] += x[r].part[k];
        }
#if FPS_PRECISION == 32
        ROUND(8)
#endif
        ROUND(4)
        ROUND(2)
        ROUND(1)
        *(vector_unaligned *)out = factor * sum[0];
#undef ROUND
#undef UPPER
#undef LOWER
#undef SEGMENT
        return;
    }
#endif
    for (int64_t r = 0; r < rows; r++)
        out[r] = factor * sum_lanes(x[r]);
}

#endif
