#include <string.h>

#include "network_internal.h"

/* Gradient of the block of columns from p on. Everything that it writes it overwrites. */
static fps_status gradient_block(fps_network *network, const real *weights, const real *input, int64_t columns,
                                 int64_t p, const real *doutput, fps_trained trained, real *gradient) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const int64_t count = fps_network_block(network, columns, p);
    const fps_layer_view first = network->layer[0], last = network->layer[depth];
    const bool want_weights = trained == FPS_TRAIN_ALL, fused_first = first.in <= FPS_KERNEL_INPUTS;
    const real *x = input + p, *dout = doutput + p;
    const real *top = depth > 0 ? network->activation[depth - 1] + last.in * p : x;
#define BIAS_OF(l) (network->layer[l].bias >= 0 ? gradient + network->layer[l].bias : network->unused)

    if (last.bias >= 0)
        gradient[last.bias] = (real)kernels->sum(count, dout);
    if (depth == 0 || trained == FPS_TRAIN_OUTPUT) {
        if (trained != FPS_TRAIN_BIASES)
            kernels->output_gradient(last.in, count, network->scale[depth], top, dout, gradient + last.weights);
        return fps_network_beat(network, 1, last.in, count) ? FPS_STOPPED : FPS_OK;
    }
    int current = 0; /* network->work[current] holds dz of layer l */
    kernels->output_backward(last.in, count, network->scale[depth], weights + last.weights, top,
                             network->slope[depth - 1] + last.in * p, dout, network->work[current],
                             want_weights ? gradient + last.weights : network->unused, BIAS_OF(depth - 1));
    for (int l = depth - 1; l > 0; l--) {
        const fps_layer_view view = network->layer[l];
        const real *dz = network->work[current];
        real *below = network->work[1 - current];
        if (want_weights)
            fps_network_weight_gradient(network, view.out, view.in, count, network->scale[l], dz,
                                        network->activation[l - 1] + view.in * p, count, gradient + view.weights);
        fps_network_multiply_transposed(network, view.out, view.in, count, network->scale[l], weights + view.weights,
                                        dz, below);
        if (fps_network_beat(network, view.out, view.in, want_weights ? 2 * count : count))
            return FPS_STOPPED;
        current = 1 - current;
        if (l > 1 || !want_weights || !fused_first)
            kernels->hidden_backward(view.in, count, network->slope[l - 1] + view.in * p, below, BIAS_OF(l - 1));
    }
    if (!want_weights)
        return FPS_OK;
    if (fused_first)
        kernels->first_backward(first.out, count, first.in, network->scale[0], x, columns,
                                depth > 1 ? network->slope[0] + first.out * p : NULL, network->work[current],
                                gradient + first.weights, BIAS_OF(0));
    else
        fps_network_weight_gradient(network, first.out, first.in, count, network->scale[0], network->work[current], x,
                                    columns, gradient + first.weights);
    return fps_network_beat(network, first.out, first.in, count) ? FPS_STOPPED : FPS_OK;
#undef BIAS_OF
}

fps_status fps_network_gradient(fps_network *network, const real *weights, const real *input, int64_t columns,
                                const real *doutput, fps_trained trained, real *gradient) {
    FPS_TRY(gradient_block(network, weights, input, columns, 0, doutput, trained, gradient));
    for (int64_t p = fps_network_block(network, columns, 0); p < columns; p += fps_network_block(network, columns, p)) {
        FPS_TRY(gradient_block(network, weights, input, columns, p, doutput, trained, network->partial));
        network->kernels->add(fps_network_weights(&network->shape), network->partial, gradient);
    }
    return FPS_OK;
}

fps_status fps_network_backward(fps_network *network, const real *weights, const real *input, int64_t columns,
                                const real *doutput, fps_trained trained, real *gradient) {
    const size_t bytes = (size_t)fps_network_weights(&network->shape) * sizeof *gradient;
    if (trained != FPS_TRAIN_ALL) {
        memset(gradient, 0, bytes);
        if (network->partial)
            memset(network->partial, 0, bytes);
    }
    return fps_network_gradient(network, weights, input, columns, doutput, trained, gradient);
}
