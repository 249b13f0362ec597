/* network_internal.h (per precision): what the files of the network share. */
#ifndef FPSWEEP_NUMERIC_REAL_NETWORK_INTERNAL_H
#define FPSWEEP_NUMERIC_REAL_NETWORK_INTERNAL_H

#include <cblas.h>

#include "fpsweep/network.h"
#include "numeric/kernels.h"

/* Columns that are taken through all layers at a time, so that these stay in the second-level cache, and rows are not a
 * power of two apart where the samples are one. Fixed: bits must not depend on the machine. */
enum { FPS_NETWORK_BLOCK = 256 };

struct fps_network {
    fps_network_shape shape;
    const fps_kernels *kernels;
    const fps_pulse *pulse; /* NULL: none */
    fps_layer_view layer[FPS_MAX_DEPTH + 1];
    real scale[FPS_MAX_DEPTH + 1]; /* 1, or 1/sqrt(fan_in) */
    int64_t columns;               /* P of the training buffers; 0: forward only */
    /* Of H_l P elements each, block after block: the block of columns p .. begins at H_l p and is dense, [H_l, columns
     * of the block]. Views into `block`, as are the following. */
    real *activation[FPS_MAX_DEPTH], *slope[FPS_MAX_DEPTH];
    real *work[2];    /* [max H, FPS_NETWORK_BLOCK]: a layer and its neighbour */
    real *transposed; /* [P, FPS_PADDED(in)] of the layers that use it */
    real *half;       /* [FPS_NETWORK_BLOCK]: output of the second half of an antisymmetric network */
    real *partial;    /* [W]: gradient of a block; NULL where all columns are one block */
    real *zero;       /* [max H]: stands for an absent bias */
    real *unused;     /* [max H]: takes gradients that nobody asked for */
    real *block;      /* owns all of the above */
};

#define fps_network_layer_forward FPS_REAL_NAME(fps_network_layer_forward)
#define fps_network_output FPS_REAL_NAME(fps_network_output)
#define fps_network_multiply FPS_REAL_NAME(fps_network_multiply)
#define fps_network_multiply_transposed FPS_REAL_NAME(fps_network_multiply_transposed)
#define fps_network_weight_gradient FPS_REAL_NAME(fps_network_weight_gradient)
#define fps_network_transposed_size FPS_REAL_NAME(fps_network_transposed_size)
#define fps_network_gradient FPS_REAL_NAME(fps_network_gradient)
#define fps_network_activate FPS_REAL_NAME(fps_network_activate)
#define fps_network_activate_tangent FPS_REAL_NAME(fps_network_activate_tangent)
#define fps_network_backward_sensitivity FPS_REAL_NAME(fps_network_backward_sensitivity)
#define fps_network_tangent_sensitivity FPS_REAL_NAME(fps_network_tangent_sensitivity)

/* The three products of a layer W[out, in]: z[out, columns] <- scale W x + beta z (the rows of x `stride` apart),
 * da[in, columns] <- scale W^T dz, and dW[out, in] <- scale dz[out, columns] a[in, columns]^T (the rows
 * of `a` `stride` apart). */
void fps_network_multiply(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                          const real *w, const real *x, int64_t stride, real beta, real *z);
void fps_network_multiply_transposed(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                                     const real *w, const real *dz, real *da);
void fps_network_weight_gradient(const fps_network *network, int64_t out, int64_t in, int64_t columns, real scale,
                                 const real *dz, const real *a, int64_t stride, real *dw);

/* Elements of network->transposed that a layer of fan-in `in` may need. */
int64_t fps_network_transposed_size(const fps_network *network, int64_t in);

/* Columns of the block that begins at column p. A network without hidden layer has one block. */
static inline int64_t fps_network_block(const fps_network *network, int64_t columns, int64_t p) {
    return network->shape.depth == 0 || columns - p < FPS_NETWORK_BLOCK ? columns - p : FPS_NETWORK_BLOCK;
}

/* z[out, columns] <- scale_l W_l x, without bias; the rows of x[in, columns] are `stride` apart. The last hidden layer
 * of an antisymmetric network is computed in two halves by the same operations. */
void fps_network_layer_forward(const fps_network *network, int layer, const real *weights, const real *x,
                               int64_t stride, int64_t columns, real *z);

/* out[columns] <- scale v a + bias with the output layer's weights `v` (its view's offset already added). */
void fps_network_output(const fps_network *network, const real *v, real bias, const real *a, int64_t columns,
                        real *out);

/* fps_network_backward() that leaves gradient entries which are not trained as they are. */
fps_status fps_network_gradient(fps_network *network, const real *weights, const real *input, int64_t columns,
                                const real *doutput, fps_trained trained, real *gradient);

/* fps_network_backward() of all weights of a network with hidden layers, but for rounding, where tangents follow: the
 * slopes kept become the sensitivities of network_sensitivity.c. Until the next fps_network_forward_training() the
 * second function then takes the place of fps_network_tangent(), at half the cost, and fps_network_backward() is out of
 * the question. Both FPS_STOPPED. */
fps_status fps_network_backward_sensitivity(fps_network *network, const real *weights, const real *input,
                                            int64_t columns, const real *doutput, real *gradient);
fps_status fps_network_tangent_sensitivity(fps_network *network, const real *tweights, const real *input,
                                           int64_t columns, real *toutput);

/* a[rows, columns] <- f(a + bias[rows]) and, unless NULL, slope[rows, columns] <- f'(a + bias); at most
 * FPS_NETWORK_BLOCK columns. */
void fps_network_activate(const fps_network *network, int64_t rows, int64_t columns, const real *bias, real *a,
                          real *slope);

/* a <- f(a + bias[rows]) and t[rows, columns] <- (t + tbias[rows]) f'(a + bias), likewise. */
void fps_network_activate_tangent(const fps_network *network, int64_t rows, int64_t columns, const real *bias,
                                  const real *tbias, real *a, real *t);

/* Tell of a product with W[out, in]; true: stop. */
static inline bool fps_network_beat(const fps_network *network, int64_t out, int64_t in, int64_t columns) {
    return network->pulse && fps_pulse_beat(network->pulse, 2.0 * (double)out * (double)in * (double)columns);
}

/* Weights of a layer's bias within a block, or zeros. */
static inline const real *fps_network_bias(const fps_network *network, int layer, const real *weights) {
    const int64_t bias = network->layer[layer].bias;
    return bias >= 0 ? weights + bias : network->zero;
}

#endif
