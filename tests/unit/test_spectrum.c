/* floor: numeric */
/* Spectra: against the definition summed directly, and by properties: known coefficients and phases, Parseval,
 * linearity, leakage, non-uniform sums on the midpoint grid. */
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "fpsweep/spectrum.h"

#if FPS_PRECISION == 32
#define BAR 1e-6
#else
#define BAR 2e-15
#endif

enum { MOST_POINTS = 4096, MOST_MODES = 512, MOST = 4 * MOST_MODES };

static const double domain[3][2] = {{-1, 2}, {0.5, 1.75}, {-2, 4}}; /* sides 3, 1.25, 6 */
static double f[MOST_POINTS];
static double _Complex got[MOST], other[MOST];
static int32_t mode[MOST_MODES];

static fps_spectrum_spec spec_of(int dimension, int points, fps_window window) {
    fps_spectrum_spec spec = {.dimension = dimension,
                              .grid_points = points,
                              .window = window,
                              .density = {FPS_DENSITY_NORMAL, {0.6, 0.7}, NULL},
                              .frequencies = points / 2 + 1,
                              .mode = mode};
    memcpy(spec.domain, domain, sizeof domain);
    for (int k = 0; k < MOST_MODES; k++)
        mode[k] = k;
    return spec;
}

static int64_t size_of(const fps_spectrum_spec *spec) {
    int64_t size = 1;
    for (int a = 0; a < spec->dimension; a++)
        size *= spec->grid_points;
    return size;
}

/* Grid point g (row-major): its coordinates, by the header's formula. */
static void point(const fps_spectrum_spec *spec, int64_t g, double *x) {
    for (int a = spec->dimension - 1; a >= 0; a--, g /= spec->grid_points)
        x[a] =
            domain[a][0] + ((double)(g % spec->grid_points) + 0.5) * (domain[a][1] - domain[a][0]) / spec->grid_points;
}

static void measure(const fps_spectrum_spec *spec, const double *values, double _Complex *out) {
    fps_spectrum *spectrum = NULL;
    if (fps_spectrum_create(spec, &spectrum) != FPS_OK)
        fail_msg("%s", fps_error_message());
    real *input = fps_spectrum_input(spectrum);
    for (int64_t g = 0; g < size_of(spec); g++)
        input[g] = (real)values[g];
    fps_spectrum_measure(spectrum, out);
    fps_spectrum_destroy(&spectrum);
    assert_null(spectrum);
}

static double window_at(const fps_spectrum_spec *spec, const double *x) {
    double w = 1, mean[3] = {0};
    for (int a = 0; a < spec->dimension; a++) {
        double low = domain[a][0], side = domain[a][1] - low;
        if (spec->window == FPS_WINDOW_HANN)
            w *= pow(sin(M_PI * (x[a] - low) / side), 2);
        if (spec->window == FPS_WINDOW_DENSITY) {
            for (int g = 0; g < spec->grid_points; g++) {
                double z = (low + (g + 0.5) * side / spec->grid_points - 0.6) / 0.7;
                mean[a] += exp(-z * z / 2) / spec->grid_points;
            }
            double z = (x[a] - 0.6) / 0.7;
            w *= sqrt(exp(-z * z / 2) / mean[a]);
        }
    }
    return w;
}

/* c_k by its definition. (x_g - a)/L = (2 g + 1)/(2 N), so that the phase is a whole number of 2 N-ths of a turn,
 * reduced exactly. */
static double _Complex coefficient_of(const fps_spectrum_spec *spec, const int *k) {
    const int N = spec->grid_points;
    const int64_t size = size_of(spec);
    double re = 0, im = 0;
    for (int64_t g = 0; g < size; g++) {
        double x[3];
        int64_t parts = 0, rest = g;
        point(spec, g, x);
        for (int a = spec->dimension - 1; a >= 0; a--, rest /= N)
            parts += k[a] * (2 * (rest % N) + 1);
        double value = window_at(spec, x) * f[g], angle = M_PI * (double)(parts % (2 * N)) / N;
        re += value * cos(angle);
        im -= value * sin(angle);
    }
    return (re + I * im) / (double)size;
}

