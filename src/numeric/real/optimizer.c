#include "optimizer.h"

#include <math.h>

void fps_optimizer_prepare(const fps_stepper_spec *spec, int64_t t, fps_optimizer_constants *out) {
    double rate = spec->learning_rate, correction = 1;
    if (spec->optimizer == FPS_OPTIMIZER_ADAM) {
        rate /= 1 - pow(spec->beta1, (double)t);
        correction = 1 / sqrt(1 - pow(spec->beta2, (double)t));
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
