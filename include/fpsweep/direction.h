/* direction.h: the directions along which spectra are measured, by the names that they have in results files.
 *
 * A task of d > 1 dimensions has one along each axis, x1 to xd, and `radial` after them (spectrum.h); a task of one
 * dimension has x1 alone.
 */
#ifndef FPSWEEP_DIRECTION_H
#define FPSWEEP_DIRECTION_H

#include <stdint.h>

#include "fpsweep/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All names: "x1", "x2", "x3", "radial"; ends with NULL. */
extern const char *const fps_direction_names[];

/* Name of direction 0 .. directions-1 of a task. */
const char *fps_direction_name(const fps_task *task, int64_t direction);

/* Direction of a task by its name; -1 if the task has none of that name. */
int64_t fps_direction_find(const fps_task *task, const char *name);

#ifdef __cplusplus
}
#endif
#endif
