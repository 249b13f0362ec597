/* reporter.h: what a rank tells the coordinator: what it runs and has run, which rows are safe, what went wrong. */
#ifndef FPSWEEP_PARALLEL_REPORTER_H
#define FPSWEEP_PARALLEL_REPORTER_H

#include "channel.h"
#include "job.h"

typedef struct fps_reporter {
    const fps_job *job;
    bool told;        /* an error or a stop of this rank is told; it only waits for the end */
    bool syncs;       /* syncing works */
    fps_message news; /* what has been run and not told */
    fps_report *row;  /* [rows] written, not synced */
    int64_t rows;
    double row_since_s, sync_s; /* when the first of them was written; how long the last sync took */
    double sign_s;              /* when the last sign of life was given */
} fps_reporter;

fps_status fps_reporter_create(fps_reporter *reporter, const fps_job *job);
void fps_reporter_release(fps_reporter *reporter);

/* A warning to the user. */
fps_status fps_reporter_note(fps_reporter *reporter, const char *text);
/* A sign of life: what this rank is running, -1: nothing. */
fps_status fps_reporter_alive(fps_reporter *reporter, int64_t task, double now_s);
/* A task is continued from a checkpoint, after `step` updates (sign 1), or after all is not (-1). */
fps_status fps_reporter_goes_on(fps_reporter *reporter, int64_t step, int32_t sign);
/* Tell what has been run; `more`: ask for tasks. */
fps_status fps_reporter_news(fps_reporter *reporter, bool more);
/* The last message. */
fps_status fps_reporter_left(fps_reporter *reporter, fps_remains remains);

/* This rank cannot go on: its message ends the run. */
fps_status fps_reporter_break_down(fps_reporter *reporter, fps_status status);
/* This rank was told to stop. */
fps_status fps_reporter_stop(fps_reporter *reporter);

/* Keep a row that is written until it is synced, and the news that its task took `seconds` of this rank's time. Reports
 * what has waited long enough. */
fps_status fps_reporter_add(fps_reporter *reporter, const fps_report *report, double seconds, double now_s);
/* Have the rows waited long enough? */
bool fps_reporter_is_due(const fps_reporter *reporter, double now_s);
/* Sync what is written, then report it: a row that is reported survives a loss of power. */
fps_status fps_reporter_rows(fps_reporter *reporter);

#endif
