/* test_kernels.h (per precision): every kernel of every class that this processor has, against plain long double loops.
 * Included by test_kernels_single.c and test_kernels_double.c. */
#include "test_network.h"

#include "fpsweep/memory.h"
#include "numeric/kernels.h"

#define EPSILON ((long double)FPS_REAL_EPSILON)
#define SMALLEST (FPS_PRECISION == 32 ? 1.17549435e-38L : 2.2250738585072014e-308L) /* normal number */

/* Call `check` for every class that can run here, and say which. */
static void for_each_class(void (*check)(const fps_kernels *kernels, const char *class)) {
    int classes = 0;
    for (int class = FPS_BASELINE; class <= (int)fps_kernel_class_best(); class ++) {
        const fps_kernels *kernels = fps_kernels_of((fps_kernel_class) class);
        assert_non_null(kernels);
        check(kernels, fps_kernel_class_name((fps_kernel_class) class));
        classes++;
    }
    assert_true(classes >= 1);
}

/* How far a computed activation may be from the exact one: in units of epsilon,
 *     value: ULP (|f| + |z f'| + value_absolute max(1, |z|)),   slope: ULP (|f'| (1 + curved z^2) + slope_absolute).
 * |z f'| is what half an ulp of z does to f. The absolute terms stand where PyTorch's own formula cancels: 1 - tanh^2,
 * 1 + erf, exp(z) = elu + 1, sin and cos at their zeros. libmvec promises 4 ulp for each function it is asked for. */
#define ULP 4
typedef struct tolerance {
    double value_absolute, slope_absolute, curved;
} tolerance;
static const tolerance tolerances[FPS_ACTIVATION_COUNT] = {
    [FPS_ACTIVATION_TANH] = {0, 1, 0}, [FPS_ACTIVATION_GELU] = {1, 1, 1}, [FPS_ACTIVATION_SILU] = {0, 1, 0},
    [FPS_ACTIVATION_ELU] = {0, 1, 0},  [FPS_ACTIVATION_SIN] = {0, 1, 0},  [FPS_ACTIVATION_GAUSSIAN] = {0, 0, 1},
};

enum { SWEEP = 8192, POINTS = SWEEP + 128 };

/* Points: a sweep of [-25, 25], powers of two down to 2^-40, zeros. */
static void fill_points(real *z) {
    int n = 0;
    for (; n < SWEEP; n++)
        z[n] = (real)(-25 + 50 * (n + 0.37) / SWEEP);
    for (int k = 0; n < POINTS - 2; n++, k++)
        z[n] = (real)ldexp(k % 2 ? 1.3 : -1.3, 4 - k / 3);
    z[n++] = 0;
    z[n++] = (real)-0.0;
}

