/* test_network.h: plain references for the tests of kernels, networks and steppers: scalar loops, long double. */
#ifndef FPSWEEP_TEST_NETWORK_H
#define FPSWEEP_TEST_NETWORK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/activation.h"
#include "fpsweep/choice.h"
#include "fpsweep/loss.h"
#include "fpsweep/network.h"
#include "fpsweep/random.h"

#define UNUSED __attribute__((unused))

/* A stream of numbers: element `index` of stream `stream`, uniform in (-1, 1). */
static UNUSED double test_random(uint32_t stream, uint64_t index) {
    return 2 * fps_random_uniform(20240607, FPS_PURPOSE_DATA, stream, index) - 1;
}

/* f(z) and f'(z). */
static UNUSED long double test_activation(fps_activation activation, long double z, long double *slope) {
    const long double sigmoid = 1 / (1 + expl(-z)), normal = expl(-z * z / 2) / sqrtl(2 * acosl(-1)), m = z > 0 ? z : 0;
    switch (activation) {
    case FPS_ACTIVATION_IDENTITY:
        return *slope = 1, z;
    case FPS_ACTIVATION_RELU:
        return *slope = z > 0, m;
    case FPS_ACTIVATION_RELU2:
        return *slope = 2 * m, m * m;
    case FPS_ACTIVATION_RELU3:
        return *slope = 3 * m * m, m * m * m;
    case FPS_ACTIVATION_LEAKY_RELU:
        return *slope = z > 0 ? 1 : 0.01L, z > 0 ? z : 0.01L * z;
    case FPS_ACTIVATION_ELU:
        return *slope = z > 0 ? 1 : expl(z), z > 0 ? z : expm1l(z);
    case FPS_ACTIVATION_SOFTPLUS:
        return *slope = sigmoid, m + log1pl(expl(-fabsl(z)));
    case FPS_ACTIVATION_SILU:
        return *slope = sigmoid + z * sigmoid / (1 + expl(z)), z * sigmoid;
    case FPS_ACTIVATION_GELU:
        return *slope = erfcl(-z / sqrtl(2)) / 2 + z * normal, z * erfcl(-z / sqrtl(2)) / 2;
    case FPS_ACTIVATION_TANH:
        return *slope = 1 / (coshl(z) * coshl(z)), tanhl(z);
    case FPS_ACTIVATION_SIGMOID:
        return *slope = sigmoid / (1 + expl(z)), sigmoid;
    case FPS_ACTIVATION_SIN:
        return *slope = cosl(z), sinl(z);
    case FPS_ACTIVATION_GAUSSIAN:
        return *slope = -z * expl(-z * z / 2), expl(-z * z / 2);
    case FPS_ACTIVATION_SOFTSIGN:
        return *slope = 1 / ((1 + fabsl(z)) * (1 + fabsl(z))), z / (1 + fabsl(z));
    default:
        fail_msg("activation %d has no reference", (int)activation);
        return *slope = 0, 0;
    }
}

/* l(r) and l'(r); not sobolev. */
static UNUSED long double test_loss(const fps_choice *loss, long double r, long double *slope) {
    const long double p = loss->argument[0], size = fabsl(r), sign = (r > 0) - (r < 0);
    switch (loss->code) {
    case FPS_LOSS_MSE:
        return *slope = 2 * r, r * r;
    case FPS_LOSS_MAE:
        return *slope = sign, size;
    case FPS_LOSS_LP:
        return *slope = p * powl(size, p - 1) * sign, powl(size, p);
    case FPS_LOSS_HUBER:
        return *slope = size <= p ? r : p * sign, size <= p ? r * r / 2 : p * (size - p / 2);
    case FPS_LOSS_LOGCOSH:
        return *slope = tanhl(r), size < 1 ? log1pl(sinhl(r) * sinhl(r)) / 2 : size - logl(2) + log1pl(expl(-2 * size));
    default:
        fail_msg("loss %d has no reference", (int)loss->code);
        return *slope = 0, 0;
    }
}

/* Evaluate a network at one point x[D] with plain loops. If `kinks` is not NULL, append the pre-activations of all
 * hidden layers to it (sum of the widths) . */
static UNUSED double test_forward(const fps_network_shape *shape, const double *weights, const double *x,
                                  double *kinks) {
    static double value[2][4096];
    memcpy(value[0], x, (size_t)shape->inputs * sizeof *x);
    for (int l = 0; l <= shape->depth; l++) {
        const fps_layer_view view = fps_network_layer(shape, l);
        const double *in = value[l % 2], scale = shape->ntk ? 1 / sqrt(view.in) : 1;
        double *out = value[1 - l % 2];
        for (int j = 0; j < view.out; j++) {
            double z = 0;
            for (int i = 0; i < view.in; i++)
                z += weights[view.weights + (int64_t)j * view.in + i] * in[i];
            z = scale * z + (view.bias >= 0 ? weights[view.bias + j] : 0);
            long double slope;
            out[j] = l < shape->depth ? (double)test_activation(shape->activation, z, &slope) : z;
            if (kinks && l < shape->depth)
                *kinks++ = z;
        }
    }
    return value[1 - shape->depth % 2][0];
}

#endif
