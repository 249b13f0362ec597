/* analyze_stages.h: `analyze` of sweeps that keep stages. */
#ifndef FPSWEEP_APP_ANALYZE_STAGES_H
#define FPSWEEP_APP_ANALYZE_STAGES_H

#include <stdbool.h>

#include "fpsweep/results.h"
#include "fpsweep/status.h"

/* Print exponents, bounds and verdicts of the selected tasks, thresholds eta from `low` to `high`. */
fps_status fps_analyze_stages(fps_reader *reader, const bool *selected, double low, double high, bool json);

#endif
