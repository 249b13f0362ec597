/* floor: numeric */
/* Long computations that are told to stop do so at the next beat, leave nothing half done behind that counts, and give
 * the same bits afterwards; being listened to changes nothing. */
#define FPS_PRECISION 32

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/initializer.h"
#include "fpsweep/sampling.h"
#include "fpsweep/spectrum.h"
#include "numeric/stepper.h"

/* Stops at beat number `stop_at`, 0: never. */
typedef struct ear {
    int64_t beats, stop_at;
    double operations;
} ear;

static bool hear(void *context, double operations) {
    ear *e = context;
    assert_true(operations > 0);
    e->operations += operations;
    return ++e->beats == e->stop_at;
}

enum { SAMPLES = 600, WIDTH = 12, DEPTH = 3 };

static fps_stepper *make_stepper(fps_optimizer optimizer) {
    fps_stepper_spec spec = {.shape = {.inputs = 5,
                                       .depth = DEPTH,
                                       .width = {WIDTH, WIDTH, WIDTH},
                                       .activation = FPS_ACTIVATION_TANH,
                                       .hidden_bias = true,
                                       .output_bias = true},
                             .loss = {.code = FPS_LOSS_MSE},
                             .optimizer = optimizer,
                             .learning_rate = 0.01,
                             .momentum = 0.9,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8,
                             .trained = FPS_TRAIN_ALL,
                             .samples = SAMPLES,
                             .uniform_weights = true};
    fps_stepper *s;
    assert_int_equal(fps_stepper_create(&spec, &s), FPS_OK);
    const int64_t stride = FPS_PADDED(SAMPLES), count = fps_network_weights(&spec.shape);
    for (int64_t i = 0; i < SAMPLES; i++) {
        for (int64_t d = 0; d < 5; d++)
            fps_stepper_input(s)[d * stride + i] = (float)sin((double)(1 + 7 * i + 131 * d));
        fps_stepper_label(s)[i] = (float)cos(0.1 * (double)i);
        fps_stepper_sample_weight(s)[i] = 1.0f / SAMPLES;
    }
    for (int64_t i = 0; i < count; i++)
        fps_stepper_weights(s)[i] = (float)(0.3 * sin(1.0 + 12.9898 * (double)i));
    fps_stepper_ready(s);
    return s;
}

/* Weights, states and number of updates as one block of bytes. */
static size_t copy_of(fps_stepper *s, int64_t count, unsigned char *out) {
    const size_t size = (size_t)count * sizeof(float);
    size_t used = 0;
    const int64_t updates = fps_stepper_updates(s);
    memcpy(out, &updates, sizeof updates);
    used += sizeof updates;
    memcpy(out + used, fps_stepper_weights(s), size);
    used += size;
    for (int k = 0; fps_stepper_state(s, k); k++, used += size)
        memcpy(out + used, fps_stepper_state(s, k), size);
    return used;
}

static void a_stopped_update_was_not_made(void **state) {
    (void)state;
    static unsigned char before[65536], after[65536], undisturbed[65536];
    const int64_t count = WIDTH * 5 + WIDTH + 2 * (WIDTH * WIDTH + WIDTH) + WIDTH + 1;
    for (int o = 0; o < FPS_OPTIMIZER_UPDATES; o++) {
        fps_stepper *quiet = make_stepper((fps_optimizer)o), *s = make_stepper((fps_optimizer)o);
        ear e = {0};
        const fps_pulse pulse = {hear, &e};
        double loss = 0;
        for (int i = 0; i < 3; i++)
            loss = fps_stepper_step(quiet, NULL);
        fps_stepper_set_pulse(s, &pulse);
        int64_t beats = 0;
        for (int i = 0; i < 3; i++) { /* before each of three updates, stop at every beat that there is */
            size_t size = copy_of(s, count, before);
            for (int64_t stop_at = 1;; stop_at++) {
                e = (ear){.stop_at = stop_at};
                const double got = fps_stepper_step(s, NULL);
                if (e.beats < stop_at) { /* it came through */
                    assert_false(fps_stepper_stopped(s));
                    assert_true(i < 2 || got == loss);
                    beats = e.beats;
                    break;
                }
                assert_true(isnan(got) && fps_stepper_stopped(s));
                assert_int_equal(copy_of(s, count, after), size);
                assert_memory_equal(before, after, size);
            }
        }
        assert_true(beats >= 3 * (2 * DEPTH)); /* three blocks of columns there and back */
        size_t size = copy_of(quiet, count, undisturbed);
        assert_int_equal(copy_of(s, count, after), size);
        assert_memory_equal(undisturbed, after, size);
        e = (ear){.stop_at = 2};
        assert_true(isnan(fps_stepper_loss(s)) && fps_stepper_stopped(s));
        float gradient[65536 / 8];
        e = (ear){.stop_at = beats};
        assert_true(isnan(fps_stepper_gradient(s, gradient)) && fps_stepper_stopped(s));
        fps_stepper_set_pulse(s, NULL);
        assert_true(fps_stepper_loss(s) == fps_stepper_loss(quiet) && !fps_stepper_stopped(s));
        fps_stepper_destroy(&s);
        fps_stepper_destroy(&quiet);
    }
}

