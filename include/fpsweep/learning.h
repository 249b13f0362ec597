/* learning.h: what one task learnt and when, read from its row of a results file.
 *
 * Legend: R directions, K frequencies of the sweep (index r * K + k).
 */
#ifndef FPSWEEP_LEARNING_H
#define FPSWEEP_LEARNING_H

#include <stdint.h>

#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Frequencies whose target amplitude is below this share of the largest are not "learnt": the default everywhere. */
#define FPS_LEARNING_AMPLITUDE 0.01
/* The default threshold of tau. */
#define FPS_LEARNING_THRESHOLD 0.5

/* Made once per reader, then filled by fps_learning_read for one task after the other. All fields are read-only. */
typedef struct fps_learning {
    fps_reader *reader; /* borrowed */
    fps_row *row;       /* row[tasks]: outcomes as they were at creation */
    double threshold;
    double amplitude;
    /* the task read last */
    fps_task task;
    fps_outcome outcome;
    int64_t records;                 /* valid ones */
    double training_loss, test_loss; /* at the last record; NAN where there is none */
    int64_t directions, frequencies; /* R, K */
    const int32_t *mode;             /* mode[K] */
    double *xi;                      /* xi[R, K]: cycles per unit length */
    double *share;                   /* share[R, K]: |F| / max |F|; NAN where the target has no power */
    double *tau;                     /* tau[R, K]: fps_analysis_tau; NAN if censored or not `learnable` */
    double *error;                   /* error[R, K]: frequency error at the last record */
    bool *learnable;                 /* learnable[R, K]: share >= amplitude */
    double *step;                    /* step[records] */
    double *frequency_error;         /* [records, R, K] */
    double *residual_relative;       /* [records, R, K] */
    int64_t record_capacity, frequency_capacity;
} fps_learning;

/* Read all tasks; destroy what comes out. */
fps_status fps_learning_create(fps_reader *reader, double threshold, double amplitude, fps_learning **out);
void fps_learning_destroy(fps_learning **learning);

/* Read the row of task i. A task without records (pending, failed) is no error: records is 0, everything is NAN. */
fps_status fps_learning_read(fps_learning *learning, int64_t i);

/* Choose up to `most` learnable places r * K + k of the task read last along one direction, evenly spread over all that
 * there are, the lowest and the highest included. Returns how many. */
int fps_learning_choose(const fps_learning *learning, int64_t direction, int most, int64_t *place);

#ifdef __cplusplus
}
#endif
#endif
