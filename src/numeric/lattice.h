/* lattice.h (internal): what the ways of summation share. */
#ifndef FPSWEEP_NUMERIC_LATTICE_H
#define FPSWEEP_NUMERIC_LATTICE_H

#include "fpsweep/lattice.h"
#include "fpsweep/pulse.h"

/* sin and cos of 2 pi times the fraction of N r, r = dxi x given as high + low: exact to an ulp for N r up to 2^52. */
typedef struct fps_turn {
    double high, low; /* r = dxi x in cycles per unit of the index */
} fps_turn;

fps_turn fps_turn_make(double frequency_step, double x);
/* Fraction of n r in (-1/2, 1/2] (plus a rounding). */
double fps_turn_phase(fps_turn turn, double n);

/* <xi>^-alpha = (1 + xi^2)^(-alpha/2) */
double fps_lattice_weight(double xi, double alpha);

typedef struct fps_line fps_line;   /* 1-D */
typedef struct fps_theta fps_theta; /* 2-D, 3-D */
typedef struct fps_ball fps_ball;   /* 2-D, over a disc */

fps_status fps_line_create(const fps_lattice_spec *spec, fps_line **out);
void fps_line_destroy(fps_line **line);
fps_status fps_line_shells(fps_line *line, double alpha, const fps_pulse *pulse, double *shell);
double fps_line_terms(const fps_line *line);

fps_status fps_theta_create(const fps_lattice_spec *spec, fps_theta **out);
void fps_theta_destroy(fps_theta **theta);
fps_status fps_theta_shells(fps_theta *theta, double alpha, const fps_pulse *pulse, double *shell);
double fps_theta_terms(const fps_theta *theta);

fps_status fps_ball_create(const fps_lattice_spec *spec, fps_ball **out);
void fps_ball_destroy(fps_ball **ball);
fps_status fps_ball_shells(fps_ball *ball, double alpha, const fps_pulse *pulse, double *shell);
double fps_ball_terms(const fps_ball *ball);

/* The plain sum in any dimension. */
void fps_lattice_direct(const fps_lattice_spec *spec, double alpha, double *shell);

#endif
