/* analyze_direct.h: `analyze` of sweeps of the variational problem, solved (`model: direct`) or trained (twins.h). */
#ifndef FPSWEEP_APP_ANALYZE_DIRECT_H
#define FPSWEEP_APP_ANALYZE_DIRECT_H

#include <stdbool.h>

#include "fpsweep/results.h"

/* Print the critical decay rate and what belongs to it, group by group, as tables or as JSON. */
fps_status fps_analyze_direct(fps_reader *reader, const bool *selected, bool json);

#endif
