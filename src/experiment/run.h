/* run.h (internal): the experiment in one precision, behind one table of functions per precision. */
#ifndef FPSWEEP_EXPERIMENT_RUN_H
#define FPSWEEP_EXPERIMENT_RUN_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "experiment/state.h"
#include "fpsweep/network.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* Workspace of one precision; opaque, its layout known to real/run.c alone. */
typedef struct fps_run fps_run;

typedef struct fps_run_methods {
    fps_status (*create)(fps_run **out);
    void (*destroy)(fps_run **run);
    /* Prepare to train a task whose problem is drawn and whose learning rate is known. FPS_STOPPED. */
    fps_status (*prepare)(fps_run *run, const fps_task *task, const fps_network_shape *shape,
                          const fps_record_spec *spec, const fps_problem_view *problem, double learning_rate,
                          fps_pace *pace, fps_trajectory *trajectory);
    /* Walk over everything that training changes, but the step and the trajectory (state.h). */
    void (*visit)(fps_run *run, fps_state_walk *walk);
    /* Train and measure the prepared task from pace->step and the trajectory's records on. Sets the outcome to done or
     * diverged; FPS_STOPPED leaves it pending, with the records so far; FPS_ERROR_MISMATCH if no task gets to this step
     * with so many records. Whenever the hook is called, a walk finds all of its state as it was after pace->step
     * updates, so that training goes on from there with the same bits. */
    fps_status (*train)(fps_run *run, const fps_task *task, const fps_network_shape *shape, const fps_record_spec *spec,
                        fps_pace *pace, fps_trajectory *trajectory);
} fps_run_methods;

extern const fps_run_methods fps_run_methods_single, fps_run_methods_double;

#endif
