#include "numeric/loss_spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "fpsweep/loss.h"
#include "fpsweep/memory.h"
#include "numeric/kernels.h"
#include "numeric/spectrum.h"
#include "numeric/sum.h"

typedef FPS_FFTW(complex) complex_real;

/* Quantities that are summed over frequencies, by bins of thresholds and, the first three, into spectra. */
enum { POWER, RATE, VELOCITY, DRIVE, LOSS_RATE, QUANTITIES, SPECTRA = DRIVE };

struct fps_loss_spectrum {
    const fps_kernels *kernels;
    fps_choice loss;
    int dimension, directions;
    int32_t points, frequencies, thresholds;   /* N, K, E */
    int64_t inputs, outputs;                   /* G, N^(d-1) (N/2 + 1) */
    int32_t *mode;                             /* [K] */
    int32_t *bin;                              /* [outputs] how many thresholds lie at or below |xi_k| */
    int32_t *place;                            /* [outputs] place of its radial bin; NULL in one dimension */
    double *stretch;                           /* [outputs] <xi_k>^(2s); NULL unless the loss is sobolev */
    real *root;                                /* [FPS_PADDED(G)] sqrt(w), 0 in the padding */
    real *term;                                /* [FPS_PADDED(G)] scratch; NULL for mse and sobolev */
    real *input;                               /* [FPS_PADDED(G)], FFTW's, as the following */
    complex_real *residual, *drive, *velocity; /* [outputs] U, D and V; drive NULL where it follows from U */
    FPS_FFTW(plan) plan;
    double *spectrum[SPECTRA]; /* [R, K] */
    double *above[QUANTITIES]; /* [E + 1] */
    fps_sum *sum[QUANTITIES];  /* [E + 1] sums within the bins */
    fps_sum *radial[SPECTRA];  /* [K] sums within radial bins; NULL in one dimension */
};

/* ---- making ---- */

/* Lattice point k[d] of output i: k of the last axis 0 .. N/2, of the others -N/2 + 1 .. N/2. */
static void lattice_point(const fps_loss_spectrum *s, int64_t i, int64_t *k) {
    const int64_t N = s->points, n = N / 2 + 1;
    int64_t rest = i / n;
    k[s->dimension - 1] = i % n;
    for (int a = s->dimension - 2; a >= 0; a--, rest /= N)
        k[a] = rest % N > N / 2 ? rest % N - N : rest % N;
}

/* sqrt(w) as the product of its factors along the axes. */
static fps_status make_weights(fps_loss_spectrum *s, const fps_spectrum_spec *grid) {
    const int64_t N = s->points;
    double *axis = NULL; /* [d, N] */
    fps_status status = FPS_OK;
    FPS_TRY_GOTO(status, FPS_ALLOC(axis, s->dimension * N), done);
    for (int a = 0; a < s->dimension; a++) {
        double *window = axis + a * N;
        fps_sum square = {0};
        FPS_TRY_GOTO(status, fps_spectrum_window(grid, a, window), done);
        for (int64_t g = 0; g < N; g++)
            fps_sum_add(&square, window[g] * window[g]);
        for (int64_t g = 0; g < N; g++)
            window[g] /= sqrt(square.total);
    }
    for (int64_t g = 0; g < s->inputs; g++) {
        double root = 1;
        int64_t rest = g;
        for (int a = s->dimension - 1; a >= 0; a--, rest /= N)
            root *= axis[a * N + rest % N];
        s->root[g] = (real)root;
    }
done:
    fps_free(axis);
    return status;
}

