/* figure_stage.c: what the figures of the three stages share. */
#include "analysis/figure_stage.h"

#include <string.h>

#include "analysis/palette.h"
#include "fpsweep/memory.h"

fps_status fps_figure_stages_read(fps_drawing *d, int groups, fps_stages **out) {
    double low, high;
    int64_t done = 0;
    *out = NULL;
    if (!fps_stages_has(d->plan))
        return fps_fail(FPS_ERROR_INPUT, "this file has no stages: its sweep did not ask for record: {keep: [stages]}");
    fps_stages_window(d->plan, &low, &high);
    FPS_TRY(FPS_ALLOC(*out, groups));
    fps_status status = FPS_OK;
    for (int g = 0; g < groups && status == FPS_OK; g++) {
        status = fps_stages_derive(d->reader, d->grouping, g, low, high, &(*out)[g]);
        done += (*out)[g].outcome[FPS_DONE];
    }
    if (status == FPS_OK && done == 0)
        status = fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
    if (status == FPS_OK)
        return FPS_OK;
    fps_figure_stages_release(*out, groups);
    *out = NULL;
    return status;
}

void fps_figure_stages_release(fps_stages *stages, int groups) {
    for (int g = 0; stages && g < groups; g++)
        fps_stages_release(&stages[g]);
    fps_free(stages);
}

const char *fps_figure_stage_colour(fps_stage stage, char buffer[8]) {
    if (stage == FPS_STAGE_LATE)
        return strcpy(buffer, "#9a8f80");
    return fps_palette_curve(stage, FPS_STAGE_LATE, buffer);
}

unsigned fps_figure_stages_present(const fps_stages *stages, int groups) {
    unsigned present = 0;
    for (int g = 0; g < groups; g++)
        for (int s = 0; s < FPS_STAGE_COUNT; s++)
            present |= stages[g].present[s] ? 1U << s : 0;
    return present;
}
