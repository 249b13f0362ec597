/* lattice_theta.c: the lattice sum over a cube in two and three dimensions as one integral of products of 1-D sums.
 *
 * K_M(x) = 1/Gamma(alpha/2) integral_0^inf t^(alpha/2-1) e^-t prod_a theta_M(t; x_a) dt, trapezoid in s = log t at the
 * nodes s_i = i/8, from -2 log max(X, 1) - 76/alpha to 38/8 (t = 115; error 1e-15 for alpha <= 24). The tables of theta
 * do not depend on alpha: a product of E[t, j] = e^(-t j^2 dxi^2) with C[j, x] = cos(2 pi j dxi x) over blocks of j,
 * one pass over j for all rungs, recording each rung's shell on the way.
 *
 * Nodes come in chunks of a fixed size that are computed when an alpha first needs them, each by the same operations
 * whatever was computed before: bits do not depend on the other alphas.
 */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/lattice.h"

enum { CHUNK = 32, BLOCK = 512, NODES_PER_UNIT = 8 };
/* Operations of a cosine or an exponential, of one shell's product. */
enum { PER_TERM = 40, PER_PRODUCT = 30 };
static const double TWO_PI = 6.28318530717958647692;
/* Node numbers are i; the smallest admitted belongs to X = 1e5, alpha = 0.05. */
enum { LAST_NODE = 38, CHUNKS = 400 };

struct fps_theta {
    fps_lattice_spec spec; /* arrays borrowed from the lattice */
    int32_t *column;       /* [P, d] which distinct |x_a| */
    double *distinct;      /* [U] */
    int64_t distinct_count;
    double *cosine;        /* [BLOCK, U] of the block at hand */
    double *decay;         /* [CHUNK, BLOCK] */
    double *shell[CHUNKS]; /* [R, CHUNK, U] or NULL: theta_{M_k} - theta_{M_{k-1}} at a chunk's nodes and the |x_a| */
    double terms;
};

/* Number the distinct values in the order in which they come, by a hash table with linear probing. */
static fps_status find_distinct(fps_theta *theta, int64_t values) {
    int64_t size = 16;
    int32_t *slot; /* number + 1 of the value there; 0: empty */
    while (size < 2 * values)
        size *= 2;
    FPS_TRY(FPS_ALLOC(slot, size));
    for (int64_t i = 0; i < values; i++) {
        const double x = fabs(theta->spec.displacement[i]);
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        int64_t at = (int64_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (size - 1);
        while (slot[at] && theta->distinct[slot[at] - 1] != x)
            at = (at + 1) & (size - 1);
        if (!slot[at]) {
            theta->distinct[theta->distinct_count] = x;
            slot[at] = (int32_t)++theta->distinct_count;
        }
        theta->column[i] = slot[at] - 1;
    }
    fps_free(slot);
    return FPS_OK;
}

fps_status fps_theta_create(const fps_lattice_spec *spec, fps_theta **out) {
    *out = NULL;
    fps_status status;
    fps_theta *theta;
    int64_t values = spec->displacements * spec->dimension;
    FPS_TRY(FPS_ALLOC(theta, 1));
    theta->spec = *spec;
    FPS_TRY_GOTO(status, FPS_ALLOC(theta->column, values), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(theta->distinct, values), failed);
    FPS_TRY_GOTO(status, find_distinct(theta, values), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(theta->cosine, BLOCK * theta->distinct_count), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(theta->decay, CHUNK * BLOCK), failed);
    *out = theta;
    return FPS_OK;
failed:
    fps_theta_destroy(&theta);
    return status;
}

void fps_theta_destroy(fps_theta **theta) {
    if (!*theta)
        return;
    for (int c = 0; c < CHUNKS; c++)
        fps_free((*theta)->shell[c]);
    fps_free((*theta)->decay);
    fps_free((*theta)->cosine);
    fps_free((*theta)->distinct);
    fps_free((*theta)->column);
    fps_free(*theta);
    *theta = NULL;
}

double fps_theta_terms(const fps_theta *theta) {
    return theta->terms;
}

/* Chunk c holds nodes LAST_NODE - c CHUNK, ..., downwards; t of its node i. */
static double node_t(int c, int i) {
    return exp((double)(LAST_NODE - c * CHUNK - i) / NODES_PER_UNIT);
}

/* cosine[j, u] = (2 - [j = 0]) dxi cos(2 pi j dxi x_u) for the block j0 .. j0 + count - 1. */
static fps_status fill_cosines(fps_theta *theta, int64_t j0, int count, const fps_pulse *pulse) {
    double dxi = theta->spec.frequency_step;
    for (int64_t u = 0; u < theta->distinct_count; u++) {
        fps_turn turn = fps_turn_make(dxi, theta->distinct[u]);
        if (fps_pulse_beat(pulse, (double)count * PER_TERM))
            return FPS_STOPPED;
        for (int j = 0; j < count; j++)
            theta->cosine[j * theta->distinct_count + u] =
                (j0 + j ? 2 * dxi : dxi) * cos(TWO_PI * fps_turn_phase(turn, (double)(j0 + j)));
    }
    theta->terms += (double)count * (double)theta->distinct_count;
    return FPS_OK;
}

/* Add the block's terms to a chunk of one rung: out[CHUNK, U] += E[CHUNK, count] C[count, U]. */
static void add_block(fps_theta *theta, int c, int64_t j0, int count, double *out) {
    double dxi = theta->spec.frequency_step;
    if (node_t(c, CHUNK - 1) * ((double)j0 * dxi) * ((double)j0 * dxi) > 690.0)
        return; /* every e^(-t xi^2) of the chunk is below 1e-299 */
    for (int i = 0; i < CHUNK; i++) {
        double t = node_t(c, i);
        for (int j = 0; j < count; j++) {
            double xi = (double)(j0 + j) * dxi;
            theta->decay[i * BLOCK + j] = exp(-t * (xi * xi));
        }
    }
    int u = (int)theta->distinct_count;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, CHUNK, u, count, 1.0, theta->decay, BLOCK, theta->cosine, u,
                1.0, out, u);
}

