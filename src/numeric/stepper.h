/* stepper.h (per precision, internal): one object that trains: weights, optimizer state, samples and workspace.
 *
 * Legend: D inputs of the network, n samples, P = FPS_PADDED(n), W weights, B samples of a batch.
 * One call of fps_stepper_step() is one update; nothing is allocated, planned or looked up in it. The bits depend on
 * the spec, the samples, the weights, the kernel class in force at creation and the libraries alone.
 *
 * Use: create; fill input, label and sample_weight (columns 0 .. n-1) and weights; fps_stepper_ready(); step, step, ...
 */
#ifndef FPSWEEP_NUMERIC_STEPPER_H
#define FPSWEEP_NUMERIC_STEPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/loss.h"
#include "fpsweep/network.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/precision.h"
#include "fpsweep/pulse.h"
#include "fpsweep/sampling.h"
#include "fpsweep/status.h"

/* What is trained and how; a plain value, independent of precision. */
#ifndef FPS_STEPPER_SPEC
#define FPS_STEPPER_SPEC
typedef struct fps_stepper_spec {
    fps_network_shape shape;
    fps_choice loss; /* code fps_loss with its argument */
    fps_optimizer optimizer;
    double learning_rate; /* per step */
    double momentum, beta1, beta2, epsilon;
    fps_trained trained;
    int64_t samples;      /* n */
    int64_t batch_size;   /* B; 0 or n: all samples at every step */
    bool uniform_weights; /* all sample weights are equal: a batch's are then 1/B, else its own divided by their sum */
    /* For the loss sobolev(s) alone: the samples are the midpoints of a grid, last axis fastest. */
    int dimension;
    int64_t side;                        /* points per axis; side^dimension == samples */
    double domain[FPS_MAX_DIMENSION][2]; /* units of x: xi_k = k / (high - low) on each axis */
} fps_stepper_spec;
#endif

#define fps_stepper FPS_REAL_NAME(fps_stepper)
#define fps_stepper_create FPS_REAL_NAME(fps_stepper_create)
#define fps_stepper_destroy FPS_REAL_NAME(fps_stepper_destroy)
#define fps_stepper_weights FPS_REAL_NAME(fps_stepper_weights)
#define fps_stepper_state FPS_REAL_NAME(fps_stepper_state)
#define fps_stepper_updates FPS_REAL_NAME(fps_stepper_updates)
#define fps_stepper_set_updates FPS_REAL_NAME(fps_stepper_set_updates)
#define fps_stepper_set_learning_rate FPS_REAL_NAME(fps_stepper_set_learning_rate)
#define fps_stepper_input FPS_REAL_NAME(fps_stepper_input)
#define fps_stepper_label FPS_REAL_NAME(fps_stepper_label)
#define fps_stepper_sample_weight FPS_REAL_NAME(fps_stepper_sample_weight)
#define fps_stepper_set_pulse FPS_REAL_NAME(fps_stepper_set_pulse)
#define fps_stepper_stopped FPS_REAL_NAME(fps_stepper_stopped)
#define fps_stepper_ready FPS_REAL_NAME(fps_stepper_ready)
#define fps_stepper_step FPS_REAL_NAME(fps_stepper_step)
#define fps_stepper_loss FPS_REAL_NAME(fps_stepper_loss)
#define fps_stepper_gradient FPS_REAL_NAME(fps_stepper_gradient)
#define fps_stepper_batch_gradient FPS_REAL_NAME(fps_stepper_batch_gradient)
#define fps_stepper_hold FPS_REAL_NAME(fps_stepper_hold)
#define fps_stepper_output FPS_REAL_NAME(fps_stepper_output)
#define fps_stepper_gradient_at FPS_REAL_NAME(fps_stepper_gradient_at)
#define fps_stepper_trained FPS_REAL_NAME(fps_stepper_trained)
#define fps_stepper_cross_kinks FPS_REAL_NAME(fps_stepper_cross_kinks)
#define fps_stepper_output_gradient FPS_REAL_NAME(fps_stepper_output_gradient)
#define fps_stepper_tangent FPS_REAL_NAME(fps_stepper_tangent)
#define fps_stepper_heading FPS_REAL_NAME(fps_stepper_heading)

/* Opaque; owns everything that the functions below hand out. */
typedef struct fps_stepper fps_stepper;

/* Copies the spec; state and weights start at 0. FPS_ERROR_MEMORY; FPS_ERROR_NUMERIC for a spec that makes no sense
 * (no samples, a batch larger than the samples, sobolev with a batch or without a grid). */
