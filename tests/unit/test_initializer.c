/* floor: numeric */
/* Initial weights: every law's moments and bounds, counter addressing, stratified biases, antisymmetric pairs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/initializer.h"
#include "fpsweep/random.h"

static double weights[200000], again[200000];

static fps_network_shape shape_of(int inputs, int depth, const int *width) {
    fps_network_shape shape = {.inputs = inputs, .depth = depth, .hidden_bias = true, .output_bias = true};
    for (int l = 0; l < depth; l++)
        shape.width[l] = width[l];
    return shape;
}

static void fill(const fps_network_shape *shape, fps_choice initializer, fps_choice bias, uint64_t seed) {
    if (fps_initializer_fill(shape, &initializer, &bias, seed, NULL, weights) != FPS_OK)
        fail_msg("%s", fps_error_message());
}

static const fps_choice zero_bias = {FPS_BIAS_INITIALIZER_ZERO, {0, 0}, NULL};

typedef struct moments {
    double mean, sd, largest, fourth; /* fourth moment / sd^4: 3 if normal, 1.8 if uniform */
} moments;

static moments moments_of(const double *value, int64_t count) {
    moments m = {0};
    for (int64_t i = 0; i < count; i++)
        m.mean += value[i] / (double)count;
    for (int64_t i = 0; i < count; i++) {
        double d = value[i] - m.mean;
        m.sd += d * d / (double)count;
        m.fourth += d * d * d * d / (double)count;
        m.largest = fmax(m.largest, fabs(value[i]));
    }
    m.fourth /= m.sd * m.sd;
    m.sd = sqrt(m.sd);
    return m;
}

static void check_law(const char *name, const double *value, int64_t count, bool normal, double sd) {
    moments m = moments_of(value, count);
    double n = (double)count, error = normal ? 1 / sqrt(2 * n) : sqrt(0.2 / n);
    bool good = fabs(m.mean) < 5 * sd / sqrt(n) && fabs(m.sd / sd - 1) < 5 * error &&
                fabs(m.fourth - (normal ? 3 : 1.8)) < (normal ? 5 * sqrt(96 / n) : 5 * sqrt(1 / n));
    if (!normal)
        good &= m.largest <= sd * sqrt(3) && m.largest > 0.99 * sd * sqrt(3);
    if (!good)
        fail_msg("%s: mean %.3g, sd %.6g (expected %.6g), largest %.6g, kurtosis %.4g", name, m.mean, m.sd, sd,
                 m.largest, m.fourth);
}

