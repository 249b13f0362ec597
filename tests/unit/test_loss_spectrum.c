/* floor: numeric */
/* The loss split by frequency: against sums written out, and its rate against differences along gradient flow, for
 * every activation, depth, loss and density, along a training. */
#include "numeric/loss_spectrum.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/loss.h"
#include "numeric/stepper.h"

enum { MOST = 1024, MODES = 40, THRESHOLDS = 4 };

static int32_t mode[MODES];
static const double threshold[THRESHOLDS] = {0.3, 1, 1.7, 4};

static fps_loss_spectrum_spec spec_of(int dimension, int32_t points, fps_window window, fps_choice loss) {
    for (int32_t k = 0; k < MODES; k++)
        mode[k] = k;
    return (fps_loss_spectrum_spec){.grid = {.dimension = dimension,
                                             .grid_points = points,
                                             .domain = {{-1, 1.5}, {0, 2}, {-1, 0}},
                                             .window = window,
                                             .density = {.code = FPS_DENSITY_NORMAL, .argument = {0.2, 0.3}},
                                             .frequencies = points / 2 + 1,
                                             .mode = mode},
                                    .loss = loss,
                                    .thresholds = THRESHOLDS,
                                    .threshold = threshold};
}

static int64_t size_of(const fps_spectrum_spec *grid) {
    int64_t size = 1;
    for (int a = 0; a < grid->dimension; a++)
        size *= grid->grid_points;
    return size;
}

static void near(const char *what, double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.17g and %.17g differ by %.2e, allowed %.2e", what, a, b, fabs(a - b), tolerance);
}

/* ---- against sums written out ---- */

/* The weight of point g, from the density or window as the theory has it. */
static void fill_weights(const fps_spectrum_spec *grid, double *weight) {
    const int64_t N = grid->grid_points, size = size_of(grid);
    double sum = 0;
    for (int64_t g = 0; g < size; g++) {
        int64_t rest = g;
        weight[g] = 1;
        for (int a = grid->dimension - 1; a >= 0; a--, rest /= N) {
            const double side = grid->domain[a][1] - grid->domain[a][0], at = ((double)(rest % N) + 0.5) / (double)N;
            const double z = (grid->domain[a][0] + at * side - 0.2) / 0.3;
            weight[g] *= grid->window == FPS_WINDOW_NONE   ? 1
                         : grid->window == FPS_WINDOW_HANN ? pow(sin(M_PI * at), 4)
                                                           : exp(-0.5 * z * z);
        }
        sum += weight[g];
    }
    for (int64_t g = 0; g < size; g++)
        weight[g] /= sum;
}

/* sum_g f_g exp(-2 pi i k.g / N) */
static double _Complex transform(const fps_spectrum_spec *grid, const double *f, const int64_t *k) {
    const int64_t N = grid->grid_points, size = size_of(grid);
    double _Complex sum = 0;
    for (int64_t g = 0; g < size; g++) {
        int64_t rest = g, phase = 0;
        for (int a = grid->dimension - 1; a >= 0; a--, rest /= N)
            phase += k[a] * (rest % N);
        sum += f[g] * cexp(-2 * M_PI * I * (double)(((phase % N) + N) % N) / (double)N);
    }
    return sum;
}

static double loss_value(const fps_choice *loss, double r) {
    return loss->code == FPS_LOSS_LP ? pow(fabs(r), loss->argument[0]) : r * r;
}
static double loss_slope(const fps_choice *loss, double r) {
    double p = loss->argument[0];
    return loss->code == FPS_LOSS_LP ? p * pow(fabs(r), p - 1) * (r > 0) - p * pow(fabs(r), p - 1) * (r < 0) : 2 * r;
}

