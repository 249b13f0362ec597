#include "fpsweep/network.h"

#include <math.h>

#include "fpsweep/memory.h"
#include "network_internal.h"

/* Elements of `count` rounded up to whole cache lines, in either precision. */
static int64_t lines(int64_t count) {
    return FPS_PADDED(count);
}

static fps_status check(const fps_network_shape *shape, int64_t columns) {
    if (shape->inputs < 1 || shape->depth < 0 || shape->depth > FPS_MAX_DEPTH)
        return fps_fail(FPS_ERROR_NUMERIC,
                        "a network of %d inputs and depth %d cannot be built: needs at least 1 input "
                        "and depth 0 to %d",
                        shape->inputs, shape->depth, FPS_MAX_DEPTH);
    for (int l = 0; l < shape->depth; l++)
        if (shape->width[l] < 1)
            return fps_fail(FPS_ERROR_NUMERIC, "hidden layer %d has width %d: needs at least 1", l + 1,
                            shape->width[l]);
    if (shape->antisymmetric && (shape->depth < 1 || shape->width[shape->depth - 1] % 2 != 0))
        return fps_fail(FPS_ERROR_NUMERIC, "an antisymmetric network needs a last hidden layer of even width");
    if (columns < 0 || columns % FPS_PADDING != 0)
        return fps_fail(FPS_ERROR_NUMERIC, "%lld columns are not a multiple of %d", (long long)columns, FPS_PADDING);
    return FPS_OK;
}

/* Lay the buffers out from `base` (NULL: only count); return the elements used. */
static int64_t lay_out(fps_network *network, real *base) {
    const fps_network_shape *shape = &network->shape;
    const int64_t columns = network->columns;
    int64_t widest = 1, transposed = 0, used = 0;
    for (int l = 0; l < shape->depth; l++)
        widest = shape->width[l] > widest ? shape->width[l] : widest;
    for (int l = 0; l < shape->depth; l++) {
        const int64_t size = fps_network_transposed_size(network, network->layer[l].in);
        transposed = size > transposed ? size : transposed;
    }
#define TAKE(pointer, count) ((pointer) = base ? base + used : NULL, used += lines(count))
    for (int l = 0; l < shape->depth && columns > 0; l++) {
        TAKE(network->activation[l], shape->width[l] * columns);
        TAKE(network->slope[l], shape->width[l] * columns);
    }
    for (int i = 0; i < 2 && shape->depth > 0; i++)
        TAKE(network->work[i], widest * FPS_NETWORK_BLOCK);
    TAKE(network->transposed, transposed);
    TAKE(network->half, FPS_NETWORK_BLOCK);
    if (shape->depth > 0 && columns > FPS_NETWORK_BLOCK)
        TAKE(network->partial, fps_network_weights(shape));
    TAKE(network->zero, widest);
    TAKE(network->unused, widest);
#undef TAKE
    return used;
}

fps_status fps_network_create(const fps_network_shape *shape, int64_t columns, fps_network **out) {
    fps_status status = FPS_OK;
    fps_network *network = NULL;
    *out = NULL;
    FPS_TRY(check(shape, columns));
    FPS_TRY(FPS_ALLOC(network, 1));
    network->shape = *shape;
    network->kernels = fps_kernels_current();
    network->columns = columns;
    for (int l = 0; l <= shape->depth; l++) {
        network->layer[l] = fps_network_layer(shape, l);
        network->scale[l] = shape->ntk ? (real)(1 / sqrt((double)network->layer[l].in)) : 1;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(network->block, lay_out(network, NULL)), fail);
    lay_out(network, network->block);
    *out = network;
    return FPS_OK;
fail:
    fps_network_destroy(&network);
    return status;
}

void fps_network_destroy(fps_network **network) {
    if (!*network)
        return;
    fps_free((*network)->block);
    fps_free(*network);
    *network = NULL;
}

void fps_network_layer_forward(const fps_network *network, int layer, const real *weights, const real *x,
                               int64_t stride, int64_t columns, real *z) {
    const fps_layer_view view = network->layer[layer];
    const real *w = weights + view.weights;
    const int halves = network->shape.antisymmetric && layer == network->shape.depth - 1 ? 2 : 1;
    const int rows = view.out / halves;
    for (int h = 0; h < halves; h++, w += (int64_t)rows * view.in, z += rows * columns) {
        if (layer == 0 && view.in <= FPS_KERNEL_INPUTS)
            network->kernels->affine(rows, columns, view.in, network->scale[layer], w, x, stride, z);
        else
            fps_network_multiply(network, rows, view.in, columns, network->scale[layer], w, x, stride, 0, z);
    }
}

void fps_network_output(const fps_network *network, const real *v, real bias, const real *a, int64_t columns,
                        real *out) {
    const fps_kernels *kernels = network->kernels;
    const int64_t rows = network->layer[network->shape.depth].in;
    const real scale = network->scale[network->shape.depth];
    if (!network->shape.antisymmetric) {
        kernels->output(rows, columns, scale, v, bias, a, out);
        return;
    }
    kernels->output(rows / 2, columns, scale, v, 0, a, out);
    kernels->output(rows / 2, columns, scale, v + rows / 2, 0, a + rows / 2 * columns, network->half);
    kernels->combine(columns, bias, network->half, out);
}

void fps_network_set_pulse(fps_network *network, const fps_pulse *pulse) {
    network->pulse = pulse;
}

/* Take the block of columns from p on through all layers; with `keep`, activations and slopes stay for the way back. */
static fps_status forward_block(fps_network *network, const real *weights, const real *input, int64_t columns,
                                int64_t p, bool keep, real *output) {
    const fps_kernels *kernels = network->kernels;
    const int depth = network->shape.depth;
    const fps_activation activation = network->shape.activation;
    const int64_t count = fps_network_block(network, columns, p);
    const real *x = input + p;
    for (int l = 0; l < depth; l++) {
        const int64_t rows = network->layer[l].out;
        const real *bias = fps_network_bias(network, l, weights);
        real *a = keep ? network->activation[l] + rows * p : network->work[l % 2];
        fps_network_layer_forward(network, l, weights, x, l == 0 ? columns : count, count, a);
        if (keep)
            kernels->forward_slope[activation](rows, count, bias, a, network->slope[l] + rows * p);
        else
            kernels->forward[activation](rows, count, bias, a);
        if (fps_network_beat(network, rows, network->layer[l].in, count))
            return FPS_STOPPED;
        x = a;
    }
    fps_network_output(network, weights + network->layer[depth].weights, *fps_network_bias(network, depth, weights), x,
                       count, output + p);
    return fps_network_beat(network, 1, network->layer[depth].in, count) ? FPS_STOPPED : FPS_OK;
}

fps_status fps_network_forward(fps_network *network, const real *weights, const real *input, int64_t columns,
                               real *output) {
    for (int64_t p = 0; p < columns; p += fps_network_block(network, columns, p))
        FPS_TRY(forward_block(network, weights, input, columns, p, false, output));
    return FPS_OK;
}

fps_status fps_network_forward_training(fps_network *network, const real *weights, const real *input, int64_t columns,
                                        real *output) {
    for (int64_t p = 0; p < columns; p += fps_network_block(network, columns, p))
        FPS_TRY(forward_block(network, weights, input, columns, p, true, output));
    return FPS_OK;
}
