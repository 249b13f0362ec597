/* optimizer.h: the optimizers, as data. Definitions as in PyTorch, without weight decay.
 *   gd        w <- w - eta g
 *   momentum  v <- mu v + g,  w <- w - eta v                                   (v starts at 0)
 *   nesterov  v <- mu v + g,  w <- w - eta (g + mu v)
 *   adam      m <- b1 m + (1-b1) g, v <- b2 v + (1-b2) g^2, w <- w - eta / (1-b1^t) m / (sqrt(v / (1-b2^t)) + eps)
 *   rmsprop   v <- b2 v + (1-b2) g^2, w <- w - eta g / (sqrt(v) + eps)         (b2 is the smoothing constant, 0.99)
 *   flow      dw/dt = -g, solved to a tolerance; one step of the others is eta units of t     (src/numeric/flow.h)
 */
#ifndef FPSWEEP_OPTIMIZER_H
#define FPSWEEP_OPTIMIZER_H

#include "fpsweep/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Those that make one update per step. X(NAME, name, states, sentence): states = vectors of the shape of the weights
 * that it keeps. */
#define FPS_OPTIMIZER_UPDATE_LIST(X)                                                                                   \
    X(GD, gd, 0, "gradient descent: theta <- theta - learning_rate * gradient")                                        \
    X(MOMENTUM, momentum, 1, "gradient descent with heavy-ball momentum")                                              \
    X(NESTEROV, nesterov, 1, "gradient descent with Nesterov momentum")                                                \
    X(ADAM, adam, 2, "adam with bias correction")                                                                      \
    X(RMSPROP, rmsprop, 1, "rmsprop, not centred; beta2 is its smoothing constant")

/* All. */
#define FPS_OPTIMIZER_LIST(X)                                                                                          \
    FPS_OPTIMIZER_UPDATE_LIST(X)                                                                                       \
    X(FLOW, flow, 0, "gradient flow, solved to flow_tolerance; a step is learning_rate units of time")

/* Codes of the optimizers. */
typedef enum fps_optimizer {
#define X(NAME, name, states, sentence) FPS_OPTIMIZER_##NAME,
    FPS_OPTIMIZER_LIST(X)
#undef X
        FPS_OPTIMIZER_COUNT,
    FPS_OPTIMIZER_UPDATES = FPS_OPTIMIZER_FLOW /* those before it make one update per step */
} fps_optimizer;

/* How many state vectors of the shape of the weights an optimizer keeps. */
int fps_optimizer_states(fps_optimizer optimizer);

#ifdef __cplusplus
}
#endif
#endif
