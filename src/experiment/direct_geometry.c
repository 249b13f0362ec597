#include "experiment/direct_geometry.h"

#include <math.h>
#include <string.h>

#include "fpsweep/sampling.h"

int64_t fps_geometry_pairs(int64_t n) {
    return 1 + n * (n - 1) / 2;
}

int64_t fps_geometry_pair(int64_t i, int64_t j) {
    if (i == j)
        return 0;
    int64_t high = i > j ? i : j, low = i > j ? j : i;
    return 1 + high * (high - 1) / 2 + low;
}

void fps_geometry_displacements(int d, int64_t n, const double *x, double *displacement) {
    memset(displacement, 0, (size_t)d * sizeof *displacement);
    for (int64_t i = 1; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            for (int a = 0; a < d; a++)
                displacement[fps_geometry_pair(i, j) * d + a] = x[i * d + a] - x[j * d + a];
}

void fps_geometry_from_points(int d, int64_t m, const double *p, int64_t n, const double *x, double *displacement) {
    for (int64_t g = 0; g < m; g++)
        for (int64_t i = 0; i < n; i++)
            for (int a = 0; a < d; a++)
                displacement[(g * n + i) * d + a] = p[g * d + a] - x[i * d + a];
}

double fps_geometry_smallest(int d, int64_t n, const double *x, double period) {
    double smallest = period;
    for (int64_t i = 1; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            double square = 0;
            for (int a = 0; a < d; a++) {
                double r = x[i * d + a] - x[j * d + a];
                r -= period * rint(r / period);
                square += r * r;
            }
            smallest = fmin(smallest, sqrt(square));
        }
    return smallest;
}

void fps_geometry_far_point(int d, const double domain[][2], int64_t n, const double *x, double *point) {
    enum { SIDE = 65 };
    int64_t count = 1;
    for (int a = 0; a < d; a++)
        count *= SIDE;
    double farthest = -1;
    for (int64_t g = 0; g < count; g++) {
        double p[FPS_MAX_DIMENSION], nearest = INFINITY;
        int64_t rest = g;
        for (int a = d - 1; a >= 0; a--, rest /= SIDE)
            p[a] = domain[a][0] + (domain[a][1] - domain[a][0]) * (double)(rest % SIDE) / (SIDE - 1);
        for (int64_t i = 0; i < n; i++) {
            double square = 0;
            for (int a = 0; a < d; a++)
                square += (p[a] - x[i * d + a]) * (p[a] - x[i * d + a]);
            nearest = fmin(nearest, square);
        }
        if (nearest > farthest) {
            farthest = nearest;
            memcpy(point, p, (size_t)d * sizeof *point);
        }
    }
}
