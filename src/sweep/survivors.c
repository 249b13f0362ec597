#include "sweep/survivors.h"

#include <string.h>

#include "fpsweep/memory.h"

enum { WORD = 64, BLOCK_WORDS = 8, BLOCK = WORD * BLOCK_WORDS };

void fps_survivors_create(fps_survivors *survivors, int64_t combinations) {
    *survivors = (fps_survivors){.combinations = combinations, .blocks = (combinations + BLOCK - 1) / BLOCK};
}

void fps_survivors_release(fps_survivors *survivors) {
    fps_free(survivors->bits);
    fps_free(survivors->before);
    *survivors = (fps_survivors){0};
}

fps_status fps_survivors_drop(fps_survivors *survivors, int64_t combination) {
    if (!survivors->bits) {
        FPS_TRY(FPS_ALLOC(survivors->bits, survivors->blocks * BLOCK_WORDS));
        for (int64_t c = 0; c < survivors->combinations / WORD; c++)
            survivors->bits[c] = UINT64_MAX;
        for (int64_t c = survivors->combinations / WORD * WORD; c < survivors->combinations; c++)
            survivors->bits[c / WORD] |= UINT64_C(1) << (c % WORD);
    }
    survivors->bits[combination / WORD] &= ~(UINT64_C(1) << (combination % WORD));
    return FPS_OK;
}

fps_status fps_survivors_finish(fps_survivors *survivors) {
    survivors->count = survivors->combinations;
    if (!survivors->bits)
        return FPS_OK;
    FPS_TRY(FPS_ALLOC(survivors->before, survivors->blocks + 1));
    int64_t count = 0;
    for (int64_t b = 0; b < survivors->blocks; b++) {
        survivors->before[b] = count;
        for (int64_t w = 0; w < BLOCK_WORDS; w++)
            count += __builtin_popcountll(survivors->bits[b * BLOCK_WORDS + w]);
    }
    survivors->before[survivors->blocks] = count;
    survivors->count = count;
    return FPS_OK;
}

bool fps_survivors_has(const fps_survivors *survivors, int64_t combination) {
    return !survivors->bits || (survivors->bits[combination / WORD] >> (combination % WORD) & 1);
}

int64_t fps_survivors_select(const fps_survivors *survivors, int64_t i) {
    if (!survivors->bits)
        return i;
    int64_t low = 0, high = survivors->blocks; /* before[low] <= i < before[high] */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (survivors->before[middle] <= i)
            low = middle;
        else
            high = middle;
    }
    int64_t left = i - survivors->before[low], word = low * BLOCK_WORDS;
    for (;; word++) {
        int64_t here = __builtin_popcountll(survivors->bits[word]);
        if (left < here)
            break;
        left -= here;
    }
    uint64_t bits = survivors->bits[word];
    for (; left > 0; left--)
        bits &= bits - 1;
    return word * WORD + __builtin_ctzll(bits);
}

int64_t fps_survivors_rank(const fps_survivors *survivors, int64_t combination) {
    if (!survivors->bits)
        return combination;
    int64_t block = combination / BLOCK, count = survivors->before[block];
    for (int64_t w = block * BLOCK_WORDS; w < combination / WORD; w++)
        count += __builtin_popcountll(survivors->bits[w]);
    uint64_t below = (UINT64_C(1) << (combination % WORD)) - 1;
    return count + __builtin_popcountll(survivors->bits[combination / WORD] & below);
}
