/* farm.h: run all pending tasks of a plan over the ranks of a communicator. */
#ifndef FPSWEEP_FARM_H
#define FPSWEEP_FARM_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/checkpoint.h"
#include "fpsweep/plan.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

/* What the coordinator tells now and then (on rank 0 only). */
typedef struct fps_progress {
    int64_t tasks, done, diverged, failed, running; /* done counts outcome done */
    double elapsed_s, rate, eta_s;                  /* rate: tasks per second; eta_s: NAN while unknown */
    int64_t resumed, resumed_steps; /* tasks continued from a checkpoint; updates that they had made already */
    int64_t saved, lost;            /* at the end: tasks broken off that were saved; that must start over */
} fps_progress;

typedef struct fps_farm_options {
    void (*progress)(void *context, const fps_progress *progress); /* NULL: none; at most every progress_every_s */
    void *progress_context;
    double progress_every_s; /* e.g. 0.2 on a terminal, 30 in a batch log */
    double sync_every_s;     /* group commit: a worker syncs and reports so often (default 1), more seldom if that would
                              * take more than a tenth of its time */
    /* The run concerns these `only_count` tasks; NULL: all. It runs the pending ones among them (all, set back to
     * pending first and their crashes forgiven, if `again`), equal predictions in the order of the list. Rank 0's list
     * counts; FPS_ERROR_USAGE for a task that is unknown or named twice. */
    const int64_t *only;
    int64_t only_count;
    bool again;
    /* Unfinished tasks are saved to `checkpoints` (each rank its own handle; NULL: never) every checkpoint_every_s
     * seconds of a task and when the run is stopped, and are continued from there. */
    fps_checkpoints *checkpoints;
    double checkpoint_every_s;
    uint64_t self_test; /* of this run: written with every row and checkpoint */
    /* CLOCK_MONOTONIC seconds at which the run stops in good order by itself; 0: never. Tasks that cannot be saved are
     * not started if they are predicted to end later. Rank 0's counts. */
    double stop_at_s;
    /* Seconds for which a rank may be silent; then `abandon` is called with a sentence that names the rank, its host
     * and its task. It must not return (the program calls MPI_Abort: a rank that hangs cannot be left). 0: for ever. */
    double patience_s;
    void (*abandon)(void *context, const char *sentence);
    void *abandon_context;
    /* Called on the rank that runs a task when it starts (and with task -1 when it ends): the program notes it for the
     * report of a crash. NULL: nothing. */
    void (*running)(void *context, int64_t task);
    void *running_context;
    volatile const int *stop; /* set by a signal handler of the program; NULL: none */
    /* Runs one task; NULL: fps_trainer_run. Benchmarks of the farm pass a task that does not train. */
    fps_status (*run)(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                      fps_trajectory *trajectory);
    void *run_context;
} fps_farm_options;

/* Collective over comm. Run every task whose outcome is pending. All ranks return the same status and message: FPS_OK
 * (all are run; diverged and failed tasks are rows like others), FPS_STOPPED (the stop flag of any rank or the time
 * ended it early; the tasks being run are saved), or the first error of any rank ("rank 3: ..."), which ends the run in
 * good order. In every case all that was run and could be synced is committed. `calibration` and *final (the last
 * progress; may be NULL) are used on rank 0 alone. The caller's communicator is duplicated, never used itself.
 */
fps_status fps_farm_run(MPI_Comm comm, const fps_plan *plan, fps_results *results, const fps_calibration *calibration,
                        const fps_farm_options *options, fps_progress *final);

/* Collective over comm; call it before any trainer is created. Compare kernel classes and BLAS cores of all ranks:
 * lower our kernels to the common class if the cores agree (with a warning on rank 0), and run the self-test with what
 * is then in force. *hash = the common self-test. FPS_ERROR_MISMATCH on all ranks, naming the ranks and the remedy, if
 * BLAS cores or self-tests differ. */
fps_status fps_farm_agree(MPI_Comm comm, uint64_t *hash);

#endif
