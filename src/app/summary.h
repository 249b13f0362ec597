/* summary.h: what `run` prints at its end. */
#ifndef FPSWEEP_APP_SUMMARY_H
#define FPSWEEP_APP_SUMMARY_H

#include "fpsweep/farm.h"

/* Print what was done and how large the frequency errors at the end are by axis value. Reads the results file. */
fps_status fps_summary_print(const char *path, const fps_progress *final, int ranks);

#endif
