/* calibrate.c: the speed of this machine, for predictions. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "experiment/cost_direct.h"
#include "experiment/input.h"
#include "experiment/speed.h"
#include "fpsweep/expression.h"
#include "fpsweep/initializer.h"
#include "fpsweep/memory.h"
#include "fpsweep/trainer.h"
#include "numeric/blas.h"

enum { TURNS = 5 };

static fps_status measure_expression(double *seconds) {
    enum { EVALUATIONS = 500 };
    double x = 0, value = 0, fastest = INFINITY;
    fps_expression *expression = NULL;
    fps_status status = FPS_OK;
    FPS_TRY(fps_expression_create_field("sin(x) + sin(3*x) + sin(5*x)", 1, &x, NULL, 0, &expression, NULL));
    for (int turn = 0; turn < TURNS && status == FPS_OK; turn++) {
        double start = fps_clock_thread_s();
        for (int i = 0; i < EVALUATIONS && status == FPS_OK; i++) {
            x = i;
            status = fps_expression_evaluate(expression, &value);
        }
        fastest = fmin(fastest, (fps_clock_thread_s() - start) / EVALUATIONS);
    }
    fps_expression_destroy(&expression);
    *seconds = fastest;
    return status;
}

static fps_status measure_feature(double *seconds) {
    enum { LIMIT = 50, POINTS = 32 };
    fps_task task = {.dimension = 1, .decay_rate = 1, .band_limit = LIMIT, .frequency_step = 0.25};
    fps_input_map map = fps_input_map_of(&task);
    double x[POINTS], *out, fastest = INFINITY;
    FPS_TRY(FPS_ALLOC(out, map.rows * POINTS));
    for (int i = 0; i < POINTS; i++)
        x[i] = i / (double)POINTS;
    for (int turn = 0; turn < TURNS; turn++) {
        double start = fps_clock_thread_s();
        fps_input_fill(&map, x, POINTS, POINTS, out);
        fastest = fmin(fastest, fps_clock_thread_s() - start);
    }
    fps_free(out);
    *seconds = fastest / (double)(map.rows * POINTS);
    return FPS_OK;
}

static fps_status measure_memory(double *seconds) {
    enum { BYTES = 48 << 20 }; /* more than malloc ever keeps for itself */
    double fastest = INFINITY;
    for (int turn = 0; turn < 2; turn++) {
        char *block;
        double start = fps_clock_thread_s();
        FPS_TRY(FPS_ALLOC(block, BYTES));
        memset(block, 1, BYTES); /* a block so large costs where it is first used */
        fps_free(block);
        fastest = fmin(fastest, fps_clock_thread_s() - start);
    }
    *seconds = fastest / BYTES;
    return FPS_OK;
}

/* A task that does nearly nothing, after another of a different shape. */
static fps_status measure_task(double *seconds) {
    int32_t mode[2] = {0, 1};
    const fps_record_spec spec = {.count = 2, .frequencies = 2, .mode = mode};
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "x"},
                     .domain = {{0, 1}},
                     .sampling = {.code = FPS_SAMPLING_MIDPOINT},
                     .samples = 16,
                     .data = "",
                     .depth = 2,
                     .width_text = "",
                     .activation = {.code = FPS_ACTIVATION_TANH},
                     .decay_rate = -1,
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-3}},
                     .steps = 1,
                     .grid_points = 16};
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    fps_status status;
    double fastest = INFINITY;
    FPS_TRY_GOTO(status, fps_trainer_create(&trainer), done);
    for (int turn = 0; turn < 4 * TURNS; turn++) {
        task.width = task.widths[0] = task.widths[1] = 10 + turn % 2;
        double start = fps_clock_thread_s();
        FPS_TRY_GOTO(status, fps_trainer_run(trainer, &task, &spec, NULL, &trajectory), done);
        fastest = fmin(fastest, fps_clock_thread_s() - start);
    }
    *seconds = fastest;
done:
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    return status;
}

fps_status fps_calibrate(fps_calibration *calibration) {
    double overhead[2];
    fps_blas_use_one_thread();
    FPS_TRY(fps_speed_measure_single(&calibration->speed[FPS_SINGLE], &overhead[FPS_SINGLE]));
    FPS_TRY(fps_speed_measure_double(&calibration->speed[FPS_DOUBLE], &overhead[FPS_DOUBLE]));
    calibration->step_overhead = fmin(overhead[FPS_SINGLE], overhead[FPS_DOUBLE]);
    FPS_TRY(measure_expression(&calibration->expression));
    FPS_TRY(measure_feature(&calibration->feature));
    FPS_TRY(measure_memory(&calibration->memory));
    FPS_TRY(fps_calibrate_lattice(&calibration->lattice));
    return measure_task(&calibration->task);
}
