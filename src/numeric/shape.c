#include "fpsweep/network.h"

int64_t fps_network_weights(const fps_network_shape *shape) {
    const fps_layer_view last = fps_network_layer(shape, shape->depth);
    return last.bias >= 0 ? last.bias + last.out : last.weights + (int64_t)last.out * last.in;
}

fps_layer_view fps_network_layer(const fps_network_shape *shape, int layer) {
    fps_layer_view view = {0};
    int64_t offset = 0;
    for (int l = 0; l <= layer; l++) {
        const bool is_output = l == shape->depth;
        const bool has_bias = is_output ? shape->output_bias : shape->hidden_bias;
        view.in = l == 0 ? shape->inputs : shape->width[l - 1];
        view.out = is_output ? 1 : shape->width[l];
        view.weights = offset;
        offset += (int64_t)view.out * view.in;
        view.bias = has_bias ? offset : -1;
        offset += has_bias ? view.out : 0;
    }
    return view;
}
