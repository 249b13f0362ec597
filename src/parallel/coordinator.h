/* coordinator.h: hands out task numbers, takes in what is done and writes it down. On rank 0. */
#ifndef FPSWEEP_PARALLEL_COORDINATOR_H
#define FPSWEEP_PARALLEL_COORDINATOR_H

#include "job.h"

/* Opaque; owns the schedule. */
typedef struct fps_coordinator fps_coordinator;

/* Not collective. Find out what is to be run, predict it and make the schedule. */
fps_status fps_coordinator_create(const fps_job *job, const fps_calibration *calibration, fps_coordinator **out);
void fps_coordinator_destroy(fps_coordinator **coordinator);

/* Does rank 0 train too? */
bool fps_coordinator_trains(const fps_coordinator *coordinator);

/* Answer the messages that have come (for a few milliseconds at most), commit what is due, tell how it goes. Never
 * waits. *busy (may be NULL): a message was answered. Only FPS_ERROR_MPI comes back; other errors end the run in good
 * order. */
fps_status fps_coordinator_serve(fps_coordinator *coordinator, bool *busy);

/* Has every rank left, and is everything committed? */
bool fps_coordinator_over(const fps_coordinator *coordinator);

/* How the run ended, with its message: FPS_OK, FPS_STOPPED, or the first error of any rank. */
fps_status fps_coordinator_verdict(const fps_coordinator *coordinator);
const fps_progress *fps_coordinator_progress(const fps_coordinator *coordinator);

#endif
