/* row.h: how a trajectory's numbers become a row's bytes, and the checksum over them.
 *
 * Valid part of a result: its first `records` records (all of it if it has no record dimension) in the task's own
 * extent. A row without records (a task that failed) has no valid part at all.
 */
#ifndef FPSWEEP_STORE_ROW_H
#define FPSWEEP_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/trajectory.h"
#include "store/hdf5_tools.h"

/* Sizes of the valid part along the result's own dimensions, slowest first, `direction` left out where the file has
 * none
 * (`directions` false). */
typedef struct fps_row_part {
    int rank;
    hsize_t size[3];
    int64_t elements;
} fps_row_part;

fps_row_part fps_row_valid(const fps_result_field *field, const fps_extent *extent, int64_t records, bool directions);

/* Fill out[count] with value[count] in the stored type (int64, float32, float64). NaN becomes the one positive quiet
 * NaN, so that equal rows have equal bits; `fill_zero`: a number that is 0 in the stored type becomes its smallest
 * normal number; a NaN where an integer is expected becomes -1. */
void fps_row_encode(fps_stored type, bool fill_zero, const double *value, int64_t count, void *out);

/* Checksum in the making: XXH3-64 over outcome (int8), records (int32), then the encoded parts in table order. */
typedef struct fps_row_hash fps_row_hash; /* opaque, owns the hash's state */
fps_status fps_row_hash_create(fps_row_hash **out);
void fps_row_hash_destroy(fps_row_hash **hash);
void fps_row_hash_begin(fps_row_hash *hash, uint64_t identity, fps_outcome outcome, int32_t records);
void fps_row_hash_add(fps_row_hash *hash, const void *bytes, size_t size);
uint32_t fps_row_hash_end(const fps_row_hash *hash);

#endif