static fps_status make_bins(fps_loss_spectrum *s, const fps_loss_spectrum_spec *spec) {
    fps_radial radial = {0};
    fps_status status = FPS_OK;
    if (s->dimension > 1) {
        FPS_TRY_GOTO(status, fps_radial_create(&spec->grid, &radial), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(s->place, s->outputs), done);
    }
    for (int64_t i = 0; i < s->outputs; i++) {
        int64_t k[FPS_MAX_DIMENSION];
        double square = 0;
        lattice_point(s, i, k);
        for (int a = 0; a < s->dimension; a++) {
            const double xi = (double)k[a] / (spec->grid.domain[a][1] - spec->grid.domain[a][0]);
            square += xi * xi;
        }
        int32_t bin = 0;
        while (bin < s->thresholds && sqrt(square) >= spec->threshold[bin] * (1 - 1e-12))
            bin++;
        s->bin[i] = bin;
        if (s->place)
            s->place[i] = fps_radial_place(&radial, k);
        if (s->stretch)
            s->stretch[i] = pow(1 + square, spec->loss.argument[0]);
    }
done:
    fps_radial_release(&radial);
    return status;
}

static fps_status check(const fps_loss_spectrum_spec *spec) {
    if (spec->grid.grid_points < 1)
        return fps_fail(FPS_ERROR_NUMERIC, "a spectrum needs at least one grid point per axis");
    if (pow(spec->grid.grid_points, spec->grid.dimension) > 0x1p40)
        return fps_fail(FPS_ERROR_NUMERIC, "a grid of %d^%d points is too large; take fewer grid_points",
                        spec->grid.grid_points, spec->grid.dimension);
    for (int32_t e = 0; e < spec->thresholds; e++)
        if (!(spec->threshold[e] > (e ? spec->threshold[e - 1] : 0)))
            return fps_fail(FPS_ERROR_NUMERIC, "thresholds of frequency must be positive and increase");
    return fps_spectrum_check(&spec->grid, spec->grid.grid_points / 2);
}

static fps_status make_sums(fps_loss_spectrum *s) {
    const int64_t spectrum = (int64_t)s->directions * s->frequencies;
    for (int quantity = 0; quantity < QUANTITIES; quantity++) {
        FPS_TRY(FPS_ALLOC(s->above[quantity], s->thresholds + 1));
        FPS_TRY(FPS_ALLOC(s->sum[quantity], s->thresholds + 1));
    }
    for (int quantity = 0; quantity < SPECTRA; quantity++) {
        FPS_TRY(FPS_ALLOC(s->spectrum[quantity], spectrum));
        if (s->dimension > 1)
            FPS_TRY(FPS_ALLOC(s->radial[quantity], s->frequencies));
    }
    return FPS_OK;
}

static fps_status make_transforms(fps_loss_spectrum *s) {
    const size_t outputs = (size_t)s->outputs * sizeof *s->residual;
    const bool has_drive = s->term != NULL;
    int size[FPS_MAX_DIMENSION];
    for (int a = 0; a < s->dimension; a++)
        size[a] = s->points;
    s->input = FPS_FFTW(malloc)(sizeof *s->input * (size_t)FPS_PADDED(s->inputs));
    s->residual = FPS_FFTW(malloc)(outputs);
    s->velocity = FPS_FFTW(malloc)(outputs);
    if (has_drive)
        s->drive = FPS_FFTW(malloc)(outputs);
    if (s->input && s->residual && s->velocity && (s->drive || !has_drive))
        s->plan = FPS_FFTW(plan_dft_r2c)(s->dimension, size, s->input, s->residual, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    if (!s->plan)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory for the transforms of %d^%d grid points", s->points,
                        s->dimension);
    return FPS_OK;
}

