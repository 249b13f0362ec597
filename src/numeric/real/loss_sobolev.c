#include "loss_sobolev.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"

struct fps_sobolev {
    int64_t samples, modes;       /* n, and the modes that a real transform keeps */
    real *root;                   /* sqrt(w_i), [P] */
    double *energy;               /* multiplicity <xi_k>^(2s) / n, [modes] */
    real *multiplier;             /* 2 <xi_k>^(2s) / n, [modes] */
    real *field;                  /* [n], FFTW's */
    FPS_FFTW(complex) * spectrum; /* [modes], FFTW's */
    FPS_FFTW(plan) forward, backward;
};

/* Fill energy and multiplier: modes run over all k on every axis but the last, which has k = 0 .. side/2. */
static void weigh_modes(fps_sobolev *sobolev, const fps_stepper_spec *spec) {
    const int64_t side = spec->side, half = side / 2 + 1;
    const double s = spec->loss.argument[0], samples = (double)spec->samples;
    for (int64_t mode = 0; mode < sobolev->modes; mode++) {
        int64_t rest = mode / half, k = mode % half;
        const double multiplicity = k == 0 || 2 * k == side ? 1 : 2;
        double square = 1; /* <xi>^2 */
        for (int axis = spec->dimension - 1; axis >= 0; axis--) {
            const double xi = (double)k / (spec->domain[axis][1] - spec->domain[axis][0]);
            square += xi * xi;
            k = rest % side;
            k = 2 * k > side ? k - side : k;
            rest /= side;
        }
        const double weight = pow(square, s) / samples;
        sobolev->energy[mode] = multiplicity * weight;
        sobolev->multiplier[mode] = (real)(2 * weight);
    }
}

fps_status fps_sobolev_create(const fps_stepper_spec *spec, fps_sobolev **out) {
    fps_status status = FPS_OK;
    fps_sobolev *sobolev = NULL;
    int side[FPS_MAX_DIMENSION];
    int64_t points = 1;
    *out = NULL;
    if (spec->dimension < 1 || spec->dimension > FPS_MAX_DIMENSION || spec->side < 1 || spec->side > INT32_MAX)
        return fps_fail(FPS_ERROR_NUMERIC, "the loss sobolev needs samples on a grid of 1 to %d dimensions",
                        FPS_MAX_DIMENSION);
    for (int axis = 0; axis < spec->dimension; axis++) {
        side[axis] = (int)spec->side;
        points *= spec->side;
        if (!(spec->domain[axis][1] > spec->domain[axis][0]))
            return fps_fail(FPS_ERROR_NUMERIC, "the loss sobolev needs a domain of positive size");
    }
    if (points != spec->samples || (spec->batch_size != 0 && spec->batch_size != spec->samples))
        return fps_fail(FPS_ERROR_NUMERIC, "the loss sobolev needs all samples of a full grid at every step "
                                           "(sampling midpoint or population, batch_size 0)");
    FPS_TRY(FPS_ALLOC(sobolev, 1));
    sobolev->samples = spec->samples;
    sobolev->modes = spec->samples / spec->side * (spec->side / 2 + 1);
    FPS_TRY_GOTO(status, FPS_ALLOC(sobolev->root, FPS_PADDED(spec->samples)), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(sobolev->energy, sobolev->modes), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(sobolev->multiplier, sobolev->modes), fail);
    sobolev->field = FPS_FFTW(malloc)((size_t)sobolev->samples * sizeof *sobolev->field);
    sobolev->spectrum = FPS_FFTW(malloc)((size_t)sobolev->modes * sizeof *sobolev->spectrum);
    if (!sobolev->field || !sobolev->spectrum) {
        status = fps_fail(FPS_ERROR_MEMORY, "not enough memory for the transforms of the loss sobolev");
        goto fail;
    }
    sobolev->forward = FPS_FFTW(plan_dft_r2c)(spec->dimension, side, sobolev->field, sobolev->spectrum, FFTW_ESTIMATE);
    sobolev->backward = FPS_FFTW(plan_dft_c2r)(spec->dimension, side, sobolev->spectrum, sobolev->field, FFTW_ESTIMATE);
    if (!sobolev->forward || !sobolev->backward) {
        status = fps_fail(FPS_ERROR_NUMERIC, "FFTW has no plan for %lld points per axis", (long long)spec->side);
        goto fail;
    }
    weigh_modes(sobolev, spec);
    *out = sobolev;
    return FPS_OK;
fail:
    fps_sobolev_destroy(&sobolev);
    return status;
}

void fps_sobolev_destroy(fps_sobolev **sobolev) {
    fps_sobolev *old = *sobolev;
    if (!old)
        return;
    if (old->backward)
        FPS_FFTW(destroy_plan)(old->backward);
    if (old->forward)
        FPS_FFTW(destroy_plan)(old->forward);
    FPS_FFTW(free)(old->spectrum);
    FPS_FFTW(free)(old->field);
    fps_free(old->multiplier);
    fps_free(old->energy);
    fps_free(old->root);
    fps_free(old);
    *sobolev = NULL;
}

void fps_sobolev_set_weights(fps_sobolev *sobolev, const real *weight) {
    for (int64_t i = 0; i < FPS_PADDED(sobolev->samples); i++)
        sobolev->root[i] = (real)sqrt((double)weight[i]);
}

double fps_sobolev_evaluate(fps_sobolev *sobolev, const fps_kernels *kernels, const real *h, const real *y,
                            real *doutput, real *term) {
    const int64_t samples = sobolev->samples, columns = FPS_PADDED(samples);
    double loss = 0;
    kernels->loss[FPS_LOSS_SOBOLEV](columns, 0, h, y, sobolev->root, doutput, term);
    memcpy(sobolev->field, doutput, (size_t)samples * sizeof *doutput);
    FPS_FFTW(execute)(sobolev->forward);
    for (int64_t mode = 0; mode < sobolev->modes; mode++) {
        const double re = (double)sobolev->spectrum[mode][0], im = (double)sobolev->spectrum[mode][1];
        loss += sobolev->energy[mode] * (re * re + im * im);
        sobolev->spectrum[mode][0] *= sobolev->multiplier[mode];
        sobolev->spectrum[mode][1] *= sobolev->multiplier[mode];
    }
    FPS_FFTW(execute)(sobolev->backward);
    for (int64_t i = 0; i < samples; i++)
        doutput[i] = sobolev->root[i] * sobolev->field[i];
    for (int64_t i = samples; i < columns; i++)
        doutput[i] = 0;
    return loss;
}
