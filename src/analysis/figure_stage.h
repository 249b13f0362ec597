/* figure_stage.h (internal): what the figures of the three stages share. */
#ifndef FPSWEEP_ANALYSIS_FIGURE_STAGE_H
#define FPSWEEP_ANALYSIS_FIGURE_STAGE_H

#include "analysis/drawing.h"
#include "fpsweep/stages.h"

/* Derive the stages of the first `groups` groups, with power laws in the window of fps_stages_window(). The caller
 * releases. FPS_ERROR_INPUT if the sweep keeps no stages or no selected task is done. */
fps_status fps_figure_stages_read(fps_drawing *drawing, int groups, fps_stages **out);
void fps_figure_stages_release(fps_stages *stages, int groups);

/* "#rrggbb" of a stage. */
const char *fps_figure_stage_colour(fps_stage stage, char buffer[8]);

/* Bit (1 << stage) is set if some group has the stage. */
unsigned fps_figure_stages_present(const fps_stages *stages, int groups);

#endif
