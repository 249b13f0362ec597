/* Training speed on one core, single precision: microseconds per step and share of this machine's own large-sgemm rate.
 *
 *     bench_training [--seconds S] [--core NAME]
 *
 * Full batch, tanh, one input, gd and adam. Operations are counted for real samples only: 6 sum(in out) n per step, the
 * gemms of the forward and the backward pass. The large sgemm is measured in the same run, alternating with the
 * networks, so that a changing clock hits both alike. Median of five turns of S seconds each (default 0.2).
 * Like the program, the benchmark starts itself again with the BLAS core that belongs to the processor if OpenBLAS
 * chose another. Exit status 1 if a network stays below the share that is asked of it.
 */
#define FPS_PRECISION 32

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "numeric/stepper.h"

char *openblas_get_corename(void);

typedef struct network {
    const char *name;
    int depth, width;
    int64_t samples;
    double bar; /* share of large sgemm that is asked for */
} network;

static const network networks[] = {
    {"2 x 20", 2, 20, 61, 0.35},
    {"2 x 50", 2, 50, 61, 0.45},
    {"4 x 200", 4, 200, 61, 0.65},
    {"2 x 500", 2, 500, 201, 0.80},
};
static const fps_optimizer optimizers[] = {FPS_OPTIMIZER_GD, FPS_OPTIMIZER_ADAM};
static const char *const optimizer_names[] = {"gd", "adam"};
enum { NETWORKS = sizeof networks / sizeof *networks, OPTIMIZERS = 2, TURNS = 5, LARGE = 1024 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, int count) {
    qsort(value, (size_t)count, sizeof *value, compare);
    return value[count / 2];
}

static void *or_die(void *block) {
    if (!block) {
        fprintf(stderr, "bench_training: %s\n", fps_error_message());
        exit(1);
    }
    return block;
}

/* Start again with the BLAS core of the processor's kernel class and one thread, unless that is so already. */
static void repair_blas(char **argv, const char *core) {
    const char *threads = getenv("OPENBLAS_NUM_THREADS");
    const bool core_is_right = !core || strcasecmp(openblas_get_corename(), core) == 0;
    if ((core_is_right && threads && strcmp(threads, "1") == 0) || getenv("BENCH_TRAINING_RESTARTED"))
        return;
    setenv("BENCH_TRAINING_RESTARTED", "1", 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    if (core)
        setenv("OPENBLAS_CORETYPE", core, 1);
    execv("/proc/self/exe", argv);
    fprintf(stderr, "bench_training: cannot start again with the BLAS core %s\n", core ? core : "as it is");
}

/* Rate of a LARGE^3 sgemm in operations per second, best of two inside `seconds`. */
static double large_rate(double seconds) {
    static float *a, *b, *c;
    if (!a) {
        a = or_die(fps_alloc(LARGE * LARGE, sizeof *a));
        b = or_die(fps_alloc(LARGE * LARGE, sizeof *b));
        c = or_die(fps_alloc(LARGE * LARGE, sizeof *c));
        for (int i = 0; i < LARGE * LARGE; i++)
            a[i] = b[i] = 1.0f / (float)(1 + i % 97);
    }
    double best = 0;
    const double end = now() + seconds;
    do {
        const double start = now();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, LARGE, LARGE, LARGE, 1, a, LARGE, b, LARGE, 0, c, LARGE);
        best = fmax(best, 2.0 * LARGE * LARGE * LARGE / (now() - start));
    } while (now() < end);
    return best;
}

/* Operations of a step that count. */
static double step_operations(const network *at) {
    return 6.0 * (double)at->samples * (double)at->width * (2 + (at->depth - 1) * (double)at->width);
}

