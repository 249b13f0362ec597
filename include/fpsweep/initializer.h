/* initializer.h: initial weights and biases; double precision, rounded by the caller. */
#ifndef FPSWEEP_INITIALIZER_H
#define FPSWEEP_INITIALIZER_H

#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/network.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, name, arguments, sentence) */
#define FPS_INITIALIZER_LIST(X)                                                                                        \
    X(GLOROT, glorot, 0, "uniform within sqrt(6 / (fan_in + fan_out))")                                                \
    X(HE, he, 0, "normal, standard deviation sqrt(2 / fan_in)")                                                        \
    X(LECUN, lecun, 0, "normal, standard deviation sqrt(1 / fan_in)")                                                  \
    X(NORMAL, normal, 1, "normal, standard deviation s")                                                               \
    X(UNIFORM, uniform, 1, "uniform within a")                                                                         \
    X(NTK, ntk, 0, "standard normal weights, and every layer's product W x is scaled by 1/sqrt(fan_in)")               \
    X(ZERO, zero, 0, "all weights 0")                                                                                  \
    X(SIGN, sign, 1, "s or -s with equal probability")

/* Codes of the initializers of weights. */
typedef enum fps_initializer {
#define X(NAME, name, arguments, sentence) FPS_INITIALIZER_##NAME,
    FPS_INITIALIZER_LIST(X)
#undef X
        FPS_INITIALIZER_COUNT
} fps_initializer;

/* The same for biases. */
#define FPS_BIAS_INITIALIZER_LIST(X)                                                                                   \
    X(PYTORCH, pytorch, 0, "uniform within 1 / sqrt(fan_in)")                                                          \
    X(ZERO, zero, 0, "all biases 0")                                                                                   \
    X(NORMAL, normal, 1, "normal, standard deviation s")                                                               \
    X(UNIFORM, uniform, 1, "uniform within a")                                                                         \
    X(STRATIFIED, stratified, 1, "quantiles (i + 1/2) / width of uniform within a, in random order")

/* Codes of the initializers of biases. */
typedef enum fps_bias_initializer {
#define X(NAME, name, arguments, sentence) FPS_BIAS_INITIALIZER_##NAME,
    FPS_BIAS_INITIALIZER_LIST(X)
#undef X
        FPS_BIAS_INITIALIZER_COUNT
} fps_bias_initializer;

/* Fill weights[W] of a network of this shape. Random numbers: FPS_PURPOSE_WEIGHTS and FPS_PURPOSE_BIASES of each layer.
 * With shape->antisymmetric the second half of the last hidden layer repeats the first half's incoming weights and
 * biases (stratified ones are spread over the first half), the output weights change sign and the output bias is 0;
 * FPS_ERROR_NUMERIC if there is no hidden layer or the last one's width is odd. `pulse` (NULL: none) is called within;
 * FPS_STOPPED if it says so. */
fps_status fps_initializer_fill(const fps_network_shape *shape, const fps_choice *initializer,
                                const fps_choice *bias_initializer, uint64_t seed, const fps_pulse *pulse,
                                double *weights);

#ifdef __cplusplus
}
#endif
#endif
