/* analysis.h: quantities derived from trajectories. Pure computation on arrays; reading is the caller's. */
#ifndef FPSWEEP_ANALYSIS_H
#define FPSWEEP_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* tau: first step at which error[r] < threshold, interpolated in log error between records (linear where an error is
 * 0). error[records * stride], step[records]. Returns NAN if never (censored) or if the error is missing throughout. */
double fps_analysis_tau(const double *step, const double *error, int64_t records, int64_t stride, double threshold);

/* Kendall's tau-b between x and y over the n pairs; entries with NAN y are censored: later than every other y, tied
 * among themselves. p: two-sided, exact null distribution for n <= 50 without ties, else the normal approximation with
 * tie correction. n < 3: both NAN. */
typedef struct fps_kendall {
    double tau, p;
    int64_t n, violations; /* pairs in the wrong order: lower frequency learnt later */
} fps_kendall;
fps_kendall fps_analysis_kendall(const double *x, const double *y, int64_t n);

/* Mean and half-width of the 95 % Student confidence interval (NAN for n < 2). */
typedef struct fps_estimate {
    double value, uncertainty;
    int64_t n;
} fps_estimate;
fps_estimate fps_analysis_mean(const double *value, int64_t n);

/* Quantile (0..1) of the values that are not NAN, linear interpolation; sorts in place. NAN if none. */
double fps_analysis_quantile(double *value, int64_t n, double q);

/* Student's t quantile at .975 with `freedom` degrees. */
double fps_analysis_student(int64_t freedom);

#endif
