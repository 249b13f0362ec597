/* estimate.h: what the tasks to be run will cost. */
#ifndef FPSWEEP_PARALLEL_ESTIMATE_H
#define FPSWEEP_PARALLEL_ESTIMATE_H

#include "agenda.h"
#include "job.h"
#include "unfinished.h"

typedef struct fps_estimate {
    float *predicted_s; /* [tickets]; of a task that has a checkpoint, what is left of it */
    double mean_s;      /* of the tasks to be run */
    double state_bytes; /* of the largest checkpoint */
    bool saves;         /* tasks that are broken off can be saved */
} fps_estimate;

/* Not collective; the coordinator alone. Predict every pending task. */
fps_status fps_estimate_create(const fps_job *job, const fps_agenda *agenda, const fps_unfinished *unfinished,
                               const fps_calibration *calibration, fps_estimate *out);
void fps_estimate_release(fps_estimate *estimate);

/* When to tell the workers to leave, so that all is saved at the time that the user has set; INFINITY: he has not. */
double fps_estimate_end(const fps_estimate *estimate, const fps_job *job, double start_s);

#endif
