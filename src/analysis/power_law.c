/* power_law.c: a straight line through logarithms, and whether it is one. */
#include <math.h>

#include "fpsweep/stages.h"

const char *fps_law_name(fps_law law) {
    static const char *const name[FPS_LAW_COUNT] = {"unresolved", "power", "steeper"};
    return name[law];
}

typedef struct line {
    double exponent, error; /* of x^-exponent; standard error, 0 of two points */
} line;

/* Least-squares line of log y over log x through count >= 2 points. */
static line draw_line(const double *x, const double *y, int64_t count) {
    double n = (double)count, mean_x = 0, mean_y = 0, xx = 0, xy = 0, rest = 0;
    for (int64_t i = 0; i < count; i++) {
        mean_x += log(x[i]) / n;
        mean_y += log(y[i]) / n;
    }
    for (int64_t i = 0; i < count; i++) {
        double dx = log(x[i]) - mean_x;
        xx += dx * dx;
        xy += dx * (log(y[i]) - mean_y);
    }
    for (int64_t i = 0; i < count; i++) {
        double off = log(y[i]) - mean_y - xy / xx * (log(x[i]) - mean_x);
        rest += off * off;
    }
    return (line){.exponent = -xy / xx, .error = count > 2 ? sqrt(rest / (n - 2) / xx) : 0};
}

/* The lower or upper third of log eta of count >= 3 points; at least three of them. */
static line draw_third(const double *eta, const double *y, int64_t count, bool upper) {
    double third = log(eta[count - 1] / eta[0]) / 3 * (1 + 1e-12);
    int64_t points = 3;
    if (upper) {
        while (points < count && log(eta[count - 1] / eta[count - 1 - points]) <= third)
            points++;
        return draw_line(eta + count - points, y + count - points, points);
    }
    while (points < count && log(eta[points] / eta[0]) <= third)
        points++;
    return draw_line(eta, y, points);
}

/* First i from `first` on with a value that is rounding, or eta above `high`. */
static int64_t find_end(const double *eta, const double *y, int64_t first, int64_t count, double high) {
    while (first < count && eta[first] <= high && isfinite(y[first]) && y[first] > 0)
        first++;
    return first;
}

static fps_power_law fit(const double *eta, const double *y, int64_t count) {
    line lower = draw_third(eta, y, count, false), upper = draw_third(eta, y, count, true);
    return (fps_power_law){.exponent = draw_line(eta, y, count).exponent,
                           .bend = upper.exponent - lower.exponent,
                           .bend_error = hypot(lower.error, upper.error),
                           .low = eta[0],
                           .high = eta[count - 1],
                           .points = (int)count};
}

fps_power_law fps_power_law_fit(const double *eta, const double *y, int64_t count, double low, double high) {
    int64_t first = 0;
    while (first < count && eta[first] < low)
        first++;
    const int64_t end = find_end(eta, y, first, count, high), resolved = find_end(eta, y, 0, count, high);
    const bool sunk = resolved < count && eta[resolved] <= high;
    if (sunk && resolved >= FPS_LAW_POINTS) {
        line last = draw_third(eta, y, resolved, true);
        if (last.exponent - 2 * last.error > FPS_LAW_FALL) {
            fps_power_law out = fit(eta, y, resolved);
            out.law = FPS_LAW_STEEPER;
            return out;
        }
    }
    if (end - first < FPS_LAW_POINTS)
        return (fps_power_law){.law = FPS_LAW_UNRESOLVED,
                               .exponent = NAN,
                               .bend = NAN,
                               .bend_error = NAN,
                               .low = NAN,
                               .high = NAN,
                               .points = (int)(end - first)};
    fps_power_law out = fit(eta + first, y + first, end - first);
    out.law = out.bend - 2 * out.bend_error > FPS_LAW_BEND ? FPS_LAW_STEEPER : FPS_LAW_POWER;
    return out;
}
