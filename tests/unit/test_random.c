/* floor: numeric */
/* Random numbers: the published answers of Philox 4x32-10, distributions, independence of everything but the key. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fpsweep/random.h"

/* Known-answer vectors of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (Random123's kat_vectors). */
static void known_answers(void **state) {
    (void)state;
    const struct {
        uint64_t seed, index, expected;
        uint32_t layer, purpose;
    } cases[] = {
        {0, 0, 0xe169c58d6627e8d5, 0, 0},
        {UINT64_MAX, UINT64_MAX, 0x41c83b0e408f276d, UINT32_MAX, UINT32_MAX},
        {0x299f31d0a4093822, 0x85a308d3243f6a88, 0x94fdccebd16cfe09, 0x13198a2e, 0x03707344},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t got = fps_random_bits(cases[i].seed, (fps_purpose)cases[i].purpose, cases[i].layer, cases[i].index);
        if (got != cases[i].expected)
            fail_msg("vector %zu: %016llx, expected %016llx", i, (unsigned long long)got,
                     (unsigned long long)cases[i].expected);
    }
}

enum { N = 200000, CELLS = 100 };

static double uniform_at(uint64_t i) {
    return fps_random_uniform(1, FPS_PURPOSE_DATA, 0, i);
}

/* Standard normals pushed through their distribution function are uniform too. */
static double normal_at(uint64_t i) {
    return 0.5 * erfc(-fps_random_normal(1, FPS_PURPOSE_DATA, 0, i) * M_SQRT1_2);
}

/* Chi-square over 100 cells: mean 99, sd 14.07; moments within 5 standard errors; neighbours uncorrelated. */
static void check_uniform(const char *name, double (*at)(uint64_t)) {
    int64_t cell[CELLS] = {0};
    double mean = 0, square = 0, neighbours = 0, last = 0.5, chi = 0;
    for (uint64_t i = 0; i < N; i++) {
        double u = at(i);
        assert_true(u > 0 && u < 1);
        cell[(int)(u * CELLS)]++;
        mean += u / N;
        square += (u - 0.5) * (u - 0.5) / N;
        neighbours += (u - 0.5) * (last - 0.5) / N;
        last = u;
    }
    for (int c = 0; c < CELLS; c++)
        chi += pow((double)cell[c] - (double)N / CELLS, 2) / ((double)N / CELLS);
    print_message("%s: mean %.5f, variance x 12 %.5f, chi-square(99) %.1f, correlation x 12 %.5f\n", name, mean,
                  12 * square, chi, 12 * neighbours);
    assert_true(fabs(mean - 0.5) < 5 / sqrt(12.0 * N));
    assert_true(fabs(12 * square - 1) < 5 * sqrt(0.8 / N));
    assert_true(chi > 99 - 4 * 14.07 && chi < 99 + 5 * 14.07);
    assert_true(fabs(12 * neighbours) < 5 / sqrt((double)N));
}

static void distributions(void **state) {
    (void)state;
    check_uniform("uniform", uniform_at);
    check_uniform("normal", normal_at);
    double moment[5] = {0};
    for (uint64_t i = 0; i < N; i++) {
        double z = fps_random_normal(2, FPS_PURPOSE_WEIGHTS, 3, i);
        assert_true(isfinite(z));
        for (int k = 1; k <= 4; k++)
            moment[k] += pow(z, k) / N;
    }
    print_message("normal: moments %.4f %.4f %.4f %.4f\n", moment[1], moment[2], moment[3], moment[4]);
    assert_true(fabs(moment[1]) < 5 * sqrt(1.0 / N));
    assert_true(fabs(moment[2] - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(moment[3]) < 5 * sqrt(15.0 / N));
    assert_true(fabs(moment[4] - 3) < 5 * sqrt(96.0 / N));
}

/* Streams that differ in seed, purpose or layer alone are uncorrelated and never equal. */
static void streams(void **state) {
    (void)state;
    const struct {
        uint64_t seed;
        fps_purpose purpose;
        uint32_t layer;
    } stream[] = {
        {1, FPS_PURPOSE_DATA, 0},    {2, FPS_PURPOSE_DATA, 0},    {1, FPS_PURPOSE_NOISE, 0},
        {1, FPS_PURPOSE_LABELS, 0},  {1, FPS_PURPOSE_BIASES, 0},  {1, FPS_PURPOSE_WEIGHTS, 0},
        {1, FPS_PURPOSE_WEIGHTS, 1}, {1, FPS_PURPOSE_BATCHES, 0}, {UINT64_C(1) << 32 | 1, FPS_PURPOSE_DATA, 0},
    };
    enum { STREAMS = sizeof stream / sizeof *stream, COUNT = 20000 };
    for (int a = 0; a < STREAMS; a++)
        for (int b = 0; b < a; b++) {
            double correlation = 0;
            for (uint64_t i = 0; i < COUNT; i++) {
                double u = fps_random_uniform(stream[a].seed, stream[a].purpose, stream[a].layer, i);
                double v = fps_random_uniform(stream[b].seed, stream[b].purpose, stream[b].layer, i);
                assert_true(u != v);
                correlation += 12 * (u - 0.5) * (v - 0.5) / COUNT;
            }
            if (!(fabs(correlation) < 5 / sqrt(COUNT)))
                fail_msg("streams %d and %d: correlation %.4f, standard error %.4f", a, b, correlation,
                         1 / sqrt(COUNT));
        }
}

/* A number has no history: any order of asking gives the same. */
static void order_free(void **state) {
    (void)state;
    static double forward[1000];
    for (uint64_t i = 0; i < 1000; i++)
        forward[i] = fps_random_normal(7, FPS_PURPOSE_NOISE, 0, i);
    for (uint64_t i = 1000; i-- > 0;) {
        fps_random_bits(i, FPS_PURPOSE_DATA, 1, i);
        double again = fps_random_normal(7, FPS_PURPOSE_NOISE, 0, i);
        assert_memory_equal(&again, &forward[i], sizeof again);
    }
    /* indices beyond 32 bits are all used */
    assert_true(fps_random_bits(7, FPS_PURPOSE_NOISE, 0, 5) !=
                fps_random_bits(7, FPS_PURPOSE_NOISE, 0, UINT64_C(1) << 32 | 5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(distributions),
        cmocka_unit_test(streams),
        cmocka_unit_test(order_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