static double largest(const double _Complex *c, int count) {
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, cabs(c[i]));
    return most;
}

static void expect_equal(const char *what, const double _Complex *a, const double _Complex *b, int count, double bar) {
    double scale = largest(b, count);
    for (int i = 0; i < count; i++)
        if (!(cabs(a[i] - b[i]) <= bar * scale))
            fail_msg("%s, coefficient %d: %.17g %+.17g i, expected %.17g %+.17g i (bar %.2g of %.3g)", what, i,
                     creal(a[i]), cimag(a[i]), creal(b[i]), cimag(b[i]), bar, scale);
}

static void random_values(double *out, int64_t count, uint64_t seed) {
    for (int64_t i = 0; i < count; i++)
        out[i] = fps_random_normal(seed, FPS_PURPOSE_LABELS, 0, (uint64_t)i);
}

/* The expected output by definition: axes, then bins over all N^d frequencies (Nyquist once). */
static void direct(const fps_spectrum_spec *spec, double _Complex *out) {
    const int d = spec->dimension, N = spec->grid_points, K = spec->frequencies;
    for (int a = 0; a < d; a++)
        for (int i = 0; i < K; i++) {
            int k[3] = {0};
            k[a] = mode[i];
            out[a * K + i] = coefficient_of(spec, k);
        }
    if (d == 1)
        return;
    double longest = 0, power[MOST_MODES] = {0};
    for (int a = 0; a < d; a++)
        longest = fmax(longest, domain[a][1] - domain[a][0]);
    for (int64_t g = 0; g < size_of(spec); g++) {
        int k[3];
        double square = 0;
        int64_t rest = g;
        for (int a = d - 1; a >= 0; a--, rest /= N) {
            k[a] = (int)(rest % N) - (N - 1) / 2; /* -(N-1)/2 .. N/2 */
            square += pow(k[a] / (domain[a][1] - domain[a][0]) * longest, 2);
        }
        int r = (int)lround(sqrt(square));
        for (int i = 0; i < K; i++)
            if (mode[i] == r)
                power[i] += pow(cabs(coefficient_of(spec, k)), 2);
    }
    for (int i = 0; i < K; i++)
        out[d * K + i] = sqrt(power[i]);
}

static void definition(void **state) {
    (void)state;
    const int sizes[3][3] = {{16, 27, 128}, {8, 9, 14}, {4, 5, 6}};
    for (int d = 1; d <= 3; d++)
        for (int s = 0; s < 3; s++)
            for (int window = 0; window < FPS_WINDOW_COUNT; window++) {
                fps_spectrum_spec spec = spec_of(d, sizes[d - 1][s], (fps_window)window);
                if (s == 2) { /* a choice of modes */
                    spec.frequencies = 3;
                    mode[1] = 2, mode[2] = sizes[d - 1][s] / 2;
                }
                random_values(f, size_of(&spec), 11);
                measure(&spec, f, got);
                direct(&spec, other);
                assert_int_equal(fps_spectrum_directions(d), d == 1 ? 1 : d + 1);
                expect_equal("FFT against definition", got, other, fps_spectrum_directions(d) * spec.frequencies, BAR);
            }
}

