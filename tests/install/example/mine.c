/* mine.c: a plug-in with an activation and a target of its own, for fpsweep run --plugin mine.so.
 *
 *   cc -O2 -shared -fPIC $(pkg-config --cflags fpsweep) mine.c -o mine.so -lm
 */
#include <fpsweep/extension.h>
#include <math.h>

/* mish: f(z) = z t with t = tanh(log(1 + exp z)) = (s^2 - 1) / (s^2 + 1), s = 1 + exp z, and f' = t + z (1 - t^2)
 * sigma(z). With e = exp(-|z|) nothing overflows: for z > 0 numerator and denominator are multiplied by e^2. */
#define MISH(name, real, EXP)                                                                                          \
    static void name(void *context, int64_t count, const real *z, real *a, real *slope) {                              \
        (void)context;                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            real e = EXP(z[i] < 0 ? z[i] : -z[i]), square = (1 + e) * (1 + e), one = z[i] < 0 ? 1 : e * e;             \
            real t = (square - one) / (square + one), sigma = (z[i] < 0 ? e : 1) / (1 + e);                            \
            a[i] = z[i] * t;                                                                                           \
            if (slope)                                                                                                 \
                slope[i] = t + z[i] * (1 - t * t) * sigma;                                                             \
        }                                                                                                              \
    }
MISH(mish_single, float, expf)
MISH(mish_double, double, exp)

/* A smooth bump: exp(-8 |x|^2), in any number of dimensions. */
static double bump(void *context, int dimension, const double *x) {
    (void)context;
    double square = 0;
    for (int d = 0; d < dimension; d++)
        square += x[d] * x[d];
    return exp(-8 * square);
}

FPSWEEP_PLUGIN("mine", "1.0");

fps_status fpsweep_plugin(const fps_registry *registry) {
    const fps_activation_extension mish = {.name = "mish",
                                           .sentence = "x tanh(log(1 + exp x))",
                                           .evaluate_single = mish_single,
                                           .evaluate_double = mish_double};
    const fps_target_extension target = {.name = "bump", .sentence = "exp(-8 |x|^2)", .value = bump};
    FPS_TRY(registry->activation(&mish));
    return registry->target(&target);
}
