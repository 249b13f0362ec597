/* floor: numeric */
/* Samplings: positions and weights of all kinds in one to three dimensions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "fpsweep/sampling.h"

enum { SIDE = 6, MOST = 4096 };
static double x[MOST * 3], weight[MOST];

static const char *const names[] = {
#define X(NAME, name, uses_density, sentence) #name,
    FPS_SAMPLING_LIST(X)
#undef X
};

static fps_sample_spec spec_of(fps_sampling sampling, int dimension, int64_t samples) {
    return (fps_sample_spec){.dimension = dimension,
                             .samples = samples,
                             .domain = {{-1, 2}, {0, 1}, {-4, 4}},
                             .sampling = sampling,
                             .density = {FPS_DENSITY_NORMAL, {0.25, 0.8}, NULL},
                             .data_seed = 77};
}

static void fill(const fps_sample_spec *spec) {
    if (fps_sampling_fill(spec, NULL, x, weight) != FPS_OK)
        fail_msg("%s, dimension %d: %s", names[spec->sampling], spec->dimension, fps_error_message());
}

/* The coordinate that the definition gives, straight from the density. */
static double defined(const fps_sample_spec *spec, const fps_density *density, int64_t sample, int64_t position,
                      int axis, int64_t side) {
    double low = spec->domain[axis][0], high = spec->domain[axis][1];
    double u = fps_random_uniform(spec->data_seed, FPS_PURPOSE_DATA, 0, (uint64_t)(sample * spec->dimension + axis));
    switch (spec->sampling) {
    case FPS_SAMPLING_GRID:
        return low + (high - low) * (double)position / (double)(side - 1);
    case FPS_SAMPLING_QUANTILE:
        return fps_density_quantile(density, ((double)position + 0.5) / (double)side);
    case FPS_SAMPLING_JITTERED:
        return fps_density_quantile(density, ((double)position + u) / (double)side);
    case FPS_SAMPLING_RANDOM:
        return fps_density_quantile(density, u);
    default:
        return low + (high - low) * ((double)position + 0.5) / (double)side;
    }
}

static void positions(void **state) {
    (void)state;
    for (int dimension = 1; dimension <= 3; dimension++)
        for (int sampling = 0; sampling < FPS_SAMPLING_COUNT; sampling++) {
            int64_t samples = dimension == 1 ? SIDE : dimension == 2 ? SIDE * SIDE : SIDE * SIDE * SIDE;
            fps_sample_spec spec = spec_of((fps_sampling)sampling, dimension, samples);
            fill(&spec);
            for (int k = 0; k < dimension; k++) {
                fps_density *density = NULL;
                assert_int_equal(fps_density_create(&spec.density, spec.domain[k][0], spec.domain[k][1], &density),
                                 FPS_OK);
                int64_t stride = k == dimension - 1 ? 1 : k == dimension - 2 ? SIDE : SIDE * SIDE;
                for (int64_t i = 0; i < samples; i++) {
                    double got = x[i * dimension + k];
                    double expected = defined(&spec, density, i, i / stride % SIDE, k, SIDE);
                    if (!(fabs(got - expected) <= 4e-15))
                        fail_msg("%s, dimension %d, sample %d, axis %d: %.17g, expected %.17g", names[sampling],
                                 dimension, (int)i, k, got, expected);
                }
                fps_density_destroy(&density);
            }
        }
}

