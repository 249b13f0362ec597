/* test_flow_body.h (per precision): the integrator itself, on steppers. Included by test_flow_single.c and _double.c.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "numeric/flow.h"

enum { SAMPLES = 37, STRIDE = FPS_PADDED(SAMPLES), MOST_WEIGHTS = 2048 };

static double number(uint32_t stream, int64_t i) {
    return fps_random_normal(7, FPS_PURPOSE_WEIGHTS, stream, (uint64_t)i);
}

static fps_stepper_spec spec_of(fps_activation activation, fps_trained trained, double learning_rate) {
    fps_stepper_spec spec = {.shape = {.inputs = 2,
                                       .depth = 2,
                                       .width = {12, 9},
                                       .activation = activation,
                                       .hidden_bias = true,
                                       .output_bias = true},
                             .loss = {.code = FPS_LOSS_MSE},
                             .optimizer = FPS_OPTIMIZER_FLOW,
                             .learning_rate = learning_rate,
                             .trained = trained,
                             .samples = SAMPLES,
                             .uniform_weights = true};
    return spec;
}

static fps_stepper *build(const fps_stepper_spec *spec) {
    fps_stepper *stepper = NULL;
    assert_int_equal(fps_stepper_create(spec, &stepper), FPS_OK);
    for (int64_t i = 0; i < SAMPLES; i++) {
        for (int64_t d = 0; d < spec->shape.inputs; d++)
            fps_stepper_input(stepper)[d * STRIDE + i] = (real)number(1, i * 2 + d);
        fps_stepper_label(stepper)[i] = (real)number(2, i);
        fps_stepper_sample_weight(stepper)[i] = (real)(1.0 / SAMPLES);
    }
    for (int64_t w = 0; w < fps_network_weights(&spec->shape); w++)
        fps_stepper_weights(stepper)[w] = (real)(0.4 * number(3, w));
    fps_stepper_ready(stepper);
    return stepper;
}

/* Follow to whole step `target`; returns how many attempts were rejected. */
static int follow(fps_flow *flow, int64_t target) {
    int rejected = 0;
    while (fps_flow_clock_of(flow)->landed < target) {
        assert_int_equal(fps_flow_attempt(flow, target, NULL, 0), FPS_OK);
        rejected += fps_flow_clock_of(flow)->rejected != 0;
    }
    assert_true(fps_flow_clock_of(flow)->landed == target && fps_flow_clock_of(flow)->since == 0);
    return rejected;
}

/* Largest difference of weights between two ways of landing on steps 3 and 40. */
static double difference(const fps_stepper_spec *spec, double tolerance, double other, bool stops_between) {
    fps_stepper *one = build(spec), *two = build(spec);
    fps_flow *a = NULL, *b = NULL;
    double worst = 0;
    assert_int_equal(fps_flow_create(spec, one, tolerance, &a), FPS_OK);
    assert_int_equal(fps_flow_create(spec, two, other, &b), FPS_OK);
    fps_flow_start(a, NULL);
    fps_flow_start(b, NULL);
    for (int64_t step = 1; step < 40 && stops_between; step += 3)
        follow(b, step);
    follow(a, 40);
    follow(b, 40);
    for (int64_t w = 0; w < fps_network_weights(&spec->shape); w++)
        worst = fmax(worst, fabs((double)fps_stepper_weights(one)[w] - (double)fps_stepper_weights(two)[w]));
    fps_flow_destroy(&a);
    fps_flow_destroy(&b);
    fps_stepper_destroy(&one);
    fps_stepper_destroy(&two);
    return worst;
}

/* Neither a smaller tolerance nor other landings change more than the tolerance allows. */
static void the_flow_is_one(void **state) {
    (void)state;
    static const double tolerances[] = {1e-3, 1e-5, 1e-7, 1e-9, 1e-11};
    const fps_stepper_spec spec = spec_of(FPS_ACTIVATION_TANH, FPS_TRAIN_ALL, 0.1);
    for (size_t t = 0; t < sizeof tolerances / sizeof *tolerances && tolerances[t] > FPS_REAL_EPSILON; t++) {
        const double finer = difference(&spec, tolerances[t], tolerances[t] / 30, false);
        const double landed = difference(&spec, tolerances[t], tolerances[t], true);
        print_message("tolerance %.0e: against a finer one %.1e, against landing often %.1e\n", tolerances[t], finer,
                      landed);
        const double allowed = 30 * tolerances[t] + 40 * (double)FPS_REAL_EPSILON;
        assert_true(finer < allowed && landed < allowed);
    }
}

