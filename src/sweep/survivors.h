/* survivors.h: which combinations are tasks: one bit each, with counts per block, so that number of task and number of
 * combination are found from each other in a few steps. */
#ifndef FPSWEEP_SWEEP_SURVIVORS_H
#define FPSWEEP_SWEEP_SURVIVORS_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

typedef struct fps_survivors {
    int64_t combinations;
    int64_t count;   /* survivors; valid after fps_survivors_finish */
    uint64_t *bits;  /* [combinations / 64, rounded up]; NULL: all survive */
    int64_t *before; /* [blocks + 1] survivors before each block of 512 */
    int64_t blocks;
} fps_survivors;

/* All `combinations` survive at first; costs nothing until the first one is dropped. */
void fps_survivors_create(fps_survivors *survivors, int64_t combinations);
void fps_survivors_release(fps_survivors *survivors);
fps_status fps_survivors_drop(fps_survivors *survivors, int64_t combination);
/* Count; to be called once, after the last drop. */
fps_status fps_survivors_finish(fps_survivors *survivors);

bool fps_survivors_has(const fps_survivors *survivors, int64_t combination);
/* Combination of survivor i in [0, count). */
int64_t fps_survivors_select(const fps_survivors *survivors, int64_t i);
/* Number of survivors before `combination`: the task number of a survivor. */
int64_t fps_survivors_rank(const fps_survivors *survivors, int64_t combination);

#endif
