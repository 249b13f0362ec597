/* optimizer.h (per precision, internal): the numbers of one update. */
#ifndef FPSWEEP_NUMERIC_REAL_OPTIMIZER_H
#define FPSWEEP_NUMERIC_REAL_OPTIMIZER_H

#include "numeric/kernels.h"
#include "numeric/stepper.h"

#define fps_optimizer_prepare FPS_REAL_NAME(fps_optimizer_prepare)

/* Work out in double, and round once, what update number `t` (1, 2, ...) needs. A pure function, so that a task taken
 * up again continues with the same bits. */
void fps_optimizer_prepare(const fps_stepper_spec *spec, int64_t t, fps_optimizer_constants *out);

#endif
