/* hashset.h: a set of 64-bit hashes, open addressing. */
#ifndef FPSWEEP_SWEEP_HASHSET_H
#define FPSWEEP_SWEEP_HASHSET_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* All zero is an empty set. Owns `slot`. Grows by doubling, at most half full: 16 to 32 bytes per element. */
typedef struct fps_hashset {
    uint64_t *slot; /* [capacity], 0 is empty */
    int64_t capacity, count;
    bool zero; /* is the hash 0 in the set? */
} fps_hashset;

/* Add `hash`; *is_new tells whether it was absent. */
fps_status fps_hashset_add(fps_hashset *set, uint64_t hash, bool *is_new);
bool fps_hashset_has(const fps_hashset *set, uint64_t hash);
void fps_hashset_release(fps_hashset *set);

#endif