/* All frequencies, each once, both signs: -N/2 + 1 .. N/2 on every axis. */
static void check_sums(int dimension, int32_t points, fps_window window, fps_choice loss) {
    fps_loss_spectrum_spec spec = spec_of(dimension, points, window, loss);
    const fps_spectrum_spec *grid = &spec.grid;
    const int64_t size = size_of(grid), N = points;
    const int directions = fps_spectrum_directions(dimension), modes = grid->frequencies;
    fps_loss_spectrum *s;
    assert_int_equal(fps_loss_spectrum_create(&spec, &s), FPS_OK);
    double h[MOST + FPS_PADDING] = {0}, f[MOST + FPS_PADDING] = {0}, t[MOST], w[MOST], u[MOST], d[MOST], v[MOST];
    assert_true(size <= MOST);
    fill_weights(grid, w);
    double grid_loss = 0;
    for (int64_t g = 0; g < size; g++) {
        h[g] = sin(3.7 * (double)g) + 0.1 * (double)(g % 5);
        f[g] = cos(0.3 * (double)g);
        t[g] = cos(1.9 * (double)g) - 0.4;
        u[g] = sqrt(w[g]) * (h[g] - f[g]);
        d[g] = sqrt(w[g]) * loss_slope(&loss, h[g] - f[g]);
        v[g] = sqrt(w[g]) * t[g];
        grid_loss += w[g] * loss_value(&loss, h[g] - f[g]);
    }
    const fps_residual_power power = fps_loss_spectrum_residual(s, h, f);
    const fps_residual_rate rate = fps_loss_spectrum_rate(s, t);
    double above[THRESHOLDS + 1][5] = {{0}}, spectrum[4][MODES][3] = {{{0}}};
    double longest = 0;
    for (int a = 0; a < dimension; a++)
        longest = fmax(longest, grid->domain[a][1] - grid->domain[a][0]);
    for (int64_t i = 0; i < size; i++) {
        int64_t k[3] = {0}, rest = i, nonzero = 0, last = 0;
        double square = 0;
        for (int a = dimension - 1; a >= 0; a--, rest /= N) {
            k[a] = rest % N - (N - 1) / 2;
            square += pow((double)k[a] / (grid->domain[a][1] - grid->domain[a][0]), 2);
            nonzero += k[a] != 0;
            last = k[a] != 0 ? a : last;
        }
        const double _Complex U = transform(grid, u, k), D = transform(grid, d, k), V = transform(grid, v, k);
        double weight = loss.code == FPS_LOSS_SOBOLEV ? pow(1 + square, loss.argument[0]) : 1;
        const double value[5] = {creal(conj(U) * U) / (double)size, 2 * creal(conj(U) * V) / (double)size,
                                 creal(conj(V) * V) / (double)size, weight * weight * creal(conj(D) * D) / (double)size,
                                 weight * creal(conj(D) * V) / (double)size};
        if (loss.code == FPS_LOSS_SOBOLEV)
            grid_loss += (weight - 1) * value[0];
        for (int e = 0; e <= THRESHOLDS; e++)
            for (int q = 0; q < 5; q++)
                above[e][q] += e == 0 || sqrt(square) >= threshold[e - 1] * (1 - 1e-12) ? value[q] : 0;
        for (int q = 0; q < 3; q++) {
            for (int a = 0; a < dimension; a++)
                if (nonzero == 0 || (nonzero == 1 && last == a))
                    spectrum[a][llabs(k[a])][q] += value[q];
            const int64_t r = (int64_t)floor(sqrt(square) * longest + 0.5);
            if (dimension > 1 && r < modes)
                spectrum[dimension][r][q] += value[q];
        }
    }
    const double *results[5] = {power.above, rate.rate_above, rate.velocity_above, power.drive, rate.loss_rate_above};
    const double *spectra[3] = {power.power, rate.rate, rate.velocity};
    near("grid loss", power.grid_loss, grid_loss, 1e-13 * fabs(grid_loss));
    for (int q = 0; q < 5; q++) {
        const double scale = q == 1   ? 2 * sqrt(above[0][0] * above[0][2])
                             : q == 4 ? sqrt(above[0][3] * above[0][2])
                                      : above[0][q];
        for (int e = 0; e <= THRESHOLDS; e++)
            near("sum from a threshold on", results[q][e], above[e][q], 1e-13 * scale);
        for (int direction = 0; q < 3 && direction < directions; direction++)
            for (int k = 0; k < modes; k++)
                near("spectrum", spectra[q][direction * modes + k], spectrum[direction][k][q], 1e-13 * scale);
    }
    fps_loss_spectrum_destroy(&s);
}

