/* floor: numeric */
/* Fourier features: Psi Psi^T is the kernel, to the digits of exact references; order of rows; exact phases; padding.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fpsweep/features.h"
#include "fpsweep/memory.h"

#if FPS_PRECISION == 32
#define BAR 2e-7 /* of K(0), for an entry of Psi Psi^T */
#else
#define BAR 1e-13
#endif

enum { STRIDE = 16 };

/* Psi Psi^T [count, count], summed in double from the last row (smallest) up. */
static void gram(const fps_features *f, const double *x, int count, double *kernel) {
    int64_t rows = fps_features_count(f);
    real *psi = fps_alloc((size_t)(rows * STRIDE), sizeof *psi);
    assert_non_null(psi);
    fps_features_fill(f, x, count, STRIDE, psi);
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            double sum = 0;
            for (int64_t r = rows - 1; r >= 0; r--)
                sum += (double)psi[r * STRIDE + a] * (double)psi[r * STRIDE + b];
            kernel[a * count + b] = sum;
        }
    fps_free(psi);
}

/* dxi^d sum_j <xi_j>^-alpha cos(2 pi xi_j . (x - z)) over the whole lattice, by its definition in long double. */
static long double kernel_of(const fps_features *f, const double *x, const double *z) {
    const long double two_pi = 2 * acosl(-1), dxi = f->frequency_step;
    const int M = f->band_limit, d = f->dimension;
    int low1 = d > 1 ? -M : 0, low2 = d > 2 ? -M : 0;
    long double sum = 0;
    for (int j0 = -M; j0 <= M; j0++)
        for (int j1 = low1; j1 <= -low1; j1++)
            for (int j2 = low2; j2 <= -low2; j2++) {
                int j[3] = {j0, j1, j2};
                long double square = 0, phase = 0;
                for (int k = 0; k < d; k++) {
                    square += j[k] * dxi * j[k] * dxi;
                    phase += j[k] * dxi * ((long double)x[k] - z[k]);
                }
                sum += powl(1 + square, -0.5L * f->decay_rate) * cosl(two_pi * phase);
            }
    return sum * powl(dxi, d);
}

static void gram_is_kernel(void **state) {
    (void)state;
    const fps_features cases[] = {
        {1, 50, 0.25, 0.5}, {1, 1000, 0.25, 1}, {1, 1000, 0.25, 3}, {1, 300, 0.1, 0},
        {2, 12, 0.25, 0.5}, {2, 12, 0.1, 2},    {3, 5, 0.25, 3},    {3, 4, 0.3, 0.7},
    };
    const double x[] = {0.1, 0.35, 0.6, 0.8, -0.4, 0.77, 1.3, -1.1, 0.05, 0.9, 0.33, -0.2};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const fps_features *f = &cases[c];
        int count = 12 / f->dimension;
        double kernel[12 * 12], worst = 0;
        gram(f, x, count, kernel);
        double scale = (double)kernel_of(f, x, x);
        for (int a = 0; a < count; a++)
            for (int b = 0; b < count; b++) {
                long double exact = kernel_of(f, x + a * f->dimension, x + b * f->dimension);
                worst = fmax(worst, fabs(kernel[a * count + b] - (double)exact) / scale);
            }
        print_message("d %d, M %d, alpha %g: %.1e of K(0)\n", f->dimension, (int)f->band_limit, f->decay_rate, worst);
        if (!(worst <= BAR))
            fail_msg("d %d, M %d, alpha %g: error %.3g of K(0), bar %.3g", f->dimension, (int)f->band_limit,
                     f->decay_rate, worst, BAR);
    }
}

