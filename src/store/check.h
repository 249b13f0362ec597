/* check.h: is this an fpsweep results file, and which sweep does it belong to? */
#ifndef FPSWEEP_STORE_CHECK_H
#define FPSWEEP_STORE_CHECK_H

#include <stdint.h>

#include "fpsweep/plan.h"
#include "store/hdf5_tools.h"

/* Largest sweep text that is believed, bytes. */
#define FPS_SWEEP_LIMIT ((size_t)1 << 26)

/* Open PATH read-only with the serial driver. FPS_ERROR_INPUT, in one sentence, if it is missing, no regular file, no
 * HDF5 file, truncated, not fpsweep's, or of a newer format. *bytes = the file's size. */
fps_status fps_check_open(const char *path, hid_t *file, int64_t *bytes);

/* Read the sweep's text (owned by the caller) and compare it with its hash. FPS_ERROR_INPUT if it is damaged. */
fps_status fps_check_text(hid_t file, const char *path, char **text, size_t *length, uint64_t *hash);

/* Does the file belong to the plan (same sweep text, same data files, and every variable as the plan wants it)?
 * FPS_ERROR_MISMATCH or FPS_ERROR_INPUT. */
fps_status fps_check_plan(hid_t file, const char *path, int64_t bytes, const fps_plan *plan);

#endif
