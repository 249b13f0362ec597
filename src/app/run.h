/* run.h: the parts of `fpsweep run`. All ranks go through them together; messages are printed where they arise. */
#ifndef FPSWEEP_APP_RUN_H
#define FPSWEEP_APP_RUN_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/command.h"
#include "app/selection.h"
#include "fpsweep/checkpoint.h"
#include "fpsweep/plan.h"
#include "fpsweep/results.h"
#include "fpsweep/trainer.h"

/* ---- run_options.c: the command line ---- */

typedef struct fps_run_options {
    const char *sweep, *output;
    const char *reuse; /* NULL: none */
    bool resume, force;
    bool check_all;            /* all finished rows are checked, not only recent ones */
    fps_shard shard;           /* {0, 0}: the whole sweep */
    int64_t task;              /* this task alone; -1: all */
    unsigned retry;            /* bits 1 << outcome: such rows are run again */
    double stop_after_s;       /* INFINITY: not given */
    double checkpoint_every_s; /* 0: only when the run is stopped */
    double patience_s;         /* 0: for ever */
} fps_run_options;

/* FPS_ERROR_USAGE with one line that says what to do. */
fps_status fps_run_options_read(const fps_command *command, fps_run_options *out);

/* CLOCK_MONOTONIC seconds at which the run has to stop: --stop-after from now on, and the end of the batch job as far
 * as the batch system tells (SLURM_JOB_END_TIME), less the time for saving. 0: never. */
double fps_run_stop_at_s(double stop_after_s);

/* ---- run_share.c: one status, one message, one plan for all ranks ---- */

/* Collective. Make one status of all ranks' statuses, and print one message: that of the lowest rank that failed. */
fps_status fps_run_agree(MPI_Comm comm, fps_status status);

/* Collective. The plan and its data on every rank; rank 0 alone reads files. */
fps_status fps_run_share_input(MPI_Comm comm, const char *path, fps_sweep_input *out);

/* ---- run_tasks.c: which tasks, and do they fit? ---- */

/* The tasks that --shard and --task leave: task[count], or NULL if all of the plan. Owned: fps_run_tasks_release. */
typedef struct fps_run_tasks {
    int64_t *task, count;
} fps_run_tasks;
fps_status fps_run_tasks_choose(const fps_run_options *options, const fps_plan *plan, fps_run_tasks *out);
void fps_run_tasks_release(fps_run_tasks *tasks);

/* Collective. FPS_ERROR_MEMORY, naming the task, if the largest task does not fit into the memory of some node; a
 * warning if all ranks of a node together may not, or if there is no room on disk for checkpoints. */
fps_status fps_run_check_room(MPI_Comm comm, const fps_run_options *options, const fps_plan *plan,
                              const fps_run_tasks *tasks);

/* ---- run_resume.c: a file that is there already ---- */

/* What is known about the results file before it is opened. */
typedef struct fps_run_target {
    bool exists;       /* the file is continued, not created */
    bool complete;     /* there is nothing to do in it */
    fps_glance glance; /* where it exists */
} fps_run_target;

/* Rank 0 alone. Look at OUTPUT, and at the file to be reused: everything that can be refused without opening the file
 * and without a plan. */
fps_status fps_run_look(const fps_run_options *options, fps_run_target *target);

/* Rank 0 alone. FPS_ERROR_MISMATCH if the file is not of this sweep; several differences get a line each. */
fps_status fps_run_compare(const fps_run_options *options, const fps_run_target *target, const fps_plan *plan);

/* Rank 0 alone. FPS_ERROR_MISMATCH, with the remedy, if the file was made by other kernels, libraries or another
 * numerics version than are in force now; with --force a warning. */
fps_status fps_run_compare_kernels(const fps_run_options *options, const fps_run_target *target, uint64_t self_test);

/* ---- run_rows.c: rows that are there already ---- */

/* Collective. Check rows of an opened file, and set back to pending those that are damaged and those of --retry. */
fps_status fps_run_check_rows(MPI_Comm comm, const fps_run_options *options, const fps_run_target *target,
                              const fps_plan *plan, fps_checkpoints *checkpoints, fps_results *results,
                              volatile const int *stop);

/* Rank 0 alone. Take over the rows of --reuse. */
fps_status fps_run_reuse(const fps_run_options *options, fps_results *results, uint64_t self_test);

#endif
