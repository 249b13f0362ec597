/* evaluator.h (per precision, internal): a network evaluated again and again on the same points.
 *
 * Points go through the network in blocks of FPS_EVALUATOR_BLOCK columns, whatever their number, so that a value does
 * not depend on how many others are asked for. Inputs are kept when they fit into FPS_EVALUATOR_BYTES and are made
 * anew block by block otherwise.
 */
#ifndef FPSWEEP_EXPERIMENT_EVALUATOR_H
#define FPSWEEP_EXPERIMENT_EVALUATOR_H

#include <stdint.h>

#include "experiment/input.h"
#include "experiment/pace.h"
#include "experiment/points.h"
#include "fpsweep/network.h"
#include "fpsweep/status.h"

#define FPS_EVALUATOR_BLOCK 256
#define FPS_EVALUATOR_BYTES (INT64_C(64) << 20)

#define fps_evaluator FPS_REAL_NAME(fps_evaluator)
#define fps_evaluator_create FPS_REAL_NAME(fps_evaluator_create)
#define fps_evaluator_destroy FPS_REAL_NAME(fps_evaluator_destroy)
#define fps_evaluator_set FPS_REAL_NAME(fps_evaluator_set)
#define fps_evaluator_run FPS_REAL_NAME(fps_evaluator_run)
#define fps_evaluator_run_tangents FPS_REAL_NAME(fps_evaluator_run_tangents)

/* Directions of the weights that can be followed at a time. */
enum { FPS_EVALUATOR_TANGENTS = 2 };

/* Opaque; owns the network's workspace and the inputs. */
typedef struct fps_evaluator fps_evaluator;

fps_status fps_evaluator_create(fps_evaluator **out);
void fps_evaluator_destroy(fps_evaluator **evaluator);

/* Prepare for networks of this shape on these points; keeps what is unchanged since the last call. Borrows a list of
 * points. FPS_STOPPED if the hook said so. */
fps_status fps_evaluator_set(fps_evaluator *evaluator, const fps_network_shape *shape, const fps_input_map *map,
                             const fps_points *points, fps_pace *pace);

/* Evaluate all points with weights[W]. *output[count] is borrowed until the next call. FPS_STOPPED. */
fps_status fps_evaluator_run(fps_evaluator *evaluator, const real *weights, fps_pace *pace, const real **output);

/* The same, and toutput[k][count] = dh/dt while the weights move by direction[k][W] per unit of time (NULL: not asked,
 * and toutput[k] becomes NULL). Block by block: each is taken through the network once, whatever is asked. */
fps_status fps_evaluator_run_tangents(fps_evaluator *evaluator, const real *weights,
                                      const real *const direction[FPS_EVALUATOR_TANGENTS], fps_pace *pace,
                                      const real **output, const real *toutput[FPS_EVALUATOR_TANGENTS]);

#endif
