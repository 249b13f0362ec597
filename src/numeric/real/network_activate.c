/* network_activate.c: a layer's activation: a kernel, or a function that was registered. */
#include "network_internal.h"
#include "numeric/extension.h"

#if FPS_PRECISION == 32
#define EVALUATE evaluate_single
#else
#define EVALUATE evaluate_double
#endif

/* Row by row: the function finds its arguments in a block of their own, so that it may be written without care. */
static void apply_extension(const fps_activation_extension *f, int64_t rows, int64_t columns, const real *bias, real *a,
                            real *slope) {
    _Alignas(64) real z[FPS_NETWORK_BLOCK];
    for (int64_t j = 0; j < rows; j++, a += columns) {
        const real shift = bias[j];
        for (int64_t p = 0; p < columns; p++)
            z[p] = a[p] + shift;
        f->EVALUATE(f->context, columns, z, a, slope);
        if (slope)
            slope += columns;
    }
}

void fps_network_activate(const fps_network *network, int64_t rows, int64_t columns, const real *bias, real *a,
                          real *slope) {
    const fps_activation activation = network->shape.activation;
    if ((int)activation >= FPS_ACTIVATION_COUNT)
        apply_extension(fps_extension_activation(activation), rows, columns, bias, a, slope);
    else if (slope)
        network->kernels->forward_slope[activation](rows, columns, bias, a, slope);
    else
        network->kernels->forward[activation](rows, columns, bias, a);
}

void fps_network_activate_tangent(const fps_network *network, int64_t rows, int64_t columns, const real *bias,
                                  const real *tbias, real *a, real *t) {
    const fps_activation activation = network->shape.activation;
    _Alignas(64) real slope[FPS_NETWORK_BLOCK];
    if ((int)activation < FPS_ACTIVATION_COUNT) {
        network->kernels->forward_tangent[activation](rows, columns, bias, tbias, a, t);
        return;
    }
    for (int64_t j = 0; j < rows; j++) {
        apply_extension(fps_extension_activation(activation), 1, columns, bias + j, a + j * columns, slope);
        network->kernels->tangent(1, columns, tbias + j, slope, t + j * columns);
    }
}
