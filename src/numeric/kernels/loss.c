/* The losses: term_p = w_p l(r_p) and dout_p = w_p l'(r_p), r = h - y. Adding one is a line in FPS_LOSS_LIST and its
 * function here. Selected values, never products with a mask, so that an overflow stays visible. */
#include "kernel.h"
#include "vector_math.h"

typedef struct pair {
    real value, slope;
} pair;

#define LOG_2 ((real)0.69314718055994530942)

/* Sign of r, 0 at 0; a NaN stays. */
static inline real sign(real r) {
    real negative = r < 0 ? (real)-1 : r;
    return r > 0 ? (real)1 : negative;
}

static inline pair mse_pair(real r, real argument) {
    (void)argument;
    return (pair){r * r, 2 * r};
}
static inline pair mae_pair(real r, real argument) {
    (void)argument;
    return (pair){real_abs(r), sign(r)};
}
static inline pair lp_pair(real r, real p) {
    real size = real_abs(r), power = real_pow(size, p - 1);
    return (pair){size * power, p * power * sign(r)};
}
static inline pair huber_pair(real r, real d) {
    real size = real_abs(r), inner = (real)0.5 * r * r, outer = d * (size - (real)0.5 * d);
    real slope = size <= d ? r : d * sign(r);
    return (pair){size <= d ? inner : outer, slope};
}
/* log cosh r = -log(1 - tanh^2 r)/2 without cancellation near 0; |r| - log 2 + log(1 + exp(-2|r|)) away from it. */
static inline pair logcosh_pair(real r, real argument) {
    (void)argument;
    real size = real_abs(r), t = real_tanh(r);
    real near = (real)-0.5 * real_log1p(-t * t), far = size - LOG_2 + real_log1p(real_exp(-2 * size));
    return (pair){size < 1 ? near : far, t};
}
/* Only the weighted residual w r, w = sqrt(sample weight); the transform (real/loss_sobolev.c) does the rest. */
static inline pair sobolev_pair(real r, real argument) {
    (void)argument;
    return (pair){r * r, r};
}

#define X(NAME, name, arguments, sentence)                                                                             \
    void FPS_KERNEL(fps_loss_##name)(int64_t columns, real argument, const real *restrict h, const real *restrict y,   \
                                     const real *restrict w, real *restrict dout, real *restrict term) {               \
        columns = whole(columns);                                                                                      \
        for (int64_t p = 0; p < columns; p++) {                                                                        \
            pair l = name##_pair(h[p] - y[p], argument);                                                               \
            term[p] = w[p] * l.value;                                                                                  \
            dout[p] = w[p] * l.slope;                                                                                  \
        }                                                                                                              \
    }
FPS_LOSS_LIST(X)
#undef X
