/* worker.h: runs the tasks of one rank, and on rank 0 lets the coordinator speak in between. */
#ifndef FPSWEEP_PARALLEL_WORKER_H
#define FPSWEEP_PARALLEL_WORKER_H

#include "coordinator.h"
#include "job.h"

/* Opaque; owns the trainer and the trajectory of its rank. */
typedef struct fps_worker fps_worker;

/* Not collective. `coordinator`: on rank 0, else NULL; borrowed. `trains`: false on a rank 0 that only coordinates. */
fps_status fps_worker_create(const fps_job *job, fps_coordinator *coordinator, bool trains, fps_worker **out);
void fps_worker_destroy(fps_worker **worker);

/* Ask, run, write, sync and report until the coordinator ends the run (on rank 0: until everybody has left). An error
 * of this rank is told to the coordinator, which ends the run with it; only FPS_ERROR_MPI comes back from here. */
fps_status fps_worker_run(fps_worker *worker);

#endif
