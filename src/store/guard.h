/* guard.h: has the structure of a results file changed since it was created?
 *
 * All of HDF5's own bytes (headers, attributes, indices) are final when a file is published; a run writes numbers into
 * datasets that are there. So their checksum is taken once, and can be compared before HDF5 believes any of them. It is
 * kept in the file's first variable, `structure`, at a multiple of 4096 within the first megabyte, where it is found
 * without HDF5. Words of 64 bits, little-endian:
 *
 *     0 "fpsGuard"   1 layout of the guard: 1   2 its own offset   3 its bytes   4 bytes of the file   5 ranges
 *     6 XXH3-64 of the guard, this word taken as 0   7 unused, 0
 *     then per range: offset, length, XXH3-64 of these bytes
 *
 * The ranges are everything in the file that is no number of a variable, gaps of zeros aside. A copy made by h5repack
 * has a guard that does not lie where it says: that is no guard.
 */
#ifndef FPSWEEP_STORE_GUARD_H
#define FPSWEEP_STORE_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* Name of the variable, and of its dimension. */
#define FPS_GUARD_NAME "structure"
#define FPS_GUARD_DIMENSION "word"
/* The guard, and the file's blocks of metadata, lie at multiples of this many bytes. */
enum { FPS_GUARD_ALIGNMENT = 4096 };

/* Words that the guard of a file of so many variables needs. */
int64_t fps_guard_words(int64_t variables);

/* Fill in the guard of a complete file that nobody has open. FPS_ERROR_IO if that fails, or if the structure came out
 * other than it must. */
fps_status fps_guard_write(const char *path);

typedef struct fps_guarded {
    bool found;    /* false: the file has no guard (format 1, or a repacked copy) */
    int64_t whole; /* bytes that the file had when it was created; 0 without guard */
} fps_guarded;

/* Look for the guard of an open file of `bytes` bytes and compare. FPS_ERROR_INPUT, saying which bytes and what to do,
 * if the structure has changed or part of it is missing. A file that is too short, but of whole structure, is right
 * here: bytes < out->whole. */
fps_status fps_guard_check(int descriptor, const char *path, int64_t bytes, fps_guarded *out);

#endif
