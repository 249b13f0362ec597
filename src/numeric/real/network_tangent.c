/* network_tangent.c: forward mode, the tangent of the outputs along a direction of the weights. With z_l = W_l a_{l-1}
 * + b_l and a_l = f(z_l): da_l = f'(z_l) (dW_l a_{l-1} + W_l da_{l-1} + db_l), the product rule. */
#include "network_internal.h"

/* What one layer does to the columns of a block, before its slope: t <- dW_l a + W_l ta; ta NULL: the input has none.
 */
static void tangent_layer(const fps_network *network, int l, const real *weights, const real *tweights, const real *a,
                          int64_t stride, const real *ta, int64_t count, real *t) {
    const fps_layer_view view = network->layer[l];
    fps_network_layer_forward(network, l, tweights, a, stride, count, t);
    if (ta)
        fps_network_multiply(network, view.out, view.in, count, network->scale[l], weights + view.weights, ta, count, 1,
                             t);
}

/* The output of a block from the last hidden layer `a` and its tangent. */
static void tangent_output(const fps_network *network, const real *weights, const real *tweights, const real *a,
                           const real *ta, int64_t count, real *toutput) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const fps_layer_view last = network->layer[depth];
    const real scale = network->scale[depth];
    kernels->output(last.in, count, scale, tweights + last.weights, *fps_network_bias(network, depth, tweights), a,
                    toutput);
    if (ta) {
        kernels->output(last.in, count, scale, weights + last.weights, 0, ta, network->half);
        kernels->combine(count, 0, network->half, toutput);
    }
}

/* From the activations and slopes that fps_network_forward_training() keeps. */
static fps_status tangent_block(fps_network *network, const real *weights, const real *tweights, const real *input,
                                int64_t columns, int64_t p, real *toutput) {
    const int64_t count = fps_network_block(network, columns, p);
    const real *a = input + p, *ta = NULL;
    for (int l = 0; l < network->shape.depth; l++) {
        const fps_layer_view view = network->layer[l];
        real *t = network->work[l % 2];
        tangent_layer(network, l, weights, tweights, a, l == 0 ? columns : count, ta, count, t);
        network->kernels->tangent(view.out, count, fps_network_bias(network, l, tweights),
                                  network->slope[l] + view.out * p, t);
        if (fps_network_beat(network, view.out, view.in, ta ? 2 * count : count))
            return FPS_STOPPED;
        a = network->activation[l] + view.out * p;
        ta = t;
    }
    tangent_output(network, weights, tweights, a, ta, count, toutput + p);
    return fps_network_beat(network, 1, network->layer[network->shape.depth].in, count) ? FPS_STOPPED : FPS_OK;
}

fps_status fps_network_tangent(fps_network *network, const real *weights, const real *tweights, const real *input,
                               int64_t columns, real *toutput) {
    for (int64_t p = 0; p < columns; p += fps_network_block(network, columns, p))
        FPS_TRY(tangent_block(network, weights, tweights, input, columns, p, toutput));
    return FPS_OK;
}

/* Value and tangent, layer by layer. The activations lie where training keeps those of the first columns. */
static fps_status both_block(fps_network *network, const real *weights, const real *tweights, const real *input,
                             int64_t columns, int64_t p, real *output, real *toutput) {
    const int depth = network->shape.depth;
    const int64_t count = fps_network_block(network, columns, p);
    const real *x = input + p, *ta = NULL;
    for (int l = 0; l < depth; l++) {
        const fps_layer_view view = network->layer[l];
        real *t = network->work[l % 2], *a = network->activation[l];
        tangent_layer(network, l, weights, tweights, x, l == 0 ? columns : count, ta, count, t);
        fps_network_layer_forward(network, l, weights, x, l == 0 ? columns : count, count, a);
        fps_network_activate_tangent(network, view.out, count, fps_network_bias(network, l, weights),
                                     fps_network_bias(network, l, tweights), a, t);
        if (fps_network_beat(network, view.out, view.in, ta ? 3 * count : 2 * count))
            return FPS_STOPPED;
        x = a;
        ta = t;
    }
    fps_network_output(network, weights + network->layer[depth].weights, *fps_network_bias(network, depth, weights), x,
                       count, output + p);
    tangent_output(network, weights, tweights, x, ta, count, toutput + p);
    return fps_network_beat(network, 1, network->layer[depth].in, 2 * count) ? FPS_STOPPED : FPS_OK;
}

fps_status fps_network_forward_tangent(fps_network *network, const real *weights, const real *tweights,
                                       const real *input, int64_t columns, real *output, real *toutput) {
    for (int64_t p = 0; p < columns; p += fps_network_block(network, columns, p))
        FPS_TRY(both_block(network, weights, tweights, input, columns, p, output, toutput));
    return FPS_OK;
}
