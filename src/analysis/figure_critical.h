/* figure_critical.h: what the figures of the critical decay rate share. */
#ifndef FPSWEEP_ANALYSIS_FIGURE_CRITICAL_H
#define FPSWEEP_ANALYSIS_FIGURE_CRITICAL_H

#include "analysis/drawing.h"
#include "fpsweep/critical_quantities.h"

/* One group of the drawing with all that was derived of it. */
typedef struct fps_critical_group {
    fps_ladders ladders;
    fps_critical_quantities quantities;
    char label[256]; /* what distinguishes it: "dimension=1 samples=16" */
} fps_critical_group;

/* Read up to `most` groups; remark: "" or " - the first 8 of 24 groups". FPS_ERROR_INPUT if no task is done. The caller
 * releases them. */
fps_status fps_critical_groups_read(fps_drawing *drawing, int most, fps_critical_group **out, int *count, char *remark,
                                    size_t size);
void fps_critical_groups_release(fps_critical_group *group, int count);

/* Choose up to `most` of `count` rungs, evenly, the last included. Returns how many. */
int fps_critical_choose(int count, int most, int *rung);

/* "X from 10 to 30"-like names of a rung: its band limit with three digits, "M = 5.8e8". */
const char *fps_critical_rung_name(int64_t band_limit, char buffer[32]);

/* One curve of (alpha, value): a block of alpha, value, uncertainty (0 if it has none). */
void fps_critical_curve(fps_drawing *drawing, const char *block, const char *comment, const double *alpha,
                        const fps_estimate *value, int64_t alphas);

#endif
