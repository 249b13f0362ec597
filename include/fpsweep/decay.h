/* decay.h: the effective decay rate: how much later a higher frequency is learnt, tau(xi) ~ xi^alpha_eff.
 *
 * alpha_eff of a task is the least-squares slope of log tau over log xi along one direction, over all frequencies
 * that are learnable and learnt (mode 0 has no logarithm), and over running windows of FPS_DECAY_WINDOW of them.
 * Frequencies that are never learnt are left out and counted: a slope beside them is one of what was learnt. Where the
 * sweep also has the same task with `linearised: yes`, its tangent at the initial weights, the same is derived from
 * that: the prediction of the tangent kernel.
 */
#ifndef FPSWEEP_DECAY_H
#define FPSWEEP_DECAY_H

#include <stdint.h>

#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Frequencies in a window. */
#define FPS_DECAY_WINDOW 4

/* One learnable frequency, over the done tasks of a group. */
typedef struct fps_decay_frequency {
    int32_t mode;
    double xi;                /* cycles per unit length */
    int64_t n, censored;      /* tasks in which it is learnable; those in which it is never learnt */
    double median, low, high; /* tau: 50, 10 and 90 %, steps; censored ones are later than all others. NAN: censored */
    fps_estimate tau_linearised; /* of the tangents; n 0 without */
    fps_estimate ratio;          /* tau / tau_linearised, task by task */
} fps_decay_frequency;

/* The decay rate over neighbouring frequencies. */
typedef struct fps_decay_window {
    double low, high; /* xi of its first and last frequency */
    fps_estimate alpha, linearised;
} fps_decay_window;

/* The decay rates of a group. */
typedef struct fps_decay {
    double expected;             /* fps_decay_expected() */
    fps_estimate alpha;          /* over tasks with at least three frequencies */
    fps_estimate linearised;     /* the same of their tangents; n 0 without */
    int64_t learnable, censored; /* frequencies, summed over tasks */
    int64_t frequencies, windows;
    fps_decay_frequency *frequency; /* frequency[frequencies], rising */
    fps_decay_window *window;       /* window[windows]; empty with fewer frequencies than a window has */
} fps_decay;

/* alpha_eff that the tangent kernel of an infinitely wide network of one hidden layer of relu^s on the line leads to:
 * where the output weights alone are trained, the kernel has kinks of order 2 s + 1 and alpha is 2 s + 2; where biases
 * are trained, of order 2 s - 1 and alpha is 2 s, also if all are. NAN: theory says nothing. */
double fps_decay_expected(const fps_task *task);

/* Least-squares slope of log tau over log xi through the n entries with both above 0; NAN with fewer than three, or if
 * all xi are equal. */
double fps_decay_slope(const double *xi, const double *tau, int64_t n);

/* Derive from the done tasks of group g along x1. The caller releases *out. */
fps_status fps_decay_derive(fps_learning *learning, const fps_grouping *grouping, int64_t g, fps_decay *out);
/* The same along a direction (direction.h), which the tasks of the group must have. */
fps_status fps_decay_derive_along(fps_learning *learning, const fps_grouping *grouping, int64_t g,
                                  const char *direction, fps_decay *out);
void fps_decay_release(fps_decay *decay);

#ifdef __cplusplus
}
#endif
#endif
