/* axis.h: where a parameter's values come from: one value, or a list, or a range that is never written out. */
#ifndef FPSWEEP_SWEEP_AXIS_H
#define FPSWEEP_SWEEP_AXIS_H

#include "sweep/value.h"

/* Values of lists and of ranges that are no plain integers, in one sweep: these are written out. */
#define FPS_EXPANSION_LIMIT 1000000

/* The values of one parameter: exactly one of `value`, `number`, and (both NULL) from + k step. */
typedef struct fps_axis {
    fps_place key, place;   /* where the name and the values stand; line 0: the default */
    int factor;             /* factor of the grid that it belongs to; -1: one value for all tasks */
    int64_t count;          /* values; 0: the parameter has neither a value nor a default */
    const fps_value *value; /* [count] */
    const double *number;   /* [count] */
    double from, step;
} fps_axis;

/* Read one value: `fixed`, and defaults. */
fps_status fps_axis_read_value(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                               fps_axis *out);

/* Read a list, a range, or a list that contains ranges. */
fps_status fps_axis_read_list(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              fps_axis *out);

/* Number k of an axis without `value`. */
static inline double fps_axis_number(const fps_axis *axis, int64_t k) {
    return axis->number ? axis->number[k] : axis->from + (double)k * axis->step;
}

/* Place of value k. */
static inline fps_place fps_axis_place(const fps_axis *axis, int64_t k) {
    return axis->value ? axis->value[k].place : axis->place;
}

#endif