/* Waves in x: sin -> -i/2 at its mode, cos -> 1/2, a shift in x -> a phase, a constant -> itself, Nyquist -> -i. */
static void waves(void **state) {
    (void)state;
    enum { N = 64 };
    fps_spectrum_spec spec = spec_of(1, N, FPS_WINDOW_NONE);
    for (int k = 1; k < N / 2; k += 3) {
        double phase = 0.3 * k;
        for (int g = 0; g < N; g++) {
            double x;
            point(&spec, g, &x);
            f[g] = 0.25 + sin(2 * M_PI * k * (x + 1) / 3 + phase);
        }
        measure(&spec, f, got);
        for (int i = 0; i <= N / 2; i++)
            other[i] = i == 0 ? 0.25 : i == k ? -0.5 * I * cexp(I * phase) : 0;
        expect_equal("sin", got, other, N / 2 + 1, fmax(BAR, 5e-14)); /* arguments up to 200 are rounded by 3e-14 */
    }
    for (int g = 0; g < N; g++)
        f[g] = g % 2 ? -1 : 1; /* = sin(2 pi (N/2) (x - a)/L) on the midpoints */
    measure(&spec, f, got);
    for (int i = 0; i <= N / 2; i++)
        other[i] = i == N / 2 ? -I : 0;
    expect_equal("Nyquist", got, other, N / 2 + 1, BAR);
}

/* One plane wave in the box of sides 3, 1.25, 6: |c|^2 = 1/4 at +-k, so the bin holds 1/sqrt 2, at the rounded length
 * of k measured in units of 1/6. */
static void plane_waves(void **state) {
    (void)state;
    enum { N = 16 };
    fps_spectrum_spec spec = spec_of(3, N, FPS_WINDOW_NONE);
    const int k[3][3] = {{1, 0, 2}, {-1, 1, 3}, {3, 0, 0}};
    const int radius[3] = {3, 6, 6}; /* sqrt(4 + 4), sqrt(4 + 4.8^2 + 9) = 6.0, sqrt(36) */
    for (int c = 0; c < 3; c++) {
        for (int64_t g = 0; g < size_of(&spec); g++) {
            double x[3];
            point(&spec, g, x);
            f[g] =
                cos(2 * M_PI * (k[c][0] * (x[0] + 1) / 3 + k[c][1] * (x[1] - 0.5) / 1.25 + k[c][2] * (x[2] + 2) / 6));
        }
        measure(&spec, f, got);
        for (int i = 0; i < 4 * spec.frequencies; i++)
            other[i] = i == 3 * spec.frequencies + radius[c] ? M_SQRT1_2 : 0;
        if (c == 2)
            other[3] = 0.5; /* it lies on the first axis */
        expect_equal("plane wave", got, other, 4 * spec.frequencies, 10 * BAR);
    }
}

/* sum_k m |c_k|^2 = mean of (w f)^2; in the plane with all power in low modes the bins hold everything. */
static void parseval(void **state) {
    (void)state;
    enum { N = 256 };
    for (int window = 0; window < FPS_WINDOW_COUNT; window++) {
        fps_spectrum_spec spec = spec_of(1, N, (fps_window)window);
        random_values(f, N, 3);
        measure(&spec, f, got);
        double power = 0, mean = 0;
        for (int k = 0; k <= N / 2; k++)
            power += (k == 0 || k == N / 2 ? 1 : 2) * pow(cabs(got[k]), 2);
        for (int g = 0; g < N; g++) {
            double x;
            point(&spec, g, &x);
            mean += pow(window_at(&spec, &x) * f[g], 2) / N;
        }
        if (!(fabs(power / mean - 1) <= 10 * BAR))
            fail_msg("window %d: power %.17g, mean square %.17g", window, power, mean);
    }
    fps_spectrum_spec spec = spec_of(2, 64, FPS_WINDOW_NONE);
    double power = 0, mean = 0;
    for (int64_t g = 0; g < size_of(&spec); g++) {
        double x[3];
        point(&spec, g, x);
        f[g] = 1 + sin(2 * M_PI * 3 * (x[0] + 1) / 3) * cos(2 * M_PI * 5 * (x[1] - 0.5) / 1.25);
        mean += f[g] * f[g] / (double)size_of(&spec);
    }
    measure(&spec, f, got);
    for (int i = 0; i < spec.frequencies; i++)
        power += pow(cabs(got[2 * spec.frequencies + i]), 2);
    if (!(fabs(power / mean - 1) <= 10 * BAR))
        fail_msg("radial bins: power %.17g, mean square %.17g", power, mean);
}

