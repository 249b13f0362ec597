/* results_internal.h: a results file opened for writing. */
#ifndef FPSWEEP_STORE_RESULTS_INTERNAL_H
#define FPSWEEP_STORE_RESULTS_INTERNAL_H

#include "fpsweep/results.h"
#include "store/lock.h"
#include "store/row.h"
#include "store/variable.h"

/* An open variable; the dataspace is reused, so that a write allocates nothing. */
typedef struct fps_open_variable {
    fps_variable variable;
    hid_t dataset, space; /* dataset is invalid if the file has no such variable */
} fps_open_variable;

/* The (task) scalars in memory, on rank 0 alone: neighbours of changed rows can then be written along in one call. */
typedef struct fps_mirror {
#define X(NAME, name, ctype, ...) ctype *name;
    FPS_SCALAR_LIST(X)
#undef X
} fps_mirror;

struct fps_results {
    char *path;
    const fps_plan *plan; /* borrowed */
    int rank;
    fps_lock *lock;
    hid_t file;
    hid_t memory; /* one-dimensional dataspace of `memory_size` elements */
    hsize_t memory_size;
    fps_open_variable scalar[FPS_SCALAR_COUNT], live[FPS_LIVE_COUNT], result[FPS_RESULT_COUNT];
    void *row; /* one encoded result */
    fps_row_hash *hash;
    fps_mirror mirror;  /* NULLs beside rank 0 */
    int64_t *committed; /* task numbers of one commit, sorted; grows */
    int64_t committed_room;
};

/* Write `elements` from `values` into the block of the variable that starts at start[rank] and is size[rank] large. */
fps_status fps_results_put(fps_results *results, fps_open_variable *open, const hsize_t *start, const hsize_t *size,
                           hsize_t elements, const void *values);

/* Read all task scalars into the mirror (rank 0, at open), and release it. */
fps_status fps_mirror_load(fps_results *results);
void fps_mirror_release(fps_results *results);

#endif
