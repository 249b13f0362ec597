/* stage_rows.h (internal): what the stages of one task are derived from.
 *
 * Legend: T records, E thresholds kept.
 */
#ifndef FPSWEEP_ANALYSIS_STAGE_ROWS_H
#define FPSWEEP_ANALYSIS_STAGE_ROWS_H

#include "fpsweep/stages.h"

/* The result that a curve is read from. */
fps_result fps_stage_curve_result(fps_stage_curve curve);

/* The rows of the task read last; owns its arrays. */
typedef struct fps_stage_rows {
    fps_reader *reader;             /* borrowed */
    int64_t records, thresholds;    /* T, E */
    const double *eta;              /* eta[E]; borrowed from the plan */
    double low, high;               /* window of power laws */
    double *step, *loss;            /* [T] */
    double *above[FPS_CURVE_COUNT]; /* [T, E]; NULL: not kept */
    double *floor[2];               /* [T]: rounding of the residual's and of the velocity's power */
    double *spectrum;               /* [T, R, K]: scratch */
    double *curve;                  /* [E] */
} fps_stage_rows;

fps_status fps_stage_rows_reserve(fps_reader *reader, double low, double high, fps_stage_rows *out);
void fps_stage_rows_release(fps_stage_rows *rows);

/* Read the row of task i, which has so many records. */
fps_status fps_stage_rows_read(fps_stage_rows *rows, int64_t i, int64_t records);

/* Fill rows->curve with the geometric mean of a curve over the records of a stage; of the variation with its growth
 * over the stage by the fall of the loss. NaN where anything that it is made of is rounding. */
void fps_stage_rows_average(fps_stage_rows *rows, fps_stage_curve curve, fps_stage_span span);

/* The power law in rows->curve. */
fps_power_law fps_stage_rows_fit(const fps_stage_rows *rows);

/* Smallest exponent of a single record that is resolved; NAN if there is none. Overwrites rows->curve. */
double fps_stage_rows_least(fps_stage_rows *rows, fps_stage_curve curve, fps_stage_span span);

/* sup over the run of R_CS eta^(2 s - 1): the largest over the lower and over the upper half of the window, in log eta.
 * NAN: s = 0. */
void fps_stage_rows_constants(const fps_stage_rows *rows, int smoothness, double *low, double *high);

/* Exponent of T2 - T1 in |L+(T2) - L+(T1)| / (L(T1) - L(T2)), T1 the stage's first record; mean over the window.
 * NAN with fewer than four later records. */
double fps_stage_rows_time_exponent(const fps_stage_rows *rows, fps_stage_span span);

#endif
