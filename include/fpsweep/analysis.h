/* analysis.h: quantities derived from trajectories. Pure computation on arrays; reading is the caller's. */
#ifndef FPSWEEP_ANALYSIS_H
#define FPSWEEP_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"
#include "fpsweep/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* tau: first step at which error[r] < threshold, interpolated in log error between records (linear where an error is
 * 0). error[records * stride], step[records]. Records without a number are skipped. A trajectory that starts below the
 * threshold has tau = its first step. Returns NAN if never (censored) or if the error is missing throughout. */
double fps_analysis_tau(const double *step, const double *error, int64_t records, int64_t stride, double threshold);

/* Amplitude |F| of the target at a frequency as a share of the largest, from two stored results of one frequency:
 * frequency error = |H-F|/|F| and residual = |H-F|/max|F|, read at the record where the error is largest (where their
 * quotient loses least to rounding). Both arrays [records * stride]. NAN where frequency_error is missing throughout:
 * the target has no power there. */
double fps_analysis_target_share(const double *frequency_error, const double *residual_relative, int64_t records,
                                 int64_t stride);

/* Frequency of mode k of a task along a direction, cycles per unit length: k over the side of the axis for directions
 * 0 .. dimension-1, k over the longest side for the radial direction after them (spectrum.h). */
double fps_analysis_xi(const fps_task *task, int64_t direction, int32_t mode);

/* Kendall's tau-b between x and y over the n pairs; entries with NAN y are censored: later than every other y, tied
 * among themselves. p: two-sided, exact null distribution for n <= 50 without ties, else the normal approximation with
 * tie correction (M. G. Kendall, Rank Correlation Methods, chapters 3 to 5). n < 3, or all tied: both NAN. */
typedef struct fps_kendall {
    double tau, p;
    int64_t n, violations; /* pairs in the wrong order: lower frequency learnt later */
} fps_kendall;
fps_kendall fps_analysis_kendall(const double *x, const double *y, int64_t n);

/* Mean and half-width of the 95 % Student confidence interval (NAN for n < 2). Values that are NAN are not counted. */
typedef struct fps_estimate {
    double value, uncertainty;
    int64_t n;
} fps_estimate;
fps_estimate fps_analysis_mean(const double *value, int64_t n);

/* Quantile (0..1) of the values that are not NAN, linear interpolation; sorts in place. NAN if none. */
double fps_analysis_quantile(double *value, int64_t n, double q);

/* Median of n values of which NAN ones are censored: later than every number. NAN if the median itself is censored
 * (the middle pair of an even number counts as censored if either is), or n is 0. Sorts in place, NANs last. */
double fps_analysis_median_censored(double *value, int64_t n);

/* Student's t quantile at .975 with `freedom` degrees; NAN for freedom < 1. */
double fps_analysis_student(int64_t freedom);

#ifdef __cplusplus
}
#endif
#endif
