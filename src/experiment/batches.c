#include "experiment/batches.h"

#include "fpsweep/memory.h"
#include "fpsweep/random.h"

fps_status fps_batches_set(fps_batches *batches, int64_t samples, int64_t size, uint64_t seed) {
    if (samples > batches->capacity) {
        int32_t *order;
        FPS_TRY(FPS_ALLOC(order, samples));
        fps_free(batches->order);
        batches->order = order;
        batches->capacity = samples;
    }
    batches->seed = seed;
    batches->samples = samples;
    batches->size = size;
    batches->per_epoch = samples / size;
    batches->epoch = -1;
    return FPS_OK;
}

void fps_batches_release(fps_batches *batches) {
    fps_free(batches->order);
    *batches = (fps_batches){0};
}

/* Number in [0, range) from 64 random bits: the upper half of the 128-bit product (bias below 2^-40 for any n here). */
static int64_t below(uint64_t bits, int64_t range) {
    return (int64_t)((unsigned __int128)bits * (uint64_t)range >> 64);
}

/* Exchanges between two beats, and the operations of one. */
enum { STRETCH = 4096, PER_EXCHANGE = 300 };

static fps_status shuffle(fps_batches *batches, int64_t epoch, const fps_pulse *pulse) {
    int64_t n = batches->samples;
    int32_t *order = batches->order;
    batches->epoch = -1;
    for (int64_t i = 0; i < n; i++)
        order[i] = (int32_t)i;
    for (int64_t p = 0; p < n - 1; p++) {
        uint64_t bits = fps_random_bits(batches->seed, FPS_PURPOSE_BATCHES, 0, (uint64_t)(epoch * n + p));
        int64_t other = p + below(bits, n - p);
        int32_t held = order[p];
        order[p] = order[other];
        order[other] = held;
        if ((p + 1) % STRETCH == 0 && fps_pulse_beat(pulse, STRETCH * PER_EXCHANGE))
            return FPS_STOPPED;
    }
    batches->epoch = epoch;
    return FPS_OK;
}

fps_status fps_batches_at(fps_batches *batches, int64_t step, const fps_pulse *pulse, const int32_t **batch) {
    int64_t epoch = step / batches->per_epoch;
    if (epoch != batches->epoch)
        FPS_TRY(shuffle(batches, epoch, pulse));
    *batch = batches->order + (step - epoch * batches->per_epoch) * batches->size;
    return FPS_OK;
}