/* After any attempt: weights and clock in another object go on with the same bits, whatever that did before. */
static void taken_up_again_it_has_the_same_bits(void **state) {
    (void)state;
    static const fps_activation activations[] = {FPS_ACTIVATION_TANH, FPS_ACTIVATION_RELU, FPS_ACTIVATION_RELU2};
    for (int c = 0; c < 9; c++) {
        const fps_stepper_spec spec = spec_of(activations[c % 3], (fps_trained)(c / 3), 1);
        fps_stepper *one = build(&spec), *two = build(&spec);
        const size_t bytes = (size_t)fps_network_weights(&spec.shape) * sizeof(real);
        fps_flow *a = NULL, *b = NULL;
        assert_int_equal(fps_flow_create(&spec, one, 1e-6, &a), FPS_OK);
        assert_int_equal(fps_flow_create(&spec, two, 1e-6, &b), FPS_OK);
        fps_flow_start(a, NULL);
        for (int attempt = 0; attempt < 60; attempt++) {
            fps_flow_start(b, NULL);
            follow(b, 1);
            memcpy(fps_stepper_weights(two), fps_stepper_weights(one), bytes);
            fps_flow_start(b, fps_flow_clock_of(a));
            assert_int_equal(fps_flow_attempt(a, 1000, NULL, 0), FPS_OK);
            assert_int_equal(fps_flow_attempt(b, 1000, NULL, 0), FPS_OK);
            assert_memory_equal(fps_flow_clock_of(a), fps_flow_clock_of(b), sizeof(fps_flow_clock));
            assert_memory_equal(fps_stepper_weights(one), fps_stepper_weights(two), bytes);
        }
        fps_flow_destroy(&a);
        fps_flow_destroy(&b);
        fps_stepper_destroy(&one);
        fps_stepper_destroy(&two);
    }
}

static bool count_down(void *context, double operations) {
    assert_true(operations == 5);
    return --*(int *)context == 0;
}

/* Given up at any gradient, an attempt leaves nothing behind. */
static void a_pause_changes_nothing(void **state) {
    (void)state;
    const fps_stepper_spec spec = spec_of(FPS_ACTIVATION_RELU, FPS_TRAIN_ALL, 0.1);
    fps_stepper *stepper = build(&spec), *undisturbed = build(&spec);
    const size_t bytes = (size_t)fps_network_weights(&spec.shape) * sizeof(real);
    real before[MOST_WEIGHTS];
    fps_flow *flow = NULL, *other = NULL;
    assert_int_equal(fps_flow_create(&spec, stepper, 1e-6, &flow), FPS_OK);
    assert_int_equal(fps_flow_create(&spec, undisturbed, 1e-6, &other), FPS_OK);
    fps_flow_start(flow, NULL);
    fps_flow_start(other, NULL);
    for (int attempt = 0; attempt < 20; attempt++) {
        for (int gradient = 1; gradient <= FPS_FLOW_EVALUATIONS; gradient++) {
            const fps_flow_clock clock = *fps_flow_clock_of(flow);
            int left = gradient;
            const fps_pulse pulse = {count_down, &left};
            memcpy(before, fps_stepper_weights(stepper), bytes);
            assert_int_equal(fps_flow_attempt(flow, 5000, &pulse, 5), FPS_STOPPED);
            assert_memory_equal(&clock, fps_flow_clock_of(flow), sizeof clock);
            assert_memory_equal(before, fps_stepper_weights(stepper), bytes);
        }
        assert_int_equal(fps_flow_attempt(flow, 5000, NULL, 0), FPS_OK);
        assert_int_equal(fps_flow_attempt(other, 5000, NULL, 0), FPS_OK);
        assert_memory_equal(fps_flow_clock_of(other), fps_flow_clock_of(flow), sizeof(fps_flow_clock));
    }
    assert_memory_equal(fps_stepper_weights(undisturbed), fps_stepper_weights(stepper), bytes);
    fps_flow_destroy(&flow);
    fps_flow_destroy(&other);
    fps_stepper_destroy(&stepper);
    fps_stepper_destroy(&undisturbed);
}

/* train: output and biases leave all other weights alone, and move theirs. */
static void untrained_weights_stay(void **state) {
    (void)state;
    for (int trained = FPS_TRAIN_OUTPUT; trained < FPS_TRAIN_COUNT; trained++) {
        const fps_stepper_spec spec = spec_of(FPS_ACTIVATION_TANH, (fps_trained)trained, 0.1);
        fps_stepper *stepper = build(&spec);
        fps_flow *flow = NULL;
        assert_int_equal(fps_flow_create(&spec, stepper, 1e-6, &flow), FPS_OK);
        fps_flow_start(flow, NULL);
        follow(flow, 10);
        for (int l = 0; l <= 2; l++) {
            const fps_layer_view view = fps_network_layer(&spec.shape, l);
            for (int64_t i = view.weights; i < view.bias + view.out; i++) {
                const bool moves = trained == FPS_TRAIN_BIASES ? i >= view.bias : l == 2;
                assert_true((fps_stepper_weights(stepper)[i] != (real)(0.4 * number(3, i))) == moves);
            }
        }
        fps_flow_destroy(&flow);
        fps_stepper_destroy(&stepper);
    }
}

