/* real/spectrum.c: discrete Fourier coefficients on a uniform grid of midpoints by FFTW's real transform.
 *
 * Legend: d dimension, N grid points per axis, n = N/2 + 1 coefficients kept along the last axis, K modes.
 * FFTW sums over g from 0; the midpoints' offset of half a cell is a factor exp(-i pi k/N) per axis.
 */
#include "fpsweep/spectrum.h"

#include <fftw3.h>
#include <math.h>

#include "fpsweep/memory.h"
#include "numeric/spectrum.h"

struct fps_spectrum {
    int dimension;
    int32_t points, frequencies;
    int64_t inputs, outputs;         /* N^d, N^(d-1) n */
    int32_t *mode;                   /* [K] */
    real *window[FPS_MAX_DIMENSION]; /* [N] along each axis; NULL: none */
    double _Complex *shift;          /* [K] exp(-i pi k/N) / N^d */
    int32_t *bin;                    /* [outputs] place in the list of modes, radially; NULL in one dimension */
    real *input;                     /* [N^d] */
    FPS_FFTW(complex) * output;      /* [outputs] */
    FPS_FFTW(plan) plan;
};

static fps_status make_windows(fps_spectrum *s, const fps_spectrum_spec *spec) {
    double *window = NULL;
    fps_status status = FPS_OK;
    if (spec->window == FPS_WINDOW_NONE)
        return FPS_OK;
    FPS_TRY_GOTO(status, FPS_ALLOC(window, s->points), done);
    for (int a = 0; a < s->dimension; a++) {
        FPS_TRY_GOTO(status, fps_spectrum_window(spec, a, window), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(s->window[a], s->points), done);
        for (int32_t g = 0; g < s->points; g++)
            s->window[a][g] = (real)window[g];
    }
done:
    fps_free(window);
    return status;
}

static fps_status make_bins(fps_spectrum *s, const fps_spectrum_spec *spec) {
    fps_radial radial = {0};
    fps_status status = FPS_OK;
    const int64_t N = s->points, n = N / 2 + 1;
    if (s->dimension == 1)
        return FPS_OK;
    FPS_TRY_GOTO(status, fps_radial_create(spec, &radial), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->bin, s->outputs), done);
    for (int64_t i = 0; i < s->outputs; i++) {
        int64_t k[FPS_MAX_DIMENSION], rest = i / n;
        k[s->dimension - 1] = i % n;
        for (int a = s->dimension - 2; a >= 0; a--, rest /= N)
            k[a] = rest % N > N / 2 ? rest % N - N : rest % N;
        s->bin[i] = fps_radial_place(&radial, k);
    }
done:
    fps_radial_release(&radial);
    return status;
}

fps_status fps_spectrum_create(const fps_spectrum_spec *spec, fps_spectrum **out) {
    fps_spectrum *s = NULL;
    fps_status status = FPS_OK;
    *out = NULL;
    if (spec->grid_points < 1)
        return fps_fail(FPS_ERROR_NUMERIC, "a spectrum needs at least one grid point per axis");
    FPS_TRY(fps_spectrum_check(spec, spec->grid_points / 2));
    FPS_TRY_GOTO(status, FPS_ALLOC(s, 1), done);
    s->dimension = spec->dimension;
    s->points = spec->grid_points;
    s->frequencies = spec->frequencies;
    s->inputs = s->outputs = 1;
    if (pow(s->points, s->dimension) > 0x1p40) {
        status = fps_fail(FPS_ERROR_NUMERIC, "a grid of %d^%d points is too large; take fewer grid_points", s->points,
                          s->dimension);
        goto done;
    }
    int size[FPS_MAX_DIMENSION];
    for (int a = 0; a < s->dimension; a++) {
        size[a] = s->points;
        s->inputs *= s->points;
        s->outputs *= a == s->dimension - 1 ? s->points / 2 + 1 : s->points;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(s->mode, s->frequencies), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->shift, s->frequencies), done);
    for (int32_t i = 0; i < s->frequencies; i++) {
        double angle = -M_PI * spec->mode[i] / s->points;
        s->mode[i] = spec->mode[i];
        s->shift[i] = (cos(angle) + I * sin(angle)) / (double)s->inputs;
    }
    FPS_TRY_GOTO(status, make_windows(s, spec), done);
    FPS_TRY_GOTO(status, make_bins(s, spec), done);
    s->input = FPS_FFTW(malloc)(sizeof *s->input * (size_t)s->inputs);
    s->output = FPS_FFTW(malloc)(sizeof *s->output * (size_t)s->outputs);
    if (s->input && s->output) /* estimated plans: the same on every rank, whatever its timings */
        s->plan = FPS_FFTW(plan_dft_r2c)(s->dimension, size, s->input, s->output, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    if (!s->plan) {
        status = fps_fail(FPS_ERROR_MEMORY, "not enough memory for a transform of %d^%d grid points", s->points,
                          s->dimension);
        goto done;
    }
    *out = s;
    s = NULL;
done:
    fps_spectrum_destroy(&s);
    return status;
}

