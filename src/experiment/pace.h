/* pace.h (internal): when to call the hook, decided by counted operations instead of by the clock. */
#ifndef FPSWEEP_EXPERIMENT_PACE_H
#define FPSWEEP_EXPERIMENT_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/pulse.h"
#include "fpsweep/trainer.h"

/* Operations between two calls of the hook: at most about 30 ms on a core that manages 5 GF/s, 1 ms on a fast one. */
#define FPS_PACE_OPERATIONS 1.5e8

/* What the parts of a step cost beside multiply-adds, in the same operations (measured on one AVX-512 core, rounded).
 */
#define FPS_PACE_PER_STEP 2e4       /* calls, loops, the update of few weights */
#define FPS_PACE_PER_ACTIVATION 60  /* one activation of one sample, forward and backward */
#define FPS_PACE_PER_EXPRESSION 1e3 /* one evaluation of an expression */
#define FPS_PACE_PER_FEATURE 60     /* one cosine or sine with its exact phase */
#define FPS_PACE_PER_TRANSFORMED 60 /* one point of a grid that is transformed */

/* Where a task stands. A plain value that travels down to everything that takes long. */
typedef struct fps_pace {
    const fps_hook *hook; /* NULL: never stop */
    int64_t step, steps;
    double operations; /* since the last call of the hook */
} fps_pace;

/* Call the hook; true: stop. */
static inline bool fps_pace_stop(fps_pace *pace) {
    pace->operations = 0;
    return pace->hook && pace->hook->call && pace->hook->call(pace->hook->context, pace->step, pace->steps);
}

/* Account for work that was done, and call the hook when enough has been. True: stop. */
static inline bool fps_pace_spend(fps_pace *pace, double operations) {
    pace->operations += operations;
    return pace->operations >= FPS_PACE_OPERATIONS && fps_pace_stop(pace);
}

/* The same as a pulse for what lies below; it listens as long as *pace lives. */
static inline bool fps_pace_beat(void *pace, double operations) {
    return fps_pace_spend((fps_pace *)pace, operations);
}
static inline fps_pulse fps_pace_pulse(fps_pace *pace) {
    return (fps_pulse){fps_pace_beat, pace};
}

#endif
