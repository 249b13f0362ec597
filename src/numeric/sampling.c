/* sampling.c: where the samples lie, and what each weighs. */
#include "fpsweep/sampling.h"

#include <inttypes.h>
#include <math.h>

#include "fpsweep/memory.h"
#include "fpsweep/random.h"

/* Operations of a quantile, of a density's value, of an equally spaced position. */
enum { PER_QUANTILE = 10000, PER_VALUE = 500, PER_PLACE = 20 };

/* Everything that one way of sampling needs to know of one axis. */
typedef struct axis {
    double low, high;
    const fps_density *density; /* NULL where it is not used */
    int64_t side;               /* positions per axis; all samples for `random` */
    uint64_t seed;
} axis;

/* A way of sampling: coordinate number `position` (0 .. side - 1) along an axis; `index` addresses its random number.
 */
typedef struct scheme {
    bool product;   /* a grid: samples is a dimension-th power */
    bool drawn;     /* every sample has random numbers of its own */
    bool weighted;  /* weights follow the density */
    int64_t fewest; /* positions per axis */
    double (*place)(const axis *axis, int64_t position, uint64_t index);
} scheme;

/* Symmetric about the middle of the domain to the last bit. */
static double place_grid(const axis *a, int64_t i, uint64_t index) {
    (void)index;
    double last = (double)(a->side - 1);
    if (i == 0)
        return a->low;
    return i == a->side - 1 ? a->high : ((last - (double)i) * a->low + (double)i * a->high) / last;
}

double fps_sampling_midpoint(double low, double high, int64_t i, int64_t count) {
    return ((double)(2 * (count - i) - 1) * low + (double)(2 * i + 1) * high) / (double)(2 * count);
}

static double place_midpoint(const axis *a, int64_t i, uint64_t index) {
    (void)index;
    return fps_sampling_midpoint(a->low, a->high, i, a->side);
}

static double place_quantile(const axis *a, int64_t i, uint64_t index) {
    (void)index;
    return fps_density_quantile(a->density, ((double)i + 0.5) / (double)a->side);
}

static double place_jittered(const axis *a, int64_t i, uint64_t index) {
    double u = fps_random_uniform(a->seed, FPS_PURPOSE_DATA, 0, index);
    return fps_density_quantile(a->density, ((double)i + u) / (double)a->side);
}

static double place_random(const axis *a, int64_t i, uint64_t index) {
    (void)i;
    return fps_density_quantile(a->density, fps_random_uniform(a->seed, FPS_PURPOSE_DATA, 0, index));
}

static const scheme ways[FPS_SAMPLING_COUNT] = {
    [FPS_SAMPLING_GRID] = {true, false, false, 2, place_grid},
    [FPS_SAMPLING_MIDPOINT] = {true, false, false, 1, place_midpoint},
    [FPS_SAMPLING_QUANTILE] = {true, false, false, 1, place_quantile},
    [FPS_SAMPLING_JITTERED] = {true, true, false, 1, place_jittered},
    [FPS_SAMPLING_RANDOM] = {false, true, false, 1, place_random},
    [FPS_SAMPLING_POPULATION] = {true, false, true, 1, place_midpoint},
};

static const struct {
    const char *name;
    bool uses_density;
} facts[FPS_SAMPLING_COUNT] = {
#define X(NAME, name, uses_density, sentence) {#name, uses_density},
    FPS_SAMPLING_LIST(X)
#undef X
};

int64_t fps_sampling_side(int64_t samples, int dimension) {
    if (samples < 1 || dimension < 1)
        return 0;
    if (dimension == 1)
        return samples;
    int64_t guess = (int64_t)llround(pow((double)samples, 1.0 / dimension));
    for (int64_t side = guess > 1 ? guess - 1 : 1; side <= guess + 1; side++) {
        int64_t power = 1;
        bool overflow = false;
        for (int i = 0; i < dimension; i++)
            overflow |= __builtin_mul_overflow(power, side, &power);
        if (!overflow && power == samples)
            return side;
    }
    return 0;
}

