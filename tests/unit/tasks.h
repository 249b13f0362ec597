/* tasks.h: a plain small task, and a record spec, from which tests depart. */
#ifndef FPSWEEP_TESTS_TASKS_H
#define FPSWEEP_TESTS_TASKS_H

#include <stdint.h>

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* 1-D, off-centre domain, 41 samples on a grid, tanh 2 x 10, gd 0.02, double precision, 64 grid points. */
static inline fps_task plain_task(void) {
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(3*x) + 0.5*cos(7*x)"},
                     .domain = {{-0.9, 1.3}, {-0.9, 1.3}, {-0.9, 1.3}},
                     .sampling = {.code = FPS_SAMPLING_GRID},
                     .samples = 41,
                     .data = "",
                     .seed = 3,
                     .data_seed = 3,
                     .depth = 2,
                     .width = 10,
                     .width_text = "10",
                     .activation = {.code = FPS_ACTIVATION_TANH},
                     .initializer = {.code = FPS_INITIALIZER_GLOROT},
                     .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                     .decay_rate = -1,
                     .loss = {.code = FPS_LOSS_MSE},
                     .optimizer = {.code = FPS_OPTIMIZER_GD},
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {0.02}},
                     .momentum = 0.9,
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .flow_tolerance = 1e-6,
                     .steps = 100,
                     .precision = {.code = FPS_DOUBLE},
                     .grid_points = 64};
    for (int l = 0; l < FPS_MAX_DEPTH; l++)
        task.widths[l] = 10;
    return task;
}

/* `count` records, linearly spaced, modes 0 .. frequencies - 1 (at most 64), everything kept that `keep` says. */
static inline fps_record_spec plain_record(int64_t count, int32_t frequencies, unsigned keep) {
    static int32_t mode[64];
    for (int32_t k = 0; k < 64; k++)
        mode[k] = k;
    return (fps_record_spec){
        .count = count, .spacing = FPS_SPACING_LINEAR, .frequencies = frequencies, .mode = mode, .keep = keep};
}

#endif
