#include "sweep/hashset.h"

#include "fpsweep/memory.h"

/* Where a hash that is not 0 stands, or would stand, in a table with room. */
static uint64_t find(const uint64_t *slot, int64_t capacity, uint64_t hash) {
    uint64_t mask = (uint64_t)capacity - 1, at = (hash ^ hash >> 32) & mask;
    while (slot[at] != 0 && slot[at] != hash)
        at = (at + 1) & mask;
    return at;
}

static fps_status grow(fps_hashset *set) {
    int64_t capacity = set->capacity ? 2 * set->capacity : 64;
    uint64_t *slot;
    FPS_TRY(FPS_ALLOC(slot, capacity));
    for (int64_t i = 0; i < set->capacity; i++)
        if (set->slot[i])
            slot[find(slot, capacity, set->slot[i])] = set->slot[i];
    fps_free(set->slot);
    set->slot = slot;
    set->capacity = capacity;
    return FPS_OK;
}

fps_status fps_hashset_add(fps_hashset *set, uint64_t hash, bool *is_new) {
    if (hash == 0) {
        *is_new = !set->zero;
        set->zero = true;
        return FPS_OK;
    }
    if (2 * set->count >= set->capacity)
        FPS_TRY(grow(set));
    uint64_t at = find(set->slot, set->capacity, hash);
    *is_new = set->slot[at] == 0;
    set->slot[at] = hash;
    set->count += *is_new;
    return FPS_OK;
}

bool fps_hashset_has(const fps_hashset *set, uint64_t hash) {
    if (hash == 0)
        return set->zero;
    return set->capacity > 0 && set->slot[find(set->slot, set->capacity, hash)] == hash;
}

void fps_hashset_release(fps_hashset *set) {
    fps_free(set->slot);
    *set = (fps_hashset){0};
}