/* Solve K lambda = y by Gaussian elimination with pivots; K is destroyed. */
static void solve(double *K, double *y, int n) {
    for (int c = 0; c < n; c++) {
        int pivot = c;
        for (int r = c + 1; r < n; r++)
            if (fabs(K[r * n + c]) > fabs(K[pivot * n + c]))
                pivot = r;
        for (int k = 0; k < n; k++) {
            double spare = K[c * n + k];
            K[c * n + k] = K[pivot * n + k], K[pivot * n + k] = spare;
        }
        double spare = y[c];
        y[c] = y[pivot], y[pivot] = spare;
        for (int r = c + 1; r < n; r++) {
            double factor = K[r * n + c] / K[c * n + c];
            for (int k = c; k < n; k++)
                K[r * n + k] -= factor * K[c * n + k];
            y[r] -= factor * y[c];
        }
    }
    for (int r = n - 1; r >= 0; r--) {
        for (int k = r + 1; k < n; k++)
            y[r] -= K[r * n + k] * y[k];
        y[r] /= K[r * n + r];
    }
}

static void expect(const char *what, double got, double expected, double bar) {
    if (!(fabs(got - expected) <= bar * fabs(expected)))
        fail_msg("%s: %.15g, expected %.15g (bar %.1g)", what, got, expected, bar);
}

/* Independent reference numbers of the variational problem: S = K(0), E = y . lambda, lambda, h(z) = k(z) . lambda. */
static void references(void **state) {
    (void)state;
    const double x[7] = {0.1, 0.35, 0.6, 0.8, 0.2, 0.5, 0.95}, y[4] = {1, -0.5, 0.75, 0.25};
    const struct {
        double alpha;
        int band_limit;
        double S, E, lambda[4], h[3];
    } cases[] = {
        {0.5,
         50,
         11.823865815195,
         0.16258754177055,
         {0.08574686280444, -0.04835750011638, 0.06359142883342, 0.01987342913145},
         {0.160656392938, 0.1194944966857, 0.01032380369995}},
        {1.0,
         1000,
         12.4302240221459,
         0.15368055691996,
         {0.08153808737689, -0.04479087337377, 0.06051693568171, 0.01743732437965},
         {0.08811771726681, 0.06358788752245, 0.02568589969487}},
        {3.0,
         1000,
         1.99998401649377,
         1.6090614154838,
         {0.7438887805683, -0.7891026874908, 0.6693131457977, -0.1254542727128},
         {0.3838767386841, 0.2348373652673, 0.08609773200621}},
    };
    double bar = FPS_PRECISION == 32 ? 5e-5 : 2e-12; /* references are given to 13 or 14 digits; cond(K) up to 25 */
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        fps_features f = {1, cases[c].band_limit, 0.25, cases[c].alpha};
        double all[49], K[16], lambda[4], E = 0;
        gram(&f, x, 7, all);
        for (int a = 0; a < 4; a++) {
            lambda[a] = y[a];
            for (int b = 0; b < 4; b++)
                K[a * 4 + b] = all[a * 7 + b];
        }
        solve(K, lambda, 4);
        expect("S", all[0], cases[c].S, FPS_PRECISION == 32 ? 1e-6 : 1e-13);
        for (int a = 0; a < 4; a++) {
            expect("lambda", lambda[a], cases[c].lambda[a], bar);
            E += y[a] * lambda[a];
        }
        expect("E", E, cases[c].E, bar);
        for (int z = 0; z < 3; z++) {
            double h = 0;
            for (int a = 0; a < 4; a++)
                h += all[(4 + z) * 7 + a] * lambda[a];
            expect("h", h, cases[c].h[z], FPS_PRECISION == 32 ? 5e-4 : 2e-11);
        }
    }
}

/* K(0) on cubes: one point, so every column is its own reference. */
static void sums(void **state) {
    (void)state;
    const struct {
        fps_features features;
        double S;
    } cases[] = {
        {{1, 1000, 0.1, 0.5}, 37.6140517717205}, {{1, 1000, 0.1, 1}, 10.5976845145833},
        {{1, 1000, 0.1, 1.5}, 4.84422107579763}, {{2, 100, 0.1, 2}, 15.2156046495494},
        {{3, 100, 0.1, 3}, 27.6239519266233},
    };
    const double x[3] = {0.3, -0.2, 0.7};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const fps_features *f = &cases[c].features;
        int64_t rows = fps_features_count(f);
        real *psi = fps_alloc((size_t)rows, sizeof *psi);
        assert_non_null(psi);
        fps_features_fill(f, x, 1, 1, psi);
        double sum = 0, lost = 0;
        for (int64_t r = rows - 1; r >= 0; r--) { /* Kahan: millions of terms */
            double term = (double)psi[r] * (double)psi[r] - lost, next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        fps_free(psi);
        expect("S", sum, cases[c].S, FPS_PRECISION == 32 ? 1e-6 : 2e-14);
    }
}

