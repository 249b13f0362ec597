/* range.h: {from, to}, {from, to, count}, {from, to, factor}, {from, to, step}; ends inclusive. */
#ifndef FPSWEEP_SWEEP_RANGE_H
#define FPSWEEP_SWEEP_RANGE_H

#include "sweep/value.h"

typedef enum fps_range_kind { FPS_RANGE_STEP, FPS_RANGE_COUNT, FPS_RANGE_FACTOR } fps_range_kind;

typedef struct fps_range {
    fps_range_kind kind;
    double from, to;
    double step;   /* or factor */
    int64_t count; /* values, at least 1 */
} fps_range;

/* Read a map as a range of this parameter's numbers. Both ends are checked against the parameter. */
fps_status fps_range_read(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                          fps_range *out);

/* Are all values integers, so that from + k step is exact? */
bool fps_range_is_integer(const fps_range *range);

/* Value k. Rounding of steps is undone where a short decimal is meant (0.1, 0.2, 0.3 and not 0.30000000000000004). */
double fps_range_value(const fps_range *range, int64_t k);

#endif