static void check_activations(const fps_kernels *kernels, const char *class) {
    real *z = fps_alloc(POINTS, sizeof *z), *a = fps_alloc(POINTS, sizeof *a), *slope = fps_alloc(POINTS, sizeof *a),
         *alone = fps_alloc(POINTS, sizeof *a), *both = fps_alloc(POINTS, sizeof *a),
         *t_both = fps_alloc(POINTS, sizeof *a), *t_alone = fps_alloc(POINTS, sizeof *a);
    const real bias[1] = {(real)0.375}, tbias[1] = {(real)-0.25};
    fill_points(z);
    long double worst = 0;
    for (int f = 0; f < FPS_ACTIVATION_COUNT; f++) {
        const char *name = fps_table_activation.entry[f].name;
        const tolerance t = tolerances[f];
        for (int i = 0; i < POINTS; i++)
            a[i] = alone[i] = z[i];
        kernels->forward_slope[f](1, POINTS, bias, a, slope);
        kernels->forward[f](1, POINTS, bias, alone);
        for (int i = 0; i < POINTS; i++) {
            both[i] = z[i];
            t_both[i] = t_alone[i] = (real)test_random(9, (uint64_t)i);
        }
        kernels->forward_tangent[f](1, POINTS, bias, tbias, both, t_both);
        kernels->tangent(1, POINTS, tbias, slope, t_alone);
        assert_memory_equal(both, a, POINTS * sizeof *a);
        assert_memory_equal(t_both, t_alone, POINTS * sizeof *a);
        for (int i = 0; i < POINTS; i++) {
            const volatile real shifted = z[i] + bias[0];
            long double exact_slope;
            const long double exact = test_activation((fps_activation)f, (long double)shifted, &exact_slope);
            const long double size = fabsl((long double)shifted);
            const long double value_unit =
                EPSILON * (fabsl(exact) + size * fabsl(exact_slope) + (long double)t.value_absolute * fmaxl(1, size));
            const long double slope_unit = EPSILON * (fabsl(exact_slope) * (1 + (long double)t.curved * size * size) +
                                                      (long double)t.slope_absolute);
            const long double value_error = fabsl((long double)a[i] - exact);
            const long double slope_error = fabsl((long double)slope[i] - exact_slope);
            if (!(value_error <= ULP * value_unit + SMALLEST) || !(slope_error <= ULP * slope_unit + SMALLEST))
                fail_msg("%s, %s at %.9g: value %.9g (exact %.9Lg), slope %.9g (exact %.9Lg)", class, name,
                         (double)shifted, (double)a[i], exact, (double)slope[i], exact_slope);
            if (value_unit > SMALLEST)
                worst = fmaxl(worst, value_error / value_unit);
            if (slope_unit > SMALLEST)
                worst = fmaxl(worst, slope_error / slope_unit);
            if (memcmp(&a[i], &alone[i], sizeof *a) != 0)
                fail_msg("%s, %s at %.9g: %.17g with slope, %.17g without", class, name, (double)shifted, (double)a[i],
                         (double)alone[i]);
        }
    }
    print_message("%-8s activations: worst error %.2Lf units, %d allowed\n", class, worst, ULP);
    fps_free(z), fps_free(a), fps_free(slope), fps_free(alone), fps_free(both), fps_free(t_both), fps_free(t_alone);
}

static void activations_are_accurate(void **state) {
    (void)state;
    for_each_class(check_activations);
}

/* Large finite numbers give finite values and slopes (where the function itself is finite); a NaN stays a NaN. */
static void check_extremes(const fps_kernels *kernels, const char *class) {
    static const real large[] = {90, 200, 800, (real)1e4, (real)1e12};
    _Alignas(64) real a[FPS_PADDING], slope[FPS_PADDING], zero[1] = {0};
    for (int f = 0; f < FPS_ACTIVATION_COUNT; f++)
        for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
            for (int p = 0; p < FPS_PADDING; p++)
                a[p] = p % 2 ? large[i] : -large[i];
            kernels->forward_slope[f](1, FPS_PADDING, zero, a, slope);
            for (int p = 0; p < FPS_PADDING; p++)
                if (!isfinite(a[p]) || !isfinite(slope[p]))
                    fail_msg("%s, %s(%g) = %g, slope %g", class, fps_table_activation.entry[f].name,
                             (double)(p % 2 ? large[i] : -large[i]), (double)a[p], (double)slope[p]);
            for (int p = 0; p < FPS_PADDING; p++)
                a[p] = NAN;
            kernels->forward[f](1, FPS_PADDING, zero, a);
            for (int p = 0; p < FPS_PADDING; p++)
                assert_true(isnan(a[p]));
        }
}

static void extremes_stay_finite_and_nan_stays(void **state) {
    (void)state;
    for_each_class(check_extremes);
}

static void check_kinks(const fps_kernels *kernels, const char *class) {
    (void)class;
    _Alignas(64) real a[FPS_PADDING] = {0}, slope[FPS_PADDING], zero[FPS_PADDING] = {0}, one[FPS_PADDING];
    for (int p = 0; p < FPS_PADDING; p++)
        one[p] = 1;
    kernels->forward_slope[FPS_ACTIVATION_RELU](1, FPS_PADDING, zero, a, slope);
    assert_true(slope[3] == 0 && a[3] == 0);
    kernels->forward_slope[FPS_ACTIVATION_LEAKY_RELU](1, FPS_PADDING, zero, a, slope);
    assert_true(slope[3] == (real)0.01);
    for (int loss = 0; loss < FPS_LOSS_COUNT; loss++) { /* at r = 0 every loss and its derivative vanish */
        _Alignas(64) real dout[FPS_PADDING], term[FPS_PADDING];
        kernels->loss[loss](FPS_PADDING, 1, one, one, one, dout, term);
        assert_true(dout[5] == 0 && term[5] == 0);
    }
}

