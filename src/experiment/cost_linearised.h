/* cost_linearised.h (internal): what a linearised task will cost. */
#ifndef FPSWEEP_EXPERIMENT_COST_LINEARISED_H
#define FPSWEEP_EXPERIMENT_COST_LINEARISED_H

#include "fpsweep/task.h"
#include "fpsweep/trainer.h"
#include "fpsweep/trajectory.h"

/* Fill operations, seconds and memory (without the trajectory) of a task whose records number `records`. */
void fps_cost_linearised(const fps_task *task, const fps_network_shape *shape, const fps_extent *extent, double records,
                         const fps_calibration *calibration, fps_cost *cost);

#endif
