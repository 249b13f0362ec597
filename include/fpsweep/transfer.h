/* transfer.h: rows from one results file into another: merging shards, and extending a sweep by an older one.
 *
 * A row may move if it is the same task (identity), recorded the same way (fps_record_identity, or the target keeps
 * less), stored in the same types, of the same numerics version, and its checksum is right. It keeps its outcome,
 * checksum, seconds, rank, attempts, version and kernels.
 */
#ifndef FPSWEEP_TRANSFER_H
#define FPSWEEP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/results.h"

typedef struct fps_transfer {
    int64_t taken;   /* rows copied */
    int64_t same;    /* rows that were there already, with the same checksum */
    int64_t damaged; /* rows of the source whose checksum is wrong: passed over */
    int64_t other;   /* rows of other kernels or versions: passed over */
} fps_transfer;

/* Not collective; the coordinator alone, before the farm. Take over every finished row of `from` that `results` has a
 * pending task for. FPS_ERROR_MISMATCH, naming the task by its label and both files, if a finished row of `results`
 * differs from the source's (merge: an overlap that differs), or if nothing can ever match because the two files
 * record differently (the message lists what differs). self_test: rows of other kernels are taken only if
 * `any_kernels`. Reports each damaged row to `note` (may be NULL). */
fps_status fps_transfer_rows(fps_results *results, const char *path_from, uint64_t self_test, bool any_kernels,
                             void (*note)(void *context, const char *sentence), void *context, fps_transfer *out);

#endif
