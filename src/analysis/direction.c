/* direction.c: names of the directions along which spectra are measured. */
#include "fpsweep/direction.h"

#include <string.h>

enum { RADIAL = FPS_MAX_DIMENSION }; /* place of the name after those of the axes */

const char *const fps_direction_names[] = {"x1", "x2", "x3", [RADIAL] = "radial", NULL};

const char *fps_direction_name(const fps_task *task, int64_t direction) {
    return fps_direction_names[direction < task->dimension ? direction : RADIAL];
}

int64_t fps_direction_find(const fps_task *task, const char *name) {
    const int64_t directions = task->dimension > 1 ? task->dimension + 1 : 1;
    for (int64_t direction = 0; direction < directions; direction++)
        if (strcmp(fps_direction_name(task, direction), name) == 0)
            return direction;
    return -1;
}
