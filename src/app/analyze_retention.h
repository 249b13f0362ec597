/* analyze_retention.h: `analyze` of networks on a ladder of band limits, with hidden layers or without (retention.h).
 */
#ifndef FPSWEEP_APP_ANALYZE_RETENTION_H
#define FPSWEEP_APP_ANALYZE_RETENTION_H

#include <stdbool.h>

#include "fpsweep/results.h"

/* Print the share of the target and the critical decay rate, group by group, as tables or as JSON. */
fps_status fps_analyze_retention(fps_reader *reader, const bool *selected, bool json);

#endif