static void weights(void **state) {
    (void)state;
    for (int dimension = 1; dimension <= 3; dimension++)
        for (int sampling = 0; sampling < FPS_SAMPLING_COUNT; sampling++) {
            int64_t samples = dimension == 1 ? 256 : dimension == 2 ? 1024 : 4096;
            fps_sample_spec spec = spec_of((fps_sampling)sampling, dimension, samples);
            fill(&spec);
            double sum = 0, first = weight[0], mean = 0;
            for (int64_t i = 0; i < samples; i++) {
                sum += weight[i];
                mean += weight[i] * x[i * dimension];
                if (sampling != FPS_SAMPLING_POPULATION && weight[i] != 1 / (double)samples)
                    fail_msg("%s: weight %.17g, expected 1/%d", names[sampling], weight[i], (int)samples);
            }
            if (!(fabs(sum - 1) <= 1e-14))
                fail_msg("%s, dimension %d: the weights sum to 1 %+.2g", names[sampling], dimension, sum - 1);
            if (sampling != FPS_SAMPLING_POPULATION)
                continue;
            /* mean of the cut normal on [-1, 2]: m + s (phi(a) - phi(b)) / (Phi(b) - Phi(a)); midpoint rule O(1/side^2)
             */
            double a = -1.25 / 0.8, b = 1.75 / 0.8;
            double mass = 0.5 * (erf(b / sqrt(2)) - erf(a / sqrt(2)));
            double exact = 0.25 + 0.8 * (exp(-a * a / 2) - exp(-b * b / 2)) / sqrt(2 * M_PI) / mass;
            double side = (double)fps_sampling_side(samples, dimension);
            if (!(fabs(mean - exact) <= 1 / (side * side)))
                fail_msg("population, dimension %d: mean %.15g, exact %.15g", dimension, mean, exact);
            assert_true(weight[samples / 2] != first);
        }
}

/* In d dimensions the weight is the product of the axes' weights. */
static void population_is_a_product(void **state) {
    (void)state;
    double line[3][16];
    for (int k = 0; k < 3; k++) {
        fps_sample_spec spec = spec_of(FPS_SAMPLING_POPULATION, 1, 16);
        memcpy(spec.domain[0], spec.domain[k], sizeof spec.domain[0]);
        fill(&spec);
        memcpy(line[k], weight, sizeof line[k]);
    }
    fps_sample_spec spec = spec_of(FPS_SAMPLING_POPULATION, 3, 4096);
    fill(&spec);
    for (int i = 0; i < 4096; i++) {
        double expected = line[0][i / 256] * line[1][i / 16 % 16] * line[2][i % 16];
        if (!(fabs(weight[i] - expected) <= 1e-14 * expected))
            fail_msg("sample %d: %.17g, expected %.17g", i, weight[i], expected);
    }
}

/* Grids are symmetric about the middle of the domain to the last bit, and have both ends exactly. */
static void symmetric(void **state) {
    (void)state;
    const fps_sampling kinds[] = {FPS_SAMPLING_GRID, FPS_SAMPLING_MIDPOINT, FPS_SAMPLING_POPULATION};
    for (int k = 0; k < 3; k++)
        for (int64_t n = 2; n < 400; n += 7) {
            fps_sample_spec spec = spec_of(kinds[k], 1, n);
            spec.domain[0][0] = -M_PI;
            spec.domain[0][1] = M_PI;
            fill(&spec);
            for (int64_t i = 0; i < n; i++)
                if (x[i] != -x[n - 1 - i] || (i && x[i] <= x[i - 1]))
                    fail_msg("%s, n = %d: x[%d] = %.17g, x[%d] = %.17g", names[kinds[k]], (int)n, (int)i, x[i],
                             (int)(n - 1 - i), x[n - 1 - i]);
            if (kinds[k] == FPS_SAMPLING_GRID)
                assert_true(x[0] == -M_PI && x[n - 1] == M_PI);
        }
}

