/* network.h (per precision): a fully connected network, its gradient and its tangent.
 *
 * Legend: D inputs, H_l width of hidden layer l, P samples padded to FPS_PADDED, W weights in all.
 * Values are feature-major: a layer's activations are [H_l, P] with the sample index contiguous; padding columns hold
 * copies of a valid sample. All weights lie in one aligned block: for each layer W_l[out, in] row-major, then b_l[out]
 * (absent where `bias` says so). The last layer is linear with one output. With parametrisation ntk each product W_l x
 * is scaled by 1/sqrt(fan_in).
 */
#ifndef FPSWEEP_NETWORK_H
#define FPSWEEP_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/activation.h"
#include "fpsweep/precision.h"
#include "fpsweep/pulse.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most hidden layers. */
#define FPS_MAX_DEPTH 64

/* What a network is; a plain value. */
typedef struct fps_network_shape {
    int32_t inputs;               /* D: dimension, or the number of features */
    int32_t depth;                /* hidden layers, 0 to FPS_MAX_DEPTH */
    int32_t width[FPS_MAX_DEPTH]; /* H_l */
    fps_activation activation;
    bool hidden_bias, output_bias;
    bool ntk;           /* scale W_l x by 1/sqrt(fan_in) */
    bool antisymmetric; /* the last hidden layer is two halves, evaluated by the same operations, so that opposite
                           output weights cancel exactly */
} fps_network_shape;

/* Where layer l (0 .. depth) lies in the block of weights. `bias` is -1 if it has none. */
typedef struct fps_layer_view {
    int64_t weights, bias; /* offsets */
    int32_t out, in;
} fps_layer_view;

/* Numbers in the block of weights; the view of layer l, 0 .. depth, of which the last is the output layer. */
int64_t fps_network_weights(const fps_network_shape *shape);
fps_layer_view fps_network_layer(const fps_network_shape *shape, int layer);

#define fps_network FPS_REAL_NAME(fps_network)
#define fps_network_create FPS_REAL_NAME(fps_network_create)
#define fps_network_destroy FPS_REAL_NAME(fps_network_destroy)
#define fps_network_set_pulse FPS_REAL_NAME(fps_network_set_pulse)
#define fps_network_forward FPS_REAL_NAME(fps_network_forward)
#define fps_network_forward_training FPS_REAL_NAME(fps_network_forward_training)
#define fps_network_backward FPS_REAL_NAME(fps_network_backward)
#define fps_network_tangent FPS_REAL_NAME(fps_network_tangent)
#define fps_network_forward_tangent FPS_REAL_NAME(fps_network_forward_tangent)

/* Workspace for a shape and up to `columns` padded samples. Opaque; owns activations, slopes and scratch. Uses the
 * kernel class in force at creation. `columns` 0 makes one for fps_network_forward() alone, small whatever it is given:
 * that function works in blocks and takes any number of columns. FPS_ERROR_MEMORY, or FPS_ERROR_NUMERIC for a shape
 * that cannot be (depth beyond FPS_MAX_DEPTH, an antisymmetric network whose last hidden layer has odd width). */
typedef struct fps_network fps_network;

/* Create and release a workspace. */
fps_status fps_network_create(const fps_network_shape *shape, int64_t columns, fps_network **out);
void fps_network_destroy(fps_network **network);

/* Have `pulse` (borrowed; NULL: none, as at creation) called after every product of a layer with a block of columns.
 * The functions below return FPS_STOPPED, with their outputs half done, if it says so; without a pulse always FPS_OK.
 */
void fps_network_set_pulse(fps_network *network, const fps_pulse *pulse);

/* Evaluate: output[P] from input[D, P]; `columns` = P, any multiple of FPS_PADDING. The same bits as
 * fps_network_forward_training(). */
fps_status fps_network_forward(fps_network *network, const real *weights, const real *input, int64_t columns,
                               real *output);

/* The same, keeping activations and slopes for fps_network_backward and fps_network_tangent. */
fps_status fps_network_forward_training(fps_network *network, const real *weights, const real *input, int64_t columns,
                                        real *output);

/* Which weights a gradient is wanted for (parameter `train`). */
typedef enum fps_trained { FPS_TRAIN_ALL, FPS_TRAIN_OUTPUT, FPS_TRAIN_BIASES, FPS_TRAIN_COUNT } fps_trained;

/* gradient[W] = sum over columns of doutput[P] dh/dw; padding columns of doutput must be 0. Entries that are not
 * trained are 0. Needs the preceding fps_network_forward_training with the same weights, input and columns. */
fps_status fps_network_backward(fps_network *network, const real *weights, const real *input, int64_t columns,
                                const real *doutput, fps_trained trained, real *gradient);

/* toutput[P] = sum over weights of dh/dw tweights[W], forward mode; needs the preceding fps_network_forward_training
 * with the same weights, input and columns, between which and this fps_network_backward may have been called. */
fps_status fps_network_tangent(fps_network *network, const real *weights, const real *tweights, const real *input,
                               int64_t columns, real *toutput);

/* Both output[P] of fps_network_forward() and that toutput[P] in one sweep, cheaper and with the same bits; what was
 * kept for fps_network_backward() is lost. */
fps_status fps_network_forward_tangent(fps_network *network, const real *weights, const real *tweights,
                                       const real *input, int64_t columns, real *output, real *toutput);

#ifdef __cplusplus
}
#endif
#endif
