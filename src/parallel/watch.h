/* watch.h: who has been silent for too long.
 *
 * Signs of life go both ways every few seconds, and every other message is one too. Rank 0 watches all others, they
 * watch rank 0. A rank that hangs cannot be left by MPI's means, so the program is told whom to name and ends the job.
 */
#ifndef FPSWEEP_PARALLEL_WATCH_H
#define FPSWEEP_PARALLEL_WATCH_H

#include "channel.h"
#include "fpsweep/farm.h"

/* Opaque; one per process. */
typedef struct fps_watch fps_watch;

/* Collective. Exchange the names of the hosts; rank 0's patience counts. Borrows plan and options. */
fps_status fps_watch_create(fps_channel *channel, const fps_plan *plan, const fps_farm_options *options,
                            fps_watch **out);
void fps_watch_destroy(fps_watch **watch); /* null-safe */

/* Seconds between two signs of life; INFINITY if nobody is watched. */
double fps_watch_every(const fps_watch *watch);

/* A message of `rank` has come. */
void fps_watch_heard(fps_watch *watch, int rank, double now_s);
/* It said what it is running (-1: nothing). */
void fps_watch_running(fps_watch *watch, int rank, int64_t task);
int64_t fps_watch_task(const fps_watch *watch, int rank);
/* It has left in good order and may be silent. */
void fps_watch_left(fps_watch *watch, int rank);

/* Call it often, after all messages that have come were taken in. Time for which this rank itself did not look (it was
 * suspended, or a file system kept it waiting) is nobody's silence. If a rank has been silent for the patience of the
 * run, options->abandon is called, which does not return. */
void fps_watch_look(fps_watch *watch, double now_s);

/* This rank is about to wait for all others at the end of the run, when nobody watches any more: it shall not do so for
 * ever, but long enough for others to save what they have. */
void fps_watch_over_the_end(const fps_watch *watch, fps_channel *channel);

#endif
