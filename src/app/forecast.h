/* forecast.h: what a plan will cost, and on how many ranks it should run. */
#ifndef FPSWEEP_APP_FORECAST_H
#define FPSWEEP_APP_FORECAST_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/plan.h"
#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

/* Predicted costs of the selected tasks. Of very many tasks an even sample is predicted. */
typedef struct fps_forecast {
    int64_t tasks;           /* selected */
    int64_t sampled;         /* of which costs were predicted */
    int64_t *task;           /* task[sampled] */
    float *seconds;          /* seconds[sampled] */
    double total_s;          /* of all tasks on one core */
    double operations;       /* of all tasks, in gemms */
    double memory_bytes;     /* largest of a task */
    double checkpoint_bytes; /* largest of a task */
    double shortest_s, median_s, longest_s;
    int64_t early, flow; /* tasks whose cost is an upper bound: fps_cost_may_end_early(), fps_cost_bounds_flow() */
} fps_forecast;

/* Number of the j-th of m places spread over n in the order of a golden-ratio sequence: even, and in step with no axis.
 */
int64_t fps_forecast_place(int64_t j, int64_t m, int64_t n);

fps_status fps_forecast_create(const fps_plan *plan, const bool *selected, const fps_calibration *calibration,
                               fps_forecast *out);
void fps_forecast_release(fps_forecast *forecast);

/* A run on `ranks` ranks, simulated with the real schedule. */
typedef struct fps_forecast_run {
    int ranks;
    double wall_s;
    double tail_s;     /* from the first rank that is out of work to the end */
    double efficiency; /* work / (ranks * wall time) */
} fps_forecast_run;
fps_status fps_forecast_simulate(const fps_forecast *forecast, int ranks, fps_forecast_run *out);

/* The largest power of two of ranks, at most one per task, that still does at least 90 % useful work and ends 5 s
 * earlier than half of them: a start takes seconds, too. */
fps_status fps_forecast_advise(const fps_forecast *forecast, fps_forecast_run *out);

/* What speaks against a run on more ranks than the advised one's, in words; "" if nothing does. */
const char *fps_forecast_objection(const fps_forecast_run *run, const fps_forecast_run *advised);

#endif
