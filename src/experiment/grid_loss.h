/* grid_loss.h (per precision, internal): a loss over points of equal weight, by the kernels that train. */
#ifndef FPSWEEP_EXPERIMENT_GRID_LOSS_H
#define FPSWEEP_EXPERIMENT_GRID_LOSS_H

#include <stdint.h>

#include "experiment/points.h"
#include "fpsweep/loss.h"
#include "fpsweep/precision.h"
#include "fpsweep/status.h"

#define fps_grid_loss FPS_REAL_NAME(fps_grid_loss)
#define fps_grid_loss_create FPS_REAL_NAME(fps_grid_loss_create)
#define fps_grid_loss_destroy FPS_REAL_NAME(fps_grid_loss_destroy)
#define fps_grid_loss_value FPS_REAL_NAME(fps_grid_loss_value)

/* Opaque; owns its scratch. */
typedef struct fps_grid_loss fps_grid_loss;

/* Prepare the loss on a grid of G points. */
fps_status fps_grid_loss_create(const fps_choice *loss, const fps_points *grid, fps_grid_loss **out);
void fps_grid_loss_destroy(fps_grid_loss **loss);

/* Mean of l(h - y) over the grid, for sobolev its form in frequency. h and y hold FPS_PADDED(G) finite or non-finite
 * numbers each; those behind G do not count. */
double fps_grid_loss_value(fps_grid_loss *loss, const real *h, const real *y);

#endif
