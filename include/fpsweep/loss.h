/* loss.h: the losses, as data and as scalar reference functions. L = sum_i w_i l(r_i), r = h(x_i) - y_i, sum w_i = 1
 * (w_i = 1/n unless the sampling is `population`). Definitions as in PyTorch: mse has no factor 1/2. */
#ifndef FPSWEEP_LOSS_H
#define FPSWEEP_LOSS_H

#include "fpsweep/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(NAME, name, arguments, sentence) */
#define FPS_LOSS_LIST(X)                                                                                               \
    X(MSE, mse, 0, "l(r) = r^2")                                                                                       \
    X(MAE, mae, 0, "l(r) = |r|")                                                                                       \
    X(LP, lp, 1, "l(r) = |r|^p, p >= 1")                                                                               \
    X(HUBER, huber, 1, "l(r) = r^2 / 2 where |r| <= d, else d (|r| - d/2)")                                            \
    X(LOGCOSH, logcosh, 0, "l(r) = log cosh r")                                                                        \
    X(SOBOLEV, sobolev, 1,                                                                                             \
      "L = sum_k <xi_k>^(2s) |R_k|^2, R = discrete Fourier transform of the residuals on the samples, normalised so "  \
      "that s = 0 is mse; sampling midpoint or population, full batch")

/* Codes of the losses. */
typedef enum fps_loss {
#define X(NAME, name, arguments, sentence) FPS_LOSS_##NAME,
    FPS_LOSS_LIST(X)
#undef X
        FPS_LOSS_COUNT
} fps_loss;

#ifdef __cplusplus
}
#endif
#endif
