/* network_internal.h (per precision): what the files of the network share. */
#ifndef FPSWEEP_NUMERIC_REAL_NETWORK_INTERNAL_H
#define FPSWEEP_NUMERIC_REAL_NETWORK_INTERNAL_H

#include <cblas.h>

#include "fpsweep/network.h"
#include "numeric/kernels.h"

/* Columns that fps_network_forward() takes at a time, so that two layers stay in the second-level cache. Fixed: bits
 * must not depend on the machine. */
enum { FPS_FORWARD_BLOCK = 256 };

/* Fan-in of the layers whose weight gradient is taken with a transposed copy of the activations: from, below. */
enum { FPS_TRANSPOSE_FROM = 24, FPS_TRANSPOSE_BELOW = 112 };

struct fps_network {
    fps_network_shape shape;
    const fps_kernels *kernels;
    fps_layer_view layer[FPS_MAX_DEPTH + 1];
    real scale[FPS_MAX_DEPTH + 1];                          /* 1, or 1/sqrt(fan_in) */
    int64_t columns;                                        /* P of the training buffers; 0: forward only */
    real *activation[FPS_MAX_DEPTH], *slope[FPS_MAX_DEPTH]; /* [H_l, P]; views into `block` */
    real *work[2];    /* [max H, max(P, FPS_FORWARD_BLOCK)]: a layer and its neighbour */
    real *transposed; /* [P, max fan_in of the layers that use it] */
    real *half;       /* [P]: output of the second half of an antisymmetric network */
    real *zero;       /* [max H]: stands for an absent bias */
    real *unused;     /* [max H max(1, FPS_KERNEL_INPUTS)]: takes gradients that nobody asked for */
    real *block;      /* owns all of the above */
};

#define fps_network_layer_forward FPS_REAL_NAME(fps_network_layer_forward)
#define fps_network_output FPS_REAL_NAME(fps_network_output)
#define fps_network_gradient FPS_REAL_NAME(fps_network_gradient)

/* z[out, columns] <- scale_l W_l x, without bias; the rows of x[in, columns] are `stride` apart. The last hidden layer
 * of an antisymmetric network is computed in two halves by the same operations. */
void fps_network_layer_forward(const fps_network *network, int layer, const real *weights, const real *x,
                               int64_t stride, int64_t columns, real *z);

/* out[columns] <- scale v a + bias with the output layer's weights `v` (its view's offset already added). */
void fps_network_output(const fps_network *network, const real *v, real bias, const real *a, int64_t columns,
                        real *out);

/* fps_network_backward() that leaves gradient entries which are not trained as they are. */
void fps_network_gradient(fps_network *network, const real *weights, const real *input, int64_t columns,
                          const real *doutput, fps_trained trained, real *gradient);

/* Weights of a layer's bias within a block, or zeros. */
static inline const real *fps_network_bias(const fps_network *network, int layer, const real *weights) {
    const int64_t bias = network->layer[layer].bias;
    return bias >= 0 ? weights + bias : network->zero;
}

#endif
