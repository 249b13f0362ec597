#include "experiment/speed.h"

#include <complex.h>
#include <math.h>

#include "base/clock.h"
#include "fpsweep/memory.h"
#include "fpsweep/spectrum.h"
#include "numeric/extension.h"
#include "numeric/stepper.h"

/* A measurement is the fastest of several turns, each long enough for the clock: whoever else uses the core only adds.
 */
#define TURN_S 2e-4
enum { TURNS = 9, LARGE_WIDTH = 500, UPDATE_DEPTH = 3, MANY_SAMPLES = 1024, SAMPLES = FPS_SPEED_SAMPLES };

/* A network of `depth` layers of one width on one input, with weights and samples of moderate size. */
static fps_status make_stepper(int depth, int width, int samples, fps_activation activation, fps_optimizer optimizer,
                               fps_stepper **out) {
    fps_stepper_spec spec = {
        .shape = {.inputs = 1, .depth = depth, .activation = activation, .hidden_bias = true, .output_bias = true},
        .loss = {.code = FPS_LOSS_MSE},
        .optimizer = optimizer,
        .learning_rate = 1e-6,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
        .samples = samples,
        .uniform_weights = true};
    for (int l = 0; l < depth; l++)
        spec.shape.width[l] = width;
    FPS_TRY(fps_stepper_create(&spec, out));
    int64_t weights = fps_network_weights(&spec.shape);
    for (int64_t i = 0; i < weights; i++)
        fps_stepper_weights(*out)[i] = (real)(sin((double)i) / sqrt((double)width + 1));
    for (int i = 0; i < samples; i++) {
        fps_stepper_input(*out)[i] = (real)((i + 0.5) / samples);
        fps_stepper_label(*out)[i] = (real)sin(3 * (i + 0.5) / samples);
        fps_stepper_sample_weight(*out)[i] = (real)(1.0 / samples);
    }
    fps_stepper_ready(*out);
    return FPS_OK;
}

/* Seconds per step: the fastest of TURNS turns. */
static double time_steps(fps_stepper *stepper) {
    double start = fps_clock_thread_s(), fastest = INFINITY;
    fps_stepper_step(stepper, NULL); /* into the caches */
    double once = fps_clock_thread_s() - start;
    int steps = once < TURN_S ? (int)fmin(1000, 1 + TURN_S / once) : 1;
    for (int turn = 0; turn < TURNS; turn++) {
        start = fps_clock_thread_s();
        for (int i = 0; i < steps; i++)
            fps_stepper_step(stepper, NULL);
        fastest = fmin(fastest, (fps_clock_thread_s() - start) / steps);
    }
    return fastest;
}

static fps_status time_network(int depth, int width, int samples, fps_activation activation, fps_optimizer optimizer,
                               double *seconds) {
    fps_stepper *stepper = NULL;
    FPS_TRY(make_stepper(depth, width, samples, activation, optimizer, &stepper));
    *seconds = time_steps(stepper);
    fps_stepper_destroy(&stepper);
    return FPS_OK;
}

/* A difference of two timings, kept positive under noise. */
static double positive(double seconds, double least) {
    return seconds > least ? seconds : least;
}

static fps_status measure_elements(fps_speed *speed, double overhead) {
    const int width = 100;
    for (int a = 0; a < fps_activation_count(); a++) {
        double seconds;
        if (a >= FPS_ACTIVATION_COUNT && !fps_extension_of_activation((fps_activation)a)->loaded)
            continue; /* cannot be run */
        FPS_TRY(time_network(1, width, SAMPLES, (fps_activation)a, FPS_OPTIMIZER_GD, &seconds));
        speed->element[a] = positive(seconds - overhead, 0.1 * seconds) / (width * FPS_SPEED_ELEMENT_COLUMNS(SAMPLES));
    }
    double many;
    FPS_TRY(time_network(1, 3 * width, MANY_SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_GD, &many));
    double each = (many - overhead) / (3 * width * FPS_SPEED_ELEMENT_COLUMNS(MANY_SAMPLES));
    speed->element_far = positive(each - speed->element[FPS_ACTIVATION_RELU], 0);
    return FPS_OK;
}

/* Adam's update, from its difference to gd's: in the cache, and at the largest width. */
static fps_status measure_weights(fps_speed *speed) {
    static const int widths[2] = {50, LARGE_WIDTH};
    double *out[2] = {&speed->weight, &speed->weight_far};
    for (int i = 0; i < 2; i++) {
        double gd, adam, width = widths[i], weights = (UPDATE_DEPTH - 1) * width * width + UPDATE_DEPTH * width;
        FPS_TRY(time_network(UPDATE_DEPTH, widths[i], SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_GD, &gd));
        FPS_TRY(time_network(UPDATE_DEPTH, widths[i], SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_ADAM, &adam));
        *out[i] = positive(adam - gd, 0.01 * gd) / (weights * (1 - FPS_SPEED_GD_SHARE));
    }
    speed->weight_far = positive(speed->weight_far, speed->weight);
    return FPS_OK;
}

/* Deeper less shallow network: what further hidden layers cost beside their updates. */
static fps_status measure_gemm(fps_speed *speed) {
    static const int widths[] = FPS_CALIBRATION_WIDTHS;
    for (int i = 0; i < FPS_CALIBRATION_WIDTH_COUNT; i++) {
        int width = widths[i], more = width <= 50 ? 4 : 2;
        double shallow, deep, square = (double)width * width;
        FPS_TRY(time_network(1, width, SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_GD, &shallow));
        FPS_TRY(time_network(1 + more, width, SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_GD, &deep));
        double layer = (deep - shallow) / more;
        double update = FPS_SPEED_GD_SHARE * (width < LARGE_WIDTH ? speed->weight : speed->weight_far) * square;
        speed->gemm[i] = positive(layer - update, 0.2 * layer) / (3 * square * FPS_SPEED_GEMM_COLUMNS(SAMPLES));
    }
    return FPS_OK;
}

static fps_status measure_transform(fps_speed *speed) {
    enum { GRID = 1024, FREQUENCIES = 32 };
    int32_t mode[FREQUENCIES];
    double _Complex coefficient[FREQUENCIES];
    for (int k = 0; k < FREQUENCIES; k++)
        mode[k] = k;
    fps_spectrum_spec spec = {
        .dimension = 1, .grid_points = GRID, .domain = {{0, 1}}, .frequencies = FREQUENCIES, .mode = mode};
    fps_spectrum *spectrum = NULL;
    FPS_TRY(fps_spectrum_create(&spec, &spectrum));
    double fastest = INFINITY;
    for (int turn = 0; turn < 2 * TURNS; turn++) {
        real *input = fps_spectrum_input(spectrum);
        for (int i = 0; i < GRID; i++)
            input[i] = (real)(i % 7);
        double start = fps_clock_thread_s();
        fps_spectrum_measure(spectrum, coefficient);
        fastest = fmin(fastest, fps_clock_thread_s() - start);
    }
    speed->transform = fastest / (GRID * log2(GRID));
    fps_spectrum_destroy(&spectrum);
    return FPS_OK;
}

fps_status fps_speed_measure(fps_speed *speed, double *step_overhead) {
    FPS_TRY(time_network(0, 0, SAMPLES, FPS_ACTIVATION_RELU, FPS_OPTIMIZER_GD, step_overhead));
    FPS_TRY(measure_elements(speed, *step_overhead));
    FPS_TRY(measure_weights(speed));
    FPS_TRY(measure_gemm(speed));
    return measure_transform(speed);
}
