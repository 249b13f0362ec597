/* batches.h (internal): which samples make up a mini-batch.
 *
 * Every epoch draws a random permutation of the n samples (Fisher-Yates; position p exchanges with one of p .. n-1 by
 * FPS_PURPOSE_BATCHES, index epoch * n + p) and cuts floor(n / B) batches of B from it; the rest sits this epoch out.
 * A batch is a function of (seed, step) alone.
 */
#ifndef FPSWEEP_EXPERIMENT_BATCHES_H
#define FPSWEEP_EXPERIMENT_BATCHES_H

#include <stdint.h>

#include "fpsweep/pulse.h"
#include "fpsweep/status.h"

/* A plain struct that owns `order`; zero is a valid, empty one. */
typedef struct fps_batches {
    uint64_t seed;
    int64_t samples, size, per_epoch;
    int64_t epoch;  /* whose permutation `order` holds; -1: none */
    int32_t *order; /* order[samples] */
    int64_t capacity;
} fps_batches;

/* Begin with n = samples, B = size, 1 <= B <= n. Grows, never shrinks. */
fps_status fps_batches_set(fps_batches *batches, int64_t samples, int64_t size, uint64_t seed);
void fps_batches_release(fps_batches *batches);

/* Sample numbers (*batch)[B] of the update that follows `step` updates. Borrowed until the next call. FPS_STOPPED if
 * the pulse (NULL: none), which is called while an epoch is drawn, says so. */
fps_status fps_batches_at(fps_batches *batches, int64_t step, const fps_pulse *pulse, const int32_t **batch);

#endif