/* Layer 1 of 40 x 200 x 150 x 1: fan_in 200, fan_out 150. */
static void laws(void **state) {
    (void)state;
    const int width[] = {200, 150};
    fps_network_shape shape = shape_of(40, 2, width);
    fps_layer_view view = fps_network_layer(&shape, 1);
    const struct {
        const char *name;
        fps_choice choice;
        bool normal;
        double sd;
    } cases[] = {
        {"glorot", {FPS_INITIALIZER_GLOROT, {0, 0}, NULL}, false, sqrt(2.0 / 350)},
        {"he", {FPS_INITIALIZER_HE, {0, 0}, NULL}, true, sqrt(2.0 / 200)},
        {"lecun", {FPS_INITIALIZER_LECUN, {0, 0}, NULL}, true, sqrt(1.0 / 200)},
        {"normal(0.05)", {FPS_INITIALIZER_NORMAL, {0.05, 0}, NULL}, true, 0.05},
        {"uniform(0.3)", {FPS_INITIALIZER_UNIFORM, {0.3, 0}, NULL}, false, 0.3 / sqrt(3)},
        {"ntk", {FPS_INITIALIZER_NTK, {0, 0}, NULL}, true, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill(&shape, cases[i].choice, zero_bias, 5);
        check_law(cases[i].name, weights + view.weights, (int64_t)view.out * view.in, cases[i].normal, cases[i].sd);
        for (int k = 0; k < view.out; k++)
            assert_true(weights[view.bias + k] == 0);
    }
    fill(&shape, (fps_choice){FPS_INITIALIZER_SIGN, {0.4, 0}, NULL}, zero_bias, 5);
    int64_t positive = 0, count = (int64_t)view.out * view.in;
    for (int64_t i = view.weights; i < view.weights + count; i++) {
        assert_true(fabs(weights[i]) == 0.4);
        positive += weights[i] > 0;
    }
    assert_true(fabs((double)positive - 0.5 * (double)count) < 5 * sqrt(0.25 * (double)count));
    fill(&shape, (fps_choice){FPS_INITIALIZER_ZERO, {0, 0}, NULL}, zero_bias, 5);
    for (int64_t i = 0; i < fps_network_weights(&shape); i++)
        assert_true(weights[i] == 0);
}

static void bias_laws(void **state) {
    (void)state;
    const int width[] = {20000};
    fps_network_shape shape = shape_of(4, 1, width);
    fps_layer_view view = fps_network_layer(&shape, 0);
    const fps_choice glorot = {FPS_INITIALIZER_GLOROT, {0, 0}, NULL};
    fill(&shape, glorot, (fps_choice){FPS_BIAS_INITIALIZER_PYTORCH, {0, 0}, NULL}, 9);
    check_law("pytorch", weights + view.bias, view.out, false, 0.5 / sqrt(3));
    fill(&shape, glorot, (fps_choice){FPS_BIAS_INITIALIZER_NORMAL, {0.7, 0}, NULL}, 9);
    check_law("normal", weights + view.bias, view.out, true, 0.7);
    fill(&shape, glorot, (fps_choice){FPS_BIAS_INITIALIZER_UNIFORM, {2, 0}, NULL}, 9);
    check_law("uniform", weights + view.bias, view.out, false, 2 / sqrt(3));
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorted, they are the quantiles; unsorted, they are in no order, another one for each seed and layer. */
static void stratified(void **state) {
    (void)state;
    const int width[] = {101, 101};
    fps_network_shape shape = shape_of(1, 2, width);
    const fps_choice he = {FPS_INITIALIZER_HE, {0, 0}, NULL}, bias = {FPS_BIAS_INITIALIZER_STRATIFIED, {1.5, 0}, NULL};
    double order[2][101], sorted[101];
    for (int l = 0; l < 2; l++) {
        fill(&shape, he, bias, 3);
        memcpy(order[l], weights + fps_network_layer(&shape, l).bias, sizeof order[l]);
        memcpy(sorted, order[l], sizeof sorted);
        qsort(sorted, 101, sizeof *sorted, ascending);
        int ascents = 0;
        for (int i = 0; i < 101; i++) {
            double expected = 1.5 * (2 * (i + 0.5) / 101 - 1);
            if (fabs(sorted[i] - expected) > 1e-15)
                fail_msg("quantile %d: %.17g, expected %.17g", i, sorted[i], expected);
            ascents += i > 0 && order[l][i] > order[l][i - 1];
        }
        if (ascents < 30 || ascents > 70)
            fail_msg("%d ascents among 100: not a random order", ascents);
    }
    assert_memory_not_equal(order[0], order[1], sizeof order[0]);
    fill(&shape, he, bias, 4);
    assert_memory_not_equal(order[0], weights + fps_network_layer(&shape, 0).bias, sizeof order[0]);
    assert_true(weights[fps_network_layer(&shape, 2).bias] == 0); /* the median of one */
}

/* Each number comes from its own counter: (seed, purpose, layer, out * fan_in + in). */
static void addressed(void **state) {
    (void)state;
    const int width[] = {7, 5};
    fps_network_shape shape = shape_of(3, 2, width);
    fill(&shape, (fps_choice){FPS_INITIALIZER_NTK, {0, 0}, NULL},
         (fps_choice){FPS_BIAS_INITIALIZER_NORMAL, {1, 0}, NULL}, 12345);
    for (int l = 0; l <= 2; l++) {
        fps_layer_view v = fps_network_layer(&shape, l);
        for (int o = 0; o < v.out; o++) {
            for (int i = 0; i < v.in; i++)
                assert_true(weights[v.weights + o * v.in + i] ==
                            fps_random_normal(12345, FPS_PURPOSE_WEIGHTS, (uint32_t)l, (uint64_t)(o * v.in + i)));
            assert_true(weights[v.bias + o] == fps_random_normal(12345, FPS_PURPOSE_BIASES, (uint32_t)l, (uint64_t)o));
        }
    }
}

/* Comparisons are paired: a deeper network shares its first layers with a shallower one; biases do not disturb weights.
 */
static void paired(void **state) {
    (void)state;
    const int width[] = {16, 16, 16};
    fps_network_shape deep = shape_of(2, 3, width), shallow = shape_of(2, 1, width), bare = deep;
    bare.hidden_bias = bare.output_bias = false;
    const fps_choice he = {FPS_INITIALIZER_HE, {0, 0}, NULL}, bias = {FPS_BIAS_INITIALIZER_PYTORCH, {0, 0}, NULL};
    fill(&deep, he, bias, 1);
    memcpy(again, weights, sizeof *weights * (size_t)fps_network_weights(&deep));
    fill(&shallow, he, bias, 1);
    assert_memory_equal(weights, again, sizeof *weights * (2 * 16 + 16));
    fill(&bare, he, bias, 1);
    for (int l = 0; l <= 3; l++) {
        fps_layer_view with = fps_network_layer(&deep, l), without = fps_network_layer(&bare, l);
        assert_memory_equal(again + with.weights, weights + without.weights,
                            sizeof *weights * (size_t)with.out * (size_t)with.in);
    }
}

/* Equal neurons, opposite output weights, no output bias: what makes the output exactly 0 everywhere. */
static void antisymmetric(void **state) {
    (void)state;
    const int width[] = {6, 10};
    fps_network_shape shape = shape_of(1, 2, width);
    shape.antisymmetric = true;
    for (int code = 0; code < FPS_BIAS_INITIALIZER_COUNT; code++) {
        fill(&shape, (fps_choice){FPS_INITIALIZER_HE, {0, 0}, NULL}, (fps_choice){code, {0.8, 0}, NULL}, 21);
        fps_layer_view hidden = fps_network_layer(&shape, 1), last = fps_network_layer(&shape, 2);
        bool any = false;
        for (int o = 0; o < 5; o++) {
            for (int i = 0; i < 6; i++)
                assert_true(weights[hidden.weights + o * 6 + i] == weights[hidden.weights + (o + 5) * 6 + i]);
            assert_true(weights[hidden.bias + o] == weights[hidden.bias + o + 5]);
            assert_true(weights[last.weights + o] == -weights[last.weights + o + 5]);
            any |= weights[last.weights + o] != 0;
        }
        assert_true(any);
        assert_true(weights[last.bias] == 0);
        if (code == FPS_BIAS_INITIALIZER_STRATIFIED) { /* the distinct ones are spread evenly */
            double sorted[5];
            memcpy(sorted, weights + hidden.bias, sizeof sorted);
            qsort(sorted, 5, sizeof *sorted, ascending);
            for (int i = 0; i < 5; i++)
                assert_true(fabs(sorted[i] - 0.8 * (2 * i - 4) / 5) < 1e-15);
        }
    }
    /* without biases */
    shape.hidden_bias = shape.output_bias = false;
    fill(&shape, (fps_choice){FPS_INITIALIZER_HE, {0, 0}, NULL}, zero_bias, 21);

    shape.width[1] = 9;
    const fps_choice he = {FPS_INITIALIZER_HE, {0, 0}, NULL};
    assert_int_equal(fps_initializer_fill(&shape, &he, &zero_bias, 21, NULL, weights), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "its width 9 must be even"));
    shape.depth = 0;
    assert_int_equal(fps_initializer_fill(&shape, &he, &zero_bias, 21, NULL, weights), FPS_ERROR_NUMERIC);
    assert_non_null(strstr(fps_error_message(), "depth 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws),      cmocka_unit_test(bias_laws), cmocka_unit_test(stratified),
        cmocka_unit_test(addressed), cmocka_unit_test(paired),    cmocka_unit_test(antisymmetric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
