/* What a record with `keep: stages` costs, in forward passes of its network over its grid.
 *
 *     bench_stages            double precision
 *     bench_stages_single     single
 *
 * 3 hidden layers of 200 neurons, one input, grids of 1024 and 65536 points, relu and tanh. A record's time comes from
 * two runs of the trainer that differ only in their number of records; the forward pass is fps_network_forward() over
 * the same grid, timed between these runs. Time of the core, which others who share it do not change much; the figure
 * is the median over the turns of the ratio within one turn. Exit status 1 if a figure is above its bar. Where is the
 * gradient computed?
 *
 *     elsewhere  at 61 samples; the record takes the network and its tangent over the grid. Bar 3.5
 *     shared     on the grid, whose points are the samples; the update that follows takes it over. Bar 5.5
 *     alone      on the grid, in training with mini-batches, to which it is of no use. Bar 5.5. A hidden layer has one
 *                product forward, two backward and one along the tangent, by numeric/real/network_sensitivity.c
 *
 * Start it with the BLAS core of the processor: OPENBLAS_CORETYPE=SkylakeX (AVX-512) or Haswell (AVX2).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/memory.h"
#include "fpsweep/network.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/trainer.h"

enum { TURNS = 5, FREQUENCIES = 32, THRESHOLDS = 33, DEPTH = 3, WIDTH = 200 };

static int32_t mode[FREQUENCIES];
static double threshold[THRESHOLDS];

static void check(fps_status status) {
    if (status != FPS_OK) {
        fprintf(stderr, "bench_stages: %s\n", fps_error_message());
        exit(1);
    }
}

static double core_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef enum gradient { ELSEWHERE, SHARED, ALONE, GRADIENTS } gradient;
static const struct {
    const char *name;
    double bar;
} gradients[GRADIENTS] = {{"elsewhere", 3.5}, {"shared", 5.5}, {"alone", 5.5}};

static fps_task task_of(int64_t grid, gradient where, fps_activation activation) {
    const bool population = where != ELSEWHERE;
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(3*x) + sin(9*x)"},
                     .domain = {{-4, 4}},
                     .density = {.code = FPS_DENSITY_NORMAL, .argument = {0, 0.33}},
                     .sampling = {.code = population ? FPS_SAMPLING_POPULATION : FPS_SAMPLING_QUANTILE},
                     .samples = population ? grid : 61,
                     .data = "",
                     .depth = DEPTH,
                     .width = WIDTH,
                     .width_text = "",
                     .activation = {.code = (int32_t)activation},
                     .initializer = {.code = FPS_INITIALIZER_HE},
                     .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                     .decay_rate = -1,
                     .loss = {.code = FPS_LOSS_MSE},
                     .optimizer = {.code = FPS_OPTIMIZER_GD},
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-5}},
                     .batch_size = where == ALONE ? 16 : 0,
                     .precision = {.code = FPS_PRECISION == 32 ? FPS_SINGLE : FPS_DOUBLE},
                     .grid_points = grid,
                     .window = {.code = FPS_WINDOW_DENSITY}};
    for (int l = 0; l < DEPTH; l++)
        task.widths[l] = WIDTH;
    return task;
}

/* Time of one forward pass over the grid of a task. */
static double forward_s(const fps_task *task) {
    const int64_t points = task->grid_points, turns = points > 10000 ? 2 : 50;
    fps_network_shape shape;
    fps_network *network;
    real *weights, *input, *output;
    fps_task_shape(task, &shape);
    const int64_t count = fps_network_weights(&shape);
    check(fps_network_create(&shape, 0, &network));
    check(FPS_ALLOC(weights, count));
    check(FPS_ALLOC(input, points));
    check(FPS_ALLOC(output, points));
    for (int64_t i = 0; i < count; i++)
        weights[i] = (real)(sin((double)i) / sqrt(WIDTH));
    for (int64_t g = 0; g < points; g++)
        input[g] = (real)(-4 + 8 * ((double)g + 0.5) / (double)points);
    fps_network_forward(network, weights, input, points, output);
    double start = core_s();
    for (int64_t i = 0; i < turns; i++)
        fps_network_forward(network, weights, input, points, output);
    double seconds = (core_s() - start) / (double)turns;
    fps_free(output);
    fps_free(input);
    fps_free(weights);
    fps_network_destroy(&network);
    return seconds;
}

