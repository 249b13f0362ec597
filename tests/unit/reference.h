/* reference.h: an independent trainer for tests: plain loops, double, one sample after the other, no BLAS, no FFT.
 *
 * It shares nothing with the library but the meaning of a network's weight block (network.h) and the numbers it is
 * given: initial weights, samples, labels. Every sum over inputs, neurons or samples runs upwards, or downwards for a
 * shadow run whose deviation shows how far rounding alone carries two correct programs apart.
 */
#ifndef FPSWEEP_TESTS_REFERENCE_H
#define FPSWEEP_TESTS_REFERENCE_H

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/loss.h"
#include "fpsweep/network.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/task.h"

typedef struct reference {
    fps_network_shape shape;
    fps_choice loss;
    fps_optimizer optimizer;
    fps_trained trained;
    double learning_rate, momentum, beta1, beta2, epsilon;
    int64_t samples, count; /* count: weights W */
    double *input;          /* [samples, D] */
    double *label, *sample_weight;
    /* of the loss sobolev */
    int dimension;
    int64_t side;
    double domain[3][2];
    double *weights, *gradient, *state[2]; /* [W] */
    int64_t updates;
    bool downwards; /* sums run from the last term to the first */
    double *residual, *slope_of_loss;
    double *values; /* [depth + 2][largest layer] activations of one sample, then slopes, then gradients */
    int64_t widest;
} reference;

/* Set up for `samples` inputs of the shape's D; all arrays are zero. */
void reference_create(reference *r, const fps_network_shape *shape, int64_t samples);
void reference_release(reference *r);

/* Take training settings from a task (shape, loss, optimizer, learning rate value, ...). */
void reference_from_task(reference *r, const fps_task *task, int64_t samples);

/* Output at one input[D]. */
double reference_output(reference *r, const double *input);

/* Loss of the samples in batch[size] (NULL: all), and its gradient into r->gradient. */
double reference_gradient(reference *r, const int32_t *batch, int64_t size);

/* One update; returns the loss before it. */
double reference_step(reference *r, const int32_t *batch, int64_t size);

/* The loss function applied to residual[n] with weights w[n] (and, for sobolev, its form on the grid side^dimension);
 * dloss[n], if not NULL, receives the derivatives. */
double reference_loss(const reference *r, const double *residual, const double *w, int64_t n, int64_t side,
                      double *dloss);

/* N^-d sum_g f_g exp(-2 pi i k . (x_g - a)/L) on the grid of midpoints, k along `axis`, 0 elsewhere. */
double _Complex reference_coefficient(const double *f, int dimension, int64_t side, int axis, int64_t k,
                                      bool downwards);

/* Columns of Fourier features with decay, features.h: out[D] at x[d]; plain cos and sin. */
void reference_features(int dimension, int64_t band_limit, double step, double decay_rate, const double *x,
                        double *out);

#endif
