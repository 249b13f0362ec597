#include "optimizer.h"

#include <math.h>

/* 1 - beta^t. Where beta^t <= exp(-t (1 - beta)) is below half an ulp of 1 the answer is 1 exactly, and pow(), slow on
 * its way to underflow, need not be asked. */
static double bias_correction(double beta, double t) {
    return t * (1 - beta) > 45 ? 1 : 1 - pow(beta, t);
}

void fps_optimizer_prepare(const fps_stepper_spec *spec, int64_t t, fps_optimizer_constants *out) {
    double rate = spec->learning_rate, correction = 1;
    if (spec->optimizer == FPS_OPTIMIZER_ADAM) {
        rate /= bias_correction(spec->beta1, (double)t);
        correction = 1 / sqrt(bias_correction(spec->beta2, (double)t));
    }
    *out = (fps_optimizer_constants){
        .rate = (real)rate,
        .momentum = (real)spec->momentum,
        .beta1 = (real)spec->beta1,
        .beta2 = (real)spec->beta2,
        .one_minus_beta1 = (real)(1 - spec->beta1),
        .one_minus_beta2 = (real)(1 - spec->beta2),
        .correction = (real)correction,
        .epsilon = (real)spec->epsilon,
    };
}
