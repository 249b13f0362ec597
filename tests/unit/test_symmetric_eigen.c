/* floor: numeric */
/* Eigenvalues and eigenvectors: what they must satisfy, a matrix with known ones, refusals, stopping. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "numeric/symmetric_eigen.h"

static const double pi = 3.14159265358979323846;

/* Rank: n, or few columns' products, so that most eigenvalues are 0. */
static void fill(int n, int rank, double *a) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i * n + j] = 0;
            for (int r = 0; r < rank; r++)
                a[i * n + j] += fps_random_normal(1, FPS_PURPOSE_WEIGHTS, (uint32_t)r, (uint64_t)i) *
                                fps_random_normal(1, FPS_PURPOSE_WEIGHTS, (uint32_t)r, (uint64_t)j);
        }
}

/* |A v - l v| and |V^T V - 1|, both against the largest eigenvalue or 1. */
static void check(int n, int rank) {
    double *a = calloc((size_t)n * n, sizeof *a), *copy = calloc((size_t)n * n, sizeof *a);
    double *v = calloc((size_t)n * n, sizeof *v), *l = calloc((size_t)n, sizeof *l);
    fill(n, rank, a);
    memcpy(copy, a, sizeof *a * (size_t)n * (size_t)n);
    assert_int_equal(fps_symmetric_eigen(n, a, l, v, NULL), FPS_OK);
    double residual = 0, angle = 0, largest = fmax(fabs(l[0]), fabs(l[n - 1]));
    for (int i = 0; i < n; i++) {
        assert_true(i == 0 || l[i] >= l[i - 1]);
        for (int k = 0; k < n; k++) {
            double image = 0, product = 0;
            for (int j = 0; j < n; j++) {
                image += copy[k * n + j] * v[i * n + j];
                product += v[k * n + j] * v[i * n + j];
            }
            residual = fmax(residual, fabs(image - l[i] * v[i * n + k]));
            angle = fmax(angle, fabs(product - (i == k)));
        }
    }
    if (!(residual <= 1e-14 * n * largest && angle <= 1e-14 * n))
        fail_msg("n = %d, rank %d: residual %.1e of the largest, not orthonormal by %.1e", n, rank, residual / largest,
                 angle);
    free(l);
    free(v);
    free(copy);
    free(a);
}

/* Sizes around those of panels and of blocks of vectors. */
static void they_satisfy_their_equation(void **state) {
    (void)state;
    static const int sizes[] = {1, 2, 3, 31, 64, 65, 96, 97, 128, 129, 200, 257};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check(sizes[i], sizes[i]);
        check(sizes[i], 2);
    }
}

/* Second differences: 2 - 2 cos(pi k / (n + 1)). */
static void known_ones_are_found(void **state) {
    (void)state;
    enum { N = 150 };
    static double a[N * N], v[N * N], l[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i * N + j] = i == j ? 2 : abs(i - j) == 1 ? -1 : 0;
    assert_int_equal(fps_symmetric_eigen(N, a, l, v, NULL), FPS_OK);
    for (int k = 0; k < N; k++)
        assert_true(fabs(l[k] - (2 - 2 * cos(pi * (k + 1) / (N + 1)))) < 1e-13);
}

static void what_is_not_finite_is_refused(void **state) {
    (void)state;
    double a[4] = {1, NAN, NAN, 1}, v[4], l[2];
    assert_int_equal(fps_symmetric_eigen(2, a, l, v, NULL), FPS_ERROR_NUMERIC);
    assert_string_equal(fps_error_message(), "a matrix of size 2 has entries that are not finite");
}

static bool count_down(void *context, double operations) {
    assert_true(operations > 0);
    return --*(int *)context == 0;
}

/* At every call of the pulse. */
static void it_stops_when_told(void **state) {
    (void)state;
    enum { N = 200 };
    static double a[N * N], v[N * N], l[N];
    fps_status status = FPS_STOPPED;
    int calls = 0;
    for (; status == FPS_STOPPED; calls++) {
        int left = calls + 1;
        fps_pulse pulse = {count_down, &left};
        fill(N, N, a);
        status = fps_symmetric_eigen(N, a, l, v, &pulse);
    }
    assert_int_equal(status, FPS_OK);
    assert_true(calls > 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_satisfy_their_equation),
        cmocka_unit_test(known_ones_are_found),
        cmocka_unit_test(what_is_not_finite_is_refused),
        cmocka_unit_test(it_stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