fps_status fps_loss_spectrum_create(const fps_loss_spectrum_spec *spec, fps_loss_spectrum **out) {
    fps_loss_spectrum *s = NULL;
    fps_status status = FPS_OK;
    *out = NULL;
    FPS_TRY(check(spec));
    FPS_TRY(FPS_ALLOC(s, 1));
    s->kernels = fps_kernels_current();
    s->loss = spec->loss;
    s->dimension = spec->grid.dimension;
    s->directions = fps_spectrum_directions(s->dimension);
    s->points = spec->grid.grid_points;
    s->frequencies = spec->grid.frequencies;
    s->thresholds = spec->thresholds;
    s->inputs = s->outputs = 1;
    for (int a = 0; a < s->dimension; a++) {
        s->inputs *= s->points;
        s->outputs *= a == s->dimension - 1 ? s->points / 2 + 1 : s->points;
    }
    const int64_t padded = FPS_PADDED(s->inputs);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->mode, s->frequencies), fail);
    memcpy(s->mode, spec->grid.mode, (size_t)s->frequencies * sizeof *s->mode);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->bin, s->outputs), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->root, padded), fail);
    if (spec->loss.code == FPS_LOSS_SOBOLEV)
        FPS_TRY_GOTO(status, FPS_ALLOC(s->stretch, s->outputs), fail);
    else if (spec->loss.code != FPS_LOSS_MSE)
        FPS_TRY_GOTO(status, FPS_ALLOC(s->term, padded), fail);
    FPS_TRY_GOTO(status, make_weights(s, &spec->grid), fail);
    FPS_TRY_GOTO(status, make_bins(s, spec), fail);
    FPS_TRY_GOTO(status, make_sums(s), fail);
    FPS_TRY_GOTO(status, make_transforms(s), fail);
    *out = s;
    return FPS_OK;
fail:
    fps_loss_spectrum_destroy(&s);
    return status;
}

void fps_loss_spectrum_destroy(fps_loss_spectrum **spectrum) {
    if (!spectrum || !*spectrum)
        return;
    fps_loss_spectrum *s = *spectrum;
    if (s->plan)
        FPS_FFTW(destroy_plan)(s->plan);
    void *transforms[] = {s->drive, s->velocity, s->residual, s->input};
    for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++)
        FPS_FFTW(free)(transforms[i]);
    for (int quantity = 0; quantity < QUANTITIES; quantity++) {
        fps_free(s->above[quantity]);
        fps_free(s->sum[quantity]);
    }
    for (int quantity = 0; quantity < SPECTRA; quantity++) {
        fps_free(s->spectrum[quantity]);
        fps_free(s->radial[quantity]);
    }
    void *blocks[] = {s->term, s->root, s->stretch, s->place, s->bin, s->mode};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
    fps_free(s);
    *spectrum = NULL;
}

/* ---- looking ---- */

/* Re(conj a b) of one frequency, in double. */
static double product(const complex_real *a, const complex_real *b, int64_t i) {
    const double _Complex x = a[i], y = b[i];
    return creal(x) * creal(y) + cimag(x) * cimag(y);
}

/* How often output i stands for a frequency: those of the last axis that have no mirror image count once. */
static double multiplicity(const fps_loss_spectrum *s, int64_t i) {
    const int64_t k = i % (s->points / 2 + 1);
    return k == 0 || 2 * k == s->points ? 1 : 2;
}

/* One quantity, factor Re(conj a b) / G times `stretch` to the given power, over all frequencies: from each threshold
 * on, and into the spectrum where it has one. */
