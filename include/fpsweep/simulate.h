/* simulate.h: play a run of the farm without running it: the real schedule, simulated workers, messages and clock.
 *
 * Event-driven. A worker asks as the farm's workers do; a message takes `latency_s` either way; the coordinator serves
 * one message at a time. A coordinator that trains looks at its messages only every `hook_s` while it is busy with a
 * task of its own, and its task is prolonged by what serving them costs. For `fpsweep plan` and tests/bench.
 */
#ifndef FPSWEEP_SIMULATE_H
#define FPSWEEP_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The machine and the farm that are simulated. */
typedef struct fps_simulation_options {
    int ranks;               /* rank 0 included */
    bool coordinator_trains; /* else rank 0 only coordinates; must be true for one rank */
    double latency_s;        /* of a message, one way */
    double service_s;        /* of the coordinator per message that it receives and answers */
    double row_s;            /* of the coordinator per task: taking in its row and writing its scalars */
    double hook_s;           /* how often a coordinator that trains looks at its messages */
    double ahead_s;          /* of the schedule */
    int64_t batch_limit;     /* of the schedule */
} fps_simulation_options;

/* A fair guess for a cluster: 5 us of latency, 2 us per message, and 1 us per task (committing one costs 0.2 to 0.8 us
 * at the rates where it matters). */
fps_simulation_options fps_simulation_defaults(int ranks, bool coordinator_trains);

/* What came of it. */
typedef struct fps_simulation {
    double makespan_s; /* until the coordinator knows of the end of the last task */
    double bound_s;    /* max(longest task, work / ranks): no run can be shorter */
    double idle_share; /* of ranks * makespan, coordinator included: neither training nor serving */
    double tail_s;     /* from the first moment a worker is out of work for good to the end */
    int64_t messages;  /* that the coordinator received */
} fps_simulation;

/* Run tasks that are predicted to take predicted_s[count] and really take actual_s[count]. */
fps_status fps_simulate(const fps_simulation_options *options, int64_t count, const float *predicted_s,
                        const float *actual_s, fps_simulation *out);

#ifdef __cplusplus
}
#endif
#endif
