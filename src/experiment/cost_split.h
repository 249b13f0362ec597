/* cost_split.h (internal): what splitting the loss by frequency adds to a task (`keep: stages`, `variation`, `update`).
 */
#ifndef FPSWEEP_EXPERIMENT_COST_SPLIT_H
#define FPSWEEP_EXPERIMENT_COST_SPLIT_H

#include "fpsweep/trainer.h"

/* A task in the numbers that count here. */
typedef struct fps_split_outline {
    double samples, points, weights, records, steps;
    bool batch;
    double forward, gradient, tangent; /* s for one sample: forward pass, forward and backward pass, one tangent */
    double sample_tangent;             /* s for one tangent of a sample whose gradient has been taken */
    double transform;                  /* s for one transform of the grid */
} fps_split_outline;

/* Seconds beyond those of a task that keeps nothing of FPS_KEEP_SPLIT; 0 if this one keeps nothing of it. */
double fps_cost_split_seconds(const fps_task *task, const fps_record_spec *spec, const fps_split_outline *outline);

/* Bytes beyond those of such a task: of the trainer's arrays, and of a checkpoint. */
double fps_cost_split_bytes(const fps_task *task, const fps_record_spec *spec, const fps_split_outline *outline);
double fps_cost_split_state_bytes(const fps_record_spec *spec);

#endif