fps_status fps_stepper_create(const fps_stepper_spec *spec, fps_stepper **out);
void fps_stepper_destroy(fps_stepper **stepper);

/* Borrowed arrays, to read and to write. */
real *fps_stepper_weights(fps_stepper *stepper);          /* [W] */
real *fps_stepper_state(fps_stepper *stepper, int which); /* [W], which < fps_optimizer_states(); NULL beyond */
real *fps_stepper_input(fps_stepper *stepper);            /* [D, P] */
real *fps_stepper_label(fps_stepper *stepper);            /* [P] */
real *fps_stepper_sample_weight(fps_stepper *stepper);    /* [P], sum 1 over the samples */

/* Updates made so far (adam's t); set it together with weights and state when a task is taken up again. */
int64_t fps_stepper_updates(const fps_stepper *stepper);
void fps_stepper_set_updates(fps_stepper *stepper, int64_t updates);
void fps_stepper_set_learning_rate(fps_stepper *stepper, double learning_rate);

/* Fill the padding: columns n .. P-1 repeat sample 0 with weight 0. Call it after the samples were filled. */
void fps_stepper_ready(fps_stepper *stepper);

/* Have `pulse` (borrowed; NULL: none) called during the passes of the functions below. If it says stop they return NAN,
 * fps_stepper_stopped() is true until the next of them begins, and weights, state and updates are as before. */
void fps_stepper_set_pulse(fps_stepper *stepper, const fps_pulse *pulse);
bool fps_stepper_stopped(const fps_stepper *stepper);

/* Make one update and return the loss before it: of all samples (batch NULL), or of the B samples numbered batch[B],
 * each 0 .. n-1. A loss that is not finite is returned as it is, and nothing is updated. */
double fps_stepper_step(fps_stepper *stepper, const int32_t *batch);

/* Loss of all samples at the present weights, evaluated unless it is held; no update. */
double fps_stepper_loss(fps_stepper *stepper);

/* gradient[W] of that loss; entries that are not trained are 0. Returns the loss. */
double fps_stepper_gradient(fps_stepper *stepper, real *gradient);

/* The same of the B samples numbered batch[B]. */
double fps_stepper_batch_gradient(fps_stepper *stepper, const int32_t *batch, real *gradient);

/* The same at other weights[W], those of the stepper untouched. */
double fps_stepper_gradient_at(fps_stepper *stepper, const real *weights, real *gradient);

/* The weights that are trained, as ranges of the block: `count` of them from `offset` for range 0, 1, ...; false beyond
 * the last. A range may end in padding, where weights and gradients are 0: arrays have FPS_PADDED(W) elements. */
bool fps_stepper_trained(const fps_stepper *stepper, int which, int64_t *offset, int64_t *count);

/* How many pre-activations of hidden neurons at samples have another sign (> 0 or not) after the last evaluation of all
 * samples than sign[sum of widths, P] says; with `update` it then says the present ones. */
int64_t fps_stepper_cross_kinks(const fps_stepper *stepper, bool update, signed char *sign);

/* h[P], the network's outputs, and dL/dh[P], as the last of the functions above had them before its update; of a batch
 * only its B entries. Borrowed. */
const real *fps_stepper_output(const fps_stepper *stepper);
const real *fps_stepper_output_gradient(const fps_stepper *stepper);

/* Compute loss and gradient of all samples and hold on to them: unless something else is evaluated before, the next
 * fps_stepper_loss() or fps_stepper_step(NULL) takes them over, with the same bits, instead of computing them again.
 * A stepper of batches takes only the loss over: its gradient is computed such that the tangents below cost half as
 * much, and differs from fps_stepper_gradient() in rounding. The weights must not be written in between. Returns the
 * loss; *gradient[W] is borrowed, entries that are not trained are 0. */
double fps_stepper_hold(fps_stepper *stepper, const real **gradient);

/* toutput[P] = dh/dt at all samples while the weights move by direction[W] per unit of time. Needs the preceding
 * fps_stepper_hold() or fps_stepper_gradient(), weights unchanged. FPS_STOPPED if the pulse said so. */
fps_status fps_stepper_tangent(fps_stepper *stepper, const real *direction, real *toutput);

/* direction[W] <- what the next update with this gradient[W] would add to the weights, divided by the learning rate:
 * minus the gradient for gd. Nothing is updated. scratch[2, FPS_PADDED(W)]; all three aligned, with room for
 * FPS_PADDED(W) numbers. */
void fps_stepper_heading(const fps_stepper *stepper, const real *gradient, real *scratch, real *direction);

#endif
