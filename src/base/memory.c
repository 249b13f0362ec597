#include "fpsweep/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* From this size on a block is zeroed by giving its pages back, bytes: gigabytes are then there at once, and are paid
 * for where they are first used. */
#define LARGE ((size_t)1 << 25)

/* Make a block read as zeros. */
static void *zeroed(unsigned char *block, size_t bytes) {
#if defined(__linux__) && defined(MADV_DONTNEED) /* elsewhere the pages may keep their contents */
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t begin = (uintptr_t)block, end = begin + bytes;
    const uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
    if (bytes >= LARGE && madvise(block + (first - begin), last - first, MADV_DONTNEED) == 0) {
        memset(block, 0, first - begin);
        memset(block + (last - begin), 0, end - last);
        return block;
    }
#endif
    return memset(block, 0, bytes);
}

void *fps_alloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        fps_fail(FPS_ERROR_MEMORY, "an array of %zu elements of %zu bytes is too large", count, size);
        return NULL;
    }
    size_t rounded = (bytes + FPS_ALIGNMENT) / FPS_ALIGNMENT * FPS_ALIGNMENT; /* at least one line */
    unsigned char *block = aligned_alloc(FPS_ALIGNMENT, rounded);
    if (!block) {
        fps_fail(FPS_ERROR_MEMORY, "not enough memory for %.1f MB", (double)bytes / 1e6);
        return NULL;
    }
    return zeroed(block, rounded);
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
