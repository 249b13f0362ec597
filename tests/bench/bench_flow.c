/* What a gradient of `optimizer: flow` costs beside a step of gd, on one core; single and double would do alike, so
 * single precision.
 *
 *     bench_flow [--seconds S]
 *
 * Full batch, tanh (and relu, where kinks are looked for too), one input, the networks of bench_training. The two are
 * timed in turns, so that a changing clock hits both alike; median of five turns of S seconds each (default 0.2). Exit
 * status 1 if a gradient costs more than 1.3 steps of gd.
 */
#define FPS_PRECISION 32

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/kernel_class.h"
#include "numeric/flow.h"

static const struct {
    const char *name;
    int depth, width;
    int64_t samples;
    fps_activation activation;
} networks[] = {{"2 x 20", 2, 20, 61, FPS_ACTIVATION_TANH},      {"2 x 50", 2, 50, 61, FPS_ACTIVATION_TANH},
                {"4 x 200", 4, 200, 61, FPS_ACTIVATION_TANH},    {"2 x 500", 2, 500, 201, FPS_ACTIVATION_TANH},
                {"1 x 1024", 1, 1024, 256, FPS_ACTIVATION_TANH}, {"4 x 200 relu", 4, 200, 61, FPS_ACTIVATION_RELU}};
enum { NETWORKS = sizeof networks / sizeof *networks, TURNS = 5 };
static const double bar = 1.3;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(fps_status status) {
    if (status == FPS_OK)
        return;
    fprintf(stderr, "bench_flow: %s\n", fps_error_message());
    exit(1);
}

static fps_stepper *build(int n, fps_stepper_spec *spec) {
    *spec = (fps_stepper_spec){.shape = {.inputs = 1,
                                         .depth = networks[n].depth,
                                         .activation = networks[n].activation,
                                         .hidden_bias = true,
                                         .output_bias = true},
                               .loss = {.code = FPS_LOSS_MSE},
                               .optimizer = FPS_OPTIMIZER_GD,
                               .learning_rate = 1e-5,
                               .samples = networks[n].samples,
                               .uniform_weights = true};
    for (int l = 0; l < networks[n].depth; l++)
        spec->shape.width[l] = networks[n].width;
    fps_stepper *stepper;
    check(fps_stepper_create(spec, &stepper));
    for (int64_t i = 0; i < spec->samples; i++) {
        const double x = -3.1 + 6.2 * (double)i / (double)(spec->samples - 1);
        fps_stepper_input(stepper)[i] = (float)x;
        fps_stepper_label(stepper)[i] = (float)(sin(x) + sin(3 * x) + sin(5 * x));
        fps_stepper_sample_weight(stepper)[i] = 1.0f / (float)spec->samples;
    }
    for (int l = 0; l <= spec->shape.depth; l++) {
        const fps_layer_view view = fps_network_layer(&spec->shape, l);
        for (int64_t i = 0; i < (int64_t)view.out * view.in; i++)
            fps_stepper_weights(stepper)[view.weights + i] =
                (float)(sin(1.0 + 12.9898 * (double)i + l) / sqrt(view.in));
    }
    fps_stepper_ready(stepper);
    return stepper;
}

static double step_time(fps_stepper *stepper, double seconds) {
    int64_t steps = 0;
    const double start = now();
    for (; now() - start < seconds; steps += 8)
        for (int i = 0; i < 8; i++)
            fps_stepper_step(stepper, NULL);
    return (now() - start) / (double)steps;
}

static double gradient_time(fps_flow *flow, double seconds) {
    const int64_t before = fps_flow_clock_of(flow)->evaluations;
    const double start = now();
    while (now() - start < seconds)
        for (int i = 0; i < 2; i++)
            check(fps_flow_attempt(flow, 1000000000, NULL, 0));
    return (now() - start) / (double)(fps_flow_clock_of(flow)->evaluations - before);
}

int main(int argc, char **argv) {
    double seconds = argc > 2 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 0.2;
    fps_kernel_class class;
    if (!getenv("OPENBLAS_NUM_THREADS")) {
        setenv("OPENBLAS_NUM_THREADS", "1", 1);
        execv("/proc/self/exe", argv);
    }
    check(fps_kernel_class_wanted(&class));
    fps_kernel_class_set(class);
    printf("kernels %s, single precision, full batch, 1 input, one core\n", fps_kernel_class_name(class));
    printf("%-14s %8s %14s %22s %6s\n", "network", "samples", "us per gd step", "us per flow gradient", "ratio");
    int below = 0;
    for (int n = 0; n < NETWORKS; n++) {
        double step[TURNS], gradient[TURNS], ratio[TURNS];
        fps_stepper_spec spec;
        fps_stepper *gd = build(n, &spec), *other = build(n, &spec);
        fps_flow *flow;
        check(fps_flow_create(&spec, other, 1e-6, &flow));
        fps_flow_start(flow, NULL);
        for (int turn = -1; turn < TURNS; turn++) { /* turn -1 warms up */
            const double s = step_time(gd, seconds), g = gradient_time(flow, seconds);
            if (turn < 0)
                continue;
            step[turn] = s;
            gradient[turn] = g;
            ratio[turn] = g / s;
        }
        qsort(step, TURNS, sizeof *step, compare);
        qsort(gradient, TURNS, sizeof *gradient, compare);
        qsort(ratio, TURNS, sizeof *ratio, compare);
        const double middle = ratio[TURNS / 2];
        below += middle > bar;
        printf("%-14s %8lld %14.2f %22.2f %6.2f%s\n", networks[n].name, (long long)networks[n].samples,
               step[TURNS / 2] * 1e6, gradient[TURNS / 2] * 1e6, middle, middle > bar ? "  above" : "");
        fps_flow_destroy(&flow);
        fps_stepper_destroy(&gd);
        fps_stepper_destroy(&other);
    }
    return below > 0;
}