/* Run `call(pulse, out)` without a pulse, with one, and stopped at its first, middle and last beat. */
static void assert_heard(fps_status (*call)(const fps_pulse *pulse, double *out), int64_t numbers, int64_t least) {
    double *quiet = calloc((size_t)numbers, sizeof *quiet), *heard = calloc((size_t)numbers, sizeof *heard);
    ear e = {0};
    const fps_pulse pulse = {hear, &e};
    assert_int_equal(call(NULL, quiet), FPS_OK);
    assert_int_equal(call(&pulse, heard), FPS_OK);
    assert_memory_equal(quiet, heard, (size_t)numbers * sizeof *quiet);
    const int64_t beats = e.beats, stops[] = {1, (beats + 1) / 2, beats};
    if (beats < least)
        fail_msg("%d beats, at least %d were expected", (int)beats, (int)least);
    for (int i = 0; i < 3; i++) {
        e = (ear){.stop_at = stops[i]};
        assert_int_equal(call(&pulse, heard), FPS_STOPPED);
        assert_int_equal(e.beats, stops[i]);
    }
    free(heard);
    free(quiet);
}

static fps_status draw_weights(const fps_pulse *pulse, double *out) {
    const fps_network_shape shape = {.inputs = 3, .depth = 2, .width = {100, 200}, .hidden_bias = true};
    const fps_choice he = {.code = FPS_INITIALIZER_HE}, bias = {.code = FPS_BIAS_INITIALIZER_PYTORCH};
    return fps_initializer_fill(&shape, &he, &bias, 5, pulse, out);
}

static fps_status place_samples(const fps_pulse *pulse, double *out) {
    const fps_sample_spec spec = {.dimension = 2,
                                  .samples = 400,
                                  .domain = {{0, 1}, {-1, 2}},
                                  .sampling = FPS_SAMPLING_JITTERED,
                                  .density = {.code = FPS_DENSITY_BETA, .argument = {2, 3}},
                                  .data_seed = 3};
    return fps_sampling_fill(&spec, pulse, out, out + 800);
}

static fps_status weigh_samples(const fps_pulse *pulse, double *out) {
    const fps_sample_spec spec = {.dimension = 1,
                                  .samples = 300,
                                  .domain = {{0, 1}},
                                  .sampling = FPS_SAMPLING_POPULATION,
                                  .density = {.code = FPS_DENSITY_BETA, .argument = {2, 3}}};
    return fps_sampling_fill(&spec, pulse, out, out + 300);
}

static fps_status sum_waves(const fps_pulse *pulse, double *out) {
    static const int32_t mode[] = {0, 1, 2, 5};
    const fps_spectrum_spec spec = {
        .dimension = 3, .grid_points = 16, .domain = {{0, 1}, {0, 2}, {0, 1}}, .frequencies = 4, .mode = mode};
    double x[90], weight[30], f[30];
    for (int i = 0; i < 90; i++)
        x[i] = 0.5 + 0.49 * sin(1.0 + 5 * i);
    for (int i = 0; i < 30; i++) {
        weight[i] = 1.0 / 30;
        f[i] = cos(0.7 * i);
    }
    return fps_spectrum_nonuniform(&spec, 30, x, weight, f, pulse, (double _Complex *)out);
}

static void everything_long_is_heard(void **state) {
    (void)state;
    assert_heard(draw_weights, 3 * 100 + 100 + 100 * 200 + 200 + 200, 6);
    assert_heard(place_samples, 1200, 800);
    assert_heard(weigh_samples, 600, 600);
    assert_heard(sum_waves, 2 * 4 * 4, 12 + 28); /* modes along the axes; lines of vectors */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_update_was_not_made),
        cmocka_unit_test(everything_long_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
