/* analyze_decay.h: what `analyze` says of the effective decay rate. */
#ifndef FPSWEEP_APP_ANALYZE_DECAY_H
#define FPSWEEP_APP_ANALYZE_DECAY_H

#include "app/entry.h"
#include "fpsweep/decay.h"

/* Print alpha_eff of one group, its windows, and the tangents' beside it; nothing with fewer than three frequencies. */
fps_status fps_analyze_decay_print(const fps_decay *decay);

/* Write the lists effective_decay and tau_linearised of all groups: decay[groups]. */
void fps_analyze_decay_json(fps_entry_writer *writer, const fps_decay *decay);

#endif
