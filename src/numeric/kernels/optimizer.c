/* One update of all weights: a single loop over the block (formulas: include/fpsweep/optimizer.h). */
#include "kernel.h"
#include "vector_math.h"

void FPS_KERNEL(fps_update_gd)(int64_t count, const fps_optimizer_constants *constants, const real *restrict g,
                               real *restrict w, real *restrict state0, real *restrict state1) {
    const real rate = constants->rate;
    (void)state0, (void)state1;
    for (int64_t i = 0; i < count; i++)
        w[i] -= rate * g[i];
}

void FPS_KERNEL(fps_update_momentum)(int64_t count, const fps_optimizer_constants *constants, const real *restrict g,
                                     real *restrict w, real *restrict state0, real *restrict state1) {
    const real rate = constants->rate, momentum = constants->momentum;
    (void)state1;
    for (int64_t i = 0; i < count; i++) {
        real v = momentum * state0[i] + g[i];
        state0[i] = v;
        w[i] -= rate * v;
    }
}

void FPS_KERNEL(fps_update_nesterov)(int64_t count, const fps_optimizer_constants *constants, const real *restrict g,
                                     real *restrict w, real *restrict state0, real *restrict state1) {
    const real rate = constants->rate, momentum = constants->momentum;
    (void)state1;
    for (int64_t i = 0; i < count; i++) {
        real v = momentum * state0[i] + g[i];
        state0[i] = v;
        w[i] -= rate * (g[i] + momentum * v);
    }
}

void FPS_KERNEL(fps_update_adam)(int64_t count, const fps_optimizer_constants *constants, const real *restrict g,
                                 real *restrict w, real *restrict state0, real *restrict state1) {
    const fps_optimizer_constants c = *constants;
    for (int64_t i = 0; i < count; i++) {
        real m = c.beta1 * state0[i] + c.one_minus_beta1 * g[i];
        real v = c.beta2 * state1[i] + c.one_minus_beta2 * (g[i] * g[i]);
        state0[i] = m;
        state1[i] = v;
        w[i] -= c.rate * m / (real_sqrt(v) * c.correction + c.epsilon);
    }
}

void FPS_KERNEL(fps_update_rmsprop)(int64_t count, const fps_optimizer_constants *constants, const real *restrict g,
                                    real *restrict w, real *restrict state0, real *restrict state1) {
    const fps_optimizer_constants c = *constants;
    (void)state1;
    for (int64_t i = 0; i < count; i++) {
        real v = c.beta2 * state0[i] + c.one_minus_beta2 * (g[i] * g[i]);
        state0[i] = v;
        w[i] -= c.rate * g[i] / (real_sqrt(v) + c.epsilon);
    }
}