static void test_sums(void **state) {
    (void)state;
    static const fps_choice losses[] = {
        {.code = FPS_LOSS_MSE}, {.code = FPS_LOSS_LP, .argument = {4}}, {.code = FPS_LOSS_SOBOLEV, .argument = {0.7}}};
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
        for (int window = 0; window < FPS_WINDOW_COUNT; window++) {
            check_sums(1, 64, (fps_window)window, losses[l]);
            check_sums(1, 33, (fps_window)window, losses[l]);
            check_sums(2, 16, (fps_window)window, losses[l]);
            check_sums(2, 9, (fps_window)window, losses[l]);
            check_sums(3, 6, (fps_window)window, losses[l]);
        }
}

static void test_refusals(void **state) {
    (void)state;
    static const double falling[2] = {2, 1}, zero[1] = {0};
    fps_loss_spectrum *s = NULL;
    fps_loss_spectrum_spec spec = spec_of(1, 16, FPS_WINDOW_NONE, (fps_choice){.code = FPS_LOSS_MSE});
    spec.thresholds = 2;
    spec.threshold = falling;
    assert_int_equal(fps_loss_spectrum_create(&spec, &s), FPS_ERROR_NUMERIC);
    spec.thresholds = 1;
    spec.threshold = zero;
    assert_int_equal(fps_loss_spectrum_create(&spec, &s), FPS_ERROR_NUMERIC);
    spec.thresholds = 0;
    spec.grid.frequencies = 10;
    assert_int_equal(fps_loss_spectrum_create(&spec, &s), FPS_ERROR_NUMERIC);
    assert_null(s);
}

/* ---- rates against differences ---- */

typedef struct flow {
    fps_stepper *stepper;
    fps_loss_spectrum *spectrum;
    fps_network *network;
    int64_t points, weights;
    double *h, *f, *t, *moved, *direction, *before; /* [P], [P], [P], [W], [W], [modes] */
} flow;

/* Population of a density on the grid: the samples are the grid. */
static void set_flow(flow *o, const fps_network_shape *shape, const fps_loss_spectrum_spec *spec, fps_trained trained) {
    const fps_spectrum_spec *grid = &spec->grid;
    const int64_t N = grid->grid_points;
    o->points = size_of(grid);
    fps_stepper_spec stepper = {.shape = *shape,
                                .loss = spec->loss,
                                .optimizer = FPS_OPTIMIZER_GD,
                                .learning_rate = 1e-3,
                                .trained = trained,
                                .samples = o->points,
                                .dimension = grid->dimension,
                                .side = N};
    memcpy(stepper.domain, grid->domain, sizeof stepper.domain);
    assert_int_equal(fps_stepper_create(&stepper, &o->stepper), FPS_OK);
    assert_int_equal(fps_loss_spectrum_create(spec, &o->spectrum), FPS_OK);
    assert_int_equal(fps_network_create(shape, 0, &o->network), FPS_OK);
    o->weights = fps_network_weights(shape);
    const int64_t padded = FPS_PADDED(o->points);
    double **blocks[] = {&o->h, &o->f, &o->t};
    for (int b = 0; b < 3; b++)
        *blocks[b] = aligned_alloc(64, (size_t)padded * sizeof(double));
    o->moved = aligned_alloc(64, (size_t)FPS_PADDED(o->weights) * sizeof(double));
    o->direction = aligned_alloc(64, (size_t)FPS_PADDED(o->weights) * sizeof(double));
    o->before = malloc((size_t)grid->frequencies * sizeof(double));
    double *weight = malloc((size_t)o->points * sizeof *weight);
    fill_weights(grid, weight);
    for (int64_t g = 0; g < o->points; g++) {
        int64_t rest = g;
        double value = 0;
        for (int a = grid->dimension - 1; a >= 0; a--, rest /= N) {
            const double x =
                grid->domain[a][0] + ((double)(rest % N) + 0.5) * (grid->domain[a][1] - grid->domain[a][0]) / (double)N;
            fps_stepper_input(o->stepper)[a * padded + g] = x;
            value += sin(3 * x) + 0.5 * cos(7 * x);
        }
        fps_stepper_label(o->stepper)[g] = value;
        fps_stepper_sample_weight(o->stepper)[g] = weight[g];
    }
    fps_stepper_ready(o->stepper);
    memcpy(o->f, fps_stepper_label(o->stepper), (size_t)padded * sizeof *o->f);
    int64_t i = 0;
    for (int l = 0; l <= shape->depth; l++) {
        const fps_layer_view view = fps_network_layer(shape, l);
        const double scale = sqrt(2.0 / view.in);
        for (; i < view.weights + (int64_t)view.out * view.in; i++)
            fps_stepper_weights(o->stepper)[i] = scale * sin(1.3 + 2.7 * (double)i + 0.01 * (double)(i * i % 97));
        for (; view.bias >= 0 && i < view.bias + view.out; i++)
            fps_stepper_weights(o->stepper)[i] = 0.5 * cos(0.7 + 1.9 * (double)i);
    }
    free(weight);
}

