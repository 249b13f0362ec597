/* summary.h: what `run` prints at its end. */
#ifndef FPSWEEP_APP_SUMMARY_H
#define FPSWEEP_APP_SUMMARY_H

#include "fpsweep/farm.h"
#include "fpsweep/results.h"

/* Print what was done and, for networks, how large the frequency errors at the end are by axis value; for `model:
 * direct`, the critical decay rate by group. Reads the results file. */
fps_status fps_summary_print(const char *path, const fps_progress *final, int ranks);

/* The part for `model: direct`. */
fps_status fps_summary_print_direct(fps_reader *reader);

#endif
