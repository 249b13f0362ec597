/* pulse.h: how long computations tell of the work they do, and hear that they are to stop. */
#ifndef FPSWEEP_PULSE_H
#define FPSWEEP_PULSE_H

#include <stdbool.h>

/* Called with the operations (roughly: multiply-adds count 2) done since the last call. True: stop. */
typedef struct fps_pulse {
    bool (*call)(void *context, double operations);
    void *context;
} fps_pulse;

/* Tell of work done; true: stop. NULL, or no function: nobody listens. */
static inline bool fps_pulse_beat(const fps_pulse *pulse, double operations) {
    return pulse && pulse->call && pulse->call(pulse->context, operations);
}

#endif