/* Divide by the sum, with Kahan's correction. */
static fps_status normalise(double *weight, int64_t count) {
    double sum = 0, lost = 0;
    for (int64_t i = 0; i < count; i++) {
        double term = weight[i] - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
    if (!(sum > 0) || !isfinite(sum))
        return fps_fail(FPS_ERROR_NUMERIC,
                        "the density is zero (or infinite) at all %" PRId64 " midpoints per axis; take more samples",
                        count);
    for (int64_t i = 0; i < count; i++)
        weight[i] /= sum;
    return FPS_OK;
}

static fps_status check(const fps_sample_spec *spec, const scheme *way, int64_t side) {
    if (spec->samples < 1)
        return fps_fail(FPS_ERROR_NUMERIC, "samples is %" PRId64 "; at least one is needed", spec->samples);
    if (way->product && side == 0) {
        double root = pow((double)spec->samples, 1.0 / spec->dimension);
        int64_t near = (int64_t)llround(fmax(root, 1)), power = near * near * (spec->dimension == 3 ? near : 1);
        return fps_fail(FPS_ERROR_NUMERIC,
                        "sampling %s in %d dimensions needs samples to be a %s, such as %" PRId64 "; it is %" PRId64,
                        facts[spec->sampling].name, spec->dimension, spec->dimension == 2 ? "square" : "cube", power,
                        spec->samples);
    }
    if (side < way->fewest)
        return fps_fail(FPS_ERROR_NUMERIC, "sampling %s needs at least %" PRId64 " samples per axis",
                        facts[spec->sampling].name, way->fewest);
    return FPS_OK;
}

/* Fill coordinate k of all samples. Positions that are not drawn repeat: they are computed once, into place[side]. */
static fps_status fill_axis(const fps_sample_spec *spec, const scheme *way, const axis *a, int k,
                            const fps_pulse *pulse, double *place, double *x) {
    const int dimension = spec->dimension;
    const double operations = facts[spec->sampling].uses_density ? PER_QUANTILE : PER_PLACE;
    int64_t stride = 1; /* samples between neighbours along this axis */
    for (int j = k + 1; way->product && j < dimension; j++)
        stride *= a->side;
    for (int64_t i = 0; place && i < a->side; i++) {
        place[i] = way->place(a, i, 0);
        if (fps_pulse_beat(pulse, operations))
            return FPS_STOPPED;
    }
    for (int64_t i = 0; i < spec->samples; i++) {
        int64_t position = way->product ? i / stride % a->side : i;
        x[i * dimension + k] = place ? place[position] : way->place(a, position, (uint64_t)(i * dimension + k));
        if (fps_pulse_beat(pulse, place ? PER_PLACE : operations))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

fps_status fps_sampling_fill(const fps_sample_spec *spec, const fps_pulse *pulse, double *x, double *weight) {
    const scheme *way = &ways[spec->sampling];
    const int dimension = spec->dimension;
    const int64_t samples = spec->samples;
    const int64_t side = way->product ? fps_sampling_side(samples, dimension) : samples;
    fps_density *density = NULL;
    double *place = NULL; /* [side] */
    double *along = NULL; /* [dimension, side]: weights along each axis, where they follow the density */
    fps_status status = FPS_OK;
    FPS_TRY(check(spec, way, side));
    if (!way->drawn)
        FPS_TRY_GOTO(status, FPS_ALLOC(place, side), done);
    if (way->weighted)
        FPS_TRY_GOTO(status, FPS_ALLOC(along, dimension * side), done);

    for (int k = 0; k < dimension; k++) {
        axis a = {.low = spec->domain[k][0], .high = spec->domain[k][1], .side = side, .seed = spec->data_seed};
        if (facts[spec->sampling].uses_density)
            FPS_TRY_GOTO(status, fps_density_create(&spec->density, a.low, a.high, &density), done);
        a.density = density;
        FPS_TRY_GOTO(status, fill_axis(spec, way, &a, k, pulse, place, x), done);
        if (way->weighted) {
            for (int64_t i = 0; i < side; i++) {
                along[k * side + i] = fps_density_value(density, place[i]);
                if (fps_pulse_beat(pulse, PER_VALUE)) {
                    status = FPS_STOPPED;
                    goto done;
                }
            }
            FPS_TRY_GOTO(status, normalise(along + k * side, side), done);
        }
        fps_density_destroy(&density);
    }
    for (int64_t i = 0; i < samples; i++) {
        weight[i] = way->weighted ? 1 : 1 / (double)samples;
        int64_t rest = i;
        for (int k = dimension - 1; way->weighted && k >= 0; k--, rest /= side)
            weight[i] *= along[k * side + rest % side];
    }
done:
    fps_density_destroy(&density);
    fps_free(along);
    fps_free(place);
    return status;
}
