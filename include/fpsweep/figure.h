/* figure.h: figures of a results file. gnuplot draws; the data that it draws can be written as text too. */
#ifndef FPSWEEP_FIGURE_H
#define FPSWEEP_FIGURE_H

#include <stdbool.h>

#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a figure is about. */
typedef enum fps_figure_kind {
    FPS_FIGURE_NETWORK, /* networks */
    FPS_FIGURE_STAGES,  /* networks with record: {keep: [stages]} */
    FPS_FIGURE_LADDER,  /* networks on a ladder of band limits: with axes decay_rate and band_limit */
    FPS_FIGURE_DIRECT,  /* sweeps of `model: direct` */
    FPS_FIGURE_KINDS
} fps_figure_kind;

/* One kind of figure: its name on the command line and what it shows. */
typedef struct fps_figure {
    const char *name, *sentence;
    fps_figure_kind kind;
    bool directed; /* in more than one dimension it shows frequencies along one direction */
} fps_figure;
extern const fps_figure fps_figures[]; /* ends with a NULL name */

/* Draw `figure` of the selected tasks (selected[tasks], NULL: all) into `path` (ending: .png .svg .pdf draws with
 * gnuplot, .txt writes the data, .gp the gnuplot script with its data inline). FPS_ERROR_USAGE for an unknown figure or
 * ending; FPS_ERROR_SYSTEM, with what to install, if gnuplot is missing. An existing file is replaced atomically. */
fps_status fps_figure_draw(fps_reader *reader, const char *figure, const bool *selected, const char *path);

/* The same along a direction (direction.h; NULL: x1). FPS_ERROR_USAGE for an unknown one, for one that a selected task
 * does not have, and for a figure that is not `directed`. */
fps_status fps_figure_draw_along(fps_reader *reader, const char *figure, const bool *selected, const char *direction,
                                 const char *path);

#ifdef __cplusplus
}
#endif
#endif
