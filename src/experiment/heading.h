/* heading.h (per precision, internal): where the weights are heading at a record, and how the outputs at the samples
 * move with them.
 *
 * Legend: W weights, n samples, P = FPS_PADDED(n). The direction of gradient flow is minus the gradient of the training
 * loss over all samples; that of the update is what the next update adds to the weights, divided by the learning rate.
 */
#ifndef FPSWEEP_EXPERIMENT_HEADING_H
#define FPSWEEP_EXPERIMENT_HEADING_H

#include <stdint.h>

#include "fpsweep/status.h"
#include "fpsweep/trajectory.h"
#include "numeric/stepper.h"

typedef enum fps_heading_kind { FPS_HEADING_FLOW, FPS_HEADING_UPDATE, FPS_HEADINGS } fps_heading_kind;

#define fps_heading FPS_REAL_NAME(fps_heading)
#define fps_heading_set FPS_REAL_NAME(fps_heading_set)
#define fps_heading_release FPS_REAL_NAME(fps_heading_release)
#define fps_heading_take FPS_REAL_NAME(fps_heading_take)

/* A plain struct that owns its arrays; zero is a valid, empty one. */
typedef struct fps_heading {
    bool wanted[FPS_HEADINGS];
    int64_t weights, samples;
    real *gradient;                /* [W] of the training loss on a batch; NULL if not wanted */
    real *direction[FPS_HEADINGS]; /* [W] each; NULL if not wanted */
    real *toutput[FPS_HEADINGS];   /* [P] dh/dt at the samples */
    real *scratch;                 /* [2, W] */
    const real *output, *label;    /* [P] h and y at the samples; the stepper's, h until it is next evaluated */
} fps_heading;

/* Prepare for a network of W weights on n samples, trained in batches or on all; `keep`: bits of fps_keep. What nobody
 * asked for takes no memory. */
fps_status fps_heading_set(fps_heading *heading, unsigned keep, int64_t weights, int64_t samples, bool has_batches);
void fps_heading_release(fps_heading *heading); /* frees the arrays, not the struct */

/* Look at the present weights of a stepper with that network and samples; batch[B]: the samples of the next update,
 * NULL: all. Writes gradient_norm, training_loss_rate and update_training_loss_rate into row `record`. The stepper
 * holds on to the gradient, so that an update which follows on all samples need not compute it again. FPS_STOPPED if
 * the stepper's pulse said so.
 */
fps_status fps_heading_take(fps_heading *heading, fps_stepper *stepper, const int32_t *batch,
                            fps_trajectory *trajectory, int64_t record);

#endif
