/* spectrum.c: what uniform and non-uniform spectra of both precisions share: checks, windows, radial bins. */
#include "numeric/spectrum.h"

#include <inttypes.h>
#include <math.h>

#include "fpsweep/memory.h"

int fps_spectrum_directions(int dimension) {
    return dimension == 1 ? 1 : dimension + 1;
}

fps_status fps_spectrum_check(const fps_spectrum_spec *spec, int64_t limit) {
    if (spec->dimension < 1 || spec->dimension > FPS_MAX_DIMENSION)
        return fps_fail(FPS_ERROR_NUMERIC, "a spectrum of dimension %d is not measured (1 to %d are)", spec->dimension,
                        FPS_MAX_DIMENSION);
    for (int a = 0; a < spec->dimension; a++)
        if (!(spec->domain[a][0] < spec->domain[a][1]) || !isfinite(spec->domain[a][1] - spec->domain[a][0]))
            return fps_fail(FPS_ERROR_NUMERIC, "the domain [%g, %g] is empty or infinite", spec->domain[a][0],
                            spec->domain[a][1]);
    if (spec->frequencies < 1)
        return fps_fail(FPS_ERROR_NUMERIC, "a spectrum needs at least one frequency");
    for (int32_t i = 0; i < spec->frequencies; i++) {
        if (spec->mode[i] < 0 || spec->mode[i] > limit)
            return fps_fail(FPS_ERROR_NUMERIC,
                            "mode %d cannot be measured: it lies outside 0 .. %" PRId64 " (half the grid points)",
                            spec->mode[i], limit);
        if (i && spec->mode[i] <= spec->mode[i - 1])
            return fps_fail(FPS_ERROR_NUMERIC, "modes must increase (%d after %d)", spec->mode[i], spec->mode[i - 1]);
    }
    return FPS_OK;
}

/* ---- windows ---------------------------------------------------------------------------------------------------- */

static fps_status fill_none(const fps_spectrum_spec *spec, int axis, double *window) {
    (void)axis;
    for (int32_t g = 0; g < spec->grid_points; g++)
        window[g] = 1;
    return FPS_OK;
}

static fps_status fill_hann(const fps_spectrum_spec *spec, int axis, double *window) {
    (void)axis;
    for (int32_t g = 0; g < spec->grid_points; g++) {
        double s = sin(M_PI * (g + 0.5) / spec->grid_points);
        window[g] = s * s;
    }
    return FPS_OK;
}

static fps_status fill_density(const fps_spectrum_spec *spec, int axis, double *window) {
    const int32_t n = spec->grid_points;
    const double low = spec->domain[axis][0], high = spec->domain[axis][1];
    fps_density *density = NULL;
    double mean = 0;
    FPS_TRY(fps_density_create(&spec->density, low, high, &density));
    for (int32_t g = 0; g < n; g++) {
        window[g] = fps_density_value(density, fps_sampling_midpoint(low, high, g, n));
        mean += window[g] / n;
    }
    fps_density_destroy(&density);
    if (!(mean > 0) || !isfinite(mean))
        return fps_fail(FPS_ERROR_NUMERIC, "the density is zero at all %d grid points of an axis; take more", n);
    for (int32_t g = 0; g < n; g++)
        window[g] = sqrt(window[g] / mean);
    return FPS_OK;
}

static fps_status (*const windows[FPS_WINDOW_COUNT])(const fps_spectrum_spec *, int, double *) = {
    [FPS_WINDOW_NONE] = fill_none,
    [FPS_WINDOW_HANN] = fill_hann,
    [FPS_WINDOW_DENSITY] = fill_density,
};

fps_status fps_spectrum_window(const fps_spectrum_spec *spec, int axis, double *window) {
    return windows[spec->window](spec, axis, window);
}

/* ---- radial bins ------------------------------------------------------------------------------------------------ */

fps_status fps_radial_create(const fps_spectrum_spec *spec, fps_radial *radial) {
    double longest = 0;
    *radial = (fps_radial){.dimension = spec->dimension, .limit = spec->mode[spec->frequencies - 1]};
    for (int a = 0; a < spec->dimension; a++)
        longest = fmax(longest, spec->domain[a][1] - spec->domain[a][0]);
    for (int a = 0; a < spec->dimension; a++)
        radial->stretch[a] = longest / (spec->domain[a][1] - spec->domain[a][0]);
    FPS_TRY(FPS_ALLOC(radial->place, radial->limit + 1));
    for (int64_t r = 0; r <= radial->limit; r++)
        radial->place[r] = -1;
    for (int32_t i = 0; i < spec->frequencies; i++)
        radial->place[spec->mode[i]] = i;
    return FPS_OK;
}

void fps_radial_release(fps_radial *radial) {
    fps_free(radial->place);
    radial->place = NULL;
}

int32_t fps_radial_place(const fps_radial *radial, const int64_t *k) {
    double square = 0;
    for (int a = 0; a < radial->dimension; a++)
        square += (double)k[a] * radial->stretch[a] * ((double)k[a] * radial->stretch[a]);
    double r = floor(sqrt(square) + 0.5);
    return r <= (double)radial->limit ? radial->place[(int64_t)r] : -1;
}