void fps_spectrum_destroy(fps_spectrum **spectrum) {
    if (!spectrum || !*spectrum)
        return;
    fps_spectrum *s = *spectrum;
    if (s->plan)
        FPS_FFTW(destroy_plan)(s->plan);
    FPS_FFTW(free)(s->output);
    FPS_FFTW(free)(s->input);
    fps_free(s->bin);
    for (int a = s->dimension - 1; a >= 0; a--)
        fps_free(s->window[a]);
    fps_free(s->shift);
    fps_free(s->mode);
    fps_free(s);
    *spectrum = NULL;
}

real *fps_spectrum_input(fps_spectrum *spectrum) {
    return spectrum->input;
}

/* Multiply the input by the product of the axes' windows. */
static void apply_window(fps_spectrum *s) {
    const int64_t N = s->points;
    const real *last = s->window[s->dimension - 1];
    for (int64_t line = 0; line < s->inputs / N; line++) {
        real factor = 1, *f = s->input + line * N;
        int64_t rest = line;
        for (int a = s->dimension - 2; a >= 0; a--, rest /= N)
            factor *= s->window[a][rest % N];
        for (int64_t g = 0; g < N; g++)
            f[g] *= factor * last[g];
    }
}

/* Along each axis: the coefficients with k on that axis and 0 on the others. */
static void read_axes(const fps_spectrum *s, double _Complex *coefficient) {
    int64_t stride = 1; /* between neighbouring k of an axis in the output */
    for (int a = s->dimension - 1; a >= 0; a--) {
        for (int32_t i = 0; i < s->frequencies; i++) {
            coefficient[a * s->frequencies + i] = s->shift[i] * (double _Complex)s->output[s->mode[i] * stride];
        }
        stride *= a == s->dimension - 1 ? s->points / 2 + 1 : s->points;
    }
}

/* Root of the power in each bin. Only half of the last axis is stored: the other half counts the same, except for 0 and
 * (N even) Nyquist, which have no partner. */
static void read_bins(const fps_spectrum *s, double _Complex *coefficient) {
    const int64_t n = s->points / 2 + 1;
    double scale = 1 / (double)s->inputs;
    for (int32_t i = 0; i < s->frequencies; i++)
        coefficient[i] = 0;
    for (int64_t i = 0; i < s->outputs; i++) {
        int64_t k = i % n;
        double _Complex c = scale * (double _Complex)s->output[i];
        if (s->bin[i] >= 0)
            coefficient[s->bin[i]] +=
                (k == 0 || 2 * k == s->points ? 1 : 2) * (creal(c) * creal(c) + cimag(c) * cimag(c));
    }
    for (int32_t i = 0; i < s->frequencies; i++)
        coefficient[i] = sqrt(creal(coefficient[i]));
}

void fps_spectrum_measure(fps_spectrum *spectrum, double _Complex *coefficient) {
    if (spectrum->window[0])
        apply_window(spectrum);
    FPS_FFTW(execute)(spectrum->plan);
    read_axes(spectrum, coefficient);
    if (spectrum->dimension > 1)
        read_bins(spectrum, coefficient + spectrum->dimension * spectrum->frequencies);
}
