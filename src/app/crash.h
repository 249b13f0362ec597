/* crash.h: what a rank still does when it crashes. */
#ifndef FPSWEEP_APP_CRASH_H
#define FPSWEEP_APP_CRASH_H

#include <stdint.h>

#include "fpsweep/checkpoint.h"
#include "fpsweep/plan.h"

/* Catch SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, on a stack of their own: note the crash and its task in the
 * journal beside the results file, so that a resume does not crash for ever, say so in one line, and die by the same
 * signal. Call it after MPI_Init, which has handlers of its own. */
void fps_crash_install(int rank);
/* What tasks are about and where their crashes are noted; borrowed until the next call. NULL, NULL: nowhere. */
void fps_crash_journal(const fps_plan *plan, const fps_checkpoints *checkpoints);

/* Callback for fps_farm_options: this rank runs a task from now on; -1: none. */
void fps_crash_running(void *context, int64_t task);

#endif
