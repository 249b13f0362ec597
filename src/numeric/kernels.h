/* kernels.h (per precision, internal): the elementwise work of training, one table of functions per kernel class.
 *
 * Every function of src/numeric/kernels/ is compiled once per instruction set and precision; a network or stepper takes
 * the table of the class in force when it is created and calls through it ever after.
 *
 * Legend: R rows (neurons), P columns (samples), a multiple of FPS_PADDING; matrices [R, P] are dense, the column index
 * contiguous. Blocks come from fps_alloc() (64-byte aligned) except the weights inside a network's block, which lie
 * wherever their layer begins. Sums over columns run in 16 fixed lanes, column p in lane p mod 16, the lanes then added
 * pairwise: the result depends on the values and the kernel class alone. Arrays do not overlap unless said.
 */
#ifndef FPSWEEP_NUMERIC_KERNELS_H
#define FPSWEEP_NUMERIC_KERNELS_H

#include <stdint.h>

#include "fpsweep/activation.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/precision.h"

/* Largest input dimension for which the first layer is evaluated by fps_kernels.affine instead of a gemm. */
#define FPS_KERNEL_INPUTS 3

/* Most vectors of fps_kernels.combination. */
#define FPS_KERNEL_TERMS 6

#define fps_kernels FPS_REAL_NAME(fps_kernels)
#define fps_optimizer_constants FPS_REAL_NAME(fps_optimizer_constants)

/* Numbers of an update, worked out in double and rounded once; which of them count depends on the optimizer. */
typedef struct fps_optimizer_constants {
    real rate;     /* eta; adam: eta / (1 - beta1^t) */
    real momentum; /* mu */
    real beta1, beta2;
    real one_minus_beta1, one_minus_beta2;
    real correction; /* adam: 1 / sqrt(1 - beta2^t) */
    real epsilon;
} fps_optimizer_constants;

typedef struct fps_kernels {
    /* Largest product m n k of a gemm that the class's BLAS core computes without packing its operands, much faster; 0
     * if it has no such path. */
    int64_t small_gemm;

    /* a[R, P] <- f(a + bias[R]) in place. */
    void (*forward[FPS_ACTIVATION_COUNT])(int64_t rows, int64_t columns, const real *bias, real *a);
    /* The same, and slope[R, P] <- f'(a + bias). At a kink the derivative is PyTorch's: 0 for relu. */
    void (*forward_slope[FPS_ACTIVATION_COUNT])(int64_t rows, int64_t columns, const real *bias, real *a, real *slope);
    /* The same with that slope used at once: t[R, P] <- (t + tbias[R]) f'(a + bias) in place. */
    void (*forward_tangent[FPS_ACTIVATION_COUNT])(int64_t rows, int64_t columns, const real *bias, const real *tbias,
                                                  real *a, real *t);

    /* z[R, P] <- scale W[R, D] x[D, P] for D <= FPS_KERNEL_INPUTS; the rows of x are `stride` apart. */
    void (*affine)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *weights, const real *x,
                   int64_t stride, real *z);
    /* out[P] <- scale sum_j v_j a_j + bias, a[R, P]. */
    void (*output)(int64_t rows, int64_t columns, real scale, const real *v, real bias, const real *a, real *out);
    /* dv_j <- scale sum_p dout_p a_jp. */
    void (*output_gradient)(int64_t rows, int64_t columns, real scale, const real *a, const real *dout, real *dv);
    /* dz_jp <- scale v_j dout_p slope_jp, db_j <- sum_p dz_jp, dv_j as output_gradient. */
    void (*output_backward)(int64_t rows, int64_t columns, real scale, const real *v, const real *a, const real *slope,
                            const real *dout, real *dz, real *dv, real *db);
    /* dz <- dz slope in place, db_j <- sum_p dz_jp. */
    void (*hidden_backward)(int64_t rows, int64_t columns, const real *slope, real *dz, real *db);
    /* The same for the first layer of D <= FPS_KERNEL_INPUTS inputs: dW[R, D] <- scale sum_p dz_jp x_dp, the rows of x
     * `stride` apart; dz itself is not kept. slope NULL: dz is final already. */
    void (*first_backward)(int64_t rows, int64_t columns, int64_t inputs, real scale, const real *x, int64_t stride,
                           const real *slope, const real *dz, real *dw, real *db);
    /* t <- (t + tbias[R]) slope in place. */
    void (*tangent)(int64_t rows, int64_t columns, const real *tbias, const real *slope, real *t);
    /* s_jp <- s_jp scale v_j, or without v (NULL) s_jp dz_jp; dz_jp <- s_jp dout_p, db_j <- sum_p dz_jp. */
    void (*sensitivity)(int64_t rows, int64_t columns, real scale, const real *v, const real *dout, real *s, real *dz,
                        real *db);
    /* out[P] <- out + sum_j s_jp (t_jp + tbias_j). */
    void (*contract)(int64_t rows, int64_t columns, const real *tbias, const real *s, const real *t, real *out);
    /* out[P, FPS_PADDED(R)] <- a[R, P] transposed, the rows of `a` `stride` apart, the padding 0. `out` is aligned. */
    void (*transpose)(int64_t rows, int64_t columns, const real *a, int64_t stride, real *out);
    /* y[P] <- (y + x) + shift */
    void (*combine)(int64_t columns, real shift, const real *x, real *y);
    /* y[count] <- y + x, any count. */
    void (*add)(int64_t count, const real *x, real *y);
    /* sum_p x_p, in double. */
    double (*sum)(int64_t columns, const real *x);

    /* r = h - y: term_p <- w_p l(r_p), dout_p <- w_p l'(r_p); `argument` is the loss's number. The derivative at a kink
     * is 0. sobolev is different: called with w = sqrt(sample weight) it only forms the vector dout_p <- w_p r_p that
     * real/loss_sobolev.c transforms. */
    void (*loss[FPS_LOSS_COUNT])(int64_t columns, real argument, const real *h, const real *y, const real *w,
                                 real *dout, real *term);

    /* One update of `count` weights; state arrays beyond what the optimizer keeps are not touched. */
    void (*update[FPS_OPTIMIZER_COUNT])(int64_t count, const fps_optimizer_constants *constants, const real *gradient,
                                        real *weights, real *state0, real *state1);

    /* out[count] <- w + sum_j c_j k_j of `terms` <= FPS_KERNEL_TERMS vectors k_j[count], any count and alignment. */
    void (*combination)(int64_t count, int terms, const real *c, const real *const *k, const real *w, real *out);
    /* sum[0] += |sum_j a_j k_j|^2 and sum[1] += |sum_j b_j k_j|^2, squared and added in double. */
    void (*squares)(int64_t count, int terms, const real *a, const real *b, const real *const *k, double *sum);
} fps_kernels;

#define fps_kernels_current FPS_REAL_NAME(fps_kernels_current)
#define fps_kernels_of FPS_REAL_NAME(fps_kernels_of)

/* The table of a class (NULL if this build has none), and that of the class in force. Static. */
const fps_kernels *fps_kernels_of(fps_kernel_class class);
const fps_kernels *fps_kernels_current(void);

#endif