/* Time of one run of `steps` updates with so many records. */
static double run_s(fps_trainer *trainer, const fps_task *task, int64_t records, fps_trajectory *trajectory) {
    const fps_record_spec spec = {.count = records,
                                  .spacing = FPS_SPACING_LINEAR,
                                  .frequencies = FREQUENCIES,
                                  .mode = mode,
                                  .keep = FPS_KEEP_STAGES,
                                  .thresholds = THRESHOLDS,
                                  .threshold = threshold};
    double start = core_s();
    check(fps_trainer_run(trainer, task, &spec, NULL, trajectory));
    double seconds = core_s() - start;
    if (trajectory->outcome != FPS_DONE || trajectory->records != records) {
        fprintf(stderr, "bench_stages: a task ended as %s: %s\n", fps_outcome_name(trajectory->outcome),
                trajectory->message);
        exit(1);
    }
    return seconds;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One line of the table; true if it is above its bar. */
static bool measure(fps_trainer *trainer, fps_trajectory *trajectory, int64_t grid, gradient where,
                    fps_activation activation) {
    fps_task task = task_of(grid, where, activation);
    double ratio[TURNS], record[TURNS], forward[TURNS];
    task.steps = grid > 10000 ? 4 : 200;
    const int64_t more = task.steps - 1; /* records beside the first and the last */
    run_s(trainer, &task, 2, trajectory);
    for (int turn = 0; turn < TURNS; turn++) {
        forward[turn] = forward_s(&task);
        record[turn] =
            (run_s(trainer, &task, more + 2, trajectory) - run_s(trainer, &task, 2, trajectory)) / (double)more;
        ratio[turn] = record[turn] / forward[turn];
    }
    qsort(ratio, TURNS, sizeof *ratio, by_size);
    qsort(record, TURNS, sizeof *record, by_size);
    qsort(forward, TURNS, sizeof *forward, by_size);
    const double bar = gradients[where].bar;
    printf("%7lld %-10s %-5s %12.3f %12.3f %10.2f %6.1f%s\n", (long long)grid, gradients[where].name,
           activation == FPS_ACTIVATION_RELU ? "relu" : "tanh", 1e3 * forward[TURNS / 2], 1e3 * record[TURNS / 2],
           ratio[TURNS / 2], bar, ratio[TURNS / 2] > bar ? "  above" : "");
    fflush(stdout);
    return ratio[TURNS / 2] > bar;
}

int main(void) {
    static const int64_t grids[] = {1024, 65536};
    fps_trainer *trainer;
    fps_trajectory trajectory = {0};
    int above = 0;
    for (int k = 0; k < FREQUENCIES; k++)
        mode[k] = k;
    for (int e = 0; e < THRESHOLDS; e++)
        threshold[e] = 0.125 * pow(100, e / (THRESHOLDS - 1.0));
    check(fps_trainer_create(&trainer));
    printf("%d x %d, %s; ms of a forward pass and of a record, and their ratio\n", DEPTH, WIDTH,
           FPS_PRECISION == 32 ? "single" : "double");
    printf("%7s %-10s %-5s %12s %12s %10s %6s\n", "grid", "gradient", "", "forward", "record", "ratio", "bar");
    for (size_t g = 0; g < 2; g++)
        for (int where = 0; where < GRADIENTS; where++)
            for (int smooth = 0; smooth < 2; smooth++)
                above += measure(trainer, &trajectory, grids[g], (gradient)where,
                                 smooth ? FPS_ACTIVATION_TANH : FPS_ACTIVATION_RELU);
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    return above > 0;
}