static void linear(void **state) {
    (void)state;
    static double g[MOST_POINTS];
    static double _Complex sum[MOST];
    for (int window = 0; window < FPS_WINDOW_COUNT; window++) {
        fps_spectrum_spec spec = spec_of(2, 32, (fps_window)window);
        int axes = 2 * spec.frequencies;
        random_values(f, 1024, 1);
        random_values(g, 1024, 2);
        measure(&spec, f, got);
        measure(&spec, g, other);
        for (int i = 0; i < axes; i++)
            other[i] = 2.5 * got[i] - 0.75 * other[i];
        for (int i = 0; i < 1024; i++)
            f[i] = 2.5 * f[i] - 0.75 * g[i];
        measure(&spec, f, sum);
        expect_equal("linearity", sum, other, axes, 2 * BAR);
    }
}

/* A wave that does not fit the domain leaks into all modes: about 1/k without a window, 1/k^3 with hann. */
static void leakage(void **state) {
    (void)state;
    enum { N = 512 };
    double slope[2];
    for (int window = FPS_WINDOW_NONE; window <= FPS_WINDOW_HANN; window++) {
        fps_spectrum_spec spec = spec_of(1, N, (fps_window)window);
        for (int g = 0; g < N; g++)
            f[g] = cos(2 * M_PI * 2.5 * (g + 0.5) / N + 0.4);
        measure(&spec, f, got);
        slope[window] = log(cabs(got[32]) / cabs(got[16])) / log(2);
    }
    print_message("leakage: slope %.2f without a window, %.2f with hann\n", slope[0], slope[1]);
    assert_true(fabs(slope[0] + 1) < 0.15);
    assert_true(fabs(slope[1] + 3) < 0.3);

    fps_spectrum_spec spec = spec_of(1, N, FPS_WINDOW_HANN); /* of a constant: 1/2, -1/4, 0, ... */
    for (int g = 0; g < N; g++)
        f[g] = 1;
    measure(&spec, f, got);
    for (int i = 0; i <= N / 2; i++)
        other[i] = i == 0 ? 0.5 : i == 1 ? -0.25 : 0;
    expect_equal("hann of a constant", got, other, N / 2 + 1, BAR);
}

/* On the midpoint grid with equal weights the sums are the transform; in single precision within its rounding. */
static void nonuniform(void **state) {
    (void)state;
    static double x[3 * MOST_POINTS], weight[MOST_POINTS];
    const int points[3] = {256, 32, 12};
    for (int d = 1; d <= 3; d++) {
        fps_spectrum_spec spec = spec_of(d, points[d - 1], FPS_WINDOW_NONE);
        int64_t size = size_of(&spec);
        random_values(f, size, 5);
        for (int64_t g = 0; g < size; g++) {
            point(&spec, g, x + d * g);
            weight[g] = 1 / (double)size;
        }
        spec.frequencies = points[d - 1] / 2; /* at Nyquist the sum meets +N/2 and -N/2, the grid has only one */
        measure(&spec, f, got);
        if (fps_spectrum_nonuniform(&spec, size, x, weight, f, NULL, other) != FPS_OK)
            fail_msg("%s", fps_error_message());
        /* the last bin also rounds modes at or beyond Nyquist into it */
        for (int direction = 0; direction < fps_spectrum_directions(d); direction++)
            expect_equal("non-uniform", got + direction * spec.frequencies, other + direction * spec.frequencies,
                         spec.frequencies - (direction == d), 4 * BAR);
    }
}

