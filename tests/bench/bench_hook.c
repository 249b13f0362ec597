/* How long can a task stay deaf? The longest time between two calls of the trainer's hook, for tasks that are huge in
 * one way each, from the start of the run to its return.
 *
 *     bench_hook [--seconds S] [--only WORD]
 *
 * Every task is stopped after S seconds (default 15) or at its end. A run that is asked to stop must be able to do so
 * within about a second, whatever it trains: exit status 1 if a task stays deaf for longer than that.
 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fpsweep/initializer.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/trainer.h"

static const double bar_s = 1;

typedef struct silence {
    double last_s, end_s, longest_s;
    int64_t calls, step, at_step;
} silence;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void hear(silence *s, int64_t step) {
    const double at = now(), gap = at - s->last_s;
    if (gap > s->longest_s) {
        s->longest_s = gap;
        s->at_step = step;
    }
    s->last_s = at;
    s->step = step;
}

static bool listen(void *context, int64_t step, int64_t steps) {
    silence *s = context;
    (void)steps;
    hear(s, step);
    s->calls++;
    return s->last_s > s->end_s;
}

static fps_task small_task(void) {
    return (fps_task){.dimension = 1,
                      .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(3*x) + 0.5*cos(7*x)"},
                      .domain = {{-1, 1}, {-1, 1}, {-1, 1}},
                      .sampling = {.code = FPS_SAMPLING_GRID},
                      .samples = 64,
                      .data = "",
                      .width_text = "",
                      .activation = {.code = FPS_ACTIVATION_TANH},
                      .initializer = {.code = FPS_INITIALIZER_GLOROT},
                      .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                      .decay_rate = -1,
                      .loss = {.code = FPS_LOSS_MSE},
                      .optimizer = {.code = FPS_OPTIMIZER_ADAM},
                      .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-5}},
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .epsilon = 1e-8,
                      .steps = 3,
                      .precision = {.code = FPS_SINGLE},
                      .grid_points = 256};
}

static void layers(fps_task *task, int64_t depth, int32_t width) {
    task->depth = depth;
    task->width = width;
    for (int64_t l = 0; l < depth; l++)
        task->widths[l] = width;
}

static void wide(fps_task *task) {
    layers(task, 4, 4000);
    task->samples = 1 << 14;
}
static void wide_batches(fps_task *task) {
    wide(task);
    task->batch_size = 256;
    task->tolerance = 1e-9;
    task->steps = 128;
}
static void wide_stable(fps_task *task) {
    wide(task);
    task->optimizer.code = FPS_OPTIMIZER_GD;
    task->learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {1}};
}
static void wide_double(fps_task *task) {
    wide(task);
    task->precision.code = FPS_DOUBLE;
}
static void space_of_points(fps_task *task) {
    task->dimension = 3;
    task->target = (fps_choice){.code = FPS_TARGET_RANDOM};
    task->sampling.code = FPS_SAMPLING_RANDOM;
    task->samples = 20000;
    layers(task, 1, 50);
}
static void space_grid(fps_task *task) {
    task->dimension = 3;
    task->target.text = "sin(x1) * cos(2*x2) * exp(-x3^2)";
    task->samples = 64;
    task->sampling.code = FPS_SAMPLING_JITTERED;
    task->grid_points = 256;
    layers(task, 2, 20);
}
static void many_beta(fps_task *task) {
    task->samples = 1000000;
    task->sampling.code = FPS_SAMPLING_QUANTILE;
    task->density = (fps_choice){.code = FPS_DENSITY_BETA, .argument = {0.3, 2000}};
    layers(task, 1, 20);
}
static void many_expression(fps_task *task) {
    task->samples = 1000000;
    task->sampling.code = FPS_SAMPLING_QUANTILE;
    task->density = (fps_choice){.code = FPS_DENSITY_EXPRESSION, .text = "exp(-3*x^2) * (1.1 + sin(40*x))"};
    layers(task, 1, 20);
}
static void many_batches(fps_task *task) {
    task->samples = 1 << 24;
    task->batch_size = 64;
    task->steps = 100000;
    layers(task, 1, 20);
}
static void many_features(fps_task *task) {
    task->dimension = 2;
    task->target.text = "sin(x1) * cos(2*x2)";
    task->sampling.code = FPS_SAMPLING_MIDPOINT;
    task->samples = 4096;
    task->decay_rate = 2;
    task->band_limit = 60;
    task->frequency_step = 0.1;
    task->learning_rate = (fps_choice){.code = FPS_RATE_STABLE, .argument = {1}};
    task->optimizer.code = FPS_OPTIMIZER_GD;
    task->initializer.code = FPS_INITIALIZER_ZERO;
    task->bias.code = FPS_BIAS_NONE;
}
static void direct(fps_task *task) {
    task->model.code = FPS_MODEL_DIRECT;
    task->target = (fps_choice){.code = FPS_TARGET_RANDOM};
    task->sampling.code = FPS_SAMPLING_JITTERED;
    task->decay_rate = 1.2;
    task->frequency_step = 0.125;
    task->samples = 2000;
}
static void direct_plane(fps_task *task) {
    direct(task);
    task->dimension = 2;
    task->samples = 225;
}
static void direct_disc(fps_task *task) {
    direct(task);
    task->dimension = 2;
    task->samples = 100;
    task->cutoff.code = FPS_CUTOFF_BALL;
}
static void direct_space(fps_task *task) {
    direct(task);
    task->dimension = 3;
    task->samples = 125;
}

static int32_t modes[129];
static int64_t line_ladder[] = {4000000, 12000001, 36000004}, plane_ladder[] = {400, 1201, 3604, 10000};
static const fps_record_spec plain = {.count = 2, .frequencies = 33, .mode = modes},
                             line = {.rungs = 3,
                                     .ladder = line_ladder,
                                     .frequencies = 33,
                                     .mode = modes,
                                     .keep = FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM},
                             plane = {.rungs = 4,
                                      .ladder = plane_ladder,
                                      .frequencies = 129,
                                      .mode = modes,
                                      .keep = FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM},
                             disc = {.rungs = 4,
                                     .ladder = plane_ladder,
                                     .frequencies = 33,
                                     .mode = modes,
                                     .keep = FPS_ONLY_DIRECT},
                             space = {.rungs = 3,
                                      .ladder = plane_ladder,
                                      .frequencies = 33,
                                      .mode = modes,
                                      .keep = FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM};

static const struct {
    const char *name;
    void (*change)(fps_task *task);
    const fps_record_spec *record;
} cases[] = {
    {"4 x 4000, 2^14 samples, adam", wide, &plain},
    {"... in batches of 256, tolerance", wide_batches, &plain},
    {"... stable rate, gd", wide_stable, &plain},
    {"... double precision", wide_double, &plain},
    {"random labels, 20000 points in 3-D", space_of_points, &plain},
    {"256^3 grid", space_grid, &plain},
    {"10^6 quantiles of beta(0.3, 2000)", many_beta, &plain},
    {"10^6 quantiles of an expression", many_expression, &plain},
    {"2^24 samples in batches of 64", many_batches, &plain},
    {"14641 features of 4096 points, stable", many_features, &plain},
    {"direct, 2000 samples in 1-D", direct, &line},
    {"direct, 225 samples in 2-D", direct_plane, &plane},
    {"direct, 100 samples in 2-D, disc", direct_disc, &disc},
    {"direct, 125 samples in 3-D", direct_space, &space},
};
enum { CASES = sizeof cases / sizeof *cases };

int main(int argc, char **argv) {
    double seconds = 15;
    const char *only = "";
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
    }
    fps_kernel_class class;
    if (fps_kernel_class_wanted(&class) != FPS_OK) {
        fprintf(stderr, "bench_hook: %s\n", fps_error_message());
        return 2;
    }
    fps_kernel_class_set(class);
    for (int32_t k = 0; k < 129; k++)
        modes[k] = k;
    printf("%-40s %10s %12s %10s %8s %10s\n", "task", "deaf for s", "before step", "calls", "steps", "seconds");
    int deaf = 0;
    for (int c = 0; c < CASES; c++) {
        if (!strstr(cases[c].name, only))
            continue;
        fps_task task = small_task();
        cases[c].change(&task);
        fps_trainer *trainer;
        fps_trajectory trajectory = {0};
        silence s = {.last_s = now(), .end_s = now() + seconds};
        const double start = s.last_s;
        const fps_hook hook = {.call = listen, .context = &s};
        fps_status status = fps_trainer_create(&trainer);
        if (status == FPS_OK)
            status = fps_trainer_run(trainer, &task, cases[c].record, &hook, &trajectory);
        hear(&s, s.step);
        if ((status != FPS_OK && status != FPS_STOPPED) || trajectory.outcome == FPS_FAILED)
            fprintf(stderr, "bench_hook: %s: %s\n", cases[c].name, fps_error_message());
        printf("%-40s %10.2f %12lld %10lld %8lld %10.1f%s\n", cases[c].name, s.longest_s, (long long)s.at_step,
               (long long)s.calls, (long long)s.step, now() - start, s.longest_s > bar_s ? "  deaf" : "");
        fflush(stdout);
        deaf += s.longest_s > bar_s || trajectory.outcome == FPS_FAILED;
        fps_trajectory_release(&trajectory);
        fps_trainer_destroy(&trainer);
        malloc_trim(0);
    }
    return deaf > 0;
}
