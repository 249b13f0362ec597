/* publish.h: putting a finished file under its name at once, without ever replacing one that is there. */
#ifndef FPSWEEP_STORE_PUBLISH_H
#define FPSWEEP_STORE_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "fpsweep/status.h"

/* FPS_ERROR_USAGE if MPI may not open the name as it stands: ROMIO takes what is before a colon for a kind of file
 * system ("ufs:", "nfs:"). */
fps_status fps_publish_look_name(const char *path);

/* "PATH.tmp.<pid>" into name[size]; FPS_ERROR_USAGE if it does not fit or fps_publish_look_name() refuses PATH. */
fps_status fps_publish_name(const char *path, char *name, size_t size);

/* Remove what killed creators of PATH have left behind. Only while holding PATH's lock. */
void fps_publish_clean(const char *path);

/* Sync the file TEMPORARY, give it the name PATH (link, then unlink; without link(), where `link_works` is false or the
 * file system says so, O_EXCL and rename) and sync the directory. FPS_ERROR_INPUT if PATH exists. */
fps_status fps_publish(const char *temporary, const char *path, bool link_works);

/* FPS_ERROR_INPUT, "PATH exists: ...". */
fps_status fps_publish_exists(const char *path);

/* FPS_ERROR_IO if the file system of PATH has not `bytes` bytes free, or the process may not write files so large. */
fps_status fps_publish_room(const char *path, double bytes);

/* Directory part of a path into directory[size] ("." if none). */
void fps_publish_directory(const char *path, char *directory, size_t size);

#endif
