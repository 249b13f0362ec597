/* cost_direct.c: what a task of `model: direct` will cost, from its parameters and the machine's calibrated speed.
 *
 * Legend: d dimension, n samples, P displacements, R rungs, M the last band limit, X its cut-off, U distinct |x_a|. The
 * cost of a rung's solution and of the sums is proportional to counts that lattice.h and direct.h fix; how close
 * samples lie is taken as it is on average. Decay rates enter as if all were 3/4 d (see
 * cost_direct.h).
 */
#include "experiment/cost_direct.h"

#include <math.h>

#include "experiment/direct_spike.h"

#define TWO_PI 6.283185307179586
#define BOUNDARY_PHASE 400.0 /* plain terms of a displacement x up to 400 / (2 pi dxi |x|): lattice_line.c */
#define ZERO_CUTOFF 100.0    /* ... and at x = 0 up to X = 100 */
#define MOST_COSINES 8388608.0
#define MOST_WEIGHTS 1048576.0
#define NODES_PER_UNIT 8.0 /* of the integral over log t: lattice_theta.c */
#define LAST_NODE 4.75
#define SIDE_OF_FAR_POINT 65.0

/* Measured on one core, s. */
#define FAR_POINT_STEP 1.3e-9 /* one coordinate of one sample and candidate */
#define CLENSHAW_STEP 3.0e-9  /* one term of a spike's profile; of these a width takes */
#define CLENSHAW_TURNS 80
#define MATRIX_STEP 2.0e-9 /* one entry of the matrices of a rung; each is passed over */
#define MATRIX_TURNS 20

/* One set of displacements and the time that its sums take. */
typedef struct sums {
    double tables, sums, bytes, operations;
} sums;

static double longest_side(const fps_task *task) {
    double side = 0;
    for (int64_t a = 0; a < task->dimension; a++)
        side = fmax(side, task->domain[a][1] - task->domain[a][0]);
    return side;
}

/* 1-D: P displacements spread over the domain, the smallest of them about `side / apart`. */
static sums line_sums(const fps_task *task, const fps_record_spec *spec, double displacements, double apart,
                      const fps_lattice_speed *speed) {
    double dxi = task->frequency_step, last = (double)spec->ladder[spec->rungs - 1], side = longest_side(task);
    double reach = BOUNDARY_PHASE / (TWO_PI * dxi * side); /* plain terms at |x| = side; a mean over x adds a log */
    double terms = displacements * fmin(last, reach * (1 + log(fmax(1, fmin(last / reach, apart)))));
    double weights = fmin(fmin(last, MOST_WEIGHTS), fmax(ZERO_CUTOFF / dxi, reach * apart));
    double again = terms > MOST_COSINES ? (terms - MOST_COSINES) * speed->cosine : 0; /* not kept */
    return (sums){.tables = fmin(terms, MOST_COSINES) * speed->cosine,
                  .sums = terms * speed->product + weights * speed->cosine + again +
                          displacements * spec->rungs * speed->boundary,
                  .bytes = 8 * (fmin(terms, MOST_COSINES) + weights),
                  .operations = 2 * terms};
}

static double nodes_of(double alpha, double cutoff) {
    return NODES_PER_UNIT * (2 * log(fmax(cutoff, 1)) + 76 / alpha + LAST_NODE);
}

/* 2-D and 3-D: sums for the exponents alpha and, if `twice`, 2 alpha; U distinct coordinates. */
static sums theta_sums(const fps_task *task, const fps_record_spec *spec, double displacements, double distinct,
                       bool twice, const fps_lattice_speed *speed) {
    double alpha = 0.75 * (double)task->dimension, last = (double)spec->ladder[spec->rungs - 1];
    double cutoff = (last + 0.5) * task->frequency_step, nodes = nodes_of(alpha, cutoff);
    /* e^(-t xi^2) is 0 for t > 690 / xi^2: nodes that a term needs, on average over xi up to X */
    double needed = nodes - NODES_PER_UNIT * fmax(0, LAST_NODE - log(690) + 2 * (log(fmax(cutoff, 1)) - 1));
    double all_nodes = nodes + (twice ? nodes_of(2 * alpha, cutoff) : 0);
    return (sums){.tables = last * (needed * (speed->decay + distinct * speed->matrix) + distinct * speed->cosine),
                  .sums = all_nodes * displacements * spec->rungs * speed->node,
                  .bytes = 8 * (nodes * distinct * spec->rungs + 512 * distinct),
                  .operations = 2 * last * needed * distinct};
}

