/* grouping.h: tasks that differ only in their seeds, taken together.
 *
 * A group is a set of tasks with the same coordinates along every factor of the grid, factors made of `seed` and
 * `data_seed` alone left out. All uncertainties of `analyze` and all bands of figures are over the tasks of a group.
 */
#ifndef FPSWEEP_GROUPING_H
#define FPSWEEP_GROUPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/plan.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by whoever created it; all arrays are read-only. */
typedef struct fps_grouping {
    const fps_plan *plan; /* borrowed */
    int64_t groups;
    int64_t *start; /* start[groups + 1]: group g is task[start[g]] .. task[start[g + 1] - 1] */
    int64_t *task;  /* increasing within a group; groups in the order of their coordinates */
    int axes;
    int *axis;    /* axis[axes]: parameters of all factors with several values, seeds left out */
    bool *varies; /* varies[axes]: takes several values among the selected tasks */
} fps_grouping;

/* Group the selected tasks (selected[tasks], NULL: all). */
fps_status fps_grouping_create(const fps_plan *plan, const bool *selected, fps_grouping **out);
/* The same with `decay_rate` left out too: each group then holds curves over the decay rate, one per seed. A zip item
 * that ties the decay rate to another parameter stays a factor of groups. */
fps_status fps_grouping_create_curves(const fps_plan *plan, const bool *selected, fps_grouping **out);
/* With `band_limit` left out as well: the ladders of networks, of which every rung is a task of its own. */
fps_status fps_grouping_create_ladders(const fps_plan *plan, const bool *selected, fps_grouping **out);
void fps_grouping_destroy(fps_grouping **grouping);

/* Is a factor of the grid made of `seed` and `data_seed` alone? */
bool fps_grouping_is_seed(const fps_plan *plan, int factor);

/* Number of tasks of group g, and its task j. */
int64_t fps_grouping_size(const fps_grouping *grouping, int64_t g);
int64_t fps_grouping_task(const fps_grouping *grouping, int64_t g, int64_t j);

/* Write "depth=2 activation=tanh": the axes of group g that vary among the selected tasks (`varying`), or those that do
 * not. Axes that a task does not use are left out. Length as snprintf. */
int fps_grouping_label(const fps_grouping *grouping, int64_t g, bool varying, char *buffer, size_t size);

/* The same of the axes that vary, but for those that the others determine: "optimizer=adam" where each optimizer has a
 * learning rate of its own. Compares all groups with each other. */
fps_status fps_grouping_label_short(const fps_grouping *grouping, int64_t g, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif
#endif