static void derivatives_at_kinks_are_pytorchs(void **state) {
    (void)state;
    for_each_class(check_kinks);
}

static void check_losses(const fps_kernels *kernels, const char *class) {
    static const fps_choice losses[] = {{FPS_LOSS_MSE, {0}, NULL},    {FPS_LOSS_MAE, {0}, NULL},
                                        {FPS_LOSS_LP, {1}, NULL},     {FPS_LOSS_LP, {1.5}, NULL},
                                        {FPS_LOSS_LP, {4}, NULL},     {FPS_LOSS_HUBER, {0.5}, NULL},
                                        {FPS_LOSS_LOGCOSH, {0}, NULL}};
    enum { COLUMNS = 2048 };
    real *h = fps_alloc(COLUMNS, sizeof *h), *y = fps_alloc(COLUMNS, sizeof *h), *w = fps_alloc(COLUMNS, sizeof *h),
         *dout = fps_alloc(COLUMNS, sizeof *h), *term = fps_alloc(COLUMNS, sizeof *h);
    for (int p = 0; p < COLUMNS; p++) {
        h[p] = (real)(ldexp(test_random(1, (uint64_t)p), p % 40 - 30));
        y[p] = p % 3 ? 0 : (real)test_random(2, (uint64_t)p);
        w[p] = (real)fabs(test_random(3, (uint64_t)p));
    }
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        kernels->loss[losses[i].code](COLUMNS, (real)losses[i].argument[0], h, y, w, dout, term);
        for (int p = 0; p < COLUMNS; p++) {
            const volatile real r = h[p] - y[p];
            long double slope;
            const long double l = (long double)w[p] * test_loss(&losses[i], (long double)r, &slope);
            slope *= (long double)w[p];
            if (!(fabsl((long double)term[p] - l) <= 12 * EPSILON * fabsl(l) + SMALLEST) ||
                !(fabsl((long double)dout[p] - slope) <= 12 * EPSILON * fabsl(slope) + SMALLEST))
                fail_msg("%s, loss %zu at r = %.9g: %.9g (exact %.9Lg), derivative %.9g (exact %.9Lg)", class, i,
                         (double)r, (double)term[p], l, (double)dout[p], slope);
        }
    }
    fps_free(h), fps_free(y), fps_free(w), fps_free(dout), fps_free(term);
}

static void losses_are_accurate(void **state) {
    (void)state;
    for_each_class(check_losses);
}

/* Assert |got - exact| <= (terms + 4) epsilon size, size = sum of the absolute values of the terms. */
static void close_to(const char *what, long double got, long double exact, long double size, int64_t terms) {
    if (!(fabsl(got - exact) <= (long double)(terms + 4) * EPSILON * size))
        fail_msg("%s: %.17Lg instead of %.17Lg", what, got, exact);
}

enum { MAX_ROWS = 21, MAX_COLUMNS = 80 };

