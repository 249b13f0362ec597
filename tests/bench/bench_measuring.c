/* What measuring costs: 200 log-spaced records (grid 256, 32 frequencies) as a share of a task of 20 000 steps.
 *
 *     bench_measuring
 *
 * Single precision, full batch, tanh, one input. The time of a step and that of a record come from two runs of the
 * trainer that differ only in their number of records; both are medians of five, in time of the core, which others who
 * share it do not change. Exit status 1 if a share is above 5 %.
 * Start it with the BLAS core of the processor: OPENBLAS_CORETYPE=SkylakeX (AVX-512) or Haswell (AVX2).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/trainer.h"

enum { TURNS = 5, FREQUENCIES = 32, RECORDS = 200, STEPS = 20000 };
#define MOST_SHARE 0.05

typedef struct network {
    int depth;
    int32_t width;
    int64_t samples, steps; /* steps of a timed run, at least RECORDS */
} network;

static const network networks[] = {{2, 20, 61, 2000}, {2, 50, 61, 1000}, {4, 200, 61, 400}, {2, 500, 201, 250}};
static const fps_optimizer optimizers[] = {FPS_OPTIMIZER_GD, FPS_OPTIMIZER_ADAM};
static int32_t mode[FREQUENCIES];

static void check(fps_status status) {
    if (status != FPS_OK) {
        fprintf(stderr, "bench_measuring: %s\n", fps_error_message());
        exit(1);
    }
}

static fps_task task_of(const network *at, fps_optimizer optimizer) {
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(x) + sin(3*x) + sin(5*x)"},
                     .domain = {{-3.14, 3.15}},
                     .sampling = {.code = FPS_SAMPLING_GRID},
                     .samples = at->samples,
                     .data = "",
                     .depth = at->depth,
                     .width = at->width,
                     .width_text = "",
                     .activation = {.code = FPS_ACTIVATION_TANH},
                     .initializer = {.code = FPS_INITIALIZER_GLOROT},
                     .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                     .decay_rate = -1,
                     .loss = {.code = FPS_LOSS_MSE},
                     .optimizer = {.code = (int32_t)optimizer},
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-5}},
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .steps = at->steps,
                     .precision = {.code = FPS_SINGLE},
                     .grid_points = 256};
    for (int l = 0; l < at->depth; l++)
        task.widths[l] = at->width;
    return task;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double core_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Time of one run with so many records, linearly spaced. */
static double run_s(fps_trainer *trainer, const fps_task *task, int64_t records, fps_trajectory *trajectory) {
    const fps_record_spec spec = {
        .count = records, .spacing = FPS_SPACING_LINEAR, .frequencies = FREQUENCIES, .mode = mode};
    double start = core_s();
    check(fps_trainer_run(trainer, task, &spec, NULL, trajectory));
    double seconds = core_s() - start;
    if (trajectory->outcome != FPS_DONE || trajectory->records != records) {
        fprintf(stderr, "bench_measuring: a task ended as %s: %s\n", fps_outcome_name(trajectory->outcome),
                trajectory->message);
        exit(1);
    }
    return seconds;
}

int main(void) {
    fps_trainer *trainer;
    fps_trajectory trajectory = {0};
    int64_t planned[RECORDS];
    for (int32_t k = 0; k < FREQUENCIES; k++)
        mode[k] = k;
    const fps_record_spec spec = {
        .count = RECORDS, .spacing = FPS_SPACING_LOG, .frequencies = FREQUENCIES, .mode = mode};
    double records = (double)fps_record_steps(&spec, STEPS, planned);
    int above = 0;
    check(fps_trainer_create(&trainer));
    printf("%d log-spaced records of %d steps are %.0f distinct ones; grid 256, %d frequencies, single precision\n",
           RECORDS, STEPS, records, FREQUENCIES);
    printf("%-16s %6s %12s %14s %28s\n", "network", "", "us per step", "us per record", "share of 20 000 steps");
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (int o = 0; o < 2; o++) {
            fps_task task = task_of(&networks[n], optimizers[o]);
            double step[TURNS], record[TURNS];
            run_s(trainer, &task, RECORDS, &trajectory); /* into the caches */
            for (int turn = 0; turn < TURNS; turn++) {
                double few = run_s(trainer, &task, 2, &trajectory), many = run_s(trainer, &task, RECORDS, &trajectory);
                step[turn] = few / (double)task.steps;
                record[turn] = (many - few) / (RECORDS - 2);
            }
            qsort(step, TURNS, sizeof *step, by_size);
            qsort(record, TURNS, sizeof *record, by_size);
            double share = records * record[TURNS / 2] / (STEPS * step[TURNS / 2]);
            above += share > MOST_SHARE;
            printf("%d x %3d, n=%3d %9s %12.2f %14.2f %26.2f %%%s\n", networks[n].depth, (int)networks[n].width,
                   (int)networks[n].samples, o ? "adam" : "gd", 1e6 * step[TURNS / 2], 1e6 * record[TURNS / 2],
                   100 * share, share > MOST_SHARE ? "  above 5 %" : "");
        }
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    return above > 0;
}
