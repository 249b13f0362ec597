/* transfer.h: rows from one results file into another: merging shards, and extending a sweep by an older one.
 *
 * A row may move if it is the same task (identity), recorded the same way (the target may keep less), stored in the
 * same types, and its checksum is right. It keeps its outcome, seconds, attempts, rank, version, kernels and time, and
 * where the same results are kept its checksum.
 */
#ifndef FPSWEEP_TRANSFER_H
#define FPSWEEP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/results.h"

typedef struct fps_transfer {
    int64_t taken;   /* rows copied */
    int64_t same;    /* finished rows that were there already, with the same results, or that failed in the source */
    int64_t damaged; /* rows of the source whose checksum is wrong: passed over */
    int64_t other;   /* rows of other kernels or versions: passed over */
} fps_transfer;

/* Not collective; the coordinator alone, before the farm. Take over every finished row of `from` (done, diverged,
 * failed) that `results` has a pending task for. A row of `results` that failed, or whose checksum is wrong, is
 * replaced by one that is done or diverged. Commits in groups; what has been taken stays taken if it ends early.
 * FPS_ERROR_MISMATCH, naming the task by its label and both files, if a finished row of `results` differs from the
 * source's (merge: an overlap that differs), or if nothing can ever match because the two files record differently (the
 * message lists what differs). Rows of another self-test or numerics version are taken, and compared, only if
 * `any_kernels`. Reports each damaged row to `note` (may be NULL). FPS_ERROR_USAGE if both are the same file. `from`
 * may be in use by another run. */
fps_status fps_transfer_rows(fps_results *results, const char *path_from, uint64_t self_test, bool any_kernels,
                             void (*note)(void *context, const char *sentence), void *context, fps_transfer *out);

#endif