static fps_stepper *build(const network *at, fps_optimizer optimizer) {
    fps_stepper_spec spec = {.shape = {.inputs = 1,
                                       .depth = at->depth,
                                       .activation = FPS_ACTIVATION_TANH,
                                       .hidden_bias = true,
                                       .output_bias = true},
                             .loss = {.code = FPS_LOSS_MSE},
                             .optimizer = optimizer,
                             .learning_rate = 1e-5,
                             .momentum = 0.9,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8,
                             .trained = FPS_TRAIN_ALL,
                             .samples = at->samples,
                             .uniform_weights = true};
    for (int l = 0; l < at->depth; l++)
        spec.shape.width[l] = at->width;
    fps_stepper *stepper;
    or_die(fps_stepper_create(&spec, &stepper) == FPS_OK ? stepper : NULL);
    for (int64_t i = 0; i < at->samples; i++) {
        const double x = -3.1 + 6.2 * (double)i / (double)(at->samples - 1);
        fps_stepper_input(stepper)[i] = (float)x;
        fps_stepper_label(stepper)[i] = (float)(sin(x) + sin(3 * x) + sin(5 * x));
        fps_stepper_sample_weight(stepper)[i] = 1.0f / (float)at->samples;
    }
    for (int l = 0; l <= at->depth; l++) { /* any reproducible spread of the usual size */
        const fps_layer_view view = fps_network_layer(&spec.shape, l);
        for (int64_t i = 0; i < (int64_t)view.out * view.in; i++)
            fps_stepper_weights(stepper)[view.weights + i] =
                (float)(sin(1.0 + 12.9898 * (double)i + l) / sqrt(view.in));
    }
    fps_stepper_ready(stepper);
    return stepper;
}

/* Seconds per step over about `seconds`. */
static double step_time(fps_stepper *stepper, double seconds) {
    int64_t steps = 0, chunk = 1;
    double elapsed = 0;
    const double start = now();
    while (elapsed < seconds) {
        for (int64_t i = 0; i < chunk; i++)
            if (!isfinite(fps_stepper_step(stepper, NULL))) {
                fprintf(stderr, "bench_training: the loss is not finite\n");
                exit(1);
            }
        steps += chunk;
        elapsed = now() - start;
        chunk = elapsed < seconds / 10 ? 2 * chunk : chunk;
    }
    return elapsed / (double)steps;
}

int main(int argc, char **argv) {
    double seconds = 0.2;
    const char *core = fps_kernel_class_blas_core(fps_kernel_class_best());
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--core") == 0)
            core = argv[i + 1];
    }
    repair_blas(argv, core);
    fps_kernel_class class;
    if (fps_kernel_class_wanted(&class) != FPS_OK) {
        fprintf(stderr, "bench_training: %s\n", fps_error_message());
        return 2;
    }
    fps_kernel_class_set(class);

    fps_stepper *stepper[NETWORKS][OPTIMIZERS];
    double time_s[NETWORKS][OPTIMIZERS][TURNS], rate[TURNS], share[NETWORKS][OPTIMIZERS][TURNS];
    for (int n = 0; n < NETWORKS; n++)
        for (int o = 0; o < OPTIMIZERS; o++)
            stepper[n][o] = build(&networks[n], optimizers[o]);
    for (int turn = -1; turn < TURNS; turn++) /* turn -1 warms up */
        for (int n = 0; n < NETWORKS; n++)
            for (int o = 0; o < OPTIMIZERS; o++) {
                const double operations = step_operations(&networks[n]);
                const double before = large_rate(seconds / 4), taken = step_time(stepper[n][o], seconds);
                const double large = (before + large_rate(seconds / 4)) / 2;
                if (turn < 0)
                    continue;
                rate[turn] = large;
                time_s[n][o][turn] = taken;
                share[n][o][turn] = operations / taken / large;
            }
    printf("kernels %s, BLAS core %s, single precision, full batch, tanh, 1 input, one core\n",
           fps_kernel_class_name(class), openblas_get_corename());
    printf("large sgemm (%d): %.0f GF, median of %d\n", LARGE, median(rate, TURNS) / 1e9, TURNS);
    printf("%-10s %8s %6s %12s %8s %22s %8s\n", "network", "samples", "", "us per step", "GF", "share of large sgemm",
           "asked");
    int below = 0;
    for (int n = 0; n < NETWORKS; n++)
        for (int o = 0; o < OPTIMIZERS; o++) {
            const double operations = step_operations(&networks[n]);
            const double taken = median(time_s[n][o], TURNS), part = median(share[n][o], TURNS);
            below += part < networks[n].bar;
            printf("%-10s %8lld %6s %12.2f %8.1f %20.1f %% %6.0f %%%s\n", networks[n].name,
                   (long long)networks[n].samples, optimizer_names[o], taken * 1e6, operations / taken / 1e9,
                   100 * part, 100 * networks[n].bar, part < networks[n].bar ? "  below" : "");
            fps_stepper_destroy(&stepper[n][o]);
        }
    return below > 0;
}
