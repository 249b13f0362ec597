/* arena.h: memory that lives exactly as long as a plan: many small blocks, released together. */
#ifndef FPSWEEP_SWEEP_ARENA_H
#define FPSWEEP_SWEEP_ARENA_H

#include <stddef.h>

#include "fpsweep/status.h"

typedef struct fps_arena_block fps_arena_block;

/* Owns its blocks. All zero is an empty arena. */
typedef struct fps_arena {
    fps_arena_block *blocks;
    size_t used; /* bytes of the newest block */
} fps_arena;

/* Return `size` zeroed bytes aligned to 16, or NULL with the message kept. */
void *fps_arena_alloc(fps_arena *arena, size_t size);

/* Copy `length` bytes and a terminating zero. */
char *fps_arena_copy(fps_arena *arena, const char *text, size_t length);

/* Release everything. */
void fps_arena_release(fps_arena *arena);

#endif