/* All passes over a layer of R rows, P columns and D inputs. */
static void check_layer(const fps_kernels *kernels, int64_t R, int64_t P, int D) {
    _Alignas(64) static real x[3 * MAX_COLUMNS], a[MAX_ROWS * MAX_COLUMNS], slope[MAX_ROWS * MAX_COLUMNS],
        z[MAX_ROWS * MAX_COLUMNS], sensitive[MAX_ROWS * MAX_COLUMNS], out[MAX_ROWS * MAX_COLUMNS], dout[MAX_COLUMNS],
        transposed[FPS_PADDED(MAX_ROWS) * MAX_COLUMNS];
    real w[3 * MAX_ROWS], v[MAX_ROWS], dv[MAX_ROWS], db[MAX_ROWS], dw[3 * MAX_ROWS];
    const real scale = (real)0.7, bias = (real)-0.3;
    for (int i = 0; i < 3 * MAX_COLUMNS; i++)
        x[i] = (real)test_random(10, (uint64_t)i);
    for (int i = 0; i < MAX_ROWS * MAX_COLUMNS; i++) {
        a[i] = (real)test_random(11, (uint64_t)i);
        slope[i] = (real)test_random(12, (uint64_t)i);
    }
    for (int i = 0; i < MAX_COLUMNS; i++)
        dout[i] = (real)test_random(13, (uint64_t)i);
    for (int i = 0; i < 3 * MAX_ROWS; i++)
        w[i] = (real)test_random(14, (uint64_t)i);
    memcpy(v, w, sizeof v);

    kernels->affine(R, P, D, scale, w, x, MAX_COLUMNS, z);
    for (int64_t j = 0; j < R; j++)
        for (int64_t p = 0; p < P; p++) {
            long double sum = 0, size = 0;
            for (int d = 0; d < D; d++) {
                const long double t = (long double)scale * w[j * D + d] * x[d * MAX_COLUMNS + p];
                sum += t, size += fabsl(t);
            }
            close_to("affine", z[j * P + p], sum, size, D);
        }

    kernels->output(R, P, scale, v, bias, a, out);
    for (int64_t p = 0; p < P; p++) {
        long double sum = bias, size = fabsl((long double)bias);
        for (int64_t j = 0; j < R; j++) {
            const long double t = (long double)scale * v[j] * a[j * P + p];
            sum += t, size += fabsl(t);
        }
        close_to("output", out[p], sum, size, R);
    }

    long double dv_exact[MAX_ROWS], dv_size[MAX_ROWS];
    kernels->output_gradient(R, P, scale, a, dout, dv);
    for (int64_t j = 0; j < R; j++) {
        dv_exact[j] = dv_size[j] = 0;
        for (int64_t p = 0; p < P; p++) {
            const long double t = (long double)scale * dout[p] * a[j * P + p];
            dv_exact[j] += t, dv_size[j] += fabsl(t);
        }
        close_to("output_gradient", dv[j], dv_exact[j], dv_size[j], P);
    }
    memset(dv, 0, sizeof dv);
    kernels->output_backward(R, P, scale, v, a, slope, dout, z, dv, db);
    for (int64_t j = 0; j < R; j++) {
        long double sum = 0, size = 0;
        close_to("output_backward dv", dv[j], dv_exact[j], dv_size[j], P);
        for (int64_t p = 0; p < P; p++) {
            const long double t = (long double)scale * v[j] * dout[p] * slope[j * P + p];
            close_to("output_backward dz", z[j * P + p], t, fabsl(t), 1);
            sum += t, size += fabsl(t);
        }
        close_to("output_backward db", db[j], sum, size, P);
    }

    for (int with_slope = 0; with_slope < 2; with_slope++) {
        memcpy(z, a, sizeof z);
        kernels->first_backward(R, P, D, scale, x, MAX_COLUMNS, with_slope ? slope : NULL, z, dw, db);
        for (int64_t j = 0; j < R; j++)
            for (int d = -1; d < D; d++) {
                long double sum = 0, size = 0;
                for (int64_t p = 0; p < P; p++) {
                    long double t = (long double)a[j * P + p] * (with_slope ? slope[j * P + p] : 1);
                    t *= d < 0 ? 1 : (long double)scale * x[d * MAX_COLUMNS + p];
                    sum += t, size += fabsl(t);
                }
                close_to(d < 0 ? "first_backward db" : "first_backward dw", d < 0 ? db[j] : dw[j * D + d], sum, size,
                         P);
            }
    }
    memcpy(z, a, sizeof z);
    kernels->hidden_backward(R, P, slope, z, db);
    memcpy(out, a, sizeof out);
    kernels->tangent(R, P, v, slope, out);
    for (int64_t j = 0; j < R; j++) {
        long double sum = 0, size = 0;
        for (int64_t p = 0; p < P; p++) {
            const long double s = slope[j * P + p], t = (long double)a[j * P + p] * s;
            close_to("hidden_backward dz", z[j * P + p], t, fabsl(t), 1);
            close_to("tangent", out[j * P + p], t + v[j] * s, fabsl(t) + fabsl(v[j] * s), 1);
            sum += t, size += fabsl(t);
        }
        close_to("hidden_backward db", db[j], sum, size, P);
    }

    /* with v and without; dz holds `a` before */
    for (int hidden = 0; hidden < 2; hidden++) {
        memcpy(sensitive, slope, sizeof sensitive);
        memcpy(z, a, sizeof z);
        kernels->sensitivity(R, P, scale, hidden ? NULL : v, dout, sensitive, z, db);
        for (int64_t j = 0; j < R; j++) {
            long double sum = 0, size = 0;
            for (int64_t p = 0; p < P; p++) {
                const int64_t i = j * P + p;
                const long double exact = (long double)slope[i] * (hidden ? a[i] : (long double)scale * v[j]);
                close_to("sensitivity s", sensitive[i], exact, fabsl(exact), 1);
                close_to("sensitivity dz", z[i], exact * dout[p], fabsl(exact * dout[p]), 1);
                sum += exact * dout[p], size += fabsl(exact * dout[p]);
            }
            close_to("sensitivity db", db[j], sum, size, P);
        }
    }
    memcpy(out, x, MAX_COLUMNS * sizeof *out);
    kernels->contract(R, P, v, slope, a, out);
    for (int64_t p = 0; p < P; p++) {
        long double sum = x[p], size = fabsl((long double)x[p]);
        for (int64_t j = 0; j < R; j++) {
            const long double t = slope[j * P + p] * ((long double)a[j * P + p] + v[j]);
            sum += t, size += fabsl(t) + fabsl((long double)slope[j * P + p]);
        }
        close_to("contract", out[p], sum, size, R);
    }

    kernels->transpose(R, P, a, P, transposed);
    for (int64_t j = 0; j < R; j++)
        for (int64_t p = 0; p < P; p++)
            assert_true(transposed[p * FPS_PADDED(R) + j] == a[j * P + p]);
    for (int64_t j = R; j < FPS_PADDED(R); j++)
        for (int64_t p = 0; p < P; p++)
            assert_true(transposed[p * FPS_PADDED(R) + j] == 0);
    memcpy(out, a, sizeof out);
    kernels->combine(P, bias, x, out);
    memcpy(z, a, sizeof z);
    kernels->add(P - 3, x, z);
    for (int64_t p = 0; p < P; p++)
        close_to("add", z[p], (long double)a[p] + (p < P - 3 ? x[p] : 0), 2, 1);
    long double sum = 0;
    for (int64_t p = 0; p < P; p++) {
        close_to("combine", out[p], (long double)a[p] + x[p] + bias, 3, 2);
        sum += x[p];
    }
    assert_true(fabsl((long double)kernels->sum(P, x) - sum) <= 1e-15L * (long double)P); /* in double */
}

