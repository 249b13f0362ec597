/* results_internal.h: a results file opened for writing. */
#ifndef FPSWEEP_STORE_RESULTS_INTERNAL_H
#define FPSWEEP_STORE_RESULTS_INTERNAL_H

#include "fpsweep/results.h"
#include "store/lock.h"
#include "store/row_check.h"

struct fps_results {
    char *path;
    const fps_plan *plan; /* borrowed */
    int rank;
    fps_lock *lock;
    hid_t file;
    fps_variables variables;
    fps_row_check check; /* also what writing a row needs */
    int64_t cut_at;      /* bytes to which the file was truncated when it was opened; INT64_MAX: it was not (rank 0) */
    bool broken;         /* writing has failed on this rank */
    fps_scalars mirror;  /* all tasks, on rank 0: neighbours of changed rows are then written along in one call */
    int64_t *committed;  /* task numbers of one commit, sorted; grows */
    int64_t committed_room;
};

/* Write `elements` from `values` into the block of the variable that starts at start[rank] and is size[rank] large. */
fps_status fps_results_put(fps_results *results, fps_open_variable *open, const hsize_t *start, const hsize_t *size,
                           hsize_t elements, const void *values);

/* Read all task scalars into the mirror (rank 0, at open), and set damaged rows back to pending. */
fps_status fps_mirror_load(fps_results *results);
/* Set rows of which something lay behind cut_at back to pending, if their checksums are wrong (rank 0, at open). */
fps_status fps_mend_truncated(fps_results *results);
void fps_mirror_release(fps_results *results);

#endif
