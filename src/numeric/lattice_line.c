/* lattice_line.c: the lattice sum in one dimension at a cost that does not grow with the band limit.
 *
 * N = M + 1/2, X = N dxi, theta = 2 pi dxi x, f(xi) = <xi>^-alpha. Summation by parts gives
 *   K_M(x) = K_inf(x) + dxi sum_{p=0}^{12} A_p d_p s_p,   A_p = p! dxi^p a_p,
 * a_p Taylor coefficients of f at X, d_p those of csc((theta + .)/2), s_p = sin, -cos, -sin, cos of N theta in turn. So
 * a shell above j* = 400 / (2 pi dxi |x|) is the difference of two boundary sums: K_inf cancels exactly. At x = 0 a
 * shell is the integral of f, expanded in 1/X^2, plus midpoint (Euler-Maclaurin) terms. Below j*: the sum itself.
 */
#include <math.h>

#include "fpsweep/memory.h"
#include "numeric/lattice.h"

enum { ORDER = 13, SERIES = 12, TABLE_LIMIT = 1 << 23, WEIGHT_LIMIT = 1 << 20 };
/* Operations of a term without a table, of a rung. */
enum { PER_TERM = 40, PER_RUNG = 2000 };
static const double TWO_PI = 6.28318530717958647692;
/* From here on the 13 boundary terms and the 12 + 4 at x = 0 are exact to 1e-15 of the shell at 0 for alpha <= 24. */
static const double SMALLEST_X_AT_0 = 100.0, SMALLEST_PHASE = 400.0;

/* One displacement. */
typedef struct point {
    fps_turn turn;
    bool zero;         /* x = 0 modulo the period */
    int64_t direct;    /* j* cut to the ladder: terms 1 .. direct are summed plainly */
    int64_t at;        /* of its cosines in the table, -1 if they are not kept */
    double csc[ORDER]; /* d_p */
} point;

struct fps_line {
    fps_lattice_spec spec; /* arrays borrowed from the lattice */
    point *points;         /* [P] */
    double *cosine;        /* cos(2 pi j dxi x), j = 1 .. direct, point after point */
    int64_t filled;        /* points whose csc and cosines are there; the first call of fps_line_shells() makes them */
    double *weight;        /* f(j dxi), j = 0 .. most, of the alpha at hand */
    int64_t most;
    double terms;
};

/* Taylor coefficients of 1 / sin((theta + u) / 2) in u: reciprocal of a power series. */
static void csc_series(double theta, double *d) {
    double c[ORDER], s = sin(0.5 * theta), k = cos(0.5 * theta), scale = 1;
    for (int p = 0; p < ORDER; p++) {
        const double turn[] = {s, k, -s, -k};
        c[p] = turn[p % 4] * scale;
        scale /= 2.0 * (p + 1);
    }
    for (int p = 0; p < ORDER; p++) {
        double sum = p == 0 ? 1.0 : 0.0;
        for (int q = 1; q <= p; q++)
            sum -= c[q] * d[p - q];
        d[p] = sum / c[0];
    }
}

/* Taylor coefficients a_p of f at x. */
static void weight_series(double x, double alpha, int count, double *a) {
    a[0] = fps_lattice_weight(x, alpha);
    for (int p = 0; p + 1 < count; p++)
        a[p + 1] = -((alpha + 2 * p) * x * a[p] + (p ? (alpha + p - 1) * a[p - 1] : 0)) / ((1 + x * x) * (p + 1));
}

fps_status fps_line_create(const fps_lattice_spec *spec, fps_line **out) {
    *out = NULL;
    fps_status status;
    fps_line *line;
    FPS_TRY(FPS_ALLOC(line, 1));
    line->spec = *spec;
    int64_t last = spec->band_limit[spec->rungs - 1], kept = 0;
    FPS_TRY_GOTO(status, FPS_ALLOC(line->points, spec->displacements), failed);
    for (int64_t i = 0; i < spec->displacements; i++) {
        point *p = &line->points[i];
        p->turn = fps_turn_make(spec->frequency_step, spec->displacement[i]);
        p->turn.high -= rint(p->turn.high); /* one period: N theta with half-integer N must see the reduced theta */
        double turn = p->turn.high + p->turn.low;
        p->zero = turn == 0;
        double enough = p->zero ? SMALLEST_X_AT_0 / spec->frequency_step : SMALLEST_PHASE / (TWO_PI * fabs(turn));
        p->direct = enough < (double)last ? (int64_t)ceil(enough) : last;
        p->at = -1;
        if (!p->zero && p->direct <= WEIGHT_LIMIT && kept + p->direct <= TABLE_LIMIT) {
            p->at = kept;
            kept += p->direct;
        }
        if (p->direct <= WEIGHT_LIMIT && p->direct > line->most)
            line->most = p->direct;
        line->terms += p->zero ? 0 : (double)p->direct;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(line->cosine, kept), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(line->weight, line->most + 1), failed);
    *out = line;
    return FPS_OK;
failed:
    fps_line_destroy(&line);
    return status;
}

void fps_line_destroy(fps_line **line) {
    if (!*line)
        return;
    fps_free((*line)->weight);
    fps_free((*line)->cosine);
    fps_free((*line)->points);
    fps_free(*line);
    *line = NULL;
}

double fps_line_terms(const fps_line *line) {
    return line->terms;
}

