/* selection.h: reading a results file or sweep with `--where`. */
#ifndef FPSWEEP_APP_SELECTION_H
#define FPSWEEP_APP_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "app/command.h"
#include "fpsweep/plan.h"
#include "fpsweep/results.h"

#define FPS_OPTION_WHERE                                                                                               \
    { "where", '\0', "EXPR", "Only the tasks for which EXPR is true, as in a sweep file: \"depth == 2 && seed < 3\"." }

/* The tasks that --where selects: selected[tasks] (owned: fps_free), or NULL if all. FPS_ERROR_USAGE if none is left.
 */
fps_status fps_selection_read(const fps_command *command, const fps_plan *plan, bool **selected, int64_t *count);

/* Read a sweep file, its data sets included (their paths are relative to the sweep file). The datasets are owned by the
 * caller: release the plan first, then them. */
typedef struct fps_sweep_input {
    fps_plan *plan;
    fps_dataset *dataset; /* dataset[datasets] */
    int datasets;
} fps_sweep_input;
fps_status fps_sweep_input_read(const char *path, fps_sweep_input *out);
void fps_sweep_input_release(fps_sweep_input *input);

/* Path of a data file that a sweep file names: relative to the sweep file. Owned by the caller. */
char *fps_path_beside(const char *sweep_path, const char *path);

#endif
