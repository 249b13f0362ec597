/* lattice_ball.c: the sum over a disc |j|_2 <= M + 1/2 instead of the square, in two dimensions.
 *
 * The shape of the cut-off must not matter for the critical decay rate; this is how that is tested. The sum itself, row
 * by row: for each j_1 >= 0 the inner sum over j_2 >= 0 of <xi_j>^-alpha cos(2 pi j_2 dxi x_2), weights 2 for positive
 * indices. Cost M^2 per displacement, so M is limited. The largest rows come first.
 */
#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/lattice.h"

/* Operations of <xi>^-alpha. */
enum { PER_WEIGHT = 60 };
static const double TWO_PI = 6.28318530717958647692;

struct fps_ball {
    fps_lattice_spec spec; /* arrays borrowed from the lattice */
    int64_t last;          /* largest M */
    double *cosine;        /* [P, 2, last + 1]: (2 - [j = 0]) cos(2 pi j dxi x_a) */
    int64_t filled;        /* rows of it, of P 2, that are there; the first call of fps_ball_shells() makes them */
    double *weight;        /* [last + 1] of the row at hand */
};

fps_status fps_ball_create(const fps_lattice_spec *spec, fps_ball **out) {
    *out = NULL;
    fps_status status;
    fps_ball *ball;
    FPS_TRY(FPS_ALLOC(ball, 1));
    ball->spec = *spec;
    ball->last = spec->band_limit[spec->rungs - 1];
    int64_t length = ball->last + 1;
    FPS_TRY_GOTO(status, FPS_ALLOC(ball->cosine, spec->displacements * 2 * length), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(ball->weight, length), failed);
    *out = ball;
    return FPS_OK;
failed:
    fps_ball_destroy(&ball);
    return status;
}

void fps_ball_destroy(fps_ball **ball) {
    if (!*ball)
        return;
    fps_free((*ball)->weight);
    fps_free((*ball)->cosine);
    fps_free(*ball);
    *ball = NULL;
}

double fps_ball_terms(const fps_ball *ball) {
    return 2.0 * (double)ball->last * (double)ball->spec.displacements;
}

/* Largest j_2 >= 0 with j_1^2 + j_2^2 <= (M + 1/2)^2, that is <= M^2 + M; -1 if there is none. */
static int64_t row_end(int64_t m, int64_t j) {
    int64_t square = m * m + m - j * j;
    if (square < 0)
        return -1;
    int64_t root = (int64_t)sqrt((double)square);
    while (root * root > square)
        root--;
    while ((root + 1) * (root + 1) <= square)
        root++;
    return root;
}

/* sum of weight * cosine over first <= j <= last, four interleaved partial sums, from the end. */
static double row_sum(const double *weight, const double *cosine, int64_t first, int64_t last) {
    enum { LANES = 4 };
    double lane[LANES] = {0};
    int64_t j = last;
    for (; j - LANES + 1 >= first; j -= LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += weight[j - l] * cosine[j - l];
    for (; j >= first; j--)
        lane[0] += weight[j] * cosine[j];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static fps_status fill_cosines(fps_ball *ball, const fps_pulse *pulse) {
    const fps_lattice_spec *spec = &ball->spec;
    const int64_t length = ball->last + 1;
    for (; ball->filled < spec->displacements * 2; ball->filled++) {
        if (fps_pulse_beat(pulse, (double)length * PER_WEIGHT))
            return FPS_STOPPED;
        fps_turn turn = fps_turn_make(spec->frequency_step, spec->displacement[ball->filled]);
        for (int64_t j = 0; j < length; j++)
            ball->cosine[ball->filled * length + j] = (j ? 2 : 1) * cos(TWO_PI * fps_turn_phase(turn, (double)j));
    }
    return FPS_OK;
}

fps_status fps_ball_shells(fps_ball *ball, double alpha, const fps_pulse *pulse, double *shell) {
    const fps_lattice_spec *spec = &ball->spec;
    int64_t length = ball->last + 1, points = spec->displacements;
    double dxi = spec->frequency_step;
    FPS_TRY(fill_cosines(ball, pulse));
    memset(shell, 0, (size_t)(spec->rungs * points) * sizeof *shell);
    for (int64_t row = ball->last; row >= 0; row--) {
        int64_t end = row_end(ball->last, row);
        double xi1 = (double)row * dxi;
        if (fps_pulse_beat(pulse, (double)(end + 1) * (PER_WEIGHT + 2.0 * (double)points)))
            return FPS_STOPPED;
        for (int64_t j = 0; j <= end; j++) {
            double xi2 = (double)j * dxi;
            ball->weight[j] = exp(-0.5 * alpha * log1p(xi1 * xi1 + xi2 * xi2));
        }
        int64_t inner = -1; /* the last j_2 of the rung below */
        for (int k = 0; k < spec->rungs; k++) {
            int64_t outer = row_end(spec->band_limit[k], row);
            for (int64_t p = 0; p < points && outer > inner; p++)
                shell[k * points + p] += dxi * dxi * ball->cosine[p * 2 * length + row] *
                                         row_sum(ball->weight, ball->cosine + (p * 2 + 1) * length, inner + 1, outer);
            inner = outer > inner ? outer : inner;
        }
    }
    return FPS_OK;
}
