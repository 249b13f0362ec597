/* dataset.h: the two kinds of data files behind fps_dataset_read. */
#ifndef FPSWEEP_STORE_DATASET_H
#define FPSWEEP_STORE_DATASET_H

#include "fpsweep/results.h"

/* Most points that are read from a data file. */
#define FPS_DATASET_LIMIT (INT64_C(1) << 24)

/* Fill samples, dimension, x, y (owned by the caller also on failure: fps_dataset_release). */
fps_status fps_dataset_read_csv(const char *path, fps_dataset *out);
fps_status fps_dataset_read_hdf5(const char *path, fps_dataset *out);

/* Which column a name is: 0 to 2 for x1 (or x) to x3, 3 for y, -1 for anything else. */
int fps_dataset_column(const char *name);
/* "x1", "x2", "x3", "y" */
const char *fps_dataset_column_name(int column);

#endif