static void release_flow(flow *o) {
    fps_stepper_destroy(&o->stepper);
    fps_loss_spectrum_destroy(&o->spectrum);
    fps_network_destroy(&o->network);
    void *blocks[] = {o->h, o->f, o->t, o->moved, o->direction, o->before};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
        free(blocks[b]);
}

/* q with the weights moved by `way` along the flow. */
static fps_residual_power moved_power(flow *o, double way) {
    for (int64_t i = 0; i < o->weights; i++)
        o->moved[i] = fps_stepper_weights(o->stepper)[i] + way * o->direction[i];
    assert_int_equal(
        fps_network_forward(o->network, o->moved, fps_stepper_input(o->stepper), FPS_PADDED(o->points), o->h), FPS_OK);
    return fps_loss_spectrum_residual(o->spectrum, o->h, o->f);
}

/* max_k |fd_k - p_k| <= 1e-6 max |p| for central differences of step 1e-6 / |grad|; returns the share of the bar. */
static double check_differences(flow *o, const fps_spectrum_spec *grid, const char *what) {
    const int modes = grid->frequencies;
    const double *gradient;
    double square = 0, largest = 0, worst = 0;
    const double loss = fps_stepper_hold(o->stepper, &gradient);
    for (int64_t i = 0; i < o->weights; i++) {
        o->direction[i] = -gradient[i];
        square += gradient[i] * gradient[i];
    }
    assert_int_equal(fps_stepper_tangent(o->stepper, o->direction, o->t), FPS_OK);
    fps_stepper_set_learning_rate(o->stepper, 0.02 * loss / square); /* to a loss 2 % lower */
    const double way = 1e-6 / sqrt(square);
    double *p = malloc((size_t)modes * sizeof *p);
    memcpy(o->before, moved_power(o, -way).power, (size_t)modes * sizeof *p);
    const double *after = moved_power(o, way).power;
    for (int k = 0; k < modes; k++)
        p[k] = (after[k] - o->before[k]) / (2 * way);
    moved_power(o, 0);
    const fps_residual_rate rate = fps_loss_spectrum_rate(o->spectrum, o->t);
    for (int k = 0; k < modes; k++) {
        largest = fmax(largest, fabs(rate.rate[k]));
        worst = fmax(worst, fabs(rate.rate[k] - p[k]));
    }
    free(p);
    if (!(worst <= 1e-6 * largest))
        fail_msg("%s: differences of q are off by %.2e of the largest rate", what, worst / largest);
    return worst / (1e-6 * largest);
}

static double differences(int dimension, int depth, fps_activation activation, fps_choice loss, fps_window window,
                          fps_trained trained, bool ntk) {
    fps_loss_spectrum_spec spec = spec_of(dimension, dimension == 1 ? 64 : 12, window, loss);
    fps_network_shape shape = {.inputs = dimension,
                               .depth = depth,
                               .activation = activation,
                               .hidden_bias = true,
                               .output_bias = true,
                               .ntk = ntk};
    for (int l = 0; l < depth; l++)
        shape.width[l] = 10;
    char what[120];
    snprintf(what, sizeof what, "dimension %d depth %d activation %d loss %d window %d", dimension, depth, activation,
             loss.code, window);
    flow o;
    double worst = 0;
    set_flow(&o, &shape, &spec, trained);
    for (int record = 0; record < 3; record++) {
        worst = fmax(worst, check_differences(&o, &spec.grid, what));
        for (int step = 0; step < 5; step++)
            assert_true(isfinite(fps_stepper_step(o.stepper, NULL)));
    }
    release_flow(&o);
    return worst;
}

