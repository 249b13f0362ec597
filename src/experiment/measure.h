/* measure.h (per precision, internal): everything that a record holds beside the training loss.
 *
 * Legend: G = N^d points of the measuring grid, n samples, R directions, K frequencies, H and F the transforms of
 * network and target. The residual's transform is that of h - f, so that small residuals keep their digits. For
 * `target: random` and `data`, sums over the samples take the place of the grid's transforms, and there is no test
 * loss.
 */
#ifndef FPSWEEP_EXPERIMENT_MEASURE_H
#define FPSWEEP_EXPERIMENT_MEASURE_H

#include <stdint.h>

#include "experiment/heading.h"
#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/precision.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

#define fps_measure FPS_REAL_NAME(fps_measure)
#define fps_measure_create FPS_REAL_NAME(fps_measure_create)
#define fps_measure_destroy FPS_REAL_NAME(fps_measure_destroy)
#define fps_measure_set FPS_REAL_NAME(fps_measure_set)
#define fps_measure_record FPS_REAL_NAME(fps_measure_record)
#define fps_measure_observe FPS_REAL_NAME(fps_measure_observe)
#define fps_measure_observe_samples FPS_REAL_NAME(fps_measure_observe_samples)
#define fps_measure_samples_are_grid FPS_REAL_NAME(fps_measure_samples_are_grid)
#define fps_measure_variation FPS_REAL_NAME(fps_measure_variation)
#define fps_measure_values FPS_REAL_NAME(fps_measure_values)
#define fps_measure_accept FPS_REAL_NAME(fps_measure_accept)

/* Opaque; owns transforms, inputs and spectra, and keeps them from task to task where they are unchanged. */
typedef struct fps_measure fps_measure;

fps_status fps_measure_create(fps_measure **out);
void fps_measure_destroy(fps_measure **measure);

/* Prepare for a task and write the results that do not depend on the network (target_re, target_on_grid, ...).
 * Borrows the problem's arrays. `shape` NULL: only fps_measure_values() will be called. */
fps_status fps_measure_set(fps_measure *measure, const fps_task *task, const fps_network_shape *shape,
                           const fps_record_spec *spec, const fps_problem_view *problem, fps_pace *pace,
                           fps_trajectory *trajectory);

/* Measure the network with weights[W] after pace->step updates into row `record` of the trajectory; `heading`: taken at
 * these weights, NULL where nothing of FPS_KEEP_SPLIT is kept. FPS_STOPPED if the hook said so. */
fps_status fps_measure_record(fps_measure *measure, const real *weights, const fps_heading *heading, fps_pace *pace,
                              fps_trajectory *trajectory, int64_t record);

/* Are the training samples the points of the grid, one by one (sampling midpoint or population with as many)? A record
 * with a heading then takes the network's values from there, and the labels as target where they have no noise: the
 * positions agree to rounding. */
bool fps_measure_samples_are_grid(const fps_measure *measure);

/* Add to the variation what the update that led to pace->step changed: by evaluating the network on the grid, or from
 * its values and labels [P] at the samples where these are the grid. FPS_STOPPED; that step is then not looked at. */
fps_status fps_measure_observe(fps_measure *measure, const real *weights, fps_pace *pace);
void fps_measure_observe_samples(fps_measure *measure, const real *output, const real *label, int64_t step);

/* State of the variation, see fps_stages_variation(). */
double *fps_measure_variation(fps_measure *measure, int64_t *count);

/* The same of given values of the network: at the grid's points, or at the samples if there is no grid. Borrowed until
 * fps_measure_accept(). */
fps_status fps_measure_values(fps_measure *measure, const real *values, fps_pace *pace, fps_trajectory *trajectory,
                              int64_t record);

/* The row just measured stays (its training loss is finite): write what belongs to the last row so far,
 * network_on_grid_final. */
void fps_measure_accept(fps_measure *measure, fps_trajectory *trajectory);

#endif
