/* stages.h (per precision, internal): what a record holds of the loss split by frequency (`keep: stages`, `variation`,
 * `update`). The quantities and their formulas: numeric/loss_spectrum.h.
 *
 * Legend: G points of the measuring grid, E thresholds, L+ the residual's power from a threshold on.
 */
#ifndef FPSWEEP_EXPERIMENT_STAGES_H
#define FPSWEEP_EXPERIMENT_STAGES_H

#include <stdint.h>

#include "experiment/heading.h"
#include "experiment/pace.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/status.h"
#include "fpsweep/trajectory.h"

#define fps_stages FPS_REAL_NAME(fps_stages)
#define fps_stages_create FPS_REAL_NAME(fps_stages_create)
#define fps_stages_destroy FPS_REAL_NAME(fps_stages_destroy)
#define fps_stages_set FPS_REAL_NAME(fps_stages_set)
#define fps_stages_record FPS_REAL_NAME(fps_stages_record)
#define fps_stages_observe FPS_REAL_NAME(fps_stages_observe)
#define fps_stages_variation FPS_REAL_NAME(fps_stages_variation)

/* Opaque; owns its transforms and sums, and keeps them from task to task where they are unchanged. */
typedef struct fps_stages fps_stages;

fps_status fps_stages_create(fps_stages **out);
void fps_stages_destroy(fps_stages **stages);

/* Prepare for a task. `grid`: its spectra, whose strings and modes are borrowed during the call; same_grid: it is what
 * the last call was given. Nothing is prepared where record->keep asks for nothing. */
fps_status fps_stages_set(fps_stages *stages, const fps_record_spec *record, const fps_choice *loss,
                          const fps_spectrum_spec *grid, bool same_grid);

/* Measure into row `record`: h and f (FPS_PADDED(G) numbers), and dh/dt[G] along each heading that is wanted (NULL:
 * not), after pace->step updates. FPS_STOPPED if the hook said so. */
fps_status fps_stages_record(fps_stages *stages, const real *h, const real *f, const real *const toutput[FPS_HEADINGS],
                             fps_pace *pace, fps_trajectory *trajectory, int64_t record);

/* After `step` updates the network is h: add to the variation of L+ what it changed since the last look. A step that
 * was looked at before changes nothing. */
void fps_stages_observe(fps_stages *stages, const real *h, const real *f, int64_t step);

/* The state of the variation, count numbers, to be saved and put back when a task is continued: the step last looked at
 * (-1: none), L+[E] there, and the sums[E]. NULL, count 0, where no variation is kept. Borrowed. */
double *fps_stages_variation(fps_stages *stages, int64_t *count);

#endif
