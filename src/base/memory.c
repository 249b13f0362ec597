#include "fpsweep/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *fps_alloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        fps_fail(FPS_ERROR_MEMORY, "an array of %zu elements of %zu bytes is too large", count, size);
        return NULL;
    }
    size_t rounded = (bytes + FPS_ALIGNMENT) / FPS_ALIGNMENT * FPS_ALIGNMENT; /* at least one line */
    void *block = aligned_alloc(FPS_ALIGNMENT, rounded);
    if (!block) {
        fps_fail(FPS_ERROR_MEMORY, "not enough memory for %.1f MB", (double)bytes / 1e6);
        return NULL;
    }
    return memset(block, 0, rounded);
}

void *fps_realloc(void *block, size_t old_count, size_t count, size_t size) {
    void *larger = fps_alloc(count, size);
    if (!larger)
        return NULL;
    if (block)
        memcpy(larger, block, (old_count < count ? old_count : count) * size);
    fps_free(block);
    return larger;
}

void fps_free(void *block) {
    free(block);
}

char *fps_strdup(const char *text) {
    size_t length = strlen(text) + 1;
    char *copy = fps_alloc(length, 1);
    return copy ? memcpy(copy, text, length) : NULL;
}