static void check_layers(const fps_kernels *kernels, const char *class) {
    (void)class;
    static const int64_t rows[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 20, 21};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int64_t columns = FPS_PADDING; columns <= MAX_COLUMNS; columns += FPS_PADDING)
            for (int inputs = 1; inputs <= FPS_KERNEL_INPUTS; inputs++)
                check_layer(kernels, rows[r], columns, inputs);
}

static void passes_over_a_layer_are_accurate(void **state) {
    (void)state;
    for_each_class(check_layers);
}

/* Combinations and squares of any length, offset and number of terms, in long double. */
static void check_combinations(const fps_kernels *kernels, const char *class) {
    enum { ROOM = 80 };
    _Alignas(64) static real k[FPS_KERNEL_TERMS][ROOM], w[ROOM], out[ROOM];
    for (int terms = 1; terms <= FPS_KERNEL_TERMS; terms++)
        for (int count = 0; count <= 67; count++)
            for (int offset = 0; offset < 3; offset++) {
                const real *vector[FPS_KERNEL_TERMS];
                real a[FPS_KERNEL_TERMS], b[FPS_KERNEL_TERMS];
                for (int j = 0; j < terms; j++) {
                    vector[j] = k[j] + offset;
                    a[j] = (real)test_random(31, (uint64_t)j);
                    b[j] = (real)test_random(32, (uint64_t)j);
                    for (int i = 0; i < ROOM; i++)
                        k[j][i] = (real)test_random(33, (uint64_t)(ROOM * j + i));
                }
                for (int i = 0; i < ROOM; i++) {
                    w[i] = (real)test_random(34, (uint64_t)i);
                    out[i] = 7;
                }
                kernels->combination(count, terms, a, vector, w + offset, out + offset);
                double sum[2] = {1, 2};
                kernels->squares(count, terms, a, b, vector, sum);
                long double exact[2] = {1, 2};
                for (int i = 0; i < count; i++) {
                    long double x = 0, y = 0;
                    for (int j = 0; j < terms; j++) {
                        x += (long double)a[j] * vector[j][i];
                        y += (long double)b[j] * vector[j][i];
                    }
                    exact[0] += x * x;
                    exact[1] += y * y;
                    if (!(fabsl((long double)out[offset + i] - (w[offset + i] + x)) <= 8 * FPS_REAL_EPSILON))
                        fail_msg("%s: combination of %d terms, element %d of %d", class, terms, i, count);
                }
                for (int i = 0; i < ROOM; i++)
                    assert_true((i >= offset && i < offset + count) || out[i] == 7);
                for (int s = 0; s < 2; s++)
                    assert_true(fabsl((long double)sum[s] - exact[s]) <= 16 * FPS_REAL_EPSILON * exact[s]);
            }
}

