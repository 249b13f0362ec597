/* files.h: files and folders that the user names, looked at before anything else is done with them. */
#ifndef FPSWEEP_APP_FILES_H
#define FPSWEEP_APP_FILES_H

#include "fpsweep/status.h"

/* Is a file to be read there, and what is wanted? `wanted` is its name in the help: "FILE.h5", "SWEEP.yaml". Contents
 * are left to those who read them. FPS_ERROR_INPUT with what to do, the nearest name in its folder for a missing one.
 */
fps_status fps_files_look(const char *path, const char *wanted);

/* Can a file be made there? FPS_ERROR_INPUT for a folder, FPS_ERROR_IO if its folder is missing or may not be written.
 */
fps_status fps_files_look_output(const char *path, const char *wanted);

#endif
