/* distinct.h: the values of an axis, found among tasks: sorted, each once. */
#ifndef FPSWEEP_ANALYSIS_DISTINCT_H
#define FPSWEEP_ANALYSIS_DISTINCT_H

#include <stdint.h>

/* Sort, drop repetitions, return how many are left. */
int64_t fps_distinct_sort(double *number, int64_t count);
/* Index of a value that is among the sorted ones. */
int64_t fps_distinct_place(const double *sorted, int64_t count, double value);

#endif
