/* job.h: what the coordinator and the worker of one run share. */
#ifndef FPSWEEP_PARALLEL_JOB_H
#define FPSWEEP_PARALLEL_JOB_H

#include "channel.h"
#include "fpsweep/farm.h"
#include "watch.h"

/* All borrowed, all over a run. */
typedef struct fps_job {
    const fps_plan *plan;
    fps_results *results;
    const fps_farm_options *options;
    fps_channel *channel;
    fps_watch *watch;
    double sync_every_s;
} fps_job;

/* Write "task 17 (depth=2 seed=3)", cut to fit; returns the buffer. */
const char *fps_job_name_task(const fps_plan *plan, int64_t task, char *buffer, size_t size);

/* How long rows are collected before they are made safe, which took `cost_s` the last time: as the options say, but a
 * disk that is slow to sync may take a tenth of a rank's time at most, rank 0 included, which trains as well. */
static inline double fps_job_pause(const fps_job *job, double cost_s) {
    const double share = 0.1;
    return cost_s > share * job->sync_every_s ? cost_s / share : job->sync_every_s;
}

/* Has this process been told to stop? */
static inline bool fps_job_stops(const fps_job *job) {
    return job->options->stop && *job->options->stop;
}

#endif
