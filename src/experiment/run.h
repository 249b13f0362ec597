/* run.h (internal): the experiment in one precision, behind one table of functions per precision. */
#ifndef FPSWEEP_EXPERIMENT_RUN_H
#define FPSWEEP_EXPERIMENT_RUN_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/network.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* Workspace of one precision; opaque, its layout known to real/run.c alone. */
typedef struct fps_run fps_run;

typedef struct fps_run_methods {
    fps_status (*create)(fps_run **out);
    void (*destroy)(fps_run **run);
    /* Train and measure a task whose problem is drawn and whose learning rate is known. Sets the outcome to done or
     * diverged; FPS_STOPPED leaves it pending, with the records so far. */
    fps_status (*train)(fps_run *run, const fps_task *task, const fps_network_shape *shape, const fps_record_spec *spec,
                        const fps_problem_view *problem, double learning_rate, fps_pace *pace,
                        fps_trajectory *trajectory);
} fps_run_methods;

extern const fps_run_methods fps_run_methods_single, fps_run_methods_double;

#endif
