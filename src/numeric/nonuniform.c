/* nonuniform.c: Fourier sums over arbitrary points, for labels that have no transform of their own. Double precision.
 */
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fpsweep/memory.h"
#include "fpsweep/spectrum.h"
#include "numeric/spectrum.h"

/* Legend: d dimension, n samples, M largest mode, M_a the largest |k| of axis a within M radially. */
typedef struct sums {
    int dimension;
    int64_t samples;
    double *phase; /* [d, n] (x - a)/L along each axis */
    double *value; /* [n] w_i f_i */
} sums;

/* Operations of one wave, and of one sample's share in a vector along a line. */
enum { PER_WAVE = 60, PER_TERM = 8 };

/* exp(-2 pi i k t), the phase kept exact by fma however large k t is. */
static double _Complex wave(double k, double t) {
    double p = k * t, e = fma(k, t, -p), angle = 2 * M_PI * ((p - rint(p)) + e);
    return cos(angle) - I * sin(angle);
}

static double _Complex axis_sum(const sums *s, int axis, double k) {
    const double *t = s->phase + axis * s->samples;
    double re = 0, im = 0;
    for (int64_t i = 0; i < s->samples; i++) {
        double _Complex w = wave(k, t[i]);
        re += s->value[i] * creal(w);
        im += s->value[i] * cimag(w);
    }
    return re + I * im;
}

/* Add |c_k|^2 of all k to the bins. k and -k have equal power: only k that are lexicographically not negative are
 * summed, doubled. The leading axes' factors are multiplied up once for each line along the last axis, whose waves are
 * tabulated; a line costs n multiplications per k. */
static fps_status radial_power(const sums *s, const fps_radial *radial, const fps_pulse *pulse, double *power) {
    const int d = s->dimension, last = d - 1;
    const int64_t n = s->samples;
    int64_t most[FPS_MAX_DIMENSION] = {0}, k[FPS_MAX_DIMENSION] = {0};
    double *table = NULL; /* [most[last] + 1, 2, n] cos, sin along the last axis */
    double *line = NULL;  /* [2, n] value times the leading axes' waves */
    fps_status status = FPS_OK;
    for (int a = 0; a < d; a++)
        most[a] = (int64_t)floor(((double)radial->limit + 0.5) / radial->stretch[a]);
    FPS_TRY_GOTO(status, FPS_ALLOC(table, (most[last] + 1) * 2 * n), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(line, 2 * n), done);
    for (int64_t m = 0; m <= most[last]; m++)
        for (int64_t i = 0; i < n; i++) {
            double _Complex w = wave((double)m, s->phase[last * n + i]);
            table[2 * m * n + i] = creal(w);
            table[(2 * m + 1) * n + i] = cimag(w);
        }
    const double line_operations = (double)n * (last * PER_WAVE + (2.0 * (double)most[last] + 1) * PER_TERM);
    for (;;) { /* k[0 .. last - 1] runs over the lexicographically non-negative half, k[0] slowest */
        for (int64_t i = 0; i < n; i++) {
            double _Complex product = s->value[i];
            for (int a = 0; a < last; a++)
                product *= wave((double)k[a], s->phase[a * n + i]);
            line[i] = creal(product);
            line[n + i] = cimag(product);
        }
        if (fps_pulse_beat(pulse, line_operations)) {
            status = FPS_STOPPED;
            break;
        }
        bool origin = true;
        for (int a = 0; a < last; a++)
            origin &= k[a] == 0;
        for (k[last] = origin ? 0 : -most[last]; k[last] <= most[last]; k[last]++) {
            int32_t place = fps_radial_place(radial, k);
            if (place < 0)
                continue;
            const double *c = table + 2 * llabs(k[last]) * n, *w = c + n;
            double sign = k[last] < 0 ? -1 : 1, re = 0, im = 0;
            for (int64_t i = 0; i < n; i++) {
                re += line[i] * c[i] - sign * line[n + i] * w[i];
                im += sign * line[i] * w[i] + line[n + i] * c[i];
            }
            power[place] += (origin && k[last] == 0 ? 1 : 2) * (re * re + im * im);
        }
        int a = last - 1; /* the next line */
        for (; a >= 0 && k[a] == most[a]; a--)
            k[a] = -most[a];
        if (a < 0)
            break;
        k[a]++;
    }
done:
    fps_free(line);
    fps_free(table);
    return status;
}

fps_status fps_spectrum_nonuniform(const fps_spectrum_spec *spec, int64_t samples, const double *x,
                                   const double *weight, const double *f, const fps_pulse *pulse,
                                   double _Complex *coefficient) {
    const int d = spec->dimension;
    const int32_t K = spec->frequencies;
    sums s = {.dimension = d, .samples = samples};
    fps_radial radial = {0};
    double *power = NULL; /* [K] */
    fps_status status = FPS_OK;
    FPS_TRY(fps_spectrum_check(spec, INT32_MAX));
    FPS_TRY_GOTO(status, FPS_ALLOC(s.phase, d * samples), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s.value, samples), done);
    for (int64_t i = 0; i < samples; i++) {
        s.value[i] = weight[i] * f[i];
        for (int a = 0; a < d; a++)
            s.phase[a * samples + i] = (x[i * d + a] - spec->domain[a][0]) / (spec->domain[a][1] - spec->domain[a][0]);
    }
    for (int a = 0; a < d; a++)
        for (int32_t i = 0; i < K; i++) {
            coefficient[a * K + i] = axis_sum(&s, a, spec->mode[i]);
            if (fps_pulse_beat(pulse, (double)samples * PER_WAVE)) {
                status = FPS_STOPPED;
                goto done;
            }
        }
    if (d > 1) {
        FPS_TRY_GOTO(status, fps_radial_create(spec, &radial), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(power, K), done);
        FPS_TRY_GOTO(status, radial_power(&s, &radial, pulse, power), done);
        for (int32_t i = 0; i < K; i++)
            coefficient[d * K + i] = sqrt(power[i]);
    }
done:
    fps_free(power);
    fps_radial_release(&radial);
    fps_free(s.value);
    fps_free(s.phase);
    return status;
}
