/* random.h: counter-based random numbers (Random123, Philox 4x32, 10 rounds).
 *
 * A number is a pure function of (seed, purpose, layer, index): no state, no order, no other parameter enters, so
 * that two tasks which differ in anything but the seed share their random numbers (paired comparison).
 * Key = seed, counter = (index of the element, layer, purpose).
 */
#ifndef FPSWEEP_RANDOM_H
#define FPSWEEP_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What random numbers are for: purposes never share numbers. */
typedef enum fps_purpose {
    FPS_PURPOSE_DATA = 1,    /* sample positions: index = sample * dimension + axis; seed is data_seed */
    FPS_PURPOSE_NOISE = 2,   /* noise on labels: index = sample; seed is data_seed */
    FPS_PURPOSE_LABELS = 3,  /* labels of `target: random`: index = sample; seed is data_seed */
    FPS_PURPOSE_WEIGHTS = 4, /* weights of layer l: index = out * fan_in + in; seed is seed */
    FPS_PURPOSE_BIASES = 5,  /* biases of layer l: index = out; seed is seed */
    FPS_PURPOSE_BATCHES = 6  /* order of samples: layer = 0, index = epoch * samples + position; seed is seed */
} fps_purpose;

/* Uniform in (0, 1), both ends excluded, 52 bits. */
double fps_random_uniform(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index);

/* Standard normal (Box-Muller on the two uniforms of one counter; the cosine branch). */
double fps_random_normal(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index);

/* 64 random bits. */
uint64_t fps_random_bits(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index);

#ifdef __cplusplus
}
#endif
#endif
