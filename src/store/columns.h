/* columns.h: do the columns of a results file that were written at its creation still say what the sweep says? */
#ifndef FPSWEEP_STORE_COLUMNS_H
#define FPSWEEP_STORE_COLUMNS_H

#include <hdf5.h>

#include "fpsweep/plan.h"
#include "fpsweep/status.h"

/* Compare every coordinate and column of parameters with what the plan gives. Calls `each` once per variable that is
 * damaged: how many of its rows differ, and the first (task -1, rows 0: it has no rows, or they cannot be read). The
 * plan must know its data files by size and hash. FPS_ERROR_INPUT if the file cannot be read at all; a million tasks
 * take about 10 s. */
fps_status fps_columns_check(const char *path, const fps_plan *plan,
                             void (*each)(void *context, const char *variable, int64_t task, int64_t rows),
                             void *context);

/* Write again what differs from the plan, in a file that is open for writing (one rank), and tell `each` of it, if
 * given. FPS_ERROR_IO if a column cannot be read or written. */
fps_status fps_columns_mend(hid_t file, const char *path, const fps_plan *plan,
                            void (*each)(void *context, const char *variable, int64_t task, int64_t rows),
                            void *context);

#endif
