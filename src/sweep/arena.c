#include "sweep/arena.h"

#include <stdint.h>
#include <string.h>

#include "fpsweep/memory.h"

enum { BLOCK_SIZE = 1 << 16, ROUND = 16 };

struct fps_arena_block {
    fps_arena_block *older;
    size_t size; /* bytes after this header */
};

/* Where the bytes of a block begin: the header, rounded up. */
enum { HEADER = (sizeof(fps_arena_block) + ROUND - 1) / ROUND * ROUND };

void *fps_arena_alloc(fps_arena *arena, size_t size) {
    if (size > SIZE_MAX / 4) {
        fps_fail(FPS_ERROR_MEMORY, "a block of %zu bytes is too large", size);
        return NULL;
    }
    size_t rounded = (size + ROUND - 1) / ROUND * ROUND;
    if (!arena->blocks || arena->blocks->size - arena->used < rounded) {
        size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
        fps_arena_block *block = fps_alloc(HEADER + room, 1);
        if (!block)
            return NULL;
        block->older = arena->blocks;
        block->size = room;
        arena->blocks = block;
        arena->used = 0;
    }
    void *out = (char *)arena->blocks + HEADER + arena->used;
    arena->used += rounded;
    return out;
}

char *fps_arena_copy(fps_arena *arena, const char *text, size_t length) {
    char *copy = fps_arena_alloc(arena, length + 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

void fps_arena_release(fps_arena *arena) {
    while (arena->blocks) {
        fps_arena_block *older = arena->blocks->older;
        fps_free(arena->blocks);
        arena->blocks = older;
    }
    arena->used = 0;
}