/* Signs of both hidden layers' pre-activations at the samples, evaluated plainly. */
static void signs_of(const fps_stepper_spec *spec, const real *weights, signed char *sign) {
    for (int64_t i = 0; i < SAMPLES; i++) {
        double a[2][12], x[2] = {(double)(real)number(1, 2 * i), (double)(real)number(1, 2 * i + 1)};
        for (int l = 0; l < 2; l++) {
            const fps_layer_view view = fps_network_layer(&spec->shape, l);
            for (int k = 0; k < view.out; k++) {
                double z = (double)weights[view.bias + k];
                for (int j = 0; j < view.in; j++)
                    z += (double)weights[view.weights + (int64_t)k * view.in + j] * (l ? a[0][j] : x[j]);
                a[l][k] = fmax(z, 0);
                *sign++ = z > 0;
            }
        }
    }
}

/* Kinks are counted from accepted inner step to accepted inner step. */
static void crossings_are_those_of_the_signs(void **state) {
    (void)state;
    enum { SIGNS = SAMPLES * 21 };
    for (int c = 0; c < 2; c++) {
        const fps_stepper_spec spec = spec_of(FPS_ACTIVATION_RELU, c ? FPS_TRAIN_BIASES : FPS_TRAIN_ALL, 0.05);
        fps_stepper *stepper = build(&spec);
        fps_flow *flow = NULL;
        signed char last[SIGNS], now[SIGNS];
        int64_t counted = 0;
        assert_int_equal(fps_flow_create(&spec, stepper, 1e-4, &flow), FPS_OK);
        fps_flow_start(flow, NULL);
        signs_of(&spec, fps_stepper_weights(stepper), last);
        for (int attempt = 0; attempt < 300; attempt++) {
            assert_int_equal(fps_flow_attempt(flow, 100000, NULL, 0), FPS_OK);
            signs_of(&spec, fps_stepper_weights(stepper), now);
            for (int s = 0; s < SIGNS; s++)
                counted += now[s] != last[s];
            memcpy(last, now, sizeof last);
        }
        print_message("%lld crossings, %lld by the signs\n", (long long)fps_flow_clock_of(flow)->crossings,
                      (long long)counted);
        assert_true(counted > 10);
        assert_true(llabs(fps_flow_clock_of(flow)->crossings - counted) <= (sizeof(real) == 4 ? counted / 10 : 0));
        fps_flow_destroy(&flow);
        fps_stepper_destroy(&stepper);
    }
    const fps_stepper_spec smooth = spec_of(FPS_ACTIVATION_TANH, FPS_TRAIN_ALL, 0.05);
    fps_stepper *stepper = build(&smooth);
    fps_flow *flow = NULL;
    assert_int_equal(fps_flow_create(&smooth, stepper, 1e-4, &flow), FPS_OK);
    fps_flow_start(flow, NULL);
    follow(flow, 10);
    assert_int_equal(fps_flow_clock_of(flow)->crossings, -1);
    fps_flow_destroy(&flow);
    fps_stepper_destroy(&stepper);
}

static void attempt_until_it_fails(const fps_stepper_spec *spec, double tolerance, const char *words) {
    fps_stepper *stepper = build(spec);
    fps_flow *flow = NULL;
    fps_status status = FPS_OK;
    assert_int_equal(fps_flow_create(spec, stepper, tolerance, &flow), FPS_OK);
    fps_flow_start(flow, NULL);
    for (int attempt = 0; status == FPS_OK && attempt < 20000; attempt++)
        status = fps_flow_attempt(flow, 1000, NULL, 0);
    assert_int_equal(status, FPS_ERROR_NUMERIC);
    if (!strstr(fps_error_message(), words))
        fail_msg("'%s' does not say '%s'", fps_error_message(), words);
    fps_flow_destroy(&flow);
    fps_stepper_destroy(&stepper);
}

/* Stiffness beyond the limit, and a slope that is nowhere finite but at the start. */
static void what_cannot_be_followed_is_said(void **state) {
    (void)state;
    fps_stepper_spec spec = spec_of(FPS_ACTIVATION_TANH, FPS_TRAIN_ALL, 1e5);
    attempt_until_it_fails(&spec, 1e-6, "more than 10000 gradients for one step");
    spec = spec_of(FPS_ACTIVATION_RELU3, FPS_TRAIN_ALL, 1e30);
    attempt_until_it_fails(&spec, 1e-6, "inner steps shrink below rounding");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_flow_is_one),
        cmocka_unit_test(taken_up_again_it_has_the_same_bits),
        cmocka_unit_test(a_pause_changes_nothing),
        cmocka_unit_test(untrained_weights_stay),
        cmocka_unit_test(crossings_are_those_of_the_signs),
        cmocka_unit_test(what_cannot_be_followed_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