static void test_differences(void **state) {
    (void)state;
    static const fps_choice losses[] = {{.code = FPS_LOSS_MSE},
                                        {.code = FPS_LOSS_LP, .argument = {3}},
                                        {.code = FPS_LOSS_HUBER, .argument = {0.3}},
                                        {.code = FPS_LOSS_LOGCOSH},
                                        {.code = FPS_LOSS_SOBOLEV, .argument = {-0.5}}};
    double worst = 0;
    for (int activation = 0; activation < FPS_ACTIVATION_COUNT; activation++)
        for (int depth = 0; depth <= 3; depth++)
            for (int dimension = 1; dimension <= 2; dimension++)
                worst = fmax(worst, differences(dimension, depth, (fps_activation)activation, losses[0],
                                                FPS_WINDOW_DENSITY, FPS_TRAIN_ALL, false));
    for (int trained = 0; trained < FPS_TRAIN_COUNT; trained++)
        for (int window = 0; window < FPS_WINDOW_COUNT; window++)
            for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
                worst = fmax(worst, differences(1, 2, FPS_ACTIVATION_TANH, losses[l], (fps_window)window,
                                                (fps_trained)trained, l % 2));
    print_message("differences of q are off by at most %.2f of what is allowed\n", worst);
}

/* ---- blocks ---- */

/* Values and tangents of a column are the same bits, however many columns there are and in however many calls. */
static void test_blocks(void **state) {
    (void)state;
    enum { BLOCK = 256, BLOCKS = 5, COLUMNS = BLOCK * BLOCKS - 64 };
    for (int depth = 1; depth <= 3; depth++)
        for (int antisymmetric = 0; antisymmetric < 2; antisymmetric++) {
            fps_network_shape shape = {.inputs = 1,
                                       .depth = depth,
                                       .width = {50, 50, 50},
                                       .activation = FPS_ACTIVATION_TANH,
                                       .hidden_bias = true,
                                       .output_bias = true,
                                       .antisymmetric = antisymmetric};
            const int64_t weights = fps_network_weights(&shape);
            double *w = aligned_alloc(64, (size_t)FPS_PADDED(weights) * sizeof *w), *block[5];
            double *tw = aligned_alloc(64, (size_t)FPS_PADDED(weights) * sizeof *tw);
            for (int b = 0; b < 5; b++)
                block[b] = aligned_alloc(64, BLOCK * BLOCKS * sizeof *block[b]);
            double *x = block[0], *h = block[1], *t = block[2], *other_h = block[3], *other_t = block[4];
            for (int64_t i = 0; i < weights; i++) {
                w[i] = 0.3 * sin(1.7 * (double)i);
                tw[i] = cos(2.3 * (double)i);
            }
            for (int p = 0; p < COLUMNS; p++)
                x[p] = -1 + 2.0 * p / COLUMNS;
            fps_network *all, *one;
            assert_int_equal(fps_network_create(&shape, COLUMNS, &all), FPS_OK);
            assert_int_equal(fps_network_create(&shape, BLOCK, &one), FPS_OK);
            assert_int_equal(fps_network_forward_training(all, w, x, COLUMNS, h), FPS_OK);
            assert_int_equal(fps_network_tangent(all, w, tw, x, COLUMNS, t), FPS_OK);
            for (int p = 0; p < COLUMNS; p += BLOCK) {
                const int64_t count = COLUMNS - p < BLOCK ? COLUMNS - p : BLOCK;
                assert_int_equal(fps_network_forward_training(one, w, x + p, count, other_h + p), FPS_OK);
                assert_int_equal(fps_network_tangent(one, w, tw, x + p, count, other_t + p), FPS_OK);
            }
            assert_memory_equal(h, other_h, COLUMNS * sizeof *h);
            assert_memory_equal(t, other_t, COLUMNS * sizeof *t);
            fps_network_destroy(&one);
            fps_network_destroy(&all);
            for (int b = 0; b < 5; b++)
                free(block[b]);
            free(tw);
            free(w);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_differences), cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
