/* sampling.h: densities, and where the samples lie. Double precision; no I/O, no state. */
#ifndef FPSWEEP_SAMPLING_H
#define FPSWEEP_SAMPLING_H

#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/pulse.h"
#include "fpsweep/status.h"

#define FPS_MAX_DIMENSION 3

/* X(NAME, name, arguments, sentence) */
#define FPS_DENSITY_LIST(X)                                                                                            \
    X(UNIFORM, uniform, 0, "constant over the domain")                                                                 \
    X(NORMAL, normal, 2, "normal with mean m and standard deviation s, cut to the domain")                             \
    X(BETA, beta, 2, "beta(a, b) stretched over the domain")                                                           \
    X(EXPRESSION, expression, 0, "any expression in x that is positive on the domain; normalised")

typedef enum fps_density_kind {
#define X(NAME, name, arguments, sentence) FPS_DENSITY_##NAME,
    FPS_DENSITY_LIST(X)
#undef X
        FPS_DENSITY_COUNT
} fps_density_kind;

/* X(NAME, name, uses_density, sentence) */
#define FPS_SAMPLING_LIST(X)                                                                                           \
    X(GRID, grid, false, "equally spaced, both ends of the domain included")                                           \
    X(MIDPOINT, midpoint, false, "midpoints of equal cells: the measuring grid's kind")                                \
    X(QUANTILE, quantile, true, "quantiles (i + 1/2) / n of the density")                                              \
    X(JITTERED, jittered, true, "one random quantile in each of n equal shares of the density")                        \
    X(RANDOM, random, true, "independent draws from the density")                                                      \
    X(POPULATION, population, true, "midpoints, each weighted by the density: the integral of the theory")

typedef enum fps_sampling {
#define X(NAME, name, uses_density, sentence) FPS_SAMPLING_##NAME,
    FPS_SAMPLING_LIST(X)
#undef X
        FPS_SAMPLING_COUNT
} fps_sampling;

/* A density along one axis, normalised over [low, high], with its quantile function. Opaque; owns its tables. */
typedef struct fps_density fps_density;

/* Build the density named by `choice` over [low, high]. FPS_ERROR_NUMERIC if it is negative or not finite somewhere,
 * or does not integrate to a positive number. */
fps_status fps_density_create(const fps_choice *choice, double low, double high, fps_density **out);
void fps_density_destroy(fps_density **density);
/* rho(x), integral 1; 0 outside [low, high]; infinite at a singular end of beta. Not thread-safe for expressions. */
double fps_density_value(const fps_density *density, double x);
/* Smallest x with cumulative probability p in [0, 1]; error below 1e-12 of the width for densities that are smooth. */
double fps_density_quantile(const fps_density *density, double p);

/* What a set of samples is made from. */
typedef struct fps_sample_spec {
    int dimension;
    int64_t samples; /* in all; for grid, midpoint, quantile, jittered, population a dimension-th power */
    double domain[FPS_MAX_DIMENSION][2];
    fps_sampling sampling;
    fps_choice density; /* the same along every axis (product density) */
    uint64_t data_seed;
} fps_sample_spec;

/* Fill x[samples, dimension] (row-major) and weight[samples] (sum 1 within rounding). In d > 1 grids run over the last
 * axis fastest. jittered and random read FPS_PURPOSE_DATA with index = sample * dimension + axis. FPS_ERROR_NUMERIC if
 * the number of samples does not suit the sampling, or the density cannot be used. `pulse` (NULL: none) is called
 * within; FPS_STOPPED if it says so. */
fps_status fps_sampling_fill(const fps_sample_spec *spec, const fps_pulse *pulse, double *x, double *weight);

/* Midpoint of cell i (0 .. count - 1) of [low, high], symmetric about the middle to the last bit: the one formula of
 * all measuring grids and midpoint samplings. */
double fps_sampling_midpoint(double low, double high, int64_t i, int64_t count);

/* Integer k with k^dimension == samples, or 0 if there is none. */
int64_t fps_sampling_side(int64_t samples, int dimension);

#endif
