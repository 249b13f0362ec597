/* cost_direct.h (internal): what a task of `model: direct` will cost. */
#ifndef FPSWEEP_EXPERIMENT_COST_DIRECT_H
#define FPSWEEP_EXPERIMENT_COST_DIRECT_H

#include "fpsweep/trainer.h"

/* Fill operations, seconds, shared and memory (without the trajectory). Depends on everything but the decay rate, so
 * that a schedule that hands out long tasks first keeps those together that share their tables. */
void fps_cost_direct(const fps_task *task, const fps_record_spec *spec, const fps_extent *extent,
                     const fps_calibration *calibration, fps_cost *cost);

/* Measure the speed of lattice sums. */
fps_status fps_calibrate_lattice(fps_lattice_speed *speed);

#endif
