/* beside.h: names of the files and folders that belong to a results file: FILE.h5.lock, FILE.h5.checkpoint. */
#ifndef FPSWEEP_STORE_BESIDE_H
#define FPSWEEP_STORE_BESIDE_H

#include <stddef.h>

#include "fpsweep/status.h"

/* Write the real path of `path` (whatever symbolic link led to it) and `suffix` into name[size]. `path` need not exist,
 * its directory must: FPS_ERROR_IO. FPS_ERROR_USAGE if the name does not fit. */
fps_status fps_beside(const char *path, const char *suffix, char *name, size_t size);

#endif