/* sum over inner < j <= outer of f(j dxi) cos(2 pi j dxi x), largest j first, eight interleaved partial sums. */
static double direct_sum(const fps_line *line, const point *p, double alpha, int64_t inner, int64_t outer) {
    enum { LANES = 8 };
    double lane[LANES] = {0};
    const double *f = line->weight;
    int64_t j = outer;
    if (p->zero || p->at < 0) {
        for (; j > inner; j--) {
            double weight = j <= line->most ? f[j] : fps_lattice_weight((double)j * line->spec.frequency_step, alpha);
            lane[(outer - j) % LANES] += weight * (p->zero ? 1.0 : cos(TWO_PI * fps_turn_phase(p->turn, (double)j)));
        }
    } else {
        const double *c = line->cosine + p->at - 1;
        for (; j - LANES >= inner; j -= LANES)
            for (int l = 0; l < LANES; l++)
                lane[l] += f[j - l] * c[j - l];
        for (; j > inner; j--)
            lane[0] += f[j] * c[j];
    }
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* sum_p A_p d_p s_p at the band limit M: K_M - K_inf over dxi. */
static double boundary(const fps_line *line, const point *p, double alpha, int64_t m) {
    double n = (double)m + 0.5, dxi = line->spec.frequency_step, a[ORDER];
    weight_series(n * dxi, alpha, ORDER, a);
    double phase = TWO_PI * fps_turn_phase(p->turn, n), s = sin(phase), c = cos(phase);
    const double turn[] = {s, -c, -s, c};
    double term[ORDER], factorial = 1;
    for (int q = 0; q < ORDER; q++) {
        term[q] = factorial * a[q] * p->csc[q] * turn[q % 4];
        factorial *= (q + 1) * dxi;
    }
    double sum = 0;
    for (int q = ORDER - 1; q >= 0; q--)
        sum += term[q];
    return sum;
}

/* integral of f from x1 to x2: binomial series in 1/x^2, each power integrated without cancellation. */
static double integral(double x1, double x2, double alpha) {
    double sum = 0, binomial = 1, l = log(x2 / x1), term[SERIES];
    for (int k = 0; k < SERIES; k++) {
        double e = 1 - alpha - 2 * k;
        term[k] = binomial * (e == 0 ? l : pow(x1, e) * expm1(e * l) / e);
        binomial *= (-0.5 * alpha - k) / (k + 1);
    }
    for (int k = SERIES - 1; k >= 0; k--)
        sum += term[k];
    return sum;
}

/* sum over m1 < j <= m2 of f(j dxi) dxi by the midpoint formula on the cells of the lattice. */
static double midpoint_sum(const fps_line *line, double alpha, int64_t m1, int64_t m2) {
    static const double coefficient[] = {-1.0 / 24, 7.0 / 5760, -31.0 / 967680, 127.0 / 154828800};
    double dxi = line->spec.frequency_step, x1 = ((double)m1 + 0.5) * dxi, x2 = ((double)m2 + 0.5) * dxi;
    double a1[8], a2[8], sum = 0, factorial = 1, power = dxi * dxi, term[4];
    weight_series(x1, alpha, 8, a1);
    weight_series(x2, alpha, 8, a2);
    for (int i = 0; i < 4; i++) {
        term[i] = coefficient[i] * power * factorial * (a2[2 * i + 1] - a1[2 * i + 1]);
        factorial *= (2 * i + 2) * (2 * i + 3);
        power *= dxi * dxi;
    }
    for (int i = 3; i >= 0; i--)
        sum += term[i];
    return integral(x1, x2, alpha) + sum;
}

static fps_status fill_points(fps_line *line, const fps_pulse *pulse) {
    for (; line->filled < line->spec.displacements; line->filled++) {
        point *p = &line->points[line->filled];
        if (fps_pulse_beat(pulse, PER_RUNG + (p->at >= 0 ? PER_TERM * (double)p->direct : 0)))
            return FPS_STOPPED;
        if (!p->zero)
            csc_series(TWO_PI * (p->turn.high + p->turn.low), p->csc);
        for (int64_t j = 1; p->at >= 0 && j <= p->direct; j++)
            line->cosine[p->at + j - 1] = cos(TWO_PI * fps_turn_phase(p->turn, (double)j));
    }
    return FPS_OK;
}

fps_status fps_line_shells(fps_line *line, double alpha, const fps_pulse *pulse, double *shell) {
    const fps_lattice_spec *spec = &line->spec;
    double dxi = spec->frequency_step;
    FPS_TRY(fill_points(line, pulse));
    for (int64_t j = 0; j <= line->most; j++)
        line->weight[j] = fps_lattice_weight((double)j * dxi, alpha);
    for (int64_t i = 0; i < spec->displacements; i++) {
        const point *p = &line->points[i];
        if (fps_pulse_beat(pulse, PER_TERM * (double)p->direct + PER_RUNG * spec->rungs))
            return FPS_STOPPED;
        double previous = 0; /* boundary sum of the rung below */
        bool known = false;
        for (int k = 0; k < spec->rungs; k++) {
            int64_t inner = k ? spec->band_limit[k - 1] : 0, outer = spec->band_limit[k];
            int64_t middle = p->direct < inner ? inner : p->direct < outer ? p->direct : outer;
            double far = 0, near = direct_sum(line, p, alpha, inner, middle);
            if (middle < outer) {
                if (p->zero) {
                    far = 2 * midpoint_sum(line, alpha, middle, outer);
                } else {
                    double low = known && middle == inner ? previous : boundary(line, p, alpha, middle);
                    previous = boundary(line, p, alpha, outer);
                    known = true;
                    far = dxi * (previous - low);
                }
            }
            shell[k * spec->displacements + i] = far + 2 * dxi * near + (k ? 0 : dxi); /* smallest first; j = 0 last */
        }
    }
    return FPS_OK;
}