static void split(fps_loss_spectrum *s, int quantity, double factor, const complex_real *a, const complex_real *b,
                  const double *stretch, int power) {
    const double scale = factor / (double)s->inputs;
    fps_sum *sum = s->sum[quantity], *radial = quantity < SPECTRA ? s->radial[quantity] : NULL;
    memset(sum, 0, (size_t)(s->thresholds + 1) * sizeof *sum);
    if (radial)
        memset(radial, 0, (size_t)s->frequencies * sizeof *radial);
    for (int64_t i = 0; i < s->outputs; i++) {
        double value = scale * multiplicity(s, i) * product(a, b, i);
        for (int n = 0; stretch && n < power; n++)
            value *= stretch[i];
        fps_sum_add(&sum[s->bin[i]], value);
        if (radial && s->place[i] >= 0)
            fps_sum_add(&radial[s->place[i]], value);
    }
    fps_sum above = {0};
    for (int32_t e = s->thresholds; e >= 0; e--) { /* from the highest frequencies, mostly the smallest terms, down */
        fps_sum_add(&above, sum[e].total);
        s->above[quantity][e] = above.total;
    }
    if (quantity >= SPECTRA)
        return;
    int64_t stride = 1; /* between neighbouring k of an axis in the output */
    for (int axis = s->dimension - 1; axis >= 0; axis--) {
        double *out = s->spectrum[quantity] + (int64_t)axis * s->frequencies;
        for (int32_t i = 0; i < s->frequencies; i++) {
            const int64_t k = s->mode[i];
            out[i] = scale * (k == 0 || 2 * k == s->points ? 1 : 2) * product(a, b, k * stride);
        }
        stride *= axis == s->dimension - 1 ? s->points / 2 + 1 : s->points;
    }
    for (int32_t i = 0; radial && i < s->frequencies; i++)
        s->spectrum[quantity][(int64_t)s->dimension * s->frequencies + i] = radial[i].total;
}

/* sqrt(w) l'(h - f) into the input; returns sum_g w l(h - f). */
static double fill_drive(fps_loss_spectrum *s, const real *h, const real *f) {
    fps_sum loss = {0};
    s->kernels->loss[s->loss.code](FPS_PADDED(s->inputs), (real)s->loss.argument[0], h, f, s->root, s->input, s->term);
    for (int64_t g = 0; g < s->inputs; g++)
        fps_sum_add(&loss, (double)s->root[g] * (double)s->term[g]);
    return loss.total;
}

fps_residual_power fps_loss_spectrum_residual(fps_loss_spectrum *s, const real *h, const real *f) {
    double grid_loss = 0;
    for (int64_t g = 0; g < s->inputs; g++)
        s->input[g] = s->root[g] * (h[g] - f[g]);
    FPS_FFTW(execute_dft_r2c)(s->plan, s->input, s->residual);
    split(s, POWER, 1, s->residual, s->residual, NULL, 0);
    if (s->drive) {
        grid_loss = fill_drive(s, h, f);
        FPS_FFTW(execute_dft_r2c)(s->plan, s->input, s->drive);
        split(s, DRIVE, 1, s->drive, s->drive, NULL, 0);
    } else if (s->stretch) {
        split(s, DRIVE, 1, s->residual, s->residual, s->stretch, 1);
        grid_loss = s->above[DRIVE][0];
        split(s, DRIVE, 4, s->residual, s->residual, s->stretch, 2);
    } else {
        grid_loss = s->above[POWER][0];
        for (int32_t e = 0; e <= s->thresholds; e++)
            s->above[DRIVE][e] = 4 * s->above[POWER][e];
    }
    return (fps_residual_power){grid_loss, s->spectrum[POWER], s->above[POWER], s->above[DRIVE]};
}

fps_residual_rate fps_loss_spectrum_rate(fps_loss_spectrum *s, const real *t) {
    for (int64_t g = 0; g < s->inputs; g++)
        s->input[g] = s->root[g] * t[g];
    FPS_FFTW(execute_dft_r2c)(s->plan, s->input, s->velocity);
    split(s, RATE, 2, s->residual, s->velocity, NULL, 0);
    split(s, VELOCITY, 1, s->velocity, s->velocity, NULL, 0);
    if (s->drive)
        split(s, LOSS_RATE, 1, s->drive, s->velocity, NULL, 0);
    else if (s->stretch)
        split(s, LOSS_RATE, 2, s->residual, s->velocity, s->stretch, 1);
    else
        memcpy(s->above[LOSS_RATE], s->above[RATE], (size_t)(s->thresholds + 1) * sizeof *s->above[RATE]);
    return (fps_residual_rate){s->spectrum[RATE], s->spectrum[VELOCITY], s->above[RATE], s->above[VELOCITY],
                               s->above[LOSS_RATE]};
}
