/* memory.h: how much memory and disk there is, and how much tasks will need. */
#ifndef FPSWEEP_APP_MEMORY_H
#define FPSWEEP_APP_MEMORY_H

#include <stdint.h>

#include "fpsweep/plan.h"

/* Memory that processes of this job may still take on this machine. */
typedef struct fps_memory {
    double node_bytes;    /* by all ranks here together; INFINITY if nothing can be found out */
    double process_bytes; /* by one process alone (ulimit); INFINITY if it has no limit of its own */
    const char *limit;    /* what limits node_bytes: "MemAvailable", "the memory limit of its control group", ... */
} fps_memory;
void fps_memory_look(fps_memory *out);

/* What the largest tasks of a plan need. Of very many tasks an even sample is looked at. */
typedef struct fps_need {
    int64_t task;            /* the one that takes the most memory */
    double memory_bytes;     /* of it, on one rank */
    double checkpoint_bytes; /* largest state of a task on disk; there are up to two per rank */
} fps_need;
/* only[count]: these tasks; NULL: all `count` of the plan. */
void fps_need_estimate(const fps_plan *plan, const int64_t *only, int64_t count, fps_need *out);

/* Bytes that may still be written beside `path`; INFINITY if that cannot be found out. */
double fps_disk_room(const char *path);

#endif
