#include <string.h>

#include "network_internal.h"

void fps_network_gradient(fps_network *network, const real *weights, const real *input, int64_t columns,
                          const real *doutput, fps_trained trained, real *gradient) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const fps_layer_view last = network->layer[depth];
    const real *top = depth > 0 ? network->activation[depth - 1] : input;
    const bool want_weights = trained == FPS_TRAIN_ALL;
#define BIAS_OF(l) (network->layer[l].bias >= 0 ? gradient + network->layer[l].bias : network->unused)

    if (last.bias >= 0)
        gradient[last.bias] = (real)kernels->sum(columns, doutput);
    if (depth == 0 || trained == FPS_TRAIN_OUTPUT) {
        if (trained != FPS_TRAIN_BIASES)
            kernels->output_gradient(last.in, columns, network->scale[depth], top, doutput, gradient + last.weights);
        return;
    }
    int current = 0; /* network->work[current] holds dz of layer l */
    kernels->output_backward(last.in, columns, network->scale[depth], weights + last.weights, top,
                             network->slope[depth - 1], doutput, network->work[current],
                             want_weights ? gradient + last.weights : network->unused, BIAS_OF(depth - 1));
    const bool fused_first = network->layer[0].in <= FPS_KERNEL_INPUTS;
    for (int l = depth - 1; l > 0; l--) {
        const fps_layer_view view = network->layer[l];
        const real *dz = network->work[current];
        real *below = network->work[1 - current];
        if (want_weights)
            fps_network_weight_gradient(network, view.out, view.in, columns, network->scale[l], dz,
                                        network->activation[l - 1], gradient + view.weights);
        fps_network_multiply_transposed(network, view.out, view.in, columns, network->scale[l], weights + view.weights,
                                        dz, below);
        current = 1 - current;
        if (l > 1 || !want_weights || !fused_first)
            kernels->hidden_backward(view.in, columns, network->slope[l - 1], below, BIAS_OF(l - 1));
    }
    if (!want_weights)
        return;
    const fps_layer_view first = network->layer[0];
    if (fused_first)
        kernels->first_backward(first.out, columns, first.in, network->scale[0], input,
                                depth > 1 ? network->slope[0] : NULL, network->work[current], gradient + first.weights,
                                BIAS_OF(0));
    else
        fps_network_weight_gradient(network, first.out, first.in, columns, network->scale[0], network->work[current],
                                    input, gradient + first.weights);
#undef BIAS_OF
}

void fps_network_backward(fps_network *network, const real *weights, const real *input, int64_t columns,
                          const real *doutput, fps_trained trained, real *gradient) {
    if (trained != FPS_TRAIN_ALL)
        memset(gradient, 0, (size_t)fps_network_weights(&network->shape) * sizeof *gradient);
    fps_network_gradient(network, weights, input, columns, doutput, trained, gradient);
}

void fps_network_tangent(fps_network *network, const real *weights, const real *tweights, const real *input,
                         int64_t columns, real *toutput) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const fps_layer_view last = network->layer[depth];
    const real *a = input, *ta = NULL; /* of the layer below, and its tangent (NULL: the input has none) */
    for (int l = 0; l < depth; l++) {
        const fps_layer_view view = network->layer[l];
        real *tz = network->work[l % 2];
        fps_network_layer_forward(network, l, tweights, a, columns, columns, tz);
        if (ta)
            fps_network_multiply(network, view.out, view.in, columns, network->scale[l], weights + view.weights, ta,
                                 columns, 1, tz);
        kernels->tangent(view.out, columns, fps_network_bias(network, l, tweights), network->slope[l], tz);
        a = network->activation[l];
        ta = tz;
    }
    const real scale = network->scale[depth];
    kernels->output(last.in, columns, scale, tweights + last.weights, *fps_network_bias(network, depth, tweights), a,
                    toutput);
    if (ta) {
        kernels->output(last.in, columns, scale, weights + last.weights, 0, ta, network->half);
        kernels->combine(columns, 0, network->half, toutput);
    }
}
