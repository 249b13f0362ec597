/* speed.h (per precision, internal): measure how fast this core trains. */
#ifndef FPSWEEP_EXPERIMENT_SPEED_H
#define FPSWEEP_EXPERIMENT_SPEED_H

#include "fpsweep/precision.h"
#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

#define fps_speed_measure FPS_REAL_NAME(fps_speed_measure)

/* Columns with which layers are timed, and what beginning a row costs, in columns: activations of P columns take the
 * time of P + 16, products that of P + 4. */
#define FPS_SPEED_SAMPLES 64
#define FPS_SPEED_ELEMENT_COLUMNS(columns) ((columns) + 16.0)
#define FPS_SPEED_GEMM_COLUMNS(columns) ((columns) + 4.0)

/* Share of an adam update that a gd update costs (reading and writing the weights, reading the gradient). */
#define FPS_SPEED_GD_SHARE 0.35

/* Fill *speed; *step_overhead = s per step of a network without hidden layers. Takes about 0.2 s. */
fps_status fps_speed_measure(fps_speed *speed, double *step_overhead);

/* For fps_calibrate, which knows no precision. */
fps_status fps_speed_measure_single(fps_speed *speed, double *step_overhead);
fps_status fps_speed_measure_double(fps_speed *speed, double *step_overhead);

#endif
