/* network_sensitivity.c: gradient and tangents by the sensitivities of the output to the pre-activations.
 *
 * With z_l = W_l a_{l-1} + b_l and a_l = f(z_l), column by column: s_l = dh/dz_l = f'(z_l) (W_{l+1}^T s_{l+1}), the
 * chain rule from the output back. They hold both derivatives:
 *
 *     the gradient of sum_p dout_p h_p    dW_l = (dout s_l) a_{l-1}^T, db_l = sum_p dout_p s_l
 *     the tangent along (tW, tb)          dh = sum_l s_l . (tW_l a_{l-1} + tb_l)
 *
 * so that a tangent which follows a gradient takes one product of each layer, not the two of forward mode. The numbers
 * are those of fps_network_backward() and fps_network_tangent() but for rounding; nothing is divided by dout, which may
 * be 0.
 */
#include "network_internal.h"

/* One block of columns. The layer above leaves W^T s in the buffer that dz is written to. */
static fps_status backward_block(fps_network *network, const real *weights, const real *input, int64_t columns,
                                 int64_t p, const real *doutput, real *gradient) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const int64_t count = fps_network_block(network, columns, p);
    const fps_layer_view last = network->layer[depth];
    const real *dout = doutput + p;
    if (last.bias >= 0)
        gradient[last.bias] = (real)kernels->sum(count, dout);
    kernels->output_gradient(last.in, count, network->scale[depth], network->activation[depth - 1] + last.in * p, dout,
                             gradient + last.weights);
    for (int l = depth - 1; l >= 0; l--) {
        const fps_layer_view view = network->layer[l];
        real *s = network->slope[l] + view.out * p, *dz = network->work[l % 2];
        real *db = view.bias >= 0 ? gradient + view.bias : network->unused;
        const real *v = l == depth - 1 ? weights + last.weights : NULL;
        kernels->sensitivity(view.out, count, network->scale[depth], v, dout, s, dz, db);
        if (l == 0 && view.in <= FPS_KERNEL_INPUTS)
            kernels->first_backward(view.out, count, view.in, network->scale[0], input + p, columns, NULL, dz,
                                    gradient + view.weights, db);
        else
            fps_network_weight_gradient(network, view.out, view.in, count, network->scale[l], dz,
                                        l > 0 ? network->activation[l - 1] + view.in * p : input + p,
                                        l > 0 ? count : columns, gradient + view.weights);
        if (l > 0)
            fps_network_multiply_transposed(network, view.out, view.in, count, network->scale[l],
                                            weights + view.weights, s, network->work[(l - 1) % 2]);
        if (fps_network_beat(network, view.out, view.in, l > 0 ? 2 * count : count))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

fps_status fps_network_backward_sensitivity(fps_network *network, const real *weights, const real *input,
                                            int64_t columns, const real *doutput, real *gradient) {
    FPS_TRY(backward_block(network, weights, input, columns, 0, doutput, gradient));
    for (int64_t p = fps_network_block(network, columns, 0); p < columns; p += fps_network_block(network, columns, p)) {
        FPS_TRY(backward_block(network, weights, input, columns, p, doutput, network->partial));
        network->kernels->add(fps_network_weights(&network->shape), network->partial, gradient);
    }
    return FPS_OK;
}

static fps_status tangent_block(fps_network *network, const real *tweights, const real *input, int64_t columns,
                                int64_t p, real *toutput) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const int64_t count = fps_network_block(network, columns, p);
    const fps_layer_view last = network->layer[depth];
    kernels->output(last.in, count, network->scale[depth], tweights + last.weights,
                    *fps_network_bias(network, depth, tweights), network->activation[depth - 1] + last.in * p,
                    toutput + p);
    for (int l = 0; l < depth; l++) {
        const fps_layer_view view = network->layer[l];
        const real *a = l > 0 ? network->activation[l - 1] + view.in * p : input + p;
        real *tz = network->work[0];
        fps_network_layer_forward(network, l, tweights, a, l > 0 ? count : columns, count, tz);
        kernels->contract(view.out, count, fps_network_bias(network, l, tweights), network->slope[l] + view.out * p, tz,
                          toutput + p);
        if (fps_network_beat(network, view.out, view.in, count))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

fps_status fps_network_tangent_sensitivity(fps_network *network, const real *tweights, const real *input,
                                           int64_t columns, real *toutput) {
    for (int64_t p = 0; p < columns; p += fps_network_block(network, columns, p))
        FPS_TRY(tangent_block(network, tweights, input, columns, p, toutput));
    return FPS_OK;
}
