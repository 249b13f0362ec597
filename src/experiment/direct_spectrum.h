/* direct_spectrum.h (internal): the Fourier transform of the interpolant, phi_j = <xi_j>^-alpha sum_i lambda_i
 * e^(-2 pi i xi_j . x_i), xi_j = j dxi.
 */
#ifndef FPSWEEP_EXPERIMENT_DIRECT_SPECTRUM_H
#define FPSWEEP_EXPERIMENT_DIRECT_SPECTRUM_H

#include "experiment/pace.h"
#include "experiment/problem.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

/* Write row `rung` of interpolant_re, interpolant_im: phi at the record's modes along every axis; in d > 1 also, as
 * direction d, the radial sum sqrt(sum |phi_j|^2) over all j with |j| rounded to the mode. Nothing if not kept.
 * FPS_STOPPED if the hook said so. */
fps_status fps_direct_spectrum(const fps_task *task, const fps_record_spec *spec, const fps_problem_view *problem,
                               const double *lambda, int64_t rung, fps_pace *pace, fps_trajectory *trajectory);

#endif
