/* kendall.c: rank correlation with ties and censoring (M. G. Kendall, Rank Correlation Methods, chapters 3 to 5). */
#include <math.h>

#include "fpsweep/analysis.h"

enum { EXACT_LIMIT = 50 };

/* Order of two values, NAN later than every number and equal to NAN: -1, 0, 1. */
static int compare(double a, double b) {
    if (isnan(a) || isnan(b))
        return (isnan(a) ? 1 : 0) - (isnan(b) ? 1 : 0);
    return (a > b) - (a < b);
}

/* Sums over groups of t equal values: t(t-1), t(t-1)(t-2), t(t-1)(2t+5). */
typedef struct ties {
    double pairs, triples, variance;
} ties;

static ties count_ties(const double *value, int64_t n) {
    ties sum = {0, 0, 0};
    for (int64_t i = 0; i < n; i++) {
        int64_t before = 0, t = 0;
        for (int64_t j = 0; j < n; j++)
            if (compare(value[i], value[j]) == 0) {
                t++;
                before += j < i;
            }
        if (before > 0)
            continue; /* counted at the first of its equals */
        double size = (double)t;
        sum.pairs += size * (size - 1);
        sum.triples += size * (size - 1) * (size - 2);
        sum.variance += size * (size - 1) * (2 * size + 5);
    }
    return sum;
}

/* P(|S| >= |s|) for n values in random order without ties: S = M - 2 inversions, M = n(n-1)/2; the distribution of
 * inversions of n elements is that of n-1 elements plus an independent uniform number in 0 .. n-1. */
static double exact_p(int64_t n, int64_t s) {
    int64_t pairs = n * (n - 1) / 2;
    double probability[EXACT_LIMIT * (EXACT_LIMIT - 1) / 2 + 1] = {1}, next[EXACT_LIMIT * (EXACT_LIMIT - 1) / 2 + 1];
    for (int64_t m = 2; m <= n; m++) {
        int64_t top = m * (m - 1) / 2;
        for (int64_t i = 0; i <= top; i++) {
            double sum = 0;
            for (int64_t j = 0; j < m && j <= i; j++)
                sum += probability[i - j];
            next[i] = sum / (double)m;
        }
        for (int64_t i = 0; i <= top; i++)
            probability[i] = next[i];
    }
    int64_t inversions = (pairs - (s < 0 ? -s : s)) / 2;
    double tail = 0;
    for (int64_t i = 0; i <= inversions; i++)
        tail += probability[i];
    return fmin(1, 2 * tail);
}

/* Two-sided p of S by the normal approximation with correction for ties. */
static double normal_p(double n, double s, ties x, ties y) {
    double variance = (n * (n - 1) * (2 * n + 5) - x.variance - y.variance) / 18 +
                      x.pairs * y.pairs / (2 * n * (n - 1)) + x.triples * y.triples / (9 * n * (n - 1) * (n - 2));
    return variance > 0 ? erfc(fabs(s) / sqrt(2 * variance)) : NAN;
}

fps_kendall fps_analysis_kendall(const double *x, const double *y, int64_t n) {
    fps_kendall out = {.tau = NAN, .p = NAN, .n = n};
    int64_t s = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++) {
            int sign = compare(x[i], x[j]) * compare(y[i], y[j]);
            s += sign;
            out.violations += sign < 0;
        }
    if (n < 3)
        return out;
    ties x_ties = count_ties(x, n), y_ties = count_ties(y, n);
    double pairs = (double)n * (double)(n - 1);
    double scale = sqrt((pairs - x_ties.pairs) * (pairs - y_ties.pairs)) / 2;
    if (!(scale > 0))
        return out;
    out.tau = (double)s / scale;
    out.p = n <= EXACT_LIMIT && x_ties.pairs == 0 && y_ties.pairs == 0 ? exact_p(n, s)
                                                                       : normal_p((double)n, (double)s, x_ties, y_ties);
    return out;
}
