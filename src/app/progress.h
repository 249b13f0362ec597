/* progress.h: what stderr says while a sweep runs. */
#ifndef FPSWEEP_APP_PROGRESS_H
#define FPSWEEP_APP_PROGRESS_H

#include "fpsweep/farm.h"

/* Seconds between two lines: short on a terminal, long in a batch log. */
double fps_progress_interval_s(void);
/* Callback for fps_farm_options. */
void fps_progress_print(void *context, const fps_progress *progress);
/* End the line on a terminal. */
void fps_progress_end(void);

#endif
