/* order.h: in which order a schedule goes through its tasks. */
#ifndef FPSWEEP_PARALLEL_ORDER_H
#define FPSWEEP_PARALLEL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* Numbers of the `wanted` ones (NULL: all) of value[count], positive, the largest first, equal ones as they come.
 * *order[*ordered] is owned by the caller (fps_free). Memory: 16 bytes per task on the way. */
fps_status fps_order_falling(const float *value, const bool *wanted, int64_t count, uint32_t **order, int64_t *ordered);

#endif
