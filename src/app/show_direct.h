/* show_direct.h: `show` of sweeps of the variational problem. */
#ifndef FPSWEEP_APP_SHOW_DIRECT_H
#define FPSWEEP_APP_SHOW_DIRECT_H

#include <stdbool.h>

#include "fpsweep/results.h"

/* List the selected tasks (selected[tasks], NULL: all) with what they have on their last rung. */
fps_status fps_show_direct_list(fps_reader *reader, const bool *selected, bool csv);
/* Print the rungs of task i, a line each. */
fps_status fps_show_direct_task(fps_reader *reader, int64_t i, bool csv);

/* Print the parameters that a task uses, one per line. */
void fps_show_parameters(const fps_task *task);
/* Print how a task ended: "outcome done: 6 records, 2 ms on rank 0, attempt 1". */
void fps_show_outcome(const fps_row *row);

#endif
