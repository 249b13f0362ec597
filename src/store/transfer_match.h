/* transfer_match.h: which row of one results file is the same task as which of another. */
#ifndef FPSWEEP_STORE_TRANSFER_MATCH_H
#define FPSWEEP_STORE_TRANSFER_MATCH_H

#include <stdint.h>

#include "fpsweep/plan.h"
#include "fpsweep/status.h"

/* Both files as the plans describe them; `from` is opened here, `to` is an open file's identifier (hid_t). Fill
 * target[count of from] with the number that each task of `from` has in `to`, -1 where it has none. Compares the
 * files' column `identity`, so a million tasks take about a second; whoever moves a row must not take it on trust. */
fps_status fps_transfer_match(const fps_plan *from, const char *path_from, const fps_plan *to, const char *path_to,
                              int64_t file_to, int64_t *target);

/* Can rows move between files of these plans at all? FPS_ERROR_MISMATCH, naming both files and what differs. *equal:
 * the same results are kept, so that the checksums of equal rows are equal; else `to` keeps less. */
fps_status fps_transfer_compatible(const fps_plan *from, const char *path_from, const fps_plan *to, const char *path_to,
                                   bool *equal);

#endif