/* Sums over the displacements between samples, and to the far point; for alpha and 2 alpha. */
static sums data_sums(const fps_task *task, const fps_record_spec *spec, double n, const fps_lattice_speed *speed) {
    double displacements = 1 + n * (n - 1) / 2 + n, d = (double)task->dimension;
    bool even = task->sampling.code == FPS_SAMPLING_GRID || task->sampling.code == FPS_SAMPLING_MIDPOINT;
    if (task->dimension > 1)
        return theta_sums(task, spec, displacements, even ? 3 * pow(n, 1 / d) : d * displacements, true, speed);
    double apart = n * (even ? 1 : task->sampling.code == FPS_SAMPLING_JITTERED ? sqrt(n) : n);
    sums s = line_sums(task, spec, displacements, apart, speed);
    s.sums *= 2;
    return s;
}

/* Sums over the displacements of the grid's points from the samples; for alpha. */
static sums grid_sums(const fps_task *task, const fps_record_spec *spec, double n, double points,
                      const fps_lattice_speed *speed) {
    double d = (double)task->dimension, line = (double)task->grid_points;
    if (task->dimension > 1)
        return theta_sums(task, spec, points * n, fmin(d * line * n, d * line * line), false, speed);
    return line_sums(task, spec, points * n, line * n, speed);
}

/* The transform at the record's modes: along axes, and in d > 1 over shells of all vectors. */
static double spectrum_seconds(const fps_task *task, const fps_record_spec *spec, double n, double feature) {
    double d = (double)task->dimension, terms = d * spec->frequencies;
    for (int32_t k = 0; task->dimension > 1 && k < spec->frequencies; k++) {
        double mode = spec->mode[k];
        terms += task->dimension == 2 ? TWO_PI / 2 * mode : TWO_PI * mode * mode; /* half a circle, a sphere */
    }
    return 2 * n * terms * feature * spec->rungs;
}

static double spike_seconds(const fps_record_spec *spec, double n, const fps_lattice_speed *speed) {
    double seconds = 0;
    for (int k = 0; k < spec->rungs; k++)
        if (spec->ladder[k] <= FPS_SPIKE_BAND_LIMIT)
            seconds += (double)spec->ladder[k] * (n * speed->cosine + CLENSHAW_TURNS * CLENSHAW_STEP);
    return seconds;
}

void fps_cost_direct(const fps_task *task, const fps_record_spec *spec, const fps_extent *extent,
                     const fps_calibration *calibration, fps_cost *cost) {
    const fps_lattice_speed *speed = &calibration->lattice;
    double n = (double)extent->size[FPS_SAMPLE], d = (double)task->dimension, rungs = spec->rungs;
    bool on_grid = (spec->keep & FPS_KEEP_FUNCTION) && extent->size[FPS_GRID] > 0;
    double points = on_grid ? (double)extent->size[FPS_GRID] : 0;
    sums data = data_sums(task, spec, n, speed), grid = {0};
    if (on_grid)
        grid = grid_sums(task, spec, n, points, speed);
    double factor = n * n * n / 6 * calibration->speed[FPS_DOUBLE].gemm[3] + n * n * MATRIX_TURNS * MATRIX_STEP;
    cost->shared = data.tables + grid.tables;
    cost->seconds = calibration->task + cost->shared + data.sums + grid.sums + rungs * factor +
                    pow(SIDE_OF_FAR_POINT, d) * n * d * FAR_POINT_STEP + (n + points) * calibration->expression;
    if (spec->keep & FPS_KEEP_SPECTRUM)
        cost->seconds += spectrum_seconds(task, spec, n, calibration->feature);
    if (spec->keep & FPS_KEEP_SPIKE)
        cost->seconds += spike_seconds(spec, n, speed);
    cost->operations = data.operations + grid.operations + rungs * n * n * n / 3;
    double displacements = 1 + n * (n - 1) / 2 + n + points * n;
    cost->memory = 1e6 + data.bytes + grid.bytes + 8 * (displacements * (2 * rungs + 3 * d + 2) + 4 * n * n);
}

bool fps_cost_shares(const fps_task *a, const fps_task *b) {
    if (a->model.code != FPS_MODEL_DIRECT || b->model.code != FPS_MODEL_DIRECT)
        return false;
    fps_task other = *b;
    other.decay_rate = a->decay_rate;
    return fps_task_identity(a) == fps_task_identity(&other);
}