/* One point: |c_k| = |w f| for every k, phases to the last digits; bins count their lattice points. */
static void one_point(void **state) {
    (void)state;
    fps_spectrum_spec spec = spec_of(1, 4, FPS_WINDOW_NONE);
    const int32_t most[2] = {1, 1000003};
    spec.mode = most;
    spec.frequencies = 2;
    spec.domain[0][0] = 0, spec.domain[0][1] = 1; /* (x - a)/L = x */
    double x = 0.3710937500001, weight = 0.5, value = -3;
    double high = (float)x, low = x - high; /* short enough that k high and k low are exact */
    assert_int_equal(fps_spectrum_nonuniform(&spec, 1, &x, &weight, &value, NULL, got), FPS_OK);
    for (int i = 0; i < 2; i++) {
        double angle = 2 * M_PI * (fmod(most[i] * high, 1) + most[i] * low);
        other[i] = -1.5 * (cos(angle) - I * sin(angle));
    }
    expect_equal("one point", got, other, 2, 3e-15);

    fps_spectrum_spec plane = spec_of(2, 12, FPS_WINDOW_NONE);
    double origin[2] = {0.1, 0.7};
    plane.domain[0][0] = plane.domain[1][0] = 0, plane.domain[0][1] = plane.domain[1][1] = 2;
    plane.frequencies = 6;
    assert_int_equal(fps_spectrum_nonuniform(&plane, 1, origin, &weight, &value, NULL, got), FPS_OK);
    for (int r = 0; r < 6; r++) {
        int count = 0;
        for (int a = -7; a <= 7; a++)
            for (int b = -7; b <= 7; b++)
                count += lround(sqrt(a * a + b * b)) == r;
        double expected = 1.5 * sqrt(count);
        if (!(fabs(creal(got[2 * 6 + r]) - expected) <= 1e-14 * expected))
            fail_msg("bin %d: %.17g, expected %.17g (%d lattice points)", r, creal(got[12 + r]), expected, count);
    }
}

/* Planning anew and measuring again give the same bits. */
static void same_bits(void **state) {
    (void)state;
    fps_spectrum_spec spec = spec_of(2, 30, FPS_WINDOW_HANN);
    random_values(f, 900, 8);
    measure(&spec, f, got);
    for (int i = 0; i < 3; i++) {
        void *shift = malloc(1000 + 24 * (size_t)i); /* other addresses */
        measure(&spec, f, other);
        free(shift);
        assert_memory_equal(got, other, sizeof *got * 3 * (size_t)spec.frequencies);
    }
}

static void refusals(void **state) {
    (void)state;
    fps_spectrum *spectrum = NULL;
    fps_spectrum_spec spec = spec_of(1, 16, FPS_WINDOW_NONE);
    spec.frequencies = 10; /* 0 .. 9, but Nyquist is 8 */
    assert_int_equal(fps_spectrum_create(&spec, &spectrum), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "mode 9 cannot be measured"));
    spec.frequencies = 3;
    mode[2] = 1;
    assert_int_equal(fps_spectrum_create(&spec, &spectrum), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "must increase"));
    spec = spec_of(2, 16, FPS_WINDOW_DENSITY);
    spec.density = (fps_choice){FPS_DENSITY_NORMAL, {1000, 1}, NULL};
    assert_int_equal(fps_spectrum_create(&spec, &spectrum), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "zero on the domain"));
    spec = spec_of(2, 16, FPS_WINDOW_NONE);
    spec.domain[1][1] = spec.domain[1][0];
    assert_int_equal(fps_spectrum_create(&spec, &spectrum), FPS_ERROR_NUMERIC);
    assert_null(spectrum);
    fps_spectrum_destroy(&spectrum);
    fps_spectrum_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definition), cmocka_unit_test(waves),     cmocka_unit_test(plane_waves),
        cmocka_unit_test(parseval),   cmocka_unit_test(linear),    cmocka_unit_test(leakage),
        cmocka_unit_test(nonuniform), cmocka_unit_test(one_point), cmocka_unit_test(same_bits),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