/* random follows its density (Kolmogorov-Smirnov); jittered has exactly one sample in each share. */
static void drawn(void **state) {
    (void)state;
    fps_sample_spec spec = spec_of(FPS_SAMPLING_RANDOM, 1, 4000);
    spec.density = (fps_choice){FPS_DENSITY_EXPRESSION, {0, 0}, "1 + x"};
    fill(&spec);
    double worst = 0;
    for (int i = 0; i < 4000; i++) {
        int below = 0;
        for (int j = 0; j < 4000; j++)
            below += x[j] <= x[i];
        double p = (x[i] + 1) * (x[i] + 1) / 9;
        worst = fmax(worst, fabs(below / 4000.0 - p));
    }
    print_message("random: Kolmogorov-Smirnov distance %.4f (1 %% level %.4f)\n", worst, 1.63 / sqrt(4000));
    assert_true(worst < 1.63 / sqrt(4000));

    spec.sampling = FPS_SAMPLING_JITTERED;
    fill(&spec);
    for (int i = 0; i < 4000; i++) {
        double p = (x[i] + 1) * (x[i] + 1) / 9;
        if ((int)floor(p * 4000) != i)
            fail_msg("sample %d lies in share %g", i, p * 4000);
    }
}

/* Draws depend on the seed and the sample's number alone: fewer samples are the beginning of more. */
static void order_free(void **state) {
    (void)state;
    static double few[50];
    fps_sample_spec spec = spec_of(FPS_SAMPLING_RANDOM, 1, 50);
    fill(&spec);
    memcpy(few, x, sizeof few);
    spec.samples = 1000;
    fill(&spec);
    assert_memory_equal(few, x, sizeof few);
    spec.data_seed++;
    fill(&spec);
    for (int i = 0; i < 50; i++)
        assert_true(few[i] != x[i]);
}

static void sides(void **state) {
    (void)state;
    assert_int_equal(fps_sampling_side(64, 1), 64);
    assert_int_equal(fps_sampling_side(64, 2), 8);
    assert_int_equal(fps_sampling_side(64, 3), 4);
    assert_int_equal(fps_sampling_side(63, 2), 0);
    assert_int_equal(fps_sampling_side(65, 3), 0);
    assert_int_equal(fps_sampling_side(1, 3), 1);
    assert_int_equal(fps_sampling_side(0, 2), 0);
    assert_int_equal(fps_sampling_side(-8, 3), 0);
    for (int64_t side = 1; side < 1 << 20; side += 1777) {
        assert_int_equal(fps_sampling_side(side * side * side, 3), side);
        assert_int_equal(fps_sampling_side(side * side + 1, 2), 0);
    }
    assert_int_equal(fps_sampling_side(INT64_MAX, 3), 0);
    assert_int_equal(fps_sampling_side(INT64_MAX, 1), INT64_MAX);
}

static void refusals(void **state) {
    (void)state;
    const struct {
        fps_sampling sampling;
        int dimension;
        int64_t samples;
        const char *message;
    } cases[] = {
        {FPS_SAMPLING_GRID, 2, 60, "sampling grid in 2 dimensions needs samples to be a square, such as 64; it is 60"},
        {FPS_SAMPLING_JITTERED, 3, 28, "to be a cube, such as 27; it is 28"},
        {FPS_SAMPLING_GRID, 1, 1, "sampling grid needs at least 2 samples per axis"},
        {FPS_SAMPLING_RANDOM, 1, 0, "at least one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_sample_spec spec = spec_of(cases[i].sampling, cases[i].dimension, cases[i].samples);
        fps_status status = fps_sampling_fill(&spec, NULL, x, weight);
        if (status != FPS_ERROR_NUMERIC || !strstr(fps_error_message(), cases[i].message))
            fail_msg("case %zu: %s '%s', expected '%s'", i, fps_status_name(status), fps_error_message(),
                     cases[i].message);
    }
    fps_sample_spec spec = spec_of(FPS_SAMPLING_QUANTILE, 1, 8);
    spec.density = (fps_choice){FPS_DENSITY_EXPRESSION, {0, 0}, "x"};
    assert_int_equal(fps_sampling_fill(&spec, NULL, x, weight), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "negative"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions), cmocka_unit_test(weights),  cmocka_unit_test(population_is_a_product),
        cmocka_unit_test(symmetric), cmocka_unit_test(drawn),    cmocka_unit_test(order_free),
        cmocka_unit_test(sides),     cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