static void order(void **state) {
    (void)state;
    const fps_features f = {2, 1, 0.5, 2};
    const int j[4][2] = {{0, 1}, {1, -1}, {1, 0}, {1, 1}};
    const double x[4] = {0.3, -0.7, 0.11, 0.42};
    real psi[9 * STRIDE];
    assert_int_equal(fps_features_count(&f), 9);
    fps_features_fill(&f, x, 2, STRIDE, psi);
    double bar = FPS_PRECISION == 32 ? 1e-7 : 1e-15;
    for (int i = 0; i < STRIDE; i++) {
        const double *point = x + 2 * (i < 2 ? i : 1); /* padding repeats the last point */
        assert_true(fabs((double)psi[i] - 0.5) < bar); /* sqrt(dxi^2) */
        for (int p = 0; p < 4; p++) {
            double xi = hypot(j[p][0], j[p][1]) * 0.5, amplitude = 0.5 * sqrt(2) / sqrt(1 + xi * xi);
            double angle = 2 * M_PI * 0.5 * (j[p][0] * point[0] + j[p][1] * point[1]);
            double cosine = (double)psi[(1 + 2 * p) * STRIDE + i], sine = (double)psi[(2 + 2 * p) * STRIDE + i];
            if (fabs(cosine - amplitude * cos(angle)) > bar || fabs(sine - amplitude * sin(angle)) > bar)
                fail_msg("point %d, lattice point %d: %.17g %.17g, expected %.17g %.17g", i, p, cosine, sine,
                         amplitude * cos(angle), amplitude * sin(angle));
        }
    }
    assert_int_equal(fps_features_count(&(fps_features){3, 2, 1, 1}), 125);
    assert_int_equal(fps_features_count(&(fps_features){1, 7, 1, 1}), 15);
    assert_int_equal(fps_features_count(&(fps_features){3, INT32_MAX, 1, 1}), INT64_MAX);
}

#ifdef __SIZEOF_FLOAT128__
/* Phases of 1e8 turns: the reference reduces the product in 113 bits. Rounding the product first would lose 1e-8. */
static void phases(void **state) {
    (void)state;
    enum { M = 50000 };
    const fps_features f = {1, M, 0.1, 0};
    const double x = 20000.0 / 0.9731, t = 0.1 * x;
    real *psi = fps_alloc(2 * M + 1, sizeof *psi);
    assert_non_null(psi);
    fps_features_fill(&f, &x, 1, 1, psi);
    double worst = 0, naive = 0, amplitude = sqrt(0.2);
    for (int j = 1; j <= M; j++) {
        __float128 turns = (__float128)j * t;
        double angle = 2 * M_PI * (double)(turns - (__float128)(int64_t)turns);
        worst = fmax(worst, fabs((double)psi[2 * j - 1] - amplitude * cos(angle)));
        worst = fmax(worst, fabs((double)psi[2 * j] - amplitude * sin(angle)));
        naive = fmax(naive, fabs(amplitude * cos(2 * M_PI * (j * t)) - amplitude * cos(angle)));
    }
    fps_free(psi);
    print_message("up to %.1e turns: error %.1e; with rounded products it would be %.1e\n", M * t, worst, naive);
    assert_true(worst <= (FPS_PRECISION == 32 ? 3e-8 : 1e-15));
    assert_true(naive > 1e-9); /* the reference would notice */
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_is_kernel), cmocka_unit_test(references), cmocka_unit_test(sums), cmocka_unit_test(order),
#ifdef __SIZEOF_FLOAT128__
        cmocka_unit_test(phases),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
