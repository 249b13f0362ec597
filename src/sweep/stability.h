/* stability.h: is a learning rate above what gradient descent bears at the start? */
#ifndef FPSWEEP_SWEEP_STABILITY_H
#define FPSWEEP_SWEEP_STABILITY_H

#include "fpsweep/plan.h"

/* Write one sentence about the tasks whose learning rate is above the stable one into `sentence`; empty if none was
 * found. Looks at up to 8 tasks among those that can be judged cheaply (full batch, mean squared error, gd, momentum or
 * nesterov, a given rate): 4 with the largest rates, of different networks where there are several, and 4 evenly spread
 * over the others. */
void fps_stability_describe(const fps_plan *plan, char *sentence, size_t size);

#endif
