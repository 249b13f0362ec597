/* plan_report.h: what `fpsweep plan` found out, and its two forms: words and JSON. */
#ifndef FPSWEEP_APP_PLAN_REPORT_H
#define FPSWEEP_APP_PLAN_REPORT_H

#include "app/forecast.h"
#include "app/submit.h"
#include "fpsweep/plan.h"

enum { FPS_PLAN_RUNS = 3 };

typedef struct fps_plan_report {
    const char *path, *plugin; /* as given; plugin NULL: none */
    const fps_plan *plan;
    bool where;       /* only tasks that --where selects are meant */
    int64_t selected; /* how many */
    fps_forecast forecast;
    int ranks;                           /* wanted, or all processors here */
    int runs;                            /* predicted runs: one rank, the wanted number, the sensible number */
    fps_forecast_run run[FPS_PLAN_RUNS]; /* run[runs] */
    const char *remark[FPS_PLAN_RUNS];   /* on each; "" if there is none */
    fps_submission submission;           /* of the wanted number of ranks if -n was given, else of the sensible one */
} fps_plan_report;

/* Print to stdout. */
fps_status fps_plan_report_print(const fps_plan_report *report);
fps_status fps_plan_report_json(const fps_plan_report *report);

/* Tell every warning: of the plan itself, and that the largest task does not fit into this machine. */
void fps_plan_report_warnings(const fps_plan_report *report, void (*each)(void *context, const char *sentence),
                              void *context);

#endif
