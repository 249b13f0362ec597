/* band.h: medians and quantiles over the tasks of a group, record by record. */
#ifndef FPSWEEP_ANALYSIS_BAND_H
#define FPSWEEP_ANALYSIS_BAND_H

#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"

/* Legend: n records, Q places (directions x frequencies). Tasks of the group that are not done, or whose steps differ
 * from those of the first, do not count. */
typedef struct fps_band {
    int64_t tasks, records, places, frequencies;
    double *step;                /* step[n] */
    double *median, *low, *high; /* [n, Q]: 50, 10 and 90 % */
    double *xi;                  /* xi[Q] */
    bool *learnable;             /* learnable[Q]: in some task */
} fps_band;

typedef enum fps_band_kind { FPS_BAND_ERROR, FPS_BAND_RESIDUAL } fps_band_kind;

/* Gather group g; tasks is 0 if none is done. The caller releases *out. */
fps_status fps_band_gather(fps_learning *learning, const fps_grouping *grouping, int64_t g, fps_band_kind kind,
                           fps_band *out);
void fps_band_release(fps_band *band);

#endif
