/* memory.h: aligned, overflow-checked allocation. */
#ifndef FPSWEEP_MEMORY_H
#define FPSWEEP_MEMORY_H

#include <stddef.h>

#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Alignment of every block, bytes: one cache line, one AVX-512 register. */
#define FPS_ALIGNMENT 64

/* Allocate `count` zeroed elements of `size` bytes, aligned to FPS_ALIGNMENT. NULL, with the message kept, if the
 * product overflows or memory is out; count 0 gives a valid block. The caller owns the block: fps_free(). */
void *fps_alloc(size_t count, size_t size);

/* Make an fps_alloc'd block at least `count` elements long, keeping the first `old_count`; NULL leaves the old one. */
void *fps_realloc(void *block, size_t old_count, size_t count, size_t size);

/* Release a block; null-safe. */
void fps_free(void *block);

/* Copy a string into a block of its own, NULL if memory is out. */
char *fps_strdup(const char *text);

/* Allocate an array through a typed pointer: FPS_ALLOC(values, n) is FPS_OK or FPS_ERROR_MEMORY. */
#define FPS_ALLOC(pointer, count)                                                                                      \
    (((pointer) = fps_alloc((size_t)(count), sizeof *(pointer))) ? FPS_OK : FPS_ERROR_MEMORY)

#ifdef __cplusplus
}
#endif
#endif
