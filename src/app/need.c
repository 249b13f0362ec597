/* need.c: what the largest tasks of a plan need, and whether the disk has it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "app/forecast.h"
#include "app/memory.h"

enum { SAMPLE = 4000 };

void fps_need_estimate(const fps_plan *plan, const int64_t *only, int64_t count, fps_need *out) {
    const fps_calibration none = {0}; /* sizes do not depend on the speed of the machine */
    int64_t sampled = count < SAMPLE ? count : SAMPLE;
    *out = (fps_need){.task = -1};
    for (int64_t j = 0; j < sampled; j++) {
        fps_task task;
        fps_cost cost;
        int64_t place = fps_forecast_place(j, sampled, count);
        fps_plan_task(plan, only ? only[place] : place, &task);
        fps_cost_estimate(&task, fps_plan_record(plan), &none, &cost);
        if (cost.memory > out->memory_bytes) {
            out->memory_bytes = cost.memory;
            out->task = task.index;
        }
        out->checkpoint_bytes = fmax(out->checkpoint_bytes, cost.state);
    }
}

double fps_disk_room(const char *path) {
    struct statvfs system;
    char folder[4096];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) + 1 : 1;
    if ((size_t)length >= sizeof folder)
        return INFINITY;
    snprintf(folder, sizeof folder, "%.*s", length, slash ? path : ".");
    if (statvfs(folder, &system) != 0)
        return INFINITY;
    return (double)system.f_bavail * (double)system.f_frsize;
}
