#include "fpsweep/random.h"

#include <Random123/philox.h>
#include <math.h>

/* Key: the seed's 64 bits would fill it, so purpose and layer ride in the counter's upper words, where the element's
 * index (lower words) never reaches: still a function of (seed, purpose, layer, index) alone. */
static philox4x32_ctr_t draw(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), layer, (uint32_t)purpose}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32(counter, key);
}

static uint64_t word(philox4x32_ctr_t bits, int i) {
    return (uint64_t)bits.v[2 * i + 1] << 32 | bits.v[2 * i];
}

/* 52 bits, centred in their cell: never 0, never 1. */
static double unit(uint64_t bits) {
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

uint64_t fps_random_bits(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    return word(draw(seed, purpose, layer, index), 0);
}

double fps_random_uniform(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    return unit(fps_random_bits(seed, purpose, layer, index));
}

double fps_random_normal(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    philox4x32_ctr_t bits = draw(seed, purpose, layer, index);
    return sqrt(-2.0 * log(unit(word(bits, 0)))) * cos(2.0 * 3.14159265358979323846 * unit(word(bits, 1)));
}
