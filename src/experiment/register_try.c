/* register_try.c: extensions are tried before they are believed: their bits must not depend on where a number stands,
 * slopes must be the derivatives of values. What they gave is their fingerprint. */
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "experiment/register.h"
#include "fpsweep/memory.h"
#include "fpsweep/sampling.h"

/* Points: irregular, so that none lies on a kink by accident; z = 0 is added. */
enum { POINTS = 192, BLOCK = 16 };
static const double range = 8;        /* |z| up to this */
static const double step = 1e-4;      /* of the central difference */
static const double tolerance = 1e-5; /* of slopes against it, relative to 1 + |f| + |f'| */
static const double single = 1e-3;    /* of single precision against double */

/* What an activation gave in one precision, in double. */
typedef struct sample {
    double z[POINTS], a[POINTS], slope[POINTS];
} sample;

static double point(int i) {
    return i == 0 ? 0 : range * (2 * fmod(i * 0.6180339887498949, 1) - 1);
}

static bool same_bits(const void *a, const void *b, size_t bytes) {
    return memcmp(a, b, bytes) == 0;
}

/* Values and slopes at z[POINTS]: all at once, block by block from the end, shifted by one place, and values alone must
 * have the same bits. Written once for both precisions. */
#define TRY_PRECISION(function, real, evaluate)                                                                        \
    static fps_status function(const fps_activation_extension *f, const double *z, sample *out) {                      \
        _Alignas(64) real x[POINTS], a[POINTS], slope[POINTS], again[POINTS], slope_again[POINTS];                     \
        for (int i = 0; i < POINTS; i++)                                                                               \
            x[i] = (real)z[i];                                                                                         \
        f->evaluate(f->context, POINTS, x, a, slope);                                                                  \
        for (int i = 0; i < POINTS; i++) {                                                                             \
            if ((double)x[i] != (double)(real)z[i])                                                                    \
                return fps_fail(FPS_ERROR_USAGE, "activation '%s' changes its arguments", f->name);                    \
            if (!isfinite(a[i]) || !isfinite(slope[i]))                                                                \
                return fps_fail(FPS_ERROR_USAGE,                                                                       \
                                "activation '%s' in " #real " precision: value %g, slope %g at z = %.9g", f->name,     \
                                (double)a[i], (double)slope[i], (double)x[i]);                                         \
        }                                                                                                              \
        f->evaluate(f->context, POINTS, x, again, NULL);                                                               \
        if (!same_bits(a, again, sizeof a))                                                                            \
            return fps_fail(FPS_ERROR_USAGE,                                                                           \
                            "activation '%s' in " #real " precision: values without slopes have other bits", f->name); \
        for (int i = POINTS - BLOCK; i >= 0; i -= BLOCK)                                                               \
            f->evaluate(f->context, BLOCK, x + i, again + i, slope_again + i);                                         \
        bool same = same_bits(a, again, sizeof a) && same_bits(slope, slope_again, sizeof slope);                      \
        for (int i = 0; i < POINTS; i++)                                                                               \
            x[i] = (real)z[(i + 1) % POINTS];                                                                          \
        f->evaluate(f->context, POINTS, x, again, slope_again);                                                        \
        for (int i = 0; i < POINTS; i++)                                                                               \
            same = same && same_bits(&again[i], &a[(i + 1) % POINTS], sizeof *a) &&                                    \
                   same_bits(&slope_again[i], &slope[(i + 1) % POINTS], sizeof *slope);                                \
        if (!same)                                                                                                     \
            return fps_fail(FPS_ERROR_USAGE,                                                                           \
                            "activation '%s' in " #real " precision: bits depend on the place of a number", f->name);  \
        for (int i = 0; i < BLOCK; i++)                                                                                \
            x[i] = i == 3 ? (real)NAN : (real)z[i];                                                                    \
        f->evaluate(f->context, BLOCK, x, again, slope_again);                                                         \
        if (!isnan(again[3]))                                                                                          \
            return fps_fail(FPS_ERROR_USAGE,                                                                           \
                            "activation '%s' in " #real " precision: NaN gives %g; it must stay, so that divergence "  \
                            "is seen",                                                                                 \
                            f->name, (double)again[3]);                                                                \
        for (int i = 0; i < POINTS; i++) {                                                                             \
            out->z[i] = (double)(real)z[i];                                                                            \
            out->a[i] = (double)a[i];                                                                                  \
            out->slope[i] = (double)slope[i];                                                                          \
        }                                                                                                              \
        return FPS_OK;                                                                                                 \
    }
TRY_PRECISION(try_float, float, evaluate_single)
TRY_PRECISION(try_double, double, evaluate_double)

/* Slopes against central differences, away from 0, where a kink is allowed. */
static fps_status compare_slopes(const fps_activation_extension *f, const sample *s) {
    double z[POINTS];
    sample above, below;
    for (int i = 0; i < POINTS; i++)
        z[i] = s->z[i] + step;
    FPS_TRY(try_double(f, z, &above));
    for (int i = 0; i < POINTS; i++)
        z[i] = s->z[i] - step;
    FPS_TRY(try_double(f, z, &below));
    for (int i = 0; i < POINTS; i++) {
        if (fabs(s->z[i]) <= 2 * step)
            continue;
        double difference = (above.a[i] - below.a[i]) / (above.z[i] - below.z[i]);
        if (!(fabs(difference - s->slope[i]) <= tolerance * (1 + fabs(s->slope[i]) + fabs(s->a[i]))))
            return fps_fail(FPS_ERROR_USAGE,
                            "activation '%s': at z = %.9g the slope is given as %.9g, but values change by %.9g",
                            f->name, s->z[i], s->slope[i], difference);
    }
    return FPS_OK;
}

static fps_status compare_precisions(const fps_activation_extension *f, const sample *narrow, const sample *wide) {
    for (int i = 0; i < POINTS; i++)
        if (i > 0 && (!(fabs(narrow->a[i] - wide->a[i]) <= single * (1 + fabs(wide->a[i]))) ||
                      !(fabs(narrow->slope[i] - wide->slope[i]) <= single * (1 + fabs(wide->slope[i])))))
            return fps_fail(
                FPS_ERROR_USAGE,
                "activation '%s': at z = %.9g value and slope are %.9g, %.9g in double, %.9g, %.9g in single "
                "precision",
                f->name, wide->z[i], wide->a[i], wide->slope[i], narrow->a[i], narrow->slope[i]);
    return FPS_OK;
}

static fps_status compare_parity(const fps_activation_extension *f, const sample *s) {
    double z[POINTS];
    sample mirrored;
    if (!f->odd)
        return FPS_OK;
    for (int i = 0; i < POINTS; i++)
        z[i] = -s->z[i];
    FPS_TRY(try_double(f, z, &mirrored));
    for (int i = 0; i < POINTS; i++)
        if (!(fabs(mirrored.a[i] + s->a[i]) <= 1e-12 * (1 + fabs(s->a[i]))))
            return fps_fail(FPS_ERROR_USAGE, "activation '%s' is said to be odd, but f(%.9g) = %.9g and f(%.9g) = %.9g",
                            f->name, s->z[i], s->a[i], z[i], mirrored.a[i]);
    return FPS_OK;
}

fps_status fps_try_activation(const fps_activation_extension *activation, uint64_t *fingerprint) {
    double z[POINTS];
    struct {
        sample narrow, wide;
    } tried;
    for (int i = 0; i < POINTS; i++)
        z[i] = point(i);
    FPS_TRY(try_float(activation, z, &tried.narrow));
    FPS_TRY(try_double(activation, z, &tried.wide));
    FPS_TRY(compare_precisions(activation, &tried.narrow, &tried.wide));
    FPS_TRY(compare_slopes(activation, &tried.wide));
    FPS_TRY(compare_parity(activation, &tried.wide));
    *fingerprint = XXH3_64bits(&tried, sizeof tried);
    return FPS_OK;
}

/* A target may be defined on part of the space alone: its NaNs count as one. The plan looks at it where it is used. */
fps_status fps_try_target(const fps_target_extension *target, uint64_t *fingerprint) {
    double value[FPS_MAX_DIMENSION][POINTS] = {{0}};
    const int first = target->dimension > 0 ? target->dimension : 1;
    const int last = target->dimension > 0 ? target->dimension : FPS_MAX_DIMENSION;
    for (int d = first; d <= last; d++)
        for (int i = 0; i < POINTS; i++) {
            double x[FPS_MAX_DIMENSION] = {point(i), point(i + POINTS), point(i + 2 * POINTS)},
                   given[FPS_MAX_DIMENSION];
            memcpy(given, x, sizeof x);
            double y = target->value(target->context, d, given), again = target->value(target->context, d, x);
            if (!same_bits(given, x, sizeof x))
                return fps_fail(FPS_ERROR_USAGE, "target '%s' changes its arguments", target->name);
            if (!(y == again || (isnan(y) && isnan(again))))
                return fps_fail(FPS_ERROR_USAGE, "target '%s' gives %.17g and then %.17g at the same point",
                                target->name, y, again);
            value[d - 1][i] = isnan(y) ? 0x1p-1000 : y;
        }
    *fingerprint = XXH3_64bits(value, sizeof value);
    return FPS_OK;
}
