#include "job.h"

#include <stdio.h>

const char *fps_job_name_task(const fps_plan *plan, int64_t task, char *buffer, size_t size) {
    char label[512];
    if (fps_plan_label(plan, task, label, sizeof label) > 0)
        snprintf(buffer, size, "task %lld (%s)", (long long)task, label);
    else
        snprintf(buffer, size, "task %lld", (long long)task);
    return buffer;
}