static void combinations_are_accurate(void **state) {
    (void)state;
    for_each_class(check_combinations);
}

/* The formulas of optimizer.h in long double, one update from a given state. */
static void check_updates(const fps_kernels *kernels, const char *class) {
    enum { COUNT = 77 };
    const fps_optimizer_constants c = {(real)0.01, (real)0.9,  (real)0.85, (real)0.95,
                                       (real)0.15, (real)0.05, (real)1.7,  (real)1e-6};
    for (int optimizer = 0; optimizer < FPS_OPTIMIZER_UPDATES; optimizer++) {
        _Alignas(64) real g[COUNT], w[COUNT], s0[COUNT], s1[COUNT];
        long double w_exact[COUNT], s0_exact[COUNT], s1_exact[COUNT];
        for (int i = 0; i < COUNT; i++) {
            g[i] = (real)test_random(20, (uint64_t)i);
            const long double eta = c.rate, mu = c.momentum, gi = g[i];
            const long double old = w[i] = (real)test_random(21, (uint64_t)i);
            const long double a = s0[i] = (real)fabs(test_random(22, (uint64_t)i));
            const long double b = s1[i] = (real)fabs(test_random(23, (uint64_t)i));
            s0_exact[i] = a, s1_exact[i] = b;
            switch (optimizer) {
            case FPS_OPTIMIZER_GD:
                w_exact[i] = old - eta * gi;
                break;
            case FPS_OPTIMIZER_MOMENTUM:
                s0_exact[i] = mu * a + gi;
                w_exact[i] = old - eta * s0_exact[i];
                break;
            case FPS_OPTIMIZER_NESTEROV:
                s0_exact[i] = mu * a + gi;
                w_exact[i] = old - eta * (gi + mu * s0_exact[i]);
                break;
            case FPS_OPTIMIZER_ADAM:
                s0_exact[i] = c.beta1 * a + c.one_minus_beta1 * gi;
                s1_exact[i] = c.beta2 * b + c.one_minus_beta2 * gi * gi;
                w_exact[i] = old - eta * s0_exact[i] / (sqrtl(s1_exact[i]) * c.correction + c.epsilon);
                break;
            case FPS_OPTIMIZER_RMSPROP:
                s0_exact[i] = c.beta2 * a + c.one_minus_beta2 * gi * gi;
                w_exact[i] = old - eta * gi / (sqrtl(s0_exact[i]) + c.epsilon);
                break;
            default:
                fail_msg("optimizer %d has no reference", optimizer);
            }
        }
        kernels->update[optimizer](COUNT, &c, g, w, fps_optimizer_states((fps_optimizer)optimizer) > 0 ? s0 : NULL,
                                   fps_optimizer_states((fps_optimizer)optimizer) > 1 ? s1 : NULL);
        for (int i = 0; i < COUNT; i++)
            if (!(fabsl((long double)w[i] - w_exact[i]) <= 4 * EPSILON) ||
                !(fabsl((long double)s0[i] - s0_exact[i]) <= 4 * EPSILON) ||
                !(fabsl((long double)s1[i] - s1_exact[i]) <= 4 * EPSILON))
                fail_msg("%s, optimizer %d, weight %d: %.17g instead of %.17Lg", class, optimizer, i, (double)w[i],
                         w_exact[i]);
    }
}

static void updates_follow_their_formulas(void **state) {
    (void)state;
    for_each_class(check_updates);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_are_accurate),          cmocka_unit_test(extremes_stay_finite_and_nan_stays),
        cmocka_unit_test(derivatives_at_kinks_are_pytorchs), cmocka_unit_test(losses_are_accurate),
        cmocka_unit_test(passes_over_a_layer_are_accurate),  cmocka_unit_test(updates_follow_their_formulas),
        cmocka_unit_test(combinations_are_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
