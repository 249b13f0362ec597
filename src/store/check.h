/* check.h: is this an fpsweep results file, and which sweep does it belong to? */
#ifndef FPSWEEP_STORE_CHECK_H
#define FPSWEEP_STORE_CHECK_H

#include <stdint.h>

#include "fpsweep/plan.h"
#include "store/hdf5_tools.h"

/* Largest sweep text that is believed, bytes. */
#define FPS_SWEEP_LIMIT ((size_t)1 << 26)

/* What is known of a file once it is open. */
typedef struct fps_checked {
    hid_t file;    /* read-only, serial driver; owned by the caller */
    int64_t bytes; /* its size when it was created, where that is known */
    int64_t there; /* its size: less if it was truncated; missing bytes read as 0 */
    int format;    /* version of its format */
} fps_checked;

/* Open PATH read-only with the serial driver. FPS_ERROR_INPUT, in one sentence, if it is missing, no regular file, no
 * HDF5 file, not fpsweep's, of a newer format, or if its structure has changed since it was created (guard.h). A
 * truncated file whose structure is whole opens, with a warning. */
fps_status fps_check_open(const char *path, fps_checked *out);

/* The plan of a file, rebuilt from the sweep text that it carries. Owned. */
typedef struct fps_file_plan {
    fps_plan *plan;
    int datasets;
    fps_dataset *dataset; /* [datasets] size and hash of the sweep's data files, without points */
} fps_file_plan;

/* FPS_ERROR_INPUT if the text is damaged (it does not match its hash) or not understood. */
fps_status fps_file_plan_create(hid_t file, const char *path, fps_file_plan *out);
void fps_file_plan_release(fps_file_plan *plan); /* null-safe in that sense; not the struct */

/* The part of the sweep that the file holds; {0, 0} if all of it. FPS_ERROR_INPUT if the attribute is nonsense. */
fps_status fps_check_shard(hid_t file, const char *path, fps_shard *shard);

/* Does the file belong to the plan: the same tasks, recorded the same way (fps_plan_compare), the same data files, and
 * every variable as the plan wants it? FPS_ERROR_MISMATCH with the differences, or FPS_ERROR_INPUT. */
fps_status fps_check_plan(const fps_checked *checked, const char *path, const fps_plan *plan);

#endif
