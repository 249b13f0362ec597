/* activation.h: the activations, as data. The functions themselves are kernels (src/numeric/kernels/). */
#ifndef FPSWEEP_ACTIVATION_H
#define FPSWEEP_ACTIVATION_H

#include <stdbool.h>

#include "fpsweep/choice.h"
#include "fpsweep/extension.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, name, odd, kink, sentence): odd = f(-x) = -f(x); kink = order of the first discontinuous derivative at 0
 * (1 for relu, s for relu^s, 0 where smooth). Definitions as in PyTorch. The order is part of the numerics version. */
#define FPS_ACTIVATION_LIST(X)                                                                                         \
    X(IDENTITY, identity, true, 0, "x")                                                                                \
    X(RELU, relu, false, 1, "max(0, x)")                                                                               \
    X(RELU2, relu2, false, 2, "max(0, x)^2")                                                                           \
    X(RELU3, relu3, false, 3, "max(0, x)^3")                                                                           \
    X(LEAKY_RELU, leaky_relu, false, 1, "x if x > 0, else 0.01 x")                                                     \
    X(ELU, elu, false, 2, "x if x > 0, else exp(x) - 1")                                                               \
    X(SOFTPLUS, softplus, false, 0, "log(1 + exp(x))")                                                                 \
    X(SILU, silu, false, 0, "x / (1 + exp(-x))")                                                                       \
    X(GELU, gelu, false, 0, "x (1 + erf(x / sqrt 2)) / 2, the exact form")                                             \
    X(TANH, tanh, true, 0, "tanh x")                                                                                   \
    X(SIGMOID, sigmoid, false, 0, "1 / (1 + exp(-x))")                                                                 \
    X(SIN, sin, true, 0, "sin x")                                                                                      \
    X(GAUSSIAN, gaussian, false, 0, "exp(-x^2 / 2)")                                                                   \
    X(SOFTSIGN, softsign, true, 2, "x / (1 + |x|)")

/* Codes of the built-in activations. */
typedef enum fps_activation {
#define X(NAME, name, odd, kink, sentence) FPS_ACTIVATION_##NAME,
    FPS_ACTIVATION_LIST(X)
#undef X
        FPS_ACTIVATION_COUNT
} fps_activation;

/* Codes are below this: those that are registered (extension.h) follow the built-in ones. */
#define FPS_ACTIVATION_LIMIT (FPS_ACTIVATION_COUNT + FPS_EXTENSION_LIMIT)

/* How many activations there are, built-in and registered ones. */
int fps_activation_count(void);

/* Is f(-x) = -f(x)? */
bool fps_activation_is_odd(fps_activation activation);

/* Order of the first discontinuous derivative; 0 for smooth functions. */
int fps_activation_kink(fps_activation activation);

/* Append a name to the table (strings are borrowed for ever); fps_register_activation() does so. */
void fps_activation_append(const char *name, const char *sentence);

#ifdef __cplusplus
}
#endif
#endif
