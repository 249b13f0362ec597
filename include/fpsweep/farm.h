/* farm.h: run all pending tasks of a plan over the ranks of a communicator. */
#ifndef FPSWEEP_FARM_H
#define FPSWEEP_FARM_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/plan.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

/* What the coordinator tells now and then (on rank 0 only). */
typedef struct fps_progress {
    int64_t tasks, done, diverged, failed, running; /* done counts outcome done */
    double elapsed_s, rate, eta_s;                  /* rate: tasks per second; eta_s: NAN while unknown */
} fps_progress;

typedef struct fps_farm_options {
    void (*progress)(void *context, const fps_progress *progress); /* NULL: none; at most every progress_every_s */
    void *progress_context;
    double progress_every_s; /* e.g. 0.2 on a terminal, 30 in a batch log */
    double sync_every_s;     /* group commit: a worker syncs and reports at least so often; default 1 */
    const int64_t *only;     /* NULL: all pending tasks; else these `only_count` tasks */
    int64_t only_count;
    volatile const int *stop; /* set by a signal handler of the program; NULL: none */
    /* Runs one task; NULL: fps_trainer_run. Benchmarks of the farm pass a task that does not train. */
    fps_status (*run)(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                      fps_trajectory *trajectory);
    void *run_context;
} fps_farm_options;

/* Collective over comm. Run every task whose outcome is pending. FPS_STOPPED if the stop flag ended it early. *final
 * (rank 0; may be NULL elsewhere) holds the last progress. The caller's communicator is duplicated, never used itself.
 */
fps_status fps_farm_run(MPI_Comm comm, const fps_plan *plan, fps_results *results, const fps_calibration *calibration,
                        const fps_farm_options *options, fps_progress *final);

/* Collective over comm. Compare kernel classes, BLAS cores and self-test hashes of all ranks: lower our kernels to the
 * common class, or FPS_ERROR_MISMATCH naming the ranks and the remedy. *hash = the common self-test. */
fps_status fps_farm_agree(MPI_Comm comm, uint64_t *hash);

#endif
