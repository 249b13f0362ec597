#include "order.h"

#include <stddef.h>
#include <string.h>

#include "fpsweep/memory.h"

/* Bits that grow as a positive number falls. */
static uint32_t falling(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return ~bits;
}

/* Sort keys (number to sort by in the upper half, task in the lower) by their upper half: radix sort, stable, three
 * passes of 11 bits. The result is in `spare`. */
static void sort_keys(uint64_t *keys, uint64_t *spare, int64_t count) {
    enum { BITS = 11, BUCKETS = 1 << BITS };
    for (int shift = 32; shift < 64; shift += BITS) {
        int64_t start[BUCKETS] = {0};
        for (int64_t i = 0; i < count; i++)
            start[keys[i] >> shift & (BUCKETS - 1)]++;
        for (int64_t bucket = 0, sum = 0; bucket < BUCKETS; bucket++) {
            int64_t size = start[bucket];
            start[bucket] = sum;
            sum += size;
        }
        for (int64_t i = 0; i < count; i++)
            spare[start[keys[i] >> shift & (BUCKETS - 1)]++] = keys[i];
        uint64_t *swap = keys;
        keys = spare;
        spare = swap;
    }
}

fps_status fps_order_falling(const float *value, const bool *wanted, int64_t count, uint32_t **order,
                             int64_t *ordered) {
    uint64_t *keys = NULL, *spare = NULL;
    int64_t n = 0;
    fps_status status;
    *order = NULL;
    *ordered = 0;
    for (int64_t i = 0; i < count; i++)
        n += !wanted || wanted[i];
    FPS_TRY_GOTO(status, FPS_ALLOC(keys, n), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(spare, n), done);
    n = 0;
    for (int64_t i = 0; i < count; i++)
        if (!wanted || wanted[i])
            keys[n++] = (uint64_t)falling(value[i]) << 32 | (uint64_t)i;
    sort_keys(keys, spare, n);
    fps_free(keys);
    keys = NULL;
    FPS_TRY_GOTO(status, FPS_ALLOC(*order, n), done);
    for (int64_t i = 0; i < n; i++)
        (*order)[i] = (uint32_t)spare[i];
    *ordered = n;
done:
    fps_free(spare);
    fps_free(keys);
    return status;
}
