/* flow.h (per precision, internal): gradient flow dw/dt = -grad L(w), by an embedded Runge-Kutta pair with step
 * control.
 *
 * Legend: W weights; time is counted in steps of the task: one step is `learning_rate` units of t, so that after s
 * steps flow and gd are at the same time.
 *
 * Method: Dormand and Prince 5(4), J. Comp. Appl. Math. 6 (1980) 19: seven stages of which the last is the first of the
 * next inner step, so 6 gradients per inner step; the fifth-order solution goes on, the difference e to the
 * fourth-order one is its error estimate. An inner step from w to w + d is accepted when
 *
 *     |e| <= tolerance * (path + |d|)                 (Euclidean norms over the trained weights)
 *
 * where path = sum of |d| over all inner steps before: the error of each inner step is a share of the way that the
 * weights have gone, whatever their size and whatever the scale of target and network. The sum of all such errors
 * bounds the deviation from the flow as far as that contracts, which it does along every direction that is learnt.
 * Control of the next size: PI, as in Hairer, Norsett and Wanner, Solving ODEs I, II.4 (their dopri5: exponents 0.17
 * and 0.04, factors 0.2 to 10, safety 0.9).
 *
 * Where gradients jump (relu, leaky_relu: at a sample where a neuron's pre-activation passes 0) no tolerance can be
 * kept: an error of first order in the size remains, and the flow may slide along a kink that it cannot leave. An inner
 * step of at most FPS_FLOW_KINK_SIZE steps with a stage beyond such a kink is therefore accepted if the loss does not
 * rise. The error is then of first order in the learning rate, well below that of gd; crossings are counted instead.
 *
 * Inner steps are cut short to land exactly on whole steps that are asked for; the size tried next is then the one from
 * before. Cost: the pair is stable up to 3.3 / lambda, lambda the largest curvature of the loss, so that following a
 * time T takes at least 6 / 3.3 lambda T = 1.8 lambda T gradients even where nothing moves any more: 3.6 per step where
 * the learning rate is the largest at which gd would be stable.
 */
#ifndef FPSWEEP_NUMERIC_FLOW_H
#define FPSWEEP_NUMERIC_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/pulse.h"
#include "fpsweep/status.h"
#include "numeric/stepper.h"

/* Gradients per inner step, and 1 for the start. */
#define FPS_FLOW_EVALUATIONS 6
/* Extent of the stability region along the negative real axis. */
#define FPS_FLOW_STABILITY 3.3
/* More gradients per step, on average since the last landing, end the task as failed. */
#define FPS_FLOW_MOST_EVALUATIONS 10000

/* Inner steps across kinks are not cut below this many steps. */
#define FPS_FLOW_KINK_SIZE 0.25

#ifndef FPS_FLOW_CLOCK
#define FPS_FLOW_CLOCK
/* Where the integration stands: together with the weights, all of its state. Plain value, independent of precision. */
typedef struct fps_flow_clock {
    int64_t landed;      /* whole step of the last landing */
    double since;        /* steps since then */
    double size;         /* steps that the next attempt tries */
    double error;        /* |e| over what is allowed, of the last accepted inner step that was not cut short */
    double path;         /* units of the weights */
    int64_t rejected;    /* 1: the last attempt was */
    int64_t evaluations; /* gradients of all finished attempts, and of the start */
    int64_t recent;      /* ... since the last landing */
    int64_t crossings;   /* sign changes of pre-activations from accepted to accepted inner step; -1 without kinks */
} fps_flow_clock;
#endif

#define fps_flow FPS_REAL_NAME(fps_flow)
#define fps_flow_create FPS_REAL_NAME(fps_flow_create)
#define fps_flow_destroy FPS_REAL_NAME(fps_flow_destroy)
#define fps_flow_start FPS_REAL_NAME(fps_flow_start)
#define fps_flow_clock_of FPS_REAL_NAME(fps_flow_clock_of)
#define fps_flow_evaluate FPS_REAL_NAME(fps_flow_evaluate)
#define fps_flow_attempt FPS_REAL_NAME(fps_flow_attempt)

/* Opaque; owns the stages: FPS_FLOW_VECTORS vectors of the weights' shape, and a byte per neuron and sample where the
 * activation has a kink. */
#define FPS_FLOW_VECTORS 7
typedef struct fps_flow fps_flow;

/* Integrate the weights of a stepper made from `spec` (full batch), borrowed, which stay those of the last accepted
 * inner step. FPS_ERROR_MEMORY. */
fps_status fps_flow_create(const fps_stepper_spec *spec, fps_stepper *stepper, double tolerance, fps_flow **out);
void fps_flow_destroy(fps_flow **flow);

/* Begin at the stepper's weights: at time 0 (clock NULL), or where a clock says that they are; the same bits follow as
 * if there had been no interruption. */
void fps_flow_start(fps_flow *flow, const fps_flow_clock *clock);

const fps_flow_clock *fps_flow_clock_of(const fps_flow *flow); /* borrowed */

/* Evaluate loss and gradient at the stepper's weights, unless that is known already. `pulse` is told of every
 * gradient's `operations` (and the stepper may have one of its own). FPS_STOPPED. */
fps_status fps_flow_evaluate(fps_flow *flow, const fps_pulse *pulse, double operations, double *loss);

/* Try one inner step on the way to whole step `target`; where it ends there, that is a landing. Whether it was accepted
 * or not, the clock has moved on: call again until landed == target. FPS_STOPPED: nothing has changed then.
 * FPS_ERROR_NUMERIC, with what to do, where the size underflows or too many gradients were needed. */
fps_status fps_flow_attempt(fps_flow *flow, int64_t target, const fps_pulse *pulse, double operations);

#endif