/* Give up the chunks that were being filled. */
static fps_status drop_chunks(fps_theta *theta, int last, const bool *missing, fps_status why) {
    for (int c = 0; c <= last; c++)
        if (missing[c]) {
            fps_free(theta->shell[c]);
            theta->shell[c] = NULL;
        }
    return why;
}

/* Fill those of the chunks 0 .. last that are not there yet, in one pass over j; each rung's shell by itself. */
static fps_status fill_chunks(fps_theta *theta, int last, const fps_pulse *pulse) {
    const fps_lattice_spec *spec = &theta->spec;
    int64_t slice = CHUNK * theta->distinct_count;
    bool missing[CHUNKS] = {false};
    int count_missing = 0;
    for (int c = 0; c <= last; c++) {
        if (theta->shell[c])
            continue;
        if (FPS_ALLOC(theta->shell[c], spec->rungs * slice) != FPS_OK)
            return drop_chunks(theta, last, missing, FPS_ERROR_MEMORY);
        missing[c] = true;
        count_missing++;
    }
    for (int k = 0; count_missing && k < spec->rungs; k++)
        for (int64_t j0 = k ? spec->band_limit[k - 1] + 1 : 0; j0 <= spec->band_limit[k]; j0 += BLOCK) {
            int64_t left = spec->band_limit[k] - j0 + 1;
            int count = left < BLOCK ? (int)left : BLOCK;
            if (fill_cosines(theta, j0, count, pulse) != FPS_OK)
                return drop_chunks(theta, last, missing, FPS_STOPPED);
            for (int c = 0; c <= last; c++) {
                if (!missing[c])
                    continue;
                add_block(theta, c, j0, count, theta->shell[c] + k * slice);
                if (fps_pulse_beat(pulse, (double)count * CHUNK * PER_TERM + 2.0 * (double)(slice * count)))
                    return drop_chunks(theta, last, missing, FPS_STOPPED);
            }
        }
    return FPS_OK;
}

/* sum_a (prod_{b<a} low_b) d_a (prod_{b>a} (low_b + d_b)): prod(low + d) - prod(low) without cancellation. */
static double product_difference(int d, const double *low, const double *step) {
    double sum = 0;
    for (int a = 0; a < d; a++) {
        double term = step[a];
        for (int b = 0; b < d; b++)
            if (b != a)
                term *= b < a ? low[b] : low[b] + step[b];
        sum += term;
    }
    return sum;
}

fps_status fps_theta_shells(fps_theta *theta, double alpha, const fps_pulse *pulse, double *shell) {
    const fps_lattice_spec *spec = &theta->spec;
    int d = spec->dimension, rungs = spec->rungs;
    int64_t u = theta->distinct_count, points = spec->displacements;
    double x_last = ((double)spec->band_limit[rungs - 1] + 0.5) * spec->frequency_step;
    double lowest = -2.0 * log(x_last > 1 ? x_last : 1) - 76.0 / alpha;
    int nodes = LAST_NODE - (int)floor(lowest * NODES_PER_UNIT) + 1;
    if (nodes > CHUNKS * CHUNK)
        return fps_fail(FPS_ERROR_NUMERIC, "a decay rate of %g is too small for the integral in %d dimensions", alpha,
                        d);
    FPS_TRY(fill_chunks(theta, (nodes - 1) / CHUNK, pulse));
    memset(shell, 0, (size_t)(rungs * points) * sizeof *shell);
    /* from the smallest t up: terms grow towards the bulk of the integral, then fall off within a few nodes */
    for (int node = nodes - 1; node >= 0; node--) {
        int c = node / CHUNK, i = node % CHUNK;
        if (fps_pulse_beat(pulse, (double)points * rungs * PER_PRODUCT))
            return FPS_STOPPED;
        double t = node_t(c, i);
        double weight =
            exp(0.5 * alpha * (double)(LAST_NODE - node) / NODES_PER_UNIT - t - lgamma(0.5 * alpha)) / NODES_PER_UNIT;
        for (int64_t p = 0; p < points; p++) {
            double low[FPS_MAX_DIMENSION] = {0}, step[FPS_MAX_DIMENSION];
            for (int k = 0; k < rungs; k++) {
                const double *row = theta->shell[c] + (k * CHUNK + i) * u;
                for (int a = 0; a < d; a++)
                    step[a] = row[theta->column[p * d + a]];
                shell[k * points + p] += weight * product_difference(d, low, step);
                for (int a = 0; a < d; a++)
                    low[a] += step[a];
            }
        }
    }
    return FPS_OK;
}
